//! Servers that come back with an old memory, or take another's place (rule 11).

use cached_repo::{CachedRepo, RedisStore};
use sea_orm::ConnectionTrait;
use testkit::Redis;
use tests::eventually::eventually;
use tests::faulty::{Faulty, command, hits_of_two_reads, is_away, soon, try_command};
use tests::rows::{add_note, note_of, set_note};
use tests::shop::Shop;

/// Whether the server holds an entry of the note.
async fn holds_note(faulty: &Faulty, url: &str) -> bool {
    let key = format!("{}:r:note:=n", faulty.world.namespace());
    command(url, &["EXISTS", &key]).await == redis::Value::Int(1)
}

/// Nothing old is served, not even at first, and entries are made again.
async fn is_made_good(repo: &CachedRepo<Shop>) {
    eventually("entries are made again", async || {
        assert_eq!(note_of(repo, "n").await.as_deref(), Some("new"));
        hits_of_two_reads(repo, "n").await == 2
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_back_with_its_old_memory_serves_nothing_of_it() {
    let mut faulty = Faulty::new().await;
    add_note(faulty.repo(), "n", "old").await;
    assert_eq!(hits_of_two_reads(faulty.repo(), "n").await, 1);
    faulty.command(&["SAVE"]).await;
    set_note(faulty.repo(), "n", "new").await;
    faulty.redis.restart().expect("it starts again");
    let url = faulty.redis.url();
    assert!(holds_note(&faulty, &url).await, "it has its old memory");
    is_made_good(faulty.repo()).await;
    // A process that knows nothing of what was before sees it as well.
    let other = faulty.another_with(|builder| builder).await;
    assert_eq!(note_of(&other, "n").await.as_deref(), Some("new"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_takes_over_serves_nothing_old() {
    let mut faulty = Faulty::new().await;
    add_note(faulty.repo(), "n", "old").await;
    assert_eq!(hits_of_two_reads(faulty.repo(), "n").await, 1);
    let replica = Redis::start().expect("Redis is installed");
    let (address, port) = (replica.url(), faulty.redis.port().to_string());
    command(&address, &["REPLICAOF", "127.0.0.1", &port]).await;
    eventually("the replica has what its primary has", async || {
        holds_note(&faulty, &address).await
    })
    .await;
    // From here on it lags, for good.
    command(&address, &["REPLICAOF", "NO", "ONE"]).await;
    set_note(faulty.repo(), "n", "new").await;
    faulty.redis.kill();
    // A child that the old one has sent its memory with may keep the port for a moment longer.
    let take = ["CONFIG", "SET", "port", &port];
    eventually("the port is free", async || {
        try_command(&address, &take).await.is_ok()
    })
    .await;
    is_made_good(faulty.repo()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_is_no_store() {
    let faulty = Faulty::new().await;
    add_note(faulty.repo(), "n", "old").await;
    assert_eq!(hits_of_two_reads(faulty.repo(), "n").await, 1);
    let replica = Redis::start().expect("Redis is installed");
    let port = faulty.redis.port().to_string();
    command(&replica.url(), &["REPLICAOF", "127.0.0.1", &port]).await;
    eventually("the replica has what its primary has", async || {
        holds_note(&faulty, &replica.url()).await
    })
    .await;
    let store = RedisStore::open(&replica.url()).expect("the address is right");
    let builder = CachedRepo::<Shop>::builder(faulty.world.raw.clone()).store(store);
    let repo = soon(builder)
        .namespace(faulty.world.namespace())
        .build()
        .await;
    let repo = repo.expect("built");
    let change = "UPDATE notes SET body = 'new' WHERE id = 'n'";
    faulty
        .world
        .raw
        .execute_unprepared(change)
        .await
        .expect("past the repo");
    assert_eq!(
        note_of(&repo, "n").await.as_deref(),
        Some("new"),
        "from the database"
    );
    assert!(is_away(&repo));
}
