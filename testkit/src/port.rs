//! Free ports on the loopback interface.
//!
//! # Why not simply port 0
//!
//! The system answers port 0 from the range that it also uses for the near end
//! of outgoing connections. When a test kills a server there, a client that
//! keeps reconnecting sooner or later gets the dead server's port as its own and
//! connects to itself; the server cannot come back then. Ports below that range
//! are never given away.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;

use crate::ServerError;

/// Below Linux' range for outgoing connections, above the well-known ports.
const RANGE: Range<u16> = 18_000..32_000;
const TRIES: usize = 64;

/// A port that was free a moment ago.
///
/// Somebody may take it before the server does: the caller tries again then.
pub(crate) fn free() -> Result<u16, ServerError> {
    (0..TRIES)
        .map(|_| random())
        .find(|&port| listens(port).is_ok())
        .map_or_else(|| listens(0), Ok)
        .map_err(ServerError::io("find a free port"))
}

/// Binds `port` for a moment; returns the port bound.
fn listens(port: u16) -> std::io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    Ok(listener.local_addr()?.port())
}

/// Tests run in processes of their own, hence no counter: each would begin at
/// the same number. The hasher's keys are random.
fn random() -> u16 {
    let width = u64::from(RANGE.end - RANGE.start);
    let offset = RandomState::new().hash_one(std::process::id()) % width;
    RANGE.start + u16::try_from(offset).unwrap_or_default()
}
