//! Messages that are put together while the program compiles.

use super::super::meta::{Name, Place};

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
    pub(super) const fn at(&mut self, place: Place) -> &mut Self {
        self.add(place.file).add(":").number(place.line)
    }

    /// Names between backticks and commas.
    pub(super) const fn names(&mut self, names: &[Name]) -> &mut Self {
        let mut at = 0;
        while at < names.len() {
            self.add(if at > 0 { "`, `" } else { "`" })
                .add(names[at].text);
            at += 1;
        }
        self.add("`")
    }

    /// A path as it is written in the module of `from`: a crate names itself `crate`.
    pub(super) const fn path(&mut self, path: &str, from: &str) -> &mut Self {
        let (crate_name, other) = (crate_of(path), crate_of(from));
        if same(crate_name, other) {
            self.add("crate").add(path.split_at(crate_name.len()).1)
        } else {
            self.add(path)
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.used == 0
    }

    pub(super) const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.used).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

/// The first part of a path.
const fn crate_of(path: &str) -> &str {
    let bytes = path.as_bytes();
    let mut at = 0;
    while at < bytes.len() && bytes[at] != b':' {
        at += 1;
    }
    path.split_at(at).0
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

#[cfg(test)]
mod tests {
    use super::{Name, Place, Text, same};

    #[test]
    fn texts_grow() {
        let mut text = Text::new();
        let place = Place {
            file: "b.rs",
            line: 7,
        };
        text.add("a ").number(1203).add(" ").at(place);
        text.names(&[Name::of("x"), Name::of("y")]);
        assert_eq!(text.as_str(), "a 1203 b.rs:7`x`, `y`");
    }

    #[test]
    fn paths_of_the_same_crate_begin_with_crate() {
        let mut text = Text::new();
        text.path("shop::user::Entity", "shop::order::Entity");
        text.add(" ").path("catalog::Entity", "shop::order::Entity");
        assert_eq!(text.as_str(), "crate::user::Entity catalog::Entity");
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
    }
}
