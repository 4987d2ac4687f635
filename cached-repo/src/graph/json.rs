//! The graph for other programs.

use super::InvalidationGraph;
use super::parts::{Edge, Independent, Node};
use serde::{Serialize, Serializer};

/// Raised when a program that reads the form below would misread it. A new field does not raise it.
const VERSION: u32 = 1;

/// The form of the document.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    schema: &'a str,
    nodes: &'a [Node],
    edges: &'a [Edge],
    independents: &'a [Independent],
}

impl Serialize for InvalidationGraph {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let document = Document {
            version: VERSION,
            schema: self.schema,
            nodes: &self.nodes,
            edges: &self.edges,
            independents: &self.independents,
        };
        document.serialize(serializer)
    }
}
