//! The macros of cached-repo.
use proc_macro::TokenStream;
/// stub
#[proc_macro_derive(CachedEntity, attributes(cached))]
pub fn derive(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
/// stub
#[proc_macro]
pub fn cached_schema(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
