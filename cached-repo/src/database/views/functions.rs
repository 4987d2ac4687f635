//! What a database's catalog says of its functions: which of them answer the same each time.
//!
//! PostgreSQL says it of all, the others of those that are not their own: stored ones on MariaDB and MySQL, on SQLite those that the
//! program has given to the connection.

use crate::database::rows::{Reader, text};
use crate::error::Error;
use crate::port::Source;
use crate::sql::{Behavior, Nature, Varying, built_in, of_mysql, of_postgres};
use sea_orm::{DbBackend, DbErr, QueryResult};
use std::collections::HashMap;

/// Between the names of a row: no name holds it.
const SEPARATOR: char = '\u{1f}';

/// All names, in a row for each kind of function, without those that no query can call. Of functions that share a name the worst
/// counts.
const POSTGRES: &str = "
SELECT p.provolatile::text AS volatility, CASE WHEN n.nspname = 'pg_catalog' THEN 'yes' ELSE 'no' END AS own,
    string_agg(DISTINCT p.proname::text, chr(31)) AS names
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE strpos(p.proname::text, chr(31)) = 0 AND NOT 'internal'::regtype = ANY (p.proargtypes)
    AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
GROUP BY 1, 2";

const MYSQL: &str = "
SELECT CAST(ROUTINE_NAME AS CHAR) AS name, CAST(IS_DETERMINISTIC AS CHAR) AS steady, CAST(SQL_DATA_ACCESS AS CHAR) AS access
FROM information_schema.ROUTINES WHERE ROUTINE_TYPE = 'FUNCTION'";

/// The flag is `SQLITE_DETERMINISTIC`.
const SQLITE: &str = "
SELECT lower(name) AS name, CASE WHEN min(flags & 2048) > 0 THEN 'yes' ELSE 'no' END AS steady
FROM pragma_function_list WHERE builtin = 0 GROUP BY 1";

/// The functions of a database, as they were when its catalog was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Functions {
    backend: DbBackend,
    /// Whether the catalog was read: if not, what is not known passes.
    known: bool,
    natures: HashMap<Box<str>, Nature>,
}

impl Functions {
    /// No catalog.
    pub(super) fn none(backend: DbBackend) -> Self {
        Self {
            backend,
            known: false,
            natures: HashMap::new(),
        }
    }

    /// What the catalog says now.
    ///
    /// # Errors
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) if it cannot be asked.
    pub(super) async fn read(source: &dyn Source, backend: DbBackend) -> Result<Self, Error> {
        let reader = Reader { source, backend };
        let mut functions = Self::none(backend);
        functions.known = true;
        match backend {
            DbBackend::Postgres => {
                for row in reader.query(POSTGRES, Vec::new()).await? {
                    functions.add_postgres(&row)?;
                }
            }
            DbBackend::MySql => {
                for row in reader.query(MYSQL, Vec::new()).await? {
                    let nature = of_mysql(&text(&row, "steady")?, &text(&row, "access")?);
                    functions.add(&text(&row, "name")?.to_lowercase(), nature);
                }
            }
            // An SQLite without pragmas that are tables has no functions but its own to tell of.
            DbBackend::Sqlite => {
                let rows = reader.query(SQLITE, Vec::new()).await;
                for row in rows.unwrap_or_default() {
                    let nature = match text(&row, "steady")?.as_str() {
                        "yes" => Nature::Steady,
                        _ => Nature::Varies,
                    };
                    functions.add(&text(&row, "name")?, nature);
                }
            }
            _ => {}
        }
        Ok(functions)
    }

    fn add_postgres(&mut self, row: &QueryResult) -> Result<(), DbErr> {
        let volatility = text(row, "volatility")?;
        let own = text(row, "own")? == "yes";
        for name in text(row, "names")?.split(SEPARATOR) {
            self.add(name, of_postgres(name, own, &volatility));
        }
        Ok(())
    }

    fn add(&mut self, name: &str, nature: Nature) {
        match self.natures.get_mut(name) {
            Some(known) => *known = nature.max(*known),
            None => {
                self.natures.insert(name.into(), nature);
            }
        }
    }

    /// The worst that makes a text answer differently each time, if anything does.
    pub(super) fn varying(&self, behavior: &Behavior) -> Option<Varying> {
        let called = behavior.calls.iter().filter_map(|call| {
            let nature = match self.nature(&call.name) {
                Some(nature) => nature,
                None if call.certain && self.known => Nature::Unknown,
                None => Nature::Steady,
            };
            let name = call.name.clone();
            (nature != Nature::Steady).then_some(Varying { name, nature })
        });
        Varying::worst(behavior.varying.iter().cloned().chain(called))
    }

    /// What is known of the functions of this name.
    fn nature(&self, name: &str) -> Option<Nature> {
        let told = self.natures.get(name).copied();
        // PostgreSQL's catalog has the last word, where there is one.
        match self.backend == DbBackend::Postgres && told.is_some() {
            true => told,
            false => told.max(built_in(self.backend, name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::reads;

    fn judged(functions: &Functions, sql: &str) -> Option<(String, Nature)> {
        let reads = reads(functions.backend, sql).expect(sql);
        let varying = functions.varying(&reads.behavior)?;
        Some((varying.name, varying.nature))
    }

    fn known(backend: DbBackend, natures: &[(&str, Nature)]) -> Functions {
        let mut functions = Functions::none(backend);
        functions.known = true;
        for (name, nature) in natures {
            functions.add(name, *nature);
        }
        functions
    }

    #[test]
    fn the_worst_of_a_name_counts() {
        let natures = [
            ("f", Nature::Steady),
            ("f", Nature::Acts),
            ("f", Nature::Varies),
            ("g", Nature::Steady),
        ];
        let functions = known(DbBackend::Postgres, &natures);
        let worst = Some(("f".to_owned(), Nature::Acts));
        assert_eq!(judged(&functions, "SELECT g(x), f(x) FROM a"), worst);
        assert_eq!(judged(&functions, "SELECT app.\"f\"(x) FROM a"), worst);
        assert_eq!(
            judged(&functions, "SELECT g(x), coalesce(x, 1) FROM a"),
            None
        );
    }

    #[test]
    fn what_the_catalog_does_not_have_is_unknown() {
        let functions = known(DbBackend::Postgres, &[("g", Nature::Steady)]);
        let unknown = |name: &str| Some((name.to_owned(), Nature::Unknown));
        assert_eq!(judged(&functions, "SELECT \"G\"(x) FROM a"), unknown("G"));
        assert_eq!(
            judged(&functions, "SELECT G(x) FROM a"),
            None,
            "it is folded"
        );
        let types = "WITH q(x) AS (SELECT x::numeric(10, 2) FROM a) SELECT t.y FROM (SELECT x FROM q) AS t(y) WHERE y IN (1, 2)";
        assert_eq!(judged(&functions, types), None, "no functions at all");
        for backend in [DbBackend::MySql, DbBackend::Sqlite] {
            let functions = known(backend, &[]);
            assert_eq!(
                judged(&functions, "SELECT strange(x) FROM a"),
                unknown("strange")
            );
            assert_eq!(judged(&functions, "SELECT Upper(x), COUNT(*) FROM a"), None);
        }
    }

    #[test]
    fn without_a_catalog_only_what_is_known_to_be_bad_is_bad() {
        for backend in [DbBackend::Postgres, DbBackend::MySql, DbBackend::Sqlite] {
            let functions = Functions::none(backend);
            assert_eq!(judged(&functions, "SELECT strange(x) FROM a"), None);
            assert!(judged(&functions, "SELECT random(), rand(), now() FROM a").is_some());
        }
    }
}
