//! Proof of a write, for reads elsewhere that must see it.

use crate::error::{Error, ErrorKind};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Says up to where writes must be seen: [`CachedRepo::token`](crate::CachedRepo::token) gives one after a write, and a read
/// that is given it with `.at_least(&token)`, in any process, never sees anything older.
///
/// Keep it where the next request of the same user can find it: as text it has at most 18 letters, digits and dots, fit for a
/// cookie or a header. It says nothing about the data. It is of use for repos of the same namespace and store.
///
/// ```
/// # use cached_repo::WriteToken;
/// # fn main() -> Result<(), cached_repo::Error> {
/// let token = WriteToken::default();
/// let header = token.to_string();
/// assert_eq!(header.parse::<WriteToken>()?, token);
/// # Ok(())
/// # }
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(into = "String", try_from = "String")]
pub struct WriteToken(u64);

/// The form of the text; raised when the meaning changes.
const FORM: &str = "1.";

impl WriteToken {
    /// Of a write whose invalidation has not reached the store: only the database is sure to show it.
    pub(crate) const UNDELIVERED: Self = Self(u64::MAX);

    /// Of all writes up to the notice of this number.
    pub(crate) fn up_to(number: u64) -> Self {
        Self(number)
    }

    pub(crate) fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for WriteToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FORM}{:x}", self.0)
    }
}

impl FromStr for WriteToken {
    type Err = Error;

    /// # Errors
    /// [`ErrorKind::Token`] for any other text: then read with `.strict()`, or without.
    fn from_str(text: &str) -> Result<Self, Error> {
        let digits = text.strip_prefix(FORM);
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        number.map(Self).ok_or_else(|| {
            Error::new(
                ErrorKind::Token,
                "this is no write token of this release; pass on what `token()` gave, or read with `.strict()`",
            )
        })
    }
}

impl From<WriteToken> for String {
    fn from(token: WriteToken) -> Self {
        token.to_string()
    }
}

impl TryFrom<String> for WriteToken {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_short_and_comes_back() {
        for token in [WriteToken(0), WriteToken(0x3f9a), WriteToken::UNDELIVERED] {
            let text = token.to_string();
            assert!(text.len() <= 18, "{text}");
            assert!(
                text.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
            );
            assert_eq!(text.parse::<WriteToken>().expect("its own text"), token);
            let json = serde_json::to_string(&token).expect("text");
            assert_eq!(json, format!("\"{text}\""));
            let back: WriteToken = serde_json::from_str(&json).expect("its own text");
            assert_eq!(back, token);
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", "1.", "1.+1", "2.1", "1.g", "1.10000000000000000", "1"] {
            let error = text.parse::<WriteToken>().expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Token, "{text}");
        }
    }
}
