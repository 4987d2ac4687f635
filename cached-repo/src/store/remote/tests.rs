//! The rules over a transport that is no Redis: a second store needs no more than one.

mod cells;

use super::{LEASE, RemoteSettings, RemoteStore};
use crate::age::Life;
use crate::codec::RowCodec;
use crate::key::{Key, Space};
use crate::port::{
    Fill, FillOutcome, Found, Listener, Observed, Payload, Permit, Refusal, Request, Scan, Store,
    StoreError,
};
use crate::protocol::fill_tags;
use crate::schema::testing::{USER, schema};
use crate::stamp::Token;
use crate::time::millis;
use cells::{Cells, Server};
use futures_util::StreamExt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

type TestStore = Arc<RemoteStore<Cells>>;

const LIFE: Duration = Duration::from_secs(3600);

/// A process that shares the server.
fn process(server: &Server) -> TestStore {
    process_with(server, Duration::ZERO)
}

fn process_with(server: &Server, settle: Duration) -> TestStore {
    let schema = Arc::new(schema());
    let codec = Arc::new(RowCodec::new(Arc::clone(&schema)));
    let settings = RemoteSettings {
        connect: Duration::from_secs(5),
        call: Duration::from_secs(5),
        lease: LEASE,
        settle,
        value_limit: 1000,
        client_tracking: false,
    };
    let epoch = crate::schema::text(&schema, &Key::epoch());
    Arc::new(RemoteStore::new(schema, codec, settings, |process| {
        server.connect(process, &epoch)
    }))
}

fn key() -> Key {
    Key::integer(Space::Row, USER, 0, 7)
}

fn request() -> Request {
    Request {
        key: key(),
        tags: fill_tags(schema().entity(USER), USER).into(),
        ages: false,
    }
}

async fn read(store: &TestStore) -> Found {
    let mut found = store.read(&[request()]).await.expect("it answers");
    found.pop().expect("one answer")
}

/// Reads, misses and obtains a permit.
async fn permit(store: &TestStore) -> Option<Permit> {
    let Found::Miss(observed) = read(store).await else {
        panic!("a hit");
    };
    permit_after(store, observed).await
}

async fn permit_after(store: &TestStore, observed: Observed) -> Option<Permit> {
    let permits = store.permit(vec![(request(), observed)]).await;
    permits.expect("it answers").pop().expect("one answer")
}

async fn fill(store: &TestStore, permit: Permit) -> Result<FillOutcome, StoreError> {
    fill_with(store, permit, Vec::new()).await
}

async fn fill_with(
    store: &TestStore,
    permit: Permit,
    tags: Vec<Key>,
) -> Result<FillOutcome, StoreError> {
    let fill = Fill {
        request: request(),
        permit,
        payload: Payload::Absent,
        tags,
        life: Life {
            ttl: LIFE,
            ..Life::default()
        },
        weight: 0,
    };
    let outcomes = store.fill(vec![fill]).await?;
    Ok(outcomes.into_iter().next().expect("one outcome"))
}

/// Has the store hold an entry.
async fn filled(store: &TestStore) {
    let permit = permit(store).await.expect("nobody else fills");
    let outcome = fill(store, permit).await.expect("it answers");
    assert!(matches!(outcome, FillOutcome::Stored), "{outcome:?}");
}

async fn write(store: &TestStore) {
    let writer = Token::unique();
    let lock = store.lock(&[key()], writer, LEASE).await;
    lock.expect("it answers");
    let release = store.release(&[key()], writer).await;
    release.expect("it answers");
}

#[tokio::test]
async fn what_one_process_stores_another_finds() {
    let server = Server::default();
    let (one, other) = (process(&server), process(&server));
    filled(&one).await;
    assert!(matches!(read(&other).await, Found::Hit(_)));
}

#[tokio::test]
async fn an_invalidation_during_a_load_refuses_its_fill() {
    let server = Server::default();
    let (one, other) = (process(&server), process(&server));
    let permit = permit(&one).await.expect("nobody else fills");
    write(&other).await;
    let outcome = fill(&one, permit).await.expect("it answers");
    assert!(matches!(
        outcome,
        FillOutcome::Refused(Refusal::Invalidated)
    ));
    assert!(matches!(read(&one).await, Found::Miss(_)));
}

#[tokio::test]
async fn a_writer_keeps_readers_away_until_its_release() {
    let server = Server::default();
    let (one, other) = (process(&server), process(&server));
    filled(&one).await;
    let writer = Token::unique();
    other
        .lock(&[key()], writer, LIFE)
        .await
        .expect("it answers");
    assert!(matches!(read(&one).await, Found::Locked));
    other.release(&[key()], writer).await.expect("it answers");
    assert!(matches!(read(&one).await, Found::Miss(_)));
}

#[tokio::test]
async fn a_lease_that_nobody_renews_ends() {
    let server = Server::default();
    let (dead, other) = (process(&server), process(&server));
    let _unused = permit(&dead).await.expect("nobody else fills");
    assert!(matches!(read(&other).await, Found::Leased));
    server.pass(millis(LEASE));
    filled(&other).await;
}

#[tokio::test]
async fn a_tag_of_the_value_must_be_older_than_the_load() {
    let server = Server::default();
    let store = process(&server);
    let tags = || vec![Key::user("tenant:7")];
    let young = permit(&store).await.expect("nobody else fills");
    let outcome = fill_with(&store, young, tags()).await;
    let Ok(FillOutcome::StampTooYoung(permit)) = outcome else {
        panic!("{outcome:?}");
    };
    let outcome = fill_with(&store, permit, tags()).await;
    assert!(matches!(outcome, Ok(FillOutcome::Stored)), "{outcome:?}");
    let found = read(&store).await;
    assert!(matches!(found, Found::Hit(hit) if hit.further == 1));
    let release = store.release(&tags(), Token::unique()).await;
    release.expect("it answers");
    assert!(matches!(read(&store).await, Found::Miss(_)));
}

#[tokio::test]
async fn a_fill_whose_answer_is_lost_is_there_all_the_same() {
    let server = Server::default();
    let store = process(&server);
    let permit = permit(&store).await.expect("nobody else fills");
    server.lose_answer();
    let outcome = fill(&store, permit).await;
    assert!(matches!(outcome, Err(StoreError::TimedOut)));
    assert!(matches!(read(&store).await, Found::Hit(_)));
}

#[tokio::test]
async fn a_server_without_its_memory_stores_nothing_until_lost_locks_have_ended() {
    let server = Server::default();
    // The server counts in thousandths of this.
    let store = process_with(&server, Duration::from_millis(5));
    assert!(permit(&store).await.is_none());
    server.pass(5000);
    filled(&store).await;
    server.restart();
    assert!(permit(&store).await.is_none());
    server.pass(5000);
    filled(&store).await;
}

#[tokio::test]
async fn a_new_epoch_hides_every_entry() {
    let server = Server::default();
    let (one, other) = (process(&server), process(&server));
    filled(&one).await;
    other.invalidate_namespace().await.expect("it answers");
    assert!(matches!(read(&one).await, Found::Miss(_)));
    filled(&one).await;
}

#[tokio::test]
async fn a_scan_names_the_entries() {
    let server = Server::default();
    let store = process(&server);
    filled(&store).await;
    let scan = Scan {
        count: 10,
        glob: "*".into(),
        fences: false,
    };
    let steps = Arc::clone(&store).scan(scan).expect("it scans");
    let steps: Vec<_> = steps.collect().await;
    let [Ok(scanned)] = steps.as_slice() else {
        panic!("{steps:?}");
    };
    assert_eq!(scanned.keys, [key()]);
}

/// What a listener was told, in order.
#[derive(Default)]
struct Events(Mutex<Vec<&'static str>>, tokio::sync::Notify);

impl Events {
    fn add(&self, event: &'static str) {
        self.0.lock().expect("nobody panics").push(event);
        self.1.notify_one();
    }

    /// Returns when there are so many.
    async fn first(&self, count: usize) -> Vec<&'static str> {
        loop {
            let next = self.1.notified();
            let events = self.0.lock().expect("nobody panics").clone();
            if events.len() >= count {
                return events;
            }
            next.await;
        }
    }
}

impl Listener for Events {
    fn subscribed(&self, _: u64) {
        self.add("connected");
    }

    fn invalidated(&self, _: u64, keys: &[Key]) {
        self.add(match keys {
            [own] if *own == key() => "invalidated",
            _ => "nothing",
        });
    }

    fn keys_changed(&self, _: &[Key]) {
        self.add("changed");
    }

    fn notices_lost(&self, _: u64) {
        self.add("missed");
    }

    fn unsubscribed(&self) {
        self.add("disconnected");
    }
}

#[tokio::test]
async fn notices_of_others_arrive_until_the_connection_is_lost() {
    let server = Server::default();
    let (one, other) = (process(&server), process(&server));
    let events = Arc::new(Events::default());
    let listener = Arc::clone(&events);
    Arc::clone(&one).listen(listener, Duration::from_secs(3600));
    events.first(1).await;
    write(&other).await;
    write(&one).await;
    server.restart();
    let told = events.first(5).await;
    let expected = [
        "connected",
        "invalidated",
        // Its own notice tells a process nothing.
        "nothing",
        "disconnected",
        "connected",
    ];
    assert_eq!(told[..5], expected);
}
