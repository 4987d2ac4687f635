//! What an envelope keeps, and what it refuses.

use super::*;

fn stamp(byte: u8) -> Stamp {
    Stamp::from_bytes([byte; 16])
}

fn envelope<'a>(tags: Vec<TagStamp<'a>>, body: Body<'a>) -> Envelope<'a> {
    Envelope {
        token: Token::from_bytes([0x77; 16]),
        shape: 0x0123_4567_89ab_cdef,
        stored_at: 1_700_000_000_000,
        expires_at: 1_700_003_600_000,
        grace: 300_000,
        cost: 1_500,
        tags,
        body,
    }
}

fn samples() -> Vec<(&'static str, Envelope<'static>)> {
    vec![
        ("absent", envelope(vec![], Body::Absent)),
        ("row", envelope(vec![], Body::Row(b"row"))),
        (
            "empty row",
            envelope(vec![("author:7", stamp(0xaa))], Body::Row(b"")),
        ),
        (
            "rows",
            envelope(
                vec![("post", stamp(1)), ("\u{fc}", stamp(2))],
                Body::Rows(vec![b"a", b"", b"ccc"]),
            ),
        ),
        (
            "no rows",
            envelope(vec![("", stamp(0))], Body::Rows(vec![])),
        ),
        ("pointer", envelope(vec![], Body::Pointer(b"cr:{post}:1"))),
        (
            "keys",
            envelope(
                vec![("post", stamp(1))],
                Body::Keys(vec![b"one", b"", b"three"]),
            ),
        ),
        ("no keys", envelope(vec![], Body::Keys(vec![]))),
    ]
}

fn reseal(mut sealed: Vec<u8>, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    sealed.truncate(sealed.len() - TRAILER);
    change(&mut sealed);
    let checksum = crc32fast::hash(&sealed);
    sealed.extend_from_slice(&checksum.to_le_bytes());
    sealed
}

#[test]
fn every_kind_of_body_comes_back() {
    for (name, envelope) in samples() {
        let sealed = envelope.seal();
        assert_eq!(Envelope::open(&sealed), Ok(envelope.clone()), "{name}");
        assert!(
            envelope.size_hint() >= sealed.len(),
            "{name}: sealing grew its buffer"
        );
    }
}

#[test]
fn an_opened_row_is_a_slice_of_the_stored_bytes() {
    let sealed = envelope(vec![], Body::Row(b"a row of some length")).seal();
    let Ok(Envelope {
        body: Body::Row(row),
        ..
    }) = Envelope::open(&sealed)
    else {
        panic!("the row is gone");
    };
    assert!(sealed.as_ptr_range().contains(&row.as_ptr()));
}

#[test]
fn the_bytes_are_those_of_format_two() {
    const GOLDEN: &str = include_str!("golden/v2.hex");
    let actual: String = samples()
        .iter()
        .map(|(name, envelope)| {
            let hex: String = envelope
                .seal()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            format!("{name} = {hex}\n")
        })
        .collect();
    assert_eq!(FORMAT, 2, "add golden/v{FORMAT}.hex and read it here");
    assert_eq!(
        actual, GOLDEN,
        "the stored bytes changed: bump `entry::FORMAT` and add a new golden file, else releases that share a \
         store misread each other's values"
    );
}

#[test]
fn what_format_one_has_left_is_a_miss() {
    for line in include_str!("golden/v1.hex").lines() {
        let (name, hex) = line.split_once(" = ").expect("a name and its bytes");
        let digits = hex.as_bytes().chunks(2);
        let bytes: Vec<u8> = digits
            .map(|pair| {
                u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16)
                    .expect("hexadecimal")
            })
            .collect();
        assert_eq!(
            Envelope::open(&bytes),
            Err(EnvelopeError::Format(1)),
            "{name}"
        );
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    for (name, envelope) in samples() {
        let sealed = envelope.seal();
        for bit in 0..sealed.len() * 8 {
            let mut damaged = sealed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let expected = match bit / 8 {
                0 => EnvelopeError::NotAValue,
                1 => EnvelopeError::Format(damaged[1]),
                2 => EnvelopeError::Codec(damaged[2]),
                _ => EnvelopeError::Checksum,
            };
            assert_eq!(Envelope::open(&damaged), Err(expected), "{name}, bit {bit}");
        }
    }
}

#[test]
fn every_truncation_is_refused() {
    for (name, envelope) in samples() {
        let sealed = envelope.seal();
        for length in 0..sealed.len() {
            let error = Envelope::open(&sealed[..length]).expect_err(name);
            let expected = [EnvelopeError::Truncated, EnvelopeError::Checksum];
            assert!(
                expected.contains(&error),
                "{name} cut to {length}: {error:?}"
            );
            if length < HEADER + 2 + TRAILER {
                assert_eq!(error, EnvelopeError::Truncated, "{name} cut to {length}");
            }
        }
    }
}

#[test]
fn bytes_behind_the_value_are_refused() {
    for (name, envelope) in samples() {
        let mut longer = envelope.seal();
        longer.push(0);
        assert_eq!(
            Envelope::open(&longer),
            Err(EnvelopeError::Checksum),
            "{name}"
        );
        let longer = reseal(envelope.seal(), |bytes| bytes.push(0));
        assert_eq!(
            Envelope::open(&longer),
            Err(EnvelopeError::Malformed),
            "{name}"
        );
    }
}

#[test]
fn forged_fields_behind_a_right_checksum_are_refused() {
    // Grace and cost of the samples take three bytes more than the least that there are.
    let tags_at = HEADER + 3;
    let forged_count = reseal(samples()[0].1.seal(), |bytes| {
        bytes.splice(tags_at..=tags_at, [0xff, 0xff, 0xff, 0xff, 0x7f]);
    });
    assert_eq!(Envelope::open(&forged_count), Err(EnvelopeError::Malformed));
    let unknown_body = reseal(samples()[0].1.seal(), |bytes| bytes[tags_at + 1] = 4);
    assert_eq!(Envelope::open(&unknown_body), Err(EnvelopeError::Malformed));
    let no_text = reseal(samples()[2].1.seal(), |bytes| bytes[tags_at + 2] = 0xff);
    assert_eq!(Envelope::open(&no_text), Err(EnvelopeError::Malformed));
}

#[test]
fn random_bytes_never_panic() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..20_000 {
        let mut bytes = vec![0; random.usize(..200)];
        random.fill(&mut bytes);
        if random.bool() {
            for (byte, good) in bytes.iter_mut().zip([MARKER, FORMAT, CODEC]) {
                *byte = good;
            }
        }
        if bytes.len() >= TRAILER && random.bool() {
            bytes = reseal(bytes, |_| ());
        }
        if let Ok(envelope) = Envelope::open(&bytes) {
            assert_eq!(
                envelope.seal(),
                bytes,
                "only one form of bytes stands for a value"
            );
        }
    }
}
