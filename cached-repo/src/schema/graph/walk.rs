//! Where the consequences of a write end: a walk over the graph from the written entity.

use super::build::Graph;
use super::columns::FieldSet;
use super::edge::Edge;

/// Edges of one chain that is followed row by row.
const MAX_HOPS: usize = 4;

/// Chains of one entity that are followed row by row.
const MAX_CHAINS: usize = 32;

/// Edges that are followed row by row, by their positions among all edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    edges: [u16; MAX_HOPS],
    count: u8,
}

impl Chain {
    const EMPTY: Self = Self {
        edges: [0; MAX_HOPS],
        count: 0,
    };

    /// This chain with one more edge.
    const fn with(&self, edge: usize) -> Self {
        let mut longer = *self;
        longer.edges[self.count as usize] = edge as u16;
        longer.count += 1;
        longer
    }

    /// The last edge.
    pub(crate) const fn last(&self) -> usize {
        self.edges[self.count as usize - 1] as usize
    }

    /// The first edge.
    pub(crate) const fn first(&self) -> usize {
        self.edges[0] as usize
    }

    /// Its edges but for the last, each with the next.
    pub(crate) fn hops(&self) -> impl Iterator<Item = (usize, usize)> {
        self.iter().zip(self.iter().skip(1))
    }

    /// Its edges.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.edges[..usize::from(self.count)]
            .iter()
            .map(|edge| usize::from(*edge))
    }
}

/// What a write to the root does to each member. Each set tells which writes to the root do so; they are united over all
/// paths: with the first path alone, a diamond of edges with different `on` filters would miss invalidations.
pub(super) struct Walk<const N: usize> {
    /// Entries of rows that are known from the root's row, by an edge or a chain.
    precise: [FieldSet; N],
    /// All entries.
    pub(super) coarse: [FieldSet; N],
    /// The database changes or deletes rows.
    written: [FieldSet; N],
    /// How it does, as a write to the member itself.
    as_write: [FieldSet; N],
    /// The first direct edge to a member.
    pub(super) first: [u16; N],
    /// Members in the order in which they were met.
    pub(super) seen: [u16; N],
    pub(super) seen_count: usize,
    is_seen: [bool; N],
    queue: [u16; N],
    queue_start: usize,
    queue_count: usize,
    is_queued: [bool; N],
    pub(super) found: [(Chain, FieldSet); MAX_CHAINS],
    pub(super) found_count: usize,
}

impl<const N: usize> Walk<N> {
    pub(super) const fn of<const E: usize>(graph: &Graph<N, E>, root: usize) -> Self {
        let mut walk = Self {
            precise: [0; N],
            coarse: [0; N],
            written: [0; N],
            as_write: [0; N],
            first: [0; N],
            seen: [0; N],
            seen_count: 0,
            is_seen: [false; N],
            queue: [0; N],
            queue_start: 0,
            queue_count: 0,
            is_queued: [false; N],
            found: [(Chain::EMPTY, 0); MAX_CHAINS],
            found_count: 0,
        };
        walk.begin(graph, root);
        while let Some(member) = walk.take() {
            let edges = graph.out(member);
            let mut at = 0;
            while at < edges.len() {
                walk.follow(member, &edges[at]);
                at += 1;
            }
        }
        walk
    }

    /// The direct edges, and the chains that begin with them.
    const fn begin<const E: usize>(&mut self, graph: &Graph<N, E>, root: usize) {
        let edges = graph.out(root);
        let mut at = 0;
        while at < edges.len() {
            let edge = &edges[at];
            let dependent = edge.dependent as usize;
            if !self.is_seen[dependent] {
                self.first[dependent] = at as u16;
            }
            self.meet(dependent);
            if edge.is_exact() {
                self.precise[dependent] |= edge.on;
            } else {
                self.coarse[dependent] |= edge.on;
            }
            if edge.is_declared() {
                let chain = Chain::EMPTY.with(graph.first_out(root) + at);
                self.chains(graph, dependent, &chain, edge.on);
            } else {
                self.written[dependent] |= edge.on;
                self.as_write[dependent] |= edge.effect();
            }
            at += 1;
        }
    }

    /// Chains of lookups from a member that `chain` reaches; those that are too long or too many go coarse.
    const fn chains<const E: usize>(
        &mut self,
        graph: &Graph<N, E>,
        member: usize,
        chain: &Chain,
        on: FieldSet,
    ) {
        let edges = graph.out(member);
        let mut at = 0;
        while at < edges.len() {
            if edges[at].cascade && edges[at].lookup > 0 {
                let dependent = edges[at].dependent as usize;
                self.meet(dependent);
                if chain.count as usize == MAX_HOPS || self.found_count == MAX_CHAINS {
                    self.coarse[dependent] |= on;
                } else {
                    let longer = chain.with(graph.first_out(member) + at);
                    self.found[self.found_count] = (longer, on);
                    self.found_count += 1;
                    self.precise[dependent] |= on;
                    self.chains(graph, dependent, &longer, on);
                }
            }
            at += 1;
        }
    }

    /// What becomes of the dependent of `edge`, whose parent was reached.
    const fn follow(&mut self, parent: usize, edge: &Edge) {
        let dependent = edge.dependent as usize;
        let before = (
            self.coarse[dependent],
            self.written[dependent],
            self.as_write[dependent],
        );
        let written = if self.as_write[parent] & edge.on != 0 {
            self.written[parent]
        } else {
            0
        };
        self.coarse[dependent] |= written;
        if edge.is_declared() {
            // The parent was not written by the program, so no column of it is known to be unchanged: `on` does not apply.
            if edge.cascade {
                self.coarse[dependent] |= self.coarse[parent] | self.written[parent];
            }
            if edge.cascade && edge.lookup == 0 {
                self.coarse[dependent] |= self.precise[parent];
            }
        } else if written != 0 {
            self.written[dependent] |= written;
            self.as_write[dependent] |= edge.effect();
        }
        if before.0 != self.coarse[dependent]
            || before.1 != self.written[dependent]
            || before.2 != self.as_write[dependent]
        {
            self.meet(dependent);
        }
    }

    /// Notes that a member is reached, or reached by more.
    const fn meet(&mut self, member: usize) {
        if !self.is_seen[member] {
            self.is_seen[member] = true;
            self.seen[self.seen_count] = member as u16;
            self.seen_count += 1;
        }
        if !self.is_queued[member] {
            self.is_queued[member] = true;
            self.queue[(self.queue_start + self.queue_count) % N] = member as u16;
            self.queue_count += 1;
        }
    }

    const fn take(&mut self) -> Option<usize> {
        if self.queue_count == 0 {
            return None;
        }
        let member = self.queue[self.queue_start] as usize;
        self.queue_start = (self.queue_start + 1) % N;
        self.queue_count -= 1;
        self.is_queued[member] = false;
        Some(member)
    }
}
