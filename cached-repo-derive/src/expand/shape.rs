//! A number that changes when the columns of the model change.

use crate::model::Model;
use quote::ToTokens;

/// Raise it when entries of the same columns are to become misses.
const FORMAT: u8 = 1;

/// FNV-1a over names and types of the columns, in order.
pub(super) fn shape(model: &Model) -> u64 {
    let mut hash = Fnv::new();
    hash.add(&[FORMAT]);
    for column in &model.columns {
        hash.add(column.name.as_bytes());
        hash.add(b":");
        hash.add(type_text(&column.ty).as_bytes());
        hash.add(b";");
    }
    hash.0
}

/// Without white space: how tokens are spaced depends on the compiler.
fn type_text(ty: &syn::Type) -> String {
    let mut text = ty.to_token_stream().to_string();
    text.retain(|letter| !letter.is_whitespace());
    text
}

/// Also the hash of names.
pub(super) struct Fnv(pub(super) u64);

impl Fnv {
    pub(super) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fnv, type_text};

    #[test]
    fn fnv_1a_of_known_texts() {
        for (text, expected) in [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c)] {
            let mut hash = Fnv::new();
            hash.add(text.as_bytes());
            assert_eq!(hash.0, expected);
        }
    }

    #[test]
    fn spaces_do_not_count() {
        let spaced = syn::parse_str("Option < String >").unwrap();
        assert_eq!(type_text(&spaced), "Option<String>");
    }
}
