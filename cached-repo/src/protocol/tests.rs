//! What writes invalidate, over a schema that is made by hand.

mod model;
mod naming;
mod oracle;
mod searches;

use super::*;
use crate::key::{Key, Names, Space, render};
use crate::schema::testing::{ORDER, USER, schema};
use crate::schema::{ALL_FIELDS, FieldSet, Schema};
use sea_orm::Value;

fn user(id: i64, email: &str, tenant: i64, name: &str) -> Known {
    [id.into(), email.into(), tenant.into(), name.into()]
        .into_iter()
        .map(Some)
        .collect()
}

fn names(schema: &Schema, touch: Touch) -> Vec<String> {
    loosely(schema, touch, &|_| 0)
}

fn loosely(schema: &Schema, touch: Touch, loose: &dyn Fn(u16) -> FieldSet) -> Vec<String> {
    targets(schema, touch, loose, |space| space != Space::Rows)
}

/// Names of what a touch invalidates, of these spaces.
fn targets(
    schema: &Schema,
    touch: Touch,
    loose: &dyn Fn(u16) -> FieldSet,
    of: fn(Space) -> bool,
) -> Vec<String> {
    let mut touches = TouchSet::default();
    touches.add(touch);
    let targets = Targets::of(schema, &touches, loose);
    let keys = targets.keys().iter().filter(|key| of(key.space()));
    let mut names: Vec<String> = keys.map(|key| render(key, schema)).collect();
    names.sort();
    names
}

#[test]
fn whatever_goes_of_an_entity_its_queries_go_as_well() {
    let schema = schema();
    let queries = |touch| targets(&schema, touch, &|_| 0, |space| space == Space::Rows);
    let insert = Touch::Row(Change::insert(USER, user(1, "a@b", 7, "Ada")));
    assert_eq!(
        queries(insert),
        ["cr:rows:line", "cr:rows:order", "cr:rows:user"],
        "its dependents' too"
    );
    let whole = Touch::Table {
        entity: ORDER,
        fields: 0,
    };
    assert_eq!(queries(whole), ["cr:rows:order"]);
    let row = Touch::Entry(Key::integer(Space::Row, ORDER, 0, 7));
    assert_eq!(queries(row), ["cr:rows:order"]);
}

#[test]
fn an_insert_kills_absences_and_enters_collections() {
    let schema = schema();
    let insert = Touch::Row(Change::insert(USER, user(1, "a@b", 7, "Ada")));
    assert_eq!(
        names(&schema, insert),
        [
            "cr:edge:order:customer_id:1",
            "cr:edges:order:customer_id",
            "cr:member:user:tenant_id:7",
            "cr:r:user:1",
            "cr:table:line",
            "cr:u:user:email:=a@b",
        ]
    );
}

#[test]
fn an_update_takes_old_and_new_values_of_what_changed_and_steps_whose_columns_changed() {
    let schema = schema();
    let change = Change {
        entity: USER,
        old: Some(user(1, "a@b", 7, "Ada")),
        new: Some(user(1, "a@b", 8, "Ada")),
        fields: 1 << 2,
    };
    assert_eq!(
        names(&schema, Touch::Row(change)),
        [
            "cr:member:user:tenant_id:7",
            "cr:member:user:tenant_id:8",
            "cr:r:user:1",
            "cr:tag:=tenant%3A7",
            "cr:tag:=tenant%3A8",
        ],
        "orders depend on the name alone, and the address stays"
    );
}

#[test]
fn a_row_that_is_not_known_well_enough_is_its_whole_table() {
    let schema = schema();
    let mut new = user(1, "a@b", 7, "Ada");
    new[2] = None;
    let change = Change {
        entity: USER,
        old: Some(user(1, "a@b", 7, "Ada")),
        new: Some(new),
        fields: 1 << 2,
    };
    let names = names(&schema, Touch::Row(change));
    assert!(names.contains(&"cr:table:user".to_owned()), "{names:?}");
}

#[test]
fn a_table_takes_the_tables_of_its_dependents_whose_columns_may_have_changed() {
    let schema = schema();
    let table = |fields| Touch::Table {
        entity: USER,
        fields,
    };
    let all = ["cr:table:line", "cr:table:order", "cr:table:user"];
    assert_eq!(names(&schema, table(ALL_FIELDS)), all);
    assert_eq!(names(&schema, table(1 << 2)), ["cr:table:user"]);
}

#[test]
fn two_hops_are_coarse_and_one_is_not() {
    let schema = schema();
    let order: Known = [5_i64.into(), 1_i64.into()].into_iter().map(Some).collect();
    let names = names(&schema, Touch::Row(Change::delete(ORDER, order)));
    assert!(
        names.contains(&"cr:edge:line:order_id:5".to_owned()),
        "{names:?}"
    );
    assert!(!names.contains(&"cr:table:line".to_owned()), "{names:?}");
}

#[test]
fn text_that_the_database_compares_loosely_takes_the_lookups_by_text() {
    let schema = schema();
    let insert = Touch::Row(Change::insert(USER, user(1, "a@b", 7, "Ada")));
    let names = loosely(&schema, insert, &|entity| {
        if entity == USER { 1 << 1 } else { 0 }
    });
    assert!(names.contains(&"cr:text:user".to_owned()), "{names:?}");
}

#[test]
fn a_null_is_nobodys_key() {
    let schema = schema();
    let order: Known = vec![Some(5_i64.into()), Some(Value::BigInt(None))];
    let tags = row_tags(
        schema.entity(ORDER),
        ORDER,
        &[5_i64.into(), Value::BigInt(None)],
    );
    assert!(
        tags.iter().all(|tag| tag.space() != Space::Edge),
        "{tags:?}"
    );
    let targets = names(&schema, Touch::Row(Change::insert(ORDER, order)));
    assert!(targets.contains(&"cr:r:order:5".to_owned()), "{targets:?}");
}

#[test]
fn unknown_is_everything_and_a_changed_table_is_a_new_epoch() {
    let schema = schema();
    let tables = ["cr:table:line", "cr:table:order", "cr:table:user"];
    assert_eq!(names(&schema, Touch::Everything), tables);
    assert_eq!(names(&schema, Touch::NewEpoch), tables);
    assert_eq!(schema.namespace(), "cr");
}

#[test]
fn touches_of_a_savepoint_become_its_parents_each_once() {
    let touch = Touch::Table {
        entity: USER,
        fields: ALL_FIELDS,
    };
    let mut parent = TouchSet::default();
    parent.add(touch.clone());
    let mut child = TouchSet::default();
    child.add(touch);
    child.add(Touch::Everything);
    parent.merge(child);
    assert_eq!(parent.iter().count(), 2);
}

#[test]
fn a_write_of_very_many_rows_is_told_as_its_table() {
    let schema = schema();
    let mut touches = TouchSet::default();
    for id in 0..501 {
        touches.add(Touch::Row(Change::insert(USER, user(id, "a@b", 7, "Ada"))));
    }
    let order: Known = [5_i64.into(), 1_i64.into()].into_iter().map(Some).collect();
    touches.add(Touch::Row(Change::delete(ORDER, order)));
    let targets = Targets::of(&schema, &touches, &|_| 0);
    let mut names: Vec<String> = targets
        .keys()
        .iter()
        .map(|key| render(key, &schema))
        .collect();
    names.sort();
    let tables = ["cr:table:line", "cr:table:order", "cr:table:user"];
    assert!(
        tables
            .iter()
            .all(|table| names.contains(&(*table).to_owned())),
        "{names:?}"
    );
    assert!(
        names.contains(&"cr:r:order:5".to_owned()),
        "other entities are told row by row: {names:?}"
    );
    assert!(names.len() < 10, "{names:?}");
}

#[test]
fn a_dependent_whose_text_is_compared_loosely_goes_as_a_whole() {
    let schema = schema();
    let insert = || Touch::Row(Change::insert(USER, user(1, "a@b", 7, "Ada")));
    let tight = names(&schema, insert());
    assert!(!tight.contains(&"cr:table:order".to_owned()), "{tight:?}");
    let customer_id = 1 << 1;
    let loose = loosely(&schema, insert(), &|entity| {
        if entity == ORDER { customer_id } else { 0 }
    });
    assert!(loose.contains(&"cr:table:order".to_owned()), "{loose:?}");
}
