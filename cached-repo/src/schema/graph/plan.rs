//! The invalidation plan: what a write to an entity invalidates beyond itself, as a flat list that a write walks.

use super::build::Graph;
use super::columns::{Columns, FieldSet};
use super::edge::Edge;
use super::walk::{Chain, Walk};

/// One consequence of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The entity whose entries are invalidated.
    pub(crate) entity: u16,
    pub(crate) reach: Reach,
    /// The writes that take this step.
    pub(crate) on: FieldSet,
}

/// Which entries a step reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those whose columns of this partition hold the written row's values of `from`, or its primary key if that is empty.
    Partition {
        /// Number of the partition.
        number: u16,
        /// Columns of the written row.
        from: Columns,
    },
    /// Those of the last edge's partition, whose keys are found in the database by following these edges.
    Found(Chain),
    /// All of them: behind the first hop the rows are no function of the written row alone.
    Whole,
}

impl Step {
    pub(super) const EMPTY: Self = Self {
        entity: 0,
        reach: Reach::Whole,
        on: 0,
    };
}

/// The steps of `K` members, from the one at `first`.
#[derive(Debug)]
pub struct Plan<const K: usize, const C: usize> {
    steps: [Step; C],
    start: [u32; K],
    count: [u32; K],
}

/// How many steps `members` members have, from the one at `first`.
#[must_use]
pub const fn count_steps<const N: usize, const E: usize>(
    graph: &Graph<N, E>,
    first: usize,
    members: usize,
) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < members {
        count = steps(graph, first + at, &mut [], count);
        at += 1;
    }
    count
}

impl<const K: usize, const C: usize> Plan<K, C> {
    /// The plan of `K` members from the one at `first`; `C` is what [`count_steps`] says.
    #[must_use]
    pub const fn of<const N: usize, const E: usize>(graph: &Graph<N, E>, first: usize) -> Self {
        let mut plan = Self {
            steps: [Step::EMPTY; C],
            start: [0; K],
            count: [0; K],
        };
        let (mut at, mut used) = (0, 0);
        while at < K {
            let end = steps(graph, first + at, &mut plan.steps, used);
            plan.start[at] = used as u32;
            plan.count[at] = (end - used) as u32;
            used = end;
            at += 1;
        }
        plan
    }

    /// The steps of the member that is this many behind the first.
    #[must_use]
    pub const fn steps(&self, at: usize) -> &[Step] {
        let rest = self.steps.split_at(self.start[at] as usize).1;
        rest.split_at(self.count[at] as usize).0
    }
}

/// Writes the steps of `root` to `out` from `at`, if there is an `out`; returns where they end.
const fn steps<const N: usize, const E: usize>(
    graph: &Graph<N, E>,
    root: usize,
    out: &mut [Step],
    at: usize,
) -> usize {
    if graph.out(root).is_empty() {
        return at;
    }
    let walk = Walk::<N>::of(graph, root);
    let mut sink = Sink { out, at };
    let edges = graph.out(root);
    let mut edge = 0;
    while edge < edges.len() {
        if is_step(&walk, edges, edge) {
            sink.add(Step {
                entity: edges[edge].dependent,
                reach: Reach::Partition {
                    number: edges[edge].partition,
                    from: edges[edge].from,
                },
                on: edges[edge].on,
            });
        }
        edge += 1;
    }
    let mut found = 0;
    while found < walk.found_count {
        let (chain, on) = walk.found[found];
        let entity = graph.edges()[chain.last()].dependent;
        if on & !walk.coarse[entity as usize] != 0 {
            sink.add(Step {
                entity,
                reach: Reach::Found(chain),
                on,
            });
        }
        found += 1;
    }
    let mut seen = 0;
    while seen < walk.seen_count {
        let entity = walk.seen[seen];
        let on = walk.coarse[entity as usize];
        if on != 0 {
            sink.add(Step {
                entity,
                reach: Reach::Whole,
                on,
            });
        }
        seen += 1;
    }
    sink.at
}

/// Whether a direct edge needs a step of its own: what goes as a whole, or goes already, does not.
const fn is_step<const N: usize>(walk: &Walk<N>, edges: &[Edge], at: usize) -> bool {
    let edge = &edges[at];
    let dependent = edge.dependent as usize;
    if !edge.is_exact() || edge.on & !walk.coarse[dependent] == 0 {
        return false;
    }
    let first = &edges[walk.first[dependent] as usize];
    let is_first = walk.first[dependent] as usize == at;
    is_first
        || first.dependent != edge.dependent
        || first.partition != edge.partition
        || !first.from.same(&edge.from)
        || !first.is_exact()
        || edge.on & !first.on != 0
}

struct Sink<'a> {
    out: &'a mut [Step],
    at: usize,
}

impl Sink<'_> {
    const fn add(&mut self, step: Step) {
        if self.at < self.out.len() {
            self.out[self.at] = step;
        }
        self.at += 1;
    }
}
