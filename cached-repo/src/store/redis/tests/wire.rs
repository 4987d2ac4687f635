//! Calls and keys as the server sees them.

use super::super::scripts;
use super::{BRIEF, Call};
use crate::entry::{CODEC, FORMAT, MARKER};
use redis::Script;

/// The script of a call, and its arguments; `None` if it has none.
pub(super) fn script(call: Call, wakes: Vec<u8>) -> Option<(&'static Script, Vec<Vec<u8>>)> {
    let bytes = |number: u8| vec![number; 16];
    let text = |number: u64| number.to_string().into_bytes();
    Some(match call {
        Call::LeaseMissing { .. } | Call::End => return None,
        Call::Lease {
            holder,
            replaceable,
            life,
        } => (
            &scripts::LEASE,
            vec![bytes(holder), text(life), text(replaceable.into())],
        ),
        Call::Fill {
            holder,
            entry,
            life,
        } => (
            &scripts::FILL,
            vec![bytes(holder), envelope(entry), text(life), wakes],
        ),
        Call::Replace { old, entry, life } => (
            &scripts::REPLACE,
            vec![bytes(old), envelope(entry), text(life)],
        ),
        Call::Renew { holder, life } => (&scripts::RENEW, vec![bytes(holder), text(life)]),
        Call::Await => (&scripts::AWAIT, Vec::new()),
        Call::Stamp {
            fresh,
            life,
            server,
        } => (
            &scripts::STAMP,
            vec![bytes(fresh), text(life.unwrap_or(0)), mark(server)],
        ),
        Call::Lock { holder, life } => (&scripts::LOCK, vec![bytes(holder), text(life), wakes]),
        Call::LockAndDie { holder } => (&scripts::LOCK, vec![bytes(holder), text(BRIEF), wakes]),
        Call::Release { holder } => (&scripts::RELEASE, vec![bytes(holder), wakes]),
        Call::Abandon { holder } => (&scripts::ABANDON, vec![bytes(holder), wakes]),
        Call::Renounce { fresh, server } => (&scripts::RENOUNCE, vec![bytes(fresh), mark(server)]),
        Call::Enrol { fresh, server } => (&scripts::ENROL, vec![bytes(fresh), mark(Some(server))]),
    })
}

/// An entry, as far as scripts look at it: its token stands behind the bytes that tell what it is.
pub(super) fn envelope(entry: u8) -> Vec<u8> {
    [&[MARKER, FORMAT, CODEC], [entry; 16].as_slice(), b"rest"].concat()
}

/// What a stamp ends with that was made on this server.
pub(super) fn mark(server: Option<u8>) -> Vec<u8> {
    server.map_or_else(Vec::new, |server| format!(":server {server}").into_bytes())
}
