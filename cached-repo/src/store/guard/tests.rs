use super::*;
use std::sync::Mutex;

const LIMITS: Limits = Limits {
    call: Duration::from_millis(100),
    cooldown: Duration::from_millis(500),
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
            Mood::Frozen => std::future::pending().await,
            Mood::Away => Err(StoreError::Away),
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

    async fn fill(&self, _: Vec<Fill>) -> Result<Vec<Landing>, StoreError> {
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

    async fn renounce(&self) -> Result<(), StoreError> {
        self.call("renounce").await
    }

    fn is_shared(&self) -> bool {
        true
    }
}

fn guarded() -> (Arc<FakeStore>, Guarded) {
    let store = Arc::new(FakeStore::default());
    let inner: Arc<dyn Store> = Arc::clone(&store) as _;
    (store, Guarded::new(inner, LIMITS))
}

#[tokio::test(start_paused = true)]
async fn the_first_time_out_opens_the_breaker_and_later_calls_do_not_wait() {
    let (store, guard) = guarded();
    store.be(Mood::Frozen);
    assert!(matches!(guard.read(&[]).await, Err(StoreError::TimedOut)));
    assert!(guard.is_open());
    store.calls();
    let before = tokio::time::Instant::now();
    for _ in 0..1_000 {
        assert!(matches!(guard.read(&[]).await, Err(StoreError::Away)));
    }
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert_eq!(store.calls(), [""; 0], "nothing reached the store");
    assert_eq!(guard.opened(), 1);
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
    assert_eq!(guard.renounced(), 0, "nothing was owed");
}

#[tokio::test(start_paused = true)]
async fn an_invalidation_that_was_not_delivered_is_paid_before_the_store_is_trusted_again() {
    let (store, guard) = guarded();
    store.be(Mood::Frozen);
    assert!(guard.release(&[], Token::unique()).await.is_err());
    store.be(Mood::Well);
    assert!(
        matches!(guard.read(&[]).await, Err(StoreError::Away)),
        "not before it is paid"
    );
    store.calls();
    tokio::time::sleep(LIMITS.cooldown * MAX_BACKOFF).await;
    assert_eq!(store.calls()[0], "renounce", "paid first");
    assert!(guard.read(&[]).await.is_ok());
    assert_eq!(guard.renounced(), 1);
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
    assert_eq!(store.calls()[0], "renounce");
    assert!(!guard.is_open());
}

#[tokio::test(start_paused = true)]
async fn an_invalidation_while_the_breaker_is_open_is_owed_too() {
    let (store, guard) = guarded();
    store.be(Mood::Away);
    assert!(guard.read(&[]).await.is_err());
    assert!(matches!(
        guard.release(&[], Token::unique()).await,
        Err(StoreError::Away)
    ));
    store.be(Mood::Well);
    tokio::time::sleep(LIMITS.cooldown * MAX_BACKOFF).await;
    assert_eq!(guard.renounced(), 1);
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
    guard.settled().await;
    assert_eq!(store.calls(), ["renounce", "release", "release", "read"]);
}
