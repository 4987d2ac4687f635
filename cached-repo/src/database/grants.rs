//! What `SHOW GRANTS` of MySQL and MariaDB says about triggers.

/// Whether a user with these grants may see triggers of a database. Where that cannot be told, it may.
pub(super) fn sees_triggers(grants: &[String], database: &str) -> bool {
    let doubtful = grants.is_empty() || grants.iter().any(|grant| is_role(grant));
    doubtful || grants.iter().any(|grant| shows(grant, database))
}

/// ``GRANT `role` TO `user`@`host` ``: what the role may is not always told.
fn is_role(grant: &str) -> bool {
    grant.starts_with("GRANT ") && !grant.contains(" ON ")
}

fn shows(grant: &str, database: &str) -> bool {
    let Some((rights, rest)) = grant
        .strip_prefix("GRANT ")
        .and_then(|grant| grant.split_once(" ON "))
    else {
        return false;
    };
    let shows = rights
        .split(", ")
        .any(|right| matches!(right, "TRIGGER" | "ALL PRIVILEGES"));
    shows && covers(rest, database)
}

/// Whether ``*.* TO ..`` or `` `shop`.* TO ..`` covers the database. A pattern may cover any.
fn covers(object: &str, database: &str) -> bool {
    let Some(rest) = object.strip_prefix('`') else {
        return object.starts_with("*.*");
    };
    let name = rest
        .split("`.")
        .next()
        .unwrap_or_default()
        .replace("``", "`")
        .replace("\\_", "_");
    name.contains('%') || name == database || name.eq_ignore_ascii_case(database)
}

#[cfg(test)]
mod tests {
    use super::sees_triggers;

    fn sees(grants: &[&str]) -> bool {
        let grants: Vec<String> = grants.iter().map(|grant| (*grant).to_owned()).collect();
        sees_triggers(&grants, "shop_1")
    }

    #[test]
    fn a_right_to_triggers_shows_them() {
        assert!(sees(&[
            "GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION"
        ]));
        assert!(sees(&[
            "GRANT SELECT, TRIGGER, UPDATE ON `shop\\_1`.* TO `app`@`%`"
        ]));
        assert!(sees(&["GRANT TRIGGER ON `shop_1`.`users` TO `app`@`%`"]));
        assert!(sees(&[
            "GRANT USAGE ON *.* TO `app`@`%`",
            "GRANT ALL PRIVILEGES ON `shop%`.* TO `app`@`%`"
        ]));
    }

    #[test]
    fn without_it_they_are_hidden() {
        assert!(!sees(&[
            "GRANT USAGE ON *.* TO `app`@`%`",
            "GRANT SELECT, INSERT ON `shop_1`.* TO `app`@`%`"
        ]));
        assert!(!sees(&["GRANT TRIGGER ON `other`.* TO `app`@`%`"]));
    }

    #[test]
    fn what_cannot_be_told_is_no_accusation() {
        assert!(sees(&[]));
        assert!(sees(&[
            "GRANT USAGE ON *.* TO `app`@`%`",
            "GRANT `writers`@`%` TO `app`@`%`"
        ]));
    }
}
