//! From rows of a catalog to facts. Every backend names the columns of its queries alike.

use super::facts::{Catalog, ForeignKey, Relation, Trigger, Unreadable};
use crate::error::Error;
use crate::port::Source;
use crate::schema::Action;
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
        let mut hidden = Hidden::default();
        for (key, is_hidden) in keep(catalog, "foreign keys", keys)? {
            if is_hidden {
                hidden.add(&key.child, format!("`{}` to `{}`", key.child, key.parent));
            }
            catalog.foreign_keys.push(key);
        }
        catalog
            .unreadable
            .extend(hidden.note("foreign keys", "REFERENCES"));
        Ok(())
    }

    /// Adds the tables and views that this query finds to the catalog.
    pub(super) async fn relations(
        &self,
        catalog: &mut Catalog,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<(), Error> {
        let rows = self.query(sql, values).await?;
        let found: Result<Vec<Relation>, DbErr> =
            rows.iter().map(|row| relation(row, "own")).collect();
        catalog.relations.get_or_insert_default().extend(found?);
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
        let mut hidden = Hidden::default();
        for (trigger, is_hidden) in keep(catalog, "triggers", triggers)? {
            if is_hidden {
                hidden.add(
                    &trigger.table,
                    format!("`{}` on `{}`", trigger.name, trigger.table),
                );
            }
            catalog.triggers.push(trigger);
        }
        catalog
            .unreadable
            .extend(hidden.note("triggers", "TRIGGER"));
        Ok(())
    }
}

/// What the database says to be there without saying what it does.
#[derive(Default)]
struct Hidden {
    schema: String,
    names: Vec<String>,
}

impl Hidden {
    fn add(&mut self, table: &Relation, name: String) {
        self.schema.clone_from(&table.schema);
        self.names.push(name);
    }

    fn note(&self, what: &'static str, right: &str) -> Option<Unreadable> {
        (!self.names.is_empty()).then(|| Unreadable {
            what,
            why: format!(
                "the database user may not see what these do: {}",
                self.names.join(", ")
            ),
            cure: cure(right, &self.schema),
        })
    }
}

/// The grant that shows them on MySQL and MariaDB.
pub(super) fn cure(right: &str, schema: &str) -> String {
    format!("grant it the right (``GRANT {right} ON `{schema}`.* TO ..``)")
}

/// The schemas to look into: where plain names are found, and those that entities name.
pub(super) fn with_path(catalog: &Catalog, schemas: &[&str]) -> Vec<String> {
    let mut all = catalog.path.clone();
    let others = schemas
        .iter()
        .filter(|schema| !all.iter().any(|known| known == *schema));
    let others: Vec<String> = others.map(|schema| (*schema).to_owned()).collect();
    all.extend(others);
    all
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
/// `child_column`, `parent_column`, `on_delete` and `on_update`: one for each pair of columns, in their order. Without actions
/// the database hides them.
fn foreign_keys(rows: &[QueryResult]) -> Result<Vec<(ForeignKey, bool)>, DbErr> {
    let mut keys: Vec<(ForeignKey, bool)> = Vec::new();
    let mut last = None;
    for row in rows {
        let id = text(row, "id")?;
        if last.as_ref() != Some(&id) {
            let on_delete: Option<String> = row.try_get("", "on_delete")?;
            let on_update: Option<String> = row.try_get("", "on_update")?;
            let is_hidden = on_delete.is_none();
            let key = ForeignKey {
                name: row.try_get("", "name")?,
                child: relation(row, "child")?,
                parent: relation(row, "parent")?,
                pairs: Vec::new(),
                on_delete: action(on_delete.as_deref()),
                on_update: action(on_update.as_deref()),
            };
            keys.push((key, is_hidden));
        }
        last = Some(id);
        if let Some((key, _)) = keys.last_mut() {
            key.pairs
                .push((text(row, "child_column")?, text(row, "parent_column")?));
        }
    }
    Ok(keys)
}

pub(super) fn relation(row: &QueryResult, end: &str) -> Result<Relation, DbErr> {
    Ok(Relation {
        schema: text(row, &format!("{end}_schema"))?,
        name: text(row, end)?,
        plain: is_yes(row, &format!("{end}_plain"))?,
    })
}

/// A letter on PostgreSQL, words elsewhere.
fn action(text: Option<&str>) -> Action {
    match text {
        Some("c" | "CASCADE") => Action::Cascade,
        Some("n" | "SET NULL") => Action::SetNull,
        Some("d" | "SET DEFAULT") => Action::SetDefault,
        _ => Action::None,
    }
}

/// A row with the columns `name`, `own_schema`, `own`, `own_plain`, `events`, `code` and `body`. Without a body the database
/// hides what the trigger does.
fn trigger(row: &QueryResult) -> Result<(Trigger, bool), DbErr> {
    let body: Option<String> = row.try_get("", "body")?;
    let is_hidden = body.is_none();
    let trigger = Trigger {
        name: text(row, "name")?,
        table: relation(row, "own")?,
        events: text(row, "events")?,
        code: match text(row, "code")?.as_str() {
            "body" => Code::Body,
            "trigger" => Code::Trigger,
            "rule" => Code::Rule,
            _ => Code::Foreign,
        },
        body: body.unwrap_or_default(),
    };
    Ok((trigger, is_hidden))
}
