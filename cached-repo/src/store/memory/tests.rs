mod races;

use super::*;
use crate::port::Refusal;
use sea_orm::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const LIFE: Duration = Duration::from_secs(60);

struct Scene {
    store: MemoryStore,
    clock: Clock,
}

fn scene() -> Scene {
    let clock = Clock::manual();
    Scene {
        store: MemoryStore::new(2, bounds(100), clock.clone()),
        clock,
    }
}

/// Room for so many entries of a thousand bytes.
fn bounds(entries: usize) -> Bounds {
    Bounds {
        entries,
        bytes: entries as u64 * 1000,
    }
}

fn row(number: u8) -> Key {
    Key::new(Space::Row, 0, 0, &[1, number, 0, 0, 0, 0, 0, 0, 0])
}

fn tag(name: &str) -> Key {
    Key::user(name)
}

fn request(key: &Key, tags: &[Key]) -> Request {
    let fixed = [Key::epoch(), Key::table(key.entity())];
    Request {
        key: key.clone(),
        tags: fixed.iter().chain(tags).cloned().collect(),
        ages: false,
    }
}

impl Scene {
    async fn permit(&self, request: &Request) -> Option<Permit> {
        let wanted = vec![(request.clone(), Observed::default())];
        self.store
            .permit(wanted)
            .await
            .expect("never fails")
            .remove(0)
    }

    async fn fill(&self, request: &Request, permit: Permit, tags: &[Key]) -> FillOutcome {
        let fill = Fill {
            request: request.clone(),
            permit,
            payload: Payload::Absent,
            tags: tags.to_vec(),
            life: Life::plain(LIFE),
            weight: 1,
        };
        self.store
            .fill(vec![fill])
            .await
            .expect("never fails")
            .remove(0)
    }

    async fn filled(&self, request: &Request, tags: &[Key]) {
        let permit = self.permit(request).await.expect("nobody holds a lock");
        assert!(matches!(
            self.fill(request, permit, tags).await,
            FillOutcome::Stored
        ));
    }

    fn hits(&self, key: &Key) -> bool {
        self.store.probe(key).is_some()
    }

    async fn invalidate(&self, target: &Key) {
        let targets = std::slice::from_ref(target);
        self.store
            .release(targets, Token::unique())
            .await
            .expect("never fails");
    }
}

fn is_refused(outcome: &FillOutcome) -> bool {
    matches!(outcome, FillOutcome::Refused(Refusal::Invalidated))
}

#[tokio::test]
async fn an_entry_is_served_until_its_time_has_passed() {
    let scene = scene();
    scene.filled(&request(&row(1), &[]), &[]).await;
    assert!(scene.hits(&row(1)));
    scene.clock.advance(LIFE);
    assert!(!scene.hits(&row(1)));
}

#[tokio::test]
async fn invalidating_any_tag_of_an_entry_makes_it_a_miss_and_leaves_others() {
    for target in [
        row(1),
        Key::table(0),
        Key::epoch(),
        tag("fixed"),
        tag("named"),
    ] {
        let scene = scene();
        scene
            .filled(&request(&row(1), &[tag("fixed")]), &[tag("named")])
            .await;
        let other = Key::new(Space::Row, 1, 0, &[1; 9]);
        scene.filled(&request(&other, &[]), &[tag("other")]).await;
        scene.invalidate(&target).await;
        assert!(!scene.hits(&row(1)), "{target:?}");
        assert_eq!(scene.hits(&other), target != Key::epoch(), "{target:?}");
    }
}

#[tokio::test]
async fn a_fill_whose_permit_is_older_than_an_invalidation_is_refused() {
    for target in [
        row(1),
        Key::table(0),
        Key::epoch(),
        tag("fixed"),
        tag("named"),
    ] {
        let scene = scene();
        let request = request(&row(1), &[tag("fixed")]);
        let permit = scene.permit(&request).await.expect("nobody holds a lock");
        scene.invalidate(&target).await;
        let outcome = scene.fill(&request, permit, &[tag("named")]).await;
        assert!(is_refused(&outcome), "{target:?}");
        assert!(!scene.hits(&row(1)), "{target:?}");
    }
}

#[tokio::test]
async fn a_locked_key_or_tag_is_neither_served_nor_filled_until_the_last_writer_has_gone() {
    for target in [row(1), Key::table(0), Key::epoch(), tag("fixed")] {
        let scene = scene();
        let request = request(&row(1), &[tag("fixed")]);
        scene.filled(&request, &[]).await;
        let early = scene.permit(&request).await.expect("nobody holds a lock");
        let (a, b) = (Token::unique(), Token::unique());
        let targets = std::slice::from_ref(&target);
        scene
            .store
            .lock(targets, a, LIFE)
            .await
            .expect("never fails");
        scene
            .store
            .lock(targets, b, LIFE)
            .await
            .expect("never fails");
        assert!(!scene.hits(&row(1)), "{target:?}");
        assert!(scene.permit(&request).await.is_none(), "{target:?}");
        assert!(
            is_refused(&scene.fill(&request, early, &[]).await),
            "{target:?}"
        );
        scene.store.release(targets, a).await.expect("never fails");
        assert!(scene.permit(&request).await.is_none(), "{target:?}");
        scene.store.release(targets, b).await.expect("never fails");
        scene.filled(&request, &[]).await;
        assert!(scene.hits(&row(1)), "{target:?}");
    }
}

#[tokio::test]
async fn the_lock_of_a_writer_that_never_returns_ends_by_itself() {
    for target in [row(1), Key::table(0), tag("fixed")] {
        let scene = scene();
        let request = request(&row(1), &[tag("fixed")]);
        scene.filled(&request, &[]).await;
        let targets = std::slice::from_ref(&target);
        scene
            .store
            .lock(targets, Token::unique(), LIFE)
            .await
            .expect("never fails");
        scene.clock.advance(LIFE);
        assert!(
            !scene.hits(&row(1)),
            "what was there before is gone: {target:?}"
        );
        scene.filled(&request, &[]).await;
        assert!(scene.hits(&row(1)), "{target:?}");
    }
}

#[tokio::test]
async fn a_read_that_asks_for_a_tag_misses_an_entry_without_it() {
    let scene = scene();
    scene.filled(&request(&row(1), &[]), &[]).await;
    let tagged = request(&row(1), &[tag("extra")]);
    let found = scene
        .store
        .read(std::slice::from_ref(&tagged))
        .await
        .expect("never fails");
    assert!(matches!(found[..], [Found::Miss(_)]));
    scene.filled(&tagged, &[]).await;
    let found = scene.store.read(&[tagged]).await.expect("never fails");
    assert!(matches!(found[..], [Found::Hit(_)]));
}

#[tokio::test]
async fn tags_that_no_entry_holds_are_forgotten_without_harm() {
    let scene = scene();
    let late = request(&row(99), &[]);
    let permit = scene.permit(&late).await.expect("nobody holds a lock");
    scene.invalidate(&tag("named")).await;
    for number in 0..5_000 {
        let request = request(&row((number % 50) as u8), &[]);
        scene
            .filled(&request, &[tag(&format!("tag {number}"))])
            .await;
    }
    assert!(
        scene.store.fencing.cells().len() < 4_000,
        "{} tags",
        scene.store.fencing.cells().len()
    );
    let outcome = scene.fill(&late, permit, &[tag("named")]).await;
    assert!(
        is_refused(&outcome),
        "the fence remembers what the tags have forgotten"
    );
}

/// A row whose version only grows, in a source that changes while readers load it.
struct Race {
    store: MemoryStore,
    source: AtomicI64,
    /// The newest version whose write has returned.
    finished: AtomicI64,
}

impl Race {
    async fn write(&self, turn: u32) {
        let version = self.source.fetch_add(1, Ordering::SeqCst) + 1;
        let target = if turn.is_multiple_of(2) {
            row(1)
        } else {
            Key::table(0)
        };
        self.store
            .release(&[target], Token::unique())
            .await
            .expect("never fails");
        self.finished.fetch_max(version, Ordering::SeqCst);
    }

    async fn read(&self, turn: u32) {
        let least = self.finished.load(Ordering::SeqCst);
        if let Some(Payload::Pointer(values)) = self.store.probe(&row(1)) {
            let Value::BigInt(Some(served)) = values[0] else {
                panic!("another value");
            };
            assert!(served >= least, "served {served} after {least} was written");
            return;
        }
        let request = request(&row(1), &[]);
        let wanted = vec![(request.clone(), Observed::default())];
        let Some(permit) = self
            .store
            .permit(wanted)
            .await
            .expect("never fails")
            .remove(0)
        else {
            return;
        };
        let version = self.source.load(Ordering::SeqCst);
        if turn.is_multiple_of(3) {
            tokio::task::yield_now().await;
        }
        let fill = Fill {
            request,
            permit,
            payload: Payload::Pointer(Arc::from([version.into()])),
            tags: Vec::new(),
            life: Life::plain(LIFE),
            weight: 1,
        };
        self.store.fill(vec![fill]).await.expect("never fails");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_reader_is_served_what_a_finished_write_has_replaced() {
    let race = Arc::new(Race {
        store: MemoryStore::new(1, bounds(100), Clock::default()),
        source: AtomicI64::new(0),
        finished: AtomicI64::new(0),
    });
    let tasks: Vec<_> = (0..4)
        .map(|task| {
            let race = Arc::clone(&race);
            tokio::spawn(async move {
                for turn in 0..20_000 {
                    if task == 0 {
                        race.write(turn).await;
                    } else {
                        race.read(turn).await;
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no reader saw an old value");
    }
}

#[tokio::test]
async fn a_store_without_capacity_keeps_nothing() {
    let scene = Scene {
        store: MemoryStore::new(1, bounds(0), Clock::manual()),
        clock: Clock::manual(),
    };
    let request = request(&row(1), &[]);
    let permit = scene.permit(&request).await.expect("nobody holds a lock");
    scene.fill(&request, permit, &[]).await;
    assert!(!scene.hits(&row(1)));
    assert_eq!(scene.store.len(), 0);
}

#[tokio::test]
async fn a_suspended_store_serves_and_takes_nothing_and_begins_empty() {
    let scene = scene();
    let request = request(&row(1), &[Key::epoch(), Key::table(0)]);
    let permit = scene.permit(&request).await.expect("free");
    let early = scene.permit(&request).await.expect("free");
    assert!(matches!(
        scene.fill(&request, permit, &[]).await,
        FillOutcome::Stored
    ));
    scene.store.suspend();
    assert!(scene.store.probe(&row(1)).is_none());
    assert!(scene.permit(&request).await.is_none());
    // A writer that ends meanwhile opens what it has locked, and no more.
    scene.store.release_from(&[Key::table(0)], Token::unique());
    assert!(scene.permit(&request).await.is_none());
    scene.store.resume();
    assert!(scene.store.probe(&row(1)).is_none());
    let late = scene.fill(&request, early, &[]).await;
    assert!(
        matches!(late, FillOutcome::Refused(Refusal::Invalidated)),
        "it was permitted before: {late:?}"
    );
    let permit = scene.permit(&request).await.expect("open again");
    assert!(matches!(
        scene.fill(&request, permit, &[]).await,
        FillOutcome::Stored
    ));
    assert!(scene.store.probe(&row(1)).is_some());
}

#[tokio::test]
async fn heavy_entries_are_bounded_by_bytes_and_light_ones_by_number() {
    for (weight, most) in [(1, 100), (10_000, 10)] {
        let scene = scene();
        for number in 0..200 {
            let request = request(&row(number), &[Key::epoch(), Key::table(0)]);
            let permit = scene.permit(&request).await.expect("free");
            let fill = Fill {
                request,
                permit,
                payload: Payload::Absent,
                tags: Vec::new(),
                life: Life::plain(LIFE),
                weight,
            };
            scene.store.fill(vec![fill]).await.expect("never fails");
        }
        let held = scene.store.len();
        assert!(
            (1..=most).contains(&held),
            "{held} entries of {weight} bytes"
        );
    }
}
