//! Globs, as Redis has them.

/// A piece of a glob.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    /// `*`: any bytes, or none.
    Any,
    /// `?`: one byte.
    One,
    /// A byte.
    Byte(u8),
    /// `[..]`: a byte in one of these ranges, or with `^` in none of them.
    Set { ranges: Vec<(u8, u8)>, is_not: bool },
}

/// A glob over the whole of a name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Glob(Vec<Piece>);

/// What is wrong, and where it begins.
pub(super) type Wrong = (&'static str, usize);

impl Glob {
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        let mut rest = text.bytes().enumerate().peekable();
        let mut pieces = Vec::new();
        while let Some((at, byte)) = rest.next() {
            pieces.push(match byte {
                // One is as good as several.
                b'*' if pieces.last() == Some(&Piece::Any) => continue,
                b'*' => Piece::Any,
                b'?' => Piece::One,
                b'[' => set(&mut rest, at)?,
                b'\\' => Piece::Byte(escaped(&mut rest, at)?),
                _ => Piece::Byte(byte),
            });
        }
        match pieces.is_empty() {
            true => Err(("it is empty", 0)),
            false => Ok(Self(pieces)),
        }
    }

    pub(super) fn matches(&self, name: &[u8]) -> bool {
        let (mut piece, mut at) = (0, 0);
        // Behind the last `*`, and where what it has taken ends.
        let mut again = None;
        while at < name.len() {
            match self.0.get(piece) {
                Some(Piece::Any) => {
                    piece += 1;
                    again = Some((piece, at));
                    continue;
                }
                Some(one) if one.takes(name[at]) => {
                    piece += 1;
                    at += 1;
                    continue;
                }
                _ => {}
            }
            let Some((behind, taken)) = again else {
                return false;
            };
            again = Some((behind, taken + 1));
            (piece, at) = (behind, taken + 1);
        }
        self.0[piece..].iter().all(|piece| *piece == Piece::Any)
    }

    /// A glob for a server, which matches whatever this one does.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Any => text.push('*'),
                Piece::One => text.push('?'),
                Piece::Byte(byte) => byte_of(*byte, &mut text),
                Piece::Set { ranges, is_not } if ranges.iter().all(is_plain) => {
                    text.push_str(if *is_not { "[^" } else { "[" });
                    for (low, high) in ranges {
                        byte_of(*low, &mut text);
                        if low != high {
                            text.push('-');
                            byte_of(*high, &mut text);
                        }
                    }
                    text.push(']');
                }
                Piece::Set { .. } => text.push('?'),
            }
        }
        text
    }
}

/// What a server may take for more than itself.
fn is_special(byte: u8) -> bool {
    matches!(byte, b'*' | b'?' | b'[' | b']' | b'\\' | b'^' | b'-')
}

/// Whether a server reads the range as it is read here: the ends of a range cannot be escaped there.
fn is_plain((low, high): &(u8, u8)) -> bool {
    let is_one = low == high;
    let ends = [low, high];
    ends.iter()
        .all(|end| end.is_ascii() && (is_one || !is_special(**end)))
}

fn byte_of(byte: u8, text: &mut String) {
    if !byte.is_ascii() {
        return text.push('?');
    }
    if is_special(byte) {
        text.push('\\');
    }
    text.push(byte.into());
}

impl Piece {
    fn takes(&self, byte: u8) -> bool {
        match self {
            Self::Any => false,
            Self::One => true,
            Self::Byte(own) => *own == byte,
            Self::Set { ranges, is_not } => {
                let mut ranges = ranges.iter();
                ranges.any(|(low, high)| (*low..=*high).contains(&byte)) != *is_not
            }
        }
    }
}

type Rest<'a> = std::iter::Peekable<std::iter::Enumerate<std::str::Bytes<'a>>>;

fn escaped(rest: &mut Rest<'_>, at: usize) -> Result<u8, Wrong> {
    let wrong = (
        "it ends with `\\`, which takes the meaning of what follows",
        at,
    );
    rest.next().map(|(_, byte)| byte).ok_or(wrong)
}

/// The set whose bracket has been read.
fn set(rest: &mut Rest<'_>, began: usize) -> Result<Piece, Wrong> {
    let is_not = rest.next_if(|(_, byte)| *byte == b'^').is_some();
    if let Some((at, _)) = rest.peek().filter(|(_, byte)| *byte == b'!') {
        return Err(("a set that excludes is written `[^..]`", *at));
    }
    let mut ranges = Vec::new();
    loop {
        let (at, byte) = rest.next().ok_or(("a `[` is not closed", began))?;
        let low = match byte {
            b']' if ranges.is_empty() => return Err(("a set is empty", began)),
            b']' => return Ok(Piece::Set { ranges, is_not }),
            b'\\' => escaped(rest, at)?,
            _ => byte,
        };
        let mut high = low;
        if rest.next_if(|(_, byte)| *byte == b'-').is_some() {
            high = match rest.next().ok_or(("a `[` is not closed", began))? {
                (at, b'\\') => escaped(rest, at)?,
                (at, b']') => return Err(("a range has no end", at)),
                (_, byte) => byte,
            };
        }
        if high < low {
            return Err(("a range ends before it begins", at));
        }
        ranges.push((low, high));
    }
}

/// A text that matches itself and nothing else.
pub(in crate::repo) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.bytes().for_each(|byte| byte_of(byte, &mut out));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by trying everything.
    fn naive(pieces: &[Piece], name: &[u8]) -> bool {
        match (pieces.split_first(), name.split_first()) {
            (None, None) => true,
            (None, Some(_)) => false,
            (Some((Piece::Any, behind)), _) => {
                (0..=name.len()).any(|taken| naive(behind, &name[taken..]))
            }
            (Some(_), None) => false,
            (Some((piece, behind)), Some((byte, rest))) => {
                piece.takes(*byte) && naive(behind, rest)
            }
        }
    }

    fn random(random: &mut fastrand::Rng, letters: &[&str], length: usize) -> String {
        let letter = |_| letters[random.usize(..letters.len())];
        (0..length).map(letter).collect()
    }

    #[test]
    fn random_globs_match_what_trying_everything_matches() {
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        let mut rng = fastrand::Rng::with_seed(seed);
        let pieces = ["a", "b", ":", "*", "?", "[ab]", "[^a]", "[a-c]", "\\*", "*"];
        let mut hits = 0;
        for _ in 0..20_000 {
            let length = rng.usize(1..8);
            let text = random(&mut rng, &pieces, length);
            let glob = Glob::parse(&text).expect("a glob");
            let length = rng.usize(..8);
            let name = random(&mut rng, &["a", "b", "c", ":", "*"], length);
            let matches = glob.matches(name.as_bytes());
            assert_eq!(matches, naive(&glob.0, name.as_bytes()), "{text} on {name}");
            hits += usize::from(matches);
            assert_eq!(Glob::parse(&glob.text()), Ok(glob), "{text}");
        }
        assert!(hits > 1000, "{hits}");
    }

    #[test]
    fn a_glob_is_over_the_whole_name() {
        let matches =
            |glob: &str, name: &str| Glob::parse(glob).expect("a glob").matches(name.as_bytes());
        assert!(matches("r:user:*", "r:user:42"));
        assert!(!matches("user:*", "r:user:42"));
        assert!(!matches("r:user:4", "r:user:42"));
        assert!(matches("r:user:[0-9]?", "r:user:42"));
        assert!(matches("r:user:[^,]*", "r:user:42"));
        assert!(matches(
            "u:*:email:=*@example.org",
            "u:user:email:=ada@example.org"
        ));
        assert!(matches("*", ""));
    }

    #[test]
    fn what_is_no_glob_is_told_with_its_place() {
        let wrong = |glob: &str| Glob::parse(glob).expect_err("no glob").1;
        assert_eq!(wrong(""), 0);
        assert_eq!(wrong("r:[ab"), 2);
        assert_eq!(wrong("r:[a-"), 2);
        assert_eq!(wrong("r:[]"), 2);
        assert_eq!(wrong("r:[b-a]"), 3);
        assert_eq!(wrong("r:[a-]"), 5);
        assert_eq!(wrong("r:[!a]"), 3);
        assert_eq!(wrong("r:\\"), 2);
        assert_eq!(wrong("r:[\\"), 3);
    }

    #[test]
    fn what_a_server_reads_otherwise_is_left_to_be_matched_here() {
        let text = |glob: &str| Glob::parse(glob).expect("a glob").text();
        assert_eq!(text("[a-z0][^\\*b]"), "[a-z0][^\\*b]");
        assert_eq!(text("[\\*-\\?]x"), "?x");
        assert_eq!(text("\u{e9}"), "??");
        assert_eq!(text("a-\\*^"), "a\\-\\*\\^");
    }

    #[test]
    fn a_literal_matches_itself_alone() {
        for text in ["plain", "a*b?[c]", "x\\y", "t-1^2"] {
            let glob = Glob::parse(&literal(text)).expect("a glob");
            assert!(glob.matches(text.as_bytes()), "{text}");
            assert!(
                glob.0.iter().all(|piece| matches!(piece, Piece::Byte(_))),
                "{text}"
            );
        }
    }
}
