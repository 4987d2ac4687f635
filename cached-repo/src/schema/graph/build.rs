//! The graph of a schema.

use super::super::meta::{EdgeMeta, RelationKind};
use super::columns::Columns;
use super::edge::{DeclaredEdges, Edge, List, Origin, count_actions, declared, implied};
use super::members::{Index, Members};

/// The edges of a schema, by parent and by dependent.
#[derive(Debug)]
pub struct Graph<const N: usize, const E: usize> {
    /// Those of one parent stand together.
    edges: [Edge; E],
    out: Spans<N>,
    /// Positions in `edges`; those of one dependent stand together.
    inward: [u16; E],
    ins: Spans<N>,
    /// Distinct `via` of the edges into an entity, at the place of its inward edges.
    partitions: [Columns; E],
    partition_count: [u16; N],
}

/// For each member, where its part of an array begins and how long it is.
#[derive(Debug)]
struct Spans<const N: usize> {
    start: [u32; N],
    count: [u32; N],
}

impl<const N: usize> Spans<N> {
    const EMPTY: Self = Self {
        start: [0; N],
        count: [0; N],
    };

    /// From counts to starts; the counts begin anew.
    const fn lay_out(&mut self) {
        let (mut member, mut start) = (0, 0);
        while member < N {
            self.start[member] = start;
            start += self.count[member];
            self.count[member] = 0;
            member += 1;
        }
    }

    /// The next place of a member.
    const fn next(&mut self, member: usize) -> usize {
        let at = self.start[member] + self.count[member];
        self.count[member] += 1;
        at as usize
    }

    const fn slice<'a, T>(&self, array: &'a [T], member: usize) -> &'a [T] {
        let rest = array.split_at(self.start[member] as usize).1;
        rest.split_at(self.count[member] as usize).0
    }
}

/// How many edges there are.
#[must_use]
pub const fn count_edges<const N: usize, const M: usize>(
    members: &Members<N>,
    index: &Index<M>,
) -> usize {
    let (mut member, mut count) = (0, 0);
    while member < N {
        let meta = members.metas[member];
        count += count_declared(meta.dependents) + count_declared(meta.depends_on);
        let mut at = 0;
        while let Some(relations) = members.relations[member]
            && at < relations.len()
        {
            if parent_of(members, index, member, at).is_some() {
                count += count_actions(relations[at].on_delete, relations[at].on_update);
            }
            at += 1;
        }
        member += 1;
    }
    count
}

const fn count_declared(edges: &[EdgeMeta]) -> usize {
    let (mut at, mut count) = (0, edges.len());
    while at < edges.len() {
        count += count_actions(edges[at].on_delete, edges[at].on_update);
        at += 1;
    }
    count
}

/// The member that this relation of a member belongs to.
const fn parent_of<const N: usize, const M: usize>(
    members: &Members<N>,
    index: &Index<M>,
    member: usize,
    at: usize,
) -> Option<usize> {
    let Some(relations) = members.relations[member] else {
        return None;
    };
    match (relations[at].kind, &relations[at].other) {
        (RelationKind::BelongsTo, Some(other)) => index.find(other.id),
        _ => None,
    }
}

impl<const N: usize, const E: usize> Graph<N, E> {
    /// The graph of these members; `E` is what [`count_edges`] says.
    #[must_use]
    pub const fn of<const M: usize>(members: &Members<N>, index: &Index<M>) -> Self {
        let mut graph = Self {
            edges: [Edge::EMPTY; E],
            out: Spans::EMPTY,
            inward: [0; E],
            ins: Spans::EMPTY,
            partitions: [Columns::NONE; E],
            partition_count: [0; N],
        };
        graph.visit(members, index, false);
        graph.out.lay_out();
        graph.ins.lay_out();
        graph.visit(members, index, true);
        graph.widen();
        graph
    }

    /// What cascades from a row also shows what the row depends on: a write that turns the row to another parent counts,
    /// whatever `on` says.
    const fn widen(&mut self) {
        let mut at = 0;
        while at < E {
            let mut one = 0;
            while self.edges[at].cascade
                && one < self.ins.count[self.edges[at].parent as usize] as usize
            {
                let inward = self.inward(self.edges[at].parent as usize);
                let edge = &self.edges[inward[one] as usize];
                if edge.is_declared() {
                    self.edges[at].on |= edge.via.set();
                }
                one += 1;
            }
            at += 1;
        }
    }

    /// All edges.
    #[must_use]
    pub const fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Edges from a member.
    #[must_use]
    pub const fn out(&self, member: usize) -> &[Edge] {
        self.out.slice(&self.edges, member)
    }

    /// Where the edges from a member begin among all edges.
    pub(super) const fn first_out(&self, member: usize) -> usize {
        self.out.start[member] as usize
    }

    /// Edges into a member, by their positions among all edges.
    pub(super) const fn inward(&self, member: usize) -> &[u16] {
        self.ins.slice(&self.inward, member)
    }

    /// Column lists by which edges reach a member.
    #[must_use]
    pub const fn partitions(&self, member: usize) -> &[Columns] {
        let rest = self.partitions.split_at(self.ins.start[member] as usize).1;
        rest.split_at(self.partition_count[member] as usize).0
    }

    /// Counts the edges of each member, or writes them down, too.
    const fn visit<const M: usize>(&mut self, members: &Members<N>, index: &Index<M>, write: bool) {
        let mut member = 0;
        while member < N {
            self.list(members, member, List::Dependents, write);
            self.list(members, member, List::DependsOn, write);
            self.relations(members, index, member, write);
            member += 1;
        }
    }

    const fn list(&mut self, members: &Members<N>, member: usize, list: List, write: bool) {
        let meta = members.metas[member];
        let outward = matches!(list, List::Dependents);
        let edges = if outward {
            meta.dependents
        } else {
            meta.depends_on
        };
        let mut at = 0;
        while at < edges.len() {
            let ends = if outward {
                (member, members.out[member][at])
            } else {
                (members.inward[member][at], member)
            };
            if write {
                let origin = Origin {
                    member: member as u16,
                    list,
                    at: at as u16,
                };
                self.add(&declared(members, ends, &edges[at], origin));
            } else {
                self.count(
                    ends,
                    1 + count_actions(edges[at].on_delete, edges[at].on_update),
                );
            }
            at += 1;
        }
    }

    const fn relations<const M: usize>(
        &mut self,
        members: &Members<N>,
        index: &Index<M>,
        member: usize,
        write: bool,
    ) {
        let Some(relations) = members.relations[member] else {
            return;
        };
        let mut at = 0;
        while at < relations.len() {
            let count = count_actions(relations[at].on_delete, relations[at].on_update);
            if count > 0
                && let Some(parent) = parent_of(members, index, member, at)
            {
                if write {
                    let origin = Origin {
                        member: member as u16,
                        list: List::Relations,
                        at: at as u16,
                    };
                    self.add(&implied(members, (parent, member), &relations[at], origin));
                } else {
                    self.count((parent, member), count);
                }
            }
            at += 1;
        }
    }

    const fn count(&mut self, ends: (usize, usize), edges: usize) {
        self.out.count[ends.0] += edges as u32;
        self.ins.count[ends.1] += edges as u32;
    }

    const fn add(&mut self, made: &DeclaredEdges) {
        let mut made_at = 0;
        while made_at < made.count {
            let mut edge = made.edges[made_at];
            edge.partition = self.partition(edge.dependent as usize, &edge.via);
            let at = self.out.next(edge.parent as usize);
            self.edges[at] = edge;
            self.inward[self.ins.next(edge.dependent as usize)] = at as u16;
            made_at += 1;
        }
    }

    /// The number of the partition of a member by these columns.
    const fn partition(&mut self, member: usize, via: &Columns) -> u16 {
        let known = self.partitions(member);
        let mut number = 0;
        while number < known.len() {
            if known[number].same(via) {
                return number as u16;
            }
            number += 1;
        }
        self.partitions[self.ins.start[member] as usize + number] = *via;
        self.partition_count[member] += 1;
        number as u16
    }
}
