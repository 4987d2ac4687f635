//! Cursors: pages that begin where another ended.

use super::capture::{Collect, Replay, asked, capture, replayed};
use sea_orm::{Cursor, DbBackend, DbErr, SelectorTrait, Statement};
use std::sync::{Mutex, PoisonError};

/// A cursor that is asked for its last rows reads them from the end, and turns them round: it is itself asked to do that.
pub(super) fn take_apart<S>(
    mut cursor: Cursor<S>,
    backend: DbBackend,
) -> Result<(Statement, Collect<S::Item>), DbErr>
where
    S: SelectorTrait + Send + Sync + 'static,
{
    let statement = asked(cursor.all(capture(backend)))?;
    let cursor = Mutex::new(cursor);
    let collect = move |rows| {
        let mut cursor = cursor.lock().unwrap_or_else(PoisonError::into_inner);
        replayed(cursor.all(&Replay::new(backend, rows)))
    };
    Ok((statement, Box::new(collect)))
}
