//! The fingerprint of what a stored value was made from: change the entity, and old values read as misses.

const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// FNV-1a (64 bits) over the parts, each behind its length, so that `["ab", "c"]` and `["a", "bc"]` differ.
///
/// The result is part of the wire format: it must never change for the same parts.
pub(crate) const fn fingerprint(parts: &[&str]) -> u64 {
    let mut hash = OFFSET_BASIS;
    let mut part = 0;
    while part < parts.len() {
        let bytes = parts[part].as_bytes();
        hash = absorb(hash, &(bytes.len() as u64).to_le_bytes());
        hash = absorb(hash, bytes);
        part += 1;
    }
    hash
}

const fn absorb(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(PRIME);
        index += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let all: [&[&str]; 7] = [
            &[],
            &[""],
            &["", ""],
            &["ab", "c"],
            &["a", "bc"],
            &["abc"],
            &["c", "ab"],
        ];
        for (index, parts) in all.iter().enumerate() {
            for other in &all[..index] {
                assert_ne!(
                    fingerprint(parts),
                    fingerprint(other),
                    "{parts:?} and {other:?}"
                );
            }
        }
    }

    #[test]
    fn it_works_in_constants_and_stays_the_same() {
        const SHAPE: u64 = fingerprint(&["post", "id:i32", "title:String"]);
        assert_eq!(fingerprint(&[]), OFFSET_BASIS);
        assert_eq!(
            absorb(OFFSET_BASIS, b"a"),
            0xaf63_dc4c_8601_ec8c,
            "the published vector of FNV-1a"
        );
        assert_eq!(
            SHAPE, 0x545b_9a59_3603_0559,
            "a changed fingerprint empties every cache on upgrade: raise `entry::FORMAT` instead"
        );
    }
}
