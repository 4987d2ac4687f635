//! `insert_cached`, `update_cached`, `save_cached`, `delete_cached` and `invalidate`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

// pub fn insert_cached<'r, A, R>(model: A, repo: &'r R)
//     -> Pin<Box<dyn Future<Output = Result<Arc<Model>, Error>> + Send + 'r>>
// where A: IntoActiveModel<ActiveModel> + Send + 'r, R: Writes<Entity>
// { __private::insert::<Entity, A, R>(repo, model) }
//
// Neither `async fn` nor `impl Future`: their types name the repo, so that one which may not write would be reported
// three times, for the call, its future and what takes it. A write can pay for the box.
pub(crate) fn writers() -> TokenStream {
    let insert = stores(
        "insert",
        " Inserts a row and invalidates what depends on it: collections and lookups that it enters, the entities in \
         `dependents(..)`, and a cached \"no such row\".\n\n # Errors\n If the database refuses the row.",
    );
    let update = stores(
        "update",
        " Updates a row and invalidates it and what depends on the columns that changed.\n\n # Errors\n If the \
         database refuses the change or has no such row.",
    );
    let save = stores(
        "save",
        " Inserts the row if its primary key is not set, else updates it, and invalidates what depends on it.\n\n \
         # Errors\n If the database refuses the row.",
    );
    let delete = removes(
        "delete_cached",
        "delete",
        &quote!(bool),
        " Deletes the row with this primary key and invalidates it and what depends on it; `false` if there was no \
         such row.\n\n # Errors\n If the database refuses to delete it.",
    );
    let invalidate = removes(
        "invalidate",
        "invalidate",
        &quote!(()),
        " Invalidates the row with this primary key and what depends on it, after a write that the repo did not \
         see.\n\n # Errors\n If the row cannot be invalidated everywhere.",
    );
    quote!(#insert #update #save #delete #invalidate)
}

/// A type that does not name the repo.
fn future(output: &TokenStream) -> TokenStream {
    quote! {
        ::core::pin::Pin<::std::boxed::Box<
            dyn ::core::future::Future<
                    Output = ::core::result::Result<#output, ::cached_repo::Error>,
                > + ::core::marker::Send + 'r,
        >>
    }
}

fn stores(verb: &str, doc: &str) -> TokenStream {
    let future = future(&quote!(::std::sync::Arc<Model>));
    let method = Ident::new(&format!("{verb}_cached"), Span::call_site());
    let verb = Ident::new(verb, Span::call_site());
    quote! {
        #[doc = #doc]
        pub fn #method<'r, A, R>(
            model: A,
            repo: &'r R,
        ) -> #future
        where
            A: ::cached_repo::__private::sea_orm::IntoActiveModel<
                    <Entity as ::cached_repo::__private::sea_orm::EntityTrait>::ActiveModel,
                > + ::core::marker::Send + 'r,
            R: ::cached_repo::Writes<Entity>,
        {
            ::cached_repo::__private::#verb::<Entity, A, R>(repo, model)
        }
    }
}

fn removes(method: &str, verb: &str, output: &TokenStream, doc: &str) -> TokenStream {
    let future = future(output);
    let method = Ident::new(method, Span::call_site());
    let verb = Ident::new(verb, Span::call_site());
    quote! {
        #[doc = #doc]
        pub fn #method<'r, K, R>(
            key: K,
            repo: &'r R,
        ) -> #future
        where
            K: ::core::convert::Into<::cached_repo::__private::KeyOf<Entity>>,
            R: ::cached_repo::Writes<Entity>,
        {
            ::cached_repo::__private::#verb::<Entity, R>(repo, ::core::convert::Into::into(key))
        }
    }
}
