//! Names of tables and columns, unquoted, and how the backends compare them.

use sea_orm::DbBackend;
use sqlparser::ast::{Ident, ObjectName};
use sqlparser::tokenizer::Word;

/// PostgreSQL cuts identifiers after so many bytes (`NAMEDATALEN - 1`).
const POSTGRES_NAME_BYTES: usize = 63;

/// A table as a text names it, without quotes. PostgreSQL folds what is not quoted to lower case, and so does this.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TableName {
    /// The schema (the database on MySQL), if the text says.
    pub schema: Option<String>,
    /// The table.
    pub name: String,
}

impl TableName {
    /// Whether this may be the table `name` of `schema`.
    ///
    /// A schema missing on either side matches all: which one is meant depends on `search_path` or `USE`.
    #[must_use]
    pub(crate) fn matches(&self, backend: DbBackend, schema: Option<&str>, name: &str) -> bool {
        let schemas = match (self.schema.as_deref(), schema) {
            (Some(ours), Some(theirs)) => same_name(backend, ours, theirs),
            _ => true,
        };
        schemas && same_name(backend, &self.name, name)
    }

    pub(super) fn from_idents(backend: DbBackend, idents: &[&Ident]) -> Option<Self> {
        let (name, rest) = idents.split_last()?;
        Some(Self {
            schema: rest.last().map(|ident| plain(backend, ident)),
            name: plain(backend, name),
        })
    }

    pub(super) fn from_object(backend: DbBackend, object: &ObjectName) -> Option<Self> {
        Self::from_idents(backend, &idents(object)?)
    }
}

/// Whether two unquoted names of tables or columns may mean the same on this backend.
///
/// PostgreSQL compares exactly, within its limit of 63 bytes. MySQL and SQLite ignore the case of columns, and the
/// case of tables depends on the server's file system: there, ignoring it errs on the side of "the same".
#[must_use]
pub(crate) fn same_name(backend: DbBackend, a: &str, b: &str) -> bool {
    match backend {
        DbBackend::Postgres => cut(a) == cut(b),
        DbBackend::Sqlite => a.eq_ignore_ascii_case(b),
        _ => a == b || a.to_lowercase() == b.to_lowercase(),
    }
}

/// Whether SQLite knows the number of a row by this name, which is its primary key if that is an integer, unless a column of the
/// table bears the name.
#[must_use]
pub(crate) fn numbers_rows(backend: DbBackend, name: &str) -> bool {
    const NAMES: [&str; 3] = ["rowid", "oid", "_rowid_"];
    let is_it = |known: &&str| known.eq_ignore_ascii_case(name);
    backend == DbBackend::Sqlite && NAMES.iter().any(is_it)
}

fn cut(name: &str) -> &str {
    if name.len() <= POSTGRES_NAME_BYTES {
        return name;
    }
    let mut end = POSTGRES_NAME_BYTES;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

/// The identifiers of a dotted name, or `None` if a part of it is computed.
pub(super) fn idents(object: &ObjectName) -> Option<Vec<&Ident>> {
    object.0.iter().map(|part| part.as_ident()).collect()
}

/// The name without its quotes. The tokenizer runs without unescaping, so doubled quotes are still doubled.
pub(super) fn plain(backend: DbBackend, ident: &Ident) -> String {
    unquoted(backend, &ident.value, ident.quote_style)
}

/// The same of a word that may be a name.
pub(super) fn plain_word(backend: DbBackend, word: &Word) -> String {
    unquoted(backend, &word.value, word.quote_style)
}

fn unquoted(backend: DbBackend, value: &str, quote: Option<char>) -> String {
    match quote {
        None if backend == DbBackend::Postgres => value.to_ascii_lowercase(),
        None | Some('[') => value.to_owned(),
        Some(quote) => undouble(value, quote),
    }
}

/// Replaces each doubled `quote` by one.
pub(super) fn undouble(text: &str, quote: char) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        plain.push(char);
        if char == quote && chars.peek() == Some(&quote) {
            chars.next();
        }
    }
    plain
}
