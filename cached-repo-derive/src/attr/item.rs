//! The shape that all our attributes share: a list of `name`, `name = value` and `name(..)`.

use crate::ctxt::Ctxt;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, Lit, LitStr, Path, Token};

/// One entry of a list, not yet understood.
pub(crate) struct Item {
    pub(crate) path: Path,
    pub(crate) form: Form,
}

/// What follows the name of an entry.
pub(crate) enum Form {
    Bare,
    Assign(TokenStream),
    List(TokenStream),
}

impl Item {
    /// The name, if it is a single word.
    pub(crate) fn name(&self) -> Option<String> {
        self.path.get_ident().map(|ident| ident.unraw().to_string())
    }

    /// All of it, for a message.
    pub(crate) fn shown(&self) -> String {
        let path = words(&self.path);
        match &self.form {
            Form::Bare => path,
            Form::Assign(value) => format!("{path} = {}", words(value)),
            Form::List(list) => format!("{path}({})", words(list)),
        }
    }

    /// The string in `name = "value"`; `example` is what to write instead.
    pub(crate) fn string(&self, cx: &Ctxt, example: &str) -> Option<LitStr> {
        if let Form::Assign(value) = &self.form {
            if let Ok(text) = syn::parse2::<LitStr>(value.clone()) {
                return Some(text);
            }
            if !value.is_empty() {
                cx.error(
                    value,
                    format!("expected a string in quotes: write `{example}`"),
                );
                return None;
            }
        }
        self.expects_value(cx, example);
        None
    }

    /// The number in `name = 0.1` or `name = "10%"`, as text, and what to report an error under; `example` is what to write instead.
    pub(crate) fn number(&self, cx: &Ctxt, example: &str) -> Option<(String, TokenStream)> {
        let value = match &self.form {
            Form::Assign(value) if !value.is_empty() => value,
            _ => {
                self.expects_value(cx, example);
                return None;
            }
        };
        let text = match syn::parse2::<Lit>(value.clone()) {
            Ok(Lit::Str(text)) => Some(text.value()),
            Ok(Lit::Float(number)) => Some(number.to_string()),
            Ok(Lit::Int(number)) => Some(number.to_string()),
            _ => None,
        };
        if text.is_none() {
            cx.error(value, format!("expected a number: write `{example}`"));
        }
        Some((text?, value.clone()))
    }

    /// The names in `name = column` or `name(column, ..)`.
    pub(crate) fn columns(&self, cx: &Ctxt, example: &str) -> Option<Vec<Ident>> {
        let columns = match &self.form {
            Form::Assign(value) if !value.is_empty() => vec![column(value, cx, example)],
            Form::List(list) if !list.is_empty() => split(list.clone(), cx)
                .into_iter()
                .map(|part| column(&part, cx, example))
                .collect(),
            _ => {
                self.expects_value(cx, example);
                return None;
            }
        };
        columns.into_iter().collect()
    }

    /// The entries of `name(..)`.
    pub(crate) fn list(&self, cx: &Ctxt, example: &str) -> Option<Vec<TokenStream>> {
        match &self.form {
            Form::List(list) if !list.is_empty() => Some(split(list.clone(), cx)),
            _ => {
                let name = words(&self.path);
                cx.error(
                    &self.path,
                    format!("`{name}` expects a list: write `{example}`"),
                );
                None
            }
        }
    }

    /// Makes sure that nothing follows the name.
    pub(crate) fn bare(&self, cx: &Ctxt) -> bool {
        let name = words(&self.path);
        match &self.form {
            Form::Bare => return true,
            Form::Assign(value) | Form::List(value) => cx.error(
                Spanning(&self.path, value),
                format!("`{name}` takes no value: write `{name}`"),
            ),
        }
        false
    }

    fn expects_value(&self, cx: &Ctxt, example: &str) {
        let name = words(&self.path);
        cx.error(
            &self.path,
            format!("`{name}` expects a value: write `{example}`"),
        );
    }
}

/// Splits a list and reports what is no entry.
pub(crate) fn items(tokens: TokenStream, cx: &Ctxt) -> Vec<Item> {
    split(tokens, cx)
        .into_iter()
        .filter_map(|part| item(&part, cx))
        .collect()
}

/// One entry; reports if it is none.
pub(crate) fn item(part: &TokenStream, cx: &Ctxt) -> Option<Item> {
    let parsed = parse.parse2(part.clone());
    if parsed.is_err() {
        cx.error(
            part,
            format!(
                "expected a name, `name = value` or `name(..)`, found `{}`",
                words(part)
            ),
        );
    }
    parsed.ok()
}

fn parse(input: ParseStream<'_>) -> syn::Result<Item> {
    let path = if input.peek(Ident::peek_any) && !input.peek2(Token![::]) {
        Path::from(input.call(Ident::parse_any)?)
    } else {
        Path::parse_mod_style(input)?
    };
    let form = if input.is_empty() {
        Form::Bare
    } else if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        Form::Assign(input.parse()?)
    } else {
        let list;
        syn::parenthesized!(list in input);
        Form::List(list.parse()?)
    };
    Ok(Item { path, form })
}

/// The parts between commas; a trailing comma adds none, and one that is missing is reported.
pub(crate) fn split(tokens: TokenStream, cx: &Ctxt) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    let mut part: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let comma = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',');
        if comma {
            parts.push(part.drain(..).collect());
            continue;
        }
        if part.last().is_some_and(|last| needs_comma(last, &token)) {
            cx.error(&token, format!("missing `,` before `{}`", words(&token)));
            parts.push(part.drain(..).collect());
        }
        part.push(token);
    }
    parts.push(part.into_iter().collect());
    parts.retain(|part: &TokenStream| !part.is_empty());
    parts
}

/// Whether these two cannot belong to the same entry.
fn needs_comma(last: &TokenTree, next: &TokenTree) -> bool {
    match last {
        TokenTree::Ident(_) => matches!(next, TokenTree::Ident(_)),
        TokenTree::Group(_) | TokenTree::Literal(_) => {
            matches!(next, TokenTree::Ident(_) | TokenTree::Literal(_))
        }
        TokenTree::Punct(_) => false,
    }
}

fn column(part: &TokenStream, cx: &Ctxt, example: &str) -> Option<Ident> {
    if let Ok(ident) = Ident::parse_any.parse2(part.clone()) {
        return Some(usable(ident));
    }
    let without_quotes = syn::parse2::<LitStr>(part.clone()).is_ok();
    let what = if without_quotes {
        "without quotes"
    } else {
        "of the model"
    };
    cx.error(
        part,
        format!("expected a field name {what}: write `{example}`"),
    );
    None
}

/// `type` can only be written as `r#type` in an expression.
fn usable(ident: Ident) -> Ident {
    let name = ident.to_string();
    if syn::parse_str::<Ident>(&name).is_ok()
        || matches!(&*name, "self" | "Self" | "super" | "crate" | "_")
    {
        return ident;
    }
    Ident::new_raw(&name, ident.span())
}

/// Tokens as the user wrote them, near enough for a message.
pub(crate) fn words(tokens: &impl ToTokens) -> String {
    let mut text = String::new();
    let mut spaced = false;
    for token in tokens.to_token_stream() {
        match token {
            TokenTree::Punct(punct) => {
                text.push(punct.as_char());
                spaced = matches!(punct.as_char(), ',' | '=');
                if punct.as_char() == '=' {
                    text.insert(text.len() - 1, ' ');
                }
                if spaced {
                    text.push(' ');
                }
                continue;
            }
            TokenTree::Group(group) => {
                let inner = words(&group.stream());
                text.push_str(&match group.delimiter() {
                    Delimiter::Parenthesis => format!("({inner})"),
                    Delimiter::Bracket => format!("[{inner}]"),
                    Delimiter::Brace => format!("{{{inner}}}"),
                    Delimiter::None => inner,
                });
            }
            token => {
                let word = token.to_string();
                let after_word = text
                    .ends_with(|last: char| last.is_alphanumeric() || last == '_' || last == '"');
                if after_word && !spaced {
                    text.push(' ');
                }
                text.push_str(&word);
            }
        }
        spaced = false;
    }
    text
}

/// Two neighbors under one error.
struct Spanning<'a>(&'a Path, &'a TokenStream);

impl ToTokens for Spanning<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
        self.1.to_tokens(tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::words;
    use quote::quote;

    #[test]
    fn words_read_like_the_source() {
        let tokens = quote!(super::order::Entity(via = customer_id, on(a, b)));
        assert_eq!(
            words(&tokens),
            "super::order::Entity(via = customer_id, on(a, b))"
        );
        assert_eq!(words(&quote!(ttl "1h")), "ttl \"1h\"");
    }
}
