//! Wrong settings, wrong schemas, odd questions, and databases that are not there.

#![expect(unreachable_pub, reason = "SeaORM wants models to be public")]

use cached_repo::config::Preset;
use cached_repo::{CachedRepo, Config, ErrorKind, RedisStore, cached_schema};
use sea_orm::{ConnectionTrait, EntityTrait};
use std::error::Error as _;
use std::process::Stdio;
use std::time::Duration;
use tests::eventually::promptly;
use tests::over::repo_over;
use tests::rows::{add_note, add_user, name_of, note_of, set_note};
use tests::shop::{Line, Note, Order, Shop, User};
use tests::traps::{Trap, Traps};
use tests::{Database, Store, World, matrix};

const SECRET: &str = "hunter2secret";

/// Everything that an error says, its causes included.
fn all_of(error: &cached_repo::Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(" {error} {error:?}"));
        cause = error.source();
    }
    text
}

/// In the format that shows neither the table nor the types of SeaORM to the derive.
mod twin {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A name that hides what is behind it.
    pub type Data = Json;

    #[derive(Copy, Clone, Default, Debug, DeriveEntity)]
    pub struct Entity;

    impl EntityName for Entity {
        fn table_name(&self) -> &'static str {
            "notes"
        }
    }

    #[derive(Clone, Debug, PartialEq, Eq, DeriveModel, DeriveActiveModel, CachedEntity)]
    #[cached(prefix = "twin")]
    pub struct Model {
        pub id: i64,
        #[cached(index)]
        pub data: Data,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveColumn)]
    pub enum Column {
        Id,
        Data,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DerivePrimaryKey)]
    pub enum PrimaryKey {
        Id,
    }

    impl PrimaryKeyTrait for PrimaryKey {
        type ValueType = i64;

        fn auto_increment() -> bool {
            false
        }
    }

    impl ColumnTrait for Column {
        type EntityName = Entity;

        fn def(&self) -> ColumnDef {
            match self {
                Self::Id => ColumnType::BigInteger.def(),
                Self::Data => ColumnType::Json.def(),
            }
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    /// One table twice, and a column that cannot be a key.
    Wrong { Note, twin::Entity }
}

matrix! {
    async fn questions_for_nothing_are_answered_without_the_database(world) {
        let none = User::find_cached_many(Vec::<i64>::new()).all(&world.repo).await.expect("read");
        assert!(none.is_empty());
        assert_eq!(world.stats("user").loads, 0);
    }

    async fn ids_that_do_not_exist_are_absent(world) {
        let repo = &world.repo;
        for id in [0, -1, i64::MIN, i64::MAX] {
            assert!(User::find_cached(id).one(repo).await.expect("read").is_none());
        }
        assert!(Line::find_cached((1, -1)).one(repo).await.expect("read").is_none());
        assert!(Order::find_cached_by_customer_id(-1).all(repo).await.expect("read").is_empty());
        assert!(User::find_cached_by_email(String::new()).one(repo).await.expect("read").is_none());
        let many = User::find_cached_many([1, 2, 1]).all(repo).await.expect("read");
        assert!(many.len() == 3 && many.iter().all(Option::is_none));
    }

    async fn a_text_that_looks_like_sql_is_a_text(world) {
        let nasty = "'; DROP TABLE notes; -- \" ` \\";
        add_note(&world.repo, nasty, nasty).await;
        for _ in 0..2 {
            assert_eq!(note_of(&world.repo, nasty).await.as_deref(), Some(nasty));
            world.settle().await;
        }
        set_note(&world.repo, nasty, "'new'").await;
        assert_eq!(note_of(&world.repo, nasty).await.as_deref(), Some("'new'"));
    }

    async fn an_entity_without_its_table_is_an_error_of_the_database_each_time(world) {
        let repo: CachedRepo<Traps> = repo_over(&world).await;
        for _ in 0..2 {
            let error = Trap::find_cached(1).one(&repo).await.expect_err("no table");
            assert_eq!(error.kind(), ErrorKind::Database);
            assert!(error.database().is_some());
        }
        let error = Trap::find_cached_many([1, 2]).all(&repo).await.expect_err("no table");
        assert_eq!(error.kind(), ErrorKind::Database);
        Trap::delete_by_id(1).exec(&repo).await.expect_err("no table");
    }

    async fn nothing_that_is_shown_holds_values_or_passwords(world) {
        let user = add_user(&world.repo, SECRET).await;
        name_of(&world.repo, user.id).await;
        let texts = [
            format!("{:?}", world.repo),
            format!("{:?}", world.repo.stats()),
            format!("{:?}", CachedRepo::<Shop>::builder(world.raw.clone())),
            format!("{:?}", Config::default()),
        ];
        for text in texts {
            assert!(!text.contains(SECRET) && !text.contains("127.0.0.1"), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_over_the_limit_is_served_from_the_database_each_time() {
    let world = World::with(Database::Sqlite, Store::Redis, |builder| {
        builder.value_limit(1000)
    });
    let world = world.await;
    let large = "x".repeat(1000);
    add_note(&world.repo, "large", &large).await;
    add_note(&world.repo, "small", "x").await;
    for round in 1..=3 {
        assert_eq!(note_of(&world.repo, "large").await.as_ref(), Some(&large));
        note_of(&world.repo, "small").await;
        world.settle().await;
        let stats = world.stats("note");
        assert_eq!((stats.fills, stats.uncacheable), (1, round), "{stats:?}");
    }
    set_note(&world.repo, "large", "no longer").await;
    note_of(&world.repo, "large").await;
    world.settle().await;
    assert_eq!(
        note_of(&world.repo, "large").await.as_deref(),
        Some("no longer")
    );
    assert_eq!(world.stats("note").fills, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_database_hits_are_served_and_misses_are_errors() {
    let postgres = testkit::Postgres::start().unwrap_or_else(|error| panic!("{error}"));
    let mut options =
        sea_orm::ConnectOptions::new(postgres.create_database("shop").expect("created"));
    options
        .connect_timeout(Duration::from_secs(1))
        .acquire_timeout(Duration::from_secs(1));
    let database = sea_orm::Database::connect(options)
        .await
        .expect("connected");
    let table =
        sea_orm::Schema::new(database.get_database_backend()).create_table_from_entity(Note);
    database.execute(&table).await.expect("created");
    let repo = CachedRepo::<Shop>::builder(database)
        .build()
        .await
        .expect("built");
    add_note(&repo, "n", "there").await;
    assert_eq!(note_of(&repo, "n").await.as_deref(), Some("there"));
    drop(postgres);
    assert_eq!(note_of(&repo, "n").await.as_deref(), Some("there"));
    for _ in 0..2 {
        let read = promptly("a miss", Note::find_cached("m".to_owned()).one(&repo)).await;
        assert_eq!(read.expect_err("no database").kind(), ErrorKind::Database);
    }
    let write = promptly("a write", Note::delete_by_id("n").exec(&repo)).await;
    write.expect_err("no database");
    // Nobody knows what became of it.
    let read = promptly("a miss", Note::find_cached("n".to_owned()).one(&repo)).await;
    assert_eq!(read.expect_err("no database").kind(), ErrorKind::Database);
}

async fn sqlite() -> sea_orm::DatabaseConnection {
    sea_orm::Database::connect("sqlite::memory:")
        .await
        .expect("connected")
}

#[tokio::test]
async fn every_wrong_setting_is_named_at_once() {
    let built = CachedRepo::<Shop>::builder(sqlite().await)
        .namespace("a{b}")
        .jitter(f64::NAN)
        .ttl(Duration::ZERO)
        .chunk(0)
        .value_limit(0)
        .store_timeout(Duration::from_secs(3600))
        .lock_time(Duration::ZERO)
        .build();
    let error = built.await.expect_err("wrong settings");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let text = error.to_string();
    for name in [
        "namespace",
        "jitter",
        "ttl",
        "chunk",
        "value_limit",
        "store_timeout",
        "lock_time",
    ] {
        assert!(
            text.contains(&format!("`{name}`")),
            "{name} is not in: {text}"
        );
    }
    assert!(!text.contains("`capacity`"), "{text}");
}

#[tokio::test]
async fn a_preset_that_contradicts_the_store_is_refused() {
    let store = RedisStore::open("redis://127.0.0.1:1").expect("an address");
    let built = CachedRepo::<Shop>::builder(sqlite().await)
        .preset(Preset::MemoryOnly)
        .store(store);
    let error = built.build().await.expect_err("contradiction");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("memory-only"), "{error}");
    let built = CachedRepo::<Shop>::builder(sqlite().await).preset(Preset::Distributed);
    let error = built.build().await.expect_err("contradiction");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("distributed"), "{error}");
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_schema_is_named_at_once() {
    let error = CachedRepo::<Wrong>::builder(sqlite().await)
        .build()
        .await
        .expect_err("wrong schema");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let text = error.to_string();
    assert!(text.contains("`notes` is mapped twice"), "{text}");
    assert!(
        text.contains("column `data`") && text.contains("cannot be part of a key"),
        "{text}"
    );
}

/// Not a test by itself: what `from_env` says in a process whose environment the caller chooses.
#[tokio::test]
async fn child_of_from_env() {
    if std::env::var_os("CACHED_REPO_TEST_CHILD").is_none() {
        return;
    }
    match CachedRepo::<Shop>::from_env().await {
        Ok(repo) => {
            let read = Note::find_cached("n".to_owned()).one(&repo).await;
            println!(
                "OUTCOME built, away {}, {}",
                repo.stats().store.breaker_open,
                read.is_err()
            );
        }
        Err(error) => println!("OUTCOME {:?}: {}", error.kind(), all_of(&error)),
    }
}

fn from_env(variables: &[(&str, &str)]) -> String {
    let child = std::process::Command::new(std::env::current_exe().expect("a test"))
        .args(["--exact", "bad_input::child_of_from_env", "--nocapture"])
        .env_clear()
        .env("CACHED_REPO_TEST_CHILD", "yes")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("the child runs");
    let text = String::from_utf8_lossy(&child.stdout).into_owned();
    let text = text + &String::from_utf8_lossy(&child.stderr);
    assert!(text.contains("OUTCOME"), "{text}");
    assert!(!text.contains(SECRET), "the password is shown: {text}");
    text
}

#[test]
fn a_repo_is_made_from_the_environment_alone() {
    let text = from_env(&[
        ("DATABASE_URL", "sqlite::memory:"),
        ("CACHED_REPO_TTL", "5m"),
    ]);
    assert!(text.contains("OUTCOME built, away false"), "{text}");
    // A store that is away is no reason not to start.
    let store = ("CACHED_REPO_URL", "redis://user:hunter2secret@127.0.0.1:1");
    let text = from_env(&[("DATABASE_URL", "sqlite::memory:"), store]);
    assert!(text.contains("OUTCOME built, away true"), "{text}");
}

#[test]
fn wrong_variables_are_named_and_no_password_is_shown() {
    let text = from_env(&[]);
    assert!(
        text.contains("OUTCOME Configuration") && text.contains("DATABASE_URL"),
        "{text}"
    );
    let wrong = [
        ("CACHED_REPO_TTL", "soon"),
        ("CACHED_REPO_NAMESPACE", "redis://u:hunter2secret@h"),
    ];
    let text = from_env(&wrong);
    assert!(text.contains("OUTCOME Configuration"), "{text}");
    assert!(
        text.contains("CACHED_REPO_TTL") && text.contains("CACHED_REPO_NAMESPACE"),
        "{text}"
    );
    let database = ("DATABASE_URL", "sqlite::memory:");
    let text = from_env(&[
        database,
        ("CACHED_REPO_URL", "rediss//user:hunter2secret@host"),
    ]);
    assert!(text.contains("OUTCOME Configuration"), "{text}");
}

#[test]
fn an_address_of_a_database_that_cannot_be_used_is_not_shown_with_its_password() {
    for url in [
        "postgres://user:hunter2secret@127.0.0.1:port/shop",
        "mysql://user:hunter2secret@[broken/shop",
        "oracle://user:hunter2secret@127.0.0.1/shop",
        "user:hunter2secret@127.0.0.1",
    ] {
        let text = from_env(&[("DATABASE_URL", url)]);
        assert!(!text.contains("OUTCOME built"), "{text}");
    }
}
