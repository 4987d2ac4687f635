//! Edges and partitions of the graph.

use super::super::{Cause, List};
use super::member;
use crate::schema::testing::draft::{Draft, edge, relation};
use crate::schema::{Action, EdgeMeta, RelationMeta};

fn draft() -> Draft {
    let mut draft = Draft::default();
    draft.add("user", "*id");
    draft.add("firm", "*id");
    draft.add("order", "*id owner_id sub_id");
    draft
}

#[test]
fn edges_by_the_same_columns_share_a_partition() {
    let mut draft = draft();
    draft.declare("user", edge("order", "owner_id"));
    draft.of("order").depends_on.push(edge("firm", "owner_id"));
    draft.of("order").relations = Some(vec![RelationMeta {
        on_delete: Action::Cascade,
        ..relation("owner", "user", "owner_id")
    }]);
    draft.of("order").depends_on.push(edge("firm", "sub_id"));
    let tables = draft.tables();
    let order = member(tables, "order");
    let numbers: Vec<u16> = (tables.edges.iter())
        .filter(|edge| usize::from(edge.dependent) == order)
        .map(|edge| edge.partition)
        .collect();
    assert_eq!(tables.partitions[order].len(), 2);
    assert_eq!(numbers, [0, 0, 0, 1]);
}

#[test]
fn the_order_of_columns_makes_another_partition() {
    let mut draft = Draft::default();
    draft.add("user", "*a *b");
    draft.add("order", "*id x y");
    for via in ["x y", "y x"] {
        draft.declare("user", edge("order", via));
    }
    assert_eq!(draft.tables().partitions[1].len(), 2);
}

#[test]
fn edges_of_a_parent_stand_together_and_say_where_they_come_from() {
    let mut draft = draft();
    draft.declare("firm", edge("order", "owner_id"));
    draft.of("order").depends_on.push(edge("user", "owner_id"));
    draft.of("order").depends_on.push(EdgeMeta {
        on_update: Action::SetNull,
        ..edge("user", "sub_id")
    });
    let tables = draft.tables();
    let told: Vec<_> = (tables.edges.iter())
        .map(|edge| (edge.parent, edge.cause, edge.origin.list, edge.origin.at))
        .collect();
    assert_eq!(
        told,
        [
            (0, Cause::Declared, List::DependsOn, 0),
            (0, Cause::Declared, List::DependsOn, 1),
            (0, Cause::Updated(Action::SetNull), List::DependsOn, 1),
            (1, Cause::Declared, List::Dependents, 0),
        ]
    );
}

#[test]
fn what_the_database_does_is_neither_cascade_nor_lookup() {
    let mut draft = draft();
    draft.declare(
        "user",
        EdgeMeta {
            cascade: true,
            lookup: 5,
            on_delete: Action::Cascade,
            ..edge("order", "owner_id")
        },
    );
    let told: Vec<_> = (draft.tables().edges.iter())
        .map(|edge| (edge.cascade, edge.lookup))
        .collect();
    assert_eq!(told, [(true, 5), (false, 0)]);
}
