//! What the readers of the parser's tree share.

use sea_orm::DbBackend;

/// What is known while a tree is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub(super) backend: DbBackend,
    /// Whether `WHERE` is understood as the server does.
    pub(super) pins: bool,
    /// `IGNORE` on MySQL.
    pub(super) ignore: bool,
}
