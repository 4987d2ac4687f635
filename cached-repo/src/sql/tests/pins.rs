//! Of which rows queries depend.

use super::super::reads::reads;
use super::{DbBackend, S, corpus, pins};

/// What the text pins of each table.
fn pinned(backend: DbBackend, sql: &str) -> String {
    let Some(found) = reads(backend, sql) else {
        return "cannot be told".into();
    };
    let mut tables: Vec<String> = (found.pinned.iter())
        .map(|pinned| {
            let filters: Vec<String> = pinned.filters.iter().map(pins).collect();
            format!("{}{}", pinned.table, filters.join(" and"))
        })
        .collect();
    tables.sort_unstable();
    tables.join("; ")
}

#[test]
fn what_each_query_pins_is_certain() {
    let mut wrong = Vec::new();
    for (backend, sql, expected) in corpus::cases_of(include_str!("corpus/pins.txt")) {
        let found = pinned(backend, &sql);
        let right = match expected.strip_prefix("nothing: ") {
            Some(_) => found.is_empty(),
            None => found == expected,
        };
        if !right {
            wrong.push(format!(
                "{backend:?}: {sql}\n  expected {expected}\n  found    {found}"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn very_many_mentions_are_not_looked_at() {
    let union = |count: usize| vec!["SELECT * FROM o WHERE c = 7"; count].join(" UNION ALL ");
    assert!(pinned(S, &union(32)).starts_with("o [c](7) and [c](7)"));
    assert_eq!(pinned(S, &union(33)), "");
}
