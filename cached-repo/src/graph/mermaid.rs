//! The graph for Mermaid, which GitHub and many viewers of Markdown show as a picture.

use super::InvalidationGraph;
use super::label;
use super::parts::Node;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter, Write as _};

/// A graph, displayed as a flowchart of Mermaid.
pub(super) struct Mermaid<'a> {
    graph: &'a InvalidationGraph,
    ids: BTreeMap<&'static str, String>,
}

impl<'a> Mermaid<'a> {
    pub(super) fn of(graph: &'a InvalidationGraph) -> Self {
        let mut used = BTreeSet::new();
        let prefixes = graph.nodes.iter().map(|node| node.prefix);
        Self {
            graph,
            ids: prefixes
                .map(|prefix| (prefix, id(prefix, &mut used)))
                .collect(),
        }
    }

    fn id(&self, prefix: &str) -> &str {
        self.ids.get(prefix).map_or("", String::as_str)
    }

    fn group(&self, f: &mut Formatter<'_>, name: Option<&str>, nodes: &[&Node]) -> fmt::Result {
        let indent = if let Some(name) = name {
            let title = quoted(&[name]);
            writeln!(f, "    subgraph in_{} [{title}]", plain(name))?;
            "        "
        } else {
            "    "
        };
        for node in nodes {
            let text = quoted(&label::of_node(node));
            writeln!(f, "{indent}{}[{text}]", self.id(node.prefix))?;
        }
        name.map_or(Ok(()), |_| writeln!(f, "    end"))
    }
}

impl Display for Mermaid<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let graph = self.graph;
        writeln!(f, "flowchart LR")?;
        for (name, nodes) in label::crates(graph) {
            self.group(f, name, &nodes)?;
        }
        for edge in &graph.edges {
            let (from, to) = (self.id(edge.parent), self.id(edge.dependent));
            let text = quoted(&label::of_edge(graph, edge));
            let arrow = if edge.reason.is_foreign_key() {
                "-.->"
            } else {
                "-->"
            };
            writeln!(f, "    {from} {arrow}|{text}| {to}")?;
        }
        let first = graph.edges.len();
        for (at, (entry, other)) in label::independents(graph).enumerate() {
            let (from, to) = (self.id(entry.entity), self.id(other));
            writeln!(f, "    {from} -.- {to}")?;
            writeln!(f, "    linkStyle {} stroke:#aaa", first + at)?;
        }
        Ok(())
    }
}

/// What stands for an entity. Alone its prefix might be a word of Mermaid's own, such as `end` or `style`.
fn id(prefix: &str, used: &mut BTreeSet<String>) -> String {
    let plain = format!("e_{}", plain(prefix));
    let (mut id, mut next) = (plain.clone(), 2);
    while !used.insert(id.clone()) {
        id = format!("{plain}_{next}");
        next += 1;
    }
    id
}

fn plain(name: &str) -> String {
    let letter = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter
        } else {
            '_'
        }
    };
    name.chars().map(letter).collect()
}

/// A quoted string of these lines. Whatever might mean something to Mermaid or to the HTML that it makes is written as a
/// number.
fn quoted<T: AsRef<str>>(lines: &[T]) -> String {
    let mut text = String::from("\"");
    for (at, line) in lines.iter().enumerate() {
        text.push_str(if at > 0 { "<br/>" } else { "" });
        for letter in line.as_ref().chars() {
            if letter.is_alphanumeric() || matches!(letter, ' ' | '_' | '-' | '.' | ',' | '=') {
                text.push(letter);
            } else if letter.is_control() {
                text.push(' ');
            } else {
                // Writing to a string cannot fail.
                let _ = write!(text, "#{};", u32::from(letter));
            }
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::{id, quoted};
    use std::collections::BTreeSet;

    #[test]
    fn nothing_in_a_name_is_a_sign_of_mermaid_or_html() {
        assert_eq!(
            quoted(&["a\"] <b>", "#`\\"]),
            "\"a#34;#93; #60;b#62;<br/>#35;#96;#92;\""
        );
    }

    #[test]
    fn prefixes_that_look_alike_get_names_of_their_own() {
        let mut used = BTreeSet::new();
        let ids = ["a-b", "a_b", "a_b_2", "end"].map(|prefix| id(prefix, &mut used));
        assert_eq!(ids, ["e_a_b", "e_a_b_2", "e_a_b_2_2", "e_end"]);
    }
}
