//! Refreshes: what the cache has goes, with what readers are about to put there, and the read goes on as any other.
//!
//! So whatever answers it was loaded after it began: a lease that was taken before is void (rule 4), and a copy is dropped (rule
//! 10). A refresh that only replaced the entry would leave the place to a slower load that began before.

use super::ask::{Answer, Ask, Mode, What};
use super::{Engine, SharedSource};
use crate::config::Lists;
use crate::error::Error;
use crate::key::Key;
use std::sync::Arc;

impl Engine {
    /// Invalidates these entries, and nothing that depends on them.
    pub(super) async fn discard(&self, keys: &[Key]) {
        self.invalidator.discard(keys).await;
    }

    pub(super) async fn refresh(
        self: &Arc<Self>,
        mut ask: Ask,
        source: &SharedSource,
    ) -> Result<Answer, Error> {
        self.discard(&[ask.key(self)?]).await;
        ask.options.mode = Mode::Through;
        // Its rows may have been stored before: as keys it would lead to them.
        ask.options.lists = Some(Lists::Whole);
        let rows = Box::pin(self.get(ask.clone(), source)).await?;
        let (What::Unique(_), Some(row)) = (ask.what, rows.first()) else {
            return Ok(rows);
        };
        // Which row it is, is now known anew; what is in it has an entry of its own.
        let values = (self.schema.entity(ask.entity).rows.values)(&**row);
        let key = (self.schema.entity(ask.entity).key.iter())
            .map(|at| values[*at].clone())
            .collect();
        let row = Ask {
            what: What::Row,
            values: key,
            options: ask.options_of_row(),
            ..ask.clone()
        };
        self.discard(&[row.key(self)?]).await;
        let rows = Box::pin(self.get(row, source)).await?;
        if rows.first().is_some_and(|row| self.is_found_by(&ask, row)) {
            return Ok(rows);
        }
        self.past_the_cache(&ask, &**source).await
    }
}
