//! `"1h"`, `"1h 30m"`, `"10%"`: the small languages inside strings.

use crate::suggest::similar;
use std::ops::RangeInclusive;

/// Units from the longest to the shortest, in milliseconds.
const UNITS: [(&str, u64); 6] = [
    ("w", 7 * 24 * 60 * 60 * 1000),
    ("d", 24 * 60 * 60 * 1000),
    ("h", 60 * 60 * 1000),
    ("m", 60 * 1000),
    ("s", 1000),
    ("ms", 1),
];

const LONG_NAMES: [(&str, &str); 14] = [
    ("week", "w"),
    ("weeks", "w"),
    ("day", "d"),
    ("days", "d"),
    ("hour", "h"),
    ("hours", "h"),
    ("hr", "h"),
    ("minute", "m"),
    ("minutes", "m"),
    ("min", "m"),
    ("second", "s"),
    ("seconds", "s"),
    ("sec", "s"),
    ("millis", "ms"),
];

/// Milliseconds of a duration such as `1h 30m`.
pub(crate) fn milliseconds(text: &str) -> Result<u64, String> {
    let mut rest = text.trim();
    let mut total = 0_u64;
    let mut longest = u64::MAX;
    if rest.is_empty() {
        return Err("empty duration; write for example `\"1h\"`".into());
    }
    while !rest.is_empty() {
        let (number, after) = digits(rest);
        let (unit, after) = letters(after.trim_start());
        let scale = scale(text, number, unit, after)?;
        if scale >= longest {
            return Err(format!(
                "units of the duration `{text}` are not in falling order; write for example `\"1h 30m\"`"
            ));
        }
        longest = scale;
        total = number
            .parse::<u64>()
            .ok()
            .and_then(|count| count.checked_mul(scale))
            .and_then(|part| total.checked_add(part))
            .ok_or_else(|| format!("duration `{text}` is too long"))?;
        rest = after.trim_start();
    }
    Ok(total)
}

fn scale(text: &str, number: &str, unit: &str, after: &str) -> Result<u64, String> {
    if number.is_empty() {
        return Err(format!(
            "invalid duration `{text}`; expected a number and a unit, for example `\"1h\"`"
        ));
    }
    if unit.is_empty() && after.starts_with('.') {
        return Err(format!(
            "duration `{text}` has a fraction; write it in a smaller unit, for example `\"90m\"`"
        ));
    }
    if unit.is_empty() {
        return Err(format!(
            "missing unit after `{number}`; write for example `\"{number}s\"`"
        ));
    }
    let known = UNITS.iter().find(|(name, _)| *name == unit);
    known.map(|(_, scale)| *scale).ok_or_else(|| {
        let meant = meant(unit).map_or_else(
            || "; expected `ms`, `s`, `m`, `h`, `d` or `w`".to_owned(),
            |meant| format!("; did you mean `\"{number}{meant}\"`?"),
        );
        format!("unknown unit `{unit}`{meant}")
    })
}

fn meant(unit: &str) -> Option<&'static str> {
    let unit = unit.to_ascii_lowercase();
    let short = UNITS
        .iter()
        .map(|(name, _)| *name)
        .find(|name| *name == unit);
    short.or_else(|| {
        let names = LONG_NAMES.map(|(name, _)| name);
        let long = similar(&unit, &names)?;
        LONG_NAMES
            .iter()
            .find(|(name, _)| *name == long)
            .map(|(_, short)| *short)
    })
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len()),
    )
}

fn letters(text: &str) -> (&str, &str) {
    text.split_at(
        text.find(|c: char| !c.is_alphabetic())
            .unwrap_or(text.len()),
    )
}

/// Thousandths of a share such as `10%`.
pub(crate) fn thousandths(text: &str, range: RangeInclusive<u16>) -> Result<u16, String> {
    let Some(number) = text.trim().strip_suffix('%') else {
        return Err(format!(
            "invalid share `{text}`; expected a percentage, for example `\"10%\"`"
        ));
    };
    let (whole, fraction) = number
        .trim()
        .split_once('.')
        .unwrap_or((number.trim(), "0"));
    let digit = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digit(whole) || fraction.len() != 1 || !digit(fraction) {
        return Err(format!(
            "invalid percentage `{text}`; write for example `\"10%\"` or `\"2.5%\"`"
        ));
    }
    match format!("{whole}{fraction}").parse() {
        Ok(share) if range.contains(&share) => Ok(share),
        _ => Err(format!(
            "percentage `{text}` is out of range; expected `\"{}\"` to `\"{}\"`",
            percent(*range.start()),
            percent(*range.end())
        )),
    }
}

fn percent(thousandths: u16) -> String {
    match (thousandths / 10, thousandths % 10) {
        (whole, 0) => format!("{whole}%"),
        (whole, part) => format!("{whole}.{part}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::{milliseconds, thousandths};

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
        assert!(complaint("3 hours").ends_with("did you mean `\"3h\"`?"));
        assert!(complaint("1fortnight").contains("expected `ms`"));
        assert!(complaint("1.5h").contains("fraction"));
        assert!(complaint("30m 1h").contains("falling order"));
        assert!(complaint("1h 1h").contains("falling order"));
        assert!(complaint("99999999999999999999s").contains("too long"));
        assert!(complaint("9999999999999999999w").contains("too long"));
        assert!(complaint("-1s").starts_with("invalid duration"));
        assert!(complaint("1h!").starts_with("invalid duration"));
    }

    #[test]
    fn shares() {
        let thousandths = |text| thousandths(text, 0..=500);
        assert_eq!(thousandths("10%"), Ok(100));
        assert_eq!(thousandths("2.5%"), Ok(25));
        assert_eq!(thousandths("0%"), Ok(0));
        assert_eq!(thousandths("50 %"), Ok(500));
        for wrong in ["0.1", "51%", "%", "-1%", "2.25%", "ten%", ".5%", "500000%"] {
            assert!(thousandths(wrong).is_err(), "{wrong}");
        }
    }
}
