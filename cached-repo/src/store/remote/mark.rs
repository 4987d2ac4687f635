//! What the keys of tags hold, as bytes.

use crate::key::{Key, Space};
use crate::protocol::Mark;
use crate::stamp::Stamp;

/// What a reader must know of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagState {
    Missing,
    Stamped(Stamp),
    Locked,
}

impl TagState {
    /// The state that these bytes are, without the time of a stamp.
    pub(super) fn of(value: Option<&[u8]>) -> Self {
        match value.and_then(<[u8]>::split_first) {
            Some((2, _)) => Self::Locked,
            Some((3, rest)) => {
                let stamp = rest.first_chunk::<16>();
                stamp.map_or(Self::Missing, |stamp| {
                    Self::Stamped(Stamp::from_bytes(*stamp))
                })
            }
            _ => Self::Missing,
        }
    }

    /// The stamp, if there is one.
    pub(super) fn stamp(self) -> Option<Stamp> {
        match self {
            Self::Stamped(stamp) => Some(stamp),
            Self::Missing | Self::Locked => None,
        }
    }
}

/// The mark that these bytes are. Bytes that are none are as good as none.
pub(crate) fn mark(value: Option<&[u8]>) -> Mark {
    match value.and_then(<[u8]>::split_first) {
        Some((2, _)) => Mark::Locked,
        Some((3, rest)) => {
            let Some((stamp, rest)) = rest.split_first_chunk::<16>() else {
                return Mark::Missing;
            };
            // The epoch's stamp ends with the mark of its server.
            let created = rest.split(|byte| *byte == b':').next().unwrap_or_default();
            // A time that cannot be read is now: the stamp is too young for everybody, and nobody is harmed.
            let created = std::str::from_utf8(created)
                .ok()
                .and_then(|text| text.parse().ok());
            Mark::Stamped(Stamp::from_bytes(*stamp), created.unwrap_or(u64::MAX))
        }
        _ => Mark::Missing,
    }
}

/// Whether there are only as many such tags as the schema has: their stamps never end by themselves.
pub(super) fn is_lasting(tag: &Key) -> bool {
    matches!(
        tag.space(),
        Space::Epoch | Space::Table | Space::Text | Space::AnyEdge | Space::Rows
    )
}
