//! The texts of queries in keys.

use sea_orm::DbBackend;
use sha2::{Digest, Sha256};

/// Raise it when the form of a digest changes: older entries are then not found any more.
const VERSION: u8 = 1;
/// In the place of a database's kind, where several texts follow.
const SEVERAL: u8 = 0xFF;

/// SHA-256 of the version, the database's kind and a text. It is computed once for each text: a key then takes one step of SHA-256,
/// however long the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TextDigest([u8; 32]);

impl TextDigest {
    pub(super) fn of(backend: DbBackend, sql: &str) -> Self {
        let backend = match backend {
            DbBackend::MySql => 0,
            DbBackend::Postgres => 1,
            DbBackend::Sqlite => 2,
            _ => 3,
        };
        let start = Sha256::new_with_prefix([VERSION, backend]);
        Self(start.chain_update(sql).finalize().into())
    }

    /// This text, and after it the other one.
    pub(super) fn and(self, other: Self) -> Self {
        let start = Sha256::new_with_prefix([VERSION, SEVERAL]);
        Self(
            start
                .chain_update(self.0)
                .chain_update(other.0)
                .finalize()
                .into(),
        )
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
impl TextDigest {
    /// Of texts as the engine would see them.
    pub(crate) fn of_all(backend: DbBackend, texts: &[&str]) -> Self {
        let mut all = texts.iter().map(|sql| Self::of(backend, sql));
        let first = all.next().expect("one text at least");
        all.fold(first, Self::and)
    }
}
