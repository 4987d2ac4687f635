//! `impl CachedEntity for Entity`.

use super::{meta, shape};
use crate::location::place;
use crate::model::{Field, Model};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

// impl CachedEntity for Entity {
//     const IDENT: EntityIdent = EntityIdent::new("shop::user::Entity", "user", "users", Place { .. });
//     const META: &'static EntityMeta = &EntityMeta { ident: Self::IDENT, .. };
//     fn to_values(model: &Model) -> Vec<Value> {
//         vec![Value::from(Clone::clone(&model.id)), ..]
//     }
//     fn from_values(values: Vec<Value>) -> Option<Model> {
//         if values.len() != 3 { return None; }
//         let mut values = values.into_iter();
//         Some(Model { id: take::<i64>(&mut values)?, .. })
//     }
// }
pub(super) fn entity(model: &Model) -> TokenStream {
    let ident = ident(model);
    let meta = meta::meta(model, shape::shape(model));
    let to_values = model.columns.iter().map(to_value);
    let from_values = from_values(model);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl ::cached_repo::__private::CachedEntity for Entity {
            const IDENT: ::cached_repo::__private::EntityIdent = #ident;

            const META: &'static ::cached_repo::__private::EntityMeta = &#meta;

            fn to_values(
                __model: &Model,
            ) -> ::std::vec::Vec<::cached_repo::__private::sea_orm::Value> {
                ::std::vec![#(#to_values),*]
            }

            fn from_values(
                __values: ::std::vec::Vec<::cached_repo::__private::sea_orm::Value>,
            ) -> ::core::option::Option<Model> {
                #from_values
            }
        }
    }
}

/// The identity depends on nothing else, so that entities may name each other in circles.
pub(crate) fn ident(model: &Model) -> TokenStream {
    let (prefix, table) = (model.prefix(), model.table.full());
    let place = place(Span::call_site());
    quote! {
        ::cached_repo::__private::EntityIdent::new(
            ::core::concat!(::core::module_path!(), "::Entity"),
            #prefix,
            #table,
            #place,
        )
    }
}

/// Spanned on the type: what is wrong with the conversion is wrong with it.
fn to_value(field: &Field) -> TokenStream {
    let ident = &field.ident;
    quote_spanned! {field.ty.span()=>
        ::cached_repo::__private::sea_orm::Value::from(::core::clone::Clone::clone(&__model.#ident))
    }
}

fn from_values(model: &Model) -> TokenStream {
    let count = model.columns.len();
    let ignored = &model.ignored;
    let columns = model.columns.iter().map(|field| {
        let (ident, ty) = (&field.ident, &field.ty);
        quote!(#ident: ::cached_repo::__private::take::<#ty>(&mut __values)?)
    });
    quote! {
        if __values.len() != #count {
            return ::core::option::Option::None;
        }
        let mut __values = __values.into_iter();
        ::core::option::Option::Some(Model {
            #(#columns,)*
            #(#ignored: ::core::default::Default::default(),)*
        })
    }
}
