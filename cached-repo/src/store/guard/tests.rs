mod races;

use super::probe::MAX_BACKOFF;
use super::*;
use futures_util::future::{join, join_all};
use tokio::runtime::{Builder, Runtime};

const LIMITS: Limits = Limits {
    call: Duration::from_millis(100),
    cooldown: Duration::from_millis(500),
    threshold: 3,
    concurrency: 1_000,
};

/// A store that is well, frozen or away, as told, and that notes what reaches it.
#[derive(Debug, Default)]
struct FakeStore {
    mood: Mutex<Mood>,
    calls: Mutex<Vec<&'static str>>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Mood {
    #[default]
    Well,
    Frozen,
    /// It answers writers alone.
    Slow,
    Away,
    /// It answers, with an error.
    Sick,
}

impl FakeStore {
    fn be(&self, mood: Mood) {
        *self.mood.lock().expect("no panic") = mood;
    }

    fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.calls.lock().expect("no panic"))
    }

    async fn call(&self, name: &'static str) -> Result<(), StoreError> {
        self.calls.lock().expect("no panic").push(name);
        let mood = *self.mood.lock().expect("no panic");
        match mood {
            Mood::Well => Ok(()),
            Mood::Slow if name == "release" => Ok(()),
            Mood::Frozen | Mood::Slow => std::future::pending().await,
            Mood::Away => Err(StoreError::Lost("refused".into())),
            Mood::Sick => Err(StoreError::Failed("OOM".into())),
        }
    }
}

#[async_trait]
impl Store for FakeStore {
    async fn read(&self, _: &[Request]) -> Result<Vec<Found>, StoreError> {
        self.call("read").await.map(|()| Vec::new())
    }

    async fn permit(&self, _: Vec<(Request, Observed)>) -> Result<Vec<Option<Permit>>, StoreError> {
        self.call("permit").await.map(|()| Vec::new())
    }

    async fn fill(&self, _: Vec<Fill>) -> Result<Vec<FillOutcome>, StoreError> {
        self.call("fill").await.map(|()| Vec::new())
    }

    async fn abandon(&self, _: Vec<(Key, Permit)>) {
        let _ = self.call("abandon").await;
    }

    async fn lock(&self, _: &[Key], _: Token, _: Duration) -> Result<(), StoreError> {
        self.call("lock").await
    }

    async fn release(&self, _: &[Key], _: Token) -> Result<(), StoreError> {
        self.call("release").await
    }

    async fn invalidate_namespace(&self) -> Result<(), StoreError> {
        self.call("invalidate_namespace").await
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::REMOTE
    }

    fn address(&self) -> Option<String> {
        Some("cache.example:6379".into())
    }
}

fn guarded() -> (Arc<FakeStore>, Guarded) {
    guarded_with(LIMITS)
}

fn guarded_with(limits: Limits) -> (Arc<FakeStore>, Guarded) {
    let store = Arc::new(FakeStore::default());
    let inner: Arc<dyn Store> = Arc::clone(&store) as _;
    (store, Guarded::new(inner, limits))
}

/// Reads so often, one after the other.
async fn read(guard: &Guarded, times: u32) {
    for _ in 0..times {
        let _ = guard.read(&[]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_slow_call_does_not_open_the_breaker_and_several_in_a_row_do() {
    let (store, guard) = guarded();
    store.be(Mood::Frozen);
    for _ in 1..LIMITS.threshold {
        assert!(matches!(guard.read(&[]).await, Err(StoreError::TimedOut)));
        assert!(!guard.is_open());
    }
    assert!(matches!(guard.read(&[]).await, Err(StoreError::TimedOut)));
    assert!(guard.is_open());
    store.calls();
    let before = tokio::time::Instant::now();
    for _ in 0..1_000 {
        assert!(matches!(guard.read(&[]).await, Err(StoreError::Away(_))));
    }
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert_eq!(store.calls(), [""; 0], "nothing reached the store");
    assert_eq!(guard.opened(), 1);
}

#[tokio::test(start_paused = true)]
async fn calls_that_time_out_together_count_once() {
    let (store, guard) = guarded();
    store.be(Mood::Frozen);
    join_all((0..500).map(|_| guard.read(&[]))).await;
    assert!(!guard.is_open(), "one pause made all of them late");
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_between_begins_the_count_anew() {
    let (store, guard) = guarded();
    for _ in 0..10 {
        store.be(Mood::Frozen);
        read(&guard, LIMITS.threshold - 1).await;
        store.be(Mood::Well);
        read(&guard, 5).await;
        tokio::time::sleep(LIMITS.call).await;
    }
    assert!(!guard.is_open());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_answers_less_than_half_of_the_calls_opens_the_breaker() {
    let (store, guard) = guarded();
    for _ in 0..LIMITS.threshold {
        store.be(Mood::Well);
        read(&guard, 1).await;
        store.be(Mood::Frozen);
        join_all((0..2).map(|_| guard.read(&[]))).await;
    }
    assert!(guard.is_open());
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_opens_the_breaker_at_once_and_is_named() {
    let (store, guard) = guarded();
    store.be(Mood::Away);
    assert!(guard.read(&[]).await.is_err());
    assert!(guard.is_open());
    let error = guard.read(&[]).await.expect_err("it is open").to_string();
    assert!(error.contains("the store is away"), "{error}");
    assert!(error.contains("cache.example:6379"), "{error}");
    assert!(error.contains("refused"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn readers_stand_in_line_and_neither_hold_up_writers_nor_open_the_breaker() {
    let (store, guard) = guarded_with(Limits {
        concurrency: 2,
        ..LIMITS
    });
    store.be(Mood::Slow);
    let crowd = join_all((0..100).map(|_| guard.read(&[])));
    let writer = async {
        tokio::time::sleep(LIMITS.call / 2).await;
        let before = tokio::time::Instant::now();
        let released = guard.release(&[], Token::unique()).await;
        (released, before.elapsed())
    };
    let before = tokio::time::Instant::now();
    let (crowd, (released, took)) = join(crowd, writer).await;
    assert!(
        before.elapsed() <= LIMITS.call * 2,
        "{:?}",
        before.elapsed()
    );
    released.expect("a writer does not stand in line");
    assert_eq!(took, Duration::ZERO);
    let unsent = |answer: &&Result<_, _>| matches!(answer, Err(StoreError::Overloaded));
    assert_eq!(crowd.iter().filter(unsent).count(), 96);
    assert!(!guard.is_open());
    store.be(Mood::Well);
    assert!(guard.read(&[]).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_breaker_closes_by_itself_when_the_store_answers_again() {
    let (store, guard) = guarded();
    store.be(Mood::Away);
    assert!(guard.read(&[]).await.is_err());
    tokio::time::sleep(LIMITS.cooldown * 3).await;
    assert!(guard.is_open(), "the store is still away");
    store.be(Mood::Well);
    tokio::time::sleep(LIMITS.cooldown * MAX_BACKOFF).await;
    assert!(!guard.is_open());
    assert!(guard.read(&[]).await.is_ok());
    assert_eq!(guard.namespace_resets(), 0, "nothing was owed");
}

#[tokio::test(start_paused = true)]
async fn an_invalidation_that_was_not_delivered_is_paid_before_the_store_is_trusted_again() {
    let (store, guard) = guarded();
    store.be(Mood::Frozen);
    assert!(guard.release(&[], Token::unique()).await.is_err());
    store.be(Mood::Well);
    assert!(
        matches!(guard.read(&[]).await, Err(StoreError::Away(_))),
        "not before it is paid"
    );
    store.calls();
    tokio::time::sleep(LIMITS.cooldown * MAX_BACKOFF).await;
    assert_eq!(store.calls()[0], "invalidate_namespace", "paid first");
    assert!(guard.read(&[]).await.is_ok());
    assert_eq!(guard.namespace_resets(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_payment_that_fails_is_still_owed() {
    let (store, guard) = guarded();
    store.be(Mood::Away);
    assert!(guard.release(&[], Token::unique()).await.is_err());
    tokio::time::sleep(LIMITS.cooldown * 3).await;
    store.be(Mood::Well);
    store.calls();
    tokio::time::sleep(LIMITS.cooldown * MAX_BACKOFF).await;
    assert_eq!(store.calls()[0], "invalidate_namespace");
    assert!(!guard.is_open());
}

#[tokio::test(start_paused = true)]
async fn an_invalidation_while_the_breaker_is_open_is_owed_too() {
    let (store, guard) = guarded();
    store.be(Mood::Away);
    assert!(guard.read(&[]).await.is_err());
    assert!(matches!(
        guard.release(&[], Token::unique()).await,
        Err(StoreError::Away(_))
    ));
    store.be(Mood::Well);
    tokio::time::sleep(LIMITS.cooldown * MAX_BACKOFF).await;
    assert_eq!(guard.namespace_resets(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_answers_with_an_error_is_there() {
    let (store, guard) = guarded();
    store.be(Mood::Sick);
    assert!(matches!(guard.read(&[]).await, Err(StoreError::Failed(_))));
    assert!(!guard.is_open());
    assert!(guard.release(&[], Token::unique()).await.is_err());
    assert!(guard.is_open(), "what it did not take is owed all the same");
}

#[tokio::test(start_paused = true)]
async fn the_probe_ends_with_its_guard() {
    let (store, guard) = guarded();
    store.be(Mood::Away);
    assert!(guard.read(&[]).await.is_err());
    drop(guard);
    store.calls();
    tokio::time::sleep(LIMITS.cooldown * MAX_BACKOFF * 4).await;
    assert_eq!(store.calls(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn locks_that_could_not_be_released_are_when_the_debt_is_paid() {
    let (store, guard) = guarded();
    store.be(Mood::Away);
    for _ in 0..2 {
        assert!(guard.release(&[], Token::unique()).await.is_err());
    }
    store.be(Mood::Well);
    store.calls();
    guard.wait_settled().await;
    assert_eq!(
        store.calls(),
        ["invalidate_namespace", "release", "release", "read", "read"]
    );
}

fn runtime() -> Runtime {
    let mut runtime = Builder::new_current_thread();
    let built = runtime.enable_time().start_paused(true).build();
    built.expect("a runtime")
}

#[test]
fn a_probe_that_was_lost_with_its_runtime_is_started_again() {
    let (store, guard) = guarded();
    store.be(Mood::Away);
    runtime().block_on(read(&guard, 1));
    assert!(guard.is_open());
    store.be(Mood::Well);
    runtime().block_on(async {
        read(&guard, 1).await;
        tokio::time::sleep(LIMITS.cooldown * MAX_BACKOFF).await;
        assert!(!guard.is_open());
    });
}
