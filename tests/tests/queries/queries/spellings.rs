//! Spellings that one database has and the parser does not.

use cached_repo::CachedQuery;
use sea_orm::{ConnectionTrait, FromQueryResult, SelectModel, SelectorRaw, Statement};
use serde::{Deserialize, Serialize};
use tests::rows::{add_order, set_total};
use tests::{Database, Scene, Store, World};

/// What the queries find.
#[derive(Debug, FromQueryResult, Serialize, Deserialize)]
struct Found {
    total: i64,
}

fn texts(database: Database) -> &'static [&'static str] {
    match database {
        Database::Sqlite => &[
            "SELECT total FROM orders WHERE customer_id IS 1 AND total IS NOT 0",
            "SELECT total FROM orders WHERE (customer_id IS 1) = 1 AND status IS NOT 'x' OR 1 IS 2",
        ],
        Database::Postgres => &[
            "SELECT total FROM ONLY orders",
            "SELECT o.total FROM users u RIGHT JOIN ONLY (orders) AS o ON u.id = o.customer_id",
            "SELECT total FROM (TABLE orders) AS o",
            "TABLE orders",
            "TABLE ONLY public.orders",
        ],
        Database::MariaDb => &[
            "SELECT total FROM orders WHERE !(total = 0)",
            "SELECT total FROM orders WHERE !!(customer_id = 1) AND !(status = 'x' OR !1)",
        ],
    }
}

async fn is_cached_and_ends(database: Database) {
    let world = World::new(database, Store::Memory).await;
    let repo = &world.repo;
    let order = add_order(repo, 1, 10).await;
    let backend = repo.get_database_backend();
    for (at, sql) in texts(database).iter().enumerate() {
        let query = || -> SelectorRaw<SelectModel<Found>> {
            Found::find_by_statement(Statement::from_string(backend, *sql))
        };
        for total in [20, 30] {
            let total = total + at as i64 * 20;
            set_total(repo, order.id, total).await;
            for _ in 0..2 {
                let found = query().cached().all(repo).await;
                let found = found.unwrap_or_else(|error| panic!("{sql}: {error}"));
                assert_eq!(
                    found.iter().map(|it| it.total).collect::<Vec<_>>(),
                    [total],
                    "{sql}"
                );
            }
        }
        // It counts as a read of the first entity in its text.
        let hits = || {
            repo.stats()
                .entities
                .iter()
                .map(|entity| entity.hits)
                .sum::<u64>()
        };
        let before = hits();
        query().cached().all(repo).await.expect("read");
        assert_eq!(hits(), before + 1, "{sql}");
    }
}

#[tokio::test]
async fn is_with_a_value_on_sqlite() {
    is_cached_and_ends(Database::Sqlite).await;
}

#[tokio::test]
async fn only_and_table_on_postgres() {
    is_cached_and_ends(Database::Postgres).await;
}

#[tokio::test]
async fn an_exclamation_mark_on_mariadb() {
    is_cached_and_ends(Database::MariaDb).await;
}

/// Writes whose `WHERE` is spelled so are seen, whatever they are taken for.
async fn a_write_is_seen(database: Database, writes: &[&str]) {
    let scene = Scene::cached(World::new(database, Store::Memory).await).await;
    for sql in writes {
        let done = scene.repo().execute_unprepared(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
        scene.assert_fresh().await;
    }
    assert_eq!(scene.repo().stats().unknown_writes, 0);
}

#[tokio::test]
async fn a_write_with_is_and_a_value_is_seen() {
    let writes = [
        "UPDATE users SET name = 'a' WHERE id IS 1",
        "UPDATE users SET name = 'b' WHERE id IS NOT 1",
        "UPDATE users SET name = 'c' WHERE id IS NOT NULL AND tenant_id IS 7",
        "UPDATE users SET name = 'd' WHERE id = 1 IS 0",
        "DELETE FROM orders WHERE NOT id IS 1",
    ];
    a_write_is_seen(Database::Sqlite, &writes).await;
}

#[tokio::test]
async fn a_write_with_an_exclamation_mark_is_seen() {
    let writes = [
        "UPDATE users SET name = 'a' WHERE !(id = 1)",
        "UPDATE users SET name = 'b' WHERE !id = 1",
        "UPDATE users SET name = 'c' WHERE id = !0",
        "UPDATE users SET name = 'd' WHERE !(id = 1) AND id IN (2, 3)",
        "DELETE FROM orders WHERE ! id - 1 = 0",
    ];
    a_write_is_seen(Database::MariaDb, &writes).await;
}

#[tokio::test]
async fn a_write_to_only_one_table_is_seen() {
    let writes = [
        "UPDATE ONLY users SET name = 'a' FROM ONLY orders o WHERE o.customer_id = users.id AND users.id = 1",
        "DELETE FROM ONLY orders USING ONLY users u WHERE u.id = orders.customer_id",
    ];
    a_write_is_seen(Database::Postgres, &writes).await;
}

#[tokio::test]
async fn a_null_behind_is_means_every_row_without_a_value() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let repo = &world.repo;
    let sql = "SELECT id AS total FROM users WHERE tenant_id IS ?";
    let of = |tenant: Option<i64>| {
        let statement =
            Statement::from_sql_and_values(sea_orm::DbBackend::Sqlite, sql, [tenant.into()]);
        let query: SelectorRaw<SelectModel<Found>> = Found::find_by_statement(statement);
        query.cached()
    };
    assert_eq!(of(None).all(repo).await.expect("read").len(), 0);
    assert_eq!(of(Some(7)).all(repo).await.expect("read").len(), 0);
    repo.execute_unprepared("INSERT INTO users (email, tenant_id, name) VALUES ('a@x', 7, 'Ada')")
        .await
        .expect("inserted");
    assert_eq!(of(Some(7)).all(repo).await.expect("read").len(), 1);
}
