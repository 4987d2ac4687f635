//! What tells one type that serde knows from another: its declared names and its structure.
//!
//! A value is stored under a key that holds the fingerprint of its type. A struct that gains a field, or whose field changes its
//! type, has another fingerprint, so that what was stored before is a miss (rule 12). Names and structure are found by asking the type
//! to deserialize itself from a deserializer that has no data, and notes what it is asked for (`trace`).
//!
//! Some types say nothing of what they hold: an untagged enum, `#[serde(flatten)]`. They are refused, unless they stand within a
//! container whose declared name ends in a version: `#[serde(rename = "report@2")]`.

mod dummy;
mod request;
mod trace;
mod tracer;

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::any::TypeId;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Bytes of a fingerprint: two types that share one are not to be found.
pub(crate) const FINGERPRINT: usize = 16;

/// Stands for a type in keys.
pub(crate) type Fingerprint = [u8; FINGERPRINT];

/// Why a type has no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unshaped {
    /// It takes whatever the data holds: an untagged or internally tagged enum, `#[serde(flatten)]`, or a visitor of somebody's own.
    Any,
    /// A part of it cannot be reached: it stands behind a value that could not be made up, or its `Deserialize` asks for nothing that is
    /// known.
    Hidden,
    /// It has more parts than are looked at.
    TooLarge,
}

impl Unshaped {
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Any => {
                "it, or a part of it, takes whatever the data holds: an untagged or internally tagged enum, `#[serde(flatten)]`, or a \
                 `Deserialize` written by hand"
            }
            Self::Hidden => "a part of it cannot be reached by its `Deserialize`",
            Self::TooLarge => "it has too many parts",
        }
    }
}

type Hashing = foldhash::fast::RandomState;
type Known = HashMap<TypeId, Result<Fingerprint, Unshaped>, Hashing>;

/// What this process has found.
#[derive(Default)]
struct Registry {
    known: Known,
    /// How many types have a structure.
    shared: HashMap<Fingerprint, u64, Hashing>,
}

static REGISTRY: LazyLock<Mutex<Registry>> = LazyLock::new(Mutex::default);

thread_local! {
    /// The same for this thread: a hit passes here, and waits for nobody.
    static SEEN: RefCell<Known> = RefCell::default();
}

/// The fingerprint of `T`. It is computed once; a type that a process has met before takes one look into a table of the thread.
///
/// Types of the same names and structure are told apart by their number within the process: what one of them has stored, another one
/// can decode, whichever of them has that number elsewhere; and in this process, where values are kept as they are, none meets
/// another's.
pub(crate) fn fingerprint<T: DeserializeOwned + 'static>() -> Result<Fingerprint, Unshaped> {
    let id = TypeId::of::<T>();
    if let Some(known) = SEEN.with_borrow(|seen| seen.get(&id).copied()) {
        return known;
    }
    // Outside of the lock: this runs code of the program's.
    let found = structure::<T>();
    let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    let known = match registry.known.get(&id) {
        Some(known) => *known,
        None => {
            let numbered = found.map(|structure| registry.number(structure));
            registry.known.insert(id, numbered);
            numbered
        }
    };
    SEEN.with_borrow_mut(|seen| seen.insert(id, known));
    known
}

impl Registry {
    fn number(&mut self, structure: Fingerprint) -> Fingerprint {
        let count = self.shared.entry(structure).or_default();
        let number = *count;
        *count += 1;
        match number {
            0 => structure,
            _ => cut(Sha256::new_with_prefix(structure).chain_update(number.to_le_bytes())),
        }
    }
}

/// The declared names and the structure alone.
fn structure<T: DeserializeOwned>() -> Result<Fingerprint, Unshaped> {
    Ok(cut(Sha256::new_with_prefix(trace::trace::<T>()?)))
}

fn cut(hash: Sha256) -> Fingerprint {
    let mut fingerprint = [0; FINGERPRINT];
    fingerprint.copy_from_slice(&hash.finalize()[..FINGERPRINT]);
    fingerprint
}

#[cfg(test)]
mod tests;
