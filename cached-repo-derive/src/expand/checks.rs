//! What only the compiler can check: columns of other entities, and their types.

use crate::attr::{Edge, Independent};
use crate::generic::argument;
use crate::model::{Field, Model};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Path, Type};

// const _: () = {
//     assert_foreign_key::<i64, _, _>(|__m: ModelOf<super::order::Entity>| __m.customer_id);
//     let _ = |__m: ModelOf<super::user::Entity>| __m.name;
//     let _ = PhantomData::<ModelOf<super::audit::Entity>>;
// };
pub(super) fn checks(model: &Model) -> TokenStream {
    let dependents = model
        .cached
        .dependents
        .iter()
        .flat_map(|edge| dependent(model, edge));
    let depends_on = model.cached.depends_on.iter().flat_map(parent);
    let independent = model
        .cached
        .independent
        .iter()
        .flat_map(|entry| independent(model, entry));
    quote! {
        #[allow(deprecated)]
        const _: () = { #(#dependents)* #(#depends_on)* #(#independent)* };
    }
}

/// `via` is a column over there, of the type of the column here that it points at.
fn dependent(model: &Model, edge: &Edge) -> Vec<TokenStream> {
    let column = |name: &Ident| model.column(&name.unraw().to_string());
    let there = model_of(&edge.target);
    let pointed_at: Vec<&Field> = if edge.references.is_empty() {
        model.key()
    } else {
        edge.references.iter().filter_map(column).collect()
    };
    if pointed_at.is_empty() {
        return vec![foreign_keys(&syn::parse_quote!(Entity), &there, &edge.via)];
    }
    let pairs = edge.via.iter().zip(pointed_at);
    pairs
        .map(|(via, column)| foreign_key(&not_null(&column.ty), &there, via))
        .collect()
}

/// `references` and `on` are columns over there, and `via` here is of the type that it points at.
fn parent(edge: &Edge) -> Vec<TokenStream> {
    let there = model_of(&edge.target);
    let mut checks: Vec<TokenStream> = if edge.references.is_empty() {
        vec![foreign_keys(&edge.target, &quote!(Model), &edge.via)]
    } else {
        let pairs = edge.via.iter().zip(&edge.references);
        pairs
            .map(|(via, column)| reference(&there, column, via))
            .collect()
    };
    checks.extend(edge.on.iter().map(|column| exists(&there, column)));
    checks
}

/// It is an entity, cached or not, and a column that is not of this entity is one of that.
fn independent(model: &Model, entry: &Independent) -> Vec<TokenStream> {
    let there = model_of(&entry.target);
    let mut checks = vec![quote!(let _ = ::core::marker::PhantomData::<#there>;)];
    let own = |column: &&Ident| model.column(&column.unraw().to_string()).is_some();
    let others = entry.via.iter().filter(|column| !own(column));
    checks.extend(others.map(|column| exists(&there, column)));
    checks
}

fn exists(there: &TokenStream, column: &Ident) -> TokenStream {
    quote_spanned!(column.span()=> let _ = |__m: #there| __m.#column;)
}

fn model_of(entity: &Path) -> TokenStream {
    quote!(<#entity as __p::sea_orm::EntityTrait>::Model)
}

/// A primary key that is not visible here, known by its type only.
fn foreign_keys(entity: &Path, holder: &TokenStream, via: &[Ident]) -> TokenStream {
    let key = quote!(__p::KeyOf<#entity>);
    if let [via] = via {
        return foreign_key(&key, holder, via);
    }
    let span = via.first().map_or_else(|| entity.span(), Ident::span);
    let columns = via
        .iter()
        .map(|via| quote_spanned!(via.span()=> __p::column(|__m: #holder| __m.#via)));
    quote_spanned! {span=>
        __p::assert_foreign_keys::<#key, _>(&(#(#columns),*));
    }
}

/// Spanned on `via`: rustc underlines it if the column does not exist, and if its type does not fit.
fn foreign_key(key: &TokenStream, holder: &TokenStream, via: &Ident) -> TokenStream {
    quote_spanned! {via.span()=>
        __p::assert_foreign_key::<#key, _, _>(|__m: #holder| __m.#via);
    }
}

fn reference(parent: &TokenStream, column: &Ident, via: &Ident) -> TokenStream {
    let read = quote_spanned!(column.span()=> |__m: #parent| __m.#column);
    quote_spanned! {via.span()=>
        __p::assert_reference(#read, |__m: Model| __m.#via);
    }
}

/// A foreign key never points at `NULL`.
fn not_null(ty: &Type) -> TokenStream {
    if let Type::Path(path) = ty
        && let Some(last) = path.path.segments.last()
        && last.ident == "Option"
        && let Some(inner) = argument(last)
    {
        return quote!(#inner);
    }
    quote!(#ty)
}
