//! The head of an `INSERT`, `UPDATE` or `DELETE`: options that sqlparser takes for names, and the one table it writes.
//!
//! The head is read from the tokens, apart from the parser. So a statement that the parser cannot read still names
//! its table, and one that it misreads is noticed.

use sea_orm::DbBackend;
use sqlparser::{
    ast::Ident,
    keywords::Keyword,
    tokenizer::{Token, Word},
};

use super::{
    names::TableName,
    tokens::{has_any, is, is_any, keyword},
};

/// A write whose head has been read.
#[derive(Debug)]
pub(super) struct Head {
    /// The tokens, without the options that sqlparser does not know.
    pub(super) tokens: Vec<Token>,
    /// `IGNORE` on MySQL.
    pub(super) ignore: bool,
    /// The only table that is written, if the head says so beyond doubt.
    pub(super) table: Option<TableName>,
}

/// Reads the head of a statement that starts with `INSERT`, `REPLACE`, `UPDATE` or `DELETE`.
pub(super) fn read(backend: DbBackend, statement: &[Token]) -> Head {
    let mut at = 1;
    let mut tokens = vec![statement[0].clone()];
    let mut ignore = false;
    if backend == DbBackend::Sqlite && is(statement.get(at), "OR") {
        tokens.extend(statement.iter().skip(at).take(2).cloned());
        at += 2;
    }
    if backend == DbBackend::MySql {
        const OPTIONS: [&str; 4] = ["LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK"];
        while is_any(statement.get(at), &OPTIONS) || is(statement.get(at), "IGNORE") {
            ignore |= is(statement.get(at), "IGNORE");
            at += 1;
        }
    }
    let first = &statement[0];
    let from = is(Some(first), "DELETE") && is(statement.get(at), "FROM");
    if from || !is_any(Some(first), &["UPDATE", "DELETE"]) && is(statement.get(at), "INTO") {
        tokens.push(statement[at].clone());
        at += 1;
    }
    if backend == DbBackend::Postgres && is(statement.get(at), "ONLY") {
        at += 1;
    }
    let mut rest = statement.get(at..).unwrap_or_default().to_vec();
    let name = table_name(backend, &rest);
    if let Some((_, length)) = &name
        && backend == DbBackend::Postgres
        && rest.get(*length) == Some(&Token::Mul)
    {
        rest.remove(*length);
    }
    if let Some((_, length)) = &name
        && backend != DbBackend::Postgres
        && is_any(Some(first), &["UPDATE", "DELETE"])
    {
        // Not the name itself, which may be `limit`.
        let after = rest.split_off(*length);
        rest.extend(unordered(after));
    }
    let table = name
        .filter(|_| from || !is(Some(first), "DELETE"))
        .filter(|(_, length)| is_single(backend, first, rest.get(*length..).unwrap_or_default()))
        .map(|(table, _)| table);
    if backend == DbBackend::MySql && table.is_none() {
        rest = several_tables(first, rest);
    }
    tokens.extend(rest);
    Head {
        tokens,
        ignore,
        table,
    }
}

/// Cuts out `ORDER BY ..` and `LIMIT ..`, which MariaDB takes before `RETURNING` and sqlparser after it: what is
/// said of all rows is true of some of them.
fn unordered(tokens: Vec<Token>) -> Vec<Token> {
    let mut depth = 0_usize;
    let mut kept = true;
    let mut rest = Vec::with_capacity(tokens.len());
    for token in tokens {
        match token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            // MySQL takes `t.order` for a column.
            _ if rest.last() == Some(&Token::Period) => {}
            _ if is_any(Some(&token), &["ORDER", "LIMIT"]) => kept = false,
            _ if is(Some(&token), "RETURNING") => kept = true,
            _ => {}
        }
        if kept {
            rest.push(token);
        }
    }
    rest
}

/// Whether what follows the first name leaves no room for a second table.
fn is_single(backend: DbBackend, first: &Token, after: &[Token]) -> bool {
    if is_any(Some(first), &["INSERT", "REPLACE"]) {
        return matches!(after.first(), Some(Token::LParen | Token::Word(_)));
    }
    let after = skip_alias(after);
    if is(Some(first), "UPDATE") {
        return is(after.first(), "SET");
    }
    // MySQL reads `DELETE FROM a USING b` as "delete a, which must occur in b", under any alias.
    let using = backend != DbBackend::MySql && is(after.first(), "USING");
    let ends = ["WHERE", "RETURNING", "ORDER", "LIMIT"];
    after.is_empty() || using || is_any(after.first(), &ends)
}

fn skip_alias(after: &[Token]) -> &[Token] {
    const ENDS: [&str; 7] = [
        "SET",
        "WHERE",
        "USING",
        "RETURNING",
        "ORDER",
        "LIMIT",
        "PARTITION",
    ];
    let after = match after.split_first() {
        Some((token, rest)) if is(Some(token), "AS") => return rest.get(1..).unwrap_or_default(),
        _ => after,
    };
    match after.split_first() {
        Some((Token::Word(_), rest)) if !is_any(after.first(), &ENDS) => rest,
        _ => after,
    }
}

/// The dotted name at the start, and how many tokens it takes.
pub(super) fn table_name(backend: DbBackend, tokens: &[Token]) -> Option<(TableName, usize)> {
    let mut parts = vec![ident(tokens.first()?)?];
    let mut length = 1;
    while tokens.get(length) == Some(&Token::Period) {
        parts.push(ident(tokens.get(length + 1)?)?);
        length += 2;
    }
    let parts: Vec<&Ident> = parts.iter().collect();
    Some((TableName::from_idents(backend, &parts)?, length))
}

fn ident(token: &Token) -> Option<Ident> {
    match token {
        Token::Word(Word {
            value, quote_style, ..
        }) => Some(Ident {
            value: value.clone(),
            quote_style: *quote_style,
            span: sqlparser::tokenizer::Span::empty(),
        }),
        // SQLite takes 'name' for a name where nothing else fits, MySQL "name" under ANSI_QUOTES.
        Token::SingleQuotedString(value) => Some(Ident::with_quote('\'', value)),
        Token::DoubleQuotedString(value) => Some(Ident::with_quote('"', value)),
        _ => None,
    }
}

/// Rewrites MySQL's `UPDATE a, b SET` and `DELETE a.*, b.* FROM` to what sqlparser understands.
fn several_tables(first: &Token, tokens: Vec<Token>) -> Vec<Token> {
    let (end, comma): (&[&str], _) = if is(Some(first), "UPDATE") {
        let join = [
            keyword("CROSS", Keyword::CROSS),
            keyword("JOIN", Keyword::JOIN),
        ];
        (&["SET"], join.to_vec())
    } else {
        (&["FROM", "USING"], vec![Token::Comma])
    };
    let mut depth = 0_usize;
    let mut head = true;
    let mut written: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        match token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        head &= depth > 0 || !is_any(Some(&token), end);
        match token {
            Token::Comma if head && depth == 0 => written.extend(comma.iter().cloned()),
            Token::Mul if head && written.last() == Some(&Token::Period) => {
                written.pop();
            }
            token => written.push(token),
        }
    }
    written
}

/// The one table of a statement that the parser cannot read, if no other statement can hide in it.
pub(super) fn only_table(head: &Head) -> Option<&TableName> {
    let hides = has_any(&head.tokens, &["WITH"]);
    head.table.as_ref().filter(|_| !hides)
}

/// The name that follows these keywords, each of them optional but in this order.
pub(super) fn name_after(
    backend: DbBackend,
    tokens: &[Token],
    skipped: &[&str],
) -> Option<(TableName, usize)> {
    let mut at = 0;
    for skip in skipped {
        if is(tokens.get(at), skip) {
            at += 1;
        }
    }
    let (name, length) = table_name(backend, tokens.get(at..)?)?;
    Some((name, at + length))
}
