//! What is wrong with the settings.

use std::fmt;

use super::setting::Setting;

/// How much of a wrong text is shown.
const SHOWN: usize = 64;

/// One setting with a wrong value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    setting: &'static str,
    given: Option<String>,
    problem: String,
    accepted: String,
}

impl SettingError {
    pub(super) fn new(setting: &Setting, given: &str, problem: String) -> Self {
        let given = harmless(given);
        let problem = match given {
            Some(_) => problem,
            None => "the value looks like a URL and is not shown".to_owned(),
        };
        Self {
            setting: setting.name,
            given,
            problem,
            accepted: setting.accepted(),
        }
    }

    /// The name of the setting, which is that of the field of [`Config`](super::Config).
    pub fn setting(&self) -> &'static str {
        self.setting
    }

    /// The environment variable of the setting.
    pub fn variable(&self) -> String {
        super::setting::variable(self.setting)
    }

    /// The value, unless it could be a secret.
    pub fn given(&self) -> Option<&str> {
        self.given.as_deref()
    }

    /// What values the setting takes.
    pub fn accepted(&self) -> &str {
        &self.accepted
    }
}

/// The text to show. No setting is a secret, but a URL with a password may end up in the wrong variable.
fn harmless(text: &str) -> Option<String> {
    if text.contains("://") || text.contains('@') {
        return None;
    }
    let mut shown: String = text
        .chars()
        .take(SHOWN)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push_str("..");
    }
    Some(shown)
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({}): ", self.setting, self.variable())?;
        if let Some(given) = &self.given {
            write!(f, "`{given}` ")?;
        }
        f.write_str(&self.problem)?;
        write!(f, "; expected {}", self.accepted)
    }
}

impl std::error::Error for SettingError {}

/// All settings with a wrong value, one to a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<SettingError>,
}

impl ConfigError {
    pub(super) fn new(problems: Vec<SettingError>) -> Self {
        Self { problems }
    }

    /// What is wrong, in the order of the settings. Never empty.
    pub fn problems(&self) -> &[SettingError] {
        &self.problems
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
