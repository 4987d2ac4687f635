//! `cached_schema! { pub Shop { user::Entity, order::Entity } }`.

use crate::attr::{may_be_entity, split, words};
use crate::ctxt::Ctxt;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Ident, Path, Token, Visibility};

const EXAMPLE: &str = "cached_schema! { pub Shop { user::Entity, order::Entity } }";

struct Schema {
    attrs: Vec<Attribute>,
    vis: Visibility,
    name: Ident,
    members: Vec<Path>,
}

/// The expansion, or all that is wrong.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let schema = Schema::parse(input, &cx);
    let code = schema.as_ref().map(generate);
    let errors = cx.check().err();
    quote!(#errors #code)
}

impl Schema {
    fn parse(input: TokenStream, cx: &Ctxt) -> Option<Self> {
        if input.is_empty() {
            cx.error_at(
                proc_macro2::Span::call_site(),
                format!("empty cache schema: write `{EXAMPLE}`"),
            );
            return None;
        }
        let (head, rest) = match head.parse2(input) {
            Ok(parsed) => parsed,
            Err(error) => {
                cx.error_at(error.span(), format!("{error}: write `{EXAMPLE}`"));
                return None;
            }
        };
        let (attrs, vis, name) = head;
        let list = braces(&name, rest, cx);
        let members = list
            .map(|list| members(&name, &list, cx))
            .unwrap_or_default();
        Some(Self {
            attrs,
            vis,
            name,
            members,
        })
    }
}

type Head = (Vec<Attribute>, Visibility, Ident);

fn head(input: ParseStream<'_>) -> syn::Result<(Head, TokenStream)> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis = input.parse()?;
    if input.peek(Token![struct]) || input.peek(Token![enum]) || input.peek(Token![mod]) {
        return Err(input.error("a cache schema needs no keyword before its name"));
    }
    if !input.peek(Ident) {
        return Err(input.error("expected the name of the cache schema"));
    }
    Ok(((attrs, vis, input.parse()?), input.parse()?))
}

/// The one pair of braces after the name.
fn braces(name: &Ident, rest: TokenStream, cx: &Ctxt) -> Option<Group> {
    let mut tokens = rest.into_iter();
    let list = match tokens.next() {
        Some(TokenTree::Group(list)) if list.delimiter() == Delimiter::Brace => list,
        Some(token) => {
            let what = if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '<') {
                "a cache schema has no generics"
            } else {
                "expected braces around the entities"
            };
            cx.error(&token, format!("{what}: write `{name} {{ user::Entity }}`"));
            return None;
        }
        None => {
            cx.error(
                name,
                format!("missing entities: write `{name} {{ user::Entity }}`"),
            );
            return None;
        }
    };
    if let Some(token) = tokens.next() {
        cx.error(
            &token,
            format!(
                "unexpected `{}` after the entities; write a `cached_schema!` for each schema",
                words(&token)
            ),
        );
    }
    Some(list)
}

fn members(name: &Ident, list: &Group, cx: &Ctxt) -> Vec<Path> {
    let mut members: Vec<Path> = Vec::new();
    let parts = split(list.stream(), cx);
    if parts.is_empty() {
        cx.error(
            list,
            format!("a cache schema needs entities: write `{name} {{ user::Entity }}`"),
        );
    }
    for part in parts {
        let Some(member) = member(&part, cx) else {
            continue;
        };
        if members.iter().any(|other| words(other) == words(&member)) {
            cx.error(
                &member,
                format!("`{}` is listed twice; remove one", words(&member)),
            );
            continue;
        }
        members.push(member);
    }
    members
}

fn member(part: &TokenStream, cx: &Ctxt) -> Option<Path> {
    let parser = |input: ParseStream<'_>| -> syn::Result<(Path, TokenStream)> {
        Ok((input.call(Path::parse_mod_style)?, input.parse()?))
    };
    match parser.parse2(part.clone()) {
        Ok((path, rest)) if rest.is_empty() => may_be_entity(&path, cx).then_some(path),
        Ok((path, rest)) => {
            cx.error(
                &rest,
                format!(
                    "unexpected `{}`; list the entity alone: write `{}`",
                    words(&rest),
                    words(&path)
                ),
            );
            None
        }
        Err(_) => {
            cx.error(
                part,
                format!(
                    "expected a path to an entity such as `user::Entity`, found `{}`",
                    words(part)
                ),
            );
            None
        }
    }
}

// #[derive(Clone, Copy, Debug, Default)]
// pub struct Shop;
// const _: () = {
//     impl Member<Shop> for user::Entity { const INDEX: usize = 0; }
//     impl InSchema<Shop> for user::Entity {}
//     impl CacheSchema for Shop {
//         const NAME: &'static str = "Shop";
//         fn members() -> &'static [fn() -> SchemaMember] { &[member::<user::Entity, Shop>] }
//     }
// };
fn generate(schema: &Schema) -> TokenStream {
    let Schema {
        attrs,
        vis,
        name,
        members,
    } = schema;
    let impls = members
        .iter()
        .enumerate()
        .map(|(index, entity)| membership(name, index, entity));
    let name_text = name.to_token_stream().to_string();
    let checks = checks(name, members);
    quote! {
        #(#attrs)*
        #[derive(Clone, Copy, Debug, Default)]
        #vis struct #name;

        #[allow(dead_code)]
        const _: () = {
            #(#impls)*
            #checks

            #[automatically_derived]
            impl ::cached_repo::__private::CacheSchema for #name {
                const NAME: &'static str = #name_text;

                fn members() -> &'static [fn() -> ::cached_repo::__private::SchemaMember] {
                    &[#(::cached_repo::__private::member::<#members, #name>),*]
                }
            }
        };
    }
}

// static MEMBERS: Members<2> = Members { metas: [..], out: [..], inward: [..] };
// const PREFIX: () = assert_own_prefix(&MEMBERS, 0);
// const EDGES: () = assert_edges_once(&MEMBERS, 0);
// const CASCADES: () = assert_no_cycle(&Cascades::<{ count_cascades(&MEMBERS) }>::of(&MEMBERS));
//
// Free constants, because `cargo check` evaluates no others; a static, because constants would be copied into each.
fn checks(name: &Ident, members: &[Path]) -> TokenStream {
    let count = members.len();
    let each = members.iter().enumerate().map(|(index, entity)| {
        quote_spanned! {entity.span()=>
            const _: () = {
                const PREFIX: () = ::cached_repo::__private::assert_own_prefix(&__MEMBERS, #index);
                const EDGES: () = ::cached_repo::__private::assert_edges_once(&__MEMBERS, #index);
            };
        }
    });
    let cycle = quote_spanned! {name.span()=>
        const CASCADES: () = ::cached_repo::__private::assert_no_cycle(&__CASCADES);
    };
    quote! {
        static __MEMBERS: ::cached_repo::__private::Members<#count> = ::cached_repo::__private::Members {
            metas: [#(::cached_repo::__private::meta_of::<#members, #name>()),*],
            out: [#(::cached_repo::__private::out_of::<#members, #name>()),*],
            inward: [#(::cached_repo::__private::inward_of::<#members, #name>()),*],
        };
        const __COUNT: usize = ::cached_repo::__private::count_cascades(&__MEMBERS);
        static __CASCADES: ::cached_repo::__private::Cascades<#count, __COUNT> =
            ::cached_repo::__private::Cascades::of(&__MEMBERS);
        #(#each)*
        #cycle
    }
}

fn membership(schema: &Ident, index: usize, entity: &Path) -> TokenStream {
    // Spanned on the entity: rustc shows these impls as the members of the schema.
    quote_spanned! {entity.span()=>
        #[automatically_derived]
        impl ::cached_repo::__private::Member<#schema> for #entity {
            const INDEX: usize = #index;
        }
        #[automatically_derived]
        impl ::cached_repo::__private::InSchema<#schema> for #entity {}
    }
}
