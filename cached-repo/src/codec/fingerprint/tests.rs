//! Another structure is another fingerprint, and the same one stays what it is.

use super::*;
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};

fn of<T: DeserializeOwned>() -> Fingerprint {
    structure::<T>().expect("its structure shows")
}

/// A module for each version of a type.
macro_rules! versions {
    ($($version:ident { $($item:item)* })*) => {$(
        #[expect(dead_code, reason = "never made")]
        mod $version {
            use super::*;
            $($item)*
        }
    )*};
}

versions! {
    first {
        #[derive(Deserialize)]
        pub(super) struct Report { pub(super) id: i64, pub(super) lines: Vec<Line>, pub(super) kind: Kind }
        #[derive(Deserialize)]
        pub(super) struct Line { pub(super) text: String, pub(super) at: Option<Amount> }
        #[derive(Deserialize)]
        pub(super) struct Amount(pub(super) u32);
        #[derive(Deserialize)]
        pub(super) enum Kind { Open, Closed { by: String }, Moved(i64, Line) }
    }
    same {
        #[derive(Deserialize)]
        pub(super) struct Report { pub(super) id: i64, pub(super) lines: Vec<Line>, pub(super) kind: Kind }
        #[derive(Deserialize)]
        pub(super) struct Line { pub(super) text: String, pub(super) at: Option<Amount> }
        #[derive(Deserialize)]
        pub(super) struct Amount(pub(super) u32);
        #[derive(Deserialize)]
        pub(super) enum Kind { Open, Closed { by: String }, Moved(i64, Line) }
    }
}

/// `first::Report` with one thing changed.
macro_rules! changes {
    ($($name:ident: $report:item $line:item $amount:item $kind:item)*) => {
        versions! { $($name {
            #[derive(Deserialize)] $report
            #[derive(Deserialize)] $line
            #[derive(Deserialize)] $amount
            #[derive(Deserialize)] $kind
        })* }
        fn changed() -> Vec<Fingerprint> {
            vec![$(of::<$name::Report>()),*]
        }
    };
}

changes! {
    gained:
        pub(super) struct Report { pub(super) id: i64, pub(super) lines: Vec<Line>, pub(super) kind: Kind, pub(super) note: Option<String> }
        pub(super) struct Line { pub(super) text: String, pub(super) at: Option<Amount> }
        pub(super) struct Amount(pub(super) u32);
        pub(super) enum Kind { Open, Closed { by: String }, Moved(i64, Line) }
    typed:
        pub(super) struct Report { pub(super) id: u64, pub(super) lines: Vec<Line>, pub(super) kind: Kind }
        pub(super) struct Line { pub(super) text: String, pub(super) at: Option<Amount> }
        pub(super) struct Amount(pub(super) u32);
        pub(super) enum Kind { Open, Closed { by: String }, Moved(i64, Line) }
    nested:
        pub(super) struct Report { pub(super) id: i64, pub(super) lines: Vec<Line>, pub(super) kind: Kind }
        pub(super) struct Line { pub(super) text: String, pub(super) at: Amount }
        pub(super) struct Amount(pub(super) u32);
        pub(super) enum Kind { Open, Closed { by: String }, Moved(i64, Line) }
    deep:
        pub(super) struct Report { pub(super) id: i64, pub(super) lines: Vec<Line>, pub(super) kind: Kind }
        pub(super) struct Line { pub(super) text: String, pub(super) at: Option<Amount> }
        pub(super) struct Amount(pub(super) i32);
        pub(super) enum Kind { Open, Closed { by: String }, Moved(i64, Line) }
    variant:
        pub(super) struct Report { pub(super) id: i64, pub(super) lines: Vec<Line>, pub(super) kind: Kind }
        pub(super) struct Line { pub(super) text: String, pub(super) at: Option<Amount> }
        pub(super) struct Amount(pub(super) u32);
        pub(super) enum Kind { Open, Closed { by: String }, Moved(i64, Line), Lost }
    content:
        pub(super) struct Report { pub(super) id: i64, pub(super) lines: Vec<Line>, pub(super) kind: Kind }
        pub(super) struct Line { pub(super) text: String, pub(super) at: Option<Amount> }
        pub(super) struct Amount(pub(super) u32);
        pub(super) enum Kind { Open, Closed { by: i64 }, Moved(i64, Line) }
    last:
        pub(super) struct Report { pub(super) id: i64, pub(super) lines: Vec<Line>, pub(super) kind: Kind }
        pub(super) struct Line { pub(super) text: String, pub(super) at: Option<Amount> }
        pub(super) struct Amount(pub(super) u32);
        pub(super) enum Kind { Open, Closed { by: String }, Moved(i64, Option<Line>) }
}

#[test]
fn a_type_that_has_changed_anywhere_has_another_fingerprint() {
    assert_eq!(of::<first::Report>(), of::<same::Report>());
    let mut all = changed();
    all.push(of::<first::Report>());
    let distinct: HashSet<Fingerprint> = all.iter().copied().collect();
    assert_eq!(distinct.len(), all.len());
}

#[test]
fn fingerprints_are_stable() {
    // Other programs hold entries under these.
    let hex = |fingerprint: Fingerprint| {
        let digits = fingerprint.iter().map(|byte| format!("{byte:02x}"));
        digits.collect::<String>()
    };
    assert_eq!(
        hex(of::<first::Report>()),
        "4171e0fd593f64a51cfbd38e453b1fa7"
    );
    assert_eq!(
        hex(of::<(String, Option<i64>)>()),
        "06eb49f5847228cebde7078aeb6333f1"
    );
}

#[test]
fn types_of_one_structure_are_told_apart_in_the_process() {
    let first = fingerprint::<first::Report>();
    assert_eq!(first, fingerprint::<first::Report>());
    assert_ne!(first, fingerprint::<same::Report>());
    assert_eq!(fingerprint::<same::Report>(), fingerprint::<same::Report>());
}

#[test]
fn what_the_library_is_often_asked_for_has_one() {
    let all = [
        of::<u64>(),
        of::<String>(),
        of::<Vec<String>>(),
        of::<Option<String>>(),
        of::<()>(),
        of::<(i64, String)>(),
        of::<(String, i64)>(),
        of::<[i32; 3]>(),
        of::<BTreeMap<String, i64>>(),
        of::<BTreeMap<i64, i64>>(),
        of::<BTreeMap<String, Vec<i64>>>(),
        #[cfg(feature = "with-json")]
        of::<serde_json::Value>(),
        #[cfg(feature = "with-uuid")]
        of::<(sea_orm::prelude::Uuid, i64)>(),
        #[cfg(feature = "with-chrono")]
        of::<(
            sea_orm::prelude::ChronoDateTimeUtc,
            sea_orm::prelude::ChronoDate,
            i64,
        )>(),
        #[cfg(feature = "with-rust_decimal")]
        of::<(sea_orm::prelude::Decimal, i64)>(),
    ];
    let distinct: HashSet<Fingerprint> = all.iter().copied().collect();
    assert_eq!(distinct.len(), all.len());
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "never made")]
struct Tree {
    name: String,
    children: Vec<Tree>,
    parent: Option<Box<Tree>>,
}

#[test]
fn a_type_that_holds_itself_has_one() {
    assert_ne!(of::<Tree>(), of::<Vec<Tree>>());
}

#[derive(Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "never made")]
enum Either {
    Number(i64),
    Text(String),
}

#[derive(Deserialize)]
#[serde(tag = "kind")]
#[expect(dead_code, reason = "never made")]
enum Tagged {
    A { x: i64 },
    B { y: i64 },
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "never made")]
struct Flat {
    id: i64,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "never made")]
struct Rest {
    name: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "never made")]
struct Holds<T> {
    inner: T,
}

#[derive(Deserialize)]
#[serde(rename = "holds@1")]
#[expect(dead_code, reason = "never made")]
struct Versioned<T> {
    inner: T,
}

#[derive(Deserialize)]
#[serde(rename = "holds@2")]
#[expect(dead_code, reason = "never made")]
struct Next<T> {
    inner: T,
}

#[test]
fn what_hides_its_structure_is_refused_unless_it_has_a_version() {
    assert_eq!(structure::<Either>(), Err(Unshaped::Any));
    assert_eq!(structure::<Tagged>(), Err(Unshaped::Any));
    assert_eq!(structure::<Flat>(), Err(Unshaped::Any));
    assert_eq!(structure::<Vec<Holds<Either>>>(), Err(Unshaped::Any));
    assert_ne!(of::<Versioned<Either>>(), of::<Next<Either>>());
    assert_ne!(of::<Versioned<Flat>>(), of::<Versioned<Tagged>>());
}
