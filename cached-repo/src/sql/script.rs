//! A whole text: every statement of it.

use sea_orm::DbBackend;

use super::{
    analysis::{Analysis, TransactionVerb, Write},
    statement,
    tokens::{self, Script},
};

/// What a text, of one or several statements, does to the data.
#[must_use]
#[cfg(test)]
pub(super) fn analyze(backend: DbBackend, sql: &str) -> Analysis {
    if super::scan::is_read(backend, sql) {
        return Analysis::Read;
    }
    closely(backend, sql)
}

/// The same without the cheap scan.
pub(super) fn closely(backend: DbBackend, sql: &str) -> Analysis {
    let Some(script) = tokens::split(backend, sql) else {
        return Analysis::Unknown;
    };
    let mut sum = Sum::default();
    let Script {
        statements,
        doubtful,
    } = script;
    for tokens in statements {
        if !sum.add(statement::analyze(backend, &tokens, !doubtful)) {
            return Analysis::Unknown;
        }
    }
    sum.total()
}

/// The statements so far, none of them unknown.
#[derive(Debug, Default)]
struct Sum {
    writes: Vec<Write>,
    schema: bool,
    transaction: Option<TransactionVerb>,
}

impl Sum {
    /// Adds a statement; false if the sum is now unknown.
    fn add(&mut self, analysis: Analysis) -> bool {
        match analysis {
            Analysis::Read => true,
            Analysis::Transaction(verb) => {
                let before = self.transaction.replace(verb);
                before.is_none_or(|before| [before, verb] == [TransactionVerb::Implied; 2])
            }
            Analysis::Writes(writes) => {
                self.writes.extend(writes);
                true
            }
            Analysis::Schema => {
                self.schema = true;
                true
            }
            Analysis::Unknown => false,
        }
    }

    fn total(self) -> Analysis {
        match (self.transaction, self.schema, self.writes.is_empty()) {
            (None, true, _) => Analysis::Schema,
            (None, false, true) => Analysis::Read,
            (None, false, false) => Analysis::Writes(self.writes),
            (Some(verb), false, true) => Analysis::Transaction(verb),
            // Whether the writes are committed depends on what came before the text.
            (Some(_), _, _) => Analysis::Unknown,
        }
    }
}
