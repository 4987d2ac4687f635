//! What names a query.

use crate::codec::encode_value;
use crate::engine::TextDigest;
use crate::error::{Error, ErrorKind};
use crate::wire::put_varint;
use sea_orm::{Statement, Value};
use sha2::Digest as _;
use sha2::Sha256;

/// Bytes of a digest: two queries that share one are not to be found.
const DIGEST: usize = 16;

/// What stands for a query in its key.
pub(super) type Digest = [u8; DIGEST];

/// SHA-256, cut to 16 bytes, of what stands for the texts, the parameters of each with their number, in the form in which rows are
/// stored, and what the answer is made into, which is nothing for rows.
pub(super) fn digest(
    text: &TextDigest,
    statements: &[Statement],
    made: &[u8],
) -> Result<Digest, Error> {
    let mut rest = Vec::with_capacity(64);
    for statement in statements {
        let values = statement
            .values
            .as_ref()
            .map_or(&[][..], |values| &values.0);
        put_values(values, &mut rest)?;
    }
    let hash = Sha256::new_with_prefix(text.bytes())
        .chain_update(&rest)
        .chain_update(made);
    let mut digest = [0; DIGEST];
    digest.copy_from_slice(&hash.finalize()[..DIGEST]);
    Ok(digest)
}

/// Appends parameters.
///
/// # Errors
/// [`ErrorKind::Key`] if one has a type that this build leaves out.
pub(super) fn put_values(values: &[Value], bytes: &mut Vec<u8>) -> Result<(), Error> {
    put_varint(bytes, values.len() as u64);
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

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::DbBackend;

    fn digest_of(backend: DbBackend, parts: &[(&str, Vec<Value>)], made: &[u8]) -> String {
        let texts: Vec<&str> = parts.iter().map(|(sql, _)| *sql).collect();
        let statement = |(sql, values): &(&str, Vec<Value>)| {
            Statement::from_sql_and_values(backend, *sql, values.clone())
        };
        let statements: Vec<Statement> = parts.iter().map(statement).collect();
        let text = TextDigest::of_all(backend, &texts);
        let digest = digest(&text, &statements, made).expect("all types are built in");
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn of(backend: DbBackend, sql: &str, values: Vec<Value>) -> String {
        digest_of(backend, &[(sql, values)], &[])
    }

    #[test]
    fn digests_are_stable() {
        // Other programs hold entries under these: a change here needs another version.
        let sql = "SELECT * FROM orders WHERE customer_id = ?";
        let values = || vec![Value::from(7_i64)];
        assert_eq!(
            of(DbBackend::Sqlite, sql, values()),
            "e3f90dd5d3f68c16f0aa60eef906dab1"
        );
        let values = vec![Value::from("a"), Value::Int(None)];
        assert_eq!(
            of(DbBackend::Postgres, sql, values),
            "d0a4fc9b5ba338035fd51eba3c830b41"
        );
    }

    #[test]
    fn whatever_makes_another_query_makes_another_digest() {
        let sql = "SELECT 1";
        let one = |values: Vec<Value>| of(DbBackend::Sqlite, sql, values);
        let several =
            |parts: &[(&str, Vec<Value>)], made| digest_of(DbBackend::Sqlite, parts, made);
        let mut all = vec![
            one(vec![]),
            of(DbBackend::MySql, sql, vec![]),
            of(DbBackend::Sqlite, "SELECT 2", vec![]),
            one(vec![1_i32.into()]),
            one(vec![1_i64.into()]),
            one(vec![Value::Int(None)]),
            one(vec!["ab".into(), "c".into()]),
            one(vec!["a".into(), "bc".into()]),
            one(vec!["1".into()]),
            one(vec![1.0_f64.into()]),
            several(&[(sql, vec![])], b"count"),
            several(&[(sql, vec![])], b"exists"),
            several(&[(sql, vec![]), (sql, vec![])], b""),
            several(&[(sql, vec![1_i32.into()]), (sql, vec![])], b""),
            several(&[(sql, vec![]), (sql, vec![1_i32.into()])], b""),
            several(&[(sql, vec![]), ("SELECT 2", vec![])], b""),
            several(&[("SELECT 2", vec![]), (sql, vec![])], b""),
        ];
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
