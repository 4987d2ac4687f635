//! Forms bring back what they were given, and refuse what they did not write.

use super::*;
use serde::Deserialize;
use std::collections::HashSet;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Heading {
    title: String,
    rank: Option<i32>,
    ratio: f64,
}

fn heading(title: &str) -> Heading {
    Heading {
        title: title.to_owned(),
        rank: Some(-7),
        ratio: f64::INFINITY,
    }
}

type Lists = Many<(Plain<Heading>, Maybe<Plain<u64>>, Many<Plain<String>>)>;

fn lists() -> <Lists as Form>::Value {
    vec![
        (heading("a"), None, vec![]),
        (heading(""), Some(u64::MAX), vec!["x".into(), "y".into()]),
    ]
}

#[test]
fn what_is_stored_comes_back() {
    let form = form::<Lists>();
    let bytes = (form.encode)(&lists()).expect("serde knows it");
    let value = (form.decode)(&bytes).expect("the form's own bytes");
    let value = value.downcast::<<Lists as Form>::Value>();
    assert_eq!(*value.expect("the form's own type"), lists());
}

#[test]
fn bytes_that_are_cut_or_longer_are_refused() {
    let form = form::<Lists>();
    let mut bytes = (form.encode)(&lists()).expect("serde knows it");
    for length in 0..bytes.len() {
        assert!((form.decode)(&bytes[..length]).is_err(), "{length}");
    }
    bytes.push(0);
    assert!((form.decode)(&bytes).is_err());
}

#[test]
fn bytes_of_another_shape_are_refused() {
    let texts = form::<Many<Plain<String>>>();
    let bytes = (texts.encode)(&vec!["x".to_owned()]).expect("serde knows it");
    assert!((form::<Many<Plain<Heading>>>().decode)(&bytes).is_err());
    assert!((form::<Many<Plain<u64>>>().decode)(&bytes).is_err());
}

#[test]
fn a_value_of_another_type_is_refused() {
    assert!((form::<Lists>().encode)(&1_u64).is_err());
}

fn name<F: Form>() -> Vec<u8> {
    let mut name = Vec::new();
    F::name(&mut name).expect("its structure shows");
    name
}

#[test]
fn a_type_is_named_by_its_structure_and_not_by_its_path() {
    let structure = fingerprint::<Heading>().expect("its structure shows");
    let name = name::<Plain<Heading>>();
    assert!(name.ends_with(&structure), "{name:?}");
    assert!(!name.windows(7).any(|part| part == b"Heading"), "{name:?}");
}

#[test]
fn forms_have_names_of_their_own() {
    let names = [
        name::<Plain<u64>>(),
        name::<Plain<i64>>(),
        name::<Plain<Heading>>(),
        name::<Maybe<Plain<u64>>>(),
        name::<Many<Plain<u64>>>(),
        name::<(Plain<u64>, Plain<u64>)>(),
        name::<(Plain<u64>, Plain<u64>, Plain<u64>)>(),
        name::<((Plain<u64>, Plain<u64>), Plain<u64>)>(),
        name::<Lists>(),
    ];
    let distinct: HashSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
}
