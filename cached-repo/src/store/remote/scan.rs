//! Scans, step by step.
//!
//! A store shows each key that is there from the beginning of a scan to its end. A load that has begun before has left its
//! lease under the name of its entry: either the scan finds that, or the lease has ended and its fill is refused (rule 4).

use super::connection::Connection;
use super::transport::Transport;
use crate::port::{Scan, Scanned, Steps, StoreError};
use futures_util::stream::{self, StreamExt};
use std::sync::Arc;

/// Where a scan stands.
enum Place {
    Start,
    Before(Vec<u8>),
    End,
}

/// The steps of a scan.
pub(super) fn steps<T: Transport>(connection: Arc<Connection<T>>, scan: Scan) -> Steps {
    let first = (connection, scan, Place::Start);
    stream::unfold(first, |(connection, scan, place)| async move {
        let cursor = match &place {
            Place::Start => None,
            Place::Before(cursor) => Some(cursor.as_slice()),
            Place::End => return None,
        };
        let (answer, next) = match scanned(&connection, &scan, cursor).await {
            Ok((scanned, next)) => (Ok(scanned), next.map_or(Place::End, Place::Before)),
            Err(error) => (Err(error), place),
        };
        Some((answer, (connection, scan, next)))
    })
    .boxed()
}

/// The step at the cursor, and the cursor of the next one.
async fn scanned<T: Transport>(
    connection: &Connection<T>,
    scan: &Scan,
    cursor: Option<&[u8]>,
) -> Result<(Scanned, Option<Vec<u8>>), StoreError> {
    let (names, next) = connection.transport.page(scan, cursor).await?;
    let mut scanned = Scanned {
        looked: scan.count as u64,
        keys: Vec::new(),
        others: Vec::new(),
    };
    for name in &names {
        match connection.notices.named(&connection.schema, name) {
            Some(key) if key.is_entry() => scanned.keys.push(key),
            _ => scanned
                .others
                .push(String::from_utf8_lossy(name).into_owned()),
        }
    }
    Ok((scanned, next))
}
