//! All settings together.

use super::choice::{Consistency, DatabaseCheck, WhenStoreDown};
use super::error::{ConfigError, SettingError};
use super::preset::Preset;
use super::setting::{SETTINGS, Setting};
use super::table::{bounds_text, default_of, quantity, settings};
use std::time::Duration;

macro_rules! config {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident: $type:ty $(as $argument:ty)? = $default:tt $($unit:ident)? $(, $range:tt)?;
    )*) => {
        /// The settings of a repo.
        ///
        /// Start from [`Config::default`], from a [`Preset`] or from the environment, change the fields, and let the
        /// builder check them.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub struct Config {
            pub(super) preset: Preset,
            $(
                $(#[doc = $doc])*
                ///
                #[doc = bounds_text!($default $($unit)? $(, $range)?)]
                pub $name: $type,
            )*
        }

        impl Default for Config {
            fn default() -> Self {
                Self {
                    preset: Preset::Moderate,
                    $($name: default_of!($type; $default $($unit)? $(as $argument)?),)*
                }
            }
        }
    };
}
settings!(config);

impl Config {
    /// The settings that the environment asks for; what it does not mention comes from its preset.
    ///
    /// # Errors
    ///
    /// All variables with a wrong value. An empty variable is a wrong value: unset it to get the default.
    pub fn from_env() -> Result<Self, ConfigError> {
        // Text that is not Unicode turns into text that no setting accepts, and is reported like any other.
        Self::from_vars(|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()))
    }

    /// As [`Config::from_env`], from variables that `get` knows.
    ///
    /// # Errors
    ///
    /// All variables with a wrong value.
    pub fn from_vars(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        let mut problems = Vec::new();
        // The preset stands first in the table, so that all other variables win over it.
        for setting in SETTINGS {
            let Some(text) = get(&setting.variable()) else {
                continue;
            };
            if let Err(problem) = setting.read(&mut config, &text) {
                problems.push(SettingError::new(setting, &text, problem));
            }
        }
        if problems.is_empty() {
            config.validate().map(|()| config)
        } else {
            Err(ConfigError::new(problems))
        }
    }

    /// Checks every setting.
    ///
    /// # Errors
    ///
    /// All settings with a wrong value.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let wrong = |setting: &Setting| {
            let problem = setting.check(self).err()?;
            Some(SettingError::new(setting, &setting.show(self), problem))
        };
        let problems: Vec<_> = SETTINGS.iter().filter_map(wrong).collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::new(problems))
        }
    }

    /// The preset that the settings started from: [`Preset::Moderate`] if none was named.
    pub fn preset(&self) -> Preset {
        self.preset
    }

    /// How long a namespace epoch that was just created refuses fills: the field [`settle_time`](Config#structfield.settle_time), else
    /// [`Config::lock_time`].
    pub fn settle_time(&self) -> Duration {
        self.settle_time.unwrap_or(self.lock_time)
    }
}
