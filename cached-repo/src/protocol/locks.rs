//! The locks on one key or tag (rule 5).

use crate::stamp::Token;

/// Locks of several writers; open when the last is gone.
#[derive(Clone, Debug, Default)]
pub(crate) struct LockList(Vec<(Token, u64)>);

impl LockList {
    /// Adds a writer's lock, which ends by itself at `deadline`. Adding it again extends it.
    pub(crate) fn add(&mut self, token: Token, deadline: u64) {
        match self.0.iter_mut().find(|(holder, _)| *holder == token) {
            Some((_, until)) => *until = deadline.max(*until),
            None => self.0.push((token, deadline)),
        }
    }

    /// Removes a writer's lock.
    pub(crate) fn remove(&mut self, token: Token) {
        self.0.retain(|(holder, _)| *holder != token);
    }

    /// Whether some lock lives at `now`; the ones that have ended are forgotten.
    pub(crate) fn holds(&mut self, now: u64) -> bool {
        self.0.retain(|(_, deadline)| *deadline > now);
        !self.0.is_empty()
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
}
