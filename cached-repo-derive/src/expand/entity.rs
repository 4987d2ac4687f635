//! `impl CachedEntity for Entity`.

use super::{meta, shape};
use crate::location::place;
use crate::model::Model;
use proc_macro2::{Span, TokenStream};
use quote::quote;

// type __Column = <Entity as __p::sea_orm::EntityTrait>::Column;
// impl __p::CachedEntity for Entity {
//     const IDENT: __p::EntityIdent = __p::EntityIdent::new("shop::user::Entity", "user", "users", __p::Place { .. });
//     const META: &'static __p::EntityMeta = &__p::EntityMeta { ident: Self::IDENT, .. };
//     const COLUMNS: &'static [__Column] = &[__Column::Id, ..];
//     const READERS: &'static [__p::ColumnReader] = &[__p::read_column::<i64>, ..];
// }
pub(super) fn entity(model: &Model) -> TokenStream {
    let ident = ident(model);
    let meta = meta::meta(model, shape::shape(model));
    let columns = model.columns.iter().map(|field| &field.variant);
    let types = model.columns.iter().map(|field| &field.ty);
    quote! {
        type __Column = <Entity as __p::sea_orm::EntityTrait>::Column;

        #[automatically_derived]
        impl __p::CachedEntity for Entity {
            const IDENT: __p::EntityIdent = #ident;
            const META: &'static __p::EntityMeta = &#meta;
            const COLUMNS: &'static [__Column] = &[#(__Column::#columns),*];
            const READERS: &'static [__p::ColumnReader] = &[#(__p::read_column::<#types>),*];
        }
    }
}

/// The identity depends on nothing else, so that entities may name each other in circles.
pub(crate) fn ident(model: &Model) -> TokenStream {
    let (prefix, table) = (model.prefix(), model.table.full());
    let place = place(Span::call_site());
    quote! {
        __p::EntityIdent::new(
            ::core::concat!(::core::module_path!(), "::Entity"),
            #prefix,
            #table,
            #place,
        )
    }
}
