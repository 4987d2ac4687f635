//! `lists = keys`.

use super::item::{Form, Item, words};
use crate::ctxt::Ctxt;
use crate::suggest::hint;
use syn::Ident;

/// How the lists of an entity are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lists {
    Whole,
    Keys,
}

pub(super) fn lists(item: &Item, cx: &Ctxt) -> Option<Lists> {
    let Form::Assign(value) = &item.form else {
        cx.error(
            &item.path,
            "`lists` expects a form: write `lists = keys` or `lists = whole`",
        );
        return None;
    };
    let word = syn::parse2::<Ident>(value.clone()).map(|word| word.to_string());
    match word.as_deref() {
        Ok("keys") => Some(Lists::Keys),
        Ok("whole") => Some(Lists::Whole),
        _ => {
            let shown = words(value);
            let hint = hint(&shown, &["keys", "whole"]);
            cx.error(value, format!("unknown form of lists `{shown}`{hint}"));
            None
        }
    }
}
