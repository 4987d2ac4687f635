//! `"1h"`, `"1h 30m"`: durations in attributes.
//!
//! The grammar is that of environment variables, which `config/duration.rs` of the library reads: `humantime` without months and
//! years, in whole milliseconds. The messages are written for a compiler.

use crate::suggest::similar;
use humantime::DurationError as Error;

const UNITS: [&str; 6] = ["w", "d", "h", "m", "s", "ms"];

/// Units of `humantime` that are refused: their length is a convention, and `M` is easily written for `m`.
const CALENDAR: [&str; 8] = ["M", "month", "months", "y", "yr", "yrs", "year", "years"];

/// Longer names, each with its short one.
const LONG_NAMES: [(&str, &str); 10] = [
    ("week", "w"),
    ("weeks", "w"),
    ("day", "d"),
    ("days", "d"),
    ("hour", "h"),
    ("hours", "h"),
    ("minute", "m"),
    ("minutes", "m"),
    ("second", "s"),
    ("seconds", "s"),
];

/// The longest text, and the most digits of one number in it. Within them no sum of `humantime` overflows.
const MAX_BYTES: usize = 64;
const MAX_DIGITS: usize = 12;

/// Milliseconds of a duration such as `1h 30m`.
pub(super) fn milliseconds(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let too_long = || format!("duration `{text}` is too long");
    let mut numbers = text.split(|c: char| !c.is_ascii_digit());
    if text.len() > MAX_BYTES || numbers.any(|number| number.len() > MAX_DIGITS) {
        return Err(too_long());
    }
    let duration = humantime::parse_duration(text).map_err(|error| problem(text, error))?;
    let mut words = text.split(|c: char| !c.is_alphabetic());
    if let Some(unit) = words.find(|word| CALENDAR.contains(word)) {
        return Err(unknown(unit, number_before(text, unit)));
    }
    if !duration.subsec_nanos().is_multiple_of(1_000_000) {
        return Err(format!(
            "duration `{text}` is finer than a millisecond; write for example `\"1ms\"`"
        ));
    }
    u64::try_from(duration.as_millis()).map_err(|_| too_long())
}

fn problem(text: &str, error: Error) -> String {
    match error {
        Error::Empty => "empty duration; write for example `\"1h\"`".to_owned(),
        Error::UnknownUnit { unit, value, .. } if unit.is_empty() => {
            format!("missing unit after `{value}`; write for example `\"{value}s\"`")
        }
        Error::UnknownUnit { unit, value, .. } => unknown(&unit, &value.to_string()),
        Error::NumberOverflow => format!("duration `{text}` is too long"),
        Error::InvalidCharacter(_) | Error::NumberExpected(_) => format!(
            "invalid duration `{text}`; expected numbers, each with a unit, for example `\"1h 30m\"`"
        ),
    }
}

fn number_before<'a>(text: &'a str, unit: &str) -> &'a str {
    let before = text.split(unit).next().unwrap_or_default();
    let mut numbers = before.trim_end().rsplit(|c: char| !c.is_ascii_digit());
    numbers.next().unwrap_or_default()
}

/// The message for a unit that is none, behind the number `number`.
fn unknown(unit: &str, number: &str) -> String {
    let hint = meant(unit).map_or_else(
        || "expected `ms`, `s`, `m`, `h`, `d` or `w`".to_owned(),
        |meant| format!("did you mean `\"{number}{meant}\"`?"),
    );
    format!("unknown unit `{unit}`; {hint}")
}

fn meant(unit: &str) -> Option<&'static str> {
    let unit = unit.to_ascii_lowercase();
    let short = UNITS.into_iter().find(|name| *name == unit);
    short.or_else(|| {
        let long = similar(&unit, &LONG_NAMES.map(|(name, _)| name))?;
        let (_, short) = LONG_NAMES.into_iter().find(|(name, _)| *name == long)?;
        Some(short)
    })
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn durations() {
        assert_eq!(milliseconds("250ms"), Ok(250));
        assert_eq!(milliseconds("30s"), Ok(30_000));
        assert_eq!(milliseconds("5m"), Ok(300_000));
        assert_eq!(milliseconds("1h"), Ok(3_600_000));
        assert_eq!(milliseconds("1d"), Ok(86_400_000));
        assert_eq!(milliseconds("2w"), Ok(1_209_600_000));
        assert_eq!(milliseconds("1h 30m"), Ok(5_400_000));
        assert_eq!(milliseconds(" 1h30m5s "), Ok(5_405_000));
        assert_eq!(milliseconds("30m 1h"), Ok(5_400_000));
        assert_eq!(milliseconds("1.5h"), Ok(5_400_000));
        assert_eq!(milliseconds("3 hours"), Ok(10_800_000));
        assert_eq!(milliseconds("0s"), Ok(0));
    }

    fn complaint(text: &str) -> String {
        milliseconds(text).unwrap_err()
    }

    #[test]
    fn wrong_durations_say_what_to_write() {
        assert!(complaint("").starts_with("empty duration"));
        assert!(complaint("10").ends_with("write for example `\"10s\"`"));
        assert!(complaint("1H").ends_with("did you mean `\"1h\"`?"));
        assert!(complaint("3 huors").ends_with("did you mean `\"3h\"`?"));
        assert!(complaint("10M").ends_with("did you mean `\"10m\"`?"));
        assert!(complaint("2years").contains("expected `ms`"));
        assert!(complaint("1fortnight").contains("expected `ms`"));
        assert!(complaint("1us").contains("finer than a millisecond"));
        assert!(complaint("99999999999999999999s").contains("too long"));
        assert!(complaint("9999999999999999999w").contains("too long"));
        assert!(complaint(&"1h ".repeat(30)).contains("too long"));
        assert!(complaint("-1s").starts_with("invalid duration"));
        assert!(complaint("1h!").starts_with("invalid duration"));
    }
}
