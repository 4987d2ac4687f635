//! `impl EntityRelations for Entity`.

use super::parts::{action, ident_if_cached, name, scope};
use crate::attr::words;
use crate::location::place;
use crate::relation::{Kind, Relation};
use proc_macro2::TokenStream;
use quote::quote;

// const _: () = {
//     use Unknown as _;
//     impl EntityRelations for Entity {
//         const RELATIONS: &'static [RelationMeta] = &[RelationMeta {
//             name: "user", other: Probe::<super::user::Entity>::IDENT, kind: RelationKind::BelongsTo, ..
//         }];
//     }
// };
pub(crate) fn relations(relations: &[Relation]) -> TokenStream {
    let scope = scope();
    let relations = relations.iter().map(relation);
    quote! {
        const _: () = {
            #scope
            #[automatically_derived]
            impl __p::EntityRelations for Entity {
                const RELATIONS: &'static [__p::RelationMeta] = &[#(#relations),*];
            }
        };
    }
}

fn relation(relation: &Relation) -> TokenStream {
    let shown = relation.ident.to_string();
    let other = ident_if_cached(&relation.target);
    let written = words(&relation.target);
    let kind = match relation.kind {
        Kind::Has => quote!(Has),
        Kind::BelongsTo => quote!(BelongsTo),
        Kind::ManyToMany => quote!(ManyToMany),
    };
    let key = &relation.foreign_key;
    let from = key.from.iter().map(|column| name(column));
    let to = key.to.iter().map(|column| name(column));
    let (on_delete, on_update) = (action(key.on_delete), action(key.on_update));
    let place = place(relation.ident.span());
    quote! {
        __p::RelationMeta {
            name: #shown,
            other: #other,
            written: #written,
            kind: __p::RelationKind::#kind,
            from: &[#(#from),*],
            to: &[#(#to),*],
            on_delete: #on_delete,
            on_update: #on_update,
            place: #place,
        }
    }
}
