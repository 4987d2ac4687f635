//! The part of `#[sea_orm(..)]` that matters here. SeaORM reports what is wrong with it, so this does not.

use super::item::{Form, Item, items};
use crate::ctxt::Ctxt;
use syn::{Attribute, LitStr, Meta};

/// All of `#[sea_orm(..)]` in one place.
pub(crate) struct SeaOrm {
    items: Vec<Item>,
}

impl SeaOrm {
    pub(crate) fn parse(attrs: &[Attribute]) -> Self {
        let ours = Ctxt::new();
        let items = attrs
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
        Self { items }
    }

    /// Whether nothing is said at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether `name` is there, with a value or without.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.item(name).is_some()
    }

    /// The string in `name = "value"`.
    pub(crate) fn text(&self, name: &str) -> Option<LitStr> {
        match &self.item(name)?.form {
            Form::Assign(value) => syn::parse2(value.clone()).ok(),
            _ => None,
        }
    }

    fn item(&self, name: &str) -> Option<&Item> {
        // The last one counts, as for SeaORM.
        let mut named = self.items.iter().rev();
        named.find(|item| item.name().as_deref() == Some(name))
    }
}

/// On the struct.
#[derive(Default)]
pub(crate) struct Table {
    /// Only the formats that name the table on the model show it.
    pub(crate) name: Option<LitStr>,
    pub(crate) schema: Option<LitStr>,
}

impl Table {
    pub(crate) fn parse(attrs: &[Attribute]) -> Self {
        let attrs = SeaOrm::parse(attrs);
        Self {
            name: attrs.text("table_name"),
            schema: attrs.text("schema_name"),
        }
    }

    /// `schema.table` or `table`; empty if the model does not show it.
    pub(crate) fn full(&self) -> String {
        match (&self.schema, &self.name) {
            (Some(schema), Some(table)) => format!("{}.{}", schema.value(), table.value()),
            (None, Some(table)) => table.value(),
            (_, None) => String::new(),
        }
    }
}

/// On a field.
#[derive(Default)]
pub(crate) struct Column {
    pub(crate) primary_key: bool,
    pub(crate) ignored: bool,
    pub(crate) relation: bool,
    pub(crate) unique: bool,
    pub(crate) unique_key: Option<LitStr>,
    pub(crate) enum_name: Option<LitStr>,
}

impl Column {
    pub(crate) fn parse(attrs: &[Attribute]) -> Self {
        let attrs = SeaOrm::parse(attrs);
        let relation = ["has_one", "has_many", "belongs_to", "self_ref"];
        Self {
            primary_key: attrs.has("primary_key"),
            ignored: attrs.has("ignore"),
            relation: relation.iter().any(|name| attrs.has(name)),
            unique: attrs.has("unique"),
            unique_key: attrs.text("unique_key"),
            enum_name: attrs.text("enum_name"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Table;
    use syn::parse_quote;

    #[test]
    fn tables_by_their_full_names() {
        let full = |attr: syn::Attribute| Table::parse(&[attr]).full();
        assert_eq!(
            full(parse_quote!(#[sea_orm(table_name = "users")])),
            "users"
        );
        assert_eq!(
            full(parse_quote!(#[sea_orm(table_name = "users", schema_name = "shop")])),
            "shop.users"
        );
        assert_eq!(full(parse_quote!(#[sea_orm(schema_name = "shop")])), "");
        assert_eq!(full(parse_quote!(#[doc = "none"])), "");
    }
}
