//! What the check has found, for programs and for people.

use std::fmt;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// A foreign key between two entities of the schema changes rows (`ON DELETE CASCADE`, `SET NULL` and their like), and
    /// the schema does not say so.
    UndeclaredAction,
    /// A foreign key changes rows of an entity when a table is written that is no entity of the schema.
    OutsideAction,
    /// A foreign key between two entities of the schema is neither an edge nor independent.
    UndeclaredRelation,
    /// A trigger or rule on the table of an entity writes to the table of another, and there is no edge between them.
    UndeclaredTrigger,
    /// A trigger or rule on a table that is no entity of the schema writes to the table of an entity.
    OutsideTrigger,
    /// An entity maps a view, and no edge leads to it from a table that the view reads: its cached queries go with writes to that table,
    /// its reads by key, unique columns and indexes do not.
    UndeclaredView,
    /// An entity maps a materialized view, which changes when it is refreshed. A note.
    StoredView,
    /// The schema expects actions on tables that do not exist yet, so that their edges were not compared. A note.
    MissingTable,
    /// The schema expects an action that no foreign key has: more is invalidated than changes. A note.
    MissingAction,
    /// This connection of SQLite does not act on foreign keys, so that their actions were not compared. A note.
    ForeignKeysOff,
    /// A part of the database's catalog could not be read.
    Unreadable,
}

impl FindingKind {
    /// Whether rows may change without their entries being invalidated, or this could not be found out. All others are notes.
    #[must_use]
    pub fn is_warning(self) -> bool {
        !matches!(
            self,
            Self::MissingTable | Self::MissingAction | Self::ForeignKeysOff | Self::StoredView
        )
    }
}

/// One difference between the cache schema and the database. `Display` is the message and, on a line of its own, the fix.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What it is about.
    pub kind: FindingKind,
    /// The foreign key, trigger or rule. SQLite does not tell the names of foreign keys.
    pub constraint: Option<String>,
    /// The tables on the way, from the one that is written to the one whose rows change.
    pub tables: Vec<String>,
    /// The foreign key's columns in the last of the tables.
    pub columns: Vec<String>,
    /// What the database does.
    pub message: String,
    /// What to type.
    pub fix: String,
}

/// What the check has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DatabaseReport {
    /// All findings, warnings first.
    pub findings: Vec<Finding>,
}

impl Finding {
    /// As [`FindingKind::is_warning`].
    #[must_use]
    pub fn is_warning(&self) -> bool {
        self.kind.is_warning()
    }
}

impl DatabaseReport {
    pub(super) fn new(mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| !finding.is_warning());
        Self { findings }
    }

    /// Whether there is no warning. There may be notes.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.warnings().next().is_none()
    }

    /// The findings that need something done.
    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_warning())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_warning() { "warning" } else { "note" };
        write!(f, "{kind}: {}\n    fix: {}", self.message, self.fix)
    }
}

impl fmt::Display for DatabaseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.findings.is_empty() {
            return f.write_str("the cache schema knows all that the database does by itself");
        }
        for (at, finding) in self.findings.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{finding}")?;
        }
        Ok(())
    }
}
