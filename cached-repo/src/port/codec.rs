//! From rows to bytes and back.

use super::store::Payload;
use crate::entry::Body;
use std::sync::Arc;

/// The value cannot be stored: a column has a type that the build leaves out, or serde refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EncodeError;

/// The bytes are no value of this entity: a miss, counted, never an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DecodeError;

/// A payload as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Encoded {
    Absent,
    Row(Vec<u8>),
    Rows(Vec<Vec<u8>>),
    Pointer(Vec<u8>),
    Keys(Vec<Vec<u8>>),
    Value(Arc<[u8]>),
}

impl Encoded {
    /// The same, borrowed.
    pub(crate) fn body(&self) -> Body<'_> {
        match self {
            Self::Absent => Body::Absent,
            Self::Row(bytes) => Body::Row(bytes),
            Self::Rows(rows) => Body::Rows(rows.iter().map(Vec::as_slice).collect()),
            Self::Pointer(bytes) => Body::Pointer(bytes),
            Self::Keys(keys) => Body::Keys(keys.iter().map(Vec::as_slice).collect()),
            Self::Value(bytes) => Body::Value(bytes),
        }
    }
}

/// Encodes what entries hold.
pub(crate) trait Codec: Send + Sync + std::fmt::Debug {
    /// Changes when the shape of the entity's rows changes (rule 12).
    fn shape(&self, entity: u16) -> u64;

    /// The payload as bytes.
    fn encode(&self, entity: u16, payload: &Payload) -> Result<Encoded, EncodeError>;

    /// The payload from the bytes that `encode` gave for an entity of the same shape.
    fn decode(&self, entity: u16, body: &Body<'_>) -> Result<Payload, DecodeError>;
}
