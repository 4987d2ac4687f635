//! What a log shows of a statement.

use super::super::outline::outline;
use super::{M, P, S};

#[test]
fn values_are_left_out_and_words_stay() {
    for (backend, sql, shown) in [
        (
            P,
            "DO $$ BEGIN DELETE FROM t WHERE a = 'secret'; END $$",
            "DO ?",
        ),
        (
            P,
            "CALL app.\"pay\"(17, 'secret', E'se\\ncret', $1, B'01')",
            "CALL app.\"pay\" (?, ?, ?, $1, ?)",
        ),
        (
            P,
            "WITH x AS (gibberish -- secret\n /* secret */ 5) SELECT a::int FROM t WHERE b <> -0.5",
            "WITH x AS (gibberish ?) SELECT a :: int FROM t WHERE b <> - ?",
        ),
        (
            S,
            "BEGIN; UPDATE \"users\" SET \"name\" = \"secret\" WHERE id = ?; COMMIT",
            "BEGIN; UPDATE \"users\" SET ? = ? WHERE id = ?; COMMIT",
        ),
        (
            M,
            "CALL `pay`(\"secret\", 0x1F, @n := 5, _utf8'secret', N'secret')",
            "CALL `pay` (?, ?, @n := ?, _utf8 ?, ?)",
        ),
    ] {
        let found = outline(backend, sql);
        assert_eq!(found, shown, "{sql}");
    }
}

#[test]
fn it_is_one_line_and_short() {
    let long = format!("CALL p({})", "secret, ".repeat(5000));
    let shown = outline(P, &long);
    assert!(shown.chars().count() <= 203, "{}", shown.chars().count());
    assert_eq!(outline(P, "CALL\n\t\"a\nb\" (\n1)"), "CALL \"a b\" (?)");
}

#[test]
fn of_a_text_that_cannot_be_taken_apart_only_the_first_words_are_shown() {
    for backend in [P, M, S] {
        assert_eq!(outline(backend, "CALL p('secret"), "CALL ..");
        assert_eq!(outline(backend, "'secret"), "..");
        assert_eq!(outline(backend, ""), "");
    }
    assert_eq!(
        outline(M, "DELETE FROM t /*! WHERE a = 'secret' */"),
        "DELETE FROM t .."
    );
    assert_eq!(outline(M, "CALL p('se\\'cret')"), "CALL ..");
}

#[test]
fn no_text_of_any_kind_shows_a_value() {
    for (backend, sql) in super::corpus::writing() {
        let shown = outline(backend, &sql);
        assert!(!shown.contains('\''), "{backend:?}: {sql}: {shown}");
        let digit = |at: usize| {
            let before = shown[..at].chars().next_back();
            before.is_none_or(|before| !before.is_alphanumeric() && !"$_\"`".contains(before))
        };
        let mut digits = shown
            .char_indices()
            .filter(|(_, char)| char.is_ascii_digit());
        assert!(
            !digits.any(|(at, _)| digit(at)),
            "{backend:?}: {sql}: {shown}"
        );
    }
}
