//! The traits that adapters implement, with their duties.

mod checkpoints;
mod codec;
mod form;
mod listener;
mod source;
mod store;

pub use checkpoints::{Checkpoint, Checkpoints};
pub(crate) use codec::{Codec, DecodeError, EncodeError, Encoded};
pub(crate) use form::Form;
pub use form::SeeRow;
pub(crate) use listener::{Listener, NoCopies};
pub(crate) use source::Source;
pub(crate) use store::{
    Capabilities, Fetched, Fill, FillOutcome, Found, Observed, Payload, Permit, Refusal, Request,
    Scan, Scanned, Steps, Store, StoreError,
};
