//! `cached_schema! { pub Shop { user::Entity, order::Entity } }`.

use crate::attr::{Relations, SchemaOptions, may_be_entity, split, words};
use crate::ctxt::Ctxt;
use crate::expand;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Ident, Path, Token, Visibility};

const EXAMPLE: &str = "cached_schema! { pub Shop { user::Entity, order::Entity } }";

struct Schema {
    attrs: Vec<Attribute>,
    options: SchemaOptions,
    vis: Visibility,
    name: Ident,
    members: Vec<Path>,
}

/// Beyond so many members, pairs are asked for relations only on demand: their number grows with the square.
const PROBED: usize = 64;

impl Schema {
    /// Whether the compiler is to ask all pairs of members whether SeaORM relates them.
    fn probes(&self) -> bool {
        match self.options.relations {
            Some(Relations::Checked) => true,
            Some(Relations::Unchecked) => false,
            None => self.members.len() <= PROBED,
        }
    }
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
        let options = SchemaOptions::parse(&attrs, cx);
        let attrs = attrs
            .into_iter()
            .filter(|attr| !attr.path().is_ident("cached"))
            .collect();
        let list = braces(&name, rest, cx);
        let members = list.map(|list| members(&list, cx)).unwrap_or_default();
        Some(Self {
            attrs,
            options,
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

fn members(list: &Group, cx: &Ctxt) -> Vec<Path> {
    let mut members: Vec<Path> = Vec::new();
    for part in split(list.stream(), cx) {
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
// impl Shop { pub fn graph() -> InvalidationGraph { .. } }
// const _: () = {
//     // Constants that only check are never read, and a graph of very many entities may take the compiler long.
//     impl Member<Shop> for user::Entity { const INDEX: usize = 0; }
//     impl InSchema<Shop> for user::Entity {}
//     static __MEMBERS: ..; static __GRAPH: ..; static __PLAN_0: ..; const CASCADES: () = ..;
//     impl CacheSchema for Shop {
//         const NAME: &'static str = "Shop";
//         fn tables() -> &'static Tables { .. }
//         fn rows() -> &'static [RowTable] { .. }
//     }
// };
fn generate(schema: &Schema) -> TokenStream {
    let Schema {
        attrs,
        vis,
        name,
        members,
        ..
    } = schema;
    let impls = members
        .iter()
        .enumerate()
        .map(|(index, entity)| membership(name, index, entity));
    let name_text = name.to_token_stream().to_string();
    let graph = graph(schema);
    let plan = plan(members.len());
    let checks = checks(schema);
    let tables = tables(schema);
    let tags = schema.options.tags.iter().map(expand::tag);
    quote! {
        #(#attrs)*
        #[derive(Clone, Copy, Debug, Default)]
        #vis struct #name;

        #[automatically_derived]
        impl #name {
            /// The invalidation graph of this schema: its entities, and whose writes invalidate what is cached of whom.
            ///
            /// [`to_mermaid`](::cached_repo::graph::InvalidationGraph::to_mermaid) and
            /// [`to_dot`](::cached_repo::graph::InvalidationGraph::to_dot) make a picture of it,
            /// [`to_json`](::cached_repo::graph::InvalidationGraph::to_json) a document for other programs.
            #[must_use]
            pub fn graph() -> ::cached_repo::graph::InvalidationGraph {
                ::cached_repo::graph::InvalidationGraph::of::<Self>()
            }
        }

        #[allow(dead_code, long_running_const_eval)]
        const _: () = {
            use ::cached_repo::__private as __p;
            use __p::{Silent as _, Unknown as _, Unrelated as _};

            #(#impls)*
            #graph
            #plan
            #checks

            #[automatically_derived]
            impl __p::CacheSchema for #name {
                const NAME: &'static str = #name_text;
                const METAS: &'static [&'static __p::EntityMeta] = &__MEMBERS.metas;
                const TAGS: &'static [__p::TagMeta] = &[#(#tags),*];

                #tables
            }
        };
    }
}

// static __MEMBERS: Members<2> = Members { metas: [..], out: [..], inward: [..], relations: [..], related: &[..], .. };
// static __INDEX: Index<4> = Index::of(&__MEMBERS);
// static __CLASHES: Clashes<2> = Clashes::of::<4>(&__MEMBERS);
// const __EDGES: usize = count_edges(&__MEMBERS, &__INDEX);
// static __GRAPH: Graph<2, __EDGES> = Graph::of(&__MEMBERS, &__INDEX);
//
// Statics, because constants would be computed, and copied into each constant that names them, again and again.
fn graph(schema: &Schema) -> TokenStream {
    let Schema { name, members, .. } = schema;
    let count = members.len();
    let slots = (2 * count).next_power_of_two();
    let related = if schema.probes() {
        let rows = members.iter().map(|one| {
            let cells = members
                .iter()
                .map(|other| quote!(__p::Pair::<#one, #other>::RELATED));
            quote!([#(#cells),*])
        });
        quote!(&[#(#rows),*])
    } else {
        quote!(&[])
    };
    let checked = schema.options.relations != Some(Relations::Unchecked);
    quote! {
        static __MEMBERS: __p::Members<#count> = __p::Members {
            metas: [#(__p::meta_of::<#members, #name>()),*],
            out: [#(__p::out_of::<#members, #name>()),*],
            inward: [#(__p::inward_of::<#members, #name>()),*],
            relations: [#(__p::Probe::<#members>::RELATIONS),*],
            related: #related,
            checked: #checked,
        };
        static __INDEX: __p::Index<#slots> = __p::Index::of(&__MEMBERS);
        static __CLASHES: __p::Clashes<#count> = __p::Clashes::of::<#slots>(&__MEMBERS);
        const __EDGES: usize = __p::count_edges(&__MEMBERS, &__INDEX);
        static __GRAPH: __p::Graph<#count, __EDGES> = __p::Graph::of(&__MEMBERS, &__INDEX);
    }
}

/// Members whose steps one constant computes: enough to keep the constants few, and few enough to keep each short. The
/// compiler complains of a constant that takes it two million steps.
const CHUNK: usize = 16;

// const __STEPS_0: usize = count_steps(&__GRAPH, 0, 2);
// static __PLAN_0: Plan<2, __STEPS_0> = Plan::of(&__GRAPH, 0);
fn plan(members: usize) -> TokenStream {
    let chunks = (0..members).step_by(CHUNK).map(|first| {
        let (steps, plan) = (numbered("__STEPS", first), numbered("__PLAN", first));
        let count = CHUNK.min(members - first);
        quote! {
            const #steps: usize = __p::count_steps(&__GRAPH, #first, #count);
            static #plan: __p::Plan<#count, #steps> = __p::Plan::of(&__GRAPH, #first);
        }
    });
    quote!(#(#chunks)*)
}

fn numbered(name: &str, number: usize) -> Ident {
    quote::format_ident!("{name}_{number}")
}

/// The steps of a member.
fn steps(index: usize) -> TokenStream {
    let (plan, at) = (numbered("__PLAN", index / CHUNK * CHUNK), index % CHUNK);
    quote!(#plan.steps(#at))
}

// const _: () = {
//     const NAMES: () = assert_own_names(&__MEMBERS, &__CLASHES, 0);
//     const EDGES: () = assert_edges_once(&__MEMBERS, &__GRAPH, 0);
//     const RELATIONS: () = assert_settled(&__MEMBERS, &__INDEX, &__GRAPH, 0);
//     Warn::<{ cascades_for_nothing(&__GRAPH, 0) }>::CASCADE; ..
// };
// const CASCADES: () = assert_no_cycle(&__MEMBERS, &__GRAPH);
//
// Free constants, because `cargo check` evaluates no others. Their names are part of the message.
fn checks(schema: &Schema) -> TokenStream {
    let budget = schema.options.fan_out.unwrap_or(0);
    let each = schema.members.iter().enumerate().map(|(index, entity)| {
        let steps = steps(index);
        quote_spanned! {entity.span()=>
            const _: () = {
                const NAMES: () = __p::assert_own_names(&__MEMBERS, &__CLASHES, #index);
                const EDGES: () = __p::assert_edges_once(&__MEMBERS, &__GRAPH, #index);
                const RELATIONS: () = __p::assert_settled(&__MEMBERS, &__INDEX, &__GRAPH, #index);
                let () = __p::Warn::<{ __p::cascades_for_nothing(&__GRAPH, #index) }>::CASCADE;
                let () = __p::Warn::<{ __p::has_useless_edge(&__MEMBERS, &__GRAPH, #index, #steps) }>::EDGE;
                let () = __p::Warn::<{ __p::is_independent_of_strangers(&__MEMBERS, &__INDEX, #index) }>::INDEPENDENT;
                let () = __p::Warn::<{ __p::is_over(#steps, #budget) }>::FAN_OUT;
            };
        }
    });
    let cycle = quote_spanned! {schema.name.span()=>
        const CASCADES: () = __p::assert_no_cycle(&__MEMBERS, &__GRAPH);
    };
    quote!(#(#each)* #cycle)
}

fn tables(schema: &Schema) -> TokenStream {
    let Schema { name, members, .. } = schema;
    let count = members.len();
    let steps = (0..count).map(steps);
    let indexes = 0..count;
    quote! {
        fn tables() -> &'static __p::Tables {
            static TABLES: __p::Tables = __p::Tables {
                metas: &__MEMBERS.metas,
                relations: &__MEMBERS.relations,
                edges: __GRAPH.edges(),
                partitions: &[#(__GRAPH.partitions(#indexes)),*],
                steps: &[#(#steps),*],
            };
            &TABLES
        }

        fn rows() -> &'static [__p::RowTable] {
            static ROWS: [__p::RowTable; #count] = [#(__p::rows_of::<#members, #name>()),*];
            &ROWS
        }
    }
}

fn membership(schema: &Ident, index: usize, entity: &Path) -> TokenStream {
    // Spanned on the entity: rustc shows these impls as the members of the schema.
    quote_spanned! {entity.span()=>
        #[automatically_derived]
        impl __p::Member<#schema> for #entity {
            const INDEX: usize = #index;
        }
        #[automatically_derived]
        impl __p::InSchema<#schema> for #entity {}
    }
}
