//! `find_cached_by_*`.

use crate::attr::Kind;
use crate::check::{Group, groups};
use crate::model::{Field, Model};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::HashSet;
use syn::{Ident, parse_str};

// pub fn find_cached_by_email(email: impl Into<String>) -> FindByUnique<Entity> { .. }
pub(super) fn finders(model: &Model) -> TokenStream {
    let mut groups = groups(model);
    // A name that is taken was reported; a second method would only add to it.
    let mut names = HashSet::new();
    groups.retain(|group| names.insert(group.name.clone()));
    let uniques = lookups(&groups, Kind::Unique);
    let indexes = lookups(&groups, Kind::Index);
    let undeclared = undeclared(model, &groups);
    quote! {
        #(#uniques)*
        #(#indexes)*
        #(#undeclared)*
    }
}

// pub fn find_cached_by_email<__K: __p::UndeclaredLookup<Entity>>(first: __K) -> FindByUnique<Entity> { .. }
//
// For a column that SeaORM holds unique and that has no lookup: who calls it is told which attribute is missing.
fn undeclared(model: &Model, groups: &[Group<'_>]) -> Vec<TokenStream> {
    let mut names: Vec<&str> = Vec::new();
    for name in model.columns.iter().filter_map(|it| it.unique.as_deref()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let of = |name: &str| -> Vec<&Field> {
        let columns = model.columns.iter();
        columns
            .filter(|column| column.unique.as_deref() == Some(name))
            .collect()
    };
    let covers = |group: &Group<'_>, columns: &[&Field]| {
        group.fields.len() == columns.len()
            && columns
                .iter()
                .all(|column| group.fields.iter().any(|it| it.name == column.name))
    };
    names
        .into_iter()
        .map(|name| (name, of(name)))
        .filter(|(name, columns)| {
            !groups
                .iter()
                .any(|it| it.name == *name || covers(it, columns))
        })
        .filter_map(|(name, columns)| {
            let method = format!("find_cached_by_{name}");
            let method: Ident = parse_str(&method).ok()?;
            let others = columns
                .iter()
                .skip(1)
                .map(|_| quote!(_: impl ::core::marker::Sized));
            Some(quote! {
                #[doc(hidden)]
                pub fn #method<__K>(first: __K, #(#others),*) -> ::cached_repo::query::FindByUnique<Entity>
                where
                    __K: ::cached_repo::__private::UndeclaredLookup<Entity>,
                {
                    first.find()
                }
            })
        })
        .collect()
}

fn lookups(groups: &[Group<'_>], kind: Kind) -> Vec<TokenStream> {
    groups
        .iter()
        .filter(|group| group.kind == kind)
        .enumerate()
        .map(|(position, group)| lookup(position, group))
        .collect()
}

fn lookup(position: usize, group: &Group<'_>) -> TokenStream {
    let method = format_ident!("find_cached_by_{}", group.name);
    let arguments = group.fields.iter().map(|field| argument(field));
    let values = group.fields.iter().map(|field| value(field));
    let doc = doc(group);
    let (begin, read) = match group.kind {
        Kind::Unique => (quote!(find_by_unique), quote!(FindByUnique)),
        Kind::Index => (quote!(find_by_index), quote!(FindByIndex)),
    };
    quote! {
        #[doc = #doc]
        pub fn #method(#(#arguments),*) -> ::cached_repo::query::#read<Entity> {
            ::cached_repo::__private::#begin::<Entity>(#position, ::std::vec![#(#values),*])
        }
    }
}

fn argument(field: &Field) -> TokenStream {
    let (ident, ty) = (&field.ident, &field.ty);
    quote!(#ident: impl ::core::convert::Into<#ty>)
}

fn value(field: &Field) -> TokenStream {
    let (ident, ty) = (&field.ident, &field.ty);
    quote! {
        ::cached_repo::__private::sea_orm::Value::from(
            <_ as ::core::convert::Into<#ty>>::into(#ident)
        )
    }
}

fn doc(group: &Group<'_>) -> String {
    let names: Vec<String> = group
        .fields
        .iter()
        .map(|field| format!("`{}`", field.name))
        .collect();
    let columns = names.join(" and ");
    match group.kind {
        Kind::Unique => format!(
            " Begins a read of the row with this {columns}, through the cache.\n\n \
             Nothing happens before the read is finished with `one(&repo)`, which gives `None` if there is no such \
             row, and fails if the row is in no cache and the database cannot be read."
        ),
        Kind::Index => format!(
            " Begins a read of all rows with this {columns}, through the cache.\n\n \
             Nothing happens before the read is finished with `all(&repo)`, which fails if the rows are in no cache \
             and the database cannot be read."
        ),
    }
}
