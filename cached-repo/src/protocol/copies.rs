//! The copies that a process keeps of what a shared store holds (rule 10), and what each call does to them: said in Rust, without
//! threads, and for names and times of any kind.
//!
//! The model of the protocol runs on it. A test of `engine::l1_coherence` makes the same calls there, and compares.

use super::cell::Holder;

/// What keys and tags are called.
pub(crate) trait Name: Copy + Ord {
    /// The tag that everything carries.
    const EPOCH: Self;
}

/// Entries that a process answers from, and how far it may trust them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Copies<N, E> {
    copies: Vec<Held<N, E>>,
    /// What local writers have locked, and until when.
    locks: Vec<(N, Holder, u64)>,
    /// For each ticket that is out, what was invalidated since it was drawn.
    tickets: Vec<(Holder, Vec<N>)>,
    is_subscribed: bool,
    /// Number of the last notice that was carried out.
    heard: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Held<N, E> {
    key: N,
    tags: Vec<N>,
    entry: E,
    ends: u64,
}

impl<N: Name, E: Clone> Copies<N, E> {
    /// Nothing is copied before notices arrive.
    pub(crate) fn new() -> Self {
        Self {
            copies: Vec::new(),
            locks: Vec::new(),
            tickets: Vec::new(),
            is_subscribed: false,
            heard: 0,
        }
    }

    /// Forgets copies and locks that have ended. What only dead writers had locked is invalidated once more.
    pub(crate) fn pass(&mut self, now: u64) {
        self.copies.retain(|held| held.ends > now);
        let (locks, ended): (Vec<_>, Vec<_>) =
            self.locks.drain(..).partition(|(_, _, until)| *until > now);
        self.locks = locks;
        let mut ended: Vec<N> = ended.into_iter().map(|(name, _, _)| name).collect();
        ended.retain(|name| !self.is_locked(*name, now));
        self.invalidate(&ended);
    }

    /// What is answered without asking the store.
    pub(crate) fn probe(&self, key: N, now: u64) -> Option<E> {
        let mut copies = self.copies.iter();
        let held = copies.find(|held| held.key == key && held.ends > now)?;
        Some(held.entry.clone())
    }

    /// Draws a ticket for one copy of an entry with these names, its key and the tags that are known beforehand; `false` if they
    /// are locked. A holder has one at a time.
    pub(crate) fn ticket(&mut self, holder: Holder, names: &[N], now: u64) -> bool {
        self.give_back(holder);
        let free = !names.iter().any(|name| self.is_locked(*name, now));
        if free {
            self.tickets.push((holder, Vec::new()));
            self.tickets.sort_by_key(|(holder, _)| *holder);
        }
        free
    }

    /// The holder has no use for its ticket.
    pub(crate) fn give_back(&mut self, holder: Holder) {
        self.tickets.retain(|(other, _)| *other != holder);
    }

    /// Makes a copy against a ticket, unless something that it depends on was invalidated since, or is locked.
    pub(crate) fn copy(
        &mut self,
        holder: Holder,
        key: N,
        tags: &[N],
        entry: E,
        ends: u64,
        now: u64,
    ) -> bool {
        let mut tickets = self.tickets.iter();
        let Some((_, passed)) = tickets.find(|(other, _)| *other == holder) else {
            return false;
        };
        let mut names = tags.iter().chain([&key]);
        let refused = names.any(|name| passed.contains(name) || self.is_locked(*name, now));
        self.give_back(holder);
        if refused {
            return false;
        }
        self.copies.retain(|held| held.key != key);
        self.copies.push(Held {
            key,
            tags: tags.to_vec(),
            entry,
            ends,
        });
        self.copies.sort_by_key(|held| held.key);
        true
    }

    /// What a local write is about to invalidate.
    pub(crate) fn lock(&mut self, names: &[N], holder: Holder, until: u64) {
        for name in names {
            let known = |(other, own, _): &&mut (N, Holder, u64)| other == name && *own == holder;
            match self.locks.iter_mut().find(known) {
                Some((_, _, last)) => *last = until.max(*last),
                None => self.locks.push((*name, holder, until)),
            }
        }
        self.locks.sort_unstable();
        self.invalidate(names);
    }

    /// What a local write has invalidated, or a notice from elsewhere: that is of no holder.
    pub(crate) fn release(&mut self, names: &[N], holder: Option<Holder>, now: u64) {
        self.locks
            .retain(|(name, other, _)| Some(*other) != holder || !names.contains(name));
        // What another writer holds was invalidated when it was locked, and will be again.
        let open: Vec<N> = (names.iter().copied())
            .filter(|name| !self.is_locked(*name, now))
            .collect();
        self.invalidate(&open);
    }

    /// Notices arrive from now on.
    pub(crate) fn hear(&mut self, number: u64, now: u64) {
        self.heard = number;
        self.is_subscribed = true;
        self.release(&[N::EPOCH], None, now);
    }

    /// Notices up to this number were carried out.
    pub(crate) fn note(&mut self, number: u64) {
        self.heard = number;
    }

    /// Forgets everything: notices were missed.
    pub(crate) fn forget(&mut self) {
        self.invalidate(&[N::EPOCH]);
    }

    /// No notice arrives any more.
    pub(crate) fn deafen(&mut self) {
        self.is_subscribed = false;
        self.forget();
        self.heard = 0;
    }

    pub(crate) fn is_subscribed(&self) -> bool {
        self.is_subscribed
    }

    /// Whether all notices up to this number were carried out.
    pub(crate) fn has_received(&self, number: u64) -> bool {
        self.heard >= number
    }

    fn is_locked(&self, name: N, now: u64) -> bool {
        let mut locks = self.locks.iter();
        let suspended = name == N::EPOCH && !self.is_subscribed;
        suspended || locks.any(|(other, _, until)| *other == name && *until > now)
    }

    fn invalidate(&mut self, names: &[N]) {
        self.copies.retain(|held| {
            let mut own = held.tags.iter().chain([&held.key]);
            !own.any(|name| names.contains(name))
        });
        for (_, passed) in &mut self.tickets {
            passed.extend(names);
            passed.sort_unstable();
            passed.dedup();
        }
    }
}
