//! A recorder says of each read how it was answered.

use cached_repo::CachedQuery;
use cached_repo::testing::{ReadKind, ReadOutcome, ReadRecorder};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, TransactionTrait};
use tests::rows::rename;
use tests::shop::{Order, User, order};
use tests::{Scene, matrix};

fn texts(reads: &ReadRecorder) -> Vec<String> {
    reads.take().iter().map(ToString::to_string).collect()
}

matrix! {
    async fn reads_of_each_kind_are_recorded_in_their_order(world) {
        let scene = Scene::new(world).await;
        let (repo, world) = (scene.repo(), &scene.world);
        let reads = repo.record_reads();
        for _ in 0..2 {
            User::find_cached(1).one(repo).await.expect("read");
            world.settle().await;
            User::find_cached_by_email("ada@x").one(repo).await.expect("read");
            world.settle().await;
            User::find_cached_by_tenant_id(7).all(repo).await.expect("read");
            world.settle().await;
            let paid = Order::find().filter(order::Column::Status.eq("paid")).order_by_asc(order::Column::Id);
            paid.cached().all(repo).await.expect("read");
            world.settle().await;
        }
        let of = |outcome: &str| ["user by key", "user by unique", "user by index", "order by query"].map(|read| format!("{read}: {outcome}"));
        assert_eq!(texts(&reads), [of("miss"), of("hit")].concat());
    }

    async fn each_key_of_many_and_each_part_of_a_batch_is_recorded(world) {
        let scene = Scene::new(world).await;
        let (repo, world) = (scene.repo(), &scene.world);
        User::find_cached(1).one(repo).await.expect("read");
        world.settle().await;
        let reads = repo.record_reads();
        User::find_cached_many([1_i64, 2]).all(repo).await.expect("read");
        world.settle().await;
        let many = reads.take();
        assert!(many.iter().all(|read| read.kind == ReadKind::Key && read.entity == "user"));
        assert_eq!(many.iter().map(|read| read.is_hit()).collect::<Vec<_>>(), [true, false]);
        let parts = (User::find_cached(2), Order::find_cached(1), User::find_cached_by_email("bob@x"));
        repo.batch(parts).await.expect("read");
        let mut batch = texts(&reads);
        batch.sort();
        assert_eq!(batch, ["order by key: miss", "user by key: hit", "user by unique: miss"]);
    }

    async fn a_lookup_whose_row_was_written_is_one_miss_by_the_lookup(world) {
        let scene = Scene::cached(world).await;
        let repo = scene.repo();
        rename(repo, &scene.user(1).await, "Ada Lovelace").await;
        let reads = repo.record_reads();
        User::find_cached_by_email("ada@x").one(repo).await.expect("read");
        assert_eq!(texts(&reads), ["user by unique: miss"]);
    }

    async fn reads_past_the_cache_are_bypasses(world) {
        let scene = Scene::cached(world).await;
        let repo = scene.repo();
        let reads = repo.record_reads();
        User::find_cached(1).bypass().one(repo).await.expect("read");
        let transaction = repo.begin().await.expect("begun");
        User::find_cached_by_email("ada@x").one(&transaction).await.expect("read");
        User::find_cached_many([1_i64, 2]).all(&transaction).await.expect("read");
        transaction.rollback().await.expect("rolled back");
        let outcomes = reads.take();
        assert_eq!(outcomes.len(), 4, "{outcomes:?}");
        assert!(outcomes.iter().all(|read| read.outcome == ReadOutcome::Bypass), "{outcomes:?}");
    }

    async fn what_is_not_read_by_this_repo_while_it_is_recorded_is_not_recorded(world) {
        let scene = Scene::cached(world).await;
        let repo = scene.repo();
        let other = scene.world.another().await;
        let reads = repo.record_reads();
        User::find_cached(1).one(&other).await.expect("read");
        User::find_by_id(1).one(repo).await.expect("read");
        assert_eq!(reads.take(), []);
        let clone = repo.clone();
        User::find_cached(1).one(&clone).await.expect("read");
        assert_eq!(texts(&reads), ["user by key: hit"]);
    }
}
