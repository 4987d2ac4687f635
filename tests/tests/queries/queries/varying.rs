//! Queries that answer differently each time, or do something.

use cached_repo::{CachedQuery, CachedRepo, Error, ErrorKind};
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, SelectModel, SelectorRaw,
    Statement, Value,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tests::rows::add_order;
use tests::scene::bound;
use tests::shop::{Order, Shop};
use tests::{Database, World, matrix};

/// What the queries find.
#[derive(Debug, FromQueryResult, Serialize, Deserialize)]
struct Found {
    found: i64,
}

fn find(statement: Statement) -> SelectorRaw<SelectModel<Found>> {
    Found::find_by_statement(statement)
}

/// Orders for which the expression has a value.
fn of(repo: &CachedRepo<Shop>, expression: &str) -> SelectorRaw<SelectModel<Found>> {
    let sql = format!("SELECT id AS found FROM orders WHERE {expression} IS NOT NULL");
    find(Statement::from_string(repo.get_database_backend(), sql))
}

async fn try_read(repo: &CachedRepo<Shop>, expression: &str) -> Result<usize, Error> {
    Ok(of(repo, expression).cached().all(repo).await?.len())
}

async fn run(db: &impl ConnectionTrait, sql: &str) {
    let done = db.execute_unprepared(sql).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// It is refused, and the message says this.
async fn refused(world: &World, expression: &str, says: &[&str]) {
    let error = match try_read(&world.repo, expression).await {
        Ok(_) => panic!("accepted: {expression}"),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::Query, "{expression}: {error}");
    let message = error.to_string();
    for part in says {
        assert!(
            message.contains(part),
            "{expression} says nothing of `{part}`: {message}"
        );
    }
}

/// It is refused without a lifetime, and read with one.
async fn needs_a_lifetime(world: &World, expression: &str, name: &str) {
    refused(world, expression, &[".ttl(..)", name]).await;
    let with = of(&world.repo, expression)
        .cached()
        .ttl(Duration::from_secs(60));
    with.all(&world.repo)
        .await
        .unwrap_or_else(|error| panic!("{expression}: {error}"));
}

/// It is refused whatever the lifetime.
async fn is_never_cached(world: &World, expression: &str, name: &str) {
    refused(world, expression, &["without `.cached()`", name]).await;
    let with = of(&world.repo, expression)
        .cached()
        .ttl(Duration::from_secs(60));
    let error = with.all(&world.repo).await.expect_err(expression);
    assert_eq!(error.kind(), ErrorKind::Query, "{expression}: {error}");
}

/// Expressions whose value is another one each time, and what they are called.
fn varying(database: Database) -> &'static [(&'static str, &'static str)] {
    match database {
        Database::Sqlite => &[
            ("datetime(\"now\")", "now"),
            ("datetime('NOW', '-1 day')", "'now'"),
            ("datetime('subsec')", "'subsec'"),
            ("random()", "random"),
            ("\"random\"()", "random"),
            ("changes()", "changes"),
            ("time()", "time"),
            ("current_timestamp", "current_timestamp"),
        ],
        Database::Postgres => &[
            ("'today'::date", "'today'"),
            ("'tomorrow'::timestamptz", "'tomorrow'"),
            ("DATE 'yesterday'", "'yesterday'"),
            ("CAST('today 12:00' AS timestamp)", "'today'"),
            ("\"now\"()", "now"),
            ("pg_catalog.now()", "now"),
            ("localtime", "localtime"),
            ("inet_client_port()", "inet_client_port"),
            ("txid_current_snapshot()", "txid_current_snapshot"),
            ("pg_database_size(current_database())", "pg_database_size"),
            ("clock_timestamp()", "clock_timestamp"),
            ("random()", "random"),
            ("version()", "version"),
        ],
        Database::MariaDb => &[
            ("utc_timestamp", "utc_timestamp"),
            ("utc_date", "utc_date"),
            ("utc_time", "utc_time"),
            ("sys_guid()", "sys_guid"),
            ("@@timestamp", "@@timestamp"),
            ("coalesce(@x, 1)", "@x"),
            ("unix_timestamp()", "unix_timestamp"),
            ("rand()", "rand"),
            ("connection_id()", "connection_id"),
            ("now(6)", "now"),
        ],
    }
}

/// Expressions that do something, and what they are called.
fn effective(database: Database) -> &'static [(&'static str, &'static str)] {
    match database {
        Database::Sqlite => &[("load_extension('nothing')", "load_extension")],
        Database::Postgres => &[
            ("pg_advisory_lock(1)", "pg_advisory_lock"),
            ("pg_try_advisory_lock(1)", "pg_try_advisory_lock"),
            ("set_config('a.b', '1', false)", "set_config"),
            ("nextval('orders_id_seq')", "nextval"),
            ("pg_sleep(0)", "pg_sleep"),
            ("pg_notify('a', 'b')", "pg_notify"),
        ],
        Database::MariaDb => &[
            ("release_lock('a')", "release_lock"),
            ("get_lock('a', 0)", "get_lock"),
            ("sleep(0)", "sleep"),
            ("(@n := @n + 1)", ":="),
            ("benchmark(1, 1)", "benchmark"),
        ],
    }
}

/// Expressions whose value depends on nothing else.
fn steady(database: Database) -> &'static [&'static str] {
    match database {
        Database::Sqlite => &[
            "coalesce(nullif(total, 0), max(total, 1), 1)",
            "datetime(status, 'start of month')",
            "strftime('%Y', status)",
            "json_extract('{\"a\": 1}', '$.a')",
            "lower(status) || upper(status) || substr(status, 1)",
            "(SELECT count(*) + sum(total) FROM orders)",
            "printf('%d', total)",
            "(SELECT group_concat(status) FROM orders)",
        ],
        Database::Postgres => &[
            "coalesce(nullif(total, 0), greatest(total, 1), 1)",
            "to_char(total, '999')",
            "concat(status, total)",
            "format('%s', total)",
            "jsonb_build_object('a', total)",
            "extract(year FROM status::timestamptz)",
            "substring(status from 1 for 2)",
            "trim(both ' ' from status)",
            "array_to_string(ARRAY[total], ',')",
            "(SELECT count(*) + sum(total) FROM orders)",
            "date_trunc('month', TIMESTAMP '2020-01-01')",
            "total::numeric(10, 2)",
            "CAST(status AS varchar(10))",
            "(SELECT string_agg(status, ',') FROM orders)",
            "position('a' in status)",
            "length(status)",
        ],
        Database::MariaDb => &[
            "coalesce(nullif(total, 0), greatest(total, 1), 1)",
            "if(total > 1, 1, 2)",
            "date_format(from_unixtime(total), '%Y')",
            "unix_timestamp('2020-01-01')",
            "concat_ws(',', status, total)",
            "json_object('a', total)",
            "convert(total, CHAR(10))",
            "cast(total AS DECIMAL(10, 2))",
            "(SELECT count(*) + sum(total) FROM orders)",
            "(SELECT group_concat(status ORDER BY id SEPARATOR ',') FROM orders)",
            "left(status, 1)",
        ],
    }
}

matrix! {
    async fn what_answers_differently_each_time_needs_a_lifetime(world) {
        add_order(&world.repo, 1, 30).await;
        for (expression, name) in varying(world.database) {
            needs_a_lifetime(&world, expression, name).await;
        }
    }

    async fn what_does_something_is_never_cached(world) {
        for (expression, name) in effective(world.database) {
            is_never_cached(&world, expression, name).await;
        }
    }

    async fn what_depends_on_its_arguments_alone_is_cached(world) {
        for expression in steady(world.database) {
            let read = try_read(&world.repo, expression).await;
            read.unwrap_or_else(|error| panic!("{expression}: {error}"));
        }
    }

    async fn a_function_that_nobody_knows_needs_a_lifetime(world) {
        refused(&world, "no_such_function(total)", &[".ttl(..)", "no_such_function"]).await;
    }

    async fn a_text_that_means_the_present_is_read_each_time(world) {
        let repo = &world.repo;
        add_order(repo, 1, 30).await;
        let (sql, word) = match world.database {
            Database::Sqlite => ("SELECT id AS found FROM orders WHERE datetime(?) IS NOT NULL", "now"),
            Database::Postgres => ("SELECT id AS found FROM orders WHERE CAST(? AS timestamptz) IS NOT NULL", "today"),
            // No text means the present.
            Database::MariaDb => return,
        };
        let reads = |text: &str, times: usize| {
            let statement = bound(&world, sql, [Value::from(text)]);
            async move {
                let before = repo.stats().entity("order").expect("an entity").hits;
                for _ in 0..times {
                    let found = find(statement.clone()).cached().all(repo).await.expect("read");
                    assert_eq!(found.len(), 1);
                    repo.wait_idle().await;
                }
                repo.stats().entity("order").expect("an entity").hits - before
            }
        };
        assert_eq!(reads(word, 3).await, 0);
        assert_eq!(reads("2020-01-01", 3).await, 2, "another text is kept");
        let statement = bound(&world, sql, [Value::from(word)]);
        let before = repo.stats().entity("order").expect("an entity").hits;
        for _ in 0..2 {
            let given = find(statement.clone()).cached().ttl(Duration::from_secs(60));
            given.all(repo).await.expect("read");
            repo.wait_idle().await;
        }
        let after = repo.stats().entity("order").expect("an entity").hits;
        assert_eq!(after - before, 1, "with a lifetime of its own it is kept");
        // Neither a prepared query nor a block is kept.
        let prepared = find(bound(&world, sql, [Value::from(word)])).cached().prepare(repo).expect("prepared");
        let runs = Arc::new(AtomicUsize::new(0));
        for times in 1..3 {
            let before = repo.stats().entity("order").expect("an entity").hits;
            assert_eq!(prepared.all().await.expect("read").len(), 1);
            assert_eq!(repo.stats().entity("order").expect("an entity").hits, before);
            let (runs, statement) = (Arc::clone(&runs), bound(&world, sql, [Value::from(word)]));
            let block = repo.read_cached("present", [], {
                let runs = Arc::clone(&runs);
                move |db| {
                    let (runs, statement) = (Arc::clone(&runs), statement.clone());
                    async move {
                        let orders = Order::find().count(&db).await?;
                        runs.fetch_add(1, Ordering::SeqCst);
                        Ok((orders, db.query_all_raw(statement).await?.len() as u64))
                    }
                }
            });
            assert_eq!(*block.await.expect("read"), (1, 1));
            repo.wait_idle().await;
            assert_eq!(runs.load(Ordering::SeqCst), times, "it is run each time");
        }
    }

    async fn a_view_that_does_something_or_varies_is_told(world) {
        let (varies, name) = match world.database {
            Database::Sqlite => ("random()", "random"),
            Database::Postgres => ("clock_timestamp()", "clock_timestamp"),
            Database::MariaDb => ("uuid()", "uuid"),
        };
        run(&world.repo, &format!("CREATE VIEW shown AS SELECT id AS found FROM orders WHERE {varies} IS NOT NULL")).await;
        let backend = world.repo.get_database_backend();
        let shown = || find(Statement::from_string(backend, "SELECT found FROM shown")).cached();
        let error = shown().all(&world.repo).await.expect_err("it varies");
        let message = error.to_string();
        assert!(message.contains(name) && message.contains("view: ") && message.contains(".ttl(..)"), "{message}");
        shown().ttl(Duration::from_secs(60)).all(&world.repo).await.expect("with a lifetime");
    }
}

#[tokio::test]
async fn what_postgres_says_of_a_function_decides() {
    let world = World::new(Database::Postgres, tests::Store::Memory).await;
    let define = |name: &str, promise: &str| {
        format!(
            "CREATE FUNCTION {name}(n BIGINT) RETURNS BIGINT {promise} LANGUAGE sql AS 'SELECT n * 2'"
        )
    };
    // The repo has read the catalog before.
    try_read(&world.repo, "abs(total)").await.expect("read");
    for (name, promise) in [
        ("twice", "IMMUTABLE"),
        ("now_twice", "STABLE"),
        ("ever_twice", ""),
    ] {
        run(&world.raw, &define(name, promise)).await;
    }
    try_read(&world.repo, "twice(total)")
        .await
        .expect("it is immutable");
    try_read(&world.repo, "public.\"twice\"(total)")
        .await
        .expect("it is immutable");
    needs_a_lifetime(&world, "now_twice(total)", "now_twice").await;
    needs_a_lifetime(&world, "ever_twice(total)", "ever_twice").await;
    needs_a_lifetime(&world, "public.ever_twice(total)", "ever_twice").await;
    run(
        &world.repo,
        "CREATE FUNCTION twice(n TEXT) RETURNS TEXT VOLATILE LANGUAGE sql AS 'SELECT n || n'",
    )
    .await;
    needs_a_lifetime(&world, "twice(total)", "twice").await;
}

#[tokio::test]
async fn a_sample_needs_a_lifetime() {
    let world = World::new(Database::Postgres, tests::Store::Memory).await;
    for sql in [
        "SELECT id AS found FROM orders TABLESAMPLE SYSTEM (50)",
        "SELECT o.id AS found FROM orders AS o TABLESAMPLE bernoulli (50) REPEATABLE (1)",
    ] {
        let query = || find(Statement::from_string(sea_orm::DbBackend::Postgres, sql)).cached();
        let error = query()
            .all(&world.repo)
            .await
            .expect_err("it is drawn by chance");
        assert!(error.to_string().contains("tablesample"), "{error}");
        query()
            .ttl(Duration::from_secs(60))
            .all(&world.repo)
            .await
            .expect("with a lifetime");
    }
}

#[tokio::test]
async fn what_mariadb_says_of_a_function_decides() {
    let world = World::new(Database::MariaDb, tests::Store::Memory).await;
    try_read(&world.repo, "abs(total)").await.expect("read");
    for (name, promise) in [
        ("twice", "DETERMINISTIC NO SQL"),
        ("maybe_twice", "NO SQL"),
        ("read_twice", "DETERMINISTIC READS SQL DATA"),
        ("write_twice", "DETERMINISTIC MODIFIES SQL DATA"),
    ] {
        let sql = format!("CREATE FUNCTION {name}(n BIGINT) RETURNS BIGINT {promise} RETURN n * 2");
        run(&world.raw, &sql).await;
    }
    try_read(&world.repo, "twice(total)")
        .await
        .expect("it is deterministic");
    needs_a_lifetime(&world, "maybe_twice(total)", "maybe_twice").await;
    needs_a_lifetime(&world, "read_twice(total)", "read_twice").await;
    is_never_cached(&world, "write_twice(total)", "write_twice").await;
    refused(&world, "NEXT VALUE FOR numbers", &["without `.cached()`"]).await;
}
