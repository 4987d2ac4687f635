//! SQLite's own names for a row's number: `rowid`, `oid` and `_rowid_`, which mean the primary key if that is an integer.

use cached_repo::{CachedRepo, cached_schema};
use sea_orm::{ConnectionTrait, Schema, Statement};
use tests::shop::User;
use tests::{Database, Scene, Store, World};

/// Every way to write the names.
const SPELLINGS: [&str; 8] = [
    "rowid",
    "oid",
    "_rowid_",
    "ROWID",
    "\"oid\"",
    "[rowid]",
    "`_rowid_`",
    "'oid'",
];

#[expect(unreachable_pub, reason = "entities are public, as everywhere")]
mod thing {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A thing with a column of its own that is called as the number of a row.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "things")]
    #[cached(prefix = "thing", negative_ttl = "30s")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[cached(index)]
        pub oid: i64,
        pub label: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    Things { thing::Entity }
}

async fn scene(store: Store) -> Scene {
    Scene::cached(World::new(Database::Sqlite, store).await).await
}

async fn run(repo: &impl ConnectionTrait, sql: &str) {
    let done = repo.execute_unprepared(sql).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn an_update_of_the_number_is_seen_in(store: Store) {
    for name in SPELLINGS {
        let scene = scene(store).await;
        run(
            scene.repo(),
            &format!("UPDATE users SET {name} = 4 WHERE id = 2"),
        )
        .await;
        assert_eq!(
            User::find_cached(2).one(scene.repo()).await.expect("read"),
            None,
            "{name}"
        );
        assert!(
            User::find_cached(4)
                .one(scene.repo())
                .await
                .expect("read")
                .is_some(),
            "{name}"
        );
        scene.assert_fresh().await;
    }
}

#[tokio::test]
async fn an_update_of_the_number_is_seen() {
    an_update_of_the_number_is_seen_in(Store::Memory).await;
}

#[tokio::test]
async fn an_update_of_the_number_is_seen_over_redis() {
    an_update_of_the_number_is_seen_in(Store::Redis).await;
}

#[tokio::test]
async fn an_update_of_the_number_among_others_is_seen() {
    let scene = scene(Store::Memory).await;
    run(
        scene.repo(),
        "UPDATE users SET (name, oid) = ('Neo', 40) WHERE id = 3",
    )
    .await;
    scene.assert_fresh().await;
    run(
        scene.repo(),
        "UPDATE users SET rowid = rowid + 1 WHERE id = 40",
    )
    .await;
    scene.assert_fresh().await;
}

#[tokio::test]
async fn an_insert_that_gives_the_number_is_seen() {
    for name in SPELLINGS {
        let scene = scene(Store::Memory).await;
        for columns in [format!("id, {name}"), format!("{name}, id")] {
            let sql = format!(
                "INSERT INTO users ({columns}, email, tenant_id, name) VALUES (4, 40, 'new@x', 7, 'Neo')"
            );
            run(scene.repo(), &sql).await;
            scene.assert_fresh().await;
            run(scene.repo(), "DELETE FROM users WHERE email = 'new@x'").await;
            scene.assert_fresh().await;
        }
        let sql = format!(
            "INSERT INTO users ({name}, email, tenant_id, name) VALUES (5, 'newer@x', 7, 'Neo')"
        );
        run(scene.repo(), &sql).await;
        assert!(
            User::find_cached(5)
                .one(scene.repo())
                .await
                .expect("read")
                .is_some(),
            "{name}"
        );
        scene.assert_fresh().await;
    }
}

#[tokio::test]
async fn rows_that_are_named_by_their_number_are_seen() {
    for name in SPELLINGS {
        if name.starts_with('\'') {
            // A text, where a value may stand.
            continue;
        }
        let scene = scene(Store::Memory).await;
        run(
            scene.repo(),
            &format!("UPDATE users SET email = 'new@x' WHERE {name} = 1"),
        )
        .await;
        scene.assert_fresh().await;
        run(
            scene.repo(),
            &format!("DELETE FROM users WHERE {name} IN (2, 3)"),
        )
        .await;
        scene.assert_fresh().await;
    }
}

#[tokio::test]
async fn an_insert_that_returns_the_number_is_seen() {
    let scene = scene(Store::Redis).await;
    for (email, returned) in [("new@x", "oid"), ("newer@x", "rowid AS id")] {
        let sql = format!(
            "INSERT INTO users (email, tenant_id, name) VALUES ('{email}', 7, 'Neo') RETURNING {returned}"
        );
        let insert = Statement::from_string(sea_orm::DbBackend::Sqlite, sql);
        assert!(
            scene
                .repo()
                .query_one_raw(insert)
                .await
                .expect("inserted")
                .is_some()
        );
        scene.assert_fresh().await;
    }
}

#[tokio::test]
async fn the_number_of_a_row_with_a_text_key_is_no_key() {
    let scene = scene(Store::Memory).await;
    run(scene.repo(), "UPDATE notes SET oid = 77 WHERE id = 'todo'").await;
    run(
        scene.repo(),
        "INSERT INTO notes (id, oid, body) VALUES ('done', 5, 'x')",
    )
    .await;
    scene.assert_fresh().await;
}

#[tokio::test]
async fn an_update_of_the_number_inside_a_transaction_is_seen() {
    use sea_orm::TransactionTrait;
    let scene = scene(Store::Memory).await;
    let transaction = scene.repo().begin().await.expect("begun");
    run(&transaction, "UPDATE users SET oid = 4 WHERE id = 2").await;
    transaction.commit().await.expect("committed");
    scene.assert_fresh().await;
}

async fn things() -> (World, CachedRepo<Things>) {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let table = Schema::new(sea_orm::DbBackend::Sqlite).create_table_from_entity(thing::Entity);
    world.raw.execute(&table).await.expect("created");
    run(
        &world.raw,
        "INSERT INTO things (id, oid, label) VALUES (1, 11, 'a'), (2, 12, 'b')",
    )
    .await;
    let repo = world.beside::<Things>().await.build().await.expect("built");
    (world, repo)
}

#[tokio::test]
async fn a_column_that_bears_such_a_name_is_a_column() {
    let (_world, repo) = things().await;
    let of = |oid| thing::Entity::find_cached_by_oid(oid).all(&repo);
    assert_eq!(
        (
            of(11).await.expect("read").len(),
            of(22).await.expect("read").len()
        ),
        (1, 0)
    );
    for id in [2, 22] {
        thing::Entity::find_cached(id)
            .one(&repo)
            .await
            .expect("read");
    }
    run(&repo, "UPDATE things SET oid = 22 WHERE id = 1").await;
    assert_eq!(
        (
            of(11).await.expect("read").len(),
            of(22).await.expect("read").len()
        ),
        (0, 1)
    );
    let kept = thing::Entity::find_cached(2)
        .cache_only()
        .one(&repo)
        .await
        .expect("read");
    assert!(kept.is_some(), "the other row is left alone");
    run(&repo, "UPDATE things SET rowid = 22 WHERE oid = 12").await;
    assert_eq!(
        thing::Entity::find_cached(2)
            .one(&repo)
            .await
            .expect("read"),
        None
    );
    assert!(
        thing::Entity::find_cached(22)
            .one(&repo)
            .await
            .expect("read")
            .is_some()
    );
}
