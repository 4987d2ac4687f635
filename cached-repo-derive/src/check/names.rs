//! Names of own columns.

use crate::attr::Part;
use crate::ctxt::Ctxt;
use crate::model::Model;
use crate::suggest::{choice, similar};
use quote::ToTokens;

/// `{field}` in a tag is a column.
pub(super) fn tags_name_columns(model: &Model, cx: &Ctxt) {
    for tag in &model.cached.tags {
        for part in &tag.parts {
            if let Part::Field(name) = part {
                column_exists(model, name, &tag.template, cx);
            }
        }
    }
}

/// Reports at `tokens` if there is no column `name`.
pub(super) fn column_exists(model: &Model, name: &str, tokens: &impl ToTokens, cx: &Ctxt) {
    if model.column(name).is_some() {
        return;
    }
    let is = |fields: &[syn::Ident]| fields.iter().any(|field| field == name);
    if is(&model.relations) {
        cx.error(tokens, format!("`{name}` is a relation, not a column"));
        return;
    }
    if is(&model.ignored) {
        cx.error(
            tokens,
            format!("`{name}` is no column, because SeaORM ignores it"),
        );
        return;
    }
    let columns: Vec<&str> = model.columns.iter().map(|field| &*field.name).collect();
    let hint = similar(name, &columns).map_or_else(
        || {
            format!(
                "; its columns are {}",
                choice(&columns).replace(" or ", " and ")
            )
        },
        |column| format!("; did you mean `{column}`?"),
    );
    cx.error(tokens, format!("this entity has no column `{name}`{hint}"));
}
