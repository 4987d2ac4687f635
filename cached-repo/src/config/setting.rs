//! Settings as values: how each is read, checked and shown.

use super::table::{quantity, range_of, settings};
use super::value::Value;
use super::{Config, Consistency, DatabaseCheck, Preset, WhenStoreDown};
use std::time::Duration;

/// One setting.
pub(super) struct Setting {
    /// The name of its field in [`Config`].
    pub(super) name: &'static str,
    read: fn(&mut Config, &str) -> Result<(), String>,
    check: fn(&Config) -> Result<(), String>,
    show: fn(&Config) -> String,
    accepted: fn() -> String,
}

/// Reading a preset sets all other settings.
const PRESET: Setting = Setting {
    name: "preset",
    read: |config, text| {
        *config = Preset::read(text)?.into();
        Ok(())
    },
    check: |config| config.preset.check(&()),
    show: |config| config.preset.show(),
    accepted: || Preset::accepted(&()),
};

macro_rules! list {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident: $type:ty $(as $argument:ty)? = $default:tt $($unit:ident)? $(, $range:tt)?;
    )*) => {
        /// All settings. The preset comes first, so that all others win over it.
        pub(super) const SETTINGS: &[Setting] = &[PRESET, $(Setting {
            name: stringify!($name),
            read: |config, text| {
                config.$name = Value::read(text)?;
                Ok(())
            },
            check: |config| config.$name.check(&(range_of!($($range)?))),
            show: |config| config.$name.show(),
            accepted: || <$type>::accepted(&(range_of!($($range)?))),
        }),*];
    };
}
settings!(list);

/// The environment variable of the setting `name`.
pub(super) fn variable(name: &str) -> String {
    format!("CACHED_REPO_{}", name.to_ascii_uppercase())
}

impl Setting {
    /// The environment variable that sets it.
    pub(super) fn variable(&self) -> String {
        variable(self.name)
    }

    /// Sets it to what `text` means, if that is a value it accepts.
    pub(super) fn read(&self, config: &mut Config, text: &str) -> Result<(), String> {
        (self.read)(config, text)?;
        self.check(config)
    }

    /// Whether its value is one that it accepts; else what is wrong, as the end of a sentence.
    pub(super) fn check(&self, config: &Config) -> Result<(), String> {
        (self.check)(config)
    }

    /// Its value, as it would be written in the environment.
    pub(super) fn show(&self, config: &Config) -> String {
        (self.show)(config)
    }

    /// What values it takes.
    pub(super) fn accepted(&self) -> String {
        (self.accepted)()
    }
}
