//! Of which rows a query depends: those that its `WHERE` clauses pin.
//!
//! # Rule
//! *Nothing else can matter.* A table is pinned if each place that mentions it stands in the `FROM` of some `SELECT` whose
//! `WHERE` pins columns of that very mention. Then the query answers the same, whatever becomes of other rows of the table.
//!
//! # Why that holds
//! The `WHERE` is the only thing that looks at what `FROM` has joined; all else (`GROUP BY`, `HAVING`, windows, `DISTINCT`,
//! `ORDER BY`, `LIMIT`, `UNION`) looks at what it has let through. So what must be shown is that the joined rows that it lets
//! through do not depend on other rows of the mention `m`. Of every table that is joined, each row takes its part in a
//! joined row, or is NULL-extended there:
//!
//! - A joined row whose part of `m` is a row outside of the pins is rejected, since it has that row's values.
//! - One whose part of `m` is NULL-extended is rejected, too: NULL equals nothing. Whether there is one may well depend on rows
//!   outside (`LEFT JOIN m` has it where nothing of `m` matches), and does not matter for that.
//! - A joined row whose part of `m` is a row `r` inside depends on `r` and on other tables, and on no further row of `m`.
//!   `JOIN`, `CROSS JOIN` and a comma put each `r` together with what matches `r`. `LEFT`, `RIGHT` and `FULL` add to this
//!   one NULL-extended row for an `r` that nothing matches, and for whatever no row of `m` matches: the latter is rejected, as
//!   said. What `LATERAL` computes for `r` it computes from `r`. Joins of joins only repeat this.
//!
//! Subqueries, whether in `FROM`, in `ON` or in an expression, are `SELECT`s of their own: what they read of the table is pinned by
//! themselves or not at all, whatever the query around them says.
//!
//! # Refused, though most of it would be sound
//! `NATURAL` and `USING`, which merge columns into one that belongs to neither table; semi, anti and `ASOF` joins, where sqlparser
//! reads as a join what a server reads as an alias; names for the columns of a table (`AS t (a, b)`), samples, versions and
//! partitions of a table, and its functions.

use sea_orm::DbBackend;
use sqlparser::{
    ast::{
        Join, JoinConstraint, JoinOperator, Select, SelectFlavor, TableAlias, TableFactor,
        TableWithJoins,
    },
    tokenizer::Token,
};

use super::{
    filter::{Filter, Scope, is_misread},
    names::{TableName, plain, plain_word, same_name, undouble},
};

/// More mentions are not looked at: nothing is pinned then.
const MAX_MENTIONS: usize = 32;

/// A table of which a query reads nothing but what is pinned.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pinned {
    /// The name of the table, in whatever schema.
    pub(crate) table: String,
    /// One for each place that mentions the table: the rows that are read there.
    pub(crate) filters: Vec<Filter>,
}

/// A table in a `FROM`, and what the `WHERE` next to it pins.
#[derive(Debug)]
pub(super) struct Mention {
    table: TableName,
    filter: Filter,
}

/// Something in a `FROM`.
struct Source {
    /// The name by which columns are prefixed.
    visible: String,
    /// The table, unless it is a subquery.
    table: Option<TableName>,
}

/// The tables in the `FROM` of a `SELECT` of which its `WHERE` pins columns.
pub(super) fn mentions(backend: DbBackend, select: &Select) -> Vec<Mention> {
    let plain = select.connect_by.is_empty() && select.flavor == SelectFlavor::Standard;
    let Some(clause) = select.selection.as_ref().filter(|_| plain) else {
        return Vec::new();
    };
    let mut sources = Vec::new();
    for item in &select.from {
        if joined(backend, item, &mut sources).is_none() {
            return Vec::new();
        }
    }
    let mention = |source: &Source| {
        let table = source.table.clone()?;
        let mut namesakes = sources
            .iter()
            .filter(|other| same_name(backend, &other.visible, &source.visible));
        let scope = Scope {
            visible: &source.visible,
            bare: sources.len() == 1,
        };
        let is_alone = namesakes.nth(1).is_none();
        let filter = is_alone.then(|| Filter::new(backend, clause, scope))?;
        (!filter.pins.is_empty()).then_some(Mention { table, filter })
    };
    sources.iter().filter_map(mention).collect()
}

/// Adds all that is joined; `None` if something is that is not understood.
fn joined(backend: DbBackend, item: &TableWithJoins, sources: &mut Vec<Source>) -> Option<()> {
    source(backend, &item.relation, sources)?;
    for join in &item.joins {
        is_understood(join).then_some(())?;
        source(backend, &join.relation, sources)?;
    }
    Some(())
}

fn is_understood(join: &Join) -> bool {
    use JoinOperator as Operator;
    match &join.join_operator {
        Operator::Join(constraint)
        | Operator::Inner(constraint)
        | Operator::Left(constraint)
        | Operator::LeftOuter(constraint)
        | Operator::Right(constraint)
        | Operator::RightOuter(constraint)
        | Operator::FullOuter(constraint)
        | Operator::CrossJoin(constraint)
        | Operator::StraightJoin(constraint) => {
            matches!(constraint, JoinConstraint::On(_) | JoinConstraint::None) && !join.global
        }
        _ => false,
    }
}

fn source(backend: DbBackend, factor: &TableFactor, sources: &mut Vec<Source>) -> Option<()> {
    let named = |alias: &TableAlias| plain(backend, &alias.name);
    match factor {
        TableFactor::Table {
            name,
            alias,
            args: None,
            with_hints,
            version: None,
            with_ordinality: false,
            partitions,
            json_path: None,
            sample: None,
            index_hints: _,
        } if with_hints.is_empty() && partitions.is_empty() => {
            let table = TableName::from_object(backend, name)?;
            let visible = match alias {
                Some(alias) if !alias.columns.is_empty() || alias.at.is_some() => return None,
                Some(alias) => named(alias),
                None => table.name.clone(),
            };
            sources.push(Source {
                visible,
                table: Some(table),
            });
        }
        TableFactor::Derived {
            alias,
            sample: None,
            ..
        } => sources.push(Source {
            visible: alias.as_ref().map(named).unwrap_or_default(),
            table: None,
        }),
        // With an alias, the names within could not be told from others.
        TableFactor::NestedJoin {
            table_with_joins,
            alias: None,
        } => joined(backend, table_with_joins, sources)?,
        _ => return None,
    }
    Some(())
}

/// The tables whose every mention is pinned.
///
/// The parser may pass over a mention, or take something else for one. So the tokens are counted as well: there must be as many that
/// may name the table as there are mentions, of which the parser has `visited` all and all are among `mentions`. A table that has
/// the name of a common table expression is never pinned.
pub(super) fn pinned(
    backend: DbBackend,
    tokens: &[Token],
    visited: &[TableName],
    expressions: &[String],
    mentions: Vec<Mention>,
) -> Vec<Pinned> {
    if mentions.len() > MAX_MENTIONS || is_misread(backend, tokens) {
        return Vec::new();
    }
    let mut found: Vec<Pinned> = Vec::new();
    for Mention { table, filter } in mentions {
        let same = |pinned: &&mut Pinned| same_name(backend, &pinned.table, &table.name);
        match found.iter_mut().find(same) {
            Some(pinned) => pinned.filters.push(filter),
            None => found.push(Pinned {
                table: table.name,
                filters: vec![filter],
            }),
        }
    }
    found.retain(|pinned| {
        let is_it = |name: &str| same_name(backend, name, &pinned.table);
        let visits = visited.iter().filter(|table| is_it(&table.name)).count();
        pinned.filters.len() == visits
            && words(backend, tokens).filter(|word| is_it(word)).count() == visits
            && !expressions.iter().any(|name| is_it(name))
    });
    found
}

/// The words that may name a table, as often as they occur. What stands before a period is the schema of a table or the table of
/// a column, and such a column needs its table elsewhere.
fn words(backend: DbBackend, tokens: &[Token]) -> impl Iterator<Item = String> {
    let named = move |(at, token): (usize, &Token)| {
        let name = match token {
            Token::Word(word) => plain_word(backend, word),
            // SQLite takes 'name' for a name where nothing else fits, MySQL "name" under ANSI_QUOTES.
            Token::SingleQuotedString(text) => undouble(text, '\''),
            Token::DoubleQuotedString(text) => undouble(text, '"'),
            _ => return None,
        };
        (tokens.get(at + 1) != Some(&Token::Period)).then_some(name)
    };
    tokens.iter().enumerate().filter_map(named)
}
