//! Texts made to exhaust the stack, the memory or the clock.

use std::time::{Duration, Instant};

use super::{super::analyze, M, P, S, show};

/// Half of what tokio gives its workers, in a build that wastes stack.
const SMALL_STACK: usize = 1 << 20;

/// Generous: test builds are slow and share their machine. What is quadratic or worse takes far longer.
const LIMIT: Duration = Duration::from_secs(10);

#[expect(clippy::disallowed_methods, reason = "the clock is what is tested")]
fn within_limit(what: &str, run: impl FnOnce()) {
    let start = Instant::now();
    run();
    let taken = start.elapsed();
    assert!(taken < LIMIT, "{what} took {taken:?}");
}

#[test]
fn nesting_neither_overflows_nor_hangs() {
    let openings = [
        "(",
        "((",
        "(1 + ",
        "f(",
        "NOT ",
        "- ",
        "+",
        "a IN (",
        "(SELECT ",
        "(SELECT * FROM (",
        "CASE WHEN ",
        "CAST(",
        "EXISTS (",
        "[",
        "ARRAY[",
        "{",
        "a = ANY(",
        "(a, ",
        "ROW(",
        "INTERVAL ",
        "x BETWEEN ",
        "COALESCE(1, ",
        "(WITH a AS (",
        "CASE a WHEN (",
        "a -> ",
        "a::",
        "CAST(CASE (",
        "a NOT IN (",
        "!",
        "~",
        "f(a => ",
        "EXTRACT(",
        "(VALUES (",
        "LATERAL (",
        "(DELETE FROM t WHERE ",
        "b IN (VALUES (",
    ];
    for backend in [P, M, S] {
        for head in [
            "DELETE FROM t WHERE ",
            "INSERT INTO t (a) VALUES (",
            "UPDATE t SET a = ",
            "WITH x AS (DELETE FROM t WHERE ",
        ] {
            for opening in openings {
                for depth in [5, 12, 23, 30, 10_000] {
                    let sql = format!("{head}{}", opening.repeat(depth));
                    within_limit(&format!("{backend:?} {head}{opening} x {depth}"), || {
                        assert_ne!(show(&analyze(backend, &sql)), "read", "{head}{opening}");
                    });
                }
            }
        }
    }
}

#[test]
fn balanced_nesting_is_bounded() {
    for backend in [P, M, S] {
        for depth in [10, 24, 40, 10_000] {
            for (open, close) in [
                ("(", ")"),
                ("(SELECT ", ")"),
                ("a IN (", ")"),
                ("CASE WHEN ", " THEN 1 END"),
                ("f(", ")"),
            ] {
                let sql = format!(
                    "DELETE FROM t WHERE {}1{}",
                    open.repeat(depth),
                    close.repeat(depth)
                );
                within_limit(&format!("{backend:?} {open} x {depth}"), || {
                    assert!(show(&analyze(backend, &sql)).contains('t'));
                });
                let sql = format!("SELECT * FROM {}t{}", "(".repeat(depth), ")".repeat(depth));
                assert_eq!(show(&analyze(backend, &sql)), "read");
                let sql = format!("{}DELETE FROM t{}", "(".repeat(depth), ")".repeat(depth));
                assert_ne!(show(&analyze(backend, &sql)), "read");
            }
        }
    }
}

#[test]
fn chains_are_bounded() {
    let links = [
        " AND a = 1",
        " OR a = 1",
        " + 1",
        " || a",
        "::text",
        " IS NULL",
        ".a",
        "[1]",
        " COLLATE x",
        " ISNULL",
        " NOTNULL",
        "!",
        " AT TIME ZONE 'x'",
        " -> 'a'",
        " XOR a",
        " LIKE a",
        " UNION SELECT a, b",
        " 'x'",
        " JOIN t ON a",
        ", a",
        " AND a, b",
    ];
    for backend in [P, M, S] {
        for link in links {
            for length in [100, 500, 2_000, 20_000] {
                let sql = format!("DELETE FROM t WHERE a{}", link.repeat(length));
                within_limit(&format!("{backend:?} {link} x {length}"), || {
                    assert_ne!(show(&analyze(backend, &sql)), "read", "{link}");
                });
                let sql = format!("INSERT INTO t (a) SELECT a, b{}", link.repeat(length));
                within_limit(&format!("{backend:?} insert {link} x {length}"), || {
                    assert_ne!(show(&analyze(backend, &sql)), "read", "{link}");
                });
            }
        }
    }
}

#[test]
fn large_inserts_keep_their_table() {
    for backend in [P, M, S] {
        for rows in [1_000, 1_001, 10_000] {
            let values = vec!["(1, 'a;b', NULL)"; rows].join(", ");
            let sql = format!("INSERT INTO t (a, b, c) VALUES {values}");
            within_limit(&format!("{backend:?} {rows} rows"), || {
                let shown = show(&analyze(backend, &sql));
                match rows {
                    1_000 => assert!(shown.starts_with("+t(a,b,c) (1,'a;b',null)(1,")),
                    1_001 => assert_eq!(shown, "+t(a,b,c) opaque"),
                    _ => assert_eq!(shown, "*t"),
                }
            });
        }
        let sql = format!("DELETE FROM t WHERE id IN ({})", vec!["1"; 1_001].join(","));
        assert_eq!(show(&analyze(backend, &sql)), "-t");
        let sql = format!(
            "DELETE FROM t WHERE id IN ({})",
            vec!["1"; 50_000].join(",")
        );
        assert_eq!(show(&analyze(backend, &sql)), "*t");
        let sql = format!("DELETE FROM t WHERE id = 1{}", " ".repeat(5 << 20));
        assert_eq!(show(&analyze(backend, &sql)), "unknown");
        let sql = "DELETE FROM t WHERE id = 1; ".repeat(5_000);
        assert!(show(&analyze(backend, &sql)).starts_with("-t [id](1); -t [id](1)"));
    }
}

#[test]
fn the_stack_of_a_worker_is_enough() {
    let run = || {
        for link in [
            " AND a = 1",
            " OR a = 1",
            " NOTNULL",
            " ISNULL",
            "::a",
            " - 1",
            "!",
        ] {
            for length in [300, 600, 1_000, 2_000] {
                let sql = format!("DELETE FROM t WHERE a{}", link.repeat(length));
                for backend in [P, M, S] {
                    assert!(show(&analyze(backend, &sql)).contains('t'));
                }
            }
        }
    };
    let small = std::thread::Builder::new().stack_size(SMALL_STACK / 2);
    small.spawn(run).unwrap().join().unwrap();
}

#[test]
fn what_nests_without_parentheses_is_bounded() {
    let run = || {
        let pairs = [
            ("NOT ", ""),
            ("- ", ""),
            ("~", ""),
            ("ARRAY[", "]"),
            ("[", "]"),
            ("INTERVAL ", ""),
            ("CASE WHEN ", " THEN 1 END"),
            ("CASE ", " WHEN 1 THEN 1 END"),
            ("a IN (", ")"),
            ("f(", ")"),
            ("f(a => ", ")"),
            ("(SELECT ", ")"),
            ("(DELETE FROM t WHERE ", ")"),
            ("(SELECT * FROM t FOR UPDATE) + ", ""),
            ("EXISTS (SELECT 1 WHERE ", ")"),
        ];
        for (open, close) in pairs {
            for depth in [3, 6, 12, 30, 3_000] {
                let value = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                for backend in [P, M, S] {
                    for sql in [
                        format!("DELETE FROM t WHERE a = {value}"),
                        format!("UPDATE t SET a = {value}"),
                        format!("INSERT INTO t (a) VALUES ({value})"),
                        format!("WITH x AS (DELETE FROM t WHERE {value}) SELECT 1"),
                    ] {
                        within_limit(&sql[..sql.len().min(60)], || {
                            assert_ne!(show(&analyze(backend, &sql)), "read", "{sql}");
                        });
                    }
                }
            }
        }
    };
    let small = std::thread::Builder::new().stack_size(SMALL_STACK);
    small.spawn(run).unwrap().join().unwrap();
}
