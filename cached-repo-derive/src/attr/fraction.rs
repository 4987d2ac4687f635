//! `"10%"`, `0.1`: fractions and factors in attributes, by the grammar of `config/fraction.rs` of the library.

/// The number that a decimal number or a percentage means; `example` is what to write instead.
pub(super) fn fraction(text: &str, example: &str) -> Result<f64, String> {
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
        _ => Err(format!(
            "invalid number `{text}`; write for example {example}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::fraction;

    #[test]
    fn a_percentage_is_a_number_of_hundredths() {
        for (text, expected) in [
            ("10%", 0.1),
            ("0.1", 0.1),
            ("2.5%", 0.025),
            ("50 %", 0.5),
            ("0%", 0.0),
            ("1.0", 1.0),
            ("150%", 1.5),
        ] {
            assert_eq!(fraction(text, ""), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_says_what_to_write() {
        for text in ["", "%", "ten%", "1e-1", "inf", "NaN", "0,1", "1-2"] {
            let expected = format!("invalid number `{text}`; write for example `\"10%\"`");
            assert_eq!(fraction(text, "`\"10%\"`"), Err(expected));
        }
    }
}
