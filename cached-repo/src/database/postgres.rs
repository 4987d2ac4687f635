//! The catalog of PostgreSQL 12 or later.

use super::facts::Catalog;
use super::rows::{Reader, text, with_path};
use crate::error::Error;
use sea_orm::{DbBackend, Value};

const PATH: &str = "SELECT unnest(current_schemas(false))::text AS name";

const RELATIONS: &str = "
SELECT n.nspname::text AS own_schema, c.relname::text AS own,
    CASE WHEN pg_table_is_visible(c.oid) THEN 'yes' ELSE 'no' END AS own_plain
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname IN ({schemas})";

/// Foreign keys of tables in the schemas `{schemas}`, of the tables that these refer to, and so on. Partitions count as their
/// whole table, and foreign keys that PostgreSQL has copied to them do not count.
const FOREIGN_KEYS: &str = "
WITH RECURSIVE reached(id) AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname IN ({schemas})
    UNION
    SELECT k.confrelid FROM pg_constraint k JOIN reached ON k.conrelid = reached.id WHERE k.contype = 'f'
), keys AS (
    SELECT k.*, coalesce(pg_partition_root(k.conrelid), k.conrelid)::oid AS child_id,
        coalesce(pg_partition_root(k.confrelid), k.confrelid)::oid AS parent_id
    FROM pg_constraint k JOIN reached ON k.conrelid = reached.id
    WHERE k.contype = 'f' AND k.conparentid = 0 AND coalesce(to_jsonb(k) ->> 'conenforced', 'true') = 'true'
)
SELECT k.oid::text AS id, k.conname::text AS name,
    cn.nspname::text AS child_schema, c.relname::text AS child,
    CASE WHEN pg_table_is_visible(c.oid) THEN 'yes' ELSE 'no' END AS child_plain,
    pn.nspname::text AS parent_schema, p.relname::text AS parent,
    CASE WHEN pg_table_is_visible(p.oid) THEN 'yes' ELSE 'no' END AS parent_plain,
    ca.attname::text AS child_column, pa.attname::text AS parent_column,
    k.confdeltype::text AS on_delete, k.confupdtype::text AS on_update
FROM keys k
JOIN pg_class c ON c.oid = k.child_id JOIN pg_namespace cn ON cn.oid = c.relnamespace
JOIN pg_class p ON p.oid = k.parent_id JOIN pg_namespace pn ON pn.oid = p.relnamespace
CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS pair(child, parent, place)
JOIN pg_attribute ca ON ca.attrelid = k.conrelid AND ca.attnum = pair.child
JOIN pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = pair.parent
ORDER BY cn.nspname, c.relname, k.conname, k.oid, pair.place";

/// Triggers that fire in an ordinary session, and rules. Functions in C change no other rows that anybody could tell.
const TRIGGERS: &str = "
SELECT DISTINCT f.name::text AS name, n.nspname::text AS own_schema, c.relname::text AS own,
    CASE WHEN pg_table_is_visible(c.oid) THEN 'yes' ELSE 'no' END AS own_plain,
    f.events::text AS events, f.code::text AS code, f.body::text AS body
FROM (
    SELECT t.tgname AS name, coalesce(pg_partition_root(t.tgrelid), t.tgrelid)::oid AS id,
        concat_ws(', ', CASE WHEN t.tgtype::int & 4 > 0 THEN 'INSERT' END, CASE WHEN t.tgtype::int & 16 > 0 THEN 'UPDATE' END,
            CASE WHEN t.tgtype::int & 8 > 0 THEN 'DELETE' END, CASE WHEN t.tgtype::int & 32 > 0 THEN 'TRUNCATE' END) AS events,
        CASE l.lanname WHEN 'plpgsql' THEN 'body' ELSE 'foreign' END AS code, p.prosrc AS body
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang
    WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND l.lanname NOT IN ('c', 'internal')
    UNION ALL
    SELECT r.rulename, r.ev_class,
        CASE r.ev_type WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT' ELSE 'DELETE' END, 'rule', pg_get_ruledef(r.oid)
    FROM pg_rewrite r WHERE r.ev_type IN ('2', '3', '4') AND r.ev_enabled IN ('O', 'A')
) f
JOIN pg_class c ON c.oid = f.id JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ({schemas})
ORDER BY 2, 3, 1";

/// What the schemas of the search path and `schemas` hold.
pub(super) async fn read(reader: &Reader<'_>, schemas: &[&str]) -> Result<Catalog, Error> {
    let mut catalog = Catalog::new(DbBackend::Postgres);
    for row in reader.query(PATH, Vec::new()).await? {
        catalog.path.push(text(&row, "name")?);
    }
    let all = with_path(&catalog, schemas);
    let marks: Vec<String> = (1..=all.len()).map(|number| format!("${number}")).collect();
    if marks.is_empty() {
        return Ok(catalog);
    }
    let values: Vec<Value> = all.into_iter().map(Value::from).collect();
    let with_schemas = |sql: &str| sql.replace("{schemas}", &marks.join(", "));
    reader
        .relations(&mut catalog, &with_schemas(RELATIONS), values.clone())
        .await?;
    reader
        .foreign_keys(&mut catalog, &with_schemas(FOREIGN_KEYS), values.clone())
        .await?;
    reader
        .triggers(&mut catalog, &with_schemas(TRIGGERS), values)
        .await?;
    Ok(catalog)
}
