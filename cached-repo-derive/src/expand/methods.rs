//! The methods of an entity.

use super::finders::finders;
use crate::model::Model;
use proc_macro2::TokenStream;
use quote::quote;

/// The inherent methods, also beside an error.
pub(crate) fn methods(model: &Model) -> TokenStream {
    let fixed = parsed(METHODS);
    let finders = finders(model);
    quote! {
        #[allow(dead_code, unreachable_pub, private_interfaces, deprecated)]
        impl Entity {
            #fixed
            #finders
        }
    }
}

/// Text that the compiler itself takes apart: to quote the tokens one by one takes a third of the derive's time. A text that is
/// damaged stops the build: without it, the methods would only be missing.
fn parsed(text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|_| {
        quote! {
            ::core::compile_error! {
                "the methods of cached entities cannot be parsed: our bug; please report it, with the version of rustc"
            }
        }
    })
}

/// What each entity has.
///
/// The writers are neither `async fn` nor `impl Future`: these name the repo, so that one which may not write would be
/// reported three times, for the call, its future and what takes it. A write can pay for the box.
const METHODS: &str = r#"
/// Begins a read of the row with this primary key: from memory, else from the shared store, else from
/// the database. A composite key is a tuple.
///
/// Nothing happens before the read is finished with `one(&repo)`, which gives `None` if there is no such
/// row, and fails if the row is in no cache and the database cannot be read.
pub fn find_cached<K>(key: K) -> ::cached_repo::query::FindOne<Entity>
where
    K: ::core::convert::Into<::cached_repo::__private::KeyOf<Entity>>,
{
    ::cached_repo::__private::find_one::<Entity>(::core::convert::Into::into(key))
}

/// Begins a read of the rows with these primary keys: what is in no cache comes from the database in one
/// query.
///
/// Nothing happens before the read is finished with `all(&repo)`, which fails if a row is in no cache
/// and the database cannot be read.
pub fn find_cached_many<I>(keys: I) -> ::cached_repo::query::FindMany<Entity>
where
    I: ::core::iter::IntoIterator,
    I::Item: ::core::convert::Into<::cached_repo::__private::KeyOf<Entity>>,
{
    ::cached_repo::__private::find_many::<Entity, I>(keys)
}

/// Inserts a row and invalidates what depends on it: collections and lookups that it enters, the entities in
/// `dependents(..)`, and a cached "no such row".
///
/// # Errors
/// If the database refuses the row.
pub fn insert_cached<'r, A, R>(model: A, repo: &'r R) -> ::cached_repo::__private::Write<'r, ::std::sync::Arc<Model>>
where
    A: ::cached_repo::__private::sea_orm::IntoActiveModel<
            <Entity as ::cached_repo::__private::sea_orm::EntityTrait>::ActiveModel,
        > + ::core::marker::Send + 'r,
    R: ::cached_repo::Writes<Entity>,
{
    ::cached_repo::__private::insert::<Entity, A, R>(repo, model)
}

/// Updates a row and invalidates it and what depends on the columns that changed.
///
/// # Errors
/// If the database refuses the change or has no such row.
pub fn update_cached<'r, A, R>(model: A, repo: &'r R) -> ::cached_repo::__private::Write<'r, ::std::sync::Arc<Model>>
where
    A: ::cached_repo::__private::sea_orm::IntoActiveModel<
            <Entity as ::cached_repo::__private::sea_orm::EntityTrait>::ActiveModel,
        > + ::core::marker::Send + 'r,
    R: ::cached_repo::Writes<Entity>,
{
    ::cached_repo::__private::update::<Entity, A, R>(repo, model)
}

/// Inserts the row if its primary key is not set, else updates it, and invalidates what depends on it.
///
/// # Errors
/// If the database refuses the row.
pub fn save_cached<'r, A, R>(model: A, repo: &'r R) -> ::cached_repo::__private::Write<'r, ::std::sync::Arc<Model>>
where
    A: ::cached_repo::__private::sea_orm::IntoActiveModel<
            <Entity as ::cached_repo::__private::sea_orm::EntityTrait>::ActiveModel,
        > + ::core::marker::Send + 'r,
    R: ::cached_repo::Writes<Entity>,
{
    ::cached_repo::__private::save::<Entity, A, R>(repo, model)
}

/// Deletes the row with this primary key and invalidates it and what depends on it; `false` if there was no
/// such row.
///
/// # Errors
/// If the database refuses to delete it.
pub fn delete_cached<'r, K, R>(key: K, repo: &'r R) -> ::cached_repo::__private::Write<'r, bool>
where
    K: ::core::convert::Into<::cached_repo::__private::KeyOf<Entity>>,
    R: ::cached_repo::Writes<Entity>,
{
    ::cached_repo::__private::delete::<Entity, R>(repo, ::core::convert::Into::into(key))
}

/// Invalidates the row with this primary key and what depends on it, after a write that the repo did not
/// see.
///
/// # Errors
/// If the row cannot be invalidated everywhere.
pub fn invalidate<'r, K, R>(key: K, repo: &'r R) -> ::cached_repo::__private::Write<'r, ()>
where
    K: ::core::convert::Into<::cached_repo::__private::KeyOf<Entity>>,
    R: ::cached_repo::Writes<Entity>,
{
    ::cached_repo::__private::invalidate::<Entity, R>(repo, ::core::convert::Into::into(key))
}
"#;

#[cfg(test)]
mod tests {
    use super::{METHODS, parsed};
    use quote::quote;
    use syn::{ImplItem, ItemImpl};

    #[test]
    fn all_methods_are_there() {
        let fixed = parsed(METHODS);
        let parsed: ItemImpl = syn::parse2(quote!(impl Entity { #fixed })).unwrap();
        let names = parsed.items.iter().map(|item| match item {
            ImplItem::Fn(method) => method.sig.ident.to_string(),
            _ => panic!("no method: {}", quote!(#item)),
        });
        let expected = METHODS.matches("pub fn ").count();
        let names: Vec<String> = names.collect();
        assert_eq!(names.len(), expected);
        for name in [
            "find_cached",
            "find_cached_many",
            "insert_cached",
            "invalidate",
        ] {
            assert!(names.iter().any(|it| it == name), "{name} is missing");
        }
    }

    #[test]
    fn a_damaged_text_stops_the_build() {
        let text = parsed("pub fn find_cached( {").to_string();
        assert!(text.contains("compile_error"), "{text}");
        assert!(text.contains("our bug"), "{text}");
    }
}
