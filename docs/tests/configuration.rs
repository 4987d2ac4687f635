//! The guide's table of settings says what the settings are.

use cached_repo::Config;
use cached_repo::config::SettingError;

const PAGE: &str = include_str!("../guide/configuration.md");

/// Where each setting is declared.
const TABLE: &str = include_str!("../../cached-repo/src/config/table.rs");

/// A row of the table.
struct Row<'a> {
    setting: &'a str,
    variable: &'a str,
    default: &'a str,
    accepted: &'a str,
    does: &'a str,
}

fn rows() -> Vec<Row<'static>> {
    let table = PAGE
        .lines()
        .skip_while(|line| !line.starts_with("| setting | variable |"));
    table
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [setting, variable, default, accepted, does] = cells[..] else {
                panic!("five cells: {line}");
            };
            let bare = |cell: &'static str| cell.trim_matches('`');
            Row {
                setting: bare(setting),
                variable: bare(variable),
                default,
                accepted,
                does,
            }
        })
        .collect()
}

/// What is wrong with a configuration in which everything is.
fn problems() -> Vec<SettingError> {
    let wrong = Config::from_vars(|_| Some("no such value!".to_owned()));
    wrong.expect_err("nothing accepts this").problems().to_vec()
}

#[test]
fn every_setting_has_its_row() {
    let shown: Vec<_> = rows().iter().map(|row| row.setting).collect();
    let problems = problems();
    let there: Vec<_> = problems.iter().map(SettingError::setting).collect();
    assert_eq!(shown, there);
}

#[test]
fn variables_and_accepted_values_are_as_shown() {
    for (row, problem) in rows().iter().zip(problems()) {
        assert_eq!(row.variable, problem.variable());
        assert_eq!(row.accepted, problem.accepted(), "{}", row.setting);
    }
}

#[test]
fn defaults_are_as_shown() {
    let rows = rows();
    // A default that is no value follows from another setting.
    let default = |name: &str| {
        let row = rows.iter().find(|row| row.variable == name)?;
        Some(
            row.default
                .strip_prefix('`')?
                .trim_end_matches('`')
                .to_owned(),
        )
    };
    let config = Config::from_vars(default).expect("defaults are accepted");
    assert_eq!(config, Config::default());
    let without: Vec<_> = rows
        .iter()
        .filter(|row| !row.default.starts_with('`'))
        .collect();
    let [row] = without[..] else {
        panic!("one setting follows from another");
    };
    assert_eq!(
        (row.setting, row.default),
        ("settle_time", "that of `lock_time`")
    );
}

#[test]
fn every_setting_is_explained_as_in_its_documentation() {
    for row in rows().iter().filter(|row| row.setting != "preset") {
        assert_eq!(row.does, documentation(row.setting), "{}", row.setting);
    }
}

/// The first paragraph of a setting's documentation, without links.
fn documentation(setting: &str) -> String {
    let lines: Vec<&str> = TABLE.lines().map(str::trim).collect();
    let entry = lines
        .iter()
        .position(|line| line.starts_with(&format!("{setting}: ")));
    let above = &lines[..entry.expect("an entry")];
    let begin = above.iter().rposition(|line| !line.starts_with("///"));
    let text: Vec<&str> = above[begin.expect("a table") + 1..]
        .iter()
        .map(|line| line.trim_start_matches("///").trim())
        .take_while(|line| !line.is_empty())
        .collect();
    without_links(&text.join(" "))
}

/// `` [`bound`](Config::bound) `` is `` `bound` ``.
fn without_links(text: &str) -> String {
    let mut parts = text.split("](Config::");
    let mut plain = parts.next().unwrap_or_default().replace("[`", "`");
    for part in parts {
        let (_, rest) = part.split_once(')').expect("the end of a link");
        plain.push_str(&rest.replace("[`", "`"));
    }
    plain
}
