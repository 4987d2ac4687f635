//! Recording of reads.

use super::CachedRepo;
use crate::recorder::{ReadRecorder, Recorders};
use crate::schema::CacheSchema;

impl<S: CacheSchema> CachedRepo<S> {
    /// Records how each read through this repo is answered, from now on until the recorder is dropped: for tests that ask which
    /// reads of the code under test were hits.
    ///
    /// ```
    /// # use cached_repo::{CacheSchema, CachedRepo, Error};
    /// # async fn test<App: CacheSchema>(repo: CachedRepo<App>) {
    /// let reads = repo.record_reads();
    /// // .. the code under test ..
    /// let all_hits = reads.take().iter().all(|read| read.is_hit());
    /// # let _ = all_hits;
    /// # }
    /// ```
    ///
    /// Recorded is what [`stats`](Self::stats) counts as hit, miss or bypass: reads by `find_cached*`, by `.cached()` and of blocks,
    /// each key of `find_cached_many`. SeaORM's own reads are not. Reads inside a transaction are bypasses.
    pub fn record_reads(&self) -> ReadRecorder {
        Recorders::begin(self.engine().recorders())
    }
}
