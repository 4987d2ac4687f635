//! What one write would invalidate, and why.

mod search;
mod text;

use super::parts::Edge;
use super::source::Source;
use crate::schema::{
    self, CacheSchema, DELETED, EntityMeta, FieldSet, INSERTED, InSchema, LookupMeta, Step,
    TagMeta, TagPart,
};
use sea_orm::IdenStatic;
use search::Search;

/// What a write to one row would invalidate, and by which edges. `Display` tells it to people.
///
/// It is about a write whose rows are known: one that names primary keys, such as SeaORM makes of an active model. A write by
/// another condition takes all entries of the entity and of everything named here. So does, for an edge over text, a database
/// that holds differently spelled texts to be equal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteExplanation {
    /// Prefix of the entity that is written.
    pub entity: &'static str,
    /// The write.
    pub write: Write,
    /// What goes of the written entity itself, whatever the edges are.
    pub own: Vec<Own>,
    /// What goes because of edges, in the order in which the plan of the schema has it.
    pub consequences: Vec<Consequence>,
    /// Edges from the entity that this write does not follow.
    pub ignored: Vec<Ignored>,
}

/// A kind of write.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Write {
    /// A new row.
    Insert,
    /// New values of these columns.
    Update(Vec<&'static str>),
    /// A row less.
    Delete,
}

/// Entries of the written entity. After an update: those under old and new values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Own {
    /// The row, or that there is none.
    Row,
    /// What `find_cached_by_` with this name finds: one row.
    Unique(&'static str),
    /// What `find_cached_by_` with this name finds: all rows with a value.
    Collection(&'static str),
    /// Every entry with a tag of this form.
    Tag(&'static str),
}

/// Entries that a write invalidates by edges.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Consequence {
    /// Prefix of the entity whose entries they are.
    pub entity: &'static str,
    /// Which of its entries.
    pub reach: Reach,
    /// How the write gets there: ways from the written entity to this one, one for each edge that they end with.
    pub ways: Vec<Vec<Edge>>,
}

/// Which entries of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// Those of rows that refer to the written row: its values of `references`, old and new, stand in `via`.
    Rows {
        /// Columns of the entity.
        via: Vec<&'static str>,
        /// Columns of the written entity.
        references: Vec<&'static str>,
    },
    /// Those of rows that are found by following the edges in the database, within the limits of the edges' lookups; all
    /// entries, if there are more.
    Found {
        /// Columns of the entity that hold what is found.
        via: Vec<&'static str>,
    },
    /// All of them.
    All,
}

/// An edge that a write does not follow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ignored {
    /// The edge.
    pub edge: Edge,
    /// Columns whose update it would follow; empty if it follows deletes only.
    pub counts: Vec<&'static str>,
}

impl WriteExplanation {
    pub(crate) fn of_update<S: CacheSchema, E: InSchema<S>>(
        columns: impl IntoIterator<Item = E::Column>,
    ) -> Self {
        let position = |column: E::Column| {
            let mut columns = E::COLUMNS.iter();
            columns.position(|one| one.as_str() == column.as_str())
        };
        let known = columns.into_iter().filter_map(position);
        Self::of(
            Source::of::<S>(),
            E::INDEX,
            known.fold(0, |all, at| all | 1 << at),
        )
    }

    pub(crate) fn of_insert<S: CacheSchema, E: InSchema<S>>() -> Self {
        Self::of(Source::of::<S>(), E::INDEX, INSERTED)
    }

    pub(crate) fn of_delete<S: CacheSchema, E: InSchema<S>>() -> Self {
        Self::of(Source::of::<S>(), E::INDEX, DELETED)
    }

    /// What a write of this kind to a member does: an insert, a delete, or an update of these fields.
    pub(super) fn of(source: Source, member: usize, kind: FieldSet) -> Self {
        let search = Search::of(source.tables, member, kind);
        let consequence = |step: &Step| Consequence {
            entity: source.prefix(usize::from(step.entity)),
            reach: reach(source, member, step),
            ways: search.ways(step).map(|way| named(source, way)).collect(),
        };
        let meta = source.meta(member);
        Self {
            entity: meta.ident.prefix,
            write: match kind {
                INSERTED => Write::Insert,
                DELETED => Write::Delete,
                fields => Write::Update(names(meta, fields)),
            },
            own: own(meta, kind),
            consequences: search.fired.iter().map(consequence).collect(),
            ignored: ignored(source, member, kind),
        }
    }

    /// What is invalidated of the entity with this prefix because of edges: nothing, or one item for each reach.
    pub fn of_entity(&self, prefix: &str) -> impl Iterator<Item = &Consequence> {
        let all = self.consequences.iter();
        all.filter(move |consequence| consequence.entity == prefix)
    }
}

/// The edges of a way, with names.
fn named(source: Source, way: &[usize]) -> Vec<Edge> {
    let edges = way.iter().map(|at| &source.tables.edges[*at]);
    edges.filter_map(|edge| source.edge(edge)).collect()
}

fn reach(source: Source, member: usize, step: &Step) -> Reach {
    let entity = usize::from(step.entity);
    match &step.reach {
        schema::Reach::Partition { number, from } => Reach::Rows {
            via: source.fields(
                entity,
                &source.tables.partitions[entity][usize::from(*number)],
            ),
            references: source.references(member, from),
        },
        schema::Reach::Found(chain) => {
            let last = chain.iter().last().map(|at| &source.tables.edges[at].via);
            Reach::Found {
                via: last.map_or_else(Vec::new, |via| source.fields(entity, via)),
            }
        }
        schema::Reach::Whole => Reach::All,
    }
}

/// Rule 7: the row and its collections always; what a value leads to, if that value may change.
fn own(meta: &EntityMeta, kind: FieldSet) -> Vec<Own> {
    let comes_or_goes = kind == INSERTED || kind == DELETED;
    let leads = |lookup: &&LookupMeta| comes_or_goes || kind & set(meta, lookup.fields) != 0;
    let moves = |tag: &&TagMeta| {
        let mut parts = tag.parts.iter();
        !comes_or_goes
            && parts
                .any(|part| matches!(part, TagPart::Field(name) if kind & set(meta, &[name]) != 0))
    };
    let mut own = vec![Own::Row];
    own.extend(
        meta.uniques
            .iter()
            .filter(leads)
            .map(|lookup| Own::Unique(lookup.name)),
    );
    own.extend(
        meta.indexes
            .iter()
            .map(|lookup| Own::Collection(lookup.name)),
    );
    own.extend(
        meta.tags
            .iter()
            .filter(moves)
            .map(|tag| Own::Tag(tag.template)),
    );
    own
}

fn ignored(source: Source, member: usize, kind: FieldSet) -> Vec<Ignored> {
    let edges = source.tables.edges.iter();
    edges
        .filter(|edge| usize::from(edge.parent) == member && edge.on & kind == 0)
        .filter_map(|edge| {
            Some(Ignored {
                edge: source.edge(edge)?,
                counts: names(source.meta(member), edge.on),
            })
        })
        .collect()
}

/// The set of the fields with these names.
fn set(meta: &EntityMeta, names: &[&str]) -> FieldSet {
    let fields = meta.fields.iter().enumerate();
    let named = fields.filter(|(_, field)| names.contains(&field.name.text));
    named.fold(0, |all, (at, _)| all | 1 << at)
}

/// The names of these fields.
fn names(meta: &EntityMeta, fields: FieldSet) -> Vec<&'static str> {
    let all = meta.fields.iter().enumerate();
    let chosen = all.filter(|(at, _)| fields & 1 << at != 0);
    chosen.map(|(_, field)| field.name.text).collect()
}
