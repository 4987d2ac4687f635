//! Operations and entries as the server sees them.

use super::Op;
use crate::entry::{CODEC, FORMAT, MARKER};
use crate::protocol::CellOp;
use crate::stamp::Token;
use std::sync::Arc;

/// An operation with tokens of its own.
pub(super) type RealOp = CellOp<Vec<u8>>;

/// The operation with the tokens that numbers stand for.
pub(super) fn real(op: Op) -> RealOp {
    let token = |number: u8| Token::from_bytes([number; 16]);
    op.map(envelope, token, server_mark)
}

/// An entry, as far as scripts look at it: its token stands behind the bytes that tell what it is.
pub(super) fn envelope(entry: u8) -> Vec<u8> {
    [&[MARKER, FORMAT, CODEC], [entry; 16].as_slice(), b"rest"].concat()
}

/// What a stamp ends with that was made on this server.
pub(super) fn server_mark(server: u8) -> Arc<str> {
    format!(":server {server}").into()
}
