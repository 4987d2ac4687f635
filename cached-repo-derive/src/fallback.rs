//! Impls beside errors: without them, one mistake would be reported again at every use of the entity.

use crate::expand::{ident, methods, relations, scope};
use crate::model::Model;
use proc_macro2::TokenStream;
use quote::quote;

/// An entity without edges, tags and columns. It never runs: the errors beside it stop the build.
pub(crate) fn fallback(model: &Model) -> TokenStream {
    let ident = ident(model);
    let methods = methods(model);
    let scope = scope();
    let relations = model.declared.as_ref().map(|_| relations(&[]));
    quote! {
        const _: () = {
            #scope

            #[automatically_derived]
            impl __p::CachedEntity for Entity {
                const IDENT: __p::EntityIdent = #ident;
                const META: &'static __p::EntityMeta =
                    &__p::EntityMeta {
                        ident: <Entity as __p::CachedEntity>::IDENT,
                        lifetimes: __p::Lifetimes {
                            ttl: ::core::option::Option::None,
                            negative_ttl: ::core::option::Option::None,
                            jitter: ::core::option::Option::None,
                            stale_while_revalidate: ::core::option::Option::None,
                            stale_if_error: ::core::option::Option::None,
                            refresh_ahead: ::core::option::Option::None,
                            early_refresh: ::core::option::Option::None,
                        },
                        fields: &[],
                        tags: &[],
                        indexes: &[],
                        uniques: &[],
                        dependents: &[],
                        depends_on: &[],
                        independent: &[],
                        relations_checked: false,
                        consistency: ::core::option::Option::None,
                        batch: false,
                        lists: ::core::option::Option::None,
                        shape: 0,
                    };
                const COLUMNS: &'static [<Entity as __p::sea_orm::EntityTrait>::Column] = &[];
                const READERS: &'static [__p::ColumnReader] = &[];
            }

            #[automatically_derived]
            impl<__S> __p::ResolveEdges<__S> for Entity {
                const OUT: &'static [usize] = &[];
                const IN: &'static [usize] = &[];
            }
        };
        #relations
        #methods
    }
}
