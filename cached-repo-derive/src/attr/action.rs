//! What a foreign key makes the database do, as we write it and as SeaORM writes it.

use super::item::{Form, Item, words};
use crate::ctxt::Ctxt;
use crate::suggest::hint;
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{Ident, LitStr};

/// What happens to the rows that refer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Action {
    /// Nothing, or the database refuses.
    #[default]
    None,
    Cascade,
    SetNull,
    SetDefault,
}

/// Our words, SeaORM's, and what both mean.
const WORDS: [(&str, &str, Action); 5] = [
    ("cascade", "Cascade", Action::Cascade),
    ("set_null", "SetNull", Action::SetNull),
    ("set_default", "SetDefault", Action::SetDefault),
    ("restrict", "Restrict", Action::None),
    ("no_action", "NoAction", Action::None),
];

impl Action {
    /// SeaORM's word; it reports one that does not exist.
    pub(crate) fn of_sea_orm(word: &str) -> Option<Self> {
        let known = WORDS.iter().find(|(_, theirs, _)| *theirs == word);
        known.map(|(_, _, action)| *action)
    }

    fn of_ours(word: &str) -> Option<Self> {
        let known = WORDS.iter().find(|(ours, _, _)| *ours == word);
        known.map(|(_, _, action)| *action)
    }
}

/// `on_delete = cascade`, or `on_delete = "Cascade"`.
pub(super) fn action(option: &Item, cx: &Ctxt) -> Option<Action> {
    let name = option.name()?;
    let Form::Assign(value) = &option.form else {
        cx.error(
            &option.path,
            format!("`{name}` expects an action: write `{name} = cascade`"),
        );
        return None;
    };
    let found = if let Ok(text) = syn::parse2::<LitStr>(value.clone()) {
        Action::of_sea_orm(&text.value())
    } else {
        Ident::parse_any
            .parse2(value.clone())
            .ok()
            .and_then(|word| Action::of_ours(&word.unraw().to_string()))
    };
    if found.is_none() && value.is_empty() {
        cx.error(
            &option.path,
            format!("`{name}` expects an action: write `{name} = cascade`"),
        );
    } else if found.is_none() {
        let shown = words(value);
        let ours = WORDS.map(|(ours, _, _)| ours);
        cx.error(
            value,
            format!(
                "unknown action `{shown}`{}",
                hint(shown.trim_matches('"'), &ours)
            ),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Action;

    #[test]
    fn both_spellings() {
        assert_eq!(Action::of_ours("set_null"), Some(Action::SetNull));
        assert_eq!(Action::of_sea_orm("SetNull"), Some(Action::SetNull));
        assert_eq!(Action::of_ours("restrict"), Some(Action::None));
        assert_eq!(Action::of_ours("SetNull"), None);
        assert_eq!(Action::of_sea_orm("cascade"), None);
    }
}
