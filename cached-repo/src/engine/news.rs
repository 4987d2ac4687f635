//! What was invalidated, for whoever wants to know: counted always, told to subscribers if there are any.

use super::causes::{Reason, Why, fan_out};
use crate::key::{Key, NO_ENTITY};
use crate::port::Listener;
use crate::schema::Schema;
use crate::stats::{CauseCounters, CauseKind, FanOut, InvalidationStats};
use std::sync::{Arc, OnceLock};
use tokio::sync::broadcast;

/// Invalidations that a subscriber may be behind before it misses some.
const ROOM: usize = 1024;

/// How far an invalidation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// The store has it.
    Store,
    /// The store did not take it; it is owed.
    Debt,
    /// Nobody knows whether the write took effect: it stays locked.
    Lock,
}

/// One invalidation.
pub(crate) struct Told {
    pub(crate) reasons: Vec<Reason>,
    pub(crate) keys: Vec<Key>,
    pub(crate) fan_out: FanOut,
    pub(crate) reached: Reached,
    pub(crate) schema: Arc<Schema>,
}

/// Counts invalidations and tells them.
#[derive(Debug)]
pub(crate) struct News {
    schema: Arc<Schema>,
    counters: CauseCounters,
    /// Made by the first subscriber.
    sender: OnceLock<broadcast::Sender<Arc<Told>>>,
}

/// The keys hold user data.
impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Told").finish_non_exhaustive()
    }
}

impl News {
    pub(crate) fn new(schema: Arc<Schema>) -> Self {
        Self {
            schema,
            counters: CauseCounters::default(),
            sender: OnceLock::new(),
        }
    }

    /// Hears what is told from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<Told>> {
        let sender = self.sender.get_or_init(|| broadcast::channel(ROOM).0);
        sender.subscribe()
    }

    pub(crate) fn stats(&self) -> InvalidationStats {
        self.counters.read()
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Says that these keys and tags were invalidated. Without a subscriber it counts, and allocates nothing.
    pub(super) fn tell(&self, origin: Why<'_>, keys: &[Key], reached: Reached) {
        let fan_out = fan_out(keys);
        let kinds = origin.kinds(&self.schema);
        self.counters.add(kinds, &fan_out, reached == Reached::Debt);
        self.log(origin, keys, reached);
        let Some(sender) = self.sender.get() else {
            return;
        };
        if sender.receiver_count() == 0 {
            return;
        }
        let mut reasons = Vec::new();
        origin.each(&self.schema, &mut |reason| {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        });
        // The last subscriber may have gone.
        let _ = sender.send(Arc::new(Told {
            reasons,
            keys: keys.to_vec(),
            fan_out,
            reached,
            schema: Arc::clone(&self.schema),
        }));
    }
}

/// Tells what other processes' notices say, behind whoever keeps copies true.
pub(crate) struct Heard {
    copies: Arc<dyn Listener>,
    news: Arc<News>,
}

impl Heard {
    pub(crate) fn new(copies: Arc<dyn Listener>, news: Arc<News>) -> Self {
        Self { copies, news }
    }

    fn tell(&self, kind: CauseKind, keys: &[Key]) {
        // Notices of one's own name nothing here, and were told when they were sent.
        if !keys.is_empty() {
            let origin = Reason::of(kind, NO_ENTITY).into();
            self.news.tell(origin, keys, Reached::Store);
        }
    }
}

impl Listener for Heard {
    fn hearing(&self, number: u64) {
        self.copies.hearing(number);
    }

    fn invalidated(&self, number: u64, keys: &[Key]) {
        self.copies.invalidated(number, keys);
        self.tell(CauseKind::OtherProcess, keys);
    }

    fn touched(&self, keys: &[Key]) {
        self.copies.touched(keys);
        self.tell(CauseKind::OtherProgram, keys);
    }

    fn missed(&self, number: u64) {
        self.copies.missed(number);
        self.tell(CauseKind::NoticesMissed, &[Key::epoch()]);
    }

    fn deaf(&self) {
        self.copies.deaf();
        self.tell(CauseKind::NoticesMissed, &[Key::epoch()]);
    }
}
