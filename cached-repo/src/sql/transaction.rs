//! Transaction commands sent as raw text.

use sqlparser::tokenizer::Token;

use super::{
    analysis::{Analysis, TransactionVerb},
    tokens::{is, is_any},
};

/// What may follow `BEGIN` and `START`: the modes of a transaction.
const MODES: [&str; 21] = [
    "WORK",
    "TRANSACTION",
    "DEFERRED",
    "IMMEDIATE",
    "EXCLUSIVE",
    "CONCURRENT",
    "ISOLATION",
    "LEVEL",
    "SERIALIZABLE",
    "REPEATABLE",
    "READ",
    "COMMITTED",
    "UNCOMMITTED",
    "SNAPSHOT",
    "WRITE",
    "ONLY",
    "NOT",
    "DEFERRABLE",
    "WITH",
    "CONSISTENT",
    "TRAN",
];

/// A statement that starts with a transaction word. Whatever is not plainly that is unknown: MariaDB's
/// `BEGIN NOT ATOMIC` holds statements, `COMMIT PREPARED` ends another transaction, `AND CHAIN` starts one.
pub(super) fn analyze(statement: &[Token]) -> Analysis {
    let rest = &statement[1..];
    let first = statement.first();
    let verb = if is(first, "BEGIN") || is(first, "START") && is(rest.first(), "TRANSACTION") {
        only(rest, &MODES).then_some(TransactionVerb::Begin)
    } else if is_any(first, &["COMMIT", "END"]) {
        ends(rest).then_some(TransactionVerb::Commit)
    } else if is_any(first, &["ROLLBACK", "ABORT"]) {
        rollback(rest)
    } else if is(first, "SAVEPOINT") {
        (rest.len() == 1).then_some(TransactionVerb::Savepoint)
    } else if is(first, "RELEASE") {
        names_savepoint(rest).then_some(TransactionVerb::Release)
    } else {
        None
    };
    verb.map_or(Analysis::Unknown, Analysis::Transaction)
}

fn rollback(rest: &[Token]) -> Option<TransactionVerb> {
    let rest = match rest.split_first() {
        Some((first, rest)) if is_any(Some(first), &["WORK", "TRANSACTION"]) => rest,
        _ => rest,
    };
    match rest.split_first() {
        Some((first, rest)) if is(Some(first), "TO") => {
            names_savepoint(rest).then_some(TransactionVerb::RollbackTo)
        }
        _ => ends(rest).then_some(TransactionVerb::Rollback),
    }
}

/// `[WORK | TRANSACTION] [AND NO CHAIN] [NO RELEASE]`.
fn ends(rest: &[Token]) -> bool {
    let chains = rest
        .windows(2)
        .any(|pair| !is(pair.first(), "NO") && is(pair.get(1), "CHAIN"));
    !chains
        && only(
            rest,
            &[
                "WORK",
                "TRANSACTION",
                "AND",
                "NO",
                "CHAIN",
                "RELEASE",
                "TRAN",
            ],
        )
}

/// `[SAVEPOINT] name`.
fn names_savepoint(rest: &[Token]) -> bool {
    rest.len() == 1 || rest.len() == 2 && is(rest.first(), "SAVEPOINT")
}

fn only(rest: &[Token], words: &[&str]) -> bool {
    rest.iter()
        .all(|token| *token == Token::Comma || is_any(Some(token), words))
}
