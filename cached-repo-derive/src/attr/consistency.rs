//! `consistency = strict`.

use super::item::{Form, Item, words};
use crate::ctxt::Ctxt;
use crate::suggest::hint;
use syn::Ident;

/// How new the reads of an entity are over a shared store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consistency {
    Strict,
    Bounded,
}

pub(super) fn consistency(item: &Item, cx: &Ctxt) -> Option<Consistency> {
    let Form::Assign(value) = &item.form else {
        cx.error(
            &item.path,
            "`consistency` expects a level: write `consistency = strict` or `consistency = bounded`",
        );
        return None;
    };
    let word = syn::parse2::<Ident>(value.clone()).map(|word| word.to_string());
    match word.as_deref() {
        Ok("strict") => Some(Consistency::Strict),
        Ok("bounded") => Some(Consistency::Bounded),
        _ => {
            let shown = words(value);
            let hint = hint(&shown, &["strict", "bounded"]);
            cx.error(value, format!("unknown consistency `{shown}`{hint}"));
            None
        }
    }
}
