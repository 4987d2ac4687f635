//! Durations as people write them: `250ms`, `10s`, `5m`, `1h`, `1d`, `2w`.

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

const TOO_LONG: &str = "is too long to be counted in milliseconds";

/// Reads a whole number and its unit.
///
/// # Errors
///
/// What is wrong, as the end of a sentence that begins with the text: "has no unit ..".
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    if number.is_empty() {
        return Err(match unit.starts_with('-') {
            true => "is negative".to_owned(),
            false => "does not begin with a number".to_owned(),
        });
    }
    // Keeps every message short: the text may be anything.
    if number.len() > 20 {
        return Err(TOO_LONG.to_owned());
    }
    if unit.is_empty() {
        return Err(format!(
            "has no unit (`{number}s` is seconds, `{number}ms` milliseconds)"
        ));
    }
    if unit.starts_with(['.', ',']) {
        return Err(
            "is not a whole number (a smaller unit helps: `90m` is an hour and a half)".to_owned(),
        );
    }
    if unit.contains(|c: char| c.is_ascii_digit()) {
        return Err("is more than one number and one unit (`90m` is `1h30m`)".to_owned());
    }
    let Some((_, length)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err("has an unknown unit (the units are ms, s, m, h, d and w)".to_owned());
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(*length))
        .map(Duration::from_millis)
        .ok_or_else(|| TOO_LONG.to_owned())
}

/// The shortest text that [`parse_duration`] reads as `duration`. What is no whole number of milliseconds is
/// shown as Rust shows it.
pub(super) fn show_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis == 0 && duration.is_zero() {
        return "0s".to_owned();
    }
    if !duration.subsec_nanos().is_multiple_of(1_000_000) {
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
            ("18446744073709551615ms", u64::MAX),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(millis)),
                "{text}"
            );
            assert_eq!(show_duration(Duration::from_millis(millis)), text);
        }
        assert_eq!(
            parse_duration(" 007d\n"),
            Ok(Duration::from_secs(7 * 86_400))
        );
        assert_eq!(show_duration(Duration::from_secs(7 * 86_400)), "1w");
        assert_eq!(show_duration(Duration::from_micros(1_500)), "1.5ms");
        assert_eq!(show_duration(Duration::from_nanos(1)), "1ns");
    }

    #[test]
    fn a_wrong_text_is_explained() {
        for (text, problem) in [
            ("", "is empty"),
            ("   ", "is empty"),
            ("-5s", "is negative"),
            ("s", "does not begin with a number"),
            ("soon", "does not begin with a number"),
            ("\u{664}s", "does not begin with a number"),
            ("10", "has no unit (`10s` is seconds, `10ms` milliseconds)"),
            ("0", "has no unit (`0s` is seconds, `0ms` milliseconds)"),
            (
                "1.5h",
                "is not a whole number (a smaller unit helps: `90m` is an hour and a half)",
            ),
            (
                "1h30m",
                "is more than one number and one unit (`90m` is `1h30m`)",
            ),
            (
                "10 s",
                "has an unknown unit (the units are ms, s, m, h, d and w)",
            ),
            (
                "10S",
                "has an unknown unit (the units are ms, s, m, h, d and w)",
            ),
            (
                "10min",
                "has an unknown unit (the units are ms, s, m, h, d and w)",
            ),
            (
                "99999999999999999999s",
                "is too long to be counted in milliseconds",
            ),
            (
                "1000000000000000000000",
                "is too long to be counted in milliseconds",
            ),
            (
                "18446744073709551615w",
                "is too long to be counted in milliseconds",
            ),
        ] {
            assert_eq!(parse_duration(text), Err(problem.to_owned()), "{text:?}");
        }
    }
}
