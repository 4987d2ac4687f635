//! Comparisons of catalogs and graphs that are made by hand.

mod foreign_keys;
mod outside;
mod start;
mod triggers;

use super::compare::compare;
use super::facts::{Catalog, ForeignKey, Relation, Trigger, Unreadable};
use super::graph::{Graph, GraphEntity, KnownEdge};
use super::report::{DatabaseReport, Finding, FindingKind};
use crate::schema::Action;
use crate::sql::Code;
use sea_orm::DbBackend;

const USER: u16 = 0;
const ORDER: u16 = 1;
const PART: u16 = 3;
const NODE: u16 = 4;

/// Users, their orders, the orders' lines (keyed by order and number), parts of lines, and a tree of nodes.
fn graph() -> Graph {
    let entity = |table: &str, path, fields: &[&'static str], key: &[usize]| GraphEntity {
        table: (None, table.to_owned()),
        path,
        fields: fields.to_vec(),
        columns: fields.to_vec(),
        key: key.to_vec(),
    };
    let mut entities = vec![
        entity("users", "shop::user::Entity", &["id", "email"], &[0]),
        entity(
            "orders",
            "shop::order::Entity",
            &["id", "customer_id", "email"],
            &[0],
        ),
        entity(
            "order_lines",
            "shop::line::Entity",
            &["line_no", "order_id"],
            &[1, 0],
        ),
        entity(
            "parts",
            "shop::stock::part::Entity",
            &["id", "line_no", "order_id"],
            &[0],
        ),
        entity("nodes", "shop::node::Entity", &["id", "parent_id"], &[0]),
    ];
    entities[usize::from(ORDER)].columns[1] = "CustomerId";
    Graph {
        entities,
        ..Graph::default()
    }
}

fn edge(parent: u16, dependent: u16, via: &[usize], references: &[usize]) -> KnownEdge {
    KnownEdge {
        parent,
        dependent,
        via: via.to_vec(),
        references: references.to_vec(),
        on_delete: Action::None,
        on_update: Action::None,
    }
}

/// The edge from users to their orders.
fn orders_of_user(on_delete: Action, on_update: Action) -> KnownEdge {
    KnownEdge {
        on_delete,
        on_update,
        ..edge(USER, ORDER, &[1], &[0])
    }
}

fn table(name: &str) -> Relation {
    let (schema, name, plain) = match name.split_once('.') {
        Some((schema, name)) => (schema, name, false),
        None => ("public", name, true),
    };
    Relation {
        schema: schema.to_owned(),
        name: name.to_owned(),
        plain,
    }
}

/// A foreign key `child` to `parent` over these pairs of columns.
fn key(
    child: &str,
    parent: &str,
    pairs: &[(&str, &str)],
    on_delete: Action,
    on_update: Action,
) -> ForeignKey {
    ForeignKey {
        name: Some(format!("{child}_fkey")),
        child: table(child),
        parent: table(parent),
        pairs: pairs
            .iter()
            .map(|(of_child, of_parent)| ((*of_child).to_owned(), (*of_parent).to_owned()))
            .collect(),
        on_delete,
        on_update,
    }
}

/// The foreign key from orders to users.
fn customer(on_delete: Action, on_update: Action) -> ForeignKey {
    key(
        "orders",
        "users",
        &[("CustomerId", "id")],
        on_delete,
        on_update,
    )
}

fn catalog(foreign_keys: Vec<ForeignKey>) -> Catalog {
    Catalog {
        path: vec!["public".to_owned()],
        foreign_keys,
        ..Catalog::new(DbBackend::Postgres)
    }
}

fn only(findings: Vec<Finding>) -> Finding {
    let [finding] =
        <[Finding; 1]>::try_from(findings).unwrap_or_else(|all| panic!("one finding: {all:#?}"));
    finding
}

fn kinds(findings: &[Finding]) -> Vec<FindingKind> {
    findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn a_report_puts_warnings_first_and_ends_in_what_to_type() {
    let mut catalog = catalog(vec![customer(Action::Cascade, Action::None)]);
    let mut graph = graph();
    graph.edges.push(KnownEdge {
        on_delete: Action::SetNull,
        ..edge(NODE, NODE, &[1], &[0])
    });
    let report = DatabaseReport::new(compare(&catalog, &graph));
    let shown = "\
warning: foreign key `orders_fkey`: a delete in `users` deletes rows of `orders` (ON DELETE CASCADE), and no edge of the schema says so
    fix: on `shop::order::Entity` write `#[cached(depends_on(super::user::Entity(via = customer_id, on_delete = cascade)))]`, or \
`#[sea_orm(belongs_to, from = \"customer_id\", to = \"id\", on_delete = \"Cascade\")]` on the field of its relation
note: the edge from `nodes` to `nodes` over `parent_id` says `on_delete = set_null`, but no foreign key does that: more is invalidated than changes
    fix: take `on_delete = set_null` from the edge, or let the foreign key do it";
    assert_eq!(report.to_string(), shown);
    assert!(!report.is_clean());
    assert_eq!(report.warnings().count(), 1);

    catalog.foreign_keys.clear();
    graph.edges.clear();
    let report = DatabaseReport::new(compare(&catalog, &graph));
    assert!(report.is_clean() && report.findings.is_empty());
    assert_eq!(
        report.to_string(),
        "the cache schema knows all that the database does by itself"
    );
}

#[test]
fn what_could_not_be_read_is_a_warning() {
    let mut catalog = catalog(Vec::new());
    catalog.unreadable.push(Unreadable {
        what: "triggers",
        why: "permission denied".to_owned(),
        cure: "grant it".to_owned(),
    });
    let finding = only(compare(&catalog, &graph()));
    assert_eq!(finding.kind, FindingKind::Unreadable);
    assert!(finding.is_warning());
    assert_eq!(
        finding.message,
        "the database's triggers were not compared: permission denied"
    );
}

#[test]
fn names_are_compared_as_the_database_does() {
    let kinds_of = |backend, exact, child: &str, parent: &str| {
        let mut catalog = catalog(vec![key(
            child,
            parent,
            &[("customerid", "ID")],
            Action::Cascade,
            Action::None,
        )]);
        catalog.backend = backend;
        catalog.exact = exact;
        let mut graph = graph();
        graph
            .edges
            .push(orders_of_user(Action::Cascade, Action::None));
        kinds(&compare(&catalog, &graph))
    };
    assert_eq!(kinds_of(DbBackend::Sqlite, false, "Orders", "USERS"), []);
    assert_eq!(kinds_of(DbBackend::MySql, false, "Orders", "USERS"), []);
    // Other tables than those of the schema: the edge is without its foreign key.
    assert_eq!(
        kinds_of(DbBackend::MySql, true, "Orders", "USERS"),
        [FindingKind::MissingAction]
    );
    assert_eq!(kinds_of(DbBackend::MySql, true, "orders", "users"), []);
    assert_eq!(
        kinds_of(DbBackend::Postgres, false, "Orders", "users"),
        [FindingKind::MissingAction]
    );
}

#[test]
fn a_table_of_another_schema_is_another_table() {
    let mut graph = graph();
    let other = catalog(vec![key(
        "audit.orders",
        "users",
        &[("customer_id", "id")],
        Action::Cascade,
        Action::None,
    )]);
    assert_eq!(compare(&other, &graph), []);
    graph.entities[usize::from(ORDER)].table.0 = Some("audit".to_owned());
    let same = catalog(vec![key(
        "audit.orders",
        "users",
        &[("CustomerId", "id")],
        Action::Cascade,
        Action::None,
    )]);
    assert_eq!(
        only(compare(&same, &graph)).tables,
        ["users", "audit.orders"]
    );
}
