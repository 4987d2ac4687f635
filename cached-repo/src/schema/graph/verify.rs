//! Checks on a whole schema, made while the program compiles: `cached_schema!` puts each into a constant.
//!
//! A constant that panics is an error at the tokens that it was made from, and shows the text of the panic.

use super::super::meta::{EntityIdent, hash};
use super::build::Graph;
use super::edge::{Edge, List, Origin, place};
use super::members::Members;
use super::text::{Text, same};

/// For each member, the first one that has its prefix or table, and one more; 0 for none.
#[derive(Debug)]
pub struct Clashes<const N: usize> {
    prefix: [u16; N],
    table: [u16; N],
}

impl<const N: usize> Clashes<N> {
    /// The clashes of these members, found in hash tables of `M` slots: to compare each with each takes too long.
    #[must_use]
    pub const fn of<const M: usize>(members: &Members<N>) -> Self {
        let mut clashes = Self {
            prefix: [0; N],
            table: [0; N],
        };
        let (mut prefixes, mut tables) = ([0; M], [0; M]);
        let mut member = 0;
        while member < N {
            let ident = &members.metas[member].ident;
            clashes.prefix[member] = enter(&mut prefixes, members, ident.prefix, member, false);
            if !ident.table.is_empty() {
                clashes.table[member] = enter(&mut tables, members, ident.table, member, true);
            }
            member += 1;
        }
        clashes
    }
}

/// Enters a name into a hash table of members; returns the one that has it already, and one more.
const fn enter<const N: usize, const M: usize>(
    slots: &mut [u16; M],
    members: &Members<N>,
    name: &str,
    member: usize,
    is_table: bool,
) -> u16 {
    let mut slot = hash(name) as usize & (M - 1);
    while slots[slot] != 0 {
        let ident = &members.metas[slots[slot] as usize - 1].ident;
        let other = if is_table { ident.table } else { ident.prefix };
        if same(other, name) {
            return slots[slot];
        }
        slot = (slot + 1) & (M - 1);
    }
    slots[slot] = member as u16 + 1;
    0
}

/// Panics if an earlier member has the prefix or the table of the one at `at`.
#[track_caller]
pub const fn assert_own_names<const N: usize>(
    members: &Members<N>,
    clashes: &Clashes<N>,
    at: usize,
) {
    let ident = &members.metas[at].ident;
    let mut text = Text::new();
    if clashes.prefix[at] != 0 {
        let earlier = &members.metas[clashes.prefix[at] as usize - 1].ident;
        text.add("two entities have the prefix `").add(ident.prefix);
        text.add("`, so that they would share their keys:");
        both(&mut text, earlier, ident);
        text.add("\n  give one of them another: `#[cached(prefix = \"..\")]`");
    } else if clashes.table[at] != 0 {
        let earlier = &members.metas[clashes.table[at] as usize - 1].ident;
        text.add("two entities map the table `").add(ident.table);
        text.add("`, so that a write to one would leave what is cached of the other as it is:");
        both(&mut text, earlier, ident);
        text.add("\n  list one of them only");
    } else {
        return;
    }
    panic!("{}", text.as_str());
}

const fn both(text: &mut Text, one: &EntityIdent, other: &EntityIdent) {
    text.add("\n    `").add(one.path).add("` (").at(one.place);
    text.add(")\n    `").add(other.path).add("` (");
    text.at(other.place).add(")");
}

/// Panics if an edge that the member at `at` declares is declared again, here or at its other end, or names a field that is
/// no column.
#[track_caller]
pub const fn assert_edges_once<const N: usize, const E: usize>(
    members: &Members<N>,
    graph: &Graph<N, E>,
    at: usize,
) {
    let inward = graph.inward(at);
    let mut one = 0;
    while one < inward.len() {
        let edge = &graph.edges()[inward[one] as usize];
        assert_columns(members, edge);
        let mut other = 0;
        while other < one {
            assert_differ(members, &graph.edges()[inward[other] as usize], edge);
            other += 1;
        }
        one += 1;
    }
}

#[track_caller]
const fn assert_differ<const N: usize>(members: &Members<N>, one: &Edge, other: &Edge) {
    let same = one.is_declared()
        && other.is_declared()
        && one.parent == other.parent
        && one.partition == other.partition
        && one.from.same(&other.from);
    if !same {
        return;
    }
    let mut text = Text::new();
    text.add("the edge from `")
        .add(members.metas[one.parent as usize].ident.prefix);
    text.add("` to `")
        .add(members.metas[one.dependent as usize].ident.prefix)
        .add("` via ");
    via(&mut text, members, one.origin);
    text.add(" is declared twice:\n    ")
        .at(place(members, one.origin));
    text.add("\n    ").at(place(members, other.origin));
    text.add("\n  remove one of the two");
    panic!("{}", text.as_str());
}

/// The columns of an edge, as they are declared.
pub(super) const fn via<const N: usize>(text: &mut Text, members: &Members<N>, origin: Origin) {
    let (member, at) = (origin.member as usize, origin.at as usize);
    match (origin.list, members.relations[member]) {
        (List::Dependents, _) => text.names(members.metas[member].dependents[at].via),
        (List::DependsOn, _) => text.names(members.metas[member].depends_on[at].via),
        (List::Relations, Some(relations)) => text.names(relations[at].from),
        (List::Relations, None) => text,
    };
}

/// A field that SeaORM ignores passes for a column everywhere but here.
#[track_caller]
const fn assert_columns<const N: usize>(members: &Members<N>, edge: &Edge) {
    let missing = if edge.via.has_missing() {
        edge.dependent
    } else if edge.from.has_missing() {
        edge.parent
    } else {
        return;
    };
    let mut text = Text::new();
    text.add("an edge names a field of `")
        .add(members.metas[missing as usize].ident.prefix);
    text.add("` that is no column of its table:\n    ")
        .at(place(members, edge.origin));
    text.add("\n  name columns that SeaORM does not ignore, at most 12 of the first 126");
    panic!("{}", text.as_str());
}
