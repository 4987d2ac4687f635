//! What SeaORM itself sends.

use sea_orm::{
    Condition, ExprTrait, IntoActiveModel, QueryTrait, Set, Statement, StatementBuilder,
    entity::prelude::*,
    sea_query::{Expr, OnConflict, Query},
};

use super::{super::analyze, DbBackend, M, P, S, show};

mod cake {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "Cake")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i32,
        pub(crate) name: String,
        pub(crate) tea: Option<Tea>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "tea")]
    pub(crate) enum Tea {
        #[sea_orm(string_value = "BreakfastTea")]
        Breakfast,
    }
}

mod link {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(schema_name = "app", table_name = "link")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) left: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) right: Uuid,
        pub(crate) note: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn cake(name: &str) -> cake::ActiveModel {
    cake::ActiveModel {
        name: Set(name.to_owned()),
        tea: Set(Some(cake::Tea::Breakfast)),
        ..Default::default()
    }
}

fn link(left: i32) -> link::ActiveModel {
    link::ActiveModel {
        left: Set(left),
        right: Set(Uuid::nil()),
        note: Set(None),
    }
}

/// Builds the statement for each backend and checks what is said of it.
fn check(build: impl Fn(DbBackend) -> Statement, expected: &str) {
    for backend in [P, M, S] {
        let statement = build(backend);
        let shown = show(&analyze(backend, &statement.sql));
        assert_eq!(shown, expected, "{backend:?}: {}", statement.sql);
        // As users log it, with the values inline.
        let inline = show(&analyze(backend, &statement.to_string()));
        let head = |text: &str| text.split([' ', '(']).next().map(str::to_owned);
        assert_eq!(head(&inline), head(expected), "{backend:?}: {statement}");
    }
}

fn build(
    query: &impl QueryTrait<QueryStatement: StatementBuilder>,
) -> impl Fn(DbBackend) -> Statement {
    |backend| query.build(backend)
}

#[test]
fn reads_are_seen_without_parsing() {
    let select = cake::Entity::find()
        .filter(cake::Column::Name.contains("x"))
        .filter(cake::Column::Tea.eq(cake::Tea::Breakfast));
    for backend in [P, M, S] {
        let sql = select.build(backend).sql;
        assert!(super::super::scan::is_read(backend, &sql), "{sql}");
    }
}

#[test]
fn insert() {
    check(
        build(&cake::Entity::insert(cake("a"))),
        "+Cake(name,tea) (#0,#1)",
    );
    check(
        build(&link::Entity::insert(link(1))),
        "+app.link(left,right,note) (#0,#1,#2)",
    );
}

#[test]
fn insert_many() {
    let many = cake::Entity::insert_many([cake("a"), cake("b")]);
    check(build(&many), "+Cake(name,tea) (#0,#1)(#2,#3)");
    let uneven = cake::ActiveModel {
        id: Set(7),
        ..cake("c")
    };
    let many = cake::Entity::insert_many([cake("a"), uneven]);
    // The missing key is bound as NULL, not spelled DEFAULT.
    for backend in [P, M, S] {
        let sql = many.build(backend).sql;
        let expected = "+Cake(id,name,tea) (#0,#1,#2)(#3,#4,#5)";
        assert_eq!(show(&analyze(backend, &sql)), expected, "{sql}");
    }
}

#[test]
fn insert_of_defaults() {
    let query = cake::Entity::insert(<cake::ActiveModel as ActiveModelTrait>::default());
    for backend in [P, M, S] {
        let sql = query.build(backend).sql;
        let shown = show(&analyze(backend, &sql));
        assert!(shown.starts_with("+Cake("), "{backend:?} {sql}: {shown}");
    }
}

#[test]
fn insert_or_do_nothing() {
    let mut conflict = OnConflict::column(cake::Column::Id);
    conflict.do_nothing_on([cake::Column::Id]);
    let query = cake::Entity::insert(cake("a")).on_conflict(conflict);
    for backend in [P, M, S] {
        let sql = query.build(backend).sql;
        let expected = "+Cake(name,tea) (#0,#1) skip";
        assert_eq!(show(&analyze(backend, &sql)), expected, "{sql}");
    }
    // MySQL refuses what SeaORM makes of this one; the table is known all the same.
    let conflict = OnConflict::new().do_nothing().to_owned();
    let sql = cake::Entity::insert(cake("a"))
        .on_conflict(conflict)
        .build(M)
        .sql;
    assert_eq!(show(&analyze(M, &sql)), "*Cake", "{sql}");
}

#[test]
fn insert_or_update() {
    let conflict = OnConflict::column(cake::Column::Id)
        .update_columns([cake::Column::Name])
        .value(cake::Column::Tea, Expr::value("x"))
        .to_owned();
    let query = cake::Entity::insert(cake("a")).on_conflict(conflict);
    for (backend, target) in [(P, "id"), (S, "id"), (M, "")] {
        let sql = query.build(backend).sql;
        let expected = format!("+Cake(name,tea) (#0,#1) upsert({target}){{name=inserted,tea=#2}}");
        assert_eq!(show(&analyze(backend, &sql)), expected, "{sql}");
    }
}

#[test]
fn update_of_one() {
    let model = cake::ActiveModel {
        id: Set(7),
        ..cake("a")
    };
    let query = cake::Entity::update(model).validate().unwrap();
    check(build(&query), "~Cake {name=#0,tea=#1} [id](#2)");
    let query = link::Entity::update(link(1)).validate().unwrap();
    check(build(&query), "~app.link {note=#0} [left](#1) [right](#2)");
}

#[test]
fn update_many() {
    let query = cake::Entity::update_many()
        .col_expr(cake::Column::Name, Expr::value("x"))
        .col_expr(cake::Column::Tea, Expr::col(cake::Column::Name))
        .filter(cake::Column::Id.is_in([1, 2]))
        .filter(cake::Column::Name.like("a%"));
    check(build(&query), "~Cake {name=#0,tea=?} [id](#1)(#2)");
    let query = cake::Entity::update_many().set(cake("a"));
    check(build(&query), "~Cake {name=#0,tea=#1}");
    let query = cake::Entity::update_many().set(cake("a")).filter(
        Condition::any()
            .add(cake::Column::Id.eq(1))
            .add(cake::Column::Id.eq(2)),
    );
    check(build(&query), "~Cake {name=#0,tea=#1}");
}

#[test]
fn delete_of_one() {
    let model = cake::Model {
        id: 7,
        name: String::new(),
        tea: None,
    };
    let query = cake::Entity::delete(model.into_active_model())
        .validate()
        .unwrap();
    check(build(&query), "-Cake [id](#0)");
    let query = cake::Entity::delete_by_id(7);
    check(build(&query), "-Cake [id](#0)");
    let query = link::Entity::delete_by_id((1, Uuid::nil()));
    check(build(&query), "-app.link [left](#0) [right](#1)");
}

#[test]
fn delete_many() {
    let query = cake::Entity::delete_many()
        .filter(cake::Column::Name.eq("x"))
        .filter(cake::Column::Tea.eq(cake::Tea::Breakfast));
    check(build(&query), "-Cake [name](#0) [tea](#1)");
    check(build(&cake::Entity::delete_many()), "-Cake");
    let none: [i32; 0] = [];
    let query = cake::Entity::delete_many().filter(cake::Column::Id.is_in(none));
    check(build(&query), "-Cake");
}

#[test]
fn composite_keys() {
    let tuple = Expr::tuple([
        Expr::col(link::Column::Left),
        Expr::col((link::Entity, link::Column::Right)),
    ]);
    let keys = [(1, Uuid::nil()), (2, Uuid::nil())];
    let query = link::Entity::delete_many().filter(tuple.in_tuples(keys));
    check(build(&query), "-app.link [left,right](#0,#1)(#2,#3)");
    let query = link::Entity::update_many()
        .set(link::ActiveModel {
            note: Set(Some("x".to_owned())),
            ..Default::default()
        })
        .filter(
            link::Column::Left
                .eq(1)
                .and(link::Column::Right.eq(Uuid::nil())),
        );
    check(build(&query), "~app.link {note=#0} [left](#1) [right](#2)");
}

#[test]
fn returning() {
    let mut delete = Query::delete();
    delete
        .from_table(cake::Entity)
        .and_where(cake::Column::Id.eq(1))
        .returning_all();
    let mut update = Query::update();
    update
        .table(cake::Entity)
        .value(cake::Column::Name, "x")
        .and_where(cake::Column::Id.eq(1))
        .returning_col(cake::Column::Id);
    let mut insert = Query::insert();
    insert
        .into_table(cake::Entity)
        .columns([cake::Column::Name])
        .values_panic(["x".into()])
        .returning_all();
    for backend in [P, S] {
        for (sql, expected) in [
            (backend.build(&delete).sql, "-Cake [id](#0) returning"),
            (
                backend.build(&update).sql,
                "~Cake {name=#0} [id](#1) returning",
            ),
            (backend.build(&insert).sql, "+Cake(name) (#0) returning"),
        ] {
            assert_eq!(show(&analyze(backend, &sql)), expected, "{sql}");
        }
    }
}

#[test]
fn a_write_within_a_query() {
    use sea_orm::sea_query::{CommonTableExpression, WithClause};
    let mut delete = Query::delete();
    delete
        .from_table(cake::Entity)
        .and_where(cake::Column::Id.eq(1))
        .returning_all();
    let mut gone = CommonTableExpression::new();
    gone.query(delete).table_name("gone");
    let mut clause = WithClause::new();
    clause.cte(gone);
    let mut select = Query::select();
    select.expr(Expr::cust("*")).from("gone");
    let sql = P.build(&clause.query(select)).sql;
    assert_eq!(show(&analyze(P, &sql)), "-Cake [id](#0)", "{sql}");
}
