//! The tags of lookups.

use crate::key::render;
use crate::protocol::{lookup_tags, row_tags, unique_tags};
use crate::schema::Schema;
use crate::schema::testing::draft::{Draft, edge, lookup};
use sea_orm::Value;

/// Orders with edges by `c1` and by `c2 c3`.
fn schema() -> Schema {
    let mut draft = Draft::default();
    draft.add_real("user", "*id", || vec!["id"]);
    draft.add_real("place", "*id *c1", || vec!["id", "c1"]);
    let order = draft.add_real("order", "*id c1 c2 c3", || vec!["id"]);
    order.uniques = vec![lookup("c1"), lookup("c3 id")];
    order.indexes = vec![lookup("c1"), lookup("c2 c3"), lookup("c3 c2")];
    draft.declare("user", edge("order", "c1"));
    draft.declare("place", edge("order", "c2 c3"));
    draft.schema()
}

fn values(values: &[Option<i64>]) -> Vec<Value> {
    values.iter().map(|value| Value::BigInt(*value)).collect()
}

/// The tags of the collection of an index that tell of edges.
fn of_index(index: u16, asked: &[Option<i64>]) -> Vec<String> {
    let schema = schema();
    let tags = lookup_tags(schema.entity(2), 2, index, &values(asked)).expect("integers");
    tags.iter()
        .skip(1)
        .map(|tag| render(tag, &schema))
        .collect()
}

fn of_unique(unique: u16, asked: &[Option<i64>]) -> Vec<String> {
    let schema = schema();
    let tags = unique_tags(schema.entity(2), 2, unique, &values(asked));
    tags.iter().map(|tag| render(tag, &schema)).collect()
}

#[test]
fn a_collection_by_the_columns_of_an_edge_carries_its_partition_and_all_of_the_others() {
    assert_eq!(
        of_index(0, &[Some(7)]),
        ["cr:edge:order:c1:7", "cr:edges:order:c2%2Cc3"]
    );
    assert_eq!(
        of_index(1, &[Some(7), Some(8)]),
        ["cr:edges:order:c1", "cr:edge:order:c2%2Cc3:7,8"]
    );
}

#[test]
fn a_collection_by_the_same_columns_in_another_order_carries_all_partitions() {
    assert_eq!(
        of_index(2, &[Some(7), Some(8)]),
        ["cr:edges:order:c1", "cr:edges:order:c2%2Cc3"]
    );
}

#[test]
fn a_collection_of_rows_without_a_parent_carries_all_partitions() {
    assert_eq!(
        of_index(0, &[None]),
        ["cr:edges:order:c1", "cr:edges:order:c2%2Cc3"],
        "the rows of any parent may become such"
    );
}

#[test]
fn a_unique_lookup_of_null_carries_the_partitions_that_rows_may_leave() {
    assert_eq!(of_unique(0, &[None]), ["cr:edges:order:c1"]);
    assert_eq!(of_unique(1, &[None, Some(1)]), ["cr:edges:order:c2%2Cc3"]);
}

#[test]
fn a_unique_lookup_of_values_carries_no_partition() {
    assert!(of_unique(0, &[Some(7)]).is_empty());
    assert!(of_unique(1, &[Some(7), Some(1)]).is_empty());
}

#[test]
fn a_row_carries_the_partitions_that_it_is_wholly_in() {
    let schema = schema();
    let row = values(&[Some(1), Some(7), Some(8), None]);
    let tags = row_tags(schema.entity(2), 2, &row);
    let names: Vec<String> = tags.iter().map(|tag| render(tag, &schema)).collect();
    assert_eq!(names, ["cr:edge:order:c1:7"]);
}
