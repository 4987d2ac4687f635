//! Single reads of one turn of the runtime that do their steps together: `#[cached(batch)]`.
//!
//! One thread, so that what begins together is in one turn for certain.

use cached_repo::{CachedRepo, Checkpoint, RepoBuilder};
use futures_util::future::join_all;
use parcel::{Depots, Entity as Parcel};
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use std::sync::Arc;
use tests::eventually::promptly;
use tests::faulty::Faulty;
use tests::over::{builder_over, create_table};
use tests::pause::Gate;
use tests::traffic::Traffic;
use tests::{Database, Store, World};

mod parcel {
    use cached_repo::{CachedEntity, cached_schema};
    use sea_orm::entity::prelude::*;

    /// A parcel.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "parcels")]
    #[cached(prefix = "parcel", batch)]
    pub(crate) struct Model {
        /// What is printed on it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) code: String,
        /// Where it is.
        #[cached(index)]
        pub(crate) depot: i64,
        /// A lookup.
        #[sea_orm(unique)]
        #[cached(unique)]
        pub(crate) number: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}

    cached_schema! { pub(crate) Depots { Entity } }
}

const PARCELS: i64 = 100;

async fn with(
    world: &World,
    settings: impl FnOnce(RepoBuilder<Depots>) -> RepoBuilder<Depots>,
) -> CachedRepo<Depots> {
    create_table(&world.raw, Parcel).await;
    let parcels = (0..PARCELS).map(|number| parcel::ActiveModel {
        code: Set(format!("p{number}")),
        depot: Set(number % 5),
        number: Set(number),
    });
    Parcel::insert_many(parcels)
        .exec_without_returning(&world.raw)
        .await
        .expect("inserted");
    settings(builder_over(world))
        .build()
        .await
        .expect("the settings are right")
}

fn loads(repo: &CachedRepo<Depots>) -> u64 {
    repo.stats().entity("parcel").expect("there").loads
}

async fn read_all(repo: &CachedRepo<Depots>) -> Vec<Option<Arc<parcel::Model>>> {
    let reads = (0..PARCELS).map(|number| Parcel::find_cached(format!("p{number}")).one(repo));
    let rows = promptly("all reads", join_all(reads)).await;
    rows.into_iter().map(|row| row.expect("read")).collect()
}

#[tokio::test]
async fn single_misses_of_one_turn_are_one_query() {
    for store in [Store::Memory, Store::Redis] {
        let world = World::new(Database::Sqlite, store).await;
        let repo = with(&world, |builder| builder).await;
        let rows = read_all(&repo).await;
        assert!(
            (0..)
                .zip(&rows)
                .all(|(number, row)| row.as_ref().is_some_and(|row| row.number == number))
        );
        assert_eq!(loads(&repo), 1, "{store:?}");
        repo.wait_idle().await;
        assert_eq!(read_all(&repo).await, rows);
        assert_eq!(loads(&repo), 1, "{store:?}");
    }
}

#[tokio::test]
async fn lookups_of_one_turn_are_one_query_for_each_kind() {
    for store in [Store::Memory, Store::Redis] {
        let world = World::new(Database::Sqlite, store).await;
        let repo = with(&world, |builder| builder).await;
        let lists = join_all((0..6).map(|depot| Parcel::find_cached_by_depot(depot).all(&repo)));
        let rows = join_all((0..7).map(|number| Parcel::find_cached_by_number(number).one(&repo)));
        let (lists, rows) = promptly("all reads", futures_util::future::join(lists, rows)).await;
        let lists: Vec<usize> = lists
            .into_iter()
            .map(|list| list.expect("read").len())
            .collect();
        assert_eq!(lists, [20, 20, 20, 20, 20, 0]);
        let numbers: Vec<i64> = rows
            .into_iter()
            .map(|row| row.expect("read").expect("there").number)
            .collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6]);
        if store == Store::Memory {
            assert_eq!(loads(&repo), 2);
        }
    }
}

#[tokio::test]
async fn a_row_that_is_read_by_its_key_and_by_a_lookup_at_once_is_there_for_both() {
    for store in [Store::Memory, Store::Redis] {
        let world = World::new(Database::Sqlite, store).await;
        let repo = with(&world, |builder| builder).await;
        for _ in 0..3 {
            let lookups =
                join_all((0..50).map(|number| Parcel::find_cached_by_number(number).one(&repo)));
            let (lookups, rows) = futures_util::future::join(lookups, read_all(&repo)).await;
            for (lookup, row) in lookups.into_iter().zip(rows) {
                assert!(row.is_some());
                assert_eq!(lookup.expect("read"), row);
            }
            repo.wait_idle().await;
        }
    }
}

#[tokio::test]
async fn single_reads_of_a_server_are_one_look_and_their_misses_a_pipeline_before_and_after_the_load()
 {
    let faulty = Faulty::new().await;
    let store = cached_repo::RedisStore::open(&faulty.redis.url()).expect("the address is right");
    let repo = with(&faulty.world, |builder| builder.store(store)).await;
    Parcel::find_cached("none".to_owned())
        .strict()
        .one(&repo)
        .await
        .expect("read");
    repo.wait_idle().await;
    let strictly = async || {
        let read = |number| {
            Parcel::find_cached(format!("p{number}"))
                .strict()
                .one(&repo)
        };
        let rows = promptly("all reads", join_all((0..PARCELS).map(read))).await;
        assert!(rows.iter().all(|row| matches!(row, Ok(Some(_)))));
        repo.wait_idle().await;
    };
    let mut traffic = Traffic::on(&faulty).await;
    let ((), cold) = traffic.of(strictly()).await;
    assert_eq!((cold.of("mget"), cold.of("time")), (2, 1), "{cold:?}");
    let ((), warm) = traffic.of(strictly()).await;
    assert_eq!(warm.of("mget"), 1, "{warm:?}");
}

#[tokio::test]
async fn a_reader_that_goes_away_takes_no_other_along() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let gate = Gate::at(Checkpoint::Permitted);
    let repo = with(&world, |builder| builder.checkpoints(gate.clone())).await;
    gate.close();
    let reads = |repo: CachedRepo<Depots>, number: i64| {
        tokio::spawn(async move { Parcel::find_cached(format!("p{number}")).one(&repo).await })
    };
    let tasks: Vec<_> = (0..10).map(|number| reads(repo.clone(), number)).collect();
    promptly("the load", gate.arrival()).await;
    tasks[0].abort();
    tasks[4].abort();
    gate.open();
    gate.pass();
    for (number, task) in tasks.into_iter().enumerate() {
        let ended = promptly("a read", task).await;
        assert_eq!(ended.is_err(), number == 0 || number == 4, "{number}");
        if let Ok(row) = ended {
            assert_eq!(
                row.expect("read").expect("there").code,
                format!("p{number}")
            );
        }
    }
    promptly("the load", repo.wait_idle()).await;
    let cached = Parcel::find_cached("p0".to_owned())
        .cache_only()
        .one(&repo)
        .await;
    assert!(cached.expect("read").is_some(), "its load went on");
    assert_eq!(loads(&repo), 1);
}

#[tokio::test]
async fn a_write_during_a_joint_load_is_seen_by_whoever_reads_after_it() {
    for store in [Store::Memory, Store::Redis] {
        let world = World::new(Database::Sqlite, store).await;
        let gate = Gate::at(Checkpoint::Loaded);
        let repo = with(&world, |builder| builder.checkpoints(gate.clone())).await;
        gate.close();
        let reads = {
            let repo = repo.clone();
            tokio::spawn(async move { read_all(&repo).await })
        };
        promptly("the load", gate.arrival()).await;
        gate.open();
        let moved = parcel::ActiveModel {
            code: Set("p7".to_owned()),
            depot: Set(99),
            ..Default::default()
        };
        moved.update(&repo).await.expect("updated");
        gate.pass();
        promptly("the reads", reads).await.expect("no panic");
        promptly("the fills", repo.wait_idle()).await;
        let row = Parcel::find_cached("p7".to_owned())
            .one(&repo)
            .await
            .expect("read");
        assert_eq!(row.expect("there").depot, 99, "{store:?}");
        let other = Parcel::find_cached("p8".to_owned())
            .cache_only()
            .one(&repo)
            .await
            .expect("read");
        assert!(other.is_some(), "the others are stored: {store:?}");
    }
}

#[tokio::test]
async fn a_key_that_the_database_refuses_fails_its_own_read_alone() {
    // PostgreSQL takes no text with a zero in it.
    let world = World::new(Database::Postgres, Store::Redis).await;
    let repo = with(&world, |builder| builder).await;
    let keys = ["p1", "p\0", "p2"];
    let reads = keys.map(|key| Parcel::find_cached(key.to_owned()).one(&repo));
    let rows = promptly("all reads", join_all(reads)).await;
    assert!(rows[1].is_err());
    for row in [&rows[0], &rows[2]] {
        assert!(matches!(row, Ok(Some(_))), "{row:?}");
    }
}
