//! Paths to entities.

use super::item::{Item, item, words};
use crate::ctxt::Ctxt;
use proc_macro2::TokenStream;
use syn::{Ident, Path};

/// What stands beside an entity and is taken for it.
const NEIGHBORS: [&str; 5] = ["Model", "ModelEx", "ActiveModel", "Column", "PrimaryKey"];

/// An entry that begins with the path of an entity.
pub(super) fn entity(part: &TokenStream, cx: &Ctxt) -> Option<Item> {
    if syn::parse2::<syn::Lit>(part.clone()).is_ok() {
        cx.error(
            part,
            format!(
                "expected a path to an entity such as `super::order::Entity`, found `{}`",
                words(part)
            ),
        );
        return None;
    }
    let entry = item(part, cx)?;
    may_be_entity(&entry.path, cx).then_some(entry)
}

/// Reports what certainly is no entity, in fewer words than the compiler would.
pub(crate) fn may_be_entity(path: &Path, cx: &Ctxt) -> bool {
    let Some(last) = path.segments.last() else {
        return true;
    };
    let shown = words(path);
    let name = last.ident.to_string();
    if NEIGHBORS.contains(&&*name) {
        let beside = shown.trim_end_matches(&name);
        cx.error(
            path,
            format!("`{shown}` is not the entity: write `{beside}Entity`"),
        );
        return false;
    }
    if is_module(&last.ident) {
        cx.error(
            path,
            format!("`{shown}` is a module, not an entity: write `{shown}::Entity`"),
        );
        return false;
    }
    true
}

fn is_module(name: &Ident) -> bool {
    name != "Self" && name.to_string().starts_with(char::is_lowercase)
}
