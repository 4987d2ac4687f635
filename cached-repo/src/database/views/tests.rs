//! From views to tables, without a database.

use super::{Base, Behind, Functions, Veil, View, Views};
use crate::database::facts::Relation;
use crate::sql::{Nature, TableName, Varying};
use sea_orm::DbBackend;

fn table(name: &str) -> TableName {
    let (schema, name) = match name.split_once('.') {
        Some((schema, name)) => (Some(schema.to_owned()), name),
        None => (None, name),
    };
    TableName {
        schema,
        name: name.to_owned(),
    }
}

fn view(name: &str, reads: &[&str]) -> View {
    let base = |name: &&str| Base {
        table: table(name),
        optional: false,
    };
    View {
        name: Relation {
            schema: "public".to_owned(),
            name: name.to_owned(),
            plain: true,
        },
        stored: false,
        reads: Ok(reads.iter().map(base).collect()),
        varies_by: None,
    }
}

fn views(list: &[View]) -> Views {
    Views {
        backend: DbBackend::Postgres,
        list: list.to_vec(),
        schemas: Vec::new(),
        functions: Functions::none(DbBackend::Postgres),
    }
}

fn behind(list: &[View], name: &str) -> Behind {
    views(list).behind(&table(name)).expect("a view")
}

fn tables(behind: &Behind) -> Vec<(&str, &str)> {
    let mut tables: Vec<_> = behind
        .tables
        .iter()
        .map(|base| (base.table.name.as_str(), base.view.as_str()))
        .collect();
    tables.sort_unstable();
    tables
}

#[test]
fn views_between_are_followed_to_their_tables() {
    let list = [
        view("outer", &["middle", "users"]),
        view("middle", &["inner", "orders"]),
        view("inner", &["lines"]),
    ];
    assert_eq!(
        tables(&behind(&list, "outer")),
        [("lines", "inner"), ("orders", "middle"), ("users", "outer")]
    );
}

#[test]
fn views_that_read_each_other_end() {
    let list = [view("a", &["b"]), view("b", &["a", "users"])];
    assert_eq!(tables(&behind(&list, "a")), [("users", "b")]);
}

#[test]
fn what_one_view_says_holds_for_those_over_it() {
    let mut stored = view("stored", &["orders"]);
    stored.stored = true;
    let mut passing = view("passing", &["users"]);
    let now = Varying {
        name: "now".to_owned(),
        nature: Nature::Varies,
    };
    passing.varies_by = Some(now.clone());
    let mut veiled = view("veiled", &[]);
    veiled.reads = Err(Veil::Hidden);
    let list = [
        view("all", &["stored", "passing", "veiled"]),
        stored,
        passing,
        veiled,
    ];
    let behind = behind(&list, "all");
    assert_eq!(behind.stored.as_deref(), Some("stored"));
    assert_eq!(behind.beneath, [table("orders")]);
    assert_eq!(behind.varies_by, Some((now, "passing".to_owned())));
    let obstacle = behind.obstacle.as_ref().expect("hidden");
    assert!(
        obstacle
            .cure
            .as_ref()
            .is_some_and(|it| it.contains("SHOW VIEW"))
    );
    assert_eq!(tables(&behind), [("users", "passing")]);
}

#[test]
fn a_name_without_a_schema_means_what_the_path_shows() {
    let mut apart = view("users", &["strangers"]);
    apart.name.schema = "apart".to_owned();
    apart.name.plain = false;
    let views = views(&[apart]);
    assert!(views.behind(&table("users")).is_none());
    assert!(views.behind(&table("public.users")).is_none());
    assert!(views.behind(&table("apart.users")).is_some());
}
