//! From the tokens of attributes to typed values that remember their spans.

mod action;
mod consistency;
mod container;
mod duration;
mod edge;
mod entity_path;
mod field;
mod fraction;
mod independent;
mod item;
mod lists;
mod once;
mod place;
mod schema_options;
mod sea_orm;
mod template;

pub(crate) use action::Action;
pub(crate) use consistency::Consistency;
pub(crate) use container::{Container, Tag, valid_prefix};
pub(crate) use edge::Edge;
pub(crate) use entity_path::may_be_entity;
pub(crate) use field::{Kind, Lookup, lookups};
pub(crate) use independent::Independent;
pub(crate) use item::{Item, items, split, words};
pub(crate) use lists::Lists;
pub(crate) use schema_options::{Relations, SchemaOptions};
pub(crate) use sea_orm::{Column, SeaOrm, Table};
pub(crate) use template::Part;

use crate::ctxt::Ctxt;
use syn::{Attribute, Meta};

/// Every entry of every `#[cached(..)]`, in order.
fn cached_items(attrs: &[Attribute], example: &str, cx: &Ctxt) -> Vec<Item> {
    let mut all = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("cached")) {
        match &attr.meta {
            Meta::List(list) if !list.tokens.is_empty() => {
                all.extend(items(list.tokens.clone(), cx));
            }
            meta => cx.error(
                meta,
                format!("`cached` expects a list: write `#[cached({example})]`"),
            ),
        }
    }
    all
}
