//! What the catalogs of the databases say about views.

use super::functions::Functions;
use super::{Base, Veil, View};
use crate::database::rows::{Reader, relation, text};
use crate::error::Error;
use crate::port::Source;
use crate::sql::{Reads, TableName, view_behavior, view_reads};
use sea_orm::{DbBackend, DbErr, QueryResult, Value};

/// One row for each table that a view reads. `pg_depend` knows all but the system's own tables, which the view's stored tree names.
const POSTGRES: &str = r"
WITH views AS (
    SELECT c.oid, c.relname, c.relkind, n.nspname, r.oid AS rule, r.ev_action
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_rewrite r ON r.ev_class = c.oid AND r.ev_type = '1'
    WHERE c.relkind IN ('v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
), bases AS (
    SELECT v.oid, d.refobjid AS base FROM views v
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = v.rule AND d.refclassid = 'pg_class'::regclass
    UNION
    SELECT v.oid, m.found[1]::oid FROM views v, regexp_matches(v.ev_action::text, ':relid (\d+)', 'g') AS m(found)
), tables AS (
    SELECT oid, base, CASE WHEN pg_partition_root(base) IS DISTINCT FROM base::regclass AND pg_partition_root(base) IS NOT NULL
        THEN 'yes' ELSE 'no' END AS part FROM bases WHERE base <> oid
    UNION
    SELECT oid, pg_partition_root(base)::oid, 'no' FROM bases WHERE pg_partition_root(base) IS NOT NULL
)
SELECT v.oid::text AS id, v.nspname::text AS own_schema, v.relname::text AS own,
    CASE WHEN pg_table_is_visible(v.oid) THEN 'yes' ELSE 'no' END AS own_plain, v.relkind::text AS kind,
    pg_get_viewdef(v.oid) AS body, bn.nspname::text AS base_schema, b.relname::text AS base, t.part AS part
FROM views v LEFT JOIN tables t ON t.oid = v.oid LEFT JOIN pg_class b ON b.oid = t.base
LEFT JOIN pg_namespace bn ON bn.oid = b.relnamespace
WHERE t.base IS NULL OR b.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY v.oid, bn.nspname, b.relname";

/// Each schema is asked for alone: only a constant keeps the server from opening all views of all databases. Who may not see a
/// definition finds it empty.
const MYSQL: &str = "
SELECT CAST(TABLE_SCHEMA AS CHAR) AS own_schema, CAST(TABLE_NAME AS CHAR) AS own,
    CAST(if(TABLE_SCHEMA = database(), 'yes', 'no') AS CHAR) AS own_plain, CAST(VIEW_DEFINITION AS CHAR) AS body
FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ";

/// The schemas of a file, and of those that are attached to it: a name without a schema may mean any.
const SQLITE_SCHEMAS: &str = "SELECT name FROM pragma_database_list UNION SELECT 'temp'";

const SQLITE: &str = "
SELECT {text} AS own_schema, name AS own, 'yes' AS own_plain, sql AS body FROM {schema}.sqlite_master WHERE type = 'view'";

/// The views of a database.
pub(super) async fn read(
    source: &dyn Source,
    functions: &Functions,
    backend: DbBackend,
    schemas: &[String],
) -> Result<Vec<View>, Error> {
    let reader = Reader { source, backend };
    let rows = match backend {
        DbBackend::Postgres => {
            let rows = reader.query(POSTGRES, Vec::new()).await?;
            return Ok(of_postgres(functions, &rows)?);
        }
        DbBackend::MySql => {
            let others = schemas.iter().map(|_| format!(" UNION ALL {MYSQL}?"));
            let sql = format!("{MYSQL}database(){}", others.collect::<String>());
            let values = schemas.iter().cloned().map(Value::from).collect();
            reader.query(&sql, values).await?
        }
        DbBackend::Sqlite => {
            let mut parts = Vec::new();
            for row in reader.query(SQLITE_SCHEMAS, Vec::new()).await? {
                let name = text(&row, "name")?;
                let quoted = |quote: &str| {
                    let doubled = name.replace(quote, &format!("{quote}{quote}"));
                    format!("{quote}{doubled}{quote}")
                };
                let part = SQLITE.replace("{text}", &quoted("'"));
                parts.push(part.replace("{schema}", &quoted("\"")));
            }
            reader.query(&parts.join(" UNION ALL "), Vec::new()).await?
        }
        _ => Vec::new(),
    };
    let mut views: Vec<View> = Vec::new();
    for row in &rows {
        let view = parsed(functions, backend, row)?;
        // The same database may be asked for twice.
        if !views.iter().any(|known| known.name == view.name) {
            views.push(view);
        }
    }
    Ok(views)
}

/// A view whose definition says what it reads.
fn parsed(functions: &Functions, backend: DbBackend, row: &QueryResult) -> Result<View, DbErr> {
    let name = relation(row, "own")?;
    let body: Option<String> = row.try_get("", "body")?;
    let body = body.filter(|body| !body.trim().is_empty());
    let reads = match body.map(|body| view_reads(backend, &body)) {
        None => Err(Veil::Hidden),
        Some(None) => Err(Veil::Unclear),
        // Its tables are not named then.
        Some(Some(reads)) if reads.locks => Err(Veil::Unclear),
        Some(Some(reads)) => Ok(reads),
    };
    let varies_by = reads
        .as_ref()
        .map_or(None, |reads| functions.varying(&reads.behavior));
    Ok(View {
        reads: reads.map(bases),
        name,
        stored: false,
        varies_by,
    })
}

fn bases(reads: Reads) -> Vec<Base> {
    let named = reads.tables.into_iter().map(|table| (table, false));
    // Under the name of an expression a table may stand, or none.
    let hidden = reads.hidden.into_iter().map(|table| (table, true));
    let tables = named.chain(hidden);
    tables
        .map(|(table, optional)| Base { table, optional })
        .collect()
}

/// Views whose tables the catalog knows: one row for each of these, in the order of the views.
fn of_postgres(functions: &Functions, rows: &[QueryResult]) -> Result<Vec<View>, DbErr> {
    let mut views: Vec<View> = Vec::new();
    let mut last = None;
    for row in rows {
        let id = text(row, "id")?;
        if last.as_ref() != Some(&id) {
            let body: Option<String> = row.try_get("", "body")?;
            let behavior = body.and_then(|body| view_behavior(DbBackend::Postgres, &body));
            views.push(View {
                name: relation(row, "own")?,
                stored: text(row, "kind")? == "m",
                varies_by: behavior.as_ref().and_then(|it| functions.varying(it)),
                reads: behavior.map_or(Err(Veil::Unclear), |_| Ok(Vec::new())),
            });
        }
        last = Some(id);
        let base: Option<String> = row.try_get("", "base")?;
        if let (Some(view), Some(name)) = (views.last_mut(), base)
            && let Ok(bases) = &mut view.reads
        {
            let schema = Some(text(row, "base_schema")?);
            bases.push(Base {
                table: TableName { schema, name },
                optional: text(row, "part")? == "yes",
            });
        }
    }
    Ok(views)
}
