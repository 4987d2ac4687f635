//! The part of `#[sea_orm(..)]` that matters here. SeaORM reports what is wrong with it, so this does not.

use super::item::{Form, Item, items};
use crate::ctxt::Ctxt;
use syn::{Attribute, LitStr, Meta};

/// On the struct.
#[derive(Default)]
pub(crate) struct Table {
    /// Only the formats that name the table on the model show it.
    pub(crate) name: Option<LitStr>,
}

/// On a field.
#[derive(Default)]
pub(crate) struct Column {
    pub(crate) primary_key: bool,
    pub(crate) ignored: bool,
    pub(crate) relation: bool,
    pub(crate) enum_name: Option<LitStr>,
}

impl Table {
    pub(crate) fn parse(attrs: &[Attribute]) -> Self {
        let mut table = Self::default();
        for item in sea_orm_items(attrs) {
            if item.name().as_deref() == Some("table_name") {
                table.name = string(&item);
            }
        }
        table
    }
}

impl Column {
    pub(crate) fn parse(attrs: &[Attribute]) -> Self {
        let mut column = Self::default();
        for item in sea_orm_items(attrs) {
            match item.name().as_deref() {
                Some("primary_key") => column.primary_key = true,
                Some("ignore") => column.ignored = true,
                Some("has_one" | "has_many" | "belongs_to" | "self_ref") => column.relation = true,
                Some("enum_name") => column.enum_name = string(&item),
                _ => {}
            }
        }
        column
    }
}

fn sea_orm_items(attrs: &[Attribute]) -> Vec<Item> {
    let ours = Ctxt::new();
    let found = attrs
        .iter()
        .filter(|attr| attr.path().is_ident("sea_orm"))
        .filter_map(|attr| match &attr.meta {
            Meta::List(list) => Some(items(list.tokens.clone(), &ours)),
            _ => None,
        })
        .flatten()
        .collect();
    // SeaORM shows these.
    let _ = ours.check();
    found
}

fn string(item: &Item) -> Option<LitStr> {
    match &item.form {
        Form::Assign(value) => syn::parse2(value.clone()).ok(),
        _ => None,
    }
}
