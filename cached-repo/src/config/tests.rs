//! Every setting: its default, its variable, its wrong values.

mod cases;

use super::setting::{SETTINGS, Setting};
use super::*;
use cases::CASES;
use std::collections::HashMap;
use std::time::Duration;

fn from(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let vars: HashMap<_, _> = vars.iter().copied().collect();
    Config::from_vars(|name| vars.get(name).map(|text| (*text).to_owned()))
}

fn setting(name: &str) -> &'static Setting {
    SETTINGS
        .iter()
        .find(|it| it.name == name)
        .expect("a setting")
}

#[test]
fn every_setting_has_a_case() {
    let cases: Vec<_> = CASES.iter().map(|case| case.0).collect();
    let settings: Vec<_> = SETTINGS.iter().map(|it| it.name).collect();
    assert_eq!(cases, settings);
    assert_eq!(settings.len(), 29);
}

#[test]
fn every_setting_is_read_from_its_variable_alone() {
    for (name, good, shown, ..) in CASES {
        let config = from(&[(&setting(name).variable(), good)]).unwrap();
        assert_eq!(setting(name).show(&config), *shown, "{name}");
        let defaults = Config::from(config.preset);
        for other in SETTINGS.iter().filter(|it| it.name != *name) {
            assert_eq!(
                other.show(&config),
                other.show(&defaults),
                "{name} changed {}",
                other.name
            );
        }
    }
}

#[test]
fn every_wrong_value_is_explained() {
    for (name, _, _, wrong, message) in CASES {
        let error = from(&[(&setting(name).variable(), wrong)]).unwrap_err();
        assert_eq!(error.to_string(), *message);
        assert_eq!(error.problems()[0].setting(), *name);
    }
}

#[test]
fn all_wrong_values_are_reported_at_once() {
    let vars: Vec<_> = CASES
        .iter()
        .map(|(name, _, _, wrong, _)| (setting(name).variable(), *wrong))
        .collect();
    let vars: Vec<_> = vars
        .iter()
        .map(|(variable, wrong)| (variable.as_str(), *wrong))
        .collect();
    let messages: Vec<_> = CASES.iter().map(|case| case.4).collect();
    assert_eq!(from(&vars).unwrap_err().to_string(), messages.join("\n"));
}

#[test]
fn fields_set_by_code_are_checked_like_variables() {
    let config = Config {
        namespace: String::new(),
        ttl: Duration::from_nanos(1),
        jitter: f64::NAN,
        lock_time: Duration::MAX,
        chunk: 0,
        ..Config::default()
    };
    let error = config.validate().unwrap_err();
    let wrong: Vec<_> = error
        .problems()
        .iter()
        .map(|it| (it.setting(), it.given().unwrap()))
        .collect();
    let long = "18446744073709551615.999999999s";
    let expected = [
        ("namespace", ""),
        ("ttl", "1ns"),
        ("jitter", "NaN"),
        ("lock_time", long),
        ("chunk", "0"),
    ];
    assert_eq!(wrong, expected);
}

#[test]
fn presets_are_valid_and_set_what_they_say() {
    let seconds = Duration::from_secs;
    for preset in Preset::ALL {
        let config = Config::from(preset);
        config.validate().unwrap();
        assert_eq!(
            from(&[("CACHED_REPO_PRESET", preset.name())]).unwrap(),
            config
        );
        let mut expected = Config {
            preset,
            ..Config::default()
        };
        let changed: &[(&str, &str)] = match preset {
            Preset::Aggressive => &[
                ("ttl", "1d"),
                ("negative_ttl", "5m"),
                ("capacity", "1000000"),
                ("value_limit", "8388608"),
            ],
            Preset::Moderate => &[],
            Preset::Light => &[
                ("ttl", "5m"),
                ("negative_ttl", "5s"),
                ("capacity", "10000"),
                ("value_limit", "65536"),
            ],
            Preset::MemoryOnly => &[("ttl", "1m"), ("negative_ttl", "5s"), ("settle_time", "0s")],
            Preset::Distributed => &[
                ("jitter", "0.2"),
                ("store_timeout", "250ms"),
                ("connect_timeout", "3s"),
                ("breaker_cooldown", "2s"),
            ],
        };
        for (name, text) in changed {
            setting(name).read(&mut expected, text).unwrap();
        }
        assert_eq!(config, expected, "{preset}");
    }
    assert_eq!(Config::default(), Config::from(Preset::default()));
    assert_eq!(Config::default().settle_time(), seconds(10));
}

#[test]
fn a_variable_wins_over_the_preset() {
    let config = from(&[
        ("CACHED_REPO_TTL", "7m"),
        ("CACHED_REPO_PRESET", "aggressive"),
    ])
    .unwrap();
    assert_eq!(
        config,
        Config {
            ttl: Duration::from_secs(420),
            ..Preset::Aggressive.into()
        }
    );
}

#[test]
fn a_settle_time_follows_the_lock_time_unless_it_is_set() {
    let config = from(&[("CACHED_REPO_LOCK_TIME", "3m")]).unwrap();
    assert_eq!(config.settle_time(), Duration::from_secs(180));
    let config = from(&[
        ("CACHED_REPO_LOCK_TIME", "3m"),
        ("CACHED_REPO_SETTLE_TIME", "1m"),
    ])
    .unwrap();
    assert_eq!(config.settle_time(), Duration::from_secs(60));
}

#[test]
fn what_may_be_a_password_is_not_shown() {
    let secret = "redis://user:hunter2@cache/";
    for name in [
        "CACHED_REPO_NAMESPACE",
        "CACHED_REPO_TTL",
        "CACHED_REPO_PRESET",
        "CACHED_REPO_CHUNK",
    ] {
        let error = from(&[(name, secret)]).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("user"),
            "{shown}"
        );
        assert_eq!(error.problems()[0].given(), None);
    }
    let error = from(&[("CACHED_REPO_TTL", "10hunter@cache")]).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter"));
}

#[test]
fn a_long_or_odd_text_is_shown_in_part() {
    let long = "x\n".repeat(100);
    let error = from(&[("CACHED_REPO_NAMESPACE", &long)]).unwrap_err();
    assert_eq!(
        error.problems()[0].given(),
        Some(format!("{}..", "x\\n".repeat(32)).as_str())
    );
    assert_eq!(
        error.to_string().lines().count(),
        1,
        "one line for one problem"
    );
}
