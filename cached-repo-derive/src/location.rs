//! File and line of a token.

use proc_macro2::Span;

/// Where `span` stands in the user's source; nowhere in unit tests, which have no compiler around them.
pub(crate) fn location(span: Span) -> (String, u32) {
    if !proc_macro::is_available() {
        return (String::new(), 0);
    }
    let span = span.unwrap();
    (span.file(), u32::try_from(span.line()).unwrap_or(0))
}
