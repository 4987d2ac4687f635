//! What settles a relation.

use super::super::{Index, assert_settled};
use super::refusal;
use crate::schema::testing::draft::{Draft, SLOTS, edge, independent, names, relation};
use crate::schema::{EdgeMeta, RelationKind, RelationMeta};

/// What is said of the member at `at` of three.
pub(super) fn said(draft: Draft, at: usize) -> String {
    let members = draft.members::<3>();
    let (index, graph) = (Index::<SLOTS>::of(members), Draft::graph(members));
    refusal(|| assert_settled(members, &index, graph, at))
}

/// Orders of users, through two columns; only orders tell.
pub(super) fn shop() -> Draft {
    let mut draft = Draft::default();
    draft.is_checked = true;
    draft.add("user", "*id").relations = Some(Vec::new());
    draft.add("order", "*id user_id seller_id").relations =
        Some(vec![relation("user", "user", "user_id")]);
    draft.add("tag", "*id user_id order_id").relations = Some(Vec::new());
    draft
}

fn is_settled(draft: Draft) -> bool {
    said(draft, 1).is_empty()
}

#[test]
fn a_relation_alone_is_not_settled() {
    assert!(!is_settled(shop()));
}

#[test]
fn an_edge_by_its_columns_settles_it_from_either_end() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    assert!(is_settled(draft));
    let mut draft = shop();
    draft.of("order").depends_on.push(edge("user", "user_id"));
    assert!(is_settled(draft));
}

#[test]
fn an_edge_by_other_columns_does_not_settle_it() {
    let mut draft = shop();
    draft.declare("user", edge("order", "seller_id"));
    assert!(!is_settled(draft));
}

#[test]
fn an_edge_that_leads_back_by_its_columns_settles_it() {
    let back = |references: &str| EdgeMeta {
        references: names(references),
        ..edge("user", "id")
    };
    let mut draft = shop();
    draft.declare("order", back("user_id"));
    assert!(
        is_settled(draft),
        "what is cached of users shows their orders"
    );
    let mut draft = shop();
    draft.declare("order", back("seller_id"));
    assert!(!is_settled(draft));
}

#[test]
fn what_the_database_does_settles_nothing() {
    let mut draft = shop();
    draft.of("order").relations = Some(vec![RelationMeta {
        on_delete: crate::schema::Action::Cascade,
        ..relation("user", "user", "user_id")
    }]);
    assert!(!is_settled(draft));
}

#[test]
fn independence_settles_it_from_either_end() {
    for (here, there) in [("user", "order"), ("order", "user")] {
        let mut draft = shop();
        draft.of(here).independent.push(independent(there, ""));
        assert!(is_settled(draft), "said by {here}");
    }
}

#[test]
fn independence_in_some_columns_settles_relations_by_these() {
    for (via, settles) in [("user_id", true), ("seller_id", false)] {
        for (here, there) in [("user", "order"), ("order", "user")] {
            let mut draft = shop();
            draft.of(here).independent.push(independent(there, via));
            assert_eq!(is_settled(draft), settles, "{via}, said by {here}");
        }
    }
}

#[test]
fn independence_of_another_entity_settles_nothing() {
    let mut draft = shop();
    let order = draft.of("order");
    order.independent.push(independent("tag", ""));
    order.independent.push(independent("cart", ""));
    assert!(!is_settled(draft));
}

#[test]
fn a_relation_to_no_member_needs_nothing() {
    let mut draft = shop();
    draft.of("order").relations = Some(vec![
        relation("cart", "cart", "user_id"),
        RelationMeta {
            other: None,
            ..relation("audit", "audit", "user_id")
        },
    ]);
    assert!(is_settled(draft));
}

#[test]
fn nothing_is_asked_where_the_schema_or_the_entity_says_so() {
    let mut draft = shop();
    draft.is_checked = false;
    assert!(is_settled(draft));
    let mut draft = shop();
    draft.of("order").is_checked = false;
    assert!(is_settled(draft));
}

#[test]
fn a_relation_whose_columns_the_other_end_holds_is_settled_by_any_edge_between_the_two() {
    let has = || {
        let mut draft = shop();
        draft.of("user").relations = Some(vec![relation("orders", "order", "")]);
        draft.of("order").relations = Some(Vec::new());
        draft
    };
    assert!(!said(has(), 0).is_empty());
    let mut draft = has();
    draft.declare("user", edge("order", "seller_id"));
    assert_eq!(said(draft, 0), "");
    let mut draft = has();
    draft.declare("order", edge("user", "id"));
    assert_eq!(said(draft, 0), "");
}

/// Users and orders, related by tags.
fn tagged() -> Draft {
    let mut draft = shop();
    draft.of("user").relations = Some(vec![RelationMeta {
        kind: RelationKind::ManyToMany,
        ..relation("orders", "order", "")
    }]);
    draft.of("order").relations = Some(Vec::new());
    draft
}

#[test]
fn many_to_many_is_settled_where_edges_of_both_meet() {
    assert!(!said(tagged(), 0).is_empty());
    let mut draft = tagged();
    draft.declare("user", edge("tag", "user_id"));
    assert!(!said(draft, 0).is_empty(), "the edge of one is not enough");
    let mut draft = tagged();
    draft.declare("user", edge("tag", "user_id"));
    draft.of("tag").depends_on.push(edge("order", "order_id"));
    assert_eq!(said(draft, 0), "");
}

#[test]
fn many_to_many_is_settled_by_independence_too() {
    let mut draft = tagged();
    draft.of("user").independent.push(independent("order", ""));
    assert_eq!(said(draft, 0), "");
}

#[test]
fn a_relation_that_both_ends_know_is_told_by_the_first() {
    let mut draft = shop();
    draft.of("user").relations = Some(vec![relation("orders", "order", "")]);
    let members = draft.members::<3>();
    let (index, graph) = (Index::<SLOTS>::of(members), Draft::graph(members));
    let said = |at| refusal(|| assert_settled(members, &index, graph, at));
    assert!(said(0).contains("`orders`"));
    assert_eq!(said(1), "", "told above");
}

#[test]
fn the_second_tells_what_the_first_does_not_check() {
    let mut draft = shop();
    draft.of("user").relations = Some(vec![relation("orders", "order", "")]);
    draft.of("user").is_checked = false;
    assert!(said(draft, 1).contains("`user` (shop.rs:1)"));
}

#[test]
fn a_second_relation_is_told_though_the_first_end_has_settled_one() {
    let mut draft = shop();
    draft.of("user").relations = Some(vec![relation("orders", "order", "")]);
    let order = draft.of("order");
    let second = relation("seller", "user", "seller_id");
    order.relations.get_or_insert_default().push(second);
    draft.declare("user", edge("order", "user_id"));
    let said = said(draft, 1);
    assert!(
        said.contains("`seller`") && !said.contains("`user` ("),
        "{said}"
    );
}

#[test]
fn of_an_entity_with_itself_the_side_that_holds_the_key_tells() {
    let mut draft = shop();
    draft.of("order").relations = Some(vec![
        relation("parts", "order", ""),
        relation("whole", "order", "seller_id"),
    ]);
    let said = said(draft, 1);
    assert!(
        said.contains("`whole`") && !said.contains("`parts`"),
        "{said}"
    );
}
