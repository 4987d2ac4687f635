//! Patterns over the names of entries.

mod glob;

pub(super) use glob::literal;

use crate::error::{Error, ErrorKind};
use glob::Glob;
use regex::bytes::{Regex, RegexBuilder};
use std::fmt;

/// Largest compiled expression in bytes.
const MAX_REGEX: usize = 1 << 20;

/// A pattern over the names of entries, without their namespace: `r:user:42` is the row 42 of the entity with the prefix `user`.
/// The guide's page on stores says how names are written.
#[derive(Clone)]
pub struct Pattern(Kind);

#[derive(Clone)]
enum Kind {
    Glob(Glob),
    Regex(Regex),
}

/// Not the pattern: it may hold a column value.
impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Glob(_) => "Pattern::glob(..)",
            Kind::Regex(_) => "Pattern::regex(..)",
        })
    }
}

impl Pattern {
    /// A glob over the whole name, as Redis has them: `*` any bytes, `?` one, `[a-z]` and `[^a-z]` one of them or none, `\` before what
    /// is to stand for itself.
    ///
    /// # Errors
    /// [`ErrorKind::Pattern`] says what is wrong, and at which byte.
    pub fn glob(text: &str) -> Result<Self, Error> {
        match Glob::parse(text) {
            Ok(glob) => Ok(Self(Kind::Glob(glob))),
            Err((what, at)) => {
                Err(wrong("the glob cannot be understood", what).with("at byte", at.to_string()))
            }
        }
    }

    /// A regular expression that is found anywhere in the name, unless `^` and `$` bind it. Names are ASCII: `\d`, `\w` and `(?i)`
    /// mean that, too. It takes time in proportion to the name, whatever the expression is.
    ///
    /// # Errors
    /// [`ErrorKind::Pattern`] says what is wrong.
    pub fn regex(text: &str) -> Result<Self, Error> {
        let mut builder = RegexBuilder::new(text);
        builder.unicode(false).size_limit(MAX_REGEX);
        match builder.build() {
            Ok(regex) => Ok(Self(Kind::Regex(regex))),
            Err(error) => {
                // The text of the error repeats the expression; its last line does not.
                let told = error.to_string();
                let reason = told
                    .lines()
                    .rev()
                    .find_map(|line| line.strip_prefix("error: "));
                let reason = reason.unwrap_or("it is too large when it is compiled");
                Err(wrong("the regular expression cannot be understood", reason))
            }
        }
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        match &self.0 {
            Kind::Glob(glob) => glob.matches(name.as_bytes()),
            Kind::Regex(regex) => regex.is_match(name.as_bytes()),
        }
    }

    /// A glob that every name matches that this pattern matches.
    pub(super) fn hint(&self) -> String {
        match &self.0 {
            Kind::Glob(glob) => glob.text(),
            Kind::Regex(_) => "*".to_owned(),
        }
    }
}

fn wrong(message: &'static str, what: &str) -> Error {
    Error::new(ErrorKind::Pattern, message).with("reason", what)
}
