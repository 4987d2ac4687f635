//! The guide's table of settings says what the settings are.

use cached_repo::{Config, SettingError};

const PAGE: &str = include_str!("../guide/configuration.md");

/// A row of the first table: setting, variable, default, accepted.
struct Row<'a> {
    setting: &'a str,
    variable: &'a str,
    default: &'a str,
    accepted: &'a str,
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
            let [setting, variable, default, accepted] = cells[..] else {
                panic!("four cells: {line}");
            };
            let bare = |cell: &'static str| cell.trim_matches('`');
            Row {
                setting: bare(setting),
                variable: bare(variable),
                default: bare(default),
                accepted,
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
    let default = |name: &str| {
        rows.iter()
            .find(|row| row.variable == name)
            .map(|row| row.default.to_owned())
    };
    let mut config = Config::from_vars(default).expect("defaults are accepted");
    // The table shows what the default amounts to.
    assert_eq!(config.settle_time, Some(Config::default().settle_time()));
    config.settle_time = None;
    assert_eq!(config, Config::default());
}

#[test]
fn every_setting_is_explained() {
    let second = PAGE
        .split("| setting | what it does |")
        .nth(1)
        .expect("a second table");
    for row in rows() {
        assert!(
            second.contains(&format!("| `{}` |", row.setting)),
            "`{}` is not explained",
            row.setting
        );
    }
}
