//! Fractions and factors: `0.1` and `10%` are the same number.

/// Reads a decimal number, or a percentage.
///
/// # Errors
///
/// What is wrong, as the end of a sentence that begins with the text.
pub(super) fn parse_fraction(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let (number, whole) = match text.strip_suffix('%') {
        Some(number) => (number.trim_end(), 100.0),
        None => (text, 1.0),
    };
    // Rust also reads `1e3`, `inf` and `NaN`, which nobody means here.
    let is_decimal = number
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    match number.parse::<f64>() {
        Ok(number) if is_decimal => Ok(number / whole),
        _ => Err("is not a number".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_a_number_of_hundredths() {
        for (text, expected) in [
            ("0.1", 0.1),
            ("10%", 0.1),
            (" 10 % ", 0.1),
            ("2.5%", 0.025),
            (".5", 0.5),
            ("0", 0.0),
            ("1.0", 1.0),
            ("150%", 1.5),
            ("-1", -1.0),
        ] {
            assert_eq!(parse_fraction(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "", "%", "ten%", "often", "1e-1", "inf", "NaN", "0,1", "1-2", "10%%", "10% 5",
        ] {
            let problem = "is not a number".to_owned();
            assert_eq!(parse_fraction(text), Err(problem), "{text:?}");
        }
    }
}
