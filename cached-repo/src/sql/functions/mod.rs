//! Functions: whether what they answer depends on their arguments alone.
//!
//! # Rule
//! *What is not known to be steady is not.* A function is accepted because a list or the database's catalog has it, never because no
//! list has it. Settings of the session (time zone, language, path) count as arguments: a program whose connections differ in
//! these sees different rows anyway.
//!
//! # Not here
//! What the functions behind operators and casts do, and what the catalog says (`database/views` asks it).

mod mysql;
mod postgres;
mod sqlite;

use sea_orm::DbBackend;

/// What is known of a function, from harmless to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Nature {
    /// It answers the same as long as its arguments and the tables that the text names are the same.
    Steady,
    /// Nothing is known of it.
    Unknown,
    /// It answers differently each time: by the time, by chance, by the session, by what it reads itself.
    Varies,
    /// It does something, or may, that an answer from the cache would leave out.
    Acts,
}

/// What makes an answer worth nothing later: a function, a variable, a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Varying {
    /// What it is called.
    pub(crate) name: String,
    /// Never [`Nature::Steady`].
    pub(crate) nature: Nature,
}

impl Varying {
    pub(super) fn new(name: impl Into<String>, nature: Nature) -> Self {
        let name = name.into();
        Self { name, nature }
    }

    /// The worst of these, and the first of those that are equally bad.
    #[must_use]
    pub(crate) fn worst(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut worst: Option<Self> = None;
        for one in all {
            if worst.as_ref().is_none_or(|worst| one.nature > worst.nature) {
                worst = Some(one);
            }
        }
        worst
    }
}

/// What is known of a function of this name without the catalog; on MySQL and SQLite that is all functions that the database itself
/// has.
#[must_use]
pub(crate) fn built_in(backend: DbBackend, name: &str) -> Option<Nature> {
    match backend {
        DbBackend::Postgres => postgres::without_catalog(name),
        DbBackend::MySql => mysql::built_in(name),
        DbBackend::Sqlite => sqlite::built_in(name),
        _ => None,
    }
}

/// What PostgreSQL's catalog says of a function: `volatility` is `i`, `s` or `v`.
#[must_use]
pub(crate) fn of_postgres(name: &str, built_in: bool, volatility: &str) -> Nature {
    match (volatility, built_in) {
        ("i", _) => Nature::Steady,
        ("s", true) if postgres::is_stable_by_arguments(name) => Nature::Steady,
        ("s", _) => Nature::Varies,
        // Functions of one's own are volatile unless they say otherwise: most of them only read.
        (_, false) => Nature::Varies,
        (_, true) if postgres::only_varies(name) => Nature::Varies,
        (_, true) => Nature::Acts,
    }
}

/// What MySQL's catalog says of a function.
#[must_use]
pub(crate) fn of_mysql(deterministic: &str, access: &str) -> Nature {
    match (deterministic, access) {
        (_, "MODIFIES SQL DATA") => Nature::Acts,
        ("YES", "NO SQL" | "CONTAINS SQL") => Nature::Steady,
        _ => Nature::Varies,
    }
}

/// Whether one of the names between blanks is this one.
fn has(names: &str, name: &str) -> bool {
    names.split_ascii_whitespace().any(|known| known == name)
}
