//! Stamps and tokens: values that never occur twice.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of a stamp or token.
pub(crate) const SIZE: usize = 16;

/// State of a tag. An entry carries the stamps of its tags and is current only while each is still the tag's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stamp(pub(crate) [u8; SIZE]);

/// Who holds a lease or a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Token(pub(crate) [u8; SIZE]);

impl Stamp {
    pub(crate) fn fresh() -> Self {
        Self(fresh())
    }
}

impl Token {
    pub(crate) fn fresh() -> Self {
        Self(fresh())
    }
}

/// Half names the process, from the randomness that the operating system gives its hash maps; half counts.
fn fresh() -> [u8; SIZE] {
    static PROCESS: OnceLock<u64> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let process = PROCESS.get_or_init(|| RandomState::new().hash_one(std::process::id()));
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut bytes = [0; SIZE];
    bytes[..8].copy_from_slice(&process.to_le_bytes());
    bytes[8..].copy_from_slice(&count.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_stamp_occurs_twice() {
        let stamps: std::collections::HashSet<Stamp> = (0..10_000).map(|_| Stamp::fresh()).collect();
        assert_eq!(stamps.len(), 10_000);
    }
}
