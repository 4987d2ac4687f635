//! Random changes to the texts of the corpus. Set `SQL_SEED` to repeat a run.

use super::{
    super::{Analysis, TransactionVerb, analyze},
    DbBackend, M, P, S, corpus,
};

const ROUNDS: usize = 4_000;

fn seeded() -> fastrand::Rng {
    let given = std::env::var("SQL_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| fastrand::u64(..));
    println!("SQL_SEED={seed}");
    fastrand::Rng::with_seed(seed)
}

/// Blanks and comments that mean nothing to the backend.
fn blank(rng: &mut fastrand::Rng, backend: DbBackend) -> &'static str {
    let common = [
        " ",
        "\n",
        "\t",
        "\r\n",
        "  ",
        "/**/",
        "/* ; */",
        "/* 'x */",
        "/* SELECT 1 */",
        "-- x\n",
        "-- '\n",
        "-- ; \n",
    ];
    let more: &[&str] = match backend {
        P => &["--\n", "--x\r\n", "/* /* a */ */", "/* /*/ */ */"],
        M => &["# x\n", "#'\n", "/* /* a */"],
        _ => &["--\n", "/* /* a */"],
    };
    let at = rng.usize(..common.len() + more.len());
    common
        .get(at)
        .copied()
        .unwrap_or_else(|| more[at - common.len()])
}

#[test]
fn blanks_never_turn_a_write_into_a_read() {
    let mut rng = seeded();
    let texts = corpus::writing();
    for _ in 0..ROUNDS {
        let (backend, text) = &texts[rng.usize(..texts.len())];
        let mut sql = text.clone();
        for _ in 0..rng.usize(1..5) {
            sql.insert_str(0, blank(&mut rng, *backend));
        }
        // A line comment at the end of the text may swallow what is appended, which is as it should be.
        for _ in 0..rng.usize(..4) {
            sql.push_str(blank(&mut rng, *backend));
        }
        assert_ne!(
            analyze(*backend, &sql),
            Analysis::Read,
            "{backend:?}: {sql:?}"
        );
    }
}

#[test]
fn reads_around_a_write_do_not_hide_it() {
    let mut rng = seeded();
    let texts = corpus::writing();
    let reads = [
        "SELECT 1",
        "SELECT ';'",
        "SELECT 'DELETE FROM t'",
        "VALUES (1)",
        "SELECT 1 /* ; */",
        "SELECT 1 -- ;\n",
        "",
    ];
    for _ in 0..ROUNDS {
        let (backend, text) = &texts[rng.usize(..texts.len())];
        let before = reads[rng.usize(..reads.len())];
        let after = reads[rng.usize(..reads.len())];
        let sql = format!("{before};{text}\n;{after}");
        assert_ne!(
            analyze(*backend, &sql),
            Analysis::Read,
            "{backend:?}: {sql:?}"
        );
    }
}

#[test]
fn a_text_in_a_string_is_a_string() {
    let mut rng = seeded();
    let texts = corpus::writing();
    for _ in 0..ROUNDS {
        let (backend, text) = &texts[rng.usize(..texts.len())];
        let quoted = text.replace('\'', "''");
        let read = format!("SELECT '{quoted}'");
        let analysis = analyze(*backend, &read);
        // A backslash before the closing quote is in doubt.
        let doubtful = matches!(analysis, Analysis::Unknown | Analysis::Schema);
        assert!(
            analysis == Analysis::Read || doubtful && !sure(*backend, text),
            "{read}: {analysis:?}"
        );
        let write = format!("DELETE FROM t WHERE a = '{quoted}'");
        let analysis = analyze(*backend, &write);
        let one = matches!(&analysis, Analysis::Writes(writes) if writes.len() == 1 && writes[0].table.name == "t");
        assert!(one || !sure(*backend, text), "{write}: {analysis:?}");
    }
}

fn sure(backend: DbBackend, text: &str) -> bool {
    let executable = backend == M && (text.contains("/*!") || text.contains("/*M!"));
    !text.contains('\\') && text.is_ascii() && !executable
}

#[test]
fn nothing_panics() {
    let mut rng = seeded();
    let cases = corpus::cases();
    let pieces = [
        ";",
        "'",
        "\"",
        "`",
        "[",
        "]",
        "(",
        ")",
        "--",
        "/*",
        "*/",
        "/*!",
        "$$",
        "$a$",
        "$1",
        "?",
        "?1",
        ":a",
        "@",
        "\\",
        "\\'",
        "\0",
        "\u{feff}",
        "é",
        "😀",
        "E'",
        "U&'",
        "x'",
        "0x",
        "1e",
        ".",
        "..",
        "WITH ",
        " AS ",
        "SELECT ",
        "INSERT ",
        "UPDATE ",
        "DELETE ",
        " FROM ",
        " INTO ",
        " SET ",
        " WHERE ",
        " AND ",
        " OR ",
        " IN ",
        " CASE ",
        " END ",
        " ON ",
        " CONFLICT ",
        " VALUES ",
        " RETURNING ",
        "::",
        "||",
        "=",
        "<>",
        ",",
        "*",
        "-",
        "NOT ",
        "DEFAULT",
        "NULL",
        "ANALYZE ",
        "EXPLAIN ",
        "COPY ",
        "TRUNCATE ",
        "REPLACE ",
        "LIMIT ",
        "ORDER ",
        "ONLY ",
        "MERGE ",
        "TABLE ",
    ];
    for _ in 0..ROUNDS * 5 {
        let (backend, text, _) = &cases[rng.usize(..cases.len())];
        let backend = if rng.u8(..4) == 0 {
            [P, M, S][rng.usize(..3)]
        } else {
            *backend
        };
        let mut chars: Vec<char> = text.chars().collect();
        for _ in 0..rng.usize(1..6) {
            let at = rng.usize(..=chars.len());
            match rng.u8(..5) {
                0 if at < chars.len() => drop(chars.remove(at)),
                1 => chars.truncate(at),
                2 if at < chars.len() => {
                    let other = rng.usize(..chars.len());
                    chars.swap(at, other);
                }
                3 => {
                    let (_, other, _) = &cases[rng.usize(..cases.len())];
                    let cut = rng.usize(..=other.chars().count());
                    chars.splice(at..at, other.chars().take(cut));
                }
                _ => {
                    let piece = pieces[rng.usize(..pieces.len())];
                    chars.splice(at..at, piece.chars());
                }
            }
        }
        let sql: String = chars.into_iter().collect();
        let run = std::panic::AssertUnwindSafe(|| analyze(backend, &sql));
        assert!(
            std::panic::catch_unwind(run).is_ok(),
            "{backend:?}: {sql:?}"
        );
    }
}

#[test]
fn a_transaction_may_end_where_the_backend_ends_it() {
    let ends = |backend, sql| analyze(backend, sql).may_end_transaction(backend);
    for backend in [P, M, S] {
        assert!(ends(backend, "COMMIT"));
        assert!(ends(backend, "CALL p()"));
        assert!(!ends(backend, "SELECT 1"));
        assert!(!ends(backend, "DELETE FROM t"));
        assert!(!ends(backend, "SAVEPOINT a"));
        assert_eq!(ends(backend, "CREATE TABLE t (a int)"), backend == M);
        assert_eq!(ends(backend, "TRUNCATE TABLE t"), backend == M);
        assert_eq!(ends(backend, "BEGIN"), backend == M);
        assert!(!ends(backend, "RELEASE a"));
    }
    assert_eq!(
        analyze(M, "LOCK TABLES t READ"),
        Analysis::Transaction(TransactionVerb::Implied)
    );
}

#[test]
fn a_transaction_that_a_text_has_begun_ends_where_the_backend_ends_it() {
    let ends = |backend, sql, begun| analyze(backend, sql).may_end_another(backend, begun);
    for backend in [P, M, S] {
        for begun in [false, true] {
            assert!(ends(backend, "COMMIT", begun));
            assert!(ends(backend, "ROLLBACK", begun));
            assert!(!ends(backend, "SAVEPOINT a", begun));
            assert!(!ends(backend, "SELECT 1", begun));
            assert_eq!(ends(backend, "BEGIN", begun), begun && backend == M);
            assert_eq!(ends(backend, "RELEASE a", begun), begun && backend == S);
        }
        let begins = |sql| analyze(backend, sql).may_begin_transaction();
        assert!(begins("BEGIN") && begins("SAVEPOINT a") && begins("CALL p()"));
        assert!(!begins("SELECT 1") && !begins("RELEASE a") && !begins("DELETE FROM t"));
    }
    assert!(ends(M, "FLUSH TABLES", true) && !ends(M, "FLUSH TABLES", false));
    assert!(analyze(M, "SET autocommit = 0").may_begin_transaction());
}
