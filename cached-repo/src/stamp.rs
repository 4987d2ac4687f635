//! Values that never repeat: the stamp of a tag and the token of a lease or a lock.
//!
//! # Why not a counter
//!
//! A counter that the store loses (eviction, failover, flush) starts again and meets entries that carry its
//! old values. A random value that was lost is replaced by one that nothing carries.
//!
//! # Source
//!
//! The standard library's [`RandomState`] takes 128 bits from the operating system once per thread. SipHash
//! under that key, over a counter, gives values that differ between threads, processes and machines. They are
//! unguessable enough to be unique; they are not secrets.

use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::process;

thread_local! {
    static SOURCE: (RandomState, Cell<u64>) = (RandomState::new(), Cell::new(0));
}

/// 128 bits that no other call returns.
fn unique() -> [u8; 16] {
    SOURCE.with(|(key, counter)| {
        let turn = counter.get();
        counter.set(turn.wrapping_add(1));
        // A forked child inherits key and counter: its process id sets it apart.
        let process = process::id();
        let half = |half: u8| key.hash_one((process, turn, half)).to_le_bytes();
        let mut out = [0; 16];
        out[..8].copy_from_slice(&half(0));
        out[8..].copy_from_slice(&half(1));
        out
    })
}

macro_rules! unique_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) struct $name([u8; 16]);

        impl $name {
            /// A value that was never used before.
            pub(crate) fn unique() -> Self {
                Self(unique())
            }

            /// The bytes, as they stand in the store.
            pub(crate) const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:032x})"), u128::from_be_bytes(self.0))
            }
        }
    };
}

unique_id! {
    /// The state of a tag: an entry that carries another stamp than the store has is out of date.
    Stamp
}

unique_id! {
    /// Proof of a lease or a lock: only its holder can complete or release it.
    Token
}

impl Stamp {
    /// The stamp with these bytes.
    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl Token {
    /// The token with these bytes.
    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn values_differ_within_and_between_threads() {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn(|| (0..10_000).map(|_| Stamp::unique()).collect::<Vec<_>>())
            })
            .collect();
        let mut seen = HashSet::new();
        for thread in threads {
            assert!(
                thread
                    .join()
                    .unwrap()
                    .into_iter()
                    .all(|stamp| seen.insert(stamp))
            );
        }
        assert_eq!(seen.len(), 40_000);
    }

    #[test]
    fn about_half_of_the_bits_are_set() {
        let bits: u32 = (0..1000)
            .flat_map(|_| *Token::unique().as_bytes())
            .map(u8::count_ones)
            .sum();
        // Sixteen standard deviations: a fair source fails this once in the age of the universe.
        assert!((61_136..=66_864).contains(&bits), "{bits} of 128000");
    }

    #[test]
    fn debug_shows_the_bytes_in_order() {
        let mut bytes = [0; 16];
        bytes[0] = 0xab;
        bytes[15] = 1;
        let shown = format!("{:?}", Stamp::from_bytes(bytes));
        assert_eq!(shown, "Stamp(ab000000000000000000000000000001)");
    }
}
