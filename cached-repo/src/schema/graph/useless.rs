//! What is legal but has no effect, or more than was planned: warnings.

use super::super::meta::RelationMeta;
use super::build::Graph;
use super::members::{Index, Members};
use super::plan::{Reach, Step};

/// A warning at the tokens that it is called from, if `ON`. The compiler has no other way to let a library warn.
#[derive(Debug)]
pub struct Warn<const ON: bool>;

/// What [`Warn`] says if it is off, and also if the compiler cannot tell, because of an error that it reports elsewhere.
pub trait Silent {
    /// Nothing to say.
    const CASCADE: () = ();
    /// Nothing to say.
    const EDGE: () = ();
    /// Nothing to say.
    const INDEPENDENT: () = ();
    /// Nothing to say.
    const FAN_OUT: () = ();
}

impl<const ON: bool> Silent for Warn<ON> {}

impl Warn<true> {
    /// An edge cascades for nothing.
    #[deprecated(
        note = "an edge from this entity cascades without effect: no edge leads into the entity; remove `cascade`"
    )]
    pub const CASCADE: () = ();
    /// An edge says what is so anyway.
    #[deprecated(
        note = "an edge from this entity has no effect: its writes invalidate all entries of the dependent anyway, by another \
                way; remove the edge"
    )]
    pub const EDGE: () = ();
    /// There is no relation to settle.
    #[deprecated(
        note = "an entry of `independent(..)` of this entity has no effect: no relation with that entity is declared to SeaORM; \
                remove the entry"
    )]
    pub const INDEPENDENT: () = ();
    /// A write does more than it may.
    #[deprecated(
        note = "a write to this entity takes more steps than the `fan_out` of the schema allows; `graph()` shows them, raise \
                it if they are meant"
    )]
    pub const FAN_OUT: () = ();
}

/// Whether an edge from the member cascades, and nothing leads into the member.
#[must_use]
pub const fn cascades_for_nothing<const N: usize, const E: usize>(
    graph: &Graph<N, E>,
    member: usize,
) -> bool {
    if !graph.inward(member).is_empty() {
        return false;
    }
    let edges = graph.out(member);
    let mut at = 0;
    while at < edges.len() {
        if edges[at].is_declared() && edges[at].cascade {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether a declared edge from the member needs no step, because all entries of its dependent go anyway. An edge that settles
/// a relation is there to stay, so one that may do so is passed over.
#[must_use]
pub const fn has_useless_edge<const N: usize, const E: usize>(
    members: &Members<N>,
    graph: &Graph<N, E>,
    member: usize,
    steps: &[Step],
) -> bool {
    let edges = graph.out(member);
    let mut at = 0;
    while at < edges.len() && !leads_back(member, steps) {
        let edge = &edges[at];
        let mut step = 0;
        while step < steps.len() {
            // An edge that cascades is followed further, whatever becomes of its own dependent.
            if edge.is_declared()
                && !edge.cascade
                && steps[step].entity == edge.dependent
                && matches!(steps[step].reach, Reach::Whole)
                && edge.on & !steps[step].on == 0
                && are_strangers(members, member, edge.dependent as usize)
            {
                return true;
            }
            step += 1;
        }
        at += 1;
    }
    false
}

/// Whether both show their relations, and none with each other.
const fn are_strangers<const N: usize>(members: &Members<N>, one: usize, other: usize) -> bool {
    match (members.relations[one], members.relations[other]) {
        (Some(ours), Some(theirs)) => {
            !lists(ours, members.metas[other].ident.id)
                && !lists(theirs, members.metas[one].ident.id)
        }
        _ => false,
    }
}

/// Whether the writes of a member invalidate all of itself: then it stands in a circle, and that is said.
const fn leads_back(member: usize, steps: &[Step]) -> bool {
    let mut at = 0;
    while at < steps.len() {
        if steps[at].entity as usize == member && matches!(steps[at].reach, Reach::Whole) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether the member is independent of a member that it has no relation with, as far as both formats show.
#[must_use]
pub const fn is_independent_of_strangers<const N: usize, const M: usize>(
    members: &Members<N>,
    index: &Index<M>,
    member: usize,
) -> bool {
    let entries = members.metas[member].independent;
    let mut at = 0;
    while at < entries.len() {
        let entry = &entries[at];
        at += 1;
        if let Some(other) = &entry.other
            && let Some(there) = index.find(other.id)
            && are_strangers(members, member, there)
        {
            return true;
        }
    }
    false
}

const fn lists(relations: &[RelationMeta], id: u64) -> bool {
    let mut at = 0;
    while at < relations.len() {
        if let Some(other) = &relations[at].other
            && other.id == id
        {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether the steps are more than the budget; 0 allows any number.
#[must_use]
pub const fn is_over(steps: &[Step], budget: usize) -> bool {
    budget != 0 && steps.len() > budget
}
