//! The catalog of MySQL and MariaDB.
//!
//! `information_schema` shows a user only what it has a right to. To a user who has no right to a whole database but `SELECT`,
//! MariaDB shows foreign keys without their actions. A trigger is shown by MariaDB without its body, and not at all by MySQL:
//! there the user's grants are read as well.

use super::facts::{Catalog, Unreadable};
use super::grants::sees_triggers;
use super::rows::{Reader, cure, text, with_path};
use crate::error::Error;
use sea_orm::{DbBackend, Value};

const SESSION: &str = "
SELECT CAST(coalesce(database(), '') AS CHAR) AS name, CAST(@@lower_case_table_names AS CHAR) AS folding,
    CAST(version() AS CHAR) AS version";

const RELATIONS: &str = "
SELECT CAST(TABLE_SCHEMA AS CHAR) AS own_schema, CAST(TABLE_NAME AS CHAR) AS own,
    CAST(if(TABLE_SCHEMA = database(), 'yes', 'no') AS CHAR) AS own_plain
FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?";

/// Each schema is asked for alone: only a constant keeps the server from opening all tables of all databases.
const FOREIGN_KEYS: &str = "
SELECT CAST(concat(k.TABLE_NAME, '.', k.CONSTRAINT_NAME) AS CHAR) AS id, CAST(k.CONSTRAINT_NAME AS CHAR) AS name,
    CAST(k.TABLE_SCHEMA AS CHAR) AS child_schema, CAST(k.TABLE_NAME AS CHAR) AS child,
    CAST(if(k.TABLE_SCHEMA = database(), 'yes', 'no') AS CHAR) AS child_plain,
    CAST(k.REFERENCED_TABLE_SCHEMA AS CHAR) AS parent_schema, CAST(k.REFERENCED_TABLE_NAME AS CHAR) AS parent,
    CAST(if(k.REFERENCED_TABLE_SCHEMA = database(), 'yes', 'no') AS CHAR) AS parent_plain,
    CAST(k.COLUMN_NAME AS CHAR) AS child_column, CAST(k.REFERENCED_COLUMN_NAME AS CHAR) AS parent_column,
    CAST(r.DELETE_RULE AS CHAR) AS on_delete, CAST(r.UPDATE_RULE AS CHAR) AS on_update
FROM information_schema.KEY_COLUMN_USAGE k LEFT JOIN information_schema.REFERENTIAL_CONSTRAINTS r
    ON r.CONSTRAINT_SCHEMA = ? AND r.TABLE_NAME = k.TABLE_NAME AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME
WHERE k.TABLE_SCHEMA = ? AND k.REFERENCED_TABLE_NAME IS NOT NULL
ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION";

const TRIGGERS: &str = "
SELECT CAST(TRIGGER_NAME AS CHAR) AS name, CAST(EVENT_OBJECT_SCHEMA AS CHAR) AS own_schema,
    CAST(EVENT_OBJECT_TABLE AS CHAR) AS own, CAST(if(EVENT_OBJECT_SCHEMA = database(), 'yes', 'no') AS CHAR) AS own_plain,
    CAST(EVENT_MANIPULATION AS CHAR) AS events, CAST('body' AS CHAR) AS code, CAST(ACTION_STATEMENT AS CHAR) AS body
FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ?
ORDER BY EVENT_OBJECT_TABLE, TRIGGER_NAME";

/// What the current database and `schemas` hold.
pub(super) async fn read(reader: &Reader<'_>, schemas: &[&str]) -> Result<Catalog, Error> {
    let mut catalog = Catalog::new(DbBackend::MySql);
    let mut hides_triggers = false;
    for row in reader.query(SESSION, Vec::new()).await? {
        catalog.exact = text(&row, "folding")? == "0";
        hides_triggers = !text(&row, "version")?.contains("MariaDB");
        let name = text(&row, "name")?;
        catalog.path.extend((!name.is_empty()).then_some(name));
    }
    let grants = if hides_triggers {
        grants(reader).await
    } else {
        Vec::new()
    };
    for schema in with_path(&catalog, schemas) {
        let value = Value::from(schema.clone());
        let twice = vec![value.clone(), value.clone()];
        reader
            .relations(&mut catalog, RELATIONS, vec![value.clone()])
            .await?;
        reader
            .foreign_keys(&mut catalog, FOREIGN_KEYS, twice)
            .await?;
        reader.triggers(&mut catalog, TRIGGERS, vec![value]).await?;
        if !sees_triggers(&grants, &schema) {
            catalog.unreadable.push(Unreadable {
                what: "triggers",
                why: format!("the database user has no right to see those of `{schema}`"),
                cure: cure("TRIGGER", &schema),
            });
        }
    }
    Ok(catalog)
}

/// The grants of the database user; none if they cannot be read, which proves nothing.
async fn grants(reader: &Reader<'_>) -> Vec<String> {
    let rows = reader
        .query("SHOW GRANTS", Vec::new())
        .await
        .unwrap_or_default();
    rows.iter()
        .filter_map(|row| row.try_get_by_index(0).ok())
        .collect()
}
