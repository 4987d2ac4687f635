//! Small constants that others contain.

use super::shape::Fnv;
use crate::attr::Action;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Path};

// Name::new("customer_id", 0x..)
pub(super) fn name(text: &str) -> TokenStream {
    let mut hash = Fnv::new();
    hash.add(text.as_bytes());
    let hash = hash.0;
    quote!(__p::Name::new(#text, #hash))
}

/// The names of columns, which are known here, so that the compiler need not hash them.
pub(super) fn names(columns: &[Ident]) -> TokenStream {
    let names = columns
        .iter()
        .map(|column| name(&column.unraw().to_string()));
    quote!(&[#(#names),*])
}

// Action::SetNull
pub(super) fn action(action: Action) -> TokenStream {
    let variant = match action {
        Action::None => quote!(None),
        Action::Cascade => quote!(Cascade),
        Action::SetNull => quote!(SetNull),
        Action::SetDefault => quote!(SetDefault),
    };
    quote!(__p::Action::#variant)
}

/// The identity of another entity, never its description: two that describe each other would be a cycle.
pub(super) fn ident_of(entity: &Path) -> TokenStream {
    quote!(<#entity as __p::CachedEntity>::IDENT)
}

// Probe::<super::user::Entity>::IDENT, which is `None` if the entity is not cached
pub(super) fn ident_if_cached(entity: &Path) -> TokenStream {
    quote!(__p::Probe::<#entity>::IDENT)
}

/// What generated code needs in scope: a short name for what it uses, since each token of each entity costs time, and
/// the trait behind [`ident_if_cached`], which is unused where all entities are cached.
pub(crate) fn scope() -> TokenStream {
    quote! {
        use ::cached_repo::__private as __p;
        #[allow(unused_imports)]
        use __p::Unknown as _;
    }
}

/// Where a path begins.
pub(super) fn start(path: &Path) -> Span {
    path.segments
        .first()
        .map_or_else(|| path.span(), Spanned::span)
}
