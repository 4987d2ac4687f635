//! Scans over the entries, page by page.

use super::MemoryStore;
use crate::port::{Scan, Scanned, Steps};
use futures_util::stream::{self, StreamExt};
use std::sync::Arc;
use tokio::sync::mpsc;
use tracing::Instrument;

impl MemoryStore {
    /// A task of its own goes from page to page, no further than one ahead. It holds a lock for each entry alone.
    pub(super) fn steps(self: Arc<Self>, scan: &Scan) -> Steps {
        if scan.fences {
            // Whatever is loaded now was read before the scan: it would come to a place that the scan has passed (rule 1).
            self.fencing.fence().pass_all();
        }
        let (sender, receiver) = mpsc::channel(1);
        let count = scan.count.max(1);
        let scan = async move {
            let mut entries = self.entries.iter();
            loop {
                let page = entries.by_ref().take(count);
                let keys: Vec<_> = page.map(|(key, _)| key).collect();
                if keys.is_empty() {
                    return;
                }
                let scanned = Scanned {
                    looked: keys.len() as u64,
                    keys,
                    others: Vec::new(),
                };
                if sender.send(Ok(scanned)).await.is_err() {
                    return;
                }
            }
        };
        tokio::spawn(scan.in_current_span());
        let next = |mut receiver: mpsc::Receiver<_>| async move {
            let scanned = receiver.recv().await?;
            Some((scanned, receiver))
        };
        stream::unfold(receiver, next).boxed()
    }
}
