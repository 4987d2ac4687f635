//! What threads can do to the breaker, in every order (loom): a release that fails, a probe that finds the store well, and reads.

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;
use std::time::Duration;

#[expect(dead_code, reason = "the guard uses more of it than races do")]
#[expect(clippy::duplicate_mod, reason = "here it is behind loom's lock")]
#[path = "../breaker.rs"]
mod breaker;
#[expect(clippy::duplicate_mod, reason = "here the lock is loom's")]
#[path = "../switch.rs"]
mod switch;

use breaker::{Admission, Effect, Event, Policy, Probe};
use switch::Switch;

/// What is explored: a breaker that is open, whose probe has been started.
trait Subject: Send + Sync + 'static {
    fn opened() -> Self;
    /// Whether a read goes to the store.
    fn admits(&self) -> bool;
    /// A release has failed; whether a probe is to be started.
    fn note_undelivered(&self) -> bool;
    /// The probe finds the store well.
    fn recover(&self, invalidate_namespace: &dyn Fn());
    fn is_open(&self) -> bool;
    fn has_undelivered(&self) -> bool;
}

impl Subject for Switch {
    fn opened() -> Self {
        let switch = Self::new(Policy {
            threshold: 5,
            interval: Duration::from_millis(80),
        });
        assert_eq!(switch.on(Event::Lost), Effect::Opened);
        switch
    }

    fn admits(&self) -> bool {
        self.admit() == Admission::Send
    }

    fn note_undelivered(&self) -> bool {
        self.on(Event::Undelivered) == Effect::Opened
    }

    fn recover(&self, invalidate_namespace: &dyn Fn()) {
        loop {
            let probe = self.probe();
            if matches!(probe, Probe::InvalidateNamespace(_)) {
                invalidate_namespace();
            }
            if self.on(Event::Probed(probe)) == Effect::Closed {
                return;
            }
        }
    }

    fn is_open(&self) -> bool {
        self.present().is_open()
    }

    fn has_undelivered(&self) -> bool {
        self.present().has_undelivered()
    }
}

/// The breaker as it was: two flags, each looked at by itself.
struct TwoFlags {
    open: AtomicBool,
    has_undelivered: AtomicBool,
}

impl TwoFlags {
    fn trip(&self) -> bool {
        !self.open.swap(true, Ordering::AcqRel)
    }
}

impl Subject for TwoFlags {
    fn opened() -> Self {
        Self {
            open: AtomicBool::new(true),
            has_undelivered: AtomicBool::new(false),
        }
    }

    fn admits(&self) -> bool {
        !self.open.load(Ordering::Acquire)
    }

    fn note_undelivered(&self) -> bool {
        self.has_undelivered.store(true, Ordering::Release);
        self.trip()
    }

    fn recover(&self, invalidate_namespace: &dyn Fn()) {
        loop {
            if self.has_undelivered.swap(false, Ordering::AcqRel) {
                invalidate_namespace();
                continue;
            }
            self.open.store(false, Ordering::Release);
            if !self.has_undelivered.load(Ordering::Acquire) {
                return;
            }
            self.open.store(true, Ordering::Release);
        }
    }

    fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    fn has_undelivered(&self) -> bool {
        self.has_undelivered.load(Ordering::Acquire)
    }
}

/// A write whose release fails, and a read once it has returned: whether the write has started a probe, and whether the read was served
/// what was before the write.
fn write_and_read<S: Subject>(subject: &S, is_stale: &AtomicBool) -> (bool, bool) {
    is_stale.store(true, Ordering::SeqCst);
    let starts = subject.note_undelivered();
    let is_stale_read = subject.admits() && is_stale.load(Ordering::SeqCst);
    (starts, is_stale_read)
}

/// What is asserted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Assert {
    /// That no read is served what is owed.
    Reads,
    /// That a breaker that is open has a probe, and one that is closed owes nothing.
    Probes,
}

/// So many writers, while the probe finds the store well.
fn explore<S: Subject>(writers: usize, assert: Assert) {
    let mut orders = loom::model::Builder::new();
    // Each race known takes two; without a bound, two writers take minutes.
    orders.preemption_bound = Some(3);
    orders.check(move || {
        let subject = Arc::new(S::opened());
        let stale: Arc<Vec<_>> = Arc::new((0..writers).map(|_| AtomicBool::new(false)).collect());
        let write = |at: usize| {
            let (subject, stale) = (Arc::clone(&subject), Arc::clone(&stale));
            thread::spawn(move || {
                let (starts, is_stale_read) = write_and_read(&*subject, &stale[at]);
                assert!(!is_stale_read || assert != Assert::Reads, "a stale read");
                starts
            })
        };
        let tasks: Vec<_> = (0..writers).map(write).collect();
        let invalidate_namespace = || {
            stale
                .iter()
                .for_each(|row| row.store(false, Ordering::SeqCst))
        };
        subject.recover(&invalidate_namespace);
        let started = tasks.into_iter().map(|task| task.join().expect("no panic"));
        let probes = started.filter(|starts| *starts).count();
        if assert == Assert::Probes {
            assert!(probes <= 1, "two probes at the same time");
            assert_eq!(
                subject.is_open(),
                probes == 1,
                "open exactly while a probe runs"
            );
            assert!(
                probes == 1 || !subject.has_undelivered(),
                "closed, and owes"
            );
        }
    });
}

#[test]
fn no_order_of_a_failed_release_and_a_recovery_serves_what_is_owed() {
    explore::<Switch>(1, Assert::Reads);
    explore::<Switch>(2, Assert::Reads);
}

#[test]
fn no_order_of_a_failed_release_and_a_recovery_leaves_a_debt_without_a_probe() {
    explore::<Switch>(1, Assert::Probes);
    explore::<Switch>(2, Assert::Probes);
}

#[test]
#[should_panic(expected = "a stale read")]
fn two_flags_instead_of_one_state_serve_what_is_owed() {
    explore::<TwoFlags>(1, Assert::Reads);
}

#[test]
#[should_panic]
fn two_flags_instead_of_one_state_lose_their_probe() {
    explore::<TwoFlags>(1, Assert::Probes);
}
