//! The corpus: texts and what they write, in `corpus/*.txt`.

use sea_orm::DbBackend;

use super::{
    super::{Analysis, analyze},
    M, P, S, show,
};

const CORPUS: [&str; 3] = [
    include_str!("corpus/reads.txt"),
    include_str!("corpus/writes.txt"),
    include_str!("corpus/others.txt"),
];

/// The lines of the corpus.
pub(super) fn cases() -> Vec<(DbBackend, String, &'static str)> {
    CORPUS.into_iter().flat_map(cases_of).collect()
}

/// The lines of a text: a backend, the SQL, what is expected.
pub(super) fn cases_of(text: &'static str) -> Vec<(DbBackend, String, &'static str)> {
    let mut cases = Vec::new();
    for line in text.lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (backends, rest) = line.split_once(": ").expect(line);
        let (sql, expected) = rest.rsplit_once(" => ").expect(line);
        for backend in backends.chars() {
            let backend = match backend {
                'P' => P,
                'M' => M,
                'S' => S,
                _ => panic!("{line}"),
            };
            cases.push((backend, decode(sql), expected));
        }
    }
    cases
}

fn decode(sql: &str) -> String {
    let stands_for = |char| match char {
        '␊' => '\n',
        '␍' => '\r',
        '␠' => '\u{a0}',
        '␀' => '\0',
        '␢' => '\u{feff}',
        char => char,
    };
    sql.chars().map(stands_for).collect()
}

/// The texts that change something.
pub(super) fn writing() -> Vec<(DbBackend, String)> {
    let changes = cases()
        .into_iter()
        .filter(|(.., expected)| *expected != "read");
    changes.map(|(backend, sql, _)| (backend, sql)).collect()
}

#[test]
fn every_text_is_understood() {
    let wrong: Vec<String> = cases()
        .into_iter()
        .filter_map(|(backend, sql, expected)| {
            let shown = show(&analyze(backend, &sql));
            (shown != expected)
                .then(|| format!("{backend:?}: {sql}\n  expected {expected}\n  found    {shown}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_cheap_scan_agrees_with_the_close_look() {
    for (backend, sql, _) in cases() {
        let close = super::super::script::closely(backend, &sql);
        if analyze(backend, &sql) == Analysis::Read && close != Analysis::Read {
            // The close look may be in doubt where the scan is not, but never surer.
            assert_eq!(close, Analysis::Unknown, "{backend:?}: {sql}");
        }
    }
}

#[test]
fn the_corpus_is_large() {
    assert!(cases().len() >= 500, "{}", cases().len());
}
