//! Views that the catalog does not tell all of, and what only some databases have.

use super::{BIG_ORDERS, all_of, pairs, run, show, shown, try_show};
use cached_repo::database::FindingKind;
use cached_repo::{CachedQuery, CachedRepo, ErrorKind, cached_schema};
use sea_orm::EntityTrait;
use std::time::Duration;
use tests::rows::{add_note, add_order, add_user, set_note};
use tests::shop::{Shop, dashboard, line, note, order, user};
use tests::{Database, Store, World};

async fn world(database: Database) -> World {
    World::new(database, Store::Memory).await
}

#[tokio::test]
async fn a_materialized_view_needs_a_lifetime() {
    let world = world(Database::Postgres).await;
    let repo = &world.repo;
    let ada = add_user(repo, "ada@example.org").await;
    run(
        &world.raw,
        "CREATE MATERIALIZED VIEW kept AS SELECT name AS label, id AS amount FROM users",
    )
    .await;
    run(
        &world.raw,
        "CREATE VIEW over_kept AS SELECT label, amount FROM kept",
    )
    .await;
    for view in ["kept", "over_kept"] {
        let refused = try_show(repo, view)
            .await
            .expect_err("its tables do not end it");
        assert_eq!(refused.kind(), ErrorKind::Query);
        let message = refused.to_string();
        assert!(
            message.contains("materialized") && message.contains(".ttl(..)"),
            "{message}"
        );
        let query = all_of(repo, view).cached().ttl(Duration::from_secs(60));
        let read = query.all(repo).await.expect("with a lifetime of its own");
        assert_eq!(pairs(&read), shown(&[("Ada", ada.id)]));
    }
}

#[tokio::test]
async fn a_view_in_a_schema_of_its_own_is_told_from_others() {
    let world = world(Database::Postgres).await;
    run(
        &world.raw,
        "CREATE SCHEMA apart; CREATE TABLE strangers (label TEXT, amount BIGINT)",
    )
    .await;
    run(
        &world.raw,
        "CREATE VIEW apart.users AS SELECT label, amount FROM strangers",
    )
    .await;
    run(
        &world.raw,
        "CREATE VIEW apart.buys AS SELECT body AS label, 1::BIGINT AS amount FROM notes",
    )
    .await;
    let repo = &world.another().await;
    add_user(repo, "ada@example.org").await;
    let found = user::Entity::find().cached().all(repo).await;
    assert_eq!(found.expect("the entity's table is meant").len(), 1);
    let refused = try_show(repo, "apart.users")
        .await
        .expect_err("nobody sees its writes");
    assert!(
        refused.to_string().contains("table: strangers"),
        "{refused}"
    );
    assert_eq!(show(repo, "apart.buys").await, []);
    add_note(repo, "n", "Buy").await;
    assert_eq!(show(repo, "apart.buys").await, shown(&[("Buy", 1)]));
}

#[tokio::test]
async fn tables_of_the_system_behind_a_view_are_no_entities() {
    let world = world(Database::Postgres).await;
    let view = "CREATE VIEW counted AS SELECT c.relname::text AS label, u.id AS amount FROM pg_class c JOIN users u ON true";
    run(&world.raw, view).await;
    let refused = try_show(&world.repo, "counted")
        .await
        .expect_err("nobody sees its writes");
    assert!(refused.to_string().contains("table: pg_class"), "{refused}");
}

#[tokio::test]
async fn a_view_over_a_partition_goes_with_the_whole_table() {
    let world = world(Database::Postgres).await;
    run(&world.raw, "DROP TABLE notes; CREATE TABLE notes (id VARCHAR NOT NULL, body VARCHAR NOT NULL, PRIMARY KEY (id)) PARTITION BY HASH (id); \
        CREATE TABLE notes_0 PARTITION OF notes FOR VALUES WITH (MODULUS 1, REMAINDER 0); \
        CREATE VIEW part AS SELECT body AS label, 1::BIGINT AS amount FROM notes_0").await;
    let repo = &world.repo;
    assert_eq!(show(repo, "part").await, []);
    add_note(repo, "n", "Buy").await;
    assert_eq!(show(repo, "part").await, shown(&[("Buy", 1)]));
}

#[tokio::test]
async fn mariadb_reads_views_of_other_databases() {
    let world = world(Database::MariaDb).await;
    let other = format!("{}_other", world.namespace());
    run(&world.raw, &format!("CREATE DATABASE {other}")).await;
    let own = world.namespace();
    run(
        &world.raw,
        &format!(
            "CREATE VIEW {other}.inner_one AS SELECT body AS label, 1 AS amount FROM {own}.notes"
        ),
    )
    .await;
    run(
        &world.raw,
        &format!("CREATE VIEW outer_one AS SELECT label, amount FROM {other}.inner_one"),
    )
    .await;
    let repo = &world.repo;
    for view in ["outer_one", &format!("{other}.inner_one")] {
        assert_eq!(show(repo, view).await, []);
    }
    add_note(repo, "n", "Buy").await;
    for view in ["outer_one", &format!("{other}.inner_one")] {
        assert_eq!(show(repo, view).await, shown(&[("Buy", 1)]));
    }
    run(&world.raw, &format!("DROP DATABASE {other}")).await;
}

#[tokio::test]
async fn a_definition_that_mariadb_hides_is_to_be_granted() {
    let world = world(Database::MariaDb).await;
    run(
        &world.raw,
        "CREATE VIEW hidden AS SELECT name AS label, id AS amount FROM users",
    )
    .await;
    let name = world.namespace();
    run(&world.raw, &format!("CREATE USER `{name}`@`%`")).await;
    run(
        &world.raw,
        &format!("GRANT SELECT, INSERT ON `{name}`.* TO `{name}`@`%`"),
    )
    .await;
    let shared = testkit::shared::mariadb().expect("a server");
    let (_, address) = shared.url().rsplit_once('@').expect("an address");
    let (server, _) = address.split_once('/').expect("a database");
    let url = format!("mysql://{name}@{server}/{name}");
    let database = sea_orm::Database::connect(url).await.expect("connected");
    let repo = CachedRepo::<Shop>::builder(database)
        .build()
        .await
        .expect("built");
    let refused = try_show(&repo, "hidden").await.expect_err("not shown");
    let message = refused.to_string();
    assert!(
        message.contains("GRANT SHOW VIEW ON") && message.contains("view: hidden"),
        "{message}"
    );
    run(&world.raw, &format!("DROP USER `{name}`@`%`")).await;
}

/// An entity that maps a view.
#[expect(unreachable_pub, reason = "an entity is public where SeaORM writes it")]
mod big {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row of the view.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "big_orders")]
    #[cached(prefix = "big")]
    pub struct Model {
        /// Of the order.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// The user.
        #[cached(index)]
        pub customer_id: i64,
        /// In cents.
        pub total: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    WithView { big::Entity, order::Entity, line::Entity, user::Entity, dashboard::Entity }
}

/// An entity that maps a view, with an edge from its table.
#[expect(unreachable_pub, reason = "an entity is public where SeaORM writes it")]
mod tally {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row of the view.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "tallies")]
    #[cached(prefix = "tally", depends_on(tests::shop::note::Entity(via = id)))]
    pub struct Model {
        /// Of the note.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// What it says.
        pub body: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    Tallied { tally::Entity, note::Entity }
}

#[tokio::test]
async fn a_query_for_rows_of_an_entity_that_maps_a_view_goes_with_its_tables() {
    use sea_orm::{ColumnTrait, QueryFilter};
    for database in [Database::Sqlite, Database::Postgres, Database::MariaDb] {
        let world = world(database).await;
        run(&world.raw, BIG_ORDERS).await;
        let repo = world
            .beside::<WithView>()
            .await
            .build()
            .await
            .expect("built");
        let of_one = || {
            let query = big::Entity::find().filter(big::Column::CustomerId.eq(1));
            query.cached().all(&repo)
        };
        assert_eq!(of_one().await.expect("read").len(), 0);
        add_order(&repo, 1, 30).await;
        assert_eq!(of_one().await.expect("read").len(), 1, "{database:?}");
    }
}

#[tokio::test]
async fn the_check_names_the_edges_that_an_entity_of_a_view_lacks() {
    for database in [Database::Sqlite, Database::Postgres, Database::MariaDb] {
        let world = world(database).await;
        let repo = world
            .beside::<WithView>()
            .await
            .build()
            .await
            .expect("built");
        assert!(
            repo.check_database()
                .await
                .expect("read")
                .findings
                .is_empty(),
            "a table so far"
        );
        run(&world.raw, BIG_ORDERS).await;
        let report = repo.check_database().await.expect("read");
        let [finding] = report.findings.as_slice() else {
            panic!("one finding:\n{report}");
        };
        assert_eq!(finding.kind, FindingKind::UndeclaredView);
        assert_eq!(finding.tables, ["orders", "big_orders"]);
        assert!(finding.is_warning());
        let entity = concat!(module_path!(), "::big::Entity");
        let edge = format!("`#[cached(dependents({entity}(via = .., references = ..)))]`");
        assert!(finding.fix.contains(&edge), "{report}");
    }
}

#[tokio::test]
async fn an_edge_to_the_entity_of_a_view_settles_it() {
    let world = world(Database::Sqlite).await;
    run(
        &world.raw,
        "CREATE VIEW tallies AS SELECT id, body FROM notes",
    )
    .await;
    let repo = world
        .beside::<Tallied>()
        .await
        .build()
        .await
        .expect("built");
    let report = repo.check_database().await.expect("read");
    assert!(report.findings.is_empty(), "{report}");
    let body = async || {
        let row = tally::Entity::find_cached("n".to_owned()).one(&repo).await;
        row.expect("read").expect("there").body.clone()
    };
    add_note(&repo, "n", "Buy").await;
    assert_eq!(body().await, "Buy");
    set_note(&repo, "n", "Sell").await;
    assert_eq!(body().await, "Sell");
}
