//! `impl CachedTree for Entity`, and the loader that finds trees.

use super::shape::Fnv;
use crate::attr::words;
use crate::relation::{Holder, Relation};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;

// const _: () = {
//     use Treeless as _;
//     impl CachedTree for Entity {
//         const RELATIONS: u64 = 0x..;
//         fn put_relations(model: &ModelEx, out: &mut Vec<u8>) -> Result<(), Unfit> {
//             put_has_many(&model.posts, &Tree::<super::post::Entity>::FORM, out)?;
//             Ok(())
//         }
//         fn take_relations(model: Model, bytes: &mut &[u8]) -> Result<ModelEx, Unfit> { .. }
//         fn see_relations(model: &ModelEx, row: &mut SeeRow<'_>) { .. }
//     }
//     impl Relations for EntityLoaderWith { fn put_names(&self, out: &mut Vec<u8>) { .. } }
//     impl TreeLoader for EntityLoader { type Entity = Entity; fn put_names(&self, out: &mut Vec<u8>) .. }
//     impl CachedQuery for EntityLoader { type Query = Loaded<Self>; .. }
// };
pub(crate) fn tree(relations: &[Relation]) -> TokenStream {
    let fields: Vec<Field<'_>> = relations.iter().filter_map(Field::of).collect();
    let mut hash = Fnv::new();
    for field in &fields {
        hash.add(field.name.as_bytes());
        hash.add(&[0]);
    }
    let hash = hash.0;
    let [put, take, see] = [Field::put, Field::take, Field::see]
        .map(|code| fields.iter().map(code).collect::<Vec<_>>());
    let loader = loader(relations);
    quote! {
        const _: () = {
            use ::cached_repo::__private as __p;
            #[allow(unused_imports)]
            use __p::{Treeless as _, Unnamed as _};

            #[automatically_derived]
            impl __p::CachedTree for Entity {
                const RELATIONS: u64 = #hash;

                #[allow(unused_variables)]
                fn put_relations(
                    model: &ModelEx,
                    out: &mut ::std::vec::Vec<u8>,
                ) -> ::core::result::Result<(), __p::Unfit> {
                    #(#put)*
                    ::core::result::Result::Ok(())
                }

                #[allow(unused_variables, unused_mut)]
                fn take_relations(
                    model: Model,
                    bytes: &mut &[u8],
                ) -> ::core::result::Result<ModelEx, __p::Unfit> {
                    let mut model = model.into_ex();
                    #(#take)*
                    ::core::result::Result::Ok(model)
                }

                #[allow(unused_variables)]
                fn see_relations(model: &ModelEx, row: &mut __p::SeeRow<'_>) {
                    #(#see)*
                }
            }

            #loader

            #[automatically_derived]
            impl __p::CachedQuery for EntityLoader {
                type Query = __p::Loaded<Self>;

                fn to_be_cached(self) -> __p::Loaded<Self> {
                    __p::Loaded(self)
                }
            }
        };
    }
}

/// The names of what SeaORM's loader was asked for. Its structs are taken apart with all of their fields: one that SeaORM adds stops the
/// build, where two loaders that differ in it would else have the same name.
fn loader(relations: &[Relation]) -> TokenStream {
    let fields: Vec<_> = relations.iter().map(|relation| &relation.ident).collect();
    let names: Vec<String> = fields
        .iter()
        .map(|field| field.unraw().to_string())
        .collect();
    let bound: Vec<_> = (0..fields.len())
        .map(|at| format_ident!("__r{at}"))
        .collect();
    quote! {
        #[automatically_derived]
        impl __p::Relations for EntityLoaderWith {
            fn put_names(&self, __out: &mut ::std::vec::Vec<u8>) {
                let Self { #(#fields: #bound),* } = self;
                __p::put_relations(&[#((#names, *#bound)),*], __out);
            }
        }

        #[automatically_derived]
        impl __p::TreeLoader for EntityLoader {
            type Entity = Entity;

            fn put_names(
                &self,
                __out: &mut ::std::vec::Vec<u8>,
            ) -> ::core::result::Result<(), __p::Unfit> {
                let Self { select: _, with, nest } = self;
                __p::Relations::put_names(with, __out);
                let EntityLoaderNest { #(#fields: #bound),* } = nest;
                #(__p::Nested(#bound).put_names(#names, __out)?;)*
                ::core::result::Result::Ok(())
            }
        }
    }
}

/// A field of `ModelEx` that holds related rows.
struct Field<'a> {
    relation: &'a Relation,
    /// Which functions know the type.
    suffix: &'static str,
    /// What tells it from other fields, of whatever type.
    name: String,
}

impl<'a> Field<'a> {
    fn of(relation: &'a Relation) -> Option<Self> {
        let suffix = match relation.holder? {
            Holder::HasOne => "has_one",
            Holder::HasMany => "has_many",
            Holder::BelongsTo => "belongs_to",
            Holder::BelongsToOption => "belongs_to_option",
        };
        let name = format!("{}:{suffix}:{}", relation.ident, words(&relation.target));
        Some(Self {
            relation,
            suffix,
            name,
        })
    }

    fn put(&self) -> TokenStream {
        let (field, target) = (&self.relation.ident, &self.relation.target);
        let put = format_ident!("put_{}", self.suffix);
        quote!(__p::#put(&model.#field, &__p::Tree::<#target>::FORM, out)?;)
    }

    fn take(&self) -> TokenStream {
        let (field, target) = (&self.relation.ident, &self.relation.target);
        let take = format_ident!("take_{}", self.suffix);
        quote!(model.#field = __p::#take(&__p::Tree::<#target>::FORM, bytes)?;)
    }

    fn see(&self) -> TokenStream {
        let (field, target) = (&self.relation.ident, &self.relation.target);
        let see = format_ident!("see_{}", self.suffix);
        quote!(__p::#see(&model.#field, &__p::Tree::<#target>::FORM, row);)
    }
}
