//! What a reader may serve and fill.

use crate::stamp::Stamp;

/// Rule 2: whether every stamp that the entry carries is its tag's present one. `None` is a missing stamp and equals nothing.
pub(crate) fn is_current(carried: &[Stamp], present: &[Option<Stamp>]) -> bool {
    carried.len() == present.len()
        && carried
            .iter()
            .zip(present)
            .all(|(carried, present)| Some(*carried) == *present)
}

/// Rule 1: whether a stamp created at `created` is known to be older than a load that began at `began`, both on the store's
/// clock. Equal times prove nothing.
pub(crate) fn precedes(created: u64, began: u64) -> bool {
    created < began
}

/// Rule 11: whether an epoch created at `created` has outlived every lock that the store may have forgotten.
pub(crate) fn is_settled(created: u64, now: u64, settle: u64) -> bool {
    now.saturating_sub(created) >= settle
}

/// What a reader may do with the result of a load that it did not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlightDecision {
    /// The value is as new as the reader may ask for.
    Accept,
    /// The load may have begun before a write that the reader must see.
    TryAgain,
}

/// A reader that began at ticket `reader` joins a load that began at ticket `flight`.
///
/// A load that began after the reader is as good as its own. An older one is good if its fill succeeded, for then the lease
/// and all stamps were still valid after the reader began: nothing was invalidated in between.
pub(crate) fn accept_flight(reader: u64, flight: u64, filled: bool) -> FlightDecision {
    if filled || flight >= reader {
        FlightDecision::Accept
    } else {
        FlightDecision::TryAgain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_current_only_if_every_stamp_is_the_present_one() {
        let (a, b) = (Stamp::unique(), Stamp::unique());
        assert!(is_current(&[a, b], &[Some(a), Some(b)]));
        assert!(!is_current(&[a, b], &[Some(a), Some(a)]));
        assert!(!is_current(&[a, b], &[Some(a), None]));
        assert!(!is_current(&[a, b], &[Some(a)]));
    }

    #[test]
    fn a_stamp_of_the_same_moment_is_too_young() {
        assert!(precedes(1, 2));
        assert!(!precedes(2, 2));
        assert!(!precedes(3, 2));
    }

    #[test]
    fn a_refused_fill_is_handed_only_to_readers_that_began_before_the_load() {
        assert_eq!(accept_flight(5, 4, false), FlightDecision::TryAgain);
        assert_eq!(accept_flight(5, 4, true), FlightDecision::Accept);
        assert_eq!(accept_flight(5, 6, false), FlightDecision::Accept);
    }
}
