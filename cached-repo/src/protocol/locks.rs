//! The locks on one key or tag (rule 5).

use crate::stamp::Token;

/// Locks of several writers, each with a deadline of its own: open when the last has gone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LockList<H = Token>(Vec<(H, u64)>);

impl<H> Default for LockList<H> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<H: Copy + Eq> LockList<H> {
    /// Adds a writer's lock, which ends by itself at `deadline`. Adding it again extends it, and no other writer's.
    pub(crate) fn add(&mut self, holder: H, deadline: u64) {
        let own = self.0.iter().position(|(other, _)| *other == holder);
        let before = own.map_or(0, |at| self.0.remove(at).1);
        self.0.push((holder, deadline.max(before)));
    }

    /// Removes a writer's lock.
    pub(crate) fn remove(&mut self, holder: H) {
        self.0.retain(|(other, _)| *other != holder);
    }

    /// Whether some lock lives at `now`; the ones that have ended are forgotten.
    pub(crate) fn holds(&mut self, now: u64) -> bool {
        self.0.retain(|(_, deadline)| *deadline > now);
        !self.0.is_empty()
    }
}

/// What is said of the keys of a shared store needs more than a store in the process does.
#[cfg(test)]
impl<H: Copy> LockList<H> {
    /// Each writer with its deadline, the one that locked last at the end.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (H, u64)> {
        self.0.iter().copied()
    }

    /// Deadlines, to be moved.
    pub(crate) fn deadlines_mut(&mut self) -> impl Iterator<Item = &mut u64> {
        self.0.iter_mut().map(|(_, deadline)| deadline)
    }

    /// The greatest deadline: that of the key.
    pub(crate) fn ends(&self) -> Option<u64> {
        self.0.iter().map(|(_, deadline)| *deadline).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_writers_hold_one_key_until_the_last_has_gone() {
        let (a, b) = (Token::unique(), Token::unique());
        let mut locks = LockList::default();
        locks.add(a, 10);
        locks.add(b, 10);
        locks.remove(a);
        assert!(locks.holds(0));
        locks.remove(b);
        assert!(!locks.holds(0));
    }

    #[test]
    fn a_lock_whose_writer_died_ends_by_itself() {
        let mut locks = LockList::default();
        locks.add(Token::unique(), 10);
        assert!(locks.holds(9));
        assert!(!locks.holds(10));
    }

    #[test]
    fn a_lock_whose_writer_died_ends_though_others_lock_and_renew() {
        let (dead, other) = (1, 2);
        let mut locks = LockList::<u8>::default();
        locks.add(dead, 10);
        locks.add(other, 15);
        locks.add(other, 20);
        assert!(locks.holds(10));
        assert_eq!(Vec::from_iter(locks.iter()), [(other, 20)]);
    }
}
