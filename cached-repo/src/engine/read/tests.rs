//! A flight whose load another process was quicker to begin.

use super::Reader;
use crate::age::{Age, Aging};
use crate::config::Consistency;
use crate::engine::ask::{Ask, What};
use crate::engine::{
    Engine, Hooks, InvalidationBus, L1Coherence, Options, Settings, SharedSource, Stores,
};
use crate::key::{Key, Space};
use crate::port::{
    Capabilities, Fetched, Fill, FillOutcome, Found, Listener, Observed, Payload, Permit, Request,
    Source, Store, StoreError,
};
use crate::protocol::row_key;
use crate::schema::Row;
use crate::schema::testing::{USER, schema};
use crate::stamp::Token;
use crate::store::{Bounds, MemoryStore};
use crate::time::Clock;
use async_trait::async_trait;
use sea_orm::{DbBackend, DbErr, QueryResult, Statement, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

const LIFE: Duration = Duration::from_secs(60);

/// A store that finds nothing under the pointer until another process has filled it, and grants no lease.
#[derive(Debug)]
struct Elsewhere {
    /// Looks that find nothing: begun, and how many of them may end.
    looks: AtomicUsize,
    may_end: Semaphore,
    /// Readers that wait for the lease.
    waiting: AtomicUsize,
    filled: Semaphore,
}

/// A user of this name.
fn user(name: &str) -> Row {
    let values: Vec<Value> = vec![
        1_i64.into(),
        "ada@example.org".into(),
        7_i64.into(),
        name.into(),
    ];
    Arc::new(values)
}

fn hit(payload: Payload, further: usize) -> Found {
    Found::Hit(Fetched {
        payload,
        further,
        rest: LIFE,
        age: Age {
            life: LIFE,
            ..Age::default()
        },
        held: None,
    })
}

#[async_trait]
impl Store for Elsewhere {
    async fn read(&self, requests: &[Request]) -> Result<Vec<Found>, StoreError> {
        let early = self.filled.available_permits() == 0;
        if early && requests[0].key.space() == Space::Unique {
            self.looks.fetch_add(1, Ordering::SeqCst);
            self.may_end.acquire().await.expect("open").forget();
        }
        let answer = |request: &Request| match request.key.space() {
            Space::Unique if early => Found::Miss(Observed::default()),
            Space::Unique => hit(Payload::Pointer(Arc::from([Value::from(1_i64)])), 0),
            _ => hit(Payload::Row(user("new")), 1),
        };
        Ok(requests.iter().map(answer).collect())
    }

    async fn permit(
        &self,
        requests: Vec<(Request, Observed)>,
    ) -> Result<Vec<Option<Permit>>, StoreError> {
        Ok(requests.iter().map(|_| None).collect())
    }

    async fn wait_for_lease(&self, _: &Key, _: Duration) -> Result<(), StoreError> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        drop(self.filled.acquire().await);
        Ok(())
    }

    async fn fill(&self, _: Vec<Fill>) -> Result<Vec<FillOutcome>, StoreError> {
        Err(StoreError::TimedOut)
    }

    async fn abandon(&self, _: Vec<(Key, Permit)>) {}

    async fn lock(&self, _: &[Key], _: Token, _: Duration) -> Result<(), StoreError> {
        Err(StoreError::TimedOut)
    }

    async fn release(&self, _: &[Key], _: Token) -> Result<(), StoreError> {
        Err(StoreError::TimedOut)
    }

    async fn invalidate_namespace(&self) -> Result<(), StoreError> {
        Err(StoreError::TimedOut)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::REMOTE
    }
}

/// A database that nobody should ask.
struct NoSource;

#[async_trait]
impl Source for NoSource {
    async fn query(&self, _: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Err(DbErr::Custom("nobody loads".into()))
    }
}

fn reader(store: &Arc<Elsewhere>) -> Arc<Reader> {
    let mut schema = schema();
    schema.entities[usize::from(USER)].rows.values = |row| {
        row.downcast_ref::<Vec<Value>>()
            .cloned()
            .unwrap_or_default()
    };
    let bounds = Bounds {
        entries: 100,
        bytes: 100_000,
    };
    let memory = Arc::new(MemoryStore::new(
        schema.entities.len(),
        bounds,
        Clock::manual(),
    ));
    let coherence = Arc::new(L1Coherence::new(Arc::clone(&memory), LIFE));
    coherence.subscribed(0);
    let settings = Settings {
        ttl: LIFE,
        negative_ttl: LIFE,
        jitter: 0.0,
        lock_time: LIFE,
        wait_time: LIFE,
        lease_time: LIFE,
        load_soft_timeout: LIFE,
        load_timeout: LIFE,
        chunk: 100,
        refuse_when_down: true,
        aging: Aging::default(),
        pause: LIFE,
        consistency: Consistency::Bounded,
        passthrough: false,
    };
    let schema = Arc::new(schema);
    let stores = Stores {
        store: Arc::clone(store) as _,
        memory: Some(memory),
        coherence: Some(coherence),
        guard: None,
        bus: Arc::new(InvalidationBus::new(Arc::clone(&schema))),
    };
    let hooks = Hooks::default();
    let engine = Engine::new(schema, settings, stores, DbBackend::Sqlite, hooks);
    Arc::clone(engine.reader())
}

/// Has the process copy the row as it was before a write whose notice has not arrived.
fn copy_of_old(reader: &Reader, row: &Ask) {
    let read = reader
        .with
        .planner
        .plan_through(row.clone(), false)
        .expect("a key");
    let request = &read.request;
    let copy_permit = reader.l1.copy_permit(row, request);
    let fetched = Fetched {
        payload: Payload::Row(user("old")),
        further: 1,
        rest: LIFE,
        age: Age {
            life: LIFE,
            ..Age::default()
        },
        held: None,
    };
    reader.l1.copy(row, request, copy_permit, &fetched, 100);
    let key = row_key(USER, &row.values).expect("a key");
    let memory = reader.l1.memory().expect("copies are kept");
    assert!(memory.probe(&key).is_some());
}

#[tokio::test]
async fn a_strict_reader_that_shares_a_flight_is_not_given_a_copy() {
    let store = Arc::new(Elsewhere {
        looks: AtomicUsize::new(0),
        may_end: Semaphore::new(0),
        waiting: AtomicUsize::new(0),
        filled: Semaphore::new(0),
    });
    let reader = reader(&store);
    let source: SharedSource = Arc::new(NoSource);
    let ask = |what, value: Value, strict| {
        let options = Options {
            strict,
            ..Options::default()
        };
        Ask::new(USER, what, vec![value], Some(Arc::new(options)))
    };
    copy_of_old(&reader, &ask(What::Row, 1_i64.into(), false));
    let by_email = |strict| {
        let ask = ask(What::Unique(0), "ada@example.org".into(), strict);
        let (reader, source) = (Arc::clone(&reader), Arc::clone(&source));
        async move { reader.get(ask, &source).await.expect("read") }
    };
    let until = async |count: &AtomicUsize, wanted| {
        while count.load(Ordering::SeqCst) < wanted {
            tokio::task::yield_now().await;
        }
    };
    let leader = tokio::spawn(by_email(false));
    until(&store.looks, 1).await;
    // It begins before the other one leads.
    let follower = tokio::spawn(by_email(true));
    until(&store.looks, 2).await;
    store.may_end.add_permits(1);
    until(&store.waiting, 1).await;
    store.may_end.add_permits(1);
    // It joins the other one's flight without waiting for anything.
    tokio::task::yield_now().await;
    store.filled.add_permits(1);
    leader.await.expect("no panic");
    let strict = follower.await.expect("no panic");
    let values = (reader.entities.entity(USER).rows.values)(&*strict[0]);
    assert_eq!(values[3], Value::from("new"));
}
