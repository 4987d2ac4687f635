//! Tokens of writes: a read that is given one sees that write, whatever is copied.

use cached_repo::WriteToken;
use tests::eventually::eventually;
use tests::faulty::is_away;
use tests::pair::{Pair, stats};
use tests::rows::set_note;
use tests::shop::Note;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_a_write_whose_notice_has_not_arrived_asks_the_store() {
    let pair = Pair::new().await;
    pair.copied_note().await;
    let heard = pair.there.token();
    pair.change_in_secret().await;
    let read = async |token: &WriteToken| {
        let read = Note::find_cached("n".to_owned())
            .at_least(token)
            .one(&pair.here);
        read.await.expect("read").expect("there").body.clone()
    };
    assert_eq!(read(&heard).await, "old", "that write was the insert");
    // The next write's, which nobody has told of.
    let number = u64::from_str_radix(&heard.to_string()[2..], 16).expect("digits");
    let next: WriteToken = format!("1.{:x}", number + 1).parse().expect("a token");
    assert_eq!(read(&next).await, "new");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_with_a_token_sees_that_write_at_once_and_everywhere() {
    let pair = Pair::new().await;
    pair.copied_note().await;
    for round in 0..200 {
        let body = format!("round {round}");
        set_note(&pair.there, "n", &body).await;
        let token = pair.there.token();
        let read = Note::find_cached("n".to_owned())
            .at_least(&token)
            .one(&pair.here);
        assert_eq!(read.await.expect("read").expect("there").body, body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_a_write_that_was_not_delivered_goes_to_the_database() {
    let mut pair = Pair::new().await;
    pair.copied_note().await;
    let delivered = pair.there.token();
    pair.faulty.redis.kill();
    set_note(&pair.there, "n", "new").await;
    let token = pair.there.token();
    assert_ne!(token, delivered);
    let before = stats(&pair.here).bypasses;
    let read = Note::find_cached("n".to_owned())
        .at_least(&token)
        .one(&pair.here);
    assert_eq!(read.await.expect("read").expect("there").body, "new");
    assert_eq!(stats(&pair.here).bypasses, before + 1);
    pair.faulty.redis.restart().expect("it starts again");
    eventually("the debt is paid", async || pair.there.token() != token).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_greater_than_those_before_though_the_server_has_evicted_the_number() {
    let pair = Pair::new().await;
    pair.copied_note().await;
    let before = pair.there.token();
    let sequence = format!("{}:sequence", pair.faulty.world.namespace());
    pair.faulty.command(&["DEL", &sequence]).await;
    set_note(&pair.there, "n", "new").await;
    assert!(
        pair.there.token() > before,
        "who has heard of the one has not heard of the other"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_greater_than_those_before_though_the_server_has_an_old_memory() {
    let mut pair = Pair::new().await;
    pair.copied_note().await;
    pair.faulty.command(&["SAVE"]).await;
    for body in ["new", "newer"] {
        set_note(&pair.there, "n", body).await;
    }
    let before = pair.there.token();
    pair.faulty.redis.restart().expect("it starts again");
    eventually("the server is back", async || {
        let read = Note::find_cached("n".to_owned()).strict().one(&pair.there);
        read.await.expect("read");
        !is_away(&pair.there)
    })
    .await;
    set_note(&pair.there, "n", "newest").await;
    assert!(!is_away(&pair.there), "the write was delivered");
    assert!(
        pair.there.token() > before,
        "who has heard of the one has not heard of the other"
    );
}
