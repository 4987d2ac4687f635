//! The invalidation graph, computed while the program compiles.
//!
//! `cached_schema!` makes a `static` of each stage, so that the compiler computes it once: [`Members`] as the derives wrote
//! them down, [`Graph`] with all names resolved, [`Plan`] with the steps of a write to each entity. The rest of this module are
//! checks on them, which panic with a text that says what to write.

mod build;
mod columns;
mod cycle;
mod edge;
mod members;
mod plan;
mod settle;
mod tag;
mod text;
mod useless;
mod verify;
mod walk;

pub use build::{Graph, count_edges};
pub(crate) use columns::{ALL_FIELDS, DELETED, INSERTED, MAX_FIELDS};
pub use columns::{Columns, FieldSet};
pub use cycle::assert_no_cycle;
pub use edge::{Cause, Edge, List, Origin};
pub use members::{Index, Members, inward_of, meta_of, out_of};
pub use plan::{Plan, Reach, Step, count_steps};
pub use settle::assert_settled;
pub use tag::assert_tag;
pub use useless::{
    Silent, Warn, cascades_for_nothing, has_useless_edge, is_independent_of_strangers, is_over,
};
pub use verify::{Clashes, assert_edges_once, assert_own_names};
pub use walk::Chain;

use super::meta::{EntityMeta, Place, RelationMeta};

/// The graph of a schema as the running program sees it.
#[derive(Debug)]
pub struct Tables {
    /// What the derives know about each entity.
    pub metas: &'static [&'static EntityMeta],
    /// Their relations, where the formats show them.
    pub relations: &'static [Option<&'static [RelationMeta]>],
    /// All edges.
    pub edges: &'static [Edge],
    /// For each entity, the column lists by which edges reach it.
    pub partitions: &'static [&'static [Columns]],
    /// For each entity, what a write to it invalidates beyond itself.
    pub steps: &'static [&'static [Step]],
}

impl Tables {
    /// Where an edge is declared.
    pub(crate) fn place(&self, edge: &Edge) -> Place {
        let member = usize::from(edge.origin.member);
        edge::place_in(self.metas[member], self.relations[member], edge.origin)
    }
}

#[cfg(test)]
mod tests;
