//! What the graph lacks of what the database does. Pure.

use super::facts::{Action, Catalog, ForeignKey};
use super::fix::{Line, attribute};
use super::graph::{Graph, KnownEdge};
use super::outside;
use super::report::{Finding, FindingKind};
use super::say::{deeds, named, quoted};
use super::triggers;

/// All differences.
pub(super) fn compare(catalog: &Catalog, graph: &Graph) -> Vec<Finding> {
    let comparison = Comparison { catalog, graph };
    let mut findings: Vec<Finding> = Vec::new();
    for key in &catalog.foreign_keys {
        let Some(finding) = comparison.foreign_key(key) else {
            continue;
        };
        // Each partition may have the same foreign key, under a name of its own.
        let about = |it: &Finding| {
            (
                it.kind,
                it.tables.clone(),
                it.columns.clone(),
                it.fix.clone(),
            )
        };
        if !findings.iter().any(|known| about(known) == about(&finding)) {
            findings.push(finding);
        }
    }
    findings.extend(triggers::findings(catalog, graph));
    findings.extend(comparison.missing_actions());
    findings.extend(not_enforced(catalog));
    findings.extend(unreadable(catalog));
    findings
}

struct Comparison<'a> {
    catalog: &'a Catalog,
    graph: &'a Graph,
}

impl Comparison<'_> {
    fn foreign_key(&self, key: &ForeignKey) -> Option<Finding> {
        let child = self.graph.of_relation(self.catalog, &key.child)?;
        let Some(parent) = self.graph.of_relation(self.catalog, &key.parent) else {
            let acts = self.catalog.enforced && key.acts();
            return acts.then(|| outside::finding(self.catalog, self.graph, key, child));
        };
        let line = self.line(key, parent, child);
        let edge = line
            .as_ref()
            .and_then(|line| self.edge(line, parent, child));
        if self.catalog.enforced {
            let known = edge.map_or((Action::None, Action::None), |edge| {
                (edge.on_delete, edge.on_update)
            });
            let unknown = deeds(key, known);
            if !unknown.is_empty() {
                return Some(self.action(key, line.as_ref(), edge, &unknown));
            }
        }
        let via = line.as_ref().map(|line| line.via.as_slice());
        let settled = edge.is_some() || self.is_independent(parent, child, via);
        (!settled).then(|| relation(key, line.as_ref()))
    }

    fn line(&self, key: &ForeignKey, parent: u16, child: u16) -> Option<Line<'_>> {
        let (parent, child) = (self.graph.entity(parent), self.graph.entity(child));
        Line::of(key, parent, child, |one, other| {
            self.catalog.same_column(one, other)
        })
    }

    fn edge(&self, line: &Line<'_>, parent: u16, child: u16) -> Option<&KnownEdge> {
        self.graph.edges.iter().find(|edge| {
            (edge.parent, edge.dependent) == (parent, child) && line.is(&edge.via, &edge.references)
        })
    }

    fn is_independent(&self, parent: u16, child: u16, via: Option<&[usize]>) -> bool {
        self.graph.independent.iter().any(|(one, other, fields)| {
            let same = |fields: &Vec<usize>| {
                let sorted = |fields: &[usize]| {
                    let mut fields = fields.to_vec();
                    fields.sort_unstable();
                    fields
                };
                via.is_some_and(|via| sorted(via) == sorted(fields))
            };
            let pair = (*one, *other) == (parent, child) || (*one, *other) == (child, parent);
            pair && fields.as_ref().is_none_or(same)
        })
    }

    fn action(
        &self,
        key: &ForeignKey,
        line: Option<&Line<'_>>,
        edge: Option<&KnownEdge>,
        unknown: &[String],
    ) -> Finding {
        let knows = match edge {
            None => "no edge of the schema says so".to_owned(),
            Some(edge) => said(edge),
        };
        let fix = match line {
            None => columns_missing(key),
            Some(line) => {
                let edge = line.depends_on(key.on_delete, key.on_update);
                let relation = line.belongs_to(key.on_delete, key.on_update);
                let child = line.child.path;
                format!(
                    "on `{child}` write {edge}, or {relation} on the field of its relation{}",
                    self.instead(line, key)
                )
            }
        };
        finding(
            FindingKind::UndeclaredAction,
            key,
            format!("{}, and {knows}", unknown.join("; ")),
            fix,
        )
    }

    /// An edge cannot stand beside `independent`.
    fn instead(&self, line: &Line<'_>, key: &ForeignKey) -> &'static str {
        let number = |relation| self.graph.of_relation(self.catalog, relation);
        let (parent, child) = (number(&key.parent), number(&key.child));
        match (parent, child) {
            (Some(parent), Some(child)) if self.is_independent(parent, child, Some(&line.via)) => {
                ", in place of `independent(..)`"
            }
            _ => "",
        }
    }

    /// Edges that expect the database to do what it does not.
    fn missing_actions(&self) -> Vec<Finding> {
        let readable = self.catalog.enforced && self.catalog.unreadable.is_empty();
        let edges = self.graph.edges.iter().filter(|_| readable);
        edges.filter_map(|edge| self.missing_action(edge)).collect()
    }

    fn missing_action(&self, edge: &KnownEdge) -> Option<Finding> {
        let keys: Vec<&ForeignKey> = self
            .catalog
            .foreign_keys
            .iter()
            .filter(|key| self.is_of(key, edge))
            .collect();
        let lacks = |known: Action, of: fn(&ForeignKey) -> Action| {
            known != Action::None && keys.iter().all(|key| of(key) == Action::None)
        };
        let mut expected = Vec::new();
        if lacks(edge.on_delete, |key| key.on_delete) {
            expected.push(format!("on_delete = {}", attribute(edge.on_delete)));
        }
        if lacks(edge.on_update, |key| key.on_update) {
            expected.push(format!("on_update = {}", attribute(edge.on_update)));
        }
        if expected.is_empty() {
            return None;
        }
        let (parent, child) = (
            self.graph.entity(edge.parent),
            self.graph.entity(edge.dependent),
        );
        let expected = expected.join(", ");
        let via: Vec<String> = edge
            .via
            .iter()
            .map(|at| child.columns[*at].to_owned())
            .collect();
        let (from, to) = (parent.table.1.clone(), child.table.1.clone());
        Some(Finding {
            kind: FindingKind::MissingAction,
            constraint: None,
            message: format!(
                "the edge from `{from}` to `{to}` over {} says `{expected}`, but no foreign key does that: more is invalidated \
                 than changes",
                quoted(via.iter().map(String::as_str)),
            ),
            fix: format!("take `{expected}` from the edge, or let the foreign key do it"),
            tables: vec![from, to],
            columns: via,
        })
    }

    fn is_of(&self, key: &ForeignKey, edge: &KnownEdge) -> bool {
        let number = |relation| self.graph.of_relation(self.catalog, relation);
        number(&key.parent) == Some(edge.parent)
            && number(&key.child) == Some(edge.dependent)
            && self
                .line(key, edge.parent, edge.dependent)
                .is_some_and(|line| line.is(&edge.via, &edge.references))
    }
}

/// What an edge says that does not say all.
fn said(edge: &KnownEdge) -> String {
    let options = [("on_delete", edge.on_delete), ("on_update", edge.on_update)];
    let said = options
        .into_iter()
        .filter(|(_, action)| *action != Action::None);
    let said: Vec<String> = said
        .map(|(name, action)| format!("{name} = {}", attribute(action)))
        .collect();
    match said.as_slice() {
        [] => "the edge does not say so".to_owned(),
        said => format!("the edge says `{}`", said.join(", ")),
    }
}

fn relation(key: &ForeignKey, line: Option<&Line<'_>>) -> Finding {
    let (parent, child) = (&key.parent, &key.child);
    let message = format!(
        "{}: rows of `{child}` refer to rows of `{parent}` by {}, and the schema says neither that they depend on them nor that \
         they do not",
        named(key),
        quoted(key.child_columns()),
    );
    let fix = line.map_or_else(
        || columns_missing(key),
        |line| {
            format!(
                "if they do, on `{}` write {}, or on `{}` {}; if they do not, on `{0}` write {}",
                line.child.path,
                line.depends_on(Action::None, Action::None),
                line.parent.path,
                line.dependents(),
                line.independent(),
            )
        },
    );
    finding(FindingKind::UndeclaredRelation, key, message, fix)
}

fn columns_missing(key: &ForeignKey) -> String {
    format!(
        "give the models of `{}` and `{}` fields for all columns of the foreign key, and declare an edge over them",
        key.parent, key.child
    )
}

fn finding(kind: FindingKind, key: &ForeignKey, message: String, fix: String) -> Finding {
    Finding {
        kind,
        constraint: key.name.clone(),
        tables: vec![key.parent.to_string(), key.child.to_string()],
        columns: key.child_columns().map(str::to_owned).collect(),
        message,
        fix,
    }
}

fn not_enforced(catalog: &Catalog) -> Option<Finding> {
    let unseen = !catalog.enforced && catalog.foreign_keys.iter().any(ForeignKey::acts);
    unseen.then(|| Finding {
        kind: FindingKind::ForeignKeysOff,
        constraint: None,
        tables: Vec::new(),
        columns: Vec::new(),
        message: "this connection does not act on foreign keys (`PRAGMA foreign_keys` is off), so that their actions were not \
                  compared"
            .to_owned(),
        fix: "nothing, if it is meant so; otherwise connect with `PRAGMA foreign_keys = ON`".to_owned(),
    })
}

fn unreadable(catalog: &Catalog) -> impl Iterator<Item = Finding> {
    catalog.unreadable.iter().map(|part| Finding {
        kind: FindingKind::Unreadable,
        constraint: None,
        tables: Vec::new(),
        columns: Vec::new(),
        message: format!(
            "the database's {} were not compared: {}",
            part.what, part.why
        ),
        fix: format!(
            "{}; or set `database_check = off` and declare by hand what they do",
            part.cure
        ),
    })
}
