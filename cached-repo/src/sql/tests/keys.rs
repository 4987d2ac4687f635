//! Which keys a filter gives, and how names compare.

use super::{
    super::{Analysis, Filter, TableName, WriteKind, analyze, same_name},
    M, P, S, tuple,
};

fn filter(sql: &str) -> Filter {
    let Analysis::Writes(writes) = analyze(S, sql) else {
        panic!("{sql}");
    };
    match &writes[0].kind {
        WriteKind::Delete { filter } | WriteKind::Update { filter, .. } => filter.clone(),
        other => panic!("{other:?}"),
    }
}

fn keys(filter: &Filter, columns: &[&str]) -> String {
    match filter.keys(columns) {
        None => "none".into(),
        Some(rows) => rows.iter().map(|row| tuple(row)).collect(),
    }
}

#[test]
fn keys_are_assembled_from_pins() {
    let table: &[(&str, &[&str], &str)] = &[
        ("id = 1", &["id"], "(1)"),
        ("ID = 1", &["id"], "(1)"),
        ("id = 1", &["other"], "none"),
        ("id = 1", &["id", "other"], "none"),
        ("a = 1 AND b = 2", &["a", "b"], "(1,2)"),
        ("a = 1 AND b = 2", &["b", "a"], "(2,1)"),
        ("a = 1 AND b = 2", &["b"], "(2)"),
        ("a IN (1, 2) AND b = 3", &["a", "b"], "(1,3)(2,3)"),
        ("a IN (1, 2) AND b = 3", &["b", "a"], "(3,1)(3,2)"),
        ("a IN (1, 2) AND b IN (3, 4)", &["a", "b"], "none"),
        ("a IN (1, 2) AND b IN (3, 4)", &["a"], "(1)(2)"),
        (
            "(a, b) IN (VALUES (1, 2), (3, 4))",
            &["b", "a"],
            "(2,1)(4,3)",
        ),
        ("(a, b) IN (VALUES (1, 2), (3, 4))", &["b"], "(2)(4)"),
        (
            "(a, b) IN (VALUES (1, 2), (3, 4)) AND c = 5",
            &["a", "b", "c"],
            "(1,2,5)(3,4,5)",
        ),
        (
            "(a, b) = (1, 2) AND c IN (3, 4)",
            &["a", "b", "c"],
            "(1,2,3)(1,2,4)",
        ),
        (
            "(a, b) IN (VALUES (1, 2), (3, 4)) AND c IN (5, 6)",
            &["a", "b", "c"],
            "none",
        ),
        ("a IN (1, 2, 3) AND a IN (1, 2)", &["a"], "(1)(2)"),
        ("a IN (1, 2, 3) AND a = 2", &["a"], "(2)"),
        ("a = 1 AND a = 2", &["a"], "(1)"),
        ("a = 1 OR b = 2", &["a"], "none"),
    ];
    for (clause, columns, expected) in table {
        let filter = filter(&format!("DELETE FROM t WHERE {clause}"));
        assert_eq!(keys(&filter, columns), *expected, "{clause} {columns:?}");
    }
}

#[test]
fn no_columns_are_one_empty_key() {
    assert_eq!(keys(&filter("DELETE FROM t WHERE a = 1"), &[]), "()");
}

#[test]
fn names_compare_as_the_backend_does() {
    assert!(!same_name(P, "Users", "users"));
    assert!(same_name(S, "Users", "users"));
    assert!(same_name(M, "Über", "über"));
    assert!(!same_name(S, "Über", "über"));
    let long = "n".repeat(70);
    assert!(same_name(P, &long, &long[..63]));
    assert!(!same_name(P, &long, &long[..62]));
    assert!(!same_name(S, &long, &long[..63]));
    // The limit must not cut a letter in half.
    let wide = "é".repeat(40);
    assert!(same_name(P, &wide, &wide));
}

#[test]
fn a_missing_schema_matches_any() {
    let table = |schema: Option<&str>| TableName {
        schema: schema.map(str::to_owned),
        name: "users".to_owned(),
    };
    assert!(table(None).matches(P, Some("app"), "users"));
    assert!(table(Some("app")).matches(P, None, "users"));
    assert!(table(Some("app")).matches(P, Some("app"), "users"));
    assert!(!table(Some("app")).matches(P, Some("other"), "users"));
    assert!(!table(None).matches(P, None, "user"));
}
