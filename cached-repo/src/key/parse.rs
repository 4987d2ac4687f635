//! Keys from text: what [`render`](super::render) has written, read back.

use super::Space;
use super::pack::{Packed, Sink, integer, sized, tagged};

/// The parts of a key, by name.
#[derive(Debug, PartialEq)]
pub(crate) struct Parts<'a> {
    pub(crate) space: Space,
    /// Prefix of the entity; empty if the key belongs to none.
    pub(crate) prefix: &'a str,
    /// Name of the lookup; empty if the key names none.
    pub(crate) lookup: Vec<u8>,
    pub(crate) packed: Vec<u8>,
}

/// The parts of a key of this namespace; `None` if it is no entry and no tag.
pub(crate) fn parse<'a>(text: &'a [u8], namespace: &str) -> Option<Parts<'a>> {
    let text = std::str::from_utf8(text).ok()?;
    let mut rest = text.strip_prefix(namespace)?.strip_prefix(':')?.split(':');
    let space = Space::named(rest.next()?)?;
    let prefix = match space {
        Space::Epoch | Space::User => "",
        _ => rest.next().filter(|prefix| !prefix.is_empty())?,
    };
    let lookup = match space.is_numbered() {
        true => unescape(rest.next()?)?,
        false => Vec::new(),
    };
    let mut packed = Packed::default();
    if let Some(values) = rest.next() {
        for value in values.split(',') {
            part(value, &mut packed)?;
        }
    }
    let is_whole = rest.next().is_none();
    is_whole.then(|| Parts {
        space,
        prefix,
        lookup,
        packed: packed.bytes().to_vec(),
    })
}

/// Packs one written value.
fn part(value: &str, out: &mut impl Sink) -> Option<()> {
    let mut rest = value.chars();
    match rest.next()? {
        '~' if value.len() == 1 => out.put(&[0]),
        'b' => {
            let written = ["0", "1"].iter().position(|digit| rest.as_str() == *digit);
            tagged(3, &[u8::try_from(written?).ok()?], out);
        }
        'u' => tagged(6, &unhex(rest.as_str())?, out),
        '=' => sized(4, &unescape(rest.as_str())?, out),
        'x' => sized(5, &unhex(rest.as_str())?, out),
        't' => sized(7, &unescape(rest.as_str())?, out),
        _ => match value.parse::<i64>() {
            Ok(value) => integer(value, out),
            Err(_) => tagged(2, &value.parse::<u64>().ok()?.to_le_bytes(), out),
        },
    }
    Some(())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(byte).collect()
}

fn byte(pair: &[u8]) -> Option<u8> {
    let [high, low] = pair else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            out.push(*first);
            continue;
        }
        let (pair, after) = rest.split_at_checked(2)?;
        out.push(byte(pair)?);
        rest = after;
    }
    Some(out)
}
