//! Locks of writes that take longer than a lock lives (rule 5).

use cached_repo::{CachedRepo, RepoBuilder};
use sea_orm::{ConnectionTrait, TransactionTrait};
use std::time::Duration;
use tests::eventually::promptly;
use tests::rows::{add_note, note_of, set_note};
use tests::shop::{Note, Shop};
use tests::{Database, Store, World};
use tokio::time::Instant;

const LOCK_TIME: Duration = Duration::from_millis(300);

fn briefly(builder: RepoBuilder<Shop>) -> RepoBuilder<Shop> {
    builder.lock_time(LOCK_TIME)
}

/// Whether a read of the note leaves an entry.
async fn is_filled(repo: &CachedRepo<Shop>) -> bool {
    note_of(repo, "n").await;
    repo.drain().await;
    let cached = Note::find_cached("n".to_owned()).cache_only().one(repo);
    cached.await.expect("read").is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lock_of_a_living_writer_lasts_as_long_as_its_write() {
    for store in [Store::Redis, Store::Bounded, Store::Memory] {
        let world = World::with(Database::Postgres, store, briefly).await;
        let reader = match store {
            Store::Memory => world.repo.clone(),
            _ => world.another().await,
        };
        add_note(&world.repo, "n", "old").await;
        // Somebody else has the row, so that the write waits.
        let other = world.raw.begin().await.expect("begun");
        let take = "SELECT * FROM notes WHERE id = 'n' FOR UPDATE";
        other.execute_unprepared(take).await.expect("taken");
        let write = tokio::spawn({
            let writer = world.repo.clone();
            async move { set_note(&writer, "n", "new").await }
        });
        let locked = promptly("the lock", async { while is_filled(&reader).await {} });
        locked.await;
        let begun = Instant::now();
        while begun.elapsed() < LOCK_TIME * 4 {
            assert!(
                !is_filled(&reader).await,
                "{store:?} after {:?}",
                begun.elapsed()
            );
        }
        other.commit().await.expect("let go");
        write.await.expect("written");
        assert_eq!(note_of(&world.repo, "n").await.as_deref(), Some("new"));
        world.settle().await;
        assert!(is_filled(&reader).await, "the lock is gone");
    }
}
