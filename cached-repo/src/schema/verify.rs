//! Checks on a whole schema, made while the program compiles: `cached_schema!` puts each into a constant.
//!
//! A constant that panics is an error at the tokens that it was made from, and shows the text of the panic.

use super::entity::InSchema;
use super::meta::{EdgeMeta, EntityMeta};
use super::text::{Text, same, same_names};

/// The members of a schema, with the targets of their edges as positions in its list.
#[derive(Debug)]
pub struct Members<const N: usize> {
    /// What the derive knows about each.
    pub metas: [&'static EntityMeta; N],
    /// Targets of [`EntityMeta::dependents`].
    pub out: [&'static [usize]; N],
    /// Targets of [`EntityMeta::depends_on`].
    pub inward: [&'static [usize]; N],
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

/// Panics if an earlier member has the prefix of the one at `at`.
#[track_caller]
pub const fn assert_own_prefix<const N: usize>(members: &Members<N>, at: usize) {
    let ident = &members.metas[at].ident;
    let mut other = 0;
    while other < at {
        let earlier = &members.metas[other].ident;
        if same(earlier.prefix, ident.prefix) {
            let mut text = Text::new();
            text.add("two entities have the prefix `").add(ident.prefix);
            text.add("`, so that they would share their keys:\n    `");
            text.add(earlier.path)
                .add("` (")
                .place(earlier.file, earlier.line);
            text.add(")\n    `").add(ident.path).add("` (");
            text.place(ident.file, ident.line);
            text.add(")\n  give one of them another: `#[cached(prefix = \"..\")]`");
            panic!("{}", text.as_str());
        }
        other += 1;
    }
}

/// Panics if an edge that the member at `at` declares is declared again, here or at its other end.
#[track_caller]
pub const fn assert_edges_once<const N: usize>(members: &Members<N>, at: usize) {
    let (out, targets) = (members.metas[at].dependents, members.out[at]);
    let mut one = 0;
    while one < out.len() {
        let target = targets[one];
        let (mirrored, parents) = (members.metas[target].depends_on, members.inward[target]);
        assert_none_is(
            members,
            at,
            target,
            &out[one],
            out.split_at(one).0,
            targets,
            target,
        );
        assert_none_is(members, at, target, &out[one], mirrored, parents, at);
        one += 1;
    }
    let (inward, parents) = (members.metas[at].depends_on, members.inward[at]);
    one = 0;
    while one < inward.len() {
        let parent = parents[one];
        let earlier = inward.split_at(one).0;
        assert_none_is(members, parent, at, &inward[one], earlier, parents, parent);
        one += 1;
    }
}

/// Panics if one of `others` has the columns of `edge` and leads to the member at `end`.
#[track_caller]
const fn assert_none_is<const N: usize>(
    members: &Members<N>,
    parent: usize,
    dependent: usize,
    edge: &EdgeMeta,
    others: &[EdgeMeta],
    ends: &[usize],
    end: usize,
) {
    let mut other = 0;
    while other < others.len() {
        if ends[other] == end {
            assert_differ(members, parent, dependent, &others[other], edge);
        }
        other += 1;
    }
}

#[track_caller]
const fn assert_differ<const N: usize>(
    members: &Members<N>,
    parent: usize,
    dependent: usize,
    one: &EdgeMeta,
    other: &EdgeMeta,
) {
    if !same_names(one.via, other.via) {
        return;
    }
    let mut text = Text::new();
    text.add("the edge from `")
        .add(members.metas[parent].ident.prefix);
    text.add("` to `")
        .add(members.metas[dependent].ident.prefix)
        .add("` via `");
    let mut at = 0;
    while at < one.via.len() {
        text.add(if at > 0 { "`, `" } else { "" }).add(one.via[at]);
        at += 1;
    }
    text.add("` is declared twice:\n    ")
        .place(one.file, one.line);
    text.add("\n    ").place(other.file, other.line);
    text.add("\n  remove one of the two");
    panic!("{}", text.as_str());
}
