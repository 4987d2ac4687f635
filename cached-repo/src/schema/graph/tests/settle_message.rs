//! What is said of relations that are not settled.

use super::settle::{said, shop};
use crate::schema::testing::draft::{Draft, edge, independent, line, relation};
use crate::schema::{RelationKind, RelationMeta};

const END: &str =
    "`: an edge if what is cached of one must go when the other is written, else `independent`";

#[test]
fn it_says_what_to_write_for_a_key_that_is_held_here() {
    let mut draft = shop();
    draft.of("order").relations = Some(vec![RelationMeta {
        place: line(8),
        ..relation("buyer", "user", "user_id")
    }]);
    let wanted = "relations of `order` that are neither edges nor independent:\
        \n    `buyer` (shop.rs:8): write `depends_on(super::user::Entity(via = user_id))` or `independent(super::user::Entity)`\
        \n  in `#[cached(..)]` above the `struct Model` of `order";
    assert_eq!(said(draft, 1), wanted.to_owned() + END);
}

#[test]
fn beside_an_edge_by_other_columns_independence_must_name_its_own() {
    let mut draft = shop();
    draft.declare("user", edge("order", "seller_id"));
    let said = said(draft, 1);
    assert!(
        said.contains("or `independent(super::user::Entity(via = user_id))`"),
        "{said}"
    );
}

#[test]
fn several_columns_are_written_as_a_list() {
    let mut draft = shop();
    draft.of("order").relations = Some(vec![relation("user", "user", "user_id seller_id")]);
    let said = said(draft, 1);
    assert!(
        said.contains("`depends_on(super::user::Entity(via(user_id, seller_id)))`"),
        "{said}"
    );
}

#[test]
fn a_key_that_the_other_end_holds_is_told_by_its_own_relation() {
    let mut draft = shop();
    draft.of("user").relations = Some(vec![relation("orders", "order", "")]);
    let said = said(draft, 0);
    assert!(
        said.contains("write `dependents(super::order::Entity(via = user_id))` or `independent(super::order::Entity)`"),
        "{said}"
    );
}

#[test]
fn a_key_that_nobody_tells_is_left_to_be_filled_in() {
    let mut draft = shop();
    draft.of("user").relations = Some(vec![relation("orders", "order", "")]);
    draft.of("order").relations = None;
    let said = said(draft, 0);
    assert!(
        said.contains("`dependents(super::order::Entity(via = <its column that holds the key>))`"),
        "{said}"
    );
}

#[test]
fn many_to_many_asks_for_edges_to_what_is_between() {
    let mut draft = shop();
    draft.of("user").relations = Some(vec![RelationMeta {
        kind: RelationKind::ManyToMany,
        ..relation("tags", "tag", "")
    }]);
    let said = said(draft, 0);
    assert!(
        said.contains("`tags` (shop.rs:1): write `independent(super::tag::Entity)`, or edges to the entity between the two from both of them"),
        "{said}"
    );
}

#[test]
fn several_relations_are_told_at_once() {
    let mut draft = shop();
    let order = draft.of("order");
    let second = relation("seller", "user", "seller_id");
    order.relations.get_or_insert_default().push(second);
    assert_eq!(said(draft, 1).matches("write `").count(), 2);
}

#[test]
fn hidden_relations_of_a_large_schema_are_left_to_a_decision() {
    let mut draft = shop();
    draft.of("order").relations = None;
    let said = said(draft, 1);
    assert!(
        said.starts_with("the format of `order` hides its relations"),
        "{said}"
    );
    assert!(
        said.contains("`CachedRelation`") && said.contains("`#[cached(relations = unchecked)]`")
    );
}

/// Entities whose formats hide what SeaORM knows: orders belong to users.
fn hidden() -> Draft {
    let mut draft = shop();
    for prefix in ["user", "order", "tag"] {
        draft.of(prefix).relations = None;
    }
    draft.relate("order", "user");
    draft
}

#[test]
fn of_two_that_hide_their_relation_the_first_tells() {
    assert_eq!(
        said(hidden(), 0),
        "relations of `user` that are neither edges nor independent:\
         \n    with `order` (shop.rs:1): write `dependents(crate::order::Entity(via = ..))`, `depends_on(crate::order::Entity(via = ..))` \
         or `independent(crate::order::Entity)`\
         \n  in `#[cached(..)]` above the `struct Model` of `user"
            .to_owned()
            + END
    );
    assert_eq!(said(hidden(), 1), "");
    assert_eq!(said(hidden(), 2), "", "a tag is related to nothing");
}

#[test]
fn a_hidden_relation_that_the_other_end_lists_is_told_there() {
    let mut draft = hidden();
    draft.of("order").relations = Some(vec![relation("user", "user", "user_id")]);
    assert_eq!(said(draft, 0), "");
    let mut draft = hidden();
    draft.of("order").relations = Some(vec![relation("user", "user", "user_id")]);
    assert!(said(draft, 1).contains("`user` (shop.rs:1)"));
}

/// Users and orders that list nothing, although SeaORM relates them: through a third entity.
fn through() -> Draft {
    let mut draft = shop();
    draft.of("order").relations = Some(Vec::new());
    draft.relate("user", "order");
    draft
}

#[test]
fn what_is_related_beside_the_lists_is_told_by_the_first() {
    assert!(said(through(), 0).contains("\n    with `order` (shop.rs:1)"));
    assert_eq!(said(through(), 1), "");
    let mut draft = through();
    draft.of("user").is_checked = false;
    assert!(said(draft, 1).contains("\n    with `user` (shop.rs:1)"));
}

#[test]
fn what_is_related_beside_the_lists_is_settled_where_edges_of_both_meet() {
    let mut draft = through();
    draft.declare("user", edge("tag", "user_id"));
    assert!(!said(draft, 0).is_empty());
    let mut draft = through();
    draft.declare("user", edge("tag", "user_id"));
    draft.declare("order", edge("tag", "order_id"));
    assert_eq!(said(draft, 0), "");
}

#[test]
fn a_hidden_relation_is_settled_by_any_edge_or_independence() {
    let mut draft = hidden();
    draft.declare("user", edge("order", "seller_id"));
    assert_eq!(said(draft, 0), "");
    let mut draft = hidden();
    draft.declare("order", edge("user", "id"));
    assert_eq!(said(draft, 0), "");
    let mut draft = hidden();
    draft.of("order").independent.push(independent("user", ""));
    assert_eq!(said(draft, 0), "");
}
