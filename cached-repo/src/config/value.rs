//! What settings hold: how each type is read, checked and shown.

use super::duration::{parse_duration, show_duration};
use super::fraction::parse_fraction;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The type of a setting.
///
/// Problems are the ends of sentences that begin with the value: "is out of range".
pub(super) trait Value: Sized {
    /// What bounds the values of one setting.
    type Range;

    /// The value that a variable's text means.
    fn read(text: &str) -> Result<Self, String>;

    /// The value as it is written in a variable.
    fn show(&self) -> String;

    /// Which values a setting with this range takes.
    fn accepted(range: &Self::Range) -> String;

    /// Whether the value lies in the range; else what is wrong.
    fn check(&self, range: &Self::Range) -> Result<(), String>;
}

impl Value for Duration {
    type Range = RangeInclusive<Self>;

    fn read(text: &str) -> Result<Self, String> {
        parse_duration(text)
    }

    fn show(&self) -> String {
        show_duration(*self)
    }

    fn accepted(range: &Self::Range) -> String {
        let (least, most) = (range.start().show(), range.end().show());
        format!("a duration from {least} to {most}")
    }

    fn check(&self, range: &Self::Range) -> Result<(), String> {
        within(self, range)
    }
}

/// A duration that follows from another setting if it is left out.
impl Value for Option<Duration> {
    type Range = RangeInclusive<Duration>;

    fn read(text: &str) -> Result<Self, String> {
        Duration::read(text).map(Some)
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "none".to_owned(), Value::show)
    }

    fn accepted(range: &Self::Range) -> String {
        Duration::accepted(range)
    }

    fn check(&self, range: &Self::Range) -> Result<(), String> {
        self.as_ref().map_or(Ok(()), |length| length.check(range))
    }
}

impl Value for f64 {
    type Range = RangeInclusive<Self>;

    fn read(text: &str) -> Result<Self, String> {
        parse_fraction(text)
    }

    fn show(&self) -> String {
        self.to_string()
    }

    fn accepted(range: &Self::Range) -> String {
        let what = if *range.end() < 1.0 {
            "fraction"
        } else {
            "number"
        };
        format!("a {what} from {} to {}", range.start(), range.end())
    }

    fn check(&self, range: &Self::Range) -> Result<(), String> {
        within(self, range)
    }
}

impl Value for usize {
    type Range = RangeInclusive<Self>;

    fn read(text: &str) -> Result<Self, String> {
        let number = text.trim().parse();
        number.map_err(|_| "is not a whole number".to_owned())
    }

    fn show(&self) -> String {
        self.to_string()
    }

    fn accepted(range: &Self::Range) -> String {
        format!("a whole number from {} to {}", range.start(), range.end())
    }

    fn check(&self, range: &Self::Range) -> Result<(), String> {
        within(self, range)
    }
}

impl Value for bool {
    type Range = ();

    fn read(text: &str) -> Result<Self, String> {
        let is_on = text.trim().parse();
        is_on.map_err(|_| "is neither `true` nor `false`".to_owned())
    }

    fn show(&self) -> String {
        self.to_string()
    }

    fn accepted((): &()) -> String {
        one_of(&[true, false])
    }

    fn check(&self, (): &()) -> Result<(), String> {
        Ok(())
    }
}

/// A name of so many bytes.
impl Value for String {
    type Range = RangeInclusive<usize>;

    fn read(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }

    fn show(&self) -> String {
        self.clone()
    }

    fn accepted(range: &Self::Range) -> String {
        let (least, most) = (range.start(), range.end());
        format!("{least} to {most} of the letters `A` to `Z`, `a` to `z`, digits, `_`, `.` and `-`")
    }

    fn check(&self, range: &Self::Range) -> Result<(), String> {
        if !range.contains(&self.len()) {
            return Err(format!("has {} bytes", self.len()));
        }
        // Above all no braces: Redis Cluster would take them for a hash tag.
        let wrong = self
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && !"_.-".contains(*c));
        wrong.map_or(Ok(()), |c| Err(format!("has the character {c:?}")))
    }
}

fn within<T: PartialOrd>(value: &T, range: &RangeInclusive<T>) -> Result<(), String> {
    if range.contains(value) {
        Ok(())
    } else {
        Err("is out of range".to_owned())
    }
}

/// `` `a`, `b` or `c` ``
pub(super) fn one_of<T: Display>(names: &[T]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
