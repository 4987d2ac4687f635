//! The lines to type.

use super::facts::ForeignKey;
use super::graph::GraphEntity;
use crate::schema::Action;

/// How the derive spells an action.
pub(super) fn attribute(action: Action) -> &'static str {
    match action {
        Action::None => "none",
        Action::Cascade => "cascade",
        Action::SetNull => "set_null",
        Action::SetDefault => "set_default",
    }
}

/// How SeaORM spells it.
fn sea_orm(action: Action) -> &'static str {
    match action {
        Action::None => "NoAction",
        Action::Cascade => "Cascade",
        Action::SetNull => "SetNull",
        Action::SetDefault => "SetDefault",
    }
}

/// An edge between two entities, to be written down.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) parent: &'a GraphEntity,
    pub(super) child: &'a GraphEntity,
    /// Fields of the child.
    pub(super) via: Vec<usize>,
    /// Fields of the parent that `via` points at, pairwise.
    pub(super) references: Vec<usize>,
}

impl<'a> Line<'a> {
    /// The edge that a foreign key asks for; `None` if a model lacks one of its columns.
    pub(super) fn of(
        key: &ForeignKey,
        parent: &'a GraphEntity,
        child: &'a GraphEntity,
        same: impl Fn(&str, &str) -> bool,
    ) -> Option<Self> {
        let field = |entity: &GraphEntity, column: &str| {
            entity.columns.iter().position(|it| same(it, column))
        };
        let pair = |(of_child, of_parent): &(String, String)| {
            Some((field(child, of_child)?, field(parent, of_parent)?))
        };
        let mut pairs: Vec<(usize, usize)> = key.pairs.iter().map(pair).collect::<Option<_>>()?;
        // Without `references`, `via` follows the order of the primary key.
        pairs.sort_by_key(|(_, reference)| parent.key.iter().position(|at| at == reference));
        let (via, references) = pairs.into_iter().unzip();
        Some(Self {
            parent,
            child,
            via,
            references,
        })
    }

    /// The edge in the other direction.
    pub(super) fn turned(self) -> Self {
        Self {
            parent: self.child,
            child: self.parent,
            via: self.references,
            references: self.via,
        }
    }

    /// Whether an edge over these fields is the same.
    pub(super) fn is(&self, via: &[usize], references: &[usize]) -> bool {
        let pairs = |via: &[usize], references: &[usize]| {
            let mut pairs: Vec<_> = via
                .iter()
                .copied()
                .zip(references.iter().copied())
                .collect();
            pairs.sort_unstable();
            pairs
        };
        pairs(&self.via, &self.references) == pairs(via, references)
    }

    /// `#[cached(depends_on(..))]`, for the child.
    pub(super) fn depends_on(&self, on_delete: Action, on_update: Action) -> String {
        let parent = path(self.child.path, self.parent.path);
        format!(
            "`#[cached(depends_on({parent}({})))]`",
            self.options(on_delete, on_update)
        )
    }

    /// `#[cached(dependents(..))]`, for the parent.
    pub(super) fn dependents(&self) -> String {
        let child = path(self.parent.path, self.child.path);
        let options = self.options(Action::None, Action::None);
        format!("`#[cached(dependents({child}({options})))]`")
    }

    /// `#[cached(independent(..))]`, for the child.
    pub(super) fn independent(&self) -> String {
        format!(
            "`#[cached(independent({}))]`",
            path(self.child.path, self.parent.path)
        )
    }

    /// SeaORM's attribute of the relation, for the child.
    pub(super) fn belongs_to(&self, on_delete: Action, on_update: Action) -> String {
        let (from, to) = (
            names(self.child, &self.via),
            names(self.parent, &self.references),
        );
        let quoted = |names: &[&str]| match names {
            [name] => (*name).to_owned(),
            names => format!("({})", names.join(", ")),
        };
        let mut line = format!(
            "belongs_to, from = \"{}\", to = \"{}\"",
            quoted(&from),
            quoted(&to)
        );
        for (name, action) in [("on_delete", on_delete), ("on_update", on_update)] {
            if action != Action::None {
                line += &format!(", {name} = \"{}\"", sea_orm(action));
            }
        }
        format!("`#[sea_orm({line})]`")
    }

    fn options(&self, on_delete: Action, on_update: Action) -> String {
        let mut options = list("via", &names(self.child, &self.via));
        if self.references != self.parent.key {
            options += ", ";
            options += &list("references", &names(self.parent, &self.references));
        }
        for (name, action) in [("on_delete", on_delete), ("on_update", on_update)] {
            if action != Action::None {
                options += &format!(", {name} = {}", attribute(action));
            }
        }
        options
    }
}

fn names(entity: &GraphEntity, fields: &[usize]) -> Vec<&'static str> {
    fields.iter().map(|at| entity.fields[*at]).collect()
}

fn list(option: &str, names: &[&str]) -> String {
    match names {
        [name] => format!("{option} = {name}"),
        names => format!("{option}({})", names.join(", ")),
    }
}

/// The path to an entity, as the module of another one may write it.
pub(super) fn path(from: &str, to: &str) -> String {
    let root = |path: &str| path.split("::").next().unwrap_or_default().to_owned();
    // From `shop::order::Entity` to `shop`, around which `super` leads.
    let around = from.rsplitn(3, "::").nth(2);
    if let Some(rest) = around.and_then(|around| to.strip_prefix(around)?.strip_prefix("::")) {
        return format!("super::{rest}");
    }
    match to.split_once("::") {
        Some((_, rest)) if root(from) == root(to) => ["crate", rest].join("::"),
        _ => to.to_owned(),
    }
}
