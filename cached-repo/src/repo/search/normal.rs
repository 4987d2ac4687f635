//! Search texts in one form.

use crate::error::{Error, ErrorKind};
use std::fmt;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

/// Characters of a text unless it is told otherwise.
const MAX_LENGTH: usize = 200;

/// A text may be this much longer before it is normalized: blanks and accents go.
const SLACK: usize = 8;

/// A search text in the form in which texts that mean the same are equal: NFKC, lower case, its words separated by one blank. ResultShape
/// by [`Search::normalize`](super::Search::normalize).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Normalized(Arc<str>);

impl Normalized {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its words.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|word| !word.is_empty())
    }

    /// Whether it has no words.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl AsRef<str> for Normalized {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Not the text: users write into searches what they would not write into logs.
impl fmt::Debug for Normalized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Normalized(..)")
    }
}

/// What texts are held to be the same, and which are refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) any_order: bool,
    pub(super) max_length: usize,
    pub(super) allows_empty: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            any_order: false,
            max_length: MAX_LENGTH,
            allows_empty: false,
        }
    }
}

impl Rules {
    pub(super) fn normalize(self, text: &str) -> Result<Normalized, Error> {
        if text.chars().count() > self.max_length.saturating_mul(SLACK) {
            return Err(self.too_long());
        }
        let folded = folded(text);
        // What is no character to be seen separates words as well: a database may refuse it.
        let separates = |letter: char| letter.is_whitespace() || letter.is_control();
        let mut words: Vec<&str> = (folded.split(separates))
            .filter(|word| !word.is_empty())
            .collect();
        if self.any_order {
            words.sort_unstable();
        }
        let text = words.join(" ");
        if text.chars().count() > self.max_length {
            return Err(self.too_long());
        }
        if text.is_empty() && !self.allows_empty {
            return Err(Error::new(
                ErrorKind::Search,
                "the search text is empty: ask for some words, or let the search allow it by `.allow_empty()`",
            ));
        }
        Ok(Normalized(text.into()))
    }

    fn too_long(self) -> Error {
        let message =
            "the search text is too long: ask for a shorter one, or raise `.max_length(..)`";
        Error::new(ErrorKind::Search, message).with("limit", self.max_length.to_string())
    }
}

/// Lower case in the normal form NFKC.
fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded: String = text.nfkc().collect();
    // A small letter may come apart from a capital, and a capital from what was no letter: the end is reached soon.
    for _ in 0..4 {
        let next: String = folded.to_lowercase().nfkc().collect();
        if next == folded {
            break;
        }
        folded = next;
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> String {
        let normalized = Rules::default().normalize(text).expect("a text");
        normalized.as_str().to_owned()
    }

    #[test]
    fn texts_that_mean_the_same_are_equal() {
        for text in [
            "red shoes",
            "  Red \t\n SHOES ",
            "red\u{a0}shoes",
            "red\u{3000}ｓｈｏｅｓ",
            "red\0shoes",
        ] {
            assert_eq!(normal(text), "red shoes");
        }
        assert_eq!(normal("CAFE\u{301}"), normal("café"));
        assert_eq!(normal("ﬁne"), "fine");
        assert_eq!(normal("ŁÓDŹ"), "łódź");
        assert_ne!(normal("red shoes"), normal("shoes red"));
    }

    #[test]
    fn the_order_of_words_may_be_let_go() {
        let rules = Rules {
            any_order: true,
            ..Rules::default()
        };
        let normal = |text| rules.normalize(text).expect("a text");
        assert_eq!(normal("shoes red"), normal("Red  shoes"));
        assert_ne!(normal("red red shoes"), normal("red shoes"));
    }

    #[test]
    fn what_is_normalized_stays_as_it_is() {
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        let mut random = fastrand::Rng::with_seed(seed);
        for turn in 0..20_000 {
            let rules = Rules {
                any_order: turn % 2 == 0,
                allows_empty: true,
                max_length: 1000,
            };
            let length = random.usize(..8);
            let text: String = (0..length)
                .map(|_| match random.u8(..4) {
                    0 => ' ',
                    1 => random.char('\u{300}'..='\u{36f}'),
                    2 => random.char('a'..='\u{2fff}'),
                    _ => random.char(..),
                })
                .collect();
            let once = rules.normalize(&text).expect("a text");
            let twice = rules.normalize(once.as_str()).expect("a text");
            assert_eq!(once.as_str(), twice.as_str(), "{text:?}");
            assert!(!once.as_str().contains("  "));
        }
    }

    #[test]
    fn empty_and_long_texts_are_refused_without_being_repeated() {
        let rules = Rules {
            max_length: 10,
            ..Rules::default()
        };
        for text in ["", " \t ", "elevenchars", &"x ".repeat(1000)] {
            let error = rules.normalize(text).expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::Search);
            assert!(!error.to_string().contains("elevenchars"));
        }
        assert!(rules.normalize("   ten chars   ").is_ok());
        let empty = Rules {
            allows_empty: true,
            ..rules
        };
        assert!(empty.normalize(" ").expect("allowed").is_empty());
        assert_eq!(
            format!("{:?}", rules.normalize("secret")),
            "Ok(Normalized(..))"
        );
    }
}
