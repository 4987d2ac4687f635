//! What the model says that a write invalidates, held against what the library says.

use super::world::{Place, Row, Value};
use super::writer::{Change, Write, targets};
use crate::key::{Key, Space};
use crate::protocol::{self, Known, Targets, Touch, TouchSet, entry_key, row_key};
use crate::schema::testing::{USER, schema};
use std::collections::HashSet;

const VALUES: [Value; 3] = [Value::A, Value::B, Value::C];

/// A user: the unique value is the email, and each write changes the name.
fn known(number: usize, row: Row) -> Known {
    let email = format!("{:?}@example.org", row.value);
    let name = format!("version {}", row.version);
    let values: [sea_orm::Value; 4] = [
        (number as i64).into(),
        email.into(),
        7_i64.into(),
        name.into(),
    ];
    values.into_iter().map(Some).collect()
}

fn touch(change: &Change) -> Touch {
    let (number, old, new) = *change;
    let known = |row: Option<Row>| row.map(|row| known(number, row));
    Touch::Row(match (known(old), known(new)) {
        (None, Some(new)) => protocol::Change::insert(USER, new),
        (Some(old), None) => protocol::Change::delete(USER, old),
        (old, new) => {
            let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
            let differs = |at: &usize| old[*at] != new[*at];
            let fields = (0..old.len()).filter(differs).map(|at| 1 << at).sum();
            protocol::Change {
                entity: USER,
                old: Some(old),
                new: Some(new),
                fields,
            }
        }
    })
}

fn key(place: Place) -> Key {
    let key = match place {
        Place::Row(number) => row_key(USER, &[sea_orm::Value::from(number as i64)]),
        Place::Pointer(value) => {
            let row = Row { value, version: 0 };
            let email = known(0, row)[1].clone();
            entry_key(Space::Unique, USER, 0, email.iter())
        }
    };
    key.expect("a key")
}

#[test]
fn writes_invalidate_what_the_library_says() {
    let schema = schema();
    let row = |value| Some(Row { value, version: 0 });
    let mut writes = vec![Write::Update(0), Write::HandOver, Write::Delete(0)];
    writes.extend(VALUES.map(|value| Write::Rename(0, value)));
    writes.extend(VALUES.map(|value| Write::Insert(1, value)));
    for write in writes {
        let inserts = matches!(write, Write::Insert(..));
        let rows = [row(Value::A), row(Value::B).filter(|_| !inserts)];
        let changes = write.changes(rows);
        let mut touches = TouchSet::default();
        changes.iter().for_each(|change| touches.add(touch(change)));
        let library = Targets::of(&schema, &touches, &|_| 0);
        let entries = |key: &&Key| matches!(key.space(), Space::Row | Space::Unique);
        let library: HashSet<Key> = library.keys().iter().filter(entries).cloned().collect();
        let model: HashSet<Key> = targets(&changes).into_iter().map(key).collect();
        assert_eq!(model, library, "{write:?}");
    }
}
