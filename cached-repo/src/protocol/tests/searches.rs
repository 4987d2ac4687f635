//! Steps whose keys only the database knows.

use crate::key::render;
use crate::protocol::{Change, Known, Search, Targets, Touch, TouchSet};
use crate::schema::testing::draft::{Draft, edge, names};
use crate::schema::{ALL_FIELDS, EdgeMeta, FieldSet, Schema};
use sea_orm::Value;

/// Users, orders that refer to `c1` of a user, and lines that are looked up behind them.
fn schema() -> Schema {
    let mut draft = Draft::default();
    let key = || vec!["id"];
    draft.add_real("user", "*id c1", key);
    draft.add_real("order", "*id c1", key);
    draft.add_real("line", "*id c1", key);
    let to_order = EdgeMeta {
        references: names("c1"),
        ..edge("order", "c1")
    };
    draft.declare("user", to_order);
    let to_line = EdgeMeta {
        cascade: true,
        lookup: 10,
        ..edge("line", "c1")
    };
    draft.declare("order", to_line);
    draft.schema()
}

fn known(values: &[Option<i64>]) -> Known {
    let value = |value: &Option<i64>| Some(Value::BigInt(*value));
    values.iter().map(value).collect()
}

fn touches(touch: Touch) -> TouchSet {
    let mut touches = TouchSet::default();
    touches.add(touch);
    touches
}

fn to_search(touch: Touch, loose: &dyn Fn(u16) -> FieldSet) -> (Vec<String>, Vec<Search>) {
    let schema = schema();
    let (targets, searches) = Targets::to_search(&schema, &touches(touch), loose);
    let names = targets.keys().iter().map(|key| render(key, &schema));
    (names.collect(), searches)
}

/// The values that searches begin with.
fn keys(searches: &[Search]) -> Vec<Vec<Value>> {
    searches.iter().map(|search| search.key.clone()).collect()
}

const LINES: &str = "cr:table:line";

#[test]
fn old_and_new_values_are_searched_from() {
    let update = Touch::Row(Change {
        entity: 0,
        old: Some(known(&[Some(1), Some(7)])),
        new: Some(known(&[Some(1), Some(8)])),
        fields: 0b10,
    });
    let (names, searches) = to_search(update, &|_| 0);
    assert!(!names.contains(&LINES.to_owned()), "{names:?}");
    assert_eq!(keys(&searches), [vec![7_i64.into()], vec![8_i64.into()]]);
    assert!(
        searches
            .iter()
            .all(|search| search.chain.hops().count() == 1)
    );
}

#[test]
fn a_value_is_searched_from_once() {
    let update = Touch::Row(Change {
        entity: 0,
        old: Some(known(&[Some(1), Some(7)])),
        new: Some(known(&[Some(1), Some(7)])),
        fields: 0b10,
    });
    assert_eq!(keys(&to_search(update, &|_| 0).1), [vec![7_i64.into()]]);
}

#[test]
fn nothing_refers_to_null() {
    let insert = Touch::Row(Change::insert(0, known(&[Some(1), None])));
    let (names, searches) = to_search(insert, &|_| 0);
    assert_eq!(names, ["cr:rows:user", "cr:r:user:1"]);
    assert!(searches.is_empty());
}

#[test]
fn without_a_search_all_goes_that_would_be_found() {
    let schema = schema();
    let insert = Touch::Row(Change::insert(0, known(&[Some(1), Some(7)])));
    let targets = Targets::of(&schema, &touches(insert), &|_| 0);
    let names: Vec<String> = targets
        .keys()
        .iter()
        .map(|key| render(key, &schema))
        .collect();
    assert!(names.contains(&LINES.to_owned()), "{names:?}");
}

#[test]
fn what_cannot_be_searched_for_goes_as_a_whole() {
    let mut unknown = known(&[Some(1), Some(7)]);
    unknown[1] = None;
    let unknown = Touch::Row(Change::insert(0, unknown));
    let table = Touch::Table {
        entity: 0,
        fields: ALL_FIELDS,
    };
    for touch in [unknown, table] {
        let (names, searches) = to_search(touch, &|_| 0);
        assert!(names.contains(&LINES.to_owned()), "{names:?}");
        assert!(searches.is_empty());
    }
}

#[test]
fn what_refers_by_text_that_is_compared_loosely_goes_as_a_whole() {
    let insert = Touch::Row(Change::insert(0, known(&[Some(1), Some(7)])));
    let (names, searches) = to_search(insert, &|entity| if entity == 2 { 0b10 } else { 0 });
    assert!(names.contains(&LINES.to_owned()), "{names:?}");
    assert!(searches.is_empty());
}
