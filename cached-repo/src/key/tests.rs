use super::*;
use sea_orm::Value;
use std::collections::HashMap;

struct Shop;

impl Names for Shop {
    fn namespace(&self) -> &str {
        "cr"
    }
    fn prefix(&self, _: u16) -> &str {
        "user"
    }
    fn lookup(&self, _: Space, _: u16, _: u16) -> &str {
        "email"
    }
}

fn row(values: &[Value]) -> Key {
    let mut packed = Vec::new();
    for value in values {
        pack(value, &mut packed).expect("can be a key");
    }
    Key::new(Space::Row, 0, 0, &packed)
}

fn text(values: &[Value]) -> String {
    render(&row(values), &Shop)
}

#[test]
fn keys_as_text_are_stable() {
    // Another program may hold these keys: a change here needs a new namespace in the guide's upgrade notes.
    assert_eq!(text(&[42_i64.into()]), "cr:r:user:42");
    assert_eq!(
        text(&[(-1_i32).into(), "a b".into()]),
        "cr:r:user:-1,=a%20b"
    );
    assert_eq!(text(&[u64::MAX.into()]), "cr:r:user:18446744073709551615");
    assert_eq!(text(&[Value::Int(None)]), "cr:r:user:~");
    assert_eq!(text(&[true.into()]), "cr:r:user:b1");
    assert_eq!(text(&[vec![0_u8, 255].into()]), "cr:r:user:x00ff");
    assert_eq!(
        text(&["*?[]{}:,%~=\n".into()]),
        "cr:r:user:=%2A%3F%5B%5D%7B%7D%3A%2C%25%7E%3D%0A"
    );
    assert_eq!(render(&Key::user("tenant:7"), &Shop), "cr:tag:=tenant%3A7");
    assert_eq!(render(&Key::epoch(), &Shop), "cr:epoch");
    assert_eq!(render(&Key::table(0), &Shop), "cr:table:user");
}

#[test]
fn different_values_never_share_a_key_or_a_text() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut seen: HashMap<Vec<u8>, Vec<Value>> = HashMap::new();
    let mut texts: HashMap<String, Vec<Value>> = HashMap::new();
    for _ in 0..20_000 {
        let values: Vec<Value> = (0..random.usize(1..4))
            .map(|_| any_value(&mut random))
            .collect();
        let key = row(&values);
        let rendered = render(&key, &Shop);
        assert!(
            rendered
                .bytes()
                .all(|byte| !b"*?[]{}\\ \r\n".contains(&byte)),
            "{rendered}"
        );
        #[cfg(feature = "redis")]
        assert!(
            parse(rendered.as_bytes(), "cr")
                .expect("it is a key")
                .packed
                == *key.packed(),
            "{values:?} are read back as others"
        );
        let before = seen
            .entry(key.packed().to_vec())
            .or_insert_with(|| values.clone());
        assert!(*before == values, "{before:?} and {values:?} share a key");
        let before = texts.entry(rendered).or_insert_with(|| values.clone());
        assert!(*before == values, "{before:?} and {values:?} share a text");
    }
}

fn any_value(random: &mut fastrand::Rng) -> Value {
    const PIECES: [&str; 10] = ["", "a", ",", ":", "%2C", "~", "=", "b1", "42", "é"];
    let text: String = (0..random.usize(0..5))
        .map(|_| PIECES[random.usize(..PIECES.len())])
        .collect();
    match random.u8(..6) {
        0 => random.i64(-3..3).into(),
        1 => (u64::MAX - random.u64(..3)).into(),
        2 => text.into(),
        3 => text.into_bytes().into(),
        4 => random.bool().into(),
        _ => Value::BigInt(None),
    }
}

#[test]
fn equal_values_of_different_widths_share_a_key() {
    // A foreign key may be narrower or wider than the key that it points at.
    assert!(row(&[7_i32.into()]) == row(&[7_i64.into()]));
    assert!(row(&[7_u64.into()]) == row(&[7_i64.into()]));
}

#[test]
fn the_key_of_an_integer_is_that_of_its_packed_form() {
    for value in [0, 1, -1, 300, i64::MIN, i64::MAX, 0x0102_0304_0506_0708] {
        let key = Key::integer(Space::Row, 3, 0, value);
        let packed = row(&[Value::BigInt(Some(value))]);
        assert_eq!(*key.packed(), *packed.packed());
        assert!(key == Key::new(Space::Row, 3, 0, &packed.packed()));
    }
}

#[test]
fn long_and_short_keys_round_trip() {
    for length in [0, 1, 22, 23, 24, 25, 254, 255, 256, 70_000] {
        let value = "x".repeat(length);
        let key = row(&[value.clone().into()]);
        assert!(render(&key, &Shop).ends_with(&format!("={value}")));
        assert!(key == key.clone());
    }
}

#[test]
fn values_without_a_canonical_form_are_refused() {
    let mut packed = Vec::new();
    assert_eq!(pack(&1.5_f64.into(), &mut packed), Err(Unkeyable));
    assert_eq!(pack(&Value::Double(None), &mut packed), Err(Unkeyable));
}

#[cfg(feature = "redis")]
#[test]
fn every_kind_of_key_is_read_back_from_its_text() {
    let mut packed = Vec::new();
    for value in [
        Value::from(vec![0_u8, 255]),
        Value::from("a:b,c"),
        true.into(),
    ] {
        pack(&value, &mut packed).expect("can be a key");
    }
    let spaces = (0..=u8::MAX).filter_map(Space::of);
    for (space, values) in spaces.flat_map(|space| [(space, packed.as_slice()), (space, &[])]) {
        let of_entity = !matches!(space, Space::Epoch | Space::User);
        let entity = if of_entity { 0 } else { NO_ENTITY };
        let text = render(&Key::new(space, entity, 0, values), &Shop);
        let parts = parse(text.as_bytes(), "cr").unwrap_or_else(|| panic!("{text}"));
        assert_eq!(parts.space, space, "{text}");
        assert_eq!(parts.prefix, if of_entity { "user" } else { "" }, "{text}");
        let lookup: &[u8] = if space.is_numbered() { b"email" } else { b"" };
        assert_eq!(parts.lookup, lookup, "{text}");
        assert_eq!(parts.packed, values, "{text}");
    }
}

#[cfg(feature = "redis")]
#[test]
fn what_is_no_key_is_not_read_as_one() {
    for text in [
        "",
        "cr",
        "cr:",
        "cr:r",
        "cr:r:",
        "cr:r:user:",
        "cr:u:user",
        "cr:sequence",
        "other:r:user:1",
        "crr:r:user:1",
        "cr:r:user:1:2",
        "cr:r:user:b2",
        "cr:r:user:=%2",
        "cr:r:user:x0",
        "cr:r:user:xzz",
        "cr:r:user:~1",
        "cr:r:user:é",
        "cr:r:user:99999999999999999999",
    ] {
        assert_eq!(parse(text.as_bytes(), "cr"), None, "{text}");
    }
    assert_eq!(parse(&[b'c', b'r', b':', 255], "cr"), None);
}
