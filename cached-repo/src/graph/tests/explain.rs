//! What an explanation says of the written entity, and how it reads.

use super::*;
use crate::protocol::{Change, Targets, Touch, TouchSet};
use crate::schema::testing::draft::{Draft, edge, relation};
use crate::schema::testing::{USER, schema};
use crate::schema::{self, DELETED, EdgeMeta, FieldSet, INSERTED, RelationMeta};
use sea_orm::Value;
use std::collections::BTreeSet;

fn explain(member: usize, kind: FieldSet) -> WriteExplanation {
    WriteExplanation::of(Source::of::<Shop>(), member, kind)
}

/// What a write of this kind to user 1 invalidates of users.
fn invalidated(kind: FieldSet) -> BTreeSet<String> {
    let schema = schema();
    let row = |values: [Value; 4]| values.into_iter().map(Some).collect::<Vec<_>>();
    let before = row([1.into(), "a".into(), 7.into(), "Ada".into()]);
    let mut after = before.clone();
    for (at, value) in [2.into(), "b".into(), 8.into(), "Bob".into()]
        .into_iter()
        .enumerate()
    {
        if kind & 1 << at != 0 {
            after[at] = Some(value);
        }
    }
    let mut touches = TouchSet::default();
    touches.add(Touch::Row(match kind {
        INSERTED => Change::insert(USER, before),
        DELETED => Change::delete(USER, before),
        fields => Change {
            entity: USER,
            old: Some(before),
            new: Some(after),
            fields,
        },
    }));
    let targets = Targets::of(&schema, &touches, &|_| 0);
    let names = targets
        .keys()
        .iter()
        .map(|key| crate::key::render(key, &schema));
    let own = names.filter_map(|name| {
        let parts: Vec<_> = name.split(':').collect();
        Some(match parts[1..] {
            ["r", "user", ..] => "the row".to_owned(),
            ["u" | "member", "user", lookup, ..] => format!("find_cached_by_{lookup}"),
            ["tag", ..] => "tag tenant:{tenant_id}".to_owned(),
            _ => return None,
        })
    });
    own.collect()
}

#[test]
fn what_goes_of_the_written_entity_is_what_the_protocol_invalidates() {
    for kind in (0..16).chain([INSERTED, DELETED]) {
        let told = explain(USER.into(), kind);
        let told: BTreeSet<_> = told.own.iter().map(ToString::to_string).collect();
        assert_eq!(told, invalidated(kind), "write {kind}");
    }
}

#[test]
fn an_explanation_names_ways_and_what_is_not_followed() {
    assert_eq!(
        explain(0, 1 << 3).to_string(),
        "\
an update of name in user invalidates

  user: the row, find_cached_by_tenant_id
  order: rows whose customer_id is the user's id
      user -> order via customer_id, on name, dependents (shop.rs:1)
  line: all entries
      user -> order via customer_id, on name, dependents (shop.rs:1)
      order -> line via order_id, cascade, dependents (shop.rs:1)
"
    );
    assert_eq!(
        explain(0, 1 << 1).to_string(),
        "\
an update of email in user invalidates

  user: the row, find_cached_by_email, find_cached_by_tenant_id

and does not follow

  user -> order via customer_id, on name, dependents (shop.rs:1): counts updates of id or name only
"
    );
}

#[test]
fn an_explanation_is_data() {
    let told = explain(0, DELETED);
    assert_eq!((told.entity, &told.write), ("user", &Write::Delete));
    assert_eq!(
        told.own,
        [Own::Row, Own::Unique("email"), Own::Collection("tenant_id")]
    );
    let orders: Vec<_> = told.of_entity("order").collect();
    let rows = Reach::Rows {
        via: vec!["customer_id"],
        references: vec!["id"],
    };
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].reach, rows);
    let lines: Vec<_> = told.of_entity("line").collect();
    assert_eq!(lines[0].reach, Reach::All);
    let way: Vec<_> = lines[0].ways[0].iter().map(|edge| edge.dependent).collect();
    assert_eq!(way, ["order", "line"]);
    assert_eq!(told.ignored, []);
}

/// Users, what refers to them, and what refers to that, by two ways.
fn forked() -> Source {
    let cascade = |other, via| EdgeMeta {
        cascade: true,
        ..edge(other, via)
    };
    let mut draft = Draft::default();
    draft.add("user", "*id name");
    draft.add("post", "*id user_id").relations = Some(vec![RelationMeta {
        on_delete: schema::Action::Cascade,
        on_update: schema::Action::SetDefault,
        ..relation("user", "user", "user_id")
    }]);
    draft.add("team", "*id user_id");
    draft.add("note", "*id post_id team_id");
    draft.declare("user", edge("team", "user_id"));
    draft.declare("post", edge("note", "post_id"));
    draft.declare("team", cascade("note", "team_id"));
    Source {
        tables: draft.tables(),
        rows: &[],
    }
}

#[test]
fn each_edge_that_leads_to_an_entity_is_told_with_a_way_to_it() {
    assert_eq!(
        WriteExplanation::of(forked(), 0, DELETED).to_string(),
        "\
a delete from user invalidates

  user: the row
  team: rows whose user_id is the user's id
      user -> team via user_id, dependents (shop.rs:1)
  post: rows whose user_id is the user's id
      user -> post via user_id, ON DELETE CASCADE (shop.rs:1)
  note: all entries
      user -> post via user_id, ON DELETE CASCADE (shop.rs:1)
      post -> note via post_id, dependents (shop.rs:1)
   or user -> team via user_id, dependents (shop.rs:1)
      team -> note via team_id, cascade, dependents (shop.rs:1)

and does not follow

  user -> post via user_id, ON UPDATE SET DEFAULT (shop.rs:1): counts updates of id only
"
    );
}

#[test]
fn what_the_database_does_is_not_followed_by_writes_of_another_kind() {
    let told = WriteExplanation::of(forked(), 0, 1 << 1);
    let counts: Vec<_> = told
        .ignored
        .iter()
        .map(|ignored| (ignored.edge.reason, ignored.counts.as_slice()))
        .collect();
    assert_eq!(
        counts,
        [
            (Reason::OnDelete(Action::Cascade), &[][..]),
            (Reason::OnUpdate(Action::SetDefault), &["id"][..]),
        ]
    );
}
