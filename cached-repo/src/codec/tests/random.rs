//! Random rows and random damage. A failure prints the seed; put it into `seed` to repeat the run.

use super::*;

const ROUNDS: usize = 3_000;

fn random() -> fastrand::Rng {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    fastrand::Rng::with_seed(seed)
}

/// A row of samples, some of them with random content.
fn row(random: &mut fastrand::Rng, samples: &[(&str, Value)]) -> Vec<Value> {
    (0..random.usize(..9))
        .map(|_| match random.u8(..8) {
            0 => Value::BigInt(Some(random.i64(..))),
            1 => Value::Double(Some(f64::from_bits(random.u64(..)))),
            2 => Value::Float(Some(f32::from_bits(random.u32(..)))),
            3 => Value::String(Some(
                std::iter::repeat_with(|| random.char(..)).take(7).collect(),
            )),
            4 => {
                let mut bytes = vec![0; random.usize(..300)];
                random.fill(&mut bytes);
                Value::Bytes(Some(bytes))
            }
            #[cfg(feature = "with-json")]
            5 => Value::Json(Some(Box::new(json(random, 4)))),
            _ => samples[random.usize(..samples.len())].1.clone(),
        })
        .collect()
}

#[cfg(feature = "with-json")]
fn json(random: &mut fastrand::Rng, depth: usize) -> sea_orm::sea_query::value::prelude::Json {
    use sea_orm::sea_query::value::prelude::Json;

    match random.u8(..if depth == 0 { 5 } else { 7 }) {
        0 => Json::Null,
        1 => random.bool().into(),
        2 => random.i64(..).into(),
        3 => random.u64(..).into(),
        4 => f64::from_bits(random.u64(..)).into(),
        5 => (0..random.usize(..4))
            .map(|_| json(random, depth - 1))
            .collect(),
        _ => (0..random.usize(..4))
            .map(|_| (random.char(..).to_string(), json(random, depth - 1)))
            .collect(),
    }
}

fn bytes_of(row: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    encode_row(row, &mut out).expect("a decoded row encodes");
    out
}

/// Whatever is read as a row must be written as the very bytes it was read from. JSON keys may come in another
/// order; then at least the row must come back from its own bytes.
fn assert_stands_for_itself(bytes: &[u8]) {
    let mut rest = bytes;
    let Ok(row) = decode_row(&mut rest) else {
        return;
    };
    let read = &bytes[..bytes.len() - rest.len()];
    let again = bytes_of(&row);
    #[cfg(feature = "with-json")]
    let has_json = format!("{row:?}").contains("Json(");
    #[cfg(not(feature = "with-json"))]
    let has_json = false;
    if !has_json {
        assert_eq!(again, read);
    }
    let back = decode_whole_row(&again).expect("an encoded row decodes");
    assert_eq!(back, row);
    assert_eq!(bytes_of(&back), again);
}

#[test]
fn random_rows_come_back() {
    let mut random = random();
    let samples = samples();
    for _ in 0..ROUNDS {
        let row = row(&mut random, &samples);
        let bytes = bytes_of(&row);
        let back = decode_whole_row(&bytes).expect("an encoded row decodes");
        assert_eq!(back, row);
        assert_eq!(format!("{back:?}"), format!("{row:?}"));
        assert_eq!(bytes_of(&back), bytes);
    }
}

#[test]
fn damaged_rows_are_refused_or_stand_for_themselves() {
    let mut random = random();
    let samples = samples();
    for _ in 0..ROUNDS {
        let mut bytes = bytes_of(&row(&mut random, &samples));
        for _ in 0..20 {
            match random.u8(..4) {
                0 => bytes.truncate(random.usize(..=bytes.len())),
                1 => bytes.insert(random.usize(..=bytes.len()), random.u8(..)),
                _ if bytes.is_empty() => bytes.push(random.u8(..)),
                2 => drop(bytes.remove(random.usize(..bytes.len()))),
                _ => {
                    let at = random.usize(..bytes.len());
                    bytes[at] ^= 1 << random.u8(..8);
                }
            }
            assert_stands_for_itself(&bytes);
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_value_is_refused_or_stands_for_itself() {
    for (_, value) in samples() {
        let bytes = bytes_of(&[value]);
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_stands_for_itself(&damaged);
        }
    }
}

#[test]
fn random_bytes_never_panic() {
    let mut random = random();
    for _ in 0..20 * ROUNDS {
        let mut bytes = vec![0; random.usize(..80)];
        random.fill(&mut bytes);
        if let [count, first, ..] = &mut bytes[..] {
            // Most random bytes stop at the first tag; these get further.
            *count %= 4;
            *first %= tag::LAST + 2;
        }
        assert_stands_for_itself(&bytes);
    }
}
