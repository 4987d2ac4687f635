//! Edges that cascade must not lead back to where they began: checked while the program compiles.

use super::meta::EdgeMeta;
use super::text::Text;
use super::verify::Members;

/// The cascading edges of a schema, by the member that they begin at.
#[derive(Debug)]
pub struct Cascades<const N: usize, const E: usize> {
    prefixes: [&'static str; N],
    /// Edges of member `n`: `start[n]..start[n] + count[n]`.
    start: [usize; N],
    count: [usize; N],
    target: [usize; E],
    edge: [Option<&'static EdgeMeta>; E],
}

/// How many edges cascade.
#[must_use]
pub const fn count_cascades<const N: usize>(members: &Members<N>) -> usize {
    let (mut member, mut count) = (0, 0);
    while member < N {
        count += cascading(members.metas[member].dependents);
        count += cascading(members.metas[member].depends_on);
        member += 1;
    }
    count
}

const fn cascading(edges: &[EdgeMeta]) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < edges.len() {
        count += edges[at].cascade as usize;
        at += 1;
    }
    count
}

impl<const N: usize, const E: usize> Cascades<N, E> {
    /// `E` is what [`count_cascades`] says.
    #[must_use]
    pub const fn of(members: &Members<N>) -> Self {
        let mut all = Self {
            prefixes: [""; N],
            start: [0; N],
            count: [0; N],
            target: [0; E],
            edge: [None; E],
        };
        all.visit(members, false);
        let (mut member, mut start) = (0, 0);
        while member < N {
            all.prefixes[member] = members.metas[member].ident.prefix;
            all.start[member] = start;
            start += all.count[member];
            all.count[member] = 0;
            member += 1;
        }
        all.visit(members, true);
        all
    }

    /// Counts the edges of each member, or writes them down, too.
    const fn visit(&mut self, members: &Members<N>, write: bool) {
        let mut member = 0;
        while member < N {
            let (out, inward) = (
                members.metas[member].dependents,
                members.metas[member].depends_on,
            );
            let mut at = 0;
            while at < out.len() {
                self.add(member, members.out[member][at], &out[at], write);
                at += 1;
            }
            at = 0;
            while at < inward.len() {
                self.add(members.inward[member][at], member, &inward[at], write);
                at += 1;
            }
            member += 1;
        }
    }

    const fn add(&mut self, from: usize, to: usize, edge: &'static EdgeMeta, write: bool) {
        if !edge.cascade {
            return;
        }
        if write {
            let at = self.start[from] + self.count[from];
            self.target[at] = to;
            self.edge[at] = Some(edge);
        }
        self.count[from] += 1;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Not,
    /// On the way from the root.
    Under,
    Done,
}

/// Panics if edges that cascade make a circle.
#[track_caller]
pub const fn assert_no_cycle<const N: usize, const E: usize>(cascades: &Cascades<N, E>) {
    let mut visits = [Visit::Not; N];
    let mut root = 0;
    while root < N {
        if matches!(visits[root], Visit::Not) {
            walk(cascades, root, &mut visits);
        }
        root += 1;
    }
}

/// Goes down all edges from `root`, deepest first.
#[track_caller]
const fn walk<const N: usize, const E: usize>(
    cascades: &Cascades<N, E>,
    root: usize,
    visits: &mut [Visit; N],
) {
    let mut way = [root; N];
    let mut next = [0; N];
    let mut depth = 1;
    visits[root] = Visit::Under;
    while depth > 0 {
        let from = way[depth - 1];
        if next[from] == cascades.count[from] {
            visits[from] = Visit::Done;
            depth -= 1;
            continue;
        }
        let target = cascades.target[cascades.start[from] + next[from]];
        next[from] += 1;
        match visits[target] {
            Visit::Under => report(cascades, &way, depth, &next, target),
            Visit::Done => {}
            Visit::Not => {
                visits[target] = Visit::Under;
                way[depth] = target;
                depth += 1;
            }
        }
    }
}

/// The circle is the way from `again` to its end, and back.
#[track_caller]
const fn report<const N: usize, const E: usize>(
    cascades: &Cascades<N, E>,
    way: &[usize; N],
    depth: usize,
    next: &[usize; N],
    again: usize,
) {
    let mut first = depth - 1;
    while way[first] != again {
        first -= 1;
    }
    let mut text = Text::new();
    text.add("edges that cascade lead from `")
        .add(cascades.prefixes[again]);
    text.add("` back to it:");
    let mut at = first;
    while at < depth {
        let from = way[at];
        let taken = cascades.start[from] + next[from] - 1;
        text.add("\n    `")
            .add(cascades.prefixes[from])
            .add("` to `");
        text.add(cascades.prefixes[cascades.target[taken]])
            .add("` at ");
        if let Some(edge) = cascades.edge[taken] {
            text.place(edge.file, edge.line);
        }
        at += 1;
    }
    text.add("\n  remove `cascade` from one of them");
    panic!("{}", text.as_str());
}
