//! What one SQL text writes: the types of the answer.

use sea_orm::DbBackend;

use super::{filter::Filter, names::TableName, operand::Operand};

/// What one SQL text does to the data, as far as a cache cares.
///
/// A text may hold several statements; the answer covers all of them. From weak to strong: `Read`,
/// `Transaction`, `Writes`, `Schema`, `Unknown`, and the strongest wins. `Unknown` is stronger than `Schema`
/// because a text that cannot be read may hold DDL too: whoever meets it owes at least what `Schema` asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Analysis {
    /// No row of any table changes.
    ///
    /// A function called by the read may still write; that cannot be seen here, just as triggers cannot.
    Read,
    /// One transaction command was sent as text, alone or beside reads.
    ///
    /// Together with writes or DDL, or with a second command, the answer is `Unknown`.
    Transaction(TransactionVerb),
    /// Rows of these tables change. Never empty.
    Writes(Vec<Write>),
    /// The schema changes: DDL, or `SELECT .. INTO new_table` on PostgreSQL.
    Schema,
    /// Cannot be told: anything may have changed, the schema too.
    Unknown,
}

impl Analysis {
    /// Whether a transaction that is not SeaORM's may be over once this text has run outside of those that are. `begun` says
    /// whether a text has begun one: what ends it by the way has nothing to end otherwise.
    #[must_use]
    pub(crate) fn may_end_another(&self, backend: DbBackend, begun: bool) -> bool {
        match self {
            Self::Transaction(verb) => match verb {
                TransactionVerb::Commit | TransactionVerb::Rollback => true,
                TransactionVerb::Begin | TransactionVerb::Implied => {
                    begun && backend == DbBackend::MySql
                }
                // `RELEASE` of the outermost savepoint commits on SQLite.
                TransactionVerb::Release => begun && backend == DbBackend::Sqlite,
                TransactionVerb::Savepoint | TransactionVerb::RollbackTo => false,
            },
            _ => false,
        }
    }

    /// Whether a transaction may be open once this text has run outside of SeaORM's transactions.
    #[must_use]
    pub(crate) fn may_begin_transaction(&self) -> bool {
        match self {
            Self::Transaction(verb) => !matches!(
                verb,
                TransactionVerb::Implied | TransactionVerb::Release | TransactionVerb::RollbackTo
            ),
            Self::Unknown => true,
            Self::Read | Self::Writes(_) | Self::Schema => false,
        }
    }

    /// Whether a transaction of SeaORM's may be over once this text has run in it.
    ///
    /// On MySQL, DDL, `TRUNCATE`, `BEGIN` and many commands for administrators commit implicitly, so that
    /// what the transaction wrote is visible even if it is "rolled back" afterwards.
    #[must_use]
    pub(crate) fn may_end_transaction(&self, backend: DbBackend) -> bool {
        let implicit = backend == DbBackend::MySql;
        match self {
            Self::Read => false,
            Self::Transaction(verb) => match verb {
                TransactionVerb::Commit | TransactionVerb::Rollback => true,
                TransactionVerb::Begin | TransactionVerb::Implied => implicit,
                TransactionVerb::Savepoint
                | TransactionVerb::Release
                | TransactionVerb::RollbackTo => false,
            },
            Self::Writes(writes) => {
                implicit && writes.iter().any(|write| write.kind == WriteKind::Truncate)
            }
            Self::Schema => implicit,
            Self::Unknown => true,
        }
    }
}

/// A transaction command sent as raw text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransactionVerb {
    /// `BEGIN`, `START TRANSACTION`.
    Begin,
    /// `COMMIT`, `END`, and `SET autocommit`.
    Commit,
    /// What commits by the way on MySQL and changes no row, such as `LOCK TABLES`.
    Implied,
    /// `ROLLBACK`, `ABORT`.
    Rollback,
    /// `SAVEPOINT`.
    Savepoint,
    /// `RELEASE SAVEPOINT`.
    Release,
    /// `ROLLBACK TO SAVEPOINT`.
    RollbackTo,
}

/// One table and what happens to its rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Write {
    /// The table, or the view: a name the caller does not know may be a view over a table that it does.
    pub table: TableName,
    /// What happens to the rows.
    pub kind: WriteKind,
    /// Whether the statement returns the rows it wrote to the client; what a common table expression returns goes to
    /// the query around it.
    pub returning: bool,
}

/// What a statement does to the rows of one table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum WriteKind {
    /// Rows are added.
    Insert {
        /// The columns in the order of the rows; empty if the text does not name them, and then `rows` is opaque.
        columns: Vec<String>,
        /// The rows.
        rows: InsertRows,
        /// What becomes of a row that meets an existing one.
        conflict: OnConflict,
    },
    /// Rows are changed.
    Update {
        /// What is assigned, in the order of the text; of two assignments to one column the last wins.
        set: Vec<Assignment>,
        /// What the affected rows have in common *before* the change.
        filter: Filter,
    },
    /// Rows are removed.
    Delete {
        /// What the affected rows have in common.
        filter: Filter,
    },
    /// Every row is removed; on MySQL this commits implicitly.
    Truncate,
    /// Any row may be added, changed or removed.
    Other,
}

/// The rows of an `INSERT`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum InsertRows {
    /// Each row has as many operands as there are columns.
    Values(Vec<Vec<Operand>>),
    /// The rows come from a query, from the defaults, or there are too many of them.
    Opaque,
}

/// What an `INSERT` does with a row that meets an existing one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OnConflict {
    /// The statement fails.
    Fail,
    /// The row is skipped: `DO NOTHING`, `IGNORE`.
    Skip,
    /// The existing row is changed: `DO UPDATE`, `ON DUPLICATE KEY UPDATE`.
    Update {
        /// The columns whose equality is the conflict; empty if unnamed (any unique key), and then the changed
        /// row may bear another primary key than the one that was to be inserted.
        target: Vec<String>,
        /// What the existing row is assigned.
        set: Vec<Assignment>,
    },
    /// Every existing row that is in the way of any unique key is removed: `REPLACE`.
    Replace,
}

impl OnConflict {
    /// Whether existing rows may change or go.
    #[must_use]
    pub(crate) fn upserts(&self) -> bool {
        matches!(self, Self::Update { .. } | Self::Replace)
    }
}

/// `column = value` in a `SET` clause.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Assignment {
    /// The unquoted name of the column.
    pub column: String,
    /// The value, [`Operand::Expression`] if the text does not say.
    pub value: Operand,
}
