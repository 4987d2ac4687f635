//! File and line of a token.

use proc_macro2::{Span, TokenStream};
use quote::quote;

/// Where `span` stands in the user's source, as a constant.
pub(crate) fn place(span: Span) -> TokenStream {
    let (file, line) = location(span);
    quote!(__p::Place { file: #file, line: #line })
}

/// Nowhere in unit tests, which have no compiler around them.
fn location(span: Span) -> (String, u32) {
    if !proc_macro::is_available() {
        return (String::new(), 0);
    }
    let span = span.unwrap();
    (span.file(), u32::try_from(span.line()).unwrap_or(0))
}
