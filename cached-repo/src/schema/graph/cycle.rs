//! Edges that cascade must not lead back to where they began: checked while the program compiles.

use super::build::Graph;
use super::edge::{Edge, place};
use super::members::Members;
use super::text::Text;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Not,
    /// On the way from the root.
    Under,
    Done,
}

/// Panics if edges that cascade make a circle. What the database does by itself may go in circles: it ends when no row is
/// left to change.
#[track_caller]
pub const fn assert_no_cycle<const N: usize, const E: usize>(
    members: &Members<N>,
    graph: &Graph<N, E>,
) {
    let mut visits = [Visit::Not; N];
    let mut root = 0;
    while root < N {
        if matches!(visits[root], Visit::Not) && !graph.out(root).is_empty() {
            walk(members, graph, root, &mut visits);
        }
        root += 1;
    }
}

const fn cascades(edge: &Edge) -> bool {
    edge.is_declared() && edge.cascade
}

/// Goes down all edges from `root`, deepest first.
#[track_caller]
const fn walk<const N: usize, const E: usize>(
    members: &Members<N>,
    graph: &Graph<N, E>,
    root: usize,
    visits: &mut [Visit; N],
) {
    let mut way = [root; N];
    let mut next = [0; N];
    let mut depth = 1;
    visits[root] = Visit::Under;
    while depth > 0 {
        let from = way[depth - 1];
        let edges = graph.out(from);
        if next[from] == edges.len() {
            visits[from] = Visit::Done;
            depth -= 1;
            continue;
        }
        let edge = &edges[next[from]];
        next[from] += 1;
        if !cascades(edge) {
            continue;
        }
        let target = edge.dependent as usize;
        match visits[target] {
            Visit::Under => report(members, graph, target),
            Visit::Done => {}
            Visit::Not => {
                visits[target] = Visit::Under;
                way[depth] = target;
                depth += 1;
            }
        }
    }
}

/// The shortest circle through `member`: the nearest way back, breadth first.
#[track_caller]
const fn report<const N: usize, const E: usize>(
    members: &Members<N>,
    graph: &Graph<N, E>,
    member: usize,
) {
    // The edge by which each was reached, and one more; 0 for none.
    let mut reached_by = [0; N];
    let mut queue = [member; N];
    let (mut start, mut end) = (0, 1);
    while start < end && reached_by[member] == 0 {
        let from = queue[start];
        start += 1;
        let edges = graph.out(from);
        let mut at = 0;
        while at < edges.len() {
            let target = edges[at].dependent as usize;
            if cascades(&edges[at]) && reached_by[target] == 0 {
                reached_by[target] = graph.first_out(from) + at + 1;
                if target != member {
                    queue[end] = target;
                    end += 1;
                }
            }
            at += 1;
        }
    }
    panic_with(members, graph, member, &reached_by);
}

#[track_caller]
const fn panic_with<const N: usize, const E: usize>(
    members: &Members<N>,
    graph: &Graph<N, E>,
    member: usize,
    reached_by: &[usize; N],
) {
    let mut way = [0; N];
    let (mut first, mut here) = (N, member);
    while first > 0 {
        first -= 1;
        way[first] = reached_by[here] - 1;
        here = graph.edges()[way[first]].parent as usize;
        if here == member {
            break;
        }
    }
    let mut text = Text::new();
    text.add("edges that cascade lead from `")
        .add(members.metas[member].ident.prefix);
    text.add("` back to it:");
    while first < N {
        let edge = &graph.edges()[way[first]];
        text.add("\n    `")
            .add(members.metas[edge.parent as usize].ident.prefix)
            .add("` to `")
            .add(members.metas[edge.dependent as usize].ident.prefix)
            .add("` at ")
            .at(place(members, edge.origin));
        first += 1;
    }
    text.add("\n  remove `cascade` from one of them");
    panic!("{}", text.as_str());
}
