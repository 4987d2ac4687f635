//! The invalidation graph, to look at.
//!
//! [`cached_schema!`](crate::cached_schema) computes the graph while the program compiles, and gives the schema a function
//! `graph()` that returns it as an [`InvalidationGraph`]: data to assert on in a test, and three forms to look at.
//! [`CachedRepo::explain_write`](crate::CachedRepo::explain_write) and its siblings say what one write would invalidate, and
//! by which edges: a [`WriteExplanation`].

mod dot;
mod explain;
mod json;
mod label;
mod mermaid;
mod parts;
mod source;

pub use explain::{Consequence, Ignored, Own, Reach, Write, WriteExplanation};
pub use parts::{Action, Edge, Independent, Node, Place, Reason};

use crate::schema::CacheSchema;
use source::Source;

/// Which writes of a schema invalidate what is cached of which entities.
///
/// Everything stands in the order in which the schema and its entities name it, so that two builds of the same program
/// agree letter for letter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidationGraph {
    /// Name of the schema.
    pub schema: &'static str,
    /// Its entities.
    pub nodes: Vec<Node>,
    /// Its edges, by parent. One declaration may make several: what it says itself, and what the foreign key does.
    pub edges: Vec<Edge>,
    /// Relations that are deliberately no edges.
    pub independents: Vec<Independent>,
}

impl InvalidationGraph {
    /// The graph of the schema `S`; the same as `S::graph()`, for code that is generic over schemas.
    #[must_use]
    pub fn of<S: CacheSchema>() -> Self {
        let source = Source::of::<S>();
        Self {
            schema: S::NAME,
            nodes: source.nodes(),
            edges: source.edges(),
            independents: source.independents(),
        }
    }

    /// The entity with this prefix.
    #[must_use]
    pub fn node(&self, prefix: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.prefix == prefix)
    }

    /// The edges that lead from one entity to another, both named by their prefixes.
    pub fn between(&self, parent: &str, dependent: &str) -> impl Iterator<Item = &Edge> {
        let edges = self.edges.iter();
        edges.filter(move |edge| edge.parent == parent && edge.dependent == dependent)
    }

    /// The graph in the DOT language of Graphviz: `dot -Tsvg` draws it.
    ///
    /// Declared edges are solid, what a foreign key makes the database do is dashed, and independence is dotted and gray.
    /// Entities of several crates stand in a box for each crate. Tooltips say where things are declared.
    #[must_use]
    pub fn to_dot(&self) -> String {
        dot::Dot(self).to_string()
    }

    /// The graph as a flowchart of Mermaid, which GitHub draws in a code block of the language `mermaid`.
    ///
    /// It looks like [`to_dot`](Self::to_dot), but holds no places: what is pasted into a document should change only when the
    /// graph does.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        mermaid::Mermaid::of(self).to_string()
    }

    /// The graph as JSON, with a line for each entity and edge.
    ///
    /// ```text
    /// {
    ///   "version": 1,
    ///   "schema": "Shop",
    ///   "nodes": [{
    ///     "prefix": "order", "path": "shop::order::Entity", "crate": "shop", "table": "orders", "key": ["id"],
    ///     "place": { "file": "shop/src/order.rs", "line": 6 }
    ///   }],
    ///   "edges": [{
    ///     "parent": "user", "dependent": "order", "via": ["customer_id"], "references": ["id"], "reason": "dependents",
    ///     "on": ["name"], "cascade": false, "lookup": null, "place": { "file": "shop/src/user.rs", "line": 9 }
    ///   }],
    ///   "independents": [{
    ///     "entity": "user", "other": "event", "via": [], "place": { "file": "shop/src/user.rs", "line": 11 }
    ///   }]
    /// }
    /// ```
    ///
    /// Ends of edges are prefixes; columns are named as the fields of the model. A `reason` is `dependents`, `depends_on`, or `ON DELETE` or `ON UPDATE` with `CASCADE`,
    /// `SET NULL` or `SET DEFAULT`. `other` is `null` for an entity that is none of the schema. The version is raised if this
    /// form changes so that a reader of it would be misled; a new field does not raise it. The graph is also
    /// [`serde::Serialize`], in the same form.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::Json(self).to_string()
    }
}

#[cfg(test)]
mod tests;
