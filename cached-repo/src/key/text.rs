//! Keys as text, for the store and for people.
//!
//! `namespace:space:prefix[:lookup]:value,value`. Values: `42`, `~` (NULL), `b1` (boolean), `=text`, `x0aff` (bytes),
//! `u..` (UUID), `t..` (canonical text). Bytes of text other than letters, digits and `_ . - @` are written `%XX`, so that
//! no value can hold a separator, a glob character or a brace that would choose a cluster slot.

use super::{Key, Space};
use std::fmt::Write;

/// The names behind the numbers in a key.
pub(crate) trait Names {
    fn namespace(&self) -> &str;
    fn prefix(&self, entity: u16) -> &str;
    /// Name of a unique lookup, an index, or the columns of a partition.
    fn lookup(&self, space: Space, entity: u16, lookup: u16) -> &str;
}

/// The key as text.
pub(crate) fn render(key: &Key, names: &dyn Names) -> String {
    let mut out = String::with_capacity(48);
    render_into(key, names, &mut out);
    out
}

/// Appends the key as text.
pub(crate) fn render_into(key: &Key, names: &dyn Names, out: &mut String) {
    out.push_str(names.namespace());
    out.push(':');
    out.push_str(key.space().word());
    if key.entity() != super::NO_ENTITY {
        out.push(':');
        out.push_str(names.prefix(key.entity()));
    }
    if key.space().is_numbered() {
        out.push(':');
        escape(
            names
                .lookup(key.space(), key.entity(), key.lookup())
                .as_bytes(),
            out,
        );
    }
    let packed = key.packed();
    let mut rest = &*packed;
    let mut separator = ':';
    while !rest.is_empty() {
        out.push(separator);
        rest = part(rest, out);
        separator = ',';
    }
}

/// A tag of the user's, as the user wrote it.
pub(crate) fn tag_of(key: &Key) -> Option<String> {
    let packed = key.packed();
    let (_, rest) = packed.split_first()?;
    String::from_utf8(sized(rest).0.to_vec()).ok()
}

/// Writes the first packed value and returns what follows it.
fn part<'a>(packed: &'a [u8], out: &mut String) -> &'a [u8] {
    let (tag, rest) = (packed[0], &packed[1..]);
    match tag {
        1 => fixed(rest, out, |bytes, out| {
            let _ = write!(out, "{}", i64::from_le_bytes(bytes));
        }),
        2 => fixed(rest, out, |bytes, out| {
            let _ = write!(out, "{}", u64::from_le_bytes(bytes));
        }),
        3 => fixed(rest, out, |[byte]: [u8; 1], out| {
            out.push_str(if byte == 0 { "b0" } else { "b1" });
        }),
        6 => fixed(rest, out, |bytes: [u8; 16], out| {
            out.push('u');
            hex(&bytes, out);
        }),
        4 | 5 | 7 => {
            let (bytes, rest) = sized(rest);
            match tag {
                4 => out.push('='),
                5 => out.push('x'),
                _ => out.push('t'),
            }
            if tag == 5 {
                hex(bytes, out)
            } else {
                escape(bytes, out)
            }
            rest
        }
        _ => {
            out.push('~');
            rest
        }
    }
}

fn fixed<'a, const N: usize>(
    packed: &'a [u8],
    out: &mut String,
    write: impl FnOnce([u8; N], &mut String),
) -> &'a [u8] {
    let Some((bytes, rest)) = packed.split_first_chunk::<N>() else {
        return &[];
    };
    write(*bytes, out);
    rest
}

fn sized(packed: &[u8]) -> (&[u8], &[u8]) {
    let Some((&short, rest)) = packed.split_first() else {
        return (&[], &[]);
    };
    let (length, rest) = match rest.split_first_chunk::<8>() {
        Some((long, rest)) if short == 255 => (
            usize::try_from(u64::from_le_bytes(*long)).unwrap_or(0),
            rest,
        ),
        _ => (short.into(), rest),
    };
    rest.split_at_checked(length).unwrap_or((rest, &[]))
}

fn hex(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
}

fn escape(bytes: &[u8], out: &mut String) {
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@') {
            out.push(byte.into());
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}
