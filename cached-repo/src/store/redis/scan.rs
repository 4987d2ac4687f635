//! Scans: `SCAN`, page by page, which keeps the server from nobody else.
//!
//! The server shows each key that is there from the beginning of a scan to its end. A load that has begun before has left its
//! lease under the name of its entry: either the scan finds that, or the lease has ended and its fill is refused (rule 4).

use super::Attached;
use crate::port::{Scan, Scanned, Steps, StoreError};
use futures_util::stream::{self, StreamExt};
use redis::{Cmd, Value};
use std::sync::Arc;

impl Attached {
    pub(super) fn steps(self: Arc<Self>, scan: Scan) -> Steps {
        let first = Some(b"0".to_vec());
        stream::unfold((self, scan, first), |(store, scan, cursor)| async move {
            let cursor = cursor?;
            let (answer, next) = match store.page(&scan, &cursor).await {
                Ok((scanned, next)) => (Ok(scanned), next),
                Err(error) => (Err(error), Some(cursor)),
            };
            Some((answer, (store, scan, next)))
        })
        .boxed()
    }

    /// The page at the cursor, and the cursor of the next one.
    async fn page(
        &self,
        scan: &Scan,
        cursor: &[u8],
    ) -> Result<(Scanned, Option<Vec<u8>>), StoreError> {
        let mut command = Cmd::new();
        command.arg("SCAN").arg(cursor);
        command.arg("MATCH").arg(&scan.glob);
        command.arg("COUNT").arg(scan.count);
        let answer = self.link.ask(&command).await?;
        let (next, names) = match answer {
            Value::Array(parts) => match <[Value; 2]>::try_from(parts) {
                Ok([Value::BulkString(next), Value::Array(names)]) => (next, names),
                _ => return Err(strange()),
            },
            _ => return Err(strange()),
        };
        let mut scanned = Scanned {
            looked: scan.count as u64,
            keys: Vec::new(),
            others: Vec::new(),
        };
        for name in &names {
            let Value::BulkString(name) = name else {
                continue;
            };
            match self.notices.named(&self.schema, name) {
                Some(key) if key.is_entry() => scanned.keys.push(key),
                _ => scanned
                    .others
                    .push(String::from_utf8_lossy(name).into_owned()),
            }
        }
        Ok((scanned, (next != b"0").then_some(next)))
    }
}

fn strange() -> StoreError {
    StoreError::Failed("the store has answered SCAN in a form that is not known".into())
}
