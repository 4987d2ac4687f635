//! What only one kind of database has.

use super::bare::Bare;
use super::tied::Tied;
use super::*;
use cached_repo::cached_schema;
use sea_orm::{ConnectOptions, Database as Connect, Statement};
use tests::Store;

async fn postgres() -> World {
    World::new(Database::Postgres, Store::Memory).await
}

const KEY: &str =
    ", CONSTRAINT fk FOREIGN KEY (<CustomerId>) REFERENCES <Customers> (<id>) ON DELETE CASCADE";

/// The same names in a schema that the search path does not have.
mod apart {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "nodes", schema_name = "Apart")]
    #[cached(ttl = "1h")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub parent_id: Option<i64>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    pub(crate) Apart { apart::Entity }
}

#[tokio::test]
async fn postgres_finds_tables_of_the_schemas_that_entities_name() {
    let world = postgres().await;
    run(&world.raw, "CREATE SCHEMA <Apart>").await;
    run(&world.raw, "CREATE TABLE <nodes> (<id> BIGINT PRIMARY KEY, <parent_id> BIGINT REFERENCES <nodes> ON DELETE CASCADE)").await;
    assert!(
        check::<Apart>(&world).await.findings.is_empty(),
        "a table of another schema"
    );
    let apart = "CREATE TABLE <Apart>.<nodes> (<id> BIGINT PRIMARY KEY, <parent_id> BIGINT REFERENCES <Apart>.<nodes> ON DELETE SET NULL)";
    run(&world.raw, apart).await;
    let finding = only::<Apart>(&world).await;
    assert_eq!(
        (finding.kind, finding.tables),
        (FindingKind::UndeclaredAction, vec!["Apart.nodes".into(); 2])
    );
}

#[tokio::test]
async fn postgres_follows_tables_outside_into_other_schemas() {
    let world = postgres().await;
    run(&world.raw, "CREATE SCHEMA geo; CREATE TABLE geo.planets (id BIGINT PRIMARY KEY); \
        CREATE TABLE geo.regions (id BIGINT PRIMARY KEY, planet BIGINT REFERENCES geo.planets ON DELETE CASCADE)").await;
    let region = ", CONSTRAINT fk FOREIGN KEY (code) REFERENCES geo.regions ON DELETE CASCADE";
    Tables {
        customers: region,
        ..Tables::default()
    }
    .create(&world.raw)
    .await;
    assert_eq!(
        only::<Tied>(&world).await.tables,
        ["geo.planets", "geo.regions", "Customers"]
    );
}

#[tokio::test]
async fn postgres_partitions_count_as_their_table() {
    let world = postgres().await;
    run(&world.raw, "CREATE TABLE <Customers> (id BIGINT PRIMARY KEY, code BIGINT); \
        CREATE TABLE purchases (id BIGINT, <CustomerId> BIGINT, total BIGINT, PRIMARY KEY (id)) PARTITION BY HASH (id); \
        CREATE TABLE purchases_0 PARTITION OF purchases FOR VALUES WITH (MODULUS 2, REMAINDER 0); \
        CREATE TABLE purchases_1 PARTITION OF purchases FOR VALUES WITH (MODULUS 2, REMAINDER 1); \
        ALTER TABLE purchases ADD CONSTRAINT whole FOREIGN KEY (<CustomerId>) REFERENCES <Customers> ON DELETE CASCADE; \
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM <Customers>; RETURN NULL; END $$; \
        CREATE TRIGGER t AFTER DELETE ON purchases FOR EACH ROW EXECUTE FUNCTION f()").await;
    let report = check::<Bare>(&world).await;
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|it| (it.kind, it.constraint.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            (FindingKind::UndeclaredAction, Some("whole")),
            (FindingKind::UndeclaredTrigger, Some("t"))
        ],
        "{report}"
    );
    // A foreign key of one partition changes rows of the whole table.
    run(&world.raw, "ALTER TABLE purchases DROP CONSTRAINT whole; DROP TRIGGER t ON purchases; \
        ALTER TABLE purchases_1 ADD CONSTRAINT one FOREIGN KEY (<CustomerId>) REFERENCES <Customers> ON DELETE SET NULL").await;
    let finding = only::<Bare>(&world).await;
    assert_eq!(finding.tables, ["Customers", "purchases"]);
}

#[tokio::test]
async fn postgres_rules_count_like_triggers() {
    let world = postgres().await;
    Tables::default().create(&world.raw).await;
    run(&world.raw, "CREATE RULE r AS ON DELETE TO <purchases> DO ALSO (DELETE FROM <Customers> WHERE id = OLD.<CustomerId>; NOTIFY x)").await;
    run(
        &world.raw,
        "CREATE RULE none AS ON UPDATE TO <nodes> DO INSTEAD NOTHING",
    )
    .await;
    let finding = only::<Tied>(&world).await;
    assert_eq!(
        (finding.kind, finding.constraint.as_deref()),
        (FindingKind::UndeclaredTrigger, Some("r"))
    );
    assert!(
        finding
            .message
            .starts_with("rule `r` on `purchases` (DELETE) writes to `Customers`"),
        "{}",
        finding.message
    );
}

#[tokio::test]
async fn postgres_triggers_that_never_fire_are_no_finding() {
    let world = postgres().await;
    Tables::default().create(&world.raw).await;
    run(&world.raw, "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM <Customers>; RETURN NULL; END $$; \
        CREATE TRIGGER t AFTER INSERT OR UPDATE ON nodes EXECUTE FUNCTION f()").await;
    let finding = only::<Tied>(&world).await;
    assert!(
        finding.message.contains("(INSERT, UPDATE)"),
        "{}",
        finding.message
    );
    run(&world.raw, "ALTER TABLE nodes DISABLE TRIGGER t").await;
    assert!(check::<Tied>(&world).await.findings.is_empty());
}

#[tokio::test]
async fn sqlite_with_foreign_keys_off_says_so() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    Tables {
        purchases: KEY,
        ..Tables::default()
    }
    .create(&world.raw)
    .await;
    let file = world.raw.query_one_raw(Statement::from_string(
        sea_orm::DbBackend::Sqlite,
        "PRAGMA database_list",
    ));
    let file: String = file
        .await
        .expect("read")
        .expect("there")
        .try_get("", "file")
        .expect("a path");
    let mut options = ConnectOptions::new(format!("sqlite://{file}"));
    options.map_sqlx_sqlite_opts(|options| options.foreign_keys(false));
    let database = Connect::connect(options).await.expect("connected");
    let repo = CachedRepo::<Tied>::builder(database)
        .database_check(DatabaseCheck::Error)
        .build()
        .await
        .expect("a note is no error");
    let report = repo.check_database().await.expect("read");
    assert_eq!(kinds(&report), [FindingKind::ForeignKeysOff], "{report}");
    assert!(report.is_clean());
}

#[tokio::test]
async fn sqlite_foreign_keys_may_leave_out_the_columns_of_the_parent() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let line = ", FOREIGN KEY (<purchase_id>, <line_no>) REFERENCES PURCHASE_LINES";
    let node = ", FOREIGN KEY (<parent_id>) REFERENCES nodes";
    Tables {
        parts: line,
        nodes: node,
        ..Tables::default()
    }
    .create(&world.raw)
    .await;
    assert!(check::<Tied>(&world).await.findings.is_empty());
    let bare = check::<Bare>(&world).await;
    assert_eq!(
        bare.findings[1].tables,
        ["purchase_lines", "parts"],
        "{bare}"
    );
}

/// A user of MariaDB with these rights to a world's database.
struct User {
    name: String,
    url: String,
}

impl User {
    async fn with(world: &World, rights: &[&str]) -> Self {
        let asked = Statement::from_string(
            sea_orm::DbBackend::MySql,
            "SELECT CAST(database() AS CHAR) AS name",
        );
        let row = world
            .raw
            .query_one_raw(asked)
            .await
            .expect("read")
            .expect("a row");
        let name: String = row.try_get("", "name").expect("a name");
        run(&world.raw, &format!("CREATE USER <{name}>@<%>")).await;
        let shared = testkit::shared::mariadb().expect("a server");
        let (_, address) = shared.url().rsplit_once('@').expect("an address");
        let (server, _) = address.split_once('/').expect("a database");
        let user = Self {
            url: format!("mysql://{name}@{server}/{name}"),
            name,
        };
        for right in rights {
            user.grant(world, right).await;
        }
        user
    }

    async fn grant(&self, world: &World, right: &str) {
        run(&world.raw, &format!("GRANT {right} TO <{}>@<%>", self.name)).await;
    }

    async fn report(&self) -> DatabaseReport {
        let database = Connect::connect(&self.url).await.expect("connected");
        let builder = CachedRepo::<Tied>::builder(database).database_check(DatabaseCheck::Warn);
        let repo = builder.build().await.expect("a warning is no error");
        repo.check_database().await.expect("read")
    }

    async fn drop(self, world: &World) {
        run(&world.raw, &format!("DROP USER <{}>@<%>", self.name)).await;
    }
}

#[tokio::test]
async fn mariadb_hides_what_triggers_do_from_users_without_a_right_to_them() {
    let world = World::new(Database::MariaDb, Store::Memory).await;
    Tables::default().create(&world.raw).await;
    let user = User::with(&world, &["SELECT, INSERT, UPDATE, DELETE ON *"]).await;
    assert!(user.report().await.findings.is_empty());
    run(
        &world.raw,
        "CREATE TRIGGER t AFTER DELETE ON nodes FOR EACH ROW DELETE FROM parts",
    )
    .await;
    let report = user.report().await;
    assert_eq!(kinds(&report), [FindingKind::Unreadable], "{report}");
    assert!(
        report.findings[0].fix.contains("GRANT TRIGGER ON"),
        "{report}"
    );
    user.grant(&world, "TRIGGER ON *").await;
    assert_eq!(
        kinds(&user.report().await),
        [FindingKind::UndeclaredTrigger]
    );
    user.drop(&world).await;
}

#[tokio::test]
async fn mariadb_hides_actions_from_users_who_may_only_read() {
    let world = World::new(Database::MariaDb, Store::Memory).await;
    let key = foreign_key(
        "fk",
        "<CustomerId>",
        "<Customers> (<id>)",
        "ON DELETE CASCADE",
    );
    Tables {
        purchases: &key,
        ..Tables::default()
    }
    .create(&world.raw)
    .await;
    let user = User::with(&world, &["SELECT ON *", "DELETE ON <Customers>"]).await;
    let report = user.report().await;
    assert_eq!(kinds(&report), [FindingKind::Unreadable], "{report}");
    assert!(
        report.findings[0].fix.contains("GRANT REFERENCES ON"),
        "{report}"
    );
    user.grant(&world, "REFERENCES ON *").await;
    assert_eq!(kinds(&user.report().await), [FindingKind::UndeclaredAction]);
    user.drop(&world).await;
}
