//! An edge of the graph, with all names resolved.

use super::super::meta::{Action, EdgeMeta, EntityMeta, Place, RelationMeta};
use super::columns::{ALL_FIELDS, Columns, DELETED, FieldSet, INSERTED, set_of};
use super::members::Members;

/// A write to `parent` invalidates what is cached of `dependent`. It holds no text: then a change of a line in the source
/// leaves the whole graph as it was, and the compiler need not compute what follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    pub(crate) parent: u16,
    pub(crate) dependent: u16,
    /// Number of the partition of the dependent that it invalidates.
    pub(crate) partition: u16,
    /// Columns of the dependent.
    pub(crate) via: Columns,
    /// Columns of the parent that `via` holds; empty for a primary key that the model does not show.
    pub(crate) from: Columns,
    pub(crate) cause: Cause,
    /// The writes to the parent that count.
    pub(crate) on: FieldSet,
    pub(crate) cascade: bool,
    /// Keys that may be looked up to follow it; 0 for none.
    pub(crate) lookup: u32,
    pub(crate) origin: Origin,
}

/// Why there is an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The user says that the dependent shows something of the parent.
    Declared,
    /// The database changes rows of the dependent when one of the parent is deleted.
    Deleted(Action),
    /// The database changes rows of the dependent when the key of one of the parent changes.
    Updated(Action),
}

/// Which declaration an edge comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    pub(crate) member: u16,
    pub(crate) list: List,
    pub(crate) at: u16,
}

/// A list of declarations of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// `dependents(..)`
    Dependents,
    /// `depends_on(..)`
    DependsOn,
    /// Relations of SeaORM.
    Relations,
}

impl Edge {
    pub(super) const EMPTY: Self = Self {
        parent: 0,
        dependent: 0,
        partition: 0,
        via: Columns::NONE,
        from: Columns::NONE,
        cause: Cause::Declared,
        on: 0,
        cascade: false,
        lookup: 0,
        origin: Origin {
            member: 0,
            list: List::Dependents,
            at: 0,
        },
    };

    pub(crate) const fn is_declared(&self) -> bool {
        matches!(self.cause, Cause::Declared)
    }

    /// What the database does to rows of the dependent, as writes to them; nothing for a declared edge.
    pub(crate) const fn effect(&self) -> FieldSet {
        match self.cause {
            Cause::Declared => 0,
            Cause::Deleted(Action::Cascade) => DELETED,
            Cause::Deleted(_) | Cause::Updated(_) => self.via.set(),
        }
    }

    /// Whether the rows that change are exactly those of the partition. Rows that get a default, or follow a new key, also enter
    /// collections and lookups which are named by values that nobody here knows.
    pub(crate) const fn is_exact(&self) -> bool {
        match self.cause {
            Cause::Declared | Cause::Deleted(Action::Cascade | Action::SetNull) => true,
            Cause::Deleted(_) | Cause::Updated(_) => false,
        }
    }
}

/// The edges that one declaration makes.
pub(super) struct DeclaredEdges {
    pub(super) edges: [Edge; 3],
    pub(super) count: usize,
}

impl DeclaredEdges {
    const fn add(&mut self, edge: Edge, cause: Cause, on: FieldSet) {
        self.edges[self.count] = Edge { cause, on, ..edge };
        self.count += 1;
    }

    const fn actions(&mut self, edge: Edge, on_delete: Action, on_update: Action, key: FieldSet) {
        let edge = Edge {
            cascade: false,
            lookup: 0,
            ..edge
        };
        if !matches!(on_delete, Action::None) {
            self.add(edge, Cause::Deleted(on_delete), DELETED);
        }
        if !matches!(on_update, Action::None) {
            self.add(edge, Cause::Updated(on_update), key);
        }
    }
}

/// The edges of an entry of `dependents(..)` or `depends_on(..)`.
pub(super) const fn declared<const N: usize>(
    members: &Members<N>,
    ends: (usize, usize),
    meta: &EdgeMeta,
    origin: Origin,
) -> DeclaredEdges {
    let (parent, dependent) = (members.metas[ends.0].fields, members.metas[ends.1].fields);
    let mut from = Columns::named(meta.references, parent);
    if from.is_empty() {
        from = Columns::key(parent);
    }
    // The value that `via` points at may change although it is not among the columns of `on`.
    let key = if from.is_empty() {
        ALL_FIELDS
    } else {
        from.set()
    };
    let on = if meta.on.is_empty() {
        ALL_FIELDS
    } else {
        set_of(meta.on, parent) | key | INSERTED | DELETED
    };
    let edge = Edge {
        parent: ends.0 as u16,
        dependent: ends.1 as u16,
        via: Columns::named(meta.via, dependent),
        from,
        cascade: meta.cascade,
        lookup: meta.lookup,
        origin,
        ..Edge::EMPTY
    };
    let mut made = DeclaredEdges {
        edges: [Edge::EMPTY; 3],
        count: 0,
    };
    made.add(edge, Cause::Declared, on);
    made.actions(edge, meta.on_delete, meta.on_update, key);
    made
}

/// The edges of what a foreign key of a relation makes the database do.
pub(super) const fn implied<const N: usize>(
    members: &Members<N>,
    ends: (usize, usize),
    relation: &RelationMeta,
    origin: Origin,
) -> DeclaredEdges {
    let (parent, dependent) = (members.metas[ends.0].fields, members.metas[ends.1].fields);
    let mut from = Columns::of_variants(relation.to, parent);
    if from.is_empty() {
        from = Columns::key(parent);
    }
    let edge = Edge {
        parent: ends.0 as u16,
        dependent: ends.1 as u16,
        via: Columns::of_variants(relation.from, dependent),
        from,
        origin,
        ..Edge::EMPTY
    };
    let mut made = DeclaredEdges {
        edges: [Edge::EMPTY; 3],
        count: 0,
    };
    let key = if from.is_empty() {
        ALL_FIELDS
    } else {
        from.set()
    };
    made.actions(edge, relation.on_delete, relation.on_update, key);
    made
}

/// How many edges these actions make.
pub(super) const fn count_actions(on_delete: Action, on_update: Action) -> usize {
    !matches!(on_delete, Action::None) as usize + !matches!(on_update, Action::None) as usize
}

/// Where an edge is declared.
pub(super) const fn place<const N: usize>(members: &Members<N>, origin: Origin) -> Place {
    let member = origin.member as usize;
    place_in(members.metas[member], members.relations[member], origin)
}

/// Where an edge is declared, of an entity with these declarations.
pub(super) const fn place_in(
    meta: &EntityMeta,
    relations: Option<&[RelationMeta]>,
    origin: Origin,
) -> Place {
    let at = origin.at as usize;
    match (origin.list, relations) {
        (List::Dependents, _) => meta.dependents[at].place,
        (List::DependsOn, _) => meta.depends_on[at].place,
        (List::Relations, Some(relations)) => relations[at].place,
        (List::Relations, None) => meta.ident.place,
    }
}
