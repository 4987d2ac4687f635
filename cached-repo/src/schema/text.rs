//! Messages that are put together while the program compiles.

/// As long as a message may get; what is longer is cut.
const LENGTH: usize = 2048;

/// A text that constants can build.
pub(super) struct Text {
    bytes: [u8; LENGTH],
    used: usize,
}

impl Text {
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; LENGTH],
            used: 0,
        }
    }

    /// Adds `part`, or nothing if it does not fit: half a character would spoil the whole.
    pub(super) const fn add(&mut self, part: &str) -> &mut Self {
        let part = part.as_bytes();
        if part.len() > LENGTH - self.used {
            return self;
        }
        let mut at = 0;
        while at < part.len() {
            self.bytes[self.used + at] = part[at];
            at += 1;
        }
        self.used += part.len();
        self
    }

    pub(super) const fn number(&mut self, number: u32) -> &mut Self {
        if number >= 10 {
            self.number(number / 10);
        }
        let digit = [b'0' + (number % 10) as u8];
        match std::str::from_utf8(&digit) {
            Ok(digit) => self.add(digit),
            Err(_) => self,
        }
    }

    /// `file:line`
    pub(super) const fn place(&mut self, file: &str, line: u32) -> &mut Self {
        self.add(file).add(":").number(line)
    }

    pub(super) const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.used).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

/// `==` for constants. From the end, because names tend to begin alike: the compiler takes a microsecond for a letter.
pub(super) const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = one.len();
    if at != other.len() {
        return false;
    }
    while at > 0 {
        at -= 1;
        if one[at] != other[at] {
            return false;
        }
    }
    true
}

/// `==` for lists of names.
pub(super) const fn same_names(one: &[&str], other: &[&str]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if !same(one[at], other[at]) {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{Text, same, same_names};

    #[test]
    fn texts_grow() {
        let mut text = Text::new();
        text.add("a ").number(1203).add(" ").place("b.rs", 7);
        assert_eq!(text.as_str(), "a 1203 b.rs:7");
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut text = Text::new();
        text.add("ä").add(&"x".repeat(3000)).add("b");
        assert_eq!(text.as_str(), "äb");
    }

    #[test]
    fn names_are_compared_by_their_letters() {
        assert!(same("a", "a") && !same("a", "b") && !same("a", "ab"));
        assert!(same_names(&["a", "b"], &["a", "b"]));
        assert!(!same_names(&["a"], &["a", "b"]) && !same_names(&["a", "c"], &["a", "b"]));
    }
}
