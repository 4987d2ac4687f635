//! What the graph lacks of what the database does. Pure.

use super::facts::{Catalog, ForeignKey, Relation};
use super::fix::{Line, attribute};
use super::graph::{Graph, GraphEntity, KnownEdge};
use super::outside;
use super::report::{Finding, FindingKind};
use super::say::{deeds, named, quoted};
use super::triggers;
use crate::schema::Action;

/// All differences.
pub(super) fn compare(catalog: &Catalog, graph: &Graph) -> Vec<Finding> {
    let comparison = Comparison::new(catalog, graph);
    let mut findings: Vec<Finding> = Vec::new();
    for ends in &comparison.keys {
        // Each partition may have the same foreign key, under a name of its own.
        let is_new =
            |finding: &Finding| !findings.iter().any(|known| about(known) == about(finding));
        findings.extend(comparison.foreign_key(ends).filter(is_new));
    }
    findings.extend(triggers::findings(catalog, graph));
    findings.extend(comparison.missing_actions());
    findings.extend(not_enforced(catalog));
    findings.extend(unreadable(catalog));
    findings
}

/// All but the name.
fn about(finding: &Finding) -> (FindingKind, &[String], &[String], &str) {
    (
        finding.kind,
        &finding.tables,
        &finding.columns,
        &finding.fix,
    )
}

/// A foreign key, and the entities at its ends.
struct Ends<'a> {
    key: &'a ForeignKey,
    parent: Option<u16>,
    child: Option<u16>,
}

struct Comparison<'a> {
    catalog: &'a Catalog,
    graph: &'a Graph,
    keys: Vec<Ends<'a>>,
}

impl<'a> Comparison<'a> {
    fn new(catalog: &'a Catalog, graph: &'a Graph) -> Self {
        let ends = |key: &'a ForeignKey| Ends {
            key,
            parent: graph.of_relation(catalog, &key.parent),
            child: graph.of_relation(catalog, &key.child),
        };
        Self {
            catalog,
            graph,
            keys: catalog.foreign_keys.iter().map(ends).collect(),
        }
    }

    fn foreign_key(&self, ends: &Ends<'_>) -> Option<Finding> {
        let (key, child) = (ends.key, ends.child?);
        let Some(parent) = ends.parent else {
            let acts = self.catalog.enforced && key.acts();
            return acts.then(|| outside::finding(self.catalog, self.graph, key, child));
        };
        let line = self.line(key, parent, child);
        let edge = line
            .as_ref()
            .and_then(|line| self.edge(line, parent, child));
        let via = line.as_ref().map(|line| line.via.as_slice());
        let independent = self.is_independent(parent, child, via);
        if self.catalog.enforced {
            let known = edge.map_or((Action::None, Action::None), |edge| {
                (edge.on_delete, edge.on_update)
            });
            let unknown = deeds(key, known);
            if !unknown.is_empty() {
                return Some(action(key, line.as_ref(), edge, &unknown, independent));
            }
        }
        let settled = edge.is_some() || independent;
        (!settled).then(|| relation(key, line.as_ref()))
    }

    fn line(&self, key: &ForeignKey, parent: u16, child: u16) -> Option<Line<'a>> {
        let (parent, child) = (self.graph.entity(parent), self.graph.entity(child));
        Line::of(key, parent, child, |one, other| {
            self.catalog.same_column(one, other)
        })
    }

    fn edge(&self, line: &Line<'_>, parent: u16, child: u16) -> Option<&'a KnownEdge> {
        self.graph.edges.iter().find(|edge| {
            (edge.parent, edge.dependent) == (parent, child) && line.is(&edge.via, &edge.references)
        })
    }

    fn is_independent(&self, parent: u16, child: u16, via: Option<&[usize]>) -> bool {
        self.graph.independent.iter().any(|(one, other, fields)| {
            let same = |fields: &Vec<usize>| via.is_some_and(|via| sorted(via) == sorted(fields));
            let pair = (*one, *other) == (parent, child) || (*one, *other) == (child, parent);
            pair && fields.as_ref().is_none_or(same)
        })
    }

    /// Edges that expect the database to do what it does not. Of tables that do not exist yet nothing can be said but that.
    fn missing_actions(&self) -> Vec<Finding> {
        let readable = self.catalog.enforced && self.catalog.unreadable.is_empty();
        let mut findings = Vec::new();
        let mut absent: Vec<String> = Vec::new();
        for edge in self.graph.edges.iter().filter(|_| readable) {
            let Some(finding) = self.missing_action(edge) else {
                continue;
            };
            let ends = [edge.parent, edge.dependent].map(|end| self.graph.entity(end));
            let gone: Vec<&GraphEntity> = ends.into_iter().filter(|it| !self.exists(it)).collect();
            if gone.is_empty() {
                findings.push(finding);
            }
            for table in gone.into_iter().map(GraphEntity::table_name) {
                if !absent.contains(&table) {
                    absent.push(table);
                }
            }
        }
        findings.extend((!absent.is_empty()).then(|| missing_tables(absent)));
        findings
    }

    /// Whether the entity has a table, as far as can be told.
    fn exists(&self, entity: &GraphEntity) -> bool {
        let relations = self.catalog.relations.as_ref();
        let maps = |relation: &Relation| entity.maps(self.catalog, relation);
        relations.is_none_or(|relations| relations.iter().any(maps))
    }

    fn missing_action(&self, edge: &KnownEdge) -> Option<Finding> {
        let is_of = |ends: &&Ends<'_>| {
            (ends.parent, ends.child) == (Some(edge.parent), Some(edge.dependent))
                && self
                    .line(ends.key, edge.parent, edge.dependent)
                    .is_some_and(|line| line.is(&edge.via, &edge.references))
        };
        let keys: Vec<&ForeignKey> = self
            .keys
            .iter()
            .filter(is_of)
            .map(|ends| ends.key)
            .collect();
        let lacks_delete = keys.iter().all(|key| key.on_delete == Action::None);
        let lacks_update = keys.iter().all(|key| key.on_update == Action::None);
        let expected = options(
            if lacks_delete {
                edge.on_delete
            } else {
                Action::None
            },
            if lacks_update {
                edge.on_update
            } else {
                Action::None
            },
        )?;
        let (parent, child) = (
            self.graph.entity(edge.parent),
            self.graph.entity(edge.dependent),
        );
        let via: Vec<String> = edge
            .via
            .iter()
            .map(|at| child.columns[*at].to_owned())
            .collect();
        let (from, to) = (parent.table_name(), child.table_name());
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
}

fn missing_tables(tables: Vec<String>) -> Finding {
    Finding {
        kind: FindingKind::MissingTable,
        constraint: None,
        message: format!(
            "tables of the schema do not exist yet, or the database user may not see them, so that their edges were not compared: {}",
            quoted(tables.iter().map(String::as_str)),
        ),
        fix:
            "create them, for example by the migrations, and compare then: `repo.check_database()`"
                .to_owned(),
        tables,
        columns: Vec::new(),
    }
}

fn sorted(fields: &[usize]) -> Vec<usize> {
    let mut fields = fields.to_vec();
    fields.sort_unstable();
    fields
}

/// `on_delete = cascade, on_update = set_null`; nothing if there is nothing to say.
fn options(on_delete: Action, on_update: Action) -> Option<String> {
    let options = [("on_delete", on_delete), ("on_update", on_update)];
    let said = options
        .into_iter()
        .filter(|(_, action)| *action != Action::None);
    let said: Vec<String> = said
        .map(|(name, action)| format!("{name} = {}", attribute(action)))
        .collect();
    (!said.is_empty()).then(|| said.join(", "))
}

fn action(
    key: &ForeignKey,
    line: Option<&Line<'_>>,
    edge: Option<&KnownEdge>,
    unknown: &[String],
    independent: bool,
) -> Finding {
    let knows = match edge.map(|edge| options(edge.on_delete, edge.on_update)) {
        None => "no edge of the schema says so".to_owned(),
        Some(None) => "the edge does not say so".to_owned(),
        Some(Some(said)) => format!("the edge says `{said}`"),
    };
    let fix = match line {
        None => columns_missing(key),
        Some(line) => format!(
            "on `{}` write {}, or {} on the field of its relation{}",
            line.child.path,
            line.depends_on(key.on_delete, key.on_update),
            line.belongs_to(key.on_delete, key.on_update),
            // An edge cannot stand beside it.
            if independent {
                ", in place of `independent(..)`"
            } else {
                ""
            },
        ),
    };
    finding(
        FindingKind::UndeclaredAction,
        key,
        format!("{}, and {knows}", unknown.join("; ")),
        fix,
    )
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
