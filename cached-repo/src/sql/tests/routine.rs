//! Which tables the code of triggers and rules writes.

use super::{M, P, S};
use crate::sql::{Code, written};
use sea_orm::DbBackend;

/// Tables that are written, and behind a question mark those that may be.
fn show(backend: DbBackend, code: Code, text: &str) -> String {
    let shown = written(backend, code, text).into_iter().map(|mention| {
        let schema = mention.table.schema.map(|schema| format!("{schema}."));
        let doubt = if mention.certain { "" } else { "?" };
        format!(
            "{doubt}{}{}",
            schema.unwrap_or_default(),
            mention.table.name
        )
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn statements_between_words_of_a_procedure_are_found() {
    for (backend, text, tables) in [
        (
            P,
            "BEGIN UPDATE users SET n = n + 1 WHERE id = NEW.user_id; RETURN NEW; END;",
            "users",
        ),
        (
            P,
            "BEGIN IF TG_OP = 'DELETE' THEN DELETE FROM shop.\"Users\"; ELSE INSERT INTO b DEFAULT VALUES; END IF; END",
            "shop.Users b",
        ),
        (
            P,
            "<<a>> BEGIN <<b>> LOOP TRUNCATE users; EXIT b; END LOOP b; END",
            "users",
        ),
        (
            P,
            "BEGIN INSERT INTO a (x) VALUES (1) ON CONFLICT (x) DO UPDATE SET x = 2 RETURNING x INTO NEW.y; END",
            "a",
        ),
        (
            P,
            "BEGIN WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone; END",
            "a b",
        ),
        (
            P,
            "BEGIN MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN UPDATE SET x = 1; END",
            "a",
        ),
        (
            M,
            "UPDATE `users` SET n = n + 1 WHERE id = NEW.user_id",
            "users",
        ),
        (
            M,
            "BEGIN DECLARE n INT; IF NEW.x > 1 THEN REPLACE INTO a VALUES (1); END IF; END",
            "a",
        ),
        (
            M,
            "l: BEGIN w: WHILE @a DO DELETE a, b FROM a JOIN b ON a.id = b.id; END WHILE w; END",
            "a b",
        ),
        (
            M,
            "INSERT INTO a VALUES (1) ON DUPLICATE KEY UPDATE b = 2",
            "a",
        ),
    ] {
        assert_eq!(show(backend, Code::Body, text), tables, "{text}");
    }
}

#[test]
fn what_is_only_read_is_left_out() {
    for (backend, text) in [
        (
            P,
            "BEGIN SELECT count(*) INTO n FROM users; NEW.n := n; RETURN NEW; END;",
        ),
        (
            P,
            "BEGIN PERFORM 1 FROM users WHERE id = NEW.id FOR UPDATE; PERFORM 1 FROM users FOR NO KEY UPDATE; END",
        ),
        (
            P,
            "BEGIN -- UPDATE users SET x = 1;\n RAISE NOTICE 'DELETE FROM users'; /* INSERT INTO users */ RETURN NULL; END",
        ),
        (
            P,
            "BEGIN NEW.name := replace(NEW.name, 'a', 'b'); NEW.update := OLD.delete; RETURN NEW; END",
        ),
        (
            M,
            "BEGIN SET NEW.n = (SELECT count(*) FROM users); SELECT name INTO @n FROM users LIMIT 1; END",
        ),
        (
            M,
            "SET NEW.name = INSERT(NEW.name, 1, 2, 'UPDATE users SET x = 1')",
        ),
        (
            P,
            "BEGIN RAISE NOTICE E'it\\'s; UPDATE users'; RAISE NOTICE '\\'; RETURN NULL; END",
        ),
        (M, "BEGIN # UPDATE users SET x = 1\n SET NEW.a = 1; END"),
    ] {
        assert_eq!(show(backend, Code::Body, text), "", "{text}");
    }
}

#[test]
fn of_a_write_that_cannot_be_read_every_name_counts() {
    let text =
        "BEGIN FOR r IN UPDATE users SET x = 1 RETURNING id LOOP DELETE FROM orders; END LOOP; END";
    let shown = show(P, Code::Body, text);
    assert!(
        shown.contains("?users") && shown.contains("?orders"),
        "{shown}"
    );
    let text =
        "BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION INSERT INTO users VALUES ('orders'); END";
    let shown = show(M, Code::Body, text);
    assert!(
        shown.contains("?users") && !shown.contains("orders"),
        "{shown}"
    );
    // MariaDB runs what stands in such a comment.
    assert!(
        show(
            M,
            Code::Body,
            "BEGIN /*!50000 UPDATE users SET x = 1 */; END"
        )
        .contains("?users")
    );
}

#[test]
fn a_trigger_of_sqlite_is_read_behind_its_header() {
    for (text, tables) in [
        (
            "CREATE TRIGGER t AFTER DELETE ON orders BEGIN UPDATE users SET n = n - 1 WHERE id = OLD.user_id; END",
            "users",
        ),
        (
            "CREATE TRIGGER t UPDATE OF a ON orders WHEN NEW.begin > 1 BEGIN SELECT 1 FROM users; DELETE FROM a; END",
            "a",
        ),
        (
            "CREATE TRIGGER delete_users BEFORE INSERT ON orders BEGIN SELECT RAISE(ABORT, 'no') FROM users; END",
            "",
        ),
        (
            "CREATE TEMP TRIGGER t INSERT ON a BEGIN INSERT OR REPLACE INTO [b c] SELECT CASE WHEN 1 THEN 2 END FROM d; END",
            "b c",
        ),
        (
            "create trigger t insert on a begin insert into b default values; end",
            "b",
        ),
    ] {
        assert_eq!(show(S, Code::Trigger, text), tables, "{text}");
    }
}

#[test]
fn a_rule_is_read_behind_its_header() {
    for (text, tables) in [
        (
            "CREATE RULE r AS ON DELETE TO public.a DO ( DELETE FROM \"B\" WHERE (\"B\".a = old.id);\n NOTIFY x;\n);",
            "B",
        ),
        (
            "CREATE RULE r AS ON INSERT TO public.a WHERE (new.id > 3) DO INSTEAD NOTHING;",
            "",
        ),
        (
            "CREATE RULE r AS ON UPDATE TO public.a DO INSTEAD UPDATE b SET x = new.x;",
            "b",
        ),
        (
            "CREATE RULE r AS ON INSERT TO public.a DO ALSO SELECT 1 FROM b;",
            "",
        ),
    ] {
        assert_eq!(show(P, Code::Rule, text), tables, "{text}");
    }
}

#[test]
fn in_other_languages_strings_count() {
    let text = "plpy.execute(\"UPDATE Users SET x = 1\")";
    let shown = show(P, Code::Foreign, text);
    assert!(shown.contains("?Users ?users"), "{shown}");
    assert_eq!(
        show(P, Code::Foreign, "plpy.execute('SELECT 1 FROM users')"),
        ""
    );
}
