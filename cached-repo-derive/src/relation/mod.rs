//! Relations as an entity declares them to SeaORM: as fields of the dense format, or as variants of `enum Relation`.

mod field;
mod variant;

pub(crate) use field::{is_relation, of_fields};
pub(crate) use variant::of_enum;

use crate::attr::{Action, SeaOrm};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Path, Token, parenthesized, token};

/// How rows of two entities belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Rows there hold the key of a row here.
    Has,
    /// Rows here hold the key of a row there.
    BelongsTo,
    /// Rows of a third entity hold keys of both.
    ManyToMany,
}

/// The type of a field that holds related rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    HasOne,
    HasMany,
    BelongsTo,
    /// `BelongsTo<Option<Entity>>`.
    BelongsToOption,
}

/// A relation.
pub(crate) struct Relation {
    /// Its field or variant.
    pub(crate) ident: Ident,
    pub(crate) target: Path,
    pub(crate) kind: Kind,
    /// The type of its field, if it is one.
    pub(crate) holder: Option<Holder>,
    pub(crate) foreign_key: ForeignKey,
}

/// What `belongs_to` says about its foreign key; the other end of a relation says nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ForeignKey {
    /// Variants of `Column` here.
    pub(crate) from: Vec<String>,
    /// Variants of `Column` there.
    pub(crate) to: Vec<String>,
    pub(crate) on_delete: Action,
    pub(crate) on_update: Action,
}

/// An action that SeaORM does not know is reported by it.
fn action(attrs: &SeaOrm, name: &str) -> Action {
    attrs
        .text(name)
        .and_then(|word| Action::of_sea_orm(&word.value()))
        .unwrap_or_default()
}

/// The last names in `user_id`, `Column::UserId` and `(a, b)`.
fn columns(text: &LitStr) -> syn::Result<Vec<Ident>> {
    let paths = text.parse_with(|input: ParseStream<'_>| {
        if !input.peek(token::Paren) {
            return Ok(Punctuated::from_iter([Path::parse_mod_style(input)?]));
        }
        let list;
        parenthesized!(list in input);
        Punctuated::<Path, Token![,]>::parse_terminated_with(&list, Path::parse_mod_style)
    })?;
    let last = paths
        .into_iter()
        .filter_map(|path| path.segments.last().map(|last| last.ident.clone()));
    Ok(last.collect())
}
