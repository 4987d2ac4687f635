//! The public names of the crate root, held by reading `lib.rs`: what a user names in the first week, and modules by topic.

use std::collections::BTreeMap;

const ROOT: &str = include_str!("../src/lib.rs");

const MAX_NAMES: usize = 40;

/// A name that `lib.rs` offers, and the module that it stands in; the root is "".
struct Name {
    module: String,
    name: String,
}

/// All names but hidden ones. A module is a name of the root.
fn names() -> Vec<Name> {
    let mut names = Vec::new();
    let mut module = String::new();
    let mut hidden = false;
    let mut statement = String::new();
    for line in ROOT.lines() {
        let text = line.trim();
        if let Some(rest) = text.strip_prefix("pub mod ") {
            let name = rest.trim_end_matches([';', '{', ' ']).to_owned();
            if rest.ends_with('{') {
                module.clone_from(&name);
            }
            if !hidden {
                let module = String::new();
                names.push(Name { module, name });
            }
        } else if line == "}" {
            module.clear();
        } else if text.starts_with("pub use ") || !statement.is_empty() {
            statement.push_str(text);
            if text.ends_with(';') {
                let used = used(&statement).into_iter();
                names.extend(used.filter(|_| !hidden).map(|name| Name {
                    module: module.clone(),
                    name,
                }));
                statement.clear();
            }
        }
        hidden = text == "#[doc(hidden)]";
    }
    names
}

/// The names of `pub use a::{b, c};`, without braces in braces.
fn used(statement: &str) -> Vec<String> {
    let path = statement.trim_end_matches(';').trim_end_matches('}');
    let listed = path.rsplit(['{', ' ']).next();
    let listed = match path.split_once('{') {
        Some((_, list)) => Some(list),
        None => listed,
    };
    let listed = listed.unwrap_or_default().split(',');
    listed
        .filter_map(|path| path.trim().rsplit("::").next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_root_fits_on_a_page() {
    let mut root: Vec<_> = names()
        .into_iter()
        .filter(|name| name.module.is_empty())
        .map(|name| name.name)
        .collect();
    root.sort();
    // A trait and the derive of its name are one name.
    root.dedup();
    assert!(root.contains(&"CachedRepo".to_owned()) && root.contains(&"query".to_owned()));
    let count = root.len();
    assert!(
        count <= MAX_NAMES,
        "{count} names in the root, the limit is {MAX_NAMES}: {root:?}"
    );
}

#[test]
fn a_name_has_one_path() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in names() {
        // The prelude repeats names on purpose.
        if name.module != "prelude" {
            places.entry(name.name).or_default().push(name.module);
        }
    }
    places.retain(|_, modules| {
        modules.dedup();
        modules.len() > 1
    });
    assert!(places.is_empty(), "names with several paths: {places:?}");
}
