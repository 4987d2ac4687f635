//! From rows of a catalog to facts. Every backend names the columns of its queries alike.

use super::facts::{Action, Catalog, ForeignKey, Relation, Trigger, Unreadable};
use crate::error::Error;
use crate::port::Source;
use crate::sql::Code;
use sea_orm::{DbBackend, DbErr, QueryResult, RuntimeErr, Statement, Value};

/// Asks a database.
pub(super) struct Reader<'a> {
    pub(super) source: &'a dyn Source,
    pub(super) backend: DbBackend,
}

impl Reader<'_> {
    pub(super) async fn query(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let statement = Statement::from_sql_and_values(self.backend, sql, values);
        self.source.query(statement).await
    }

    /// Adds the foreign keys that this query finds to the catalog.
    pub(super) async fn foreign_keys(
        &self,
        catalog: &mut Catalog,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<(), Error> {
        let rows = self.query(sql, values).await;
        let keys = rows.and_then(|rows| foreign_keys(&rows));
        let found = keep(catalog, "foreign keys", keys)?;
        catalog.foreign_keys.extend(found);
        Ok(())
    }

    /// Adds the triggers that this query finds to the catalog.
    pub(super) async fn triggers(
        &self,
        catalog: &mut Catalog,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<(), Error> {
        let rows = self.query(sql, values).await;
        let triggers = rows.and_then(|rows| rows.iter().map(trigger).collect());
        let found = keep(catalog, "triggers", triggers)?;
        catalog.triggers.extend(found);
        Ok(())
    }
}

pub(super) fn text(row: &QueryResult, column: &str) -> Result<String, DbErr> {
    row.try_get("", column)
}

fn is_yes(row: &QueryResult, column: &str) -> Result<bool, DbErr> {
    Ok(text(row, column)? == "yes")
}

/// What the database has answered; if it has refused, a note of that. A connection that fails is an error.
fn keep<T>(
    catalog: &mut Catalog,
    what: &'static str,
    answer: Result<Vec<T>, DbErr>,
) -> Result<Vec<T>, Error> {
    let error = match answer {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    let (DbErr::Query(RuntimeErr::SqlxError(cause)) | DbErr::Exec(RuntimeErr::SqlxError(cause))) =
        &error
    else {
        return Err(error.into());
    };
    let Some(refusal) = cause.as_database_error() else {
        return Err(error.into());
    };
    catalog.unreadable.push(Unreadable {
        what,
        why: refusal.message().to_owned(),
        cure: "give the database user the right to read the catalog".to_owned(),
    });
    Ok(Vec::new())
}

/// Rows with the columns `id`, `name`, `child_schema`, `child`, `child_plain`, `parent_schema`, `parent`, `parent_plain`,
/// `child_column`, `parent_column`, `on_delete` and `on_update`: one for each pair of columns, in their order.
fn foreign_keys(rows: &[QueryResult]) -> Result<Vec<ForeignKey>, DbErr> {
    let mut keys: Vec<ForeignKey> = Vec::new();
    let mut last = None;
    for row in rows {
        let id = text(row, "id")?;
        if last.as_ref() != Some(&id) {
            keys.push(ForeignKey {
                name: row.try_get("", "name")?,
                child: relation(row, "child")?,
                parent: relation(row, "parent")?,
                pairs: Vec::new(),
                on_delete: action(&text(row, "on_delete")?),
                on_update: action(&text(row, "on_update")?),
            });
        }
        last = Some(id);
        if let Some(key) = keys.last_mut() {
            key.pairs
                .push((text(row, "child_column")?, text(row, "parent_column")?));
        }
    }
    Ok(keys)
}

fn relation(row: &QueryResult, end: &str) -> Result<Relation, DbErr> {
    Ok(Relation {
        schema: text(row, &format!("{end}_schema"))?,
        name: text(row, end)?,
        plain: is_yes(row, &format!("{end}_plain"))?,
    })
}

/// A letter on PostgreSQL, words elsewhere.
fn action(text: &str) -> Action {
    match text {
        "c" | "CASCADE" => Action::Cascade,
        "n" | "SET NULL" => Action::SetNull,
        "d" | "SET DEFAULT" => Action::SetDefault,
        _ => Action::None,
    }
}

/// A row with the columns `name`, `own_schema`, `own`, `own_plain`, `events`, `code` and `body`.
fn trigger(row: &QueryResult) -> Result<Trigger, DbErr> {
    Ok(Trigger {
        name: text(row, "name")?,
        table: relation(row, "own")?,
        events: text(row, "events")?,
        code: match text(row, "code")?.as_str() {
            "body" => Code::Body,
            "trigger" => Code::Trigger,
            "rule" => Code::Rule,
            _ => Code::Foreign,
        },
        body: text(row, "body")?,
    })
}
