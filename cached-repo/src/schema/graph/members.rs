//! The entities of a schema, before their edges are resolved.

use super::super::entity::InSchema;
use super::super::meta::{EntityMeta, RelationMeta};

/// The members of a schema, with the targets of their edges as positions in its list.
#[derive(Debug)]
pub struct Members<const N: usize> {
    /// What the derive knows about each.
    pub metas: [&'static EntityMeta; N],
    /// Targets of [`EntityMeta::dependents`].
    pub out: [&'static [usize]; N],
    /// Targets of [`EntityMeta::depends_on`].
    pub inward: [&'static [usize]; N],
    /// Relations, where the format shows them.
    pub relations: [Option<&'static [RelationMeta]>; N],
    /// Which members SeaORM relates: `related[a][b]` if there is `impl Related<b> for a`; empty if nobody has asked.
    pub related: &'static [[bool; N]],
    /// Whether relations must be settled.
    pub checked: bool,
}

/// [`Members::metas`] of one member; bound to the schema like the next two, so that an entity which does not belong to
/// it is reported once.
#[must_use]
pub const fn meta_of<E: InSchema<S>, S>() -> &'static EntityMeta {
    E::META
}

/// [`Members::out`] of one member.
#[must_use]
pub const fn out_of<E: InSchema<S>, S>() -> &'static [usize] {
    E::OUT
}

/// [`Members::inward`] of one member.
#[must_use]
pub const fn inward_of<E: InSchema<S>, S>() -> &'static [usize] {
    E::IN
}

/// Finds members by the identity of their entities: an open hash table of `M` slots, a power of two beyond twice their
/// number.
#[derive(Debug)]
pub struct Index<const M: usize> {
    ids: [u64; M],
    /// Position in the list and one more; 0 for none.
    members: [u16; M],
}

impl<const M: usize> Index<M> {
    /// The index of these members.
    #[must_use]
    pub const fn of<const N: usize>(members: &Members<N>) -> Self {
        let mut index = Self {
            ids: [0; M],
            members: [0; M],
        };
        let mut member = 0;
        while member < N {
            let id = members.metas[member].ident.id;
            let mut slot = id as usize & (M - 1);
            while index.members[slot] != 0 {
                slot = (slot + 1) & (M - 1);
            }
            index.ids[slot] = id;
            index.members[slot] = member as u16 + 1;
            member += 1;
        }
        index
    }

    /// The member with this identity.
    pub(super) const fn find(&self, id: u64) -> Option<usize> {
        let mut slot = id as usize & (M - 1);
        while self.members[slot] != 0 {
            if self.ids[slot] == id {
                return Some(self.members[slot] as usize - 1);
            }
            slot = (slot + 1) & (M - 1);
        }
        None
    }
}
