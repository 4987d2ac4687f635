//! Where the picture comes from: the tables that the compiler has computed, with their numbers turned into names.

use super::parts::{Action, Edge, Independent, Node, Place, Reason};
use crate::schema::graph::{Cause, Columns, Edge as Computed, List, Origin, Tables};
use crate::schema::{self, CacheSchema, EntityMeta, IndependentMeta, Name, RowTable};

/// What a schema knows of itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub(super) tables: &'static Tables,
    pub(super) rows: &'static [RowTable],
}

impl Source {
    pub(super) fn of<S: CacheSchema>() -> Self {
        Self {
            tables: S::tables(),
            rows: S::rows(),
        }
    }

    pub(super) fn meta(self, member: usize) -> &'static EntityMeta {
        self.tables.metas[member]
    }

    pub(super) fn prefix(self, member: usize) -> &'static str {
        self.meta(member).ident.prefix
    }

    pub(super) fn nodes(self) -> Vec<Node> {
        (0..self.tables.metas.len())
            .map(|member| self.node(member))
            .collect()
    }

    fn node(self, member: usize) -> Node {
        let ident = &self.meta(member).ident;
        let table = match (self.rows[member].table)() {
            (Some(schema), name) => format!("{schema}.{name}"),
            (None, name) => name,
        };
        Node {
            prefix: ident.prefix,
            path: ident.path,
            crate_name: ident.path.split("::").next().unwrap_or_default(),
            table,
            key: self.key(member),
            place: place(ident.place),
        }
    }

    /// Fields of the primary key, in the order that SeaORM gives them.
    fn key(self, member: usize) -> Vec<&'static str> {
        let rows = &self.rows[member];
        let columns = (rows.columns)();
        let key = (rows.key_columns)();
        let positions = key
            .iter()
            .filter_map(|name| columns.iter().position(|one| one == name));
        let fields = self.meta(member).fields;
        positions.map(|at| fields[at].name.text).collect()
    }

    pub(super) fn edges(self) -> Vec<Edge> {
        let edges = self.tables.edges.iter();
        edges.filter_map(|edge| self.edge(edge)).collect()
    }

    /// An edge with names; `None` for a foreign key that does nothing, of which there is no edge.
    pub(super) fn edge(self, edge: &Computed) -> Option<Edge> {
        let (parent, dependent) = (usize::from(edge.parent), usize::from(edge.dependent));
        Some(Edge {
            parent: self.prefix(parent),
            dependent: self.prefix(dependent),
            via: self.fields(dependent, &edge.via),
            references: self.references(parent, &edge.from),
            reason: reason(edge)?,
            on: if edge.is_declared() {
                self.on(edge.origin)
            } else {
                Vec::new()
            },
            cascade: edge.cascade,
            lookup: Some(edge.lookup).filter(|limit| *limit > 0),
            place: place(self.tables.place(edge)),
        })
    }

    /// What an edge from a member points at: these columns, or the primary key if they are none.
    pub(super) fn references(self, member: usize, from: &Columns) -> Vec<&'static str> {
        if from.is_empty() {
            self.key(member)
        } else {
            self.fields(member, from)
        }
    }

    pub(super) fn fields(self, member: usize, columns: &Columns) -> Vec<&'static str> {
        let fields = self.meta(member).fields;
        columns
            .iter()
            .filter_map(|at| fields.get(at))
            .map(|field| field.name.text)
            .collect()
    }

    /// The columns of `on(..)`, as they are declared.
    fn on(self, origin: Origin) -> Vec<&'static str> {
        let meta = self.meta(usize::from(origin.member));
        let edges = match origin.list {
            List::Dependents => meta.dependents,
            List::DependsOn => meta.depends_on,
            List::Relations => &[],
        };
        let declared = edges.get(usize::from(origin.at));
        declared.map_or_else(Vec::new, |edge| texts(edge.on))
    }

    pub(super) fn independents(self) -> Vec<Independent> {
        let metas = self.tables.metas.iter();
        metas
            .flat_map(|meta| meta.independent.iter().map(move |entry| (meta, entry)))
            .map(|(meta, entry)| Independent {
                entity: meta.ident.prefix,
                other: self.other(entry),
                via: texts(entry.via),
                place: place(entry.place),
            })
            .collect()
    }

    fn other(self, entry: &IndependentMeta) -> Option<&'static str> {
        let path = entry.other.as_ref()?.path;
        let mut idents = self.tables.metas.iter().map(|meta| &meta.ident);
        idents
            .find(|ident| ident.path == path)
            .map(|ident| ident.prefix)
    }
}

fn reason(edge: &Computed) -> Option<Reason> {
    match edge.cause {
        Cause::Declared => Some(match edge.origin.list {
            List::DependsOn => Reason::DependsOn,
            List::Dependents | List::Relations => Reason::Dependents,
        }),
        Cause::Deleted(done) => action(done).map(Reason::OnDelete),
        Cause::Updated(done) => action(done).map(Reason::OnUpdate),
    }
}

fn action(done: schema::Action) -> Option<Action> {
    match done {
        schema::Action::None => None,
        schema::Action::Cascade => Some(Action::Cascade),
        schema::Action::SetNull => Some(Action::SetNull),
        schema::Action::SetDefault => Some(Action::SetDefault),
    }
}

fn place(place: schema::Place) -> Place {
    Place {
        file: place.file,
        line: place.line,
    }
}

fn texts(names: &[Name]) -> Vec<&'static str> {
    names.iter().map(|name| name.text).collect()
}
