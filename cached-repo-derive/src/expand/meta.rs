//! The constant that describes the entity.

use super::parts::{action, ident_if_cached, ident_of, name, names, start};
use crate::attr::{Consistency, Edge, Independent, Kind, Lists, Part, Relations, Tag};
use crate::check::groups;
use crate::location::place;
use crate::model::{Field, Model};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

// EntityMeta {
//     ident: <Entity as CachedEntity>::IDENT,
//     lifetimes: Lifetimes { ttl: Some(Duration::from_millis(3600000)), negative_ttl: None, jitter: None, .. },
//     fields: &[FieldMeta { name: Name::new("id", 0x..), variant: Name::new("Id", 0x..), key: true }, ..],
//     tags: &[TagMeta { template: "tenant:{tenant_id}", parts: &[TagPart::Text("tenant:"), TagPart::Field("tenant_id")] }],
//     uniques: &[LookupMeta { name: "email", fields: &["email"] }],
//     dependents: &[EdgeMeta { other: <super::order::Entity as CachedEntity>::IDENT, via: &[Name::new("customer_id", 0x..)], .. }],
//     ..
// }
pub(super) fn meta(model: &Model, shape: u64) -> TokenStream {
    let cached = &model.cached;
    let lifetimes = lifetimes(model);
    let fields = model.columns.iter().map(field);
    let tags = cached.tags.iter().map(tag);
    let indexes = lookups(model, Kind::Index);
    let uniques = lookups(model, Kind::Unique);
    let dependents = cached.dependents.iter().map(edge);
    let depends_on = cached.depends_on.iter().map(edge);
    let independent = cached.independent.iter().map(independent);
    let relations_checked = cached.relations != Some(Relations::Unchecked);
    let consistency = option(cached.consistency.map(consistency));
    let batch = cached.batch;
    let lists = option(cached.lists.map(lists));
    quote! {
        __p::EntityMeta {
            ident: <Entity as __p::CachedEntity>::IDENT,
            lifetimes: #lifetimes,
            fields: &[#(#fields),*],
            tags: &[#(#tags),*],
            indexes: &[#(#indexes),*],
            uniques: &[#(#uniques),*],
            dependents: &[#(#dependents),*],
            depends_on: &[#(#depends_on),*],
            independent: &[#(#independent),*],
            relations_checked: #relations_checked,
            consistency: #consistency,
            batch: #batch,
            lists: #lists,
            shape: #shape,
        }
    }
}

fn consistency(level: Consistency) -> TokenStream {
    match level {
        Consistency::Strict => quote!(__p::Consistency::Strict),
        Consistency::Bounded => quote!(__p::Consistency::Bounded),
    }
}

fn lists(form: Lists) -> TokenStream {
    match form {
        Lists::Whole => quote!(__p::Lists::Whole),
        Lists::Keys => quote!(__p::Lists::Keys),
    }
}

fn lifetimes(model: &Model) -> TokenStream {
    let ttl = duration(model.cached.ttl);
    let negative_ttl = duration(model.cached.negative_ttl);
    let jitter = option(model.cached.jitter.map(|number| quote!(#number)));
    let aging = &model.cached.aging;
    let stale_while_revalidate = duration(aging.stale_while_revalidate);
    let stale_if_error = duration(aging.stale_if_error);
    let refresh_ahead = option(aging.refresh_ahead.map(|number| quote!(#number)));
    let early_refresh = option(aging.early_refresh.map(|number| quote!(#number)));
    quote! {
        __p::Lifetimes {
            ttl: #ttl,
            negative_ttl: #negative_ttl,
            jitter: #jitter,
            stale_while_revalidate: #stale_while_revalidate,
            stale_if_error: #stale_if_error,
            refresh_ahead: #refresh_ahead,
            early_refresh: #early_refresh,
        }
    }
}

fn duration(length: Option<u64>) -> TokenStream {
    option(length.map(|length| quote!(::core::time::Duration::from_millis(#length))))
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

fn field(field: &Field) -> TokenStream {
    let (variant, key) = (&field.variant, field.primary_key);
    let variant_name = name(&variant.unraw().to_string());
    let name = name(&field.name);
    quote! {
        __p::FieldMeta {
            name: #name,
            variant: #variant_name,
            key: #key,
        }
    }
}

pub(crate) fn tag(tag: &Tag) -> TokenStream {
    let template = tag.template.value();
    let parts = tag.parts.iter().map(|part| match part {
        Part::Text(text) => quote!(__p::TagPart::Text(#text)),
        Part::Field(field) => quote!(__p::TagPart::Field(#field)),
    });
    quote! {
        __p::TagMeta { template: #template, parts: &[#(#parts),*] }
    }
}

fn lookups(model: &Model, kind: Kind) -> Vec<TokenStream> {
    groups(model)
        .into_iter()
        .filter(|group| group.kind == kind)
        .map(|group| {
            let name = &group.name;
            let fields = group.fields.iter().map(|field| &field.name);
            quote!(__p::LookupMeta { name: #name, fields: &[#(#fields),*] })
        })
        .collect()
}

fn edge(edge: &Edge) -> TokenStream {
    let other = ident_of(&edge.target);
    let (via, references, on) = (names(&edge.via), names(&edge.references), names(&edge.on));
    let (cascade, lookup) = (edge.cascade, edge.lookup);
    let (on_delete, on_update) = (action(edge.on_delete), action(edge.on_update));
    let place = place(start(&edge.target));
    quote! {
        __p::EdgeMeta {
            other: #other,
            via: #via,
            references: #references,
            on: #on,
            cascade: #cascade,
            lookup: #lookup,
            on_delete: #on_delete,
            on_update: #on_update,
            place: #place,
        }
    }
}

fn independent(entry: &Independent) -> TokenStream {
    let other = ident_if_cached(&entry.target);
    let via = names(&entry.via);
    let place = place(start(&entry.target));
    quote!(__p::IndependentMeta { other: #other, via: #via, place: #place })
}
