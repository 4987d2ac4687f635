//! The graph for other programs.

use super::InvalidationGraph;
use super::parts::{Edge, Independent, Node};
use serde::{Serialize, Serializer};
use std::fmt::{self, Display, Formatter};

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

/// A graph, displayed as JSON with a line for each node and edge: to be read, and compared line by line.
pub(super) struct Json<'a>(pub(super) &'a InvalidationGraph);

impl Display for Json<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let graph = self.0;
        writeln!(f, "{{")?;
        writeln!(f, "  \"version\": {VERSION},")?;
        writeln!(f, "  \"schema\": {},", value(&graph.schema)?)?;
        list(f, "nodes", &graph.nodes, ",")?;
        list(f, "edges", &graph.edges, ",")?;
        list(f, "independents", &graph.independents, "")?;
        writeln!(f, "}}")
    }
}

fn list<T: Serialize>(f: &mut Formatter<'_>, name: &str, items: &[T], end: &str) -> fmt::Result {
    let lines: Result<Vec<_>, _> = items.iter().map(value).collect();
    let lines = lines?.join(",\n    ");
    match items {
        [] => writeln!(f, "  \"{name}\": []{end}"),
        _ => writeln!(f, "  \"{name}\": [\n    {lines}\n  ]{end}"),
    }
}

fn value<T: Serialize>(value: &T) -> Result<String, fmt::Error> {
    serde_json::to_string(value).map_err(|_| fmt::Error)
}
