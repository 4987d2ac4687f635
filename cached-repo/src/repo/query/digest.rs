//! What names a query.

use crate::codec::encode_value;
use crate::error::{Error, ErrorKind};
use sea_orm::{DbBackend, Statement, Value};
use sha2::{Digest, Sha256};

/// Raise it when the form of a digest changes: older entries are then not found any more.
const VERSION: u8 = 1;
/// Bytes of a digest: two queries that share one are not to be found.
const DIGEST: usize = 16;

/// SHA-256, cut to 16 bytes, of the version, the database's kind, the number of statements, each one's SQL and parameters with their
/// lengths, the parameters in the form in which rows are stored, and what the answer is made into, which is nothing for rows.
pub(super) fn digest(statements: &[Statement], made: &[u8]) -> Result<[u8; DIGEST], Error> {
    let backend = statements.first().map(|statement| statement.db_backend);
    let backend = match backend {
        Some(DbBackend::MySql) => 0,
        Some(DbBackend::Postgres) => 1,
        Some(DbBackend::Sqlite) => 2,
        _ => 3,
    };
    let mut bytes = vec![VERSION, backend];
    put_length(statements.len(), &mut bytes);
    for statement in statements {
        put_length(statement.sql.len(), &mut bytes);
        bytes.extend_from_slice(statement.sql.as_bytes());
        let values = statement
            .values
            .as_ref()
            .map_or(&[][..], |values| &values.0);
        put_values(values, &mut bytes)?;
    }
    bytes.extend_from_slice(made);
    let hash = Sha256::digest(&bytes);
    let mut digest = [0; DIGEST];
    digest.copy_from_slice(&hash[..DIGEST]);
    Ok(digest)
}

/// Appends parameters.
///
/// # Errors
/// [`ErrorKind::Key`] if one has a type that this build leaves out.
pub(super) fn put_values(values: &[Value], bytes: &mut Vec<u8>) -> Result<(), Error> {
    put_length(values.len(), bytes);
    for value in values {
        encode_value(value, bytes).map_err(|error| {
            Error::new(
                ErrorKind::Key,
                "a parameter of the query cannot be part of a key",
            )
            .caused_by(error)
        })?;
    }
    Ok(())
}

fn put_length(length: usize, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&(length as u64).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(backend: DbBackend, sql: &str, values: Vec<Value>) -> String {
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let digest = digest(&[statement], &[]).expect("all types are built in");
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn digests_are_stable() {
        // Other programs hold entries under these: a change here needs another version.
        let sql = "SELECT * FROM orders WHERE customer_id = ?";
        let values = || vec![Value::from(7_i64)];
        assert_eq!(
            of(DbBackend::Sqlite, sql, values()),
            "19636d278f0024f4d7a7491c444043d5"
        );
        assert_eq!(
            of(
                DbBackend::Postgres,
                sql,
                vec![Value::from("a"), Value::Int(None)]
            ),
            "d35402e58b4eec42a6949cf1d3373f7f"
        );
    }

    #[test]
    fn whatever_makes_another_query_makes_another_digest() {
        let sql = "SELECT 1";
        let mut all = vec![
            of(DbBackend::Sqlite, sql, vec![]),
            of(DbBackend::MySql, sql, vec![]),
            of(DbBackend::Sqlite, "SELECT 2", vec![]),
            of(DbBackend::Sqlite, sql, vec![1_i32.into()]),
            of(DbBackend::Sqlite, sql, vec![1_i64.into()]),
            of(DbBackend::Sqlite, sql, vec![Value::Int(None)]),
            of(DbBackend::Sqlite, sql, vec!["ab".into(), "c".into()]),
            of(DbBackend::Sqlite, sql, vec!["a".into(), "bc".into()]),
            of(DbBackend::Sqlite, sql, vec!["1".into()]),
            of(DbBackend::Sqlite, sql, vec![1.0_f64.into()]),
        ];
        let statement = || Statement::from_sql_and_values(DbBackend::Sqlite, sql, []);
        for (statements, made) in [
            (vec![statement()], &b"count"[..]),
            (vec![statement()], b"exists"),
            (vec![statement(), statement()], b""),
        ] {
            let digest = digest(&statements, made).expect("all types are built in");
            all.push(digest.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
