//! The macros of cached-repo.
//!
//! What they do goes from file to file: `attr` turns tokens into typed attributes, `model` makes an entity of them,
//! `check` compares attributes with each other, `expand` writes the code. Errors are collected on the way and shown
//! at once; `fallback` then takes the place of the code.

mod attr;
mod check;
mod ctxt;
mod expand;
mod fallback;
mod generic;
mod location;
mod model;
mod relation;
mod schema;
mod suggest;
mod variant;

use ctxt::Ctxt;
use proc_macro::TokenStream;
use quote::quote;
use syn::{DeriveInput, parse_macro_input};

/// Makes a SeaORM entity cacheable: put it beside `DeriveEntityModel`.
///
/// # On the struct
///
/// | attribute | says |
/// |---|---|
/// | `prefix = "user"` | first part of every key; the table name if it is left out |
/// | `ttl = "1h"` | how long a row may be served: `ms`, `s`, `m`, `h`, `d`, `w`, also `"1h 30m"` |
/// | `negative_ttl = "30s"` | how long "no such row" may be served |
/// | `jitter = "10%"` | share of a lifetime that is cut at random, up to `"50%"` |
/// | `stale_while_revalidate = "5m"` | how long after its lifetime an entry is served while it is loaded anew |
/// | `stale_if_error = "1d"` | how long after its lifetime an entry is served if the database fails |
/// | `refresh_ahead = "80%"` | share of a lifetime after which an entry is loaded anew behind the reader, up to `"99%"` |
/// | `early_refresh = "100%"` | how eagerly readers load anew at random before a lifetime ends: beta of XFetch |
/// | `tags("users", "tenant:{tenant_id}")` | tags of every entry, with values of columns; `{{` is a brace |
/// | `dependents(super::order::Entity(via = customer_id))` | who must be invalidated with this entity |
/// | `depends_on(super::user::Entity(via = user_id))` | the same edge, declared at its other end |
/// | `independent(super::audit::Entity)` | that its relations with this entity are deliberately no edges |
/// | `independent(super::user::Entity(via = editor_id))` | the same of one relation, known by its columns, here or there |
/// | `relations = unchecked` | that relations need be neither edges nor independent |
/// | `consistency = strict` | how new its reads are over a shared store: `strict`, with no copies in the process, or `bounded` |
/// | `batch` | that single reads of one turn of the runtime are looked up, loaded and stored together |
/// | `lists = keys` | how its collections, and cached queries for its rows, are stored: as the primary keys (`keys`), or as the rows themselves (`whole`) |
///
/// # In an edge
///
/// | option | says |
/// |---|---|
/// | `via = column`, `via(a, b)` | the columns of the dependent that hold the key |
/// | `references = column`, `references(a, b)` | what these point at, if it is not the primary key |
/// | `on(a, b)` | only changes of these columns of the parent count |
/// | `cascade` | edges into the parent go on along this one |
/// | `lookup(limit = 100)` | with `cascade`: look up which rows to invalidate, up to so many, instead of all |
/// | `on_delete = cascade` | what the database does to rows of the dependent when a row of the parent is deleted |
/// | `on_update = cascade` | the same when the columns change that `via` points at |
///
/// The database's actions are `cascade`, `set_null`, `set_default`, `restrict` and `no_action`; SeaORM's spelling in
/// quotes will do, too: `on_delete = "SetNull"`. They say what a foreign key does by itself, without a statement that
/// could be seen. `cascade` as an option of its own says how far invalidation goes.
///
/// # Relations
///
/// Each relation of a cached entity with another one is either an edge or independent, so that none is forgotten;
/// [`cached_schema!`] checks this. The dense format (`#[sea_orm::model]`) shows its relations by itself, with their
/// columns and actions. The other formats have an `enum Relation`, which `#[derive(CachedRelation)]` shows.
///
/// # On a field
///
/// | attribute | gives |
/// |---|---|
/// | `index` | `find_cached_by_<field>`: all rows with the value |
/// | `unique` | `find_cached_by_<field>`: the one row with the value |
/// | `index = "name"`, `unique = "name"` | the same over all fields that share the name |
///
/// Columns of primary keys, lookups, tags and edges need a type of which each value has one form: integers, text, UUIDs,
/// dates, booleans, decimals and bytes, but not `f32`, `f64`, JSON and arrays.
#[proc_macro_derive(CachedEntity, attributes(cached))]
pub fn derive_cached_entity(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    cached_entity(&input).into()
}

fn cached_entity(input: &DeriveInput) -> proc_macro2::TokenStream {
    let cx = Ctxt::new();
    // `#[sea_orm::model]` repeats the derive on the struct that it makes for relations.
    if input.ident == "ModelEx" {
        let relations = model::model_ex(input, &cx);
        let tree = relations.as_deref().map(expand::tree);
        return match cx.check() {
            Ok(()) => {
                let relations = relations.as_deref().map(expand::relations);
                quote!(#relations #tree)
            }
            Err(errors) => {
                let relations = relations.map(|_| expand::relations(&[]));
                quote!(#errors #relations)
            }
        };
    }
    let model = model::Model::parse(input, &cx);
    if let Some(model) = &model {
        check::check(model, &cx);
    }
    match (cx.check(), &model) {
        (Ok(()), Some(model)) => expand::expand(model),
        (Err(errors), Some(model)) => {
            let fallback = fallback::fallback(model);
            quote!(#errors #fallback)
        }
        (errors, None) => errors.err().unwrap_or_default(),
    }
}

/// Shows the cache what a hand-written `enum Relation` says about the entity: put it beside `DeriveRelation`.
///
/// ```text
/// #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation, CachedRelation)]
/// pub enum Relation {
///     #[sea_orm(belongs_to = "super::user::Entity", from = "Column::UserId", to = "super::user::Column::Id")]
///     User,
/// }
/// ```
///
/// It has no attributes of its own, and the dense format (`#[sea_orm::model]`), which has no such enum, does not need it.
///
/// Without it, the schema knows of these relations by `impl Related` alone, which tells neither columns nor actions.
/// With it, a schema of more than 64 entities goes by the enum alone, and does not see an `impl Related` with `via()`,
/// which stands in no enum; write `#[cached(relations = checked)]` above the schema to have it see that, too.
#[proc_macro_derive(CachedRelation)]
pub fn derive_cached_relation(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let cx = Ctxt::new();
    let relations = relation::of_enum(&input, &cx);
    relations_or_errors(relations, cx).into()
}

/// Beside errors an entity has no relations, so that these are not reported as well.
fn relations_or_errors(
    relations: Option<Vec<relation::Relation>>,
    cx: Ctxt,
) -> proc_macro2::TokenStream {
    let errors = cx.check().err();
    let shown = relations.map(|relations| match errors {
        None => expand::relations(&relations),
        Some(_) => expand::relations(&[]),
    });
    quote!(#errors #shown)
}

/// Names the entities that are cached together.
///
/// ```text
/// cached_schema! {
///     /// All that the shop caches.
///     pub Shop { user::Entity, order::Entity }
/// }
/// ```
///
/// Edges and relations between entities are checked here, and what each write invalidates is computed.
///
/// Above the name, `#[cached(relations = unchecked)]` leaves relations unsettled, `#[cached(relations = checked)]` settles them
/// in schemas of more than 64 entities whose formats hide them, too, `#[cached(fan_out = 20)]` warns of writes that take
/// more steps than this, and `#[cached(tags("homepage", "report:{year}"))]` declares the tags that `.tag(..)` gives to single reads.
#[proc_macro]
pub fn cached_schema(input: TokenStream) -> TokenStream {
    schema::expand(input.into()).into()
}
