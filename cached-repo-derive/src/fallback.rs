//! Impls beside errors: without them, one mistake would be reported again at every use of the entity.

use crate::expand::{ident, methods, relations};
use crate::model::Model;
use proc_macro2::TokenStream;
use quote::quote;

/// An entity without edges, tags and columns. It never runs: the errors beside it stop the build.
pub(crate) fn fallback(model: &Model) -> TokenStream {
    let ident = ident(model);
    let methods = methods(model);
    let relations = model.declared.as_ref().map(|_| relations(&[]));
    quote! {
        const _: () = {
            #[automatically_derived]
            impl ::cached_repo::__private::CachedEntity for Entity {
                const IDENT: ::cached_repo::__private::EntityIdent = #ident;
                const META: &'static ::cached_repo::__private::EntityMeta =
                    &::cached_repo::__private::EntityMeta {
                        ident: <Entity as ::cached_repo::__private::CachedEntity>::IDENT,
                        lifetimes: ::cached_repo::__private::Lifetimes {
                            ttl: ::core::option::Option::None,
                            negative_ttl: ::core::option::Option::None,
                            jitter: ::core::option::Option::None,
                        },
                        fields: &[],
                        tags: &[],
                        indexes: &[],
                        uniques: &[],
                        dependents: &[],
                        depends_on: &[],
                        independent: &[],
                        relations_checked: false,
                        shape: 0,
                    };

                fn to_values(
                    _: &Model,
                ) -> ::std::vec::Vec<::cached_repo::__private::sea_orm::Value> {
                    ::std::vec::Vec::new()
                }

                fn from_values(
                    _: ::std::vec::Vec<::cached_repo::__private::sea_orm::Value>,
                ) -> ::core::option::Option<Model> {
                    ::core::option::Option::None
                }
            }

            #[automatically_derived]
            impl<__S> ::cached_repo::__private::ResolveEdges<__S> for Entity {
                const OUT: &'static [usize] = &[];
                const IN: &'static [usize] = &[];
            }
        };
        #relations
        #methods
    }
}
