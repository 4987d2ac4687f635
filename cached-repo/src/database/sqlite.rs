//! The catalog of SQLite.

use super::facts::Catalog;
use super::rows::{Reader, text};
use crate::error::Error;
use sea_orm::DbBackend;

/// The schema that the file has.
const MAIN: &str = "main";

const SESSION: &str =
    "SELECT d.name AS name, CASE WHEN f.foreign_keys THEN 'on' ELSE 'off' END AS foreign_keys
FROM pragma_database_list d, pragma_foreign_keys f";

const RELATIONS: &str = "
SELECT {text} AS own_schema, name AS own, {plain} AS own_plain
FROM {schema}.sqlite_master WHERE type IN ('table', 'view')";

/// A foreign key that names no columns of its parent refers to the parent's primary key.
const FOREIGN_KEYS: &str = "
SELECT m.name || '.' || f.id AS id, NULL AS name, {text} AS child_schema, m.name AS child, {plain} AS child_plain,
    {text} AS parent_schema, coalesce(p.name, f.\"table\") AS parent, {plain} AS parent_plain,
    f.\"from\" AS child_column, coalesce(f.\"to\", i.name, f.\"from\") AS parent_column,
    upper(f.on_delete) AS on_delete, upper(f.on_update) AS on_update
FROM {schema}.sqlite_master m, pragma_foreign_key_list(m.name, {text}) f
LEFT JOIN {schema}.sqlite_master p ON p.type = 'table' AND p.name = f.\"table\" COLLATE NOCASE
LEFT JOIN pragma_table_info(f.\"table\", {text}) i ON f.\"to\" IS NULL AND i.pk = f.seq + 1
WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq";

const TRIGGERS: &str = "
SELECT m.name AS name, {text} AS own_schema, m.tbl_name AS own, {plain} AS own_plain, '' AS events, 'trigger' AS code,
    m.sql AS body
FROM {schema}.sqlite_master m WHERE m.type = 'trigger' ORDER BY m.tbl_name, m.name";

/// What the file and those of `schemas` hold that are attached to it.
pub(super) async fn read(reader: &Reader<'_>, schemas: &[&str]) -> Result<Catalog, Error> {
    let mut catalog = Catalog::new(DbBackend::Sqlite);
    catalog.path.push(MAIN.to_owned());
    for row in reader.query(SESSION, Vec::new()).await? {
        catalog.enforced = text(&row, "foreign_keys")? == "on";
        let name = text(&row, "name")?;
        if name != MAIN
            && !schemas
                .iter()
                .any(|schema| schema.eq_ignore_ascii_case(&name))
        {
            continue;
        }
        let plain = if name == MAIN { "'yes'" } else { "'no'" };
        let with_schema = |sql: &str| {
            sql.replace("{text}", &format!("'{}'", name.replace('\'', "''")))
                .replace("{schema}", &format!("\"{}\"", name.replace('"', "\"\"")))
                .replace("{plain}", plain)
        };
        reader
            .relations(&mut catalog, &with_schema(RELATIONS), Vec::new())
            .await?;
        reader
            .foreign_keys(&mut catalog, &with_schema(FOREIGN_KEYS), Vec::new())
            .await?;
        reader
            .triggers(&mut catalog, &with_schema(TRIGGERS), Vec::new())
            .await?;
    }
    Ok(catalog)
}
