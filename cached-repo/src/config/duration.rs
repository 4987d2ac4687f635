//! Durations as people write them: `250ms`, `10s`, `1h 30m`.
//!
//! The grammar is that of `humantime`, with two exceptions. A month and a year are no units: their length is a convention, and
//! `M` is easily written for `m`. Nothing is finer than a millisecond: that is what stores count in.
//! `cached-repo-derive` reads attributes by the same grammar.

use humantime::DurationError as Error;
use std::time::Duration;

/// Each unit with its length in milliseconds, the longest first.
const UNITS: [(&str, u64); 6] = [
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Units of `humantime` that are refused.
const CALENDAR: [&str; 8] = ["M", "month", "months", "y", "yr", "yrs", "year", "years"];

/// The longest text, and the most digits of one number in it. Within them no sum of `humantime` overflows.
const MAX_BYTES: usize = 64;
const MAX_DIGITS: usize = 12;

const TOO_LONG: &str = "is too long";
const UNKNOWN_UNIT: &str = "has an unknown unit (the units are ms, s, m, h, d and w)";

/// Reads numbers, each with its unit.
///
/// # Errors
///
/// What is wrong, as the end of a sentence that begins with the text: "has no unit ..".
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let mut numbers = text.split(|c: char| !c.is_ascii_digit());
    if text.len() > MAX_BYTES || numbers.any(|number| number.len() > MAX_DIGITS) {
        return Err(TOO_LONG.to_owned());
    }
    let duration = humantime::parse_duration(text).map_err(|error| problem(text, error))?;
    let mut words = text.split(|c: char| !c.is_alphabetic());
    if words.any(|word| CALENDAR.contains(&word)) {
        return Err(UNKNOWN_UNIT.to_owned());
    }
    if !is_whole(duration) {
        return Err("is finer than a millisecond".to_owned());
    }
    Ok(duration)
}

fn problem(text: &str, error: Error) -> String {
    match error {
        Error::Empty => "is empty".to_owned(),
        Error::UnknownUnit { unit, value, .. } if unit.is_empty() => {
            format!("has no unit (`{value}s` is seconds, `{value}ms` milliseconds)")
        }
        Error::UnknownUnit { .. } => UNKNOWN_UNIT.to_owned(),
        Error::NumberOverflow => TOO_LONG.to_owned(),
        _ if text.starts_with('-') => "is negative".to_owned(),
        Error::NumberExpected(0) => "does not begin with a number".to_owned(),
        _ => "is not a duration (`1h 30m` is one)".to_owned(),
    }
}

fn is_whole(duration: Duration) -> bool {
    duration.subsec_nanos().is_multiple_of(1_000_000)
}

/// The shortest text that [`parse_duration`] reads as `duration`, in one unit: `humantime` would write ten years as
/// `9years 11months 29days ..`. What is no whole number of milliseconds is shown as Rust shows it.
pub(super) fn show_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    if duration.is_zero() {
        return "0s".to_owned();
    }
    if !is_whole(duration) {
        return format!("{duration:?}");
    }
    let fits = |(_, length): &&(&str, u64)| millis.is_multiple_of(u128::from(*length));
    let (unit, length) = UNITS.iter().find(fits).unwrap_or(&("ms", 1));
    format!("{}{unit}", millis / u128::from(*length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read_and_shown() {
        for (text, millis) in [
            ("0s", 0),
            ("250ms", 250),
            ("10s", 10_000),
            ("5m", 300_000),
            ("1h", 3_600_000),
            ("1d", 86_400_000),
            ("2w", 1_209_600_000),
            ("1500ms", 1_500),
            ("90m", 5_400_000),
            ("999999999999ms", 999_999_999_999),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(millis)),
                "{text}"
            );
            assert_eq!(show_duration(Duration::from_millis(millis)), text);
        }
        assert_eq!(show_duration(Duration::from_secs(7 * 86_400)), "1w");
        assert_eq!(show_duration(Duration::from_micros(1_500)), "1.5ms");
        assert_eq!(show_duration(Duration::from_nanos(1)), "1ns");
    }

    #[test]
    fn parts_long_names_and_fractions_are_read() {
        for (text, millis) in [
            (" 007d\n", 7 * 86_400_000),
            ("1h30m", 5_400_000),
            ("1h 30m", 5_400_000),
            ("30m 1h", 5_400_000),
            ("1.5h", 5_400_000),
            ("0.5s", 500),
            ("1 hour 5 minutes", 3_900_000),
            ("10min", 600_000),
            ("10 s", 10_000),
            ("0", 0),
        ] {
            let expected = Ok(Duration::from_millis(millis));
            assert_eq!(parse_duration(text), expected, "{text}");
        }
    }

    #[test]
    fn a_wrong_text_is_explained() {
        let nines = "9".repeat(13);
        for (text, problem) in [
            ("", "is empty"),
            ("   ", "is empty"),
            ("-5s", "is negative"),
            ("s", "does not begin with a number"),
            ("soon", "does not begin with a number"),
            ("\u{664}s", "does not begin with a number"),
            ("10", "has no unit (`10s` is seconds, `10ms` milliseconds)"),
            ("1h 5", "has no unit (`5s` is seconds, `5ms` milliseconds)"),
            ("10S", UNKNOWN_UNIT),
            ("10M", UNKNOWN_UNIT),
            ("1h 2years", UNKNOWN_UNIT),
            ("1fortnight", UNKNOWN_UNIT),
            ("1,5h", "is not a duration (`1h 30m` is one)"),
            ("1h, 5m", "is not a duration (`1h 30m` is one)"),
            ("2500us", "is finer than a millisecond"),
            ("1ns", "is finer than a millisecond"),
            ("0.0001s", "is finer than a millisecond"),
            (&format!("{nines}ms"), TOO_LONG),
            (&nines, TOO_LONG),
            (&"1h ".repeat(30), TOO_LONG),
            ("0.0000000001s", TOO_LONG),
        ] {
            assert_eq!(parse_duration(text), Err(problem.to_owned()), "{text:?}");
        }
    }
}
