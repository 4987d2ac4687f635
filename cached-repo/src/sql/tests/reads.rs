//! What queries read.

use super::super::reads::{Reads, reads};
use sea_orm::DbBackend;

const ALL: [DbBackend; 3] = [DbBackend::Postgres, DbBackend::MySql, DbBackend::Sqlite];

fn read(backend: DbBackend, sql: &str) -> Reads {
    reads(backend, sql).unwrap_or_else(|| panic!("{backend:?} cannot tell: {sql}"))
}

#[track_caller]
fn tables(sql: &str, expected: &[&str]) {
    for backend in ALL {
        let found = read(backend, sql).tables;
        let mut names: Vec<_> = found.iter().map(|table| table.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{backend:?}: {sql}");
    }
}

#[test]
fn every_place_of_a_table_is_found() {
    tables("SELECT * FROM a", &["a"]);
    tables(
        "SELECT * FROM a, b CROSS JOIN c LEFT JOIN d ON d.x = a.x",
        &["a", "b", "c", "d"],
    );
    tables("SELECT (SELECT max(x) FROM b) FROM a", &["a", "b"]);
    tables(
        "SELECT * FROM (SELECT * FROM b) q WHERE x IN (SELECT x FROM c)",
        &["b", "c"],
    );
    tables(
        "SELECT x FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.x = a.x)",
        &["a", "b"],
    );
    tables(
        "SELECT x FROM a GROUP BY x HAVING count(*) > (SELECT min(n) FROM b)",
        &["a", "b"],
    );
    tables(
        "SELECT x FROM a ORDER BY (SELECT n FROM b LIMIT 1)",
        &["a", "b"],
    );
    tables(
        "SELECT x FROM a UNION SELECT x FROM b EXCEPT SELECT x FROM c",
        &["a", "b", "c"],
    );
    tables(
        "SELECT CASE WHEN x IN (SELECT x FROM b) THEN 1 ELSE 2 END FROM a",
        &["a", "b"],
    );
    tables(
        "SELECT row_number() OVER (PARTITION BY x ORDER BY y) FROM a",
        &["a"],
    );
}

#[test]
fn a_common_table_expression_is_no_table() {
    tables(
        "WITH q AS (SELECT * FROM a) SELECT * FROM q JOIN b ON b.x = q.x",
        &["a", "b"],
    );
    tables(
        "WITH RECURSIVE q AS (SELECT x FROM a UNION ALL SELECT a.x FROM a JOIN q ON a.up = q.x) SELECT * FROM q",
        &["a"],
    );
    let hidden = read(
        DbBackend::Sqlite,
        "WITH a AS (SELECT * FROM main.a) SELECT * FROM a",
    );
    assert_eq!(hidden.tables.len(), 1, "the one that names its schema");
    let named = read(
        DbBackend::Sqlite,
        "WITH a AS (SELECT 1) SELECT * FROM a, (SELECT * FROM a)",
    );
    assert!(
        named.words.contains(&"a".to_owned()),
        "whatever it is, it is a word"
    );
}

#[test]
fn a_table_that_an_expression_of_its_name_does_not_cover_is_a_table() {
    let of = |backend, sql: &str| -> Vec<String> {
        let tables = read(backend, sql).tables.into_iter();
        tables.map(|table| table.name).collect()
    };
    let itself = "WITH a AS (SELECT * FROM a WHERE x > 1) SELECT * FROM a";
    assert_eq!(of(DbBackend::Postgres, itself), ["a"]);
    assert_eq!(of(DbBackend::MySql, itself), ["a"]);
    let recursive =
        "WITH RECURSIVE a AS (SELECT x FROM b UNION ALL SELECT x + 1 FROM a) SELECT * FROM a";
    assert_eq!(of(DbBackend::Postgres, recursive), ["b"]);
    // SQLite takes it for recursive, whatever the text says.
    assert!(of(DbBackend::Sqlite, itself).is_empty());
    let beside =
        "SELECT * FROM (WITH a AS (SELECT * FROM b) SELECT * FROM a) s JOIN a ON a.x = s.x";
    assert_eq!(of(DbBackend::Postgres, beside), ["b", "a"]);
    let before =
        "WITH a AS (SELECT * FROM c), c AS (SELECT * FROM b) SELECT * FROM a JOIN c ON a.x = c.x";
    assert_eq!(of(DbBackend::Postgres, before), ["c", "b"]);
    let behind = "WITH a AS (SELECT * FROM b), c AS (SELECT * FROM a) SELECT * FROM c WHERE x IN (SELECT x FROM a)";
    assert_eq!(of(DbBackend::Postgres, behind), ["b"]);
}

#[test]
fn quoted_names_are_read_without_their_quotes() {
    for (backend, sql) in [
        (DbBackend::Postgres, r#"SELECT "x" FROM "my ""table""" "#),
        (DbBackend::MySql, "SELECT `x` FROM `my \"table\"`"),
        (DbBackend::Sqlite, r#"SELECT [x] FROM [my "table"]"#),
    ] {
        assert_eq!(read(backend, sql).tables[0].name, "my \"table\"");
    }
    let folded = read(DbBackend::Postgres, "SELECT * FROM Public.Users");
    assert_eq!(folded.tables[0].name, "users");
    assert_eq!(folded.tables[0].schema.as_deref(), Some("public"));
}

#[test]
fn what_does_not_only_read_is_not_told() {
    for backend in ALL {
        for sql in [
            "",
            "SELECT 1; SELECT 2",
            "DELETE FROM a",
            "INSERT INTO a SELECT * FROM b",
            "SELECT * FROM",
            "SELECT * FROM a WHERE (",
            "EXPLAIN SELECT * FROM a",
        ] {
            assert_eq!(reads(backend, sql), None, "{backend:?}: {sql}");
        }
    }
    let writing = "WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone";
    assert_eq!(reads(DbBackend::Postgres, writing), None);
}

#[test]
fn deep_texts_are_not_told_and_end_nothing() {
    let deep = |levels: usize| {
        format!(
            "SELECT {}1{}",
            "(SELECT ".repeat(levels),
            ")".repeat(levels)
        )
    };
    assert!(reads(DbBackend::Postgres, &deep(20)).is_some());
    assert_eq!(reads(DbBackend::Postgres, &deep(10_000)), None);
    let chain = format!("SELECT 1{}", " + 1".repeat(100_000));
    assert_eq!(reads(DbBackend::Sqlite, &chain), None);
}

#[test]
fn locks_are_seen() {
    for sql in [
        "SELECT * FROM a FOR UPDATE",
        "SELECT * FROM a FOR SHARE",
        "SELECT * FROM a FOR NO KEY UPDATE SKIP LOCKED",
    ] {
        assert!(read(DbBackend::Postgres, sql).locks, "{sql}");
    }
    assert!(read(DbBackend::MySql, "SELECT * FROM a FOR UPDATE").locks);
    assert!(read(DbBackend::MySql, "SELECT * FROM a LOCK IN SHARE MODE").locks);
    assert!(!read(DbBackend::Postgres, "SELECT lock FROM a").locks);
    assert!(!read(DbBackend::Sqlite, "SELECT x FROM a WHERE lock IN (1, 2)").locks);
}

#[test]
fn what_makes_a_query_vary_is_named() {
    for (sql, function) in [
        ("SELECT now() FROM a", "now"),
        (
            "SELECT * FROM a WHERE t < CURRENT_TIMESTAMP",
            "current_timestamp",
        ),
        ("SELECT * FROM a ORDER BY RANDOM()", "random"),
        (
            "SELECT * FROM a WHERE t < datetime('now', '-1 day')",
            "'now'",
        ),
    ] {
        assert_eq!(
            read(DbBackend::Sqlite, sql).varies_by,
            Some(function),
            "{sql}"
        );
    }
    for (backend, sql, function) in [
        (DbBackend::Sqlite, "SELECT date() FROM a", Some("date")),
        (
            DbBackend::Sqlite,
            "SELECT strftime('%s') FROM a",
            Some("strftime"),
        ),
        (DbBackend::Sqlite, "SELECT strftime('%s', t) FROM a", None),
        (DbBackend::Postgres, "SELECT user FROM a", Some("user")),
        (DbBackend::MySql, "SELECT user FROM a", None),
    ] {
        assert_eq!(read(backend, sql).varies_by, function, "{sql}");
    }
    for sql in [
        "SELECT now, random, a.current_date FROM a",
        "SELECT date(t) FROM a",
        "SELECT 'random()' FROM a",
        "SELECT \"now\"  FROM a",
    ] {
        assert_eq!(read(DbBackend::Sqlite, sql).varies_by, None, "{sql}");
    }
}
