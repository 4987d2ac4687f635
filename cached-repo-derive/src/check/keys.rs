//! Rules on the primary key and the prefix.

use crate::attr::valid_prefix;
use crate::ctxt::Ctxt;
use crate::model::Model;

/// A format that shows the table shows the primary key, too.
pub(super) fn primary_key_is_there(model: &Model, cx: &Ctxt) {
    if model.table.name.is_some() && model.key().is_empty() {
        cx.error(
            &model.ident,
            "missing primary key: write `#[sea_orm(primary_key)]` above its field",
        );
    }
}

/// The table name is the default, if there is one that fits.
pub(super) fn prefix_is_there(model: &Model, cx: &Ctxt) {
    if model.cached.prefix_given {
        return;
    }
    let Some(table) = &model.table.name else {
        cx.error(
            &model.ident,
            "missing prefix, because the model does not show its table name: write `#[cached(prefix = \"..\")]`",
        );
        return;
    };
    if let Err(wrong) = valid_prefix(&table.value()) {
        cx.error(
            table,
            format!(
                "prefix `{}`, taken from the table name, {wrong}: write `#[cached(prefix = \"..\")]`",
                table.value()
            ),
        );
    }
}
