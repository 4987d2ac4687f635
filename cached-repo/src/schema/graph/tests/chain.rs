//! Cascades that are followed row by row.

use super::{cascade, look_up, on_delete, steps};
use crate::schema::testing::draft::{Draft, edge, names};
use crate::schema::{Action, EdgeMeta};

/// Entities `a`, `b` and so on, each with a key of the one before.
fn line(count: usize) -> Draft {
    let mut draft = Draft::default();
    for at in 0..count {
        draft.add(letter(at), "*id up other");
    }
    draft
}

fn letter(at: usize) -> &'static str {
    &"abcdefgh"[at..=at]
}

/// A line in which every edge but the first is looked up.
fn looked_up(count: usize) -> Draft {
    let mut draft = line(count);
    for at in 1..count {
        let down = if at == 1 { edge } else { look_up };
        draft.declare(letter(at - 1), down(letter(at), "up"));
    }
    draft
}

#[test]
fn rows_behind_lookups_are_found_hop_by_hop() {
    assert_eq!(
        steps(looked_up(4), "a"),
        ["b by up = id", "c found by a > b", "d found by a > b > c",]
    );
}

#[test]
fn a_chain_begins_where_the_write_is() {
    assert_eq!(
        steps(looked_up(4), "b"),
        ["c by up = id", "d found by b > c"]
    );
}

#[test]
fn a_chain_of_more_than_four_edges_takes_the_whole() {
    assert_eq!(
        steps(looked_up(7), "a"),
        [
            "b by up = id",
            "c found by a > b",
            "d found by a > b > c",
            "e found by a > b > c > d",
            "f whole",
            "g whole",
        ]
    );
}

#[test]
fn more_than_thirty_two_chains_take_the_whole() {
    let mut draft = Draft::default();
    draft.add("a", "*id");
    draft.add("b", "*id v1 v2 v3 v4 v5 v6");
    draft.add("c", "*id v1 v2 v3 v4 v5 v6");
    for via in ["v1", "v2", "v3", "v4", "v5", "v6"] {
        draft.declare("a", edge("b", via));
        draft.declare("b", look_up("c", via));
    }
    let steps = steps(draft, "a");
    assert_eq!(steps.len(), 7, "{steps:?}");
    assert_eq!(steps[6], "c whole", "36 chains");
}

#[test]
fn what_cascades_without_lookup_from_a_chain_goes_as_a_whole() {
    let mut draft = line(4);
    draft.declare("a", edge("b", "up"));
    draft.declare("b", look_up("c", "up"));
    draft.declare("c", cascade("d", "up"));
    assert_eq!(
        steps(draft, "a"),
        ["b by up = id", "c found by a > b", "d whole"]
    );
}

#[test]
fn nothing_is_looked_up_behind_a_whole() {
    let mut draft = line(4);
    draft.declare("a", edge("b", "up"));
    draft.declare("b", cascade("c", "up"));
    draft.declare("c", look_up("d", "up"));
    assert_eq!(steps(draft, "a"), ["b by up = id", "c whole", "d whole"]);
}

#[test]
fn chains_of_several_ways_each_keep_their_writes() {
    let mut draft = Draft::default();
    draft.add("a", "*id name code");
    draft.add("b", "*id up other");
    draft.add("c", "*id up");
    for (via, on) in [("up", "name"), ("other", "code")] {
        draft.declare(
            "a",
            EdgeMeta {
                on: names(on),
                ..edge("b", via)
            },
        );
    }
    draft.declare("b", look_up("c", "up"));
    assert_eq!(
        steps(draft, "a"),
        [
            "b by up = id on id name insert delete",
            "b by other = id on id code insert delete",
            "c found by a > b on id name insert delete",
            "c found by a > b on id code insert delete",
        ]
    );
}

#[test]
fn a_tree_is_looked_up_by_its_own_edge() {
    let mut draft = line(2);
    draft.declare("a", edge("a", "up"));
    draft.declare("a", look_up("b", "up"));
    assert_eq!(
        steps(draft, "a"),
        ["a by up = id", "b by up = id", "b found by a > a"]
    );
}

#[test]
fn rows_that_the_database_changes_are_not_looked_up() {
    let mut draft = line(3);
    draft.declare("a", on_delete(Action::Cascade, "b", "up"));
    draft.declare("b", look_up("c", "up"));
    assert_eq!(
        steps(draft, "a"),
        ["b by up = id", "c found by a > b", "c whole on delete"],
        "the rows between are gone when the database is asked"
    );
}
