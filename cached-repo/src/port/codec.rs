//! From rows to bytes and back.

use super::store::Payload;

/// The value cannot be stored: a column has a type that the build leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EncodeError;

/// The bytes are no value of this entity: a miss, counted, never an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DecodeError;

/// Encodes what entries hold.
pub(crate) trait Codec: Send + Sync + std::fmt::Debug {
    /// Changes when the shape of the entity's rows or the codec changes (rule 12).
    fn shape(&self, entity: u16) -> u64;

    /// The payload as bytes.
    fn encode(&self, entity: u16, payload: &Payload) -> Result<Vec<u8>, EncodeError>;

    /// The payload from the bytes that `encode` gave for an entity of the same shape.
    fn decode(&self, entity: u16, bytes: &[u8]) -> Result<Payload, DecodeError>;
}
