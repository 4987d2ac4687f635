//! What the log says of a store that is away, or may be.

use cached_repo::config::WhenStoreDown;
use cached_repo::{Consistency, RepoBuilder};
use tests::eventually::eventually;
use tests::faulty::{Faulty, is_away};
use tests::log::Log;
use tests::rows::note_of;
use tests::shop::Shop;

/// What is logged while a repo of these settings is built.
async fn logged(settings: impl FnOnce(RepoBuilder<Shop>) -> RepoBuilder<Shop>) -> Vec<String> {
    let faulty = Faulty::new().await;
    let log = Log::of("cached_repo::builder");
    let guard = tracing::subscriber::set_default(log.clone());
    faulty.another_with(settings).await;
    drop(guard);
    log.lines()
}

#[tokio::test]
async fn strict_reads_beside_writes_that_go_on_without_the_store_are_warned_of() {
    let lines = logged(|builder| builder).await;
    let named = |line: &String| {
        line.starts_with("WARN")
            && line.contains("`consistency = strict`")
            && line.contains("`when_store_down = proceed`")
    };
    assert_eq!(
        lines.iter().filter(|line| named(line)).count(),
        1,
        "{lines:?}"
    );
}

#[tokio::test]
async fn settings_that_keep_their_promise_are_not_warned_of() {
    let refuse = |builder: RepoBuilder<Shop>| builder.when_store_down(WhenStoreDown::Refuse);
    let bounded = |builder: RepoBuilder<Shop>| builder.consistency(Consistency::Bounded);
    assert_eq!(logged(refuse).await, [""; 0]);
    assert_eq!(logged(bounded).await, [""; 0]);
}

#[tokio::test]
async fn a_store_that_is_away_is_named_without_its_password() {
    let mut faulty = Faulty::new().await;
    let port = faulty.redis.port();
    let url = format!("redis://ada:secret@127.0.0.1:{port}");
    let store = cached_repo::RedisStore::open(&url).expect("the address is right");
    // Before anybody connects: then it is refused, and not lost in the middle.
    faulty.redis.kill();
    let repo = faulty.another_with(|builder| builder.store(store)).await;
    let log = Log::of("cached_repo::store");
    let guard = tracing::subscriber::set_default(log.clone());
    eventually("the breaker is open", async || {
        note_of(&repo, "n").await;
        is_away(&repo)
    })
    .await;
    drop(guard);
    let lines = log.lines();
    let away = |line: &&String| line.contains("the store is away");
    let line = lines.iter().find(away).expect("it says so");
    assert!(line.contains(&format!("127.0.0.1:{port}")), "{line}");
    assert!(line.to_lowercase().contains("refused"), "{line}");
    assert!(
        !lines
            .iter()
            .any(|line| line.contains("secret") || line.contains("ada")),
        "{lines:?}"
    );
}
