//! The graph for Graphviz.

use super::InvalidationGraph;
use super::label;
use super::parts::Node;
use std::fmt::{self, Display, Formatter};

/// A graph, displayed in the DOT language.
pub(super) struct Dot<'a>(pub(super) &'a InvalidationGraph);

impl Display for Dot<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let graph = self.0;
        writeln!(f, "digraph {} {{", quoted(&[graph.schema]))?;
        writeln!(f, "    rankdir=LR;")?;
        writeln!(f, "    node [shape=box, style=rounded];")?;
        for (name, nodes) in label::crates(graph) {
            cluster(f, name, &nodes)?;
        }
        for edge in &graph.edges {
            let (from, to) = (quoted(&[edge.parent]), quoted(&[edge.dependent]));
            let text = quoted(&label::of_edge(graph, edge));
            let tip = quoted(&[format!("{}, {}", edge.reason, edge.place)]);
            let style = if edge.reason.is_foreign_key() {
                ", style=dashed"
            } else {
                ""
            };
            writeln!(
                f,
                "    {from} -> {to} [label={text}, tooltip={tip}, labeltooltip={tip}{style}];"
            )?;
        }
        for (entry, other) in label::independents(graph) {
            let (from, to) = (quoted(&[entry.entity]), quoted(&[other]));
            let tip = quoted(&[format!("independent, {}", entry.place)]);
            writeln!(
                f,
                "    {from} -> {to} [dir=none, style=dotted, color=gray, constraint=false, tooltip={tip}];"
            )?;
        }
        f.write_str("}\n")
    }
}

fn cluster(f: &mut Formatter<'_>, name: Option<&str>, nodes: &[&Node]) -> fmt::Result {
    let Some(name) = name else {
        return nodes.iter().try_for_each(|of| node(f, "    ", of));
    };
    let id = quoted(&[format!("cluster_{name}")]);
    writeln!(f, "    subgraph {id} {{")?;
    writeln!(f, "        label={};", quoted(&[name]))?;
    for of in nodes {
        node(f, "        ", of)?;
    }
    f.write_str("    }\n")
}

fn node(f: &mut Formatter<'_>, indent: &str, node: &Node) -> fmt::Result {
    let id = quoted(&[node.prefix]);
    let text = quoted(&label::of_node(node));
    let tip = quoted(&[format!("{}, {}", node.path, node.place)]);
    writeln!(f, "{indent}{id} [label={text}, tooltip={tip}];")
}

/// A quoted string of these lines. A backslash would begin an escape such as `\N`, the name of the node, and `&` a letter of
/// HTML.
fn quoted<T: AsRef<str>>(lines: &[T]) -> String {
    let mut text = String::from("\"");
    for (at, line) in lines.iter().enumerate() {
        text.push_str(if at > 0 { "\\n" } else { "" });
        for letter in line.as_ref().chars() {
            match letter {
                '"' | '\\' => text.extend(['\\', letter]),
                '&' => text.push_str("&amp;"),
                letter if letter.is_control() => text.push(' '),
                letter => text.push(letter),
            }
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn nothing_in_a_name_ends_its_quotes_or_begins_an_escape() {
        assert_eq!(quoted(&["a\"; b -> c"]), r#""a\"; b -> c""#);
        assert_eq!(quoted(&["\\N\\ &lt;"]), r#""\\N\\ &amp;lt;""#);
        assert_eq!(quoted(&["two", "li\nnes"]), r#""two\nli nes""#);
    }
}
