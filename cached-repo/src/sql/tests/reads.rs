//! What queries read.

use super::super::functions::Nature;
use super::super::mean_the_present;
use super::super::reads::{Reads, reads};
use super::{M, P, S};
use sea_orm::{DbBackend, Value};

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
fn a_table_that_is_a_query_by_itself_is_found() {
    for backend in [P, M] {
        for sql in [
            "TABLE a",
            "(TABLE a) UNION ALL TABLE a",
            "SELECT * FROM (TABLE a) q",
            "WITH q AS (TABLE a) SELECT * FROM q",
            "SELECT 1 WHERE 1 IN (TABLE a)",
        ] {
            let found = read(backend, sql).tables;
            assert_eq!(found.len(), 1, "{backend:?}: {sql}");
            assert_eq!(found[0].name, "a", "{backend:?}: {sql}");
        }
    }
    let schema = read(P, "TABLE ONLY app.a").tables;
    assert_eq!(schema[0].schema.as_deref(), Some("app"));
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

/// What makes it vary besides the functions that it calls, and how bad that is.
fn varying(backend: DbBackend, sql: &str) -> Option<(String, Nature)> {
    let varying = read(backend, sql).behavior.varying?;
    Some((varying.name, varying.nature))
}

#[track_caller]
fn varies(backend: DbBackend, sql: &str, name: &str) {
    let expected = Some((name.to_owned(), Nature::Varies));
    assert_eq!(varying(backend, sql), expected, "{backend:?}: {sql}");
}

#[test]
fn words_that_mean_the_moment_or_the_session_are_named() {
    for backend in ALL {
        varies(
            backend,
            "SELECT * FROM a WHERE t < CURRENT_TIMESTAMP",
            "current_timestamp",
        );
        varies(backend, "SELECT current_date, x FROM a", "current_date");
        assert_eq!(
            varying(backend, "SELECT now, random, a.current_date FROM a"),
            None
        );
    }
    varies(P, "SELECT user FROM a", "user");
    varies(P, "SELECT * FROM a TABLESAMPLE SYSTEM (10)", "tablesample");
    assert_eq!(varying(M, "SELECT user FROM a"), None);
    assert_eq!(varying(S, "SELECT localtime, user FROM a"), None);
    varies(M, "SELECT utc_date FROM a", "utc_date");
    varies(M, "SELECT @@session.timestamp FROM a", "@@session");
    varies(M, "SELECT @n FROM a", "@n");
    varies(M, "SELECT unix_timestamp() FROM a", "unix_timestamp");
    assert_eq!(varying(M, "SELECT unix_timestamp(t) FROM a"), None);
    let acts = |name: &str| Some((name.to_owned(), Nature::Acts));
    assert_eq!(varying(M, "SELECT @n := @n + 1 FROM a"), acts(":="));
    // sqlparser does not know it; nobody reads it.
    assert!(reads(M, "SELECT NEXT VALUE FOR s FROM a").is_none());
}

#[test]
fn texts_that_mean_the_present_are_named() {
    for sql in [
        "SELECT * FROM a WHERE d = 'today'",
        "SELECT * FROM a WHERE d = E'Today'",
        "SELECT * FROM a WHERE d = $$today$$",
        "SELECT DATE 'today' FROM a",
        "SELECT 'today 10:00 Europe/Berlin'::timestamptz FROM a",
    ] {
        varies(P, sql, "'today'");
    }
    for sql in [
        "SELECT * FROM a WHERE s LIKE '%now%'",
        "SELECT data->>'now' FROM a",
        "SELECT 'nowhere' FROM a",
        "SELECT 'random()' FROM a",
        "SELECT 'epoch'::timestamp FROM a",
    ] {
        assert_eq!(varying(P, sql), None, "{sql}");
    }
    varies(
        S,
        "SELECT * FROM a WHERE t < datetime('now', '-1 day')",
        "'now'",
    );
    varies(S, "SELECT * FROM a WHERE t < datetime(\"NOW\")", "'now'");
    varies(S, "SELECT strftime('%s', \"now\") FROM a", "'now'");
    varies(S, "SELECT unixepoch('subsec') FROM a", "'subsec'");
    varies(S, "SELECT date() FROM a", "date");
    varies(S, "SELECT \"date\"() FROM a", "date");
    varies(S, "SELECT strftime('%s') FROM a", "strftime");
    for sql in [
        "SELECT strftime('%s', t) FROM a",
        "SELECT unixepoch(t, 'subsec') FROM a",
        "SELECT date(t) FROM a",
        "SELECT \"now\" FROM a",
        "SELECT x, \"now\" FROM a",
        "SELECT 'today' FROM a",
    ] {
        assert_eq!(varying(S, sql), None, "{sql}");
    }
    assert_eq!(varying(M, "SELECT 'now', date('today') FROM a"), None);
}

#[test]
fn a_bound_text_is_a_moment_only_where_it_may_be_read_as_one() {
    let moments = |backend, sql| read(backend, sql).moments;
    assert!(moments(P, "SELECT * FROM a WHERE d = $1::date"));
    assert!(moments(P, "SELECT * FROM a WHERE d = CAST($1 AS day)"));
    assert!(moments(P, "SELECT * FROM a WHERE d = timestamptz($1)"));
    assert!(!moments(P, "SELECT * FROM a WHERE s = $1"));
    assert!(moments(S, "SELECT * FROM a WHERE d = date(?)"));
    assert!(!moments(S, "SELECT * FROM a WHERE date = ?"));
    assert!(!moments(M, "SELECT * FROM a WHERE d = CAST(? AS DATE)"));
    let means = |backend, text: &str| mean_the_present(backend, &[Value::from(1), text.into()]);
    assert!(means(P, "Tomorrow 12:00") && means(S, " NOW ") && means(S, "subsec"));
    assert!(!means(P, "2020-01-01") && !means(S, "tomorrow") && !means(M, "now"));
}

#[test]
fn functions_are_found_wherever_they_are_called() {
    let called = |backend, sql: &str| -> Vec<String> {
        let calls = read(backend, sql).behavior.calls.into_iter();
        calls
            .filter(|call| call.certain)
            .map(|call| call.name)
            .collect()
    };
    for (sql, names) in [
        ("SELECT f(g(x)) FROM a", &["f", "g"][..]),
        (
            "SELECT x FROM a WHERE f(x) = 1 GROUP BY g(x) HAVING h(x) > 1 ORDER BY i(x)",
            &["f", "g", "h", "i"],
        ),
        ("SELECT x FROM a JOIN b ON f(a.x) = b.x", &["f"]),
        (
            "SELECT CASE WHEN f(x) THEN 1 ELSE g(x) END FROM a",
            &["f", "g"],
        ),
        (
            "WITH q AS (SELECT f(x) AS y FROM a) SELECT y FROM q UNION SELECT g(y) FROM a",
            &["f", "g"],
        ),
        ("SELECT s.f(x) FROM a LIMIT 5", &["f"]),
        (
            "SELECT f(x) OVER (PARTITION BY g(x) ORDER BY h(x)) FROM a",
            &["f", "g", "h"],
        ),
        (
            "SELECT x FROM a WHERE x IN (SELECT f(1)) AND (x, 1) IN ((g(2), 1))",
            &["f", "g"],
        ),
        ("SELECT x FROM a LIMIT f(1)", &["f"]),
    ] {
        for backend in ALL {
            let mut found = called(backend, sql);
            found.sort_unstable();
            assert_eq!(found, names, "{backend:?}: {sql}");
        }
    }
    assert_eq!(called(P, "SELECT \"F\"(x), G(x) FROM a"), ["F", "g"]);
    assert_eq!(called(M, "SELECT `F`(x) FROM a"), ["f"]);
    assert_eq!(called(P, "SELECT x FROM a, LATERAL f(a.x) AS y"), ["f"]);
    assert_eq!(called(P, "SELECT x FROM f(1) AS y(x), a"), ["f"]);
    assert_eq!(
        called(P, "SELECT sum(x) FILTER (WHERE f(x)) FROM a"),
        ["sum", "f"]
    );
    assert_eq!(
        called(
            P,
            "SELECT x::numeric(10, 2), CAST(x AS varchar(3)) FROM a AS b(x)"
        ),
        [""; 0]
    );
}
