//! Rules that look at more than one attribute: one function for each.

mod canonical;
mod edges;
mod independent;
mod keys;
mod lookups;
mod names;

pub(crate) use lookups::{Group, groups};

use crate::ctxt::Ctxt;
use crate::model::Model;

/// Reports everything that contradicts something else.
pub(crate) fn check(model: &Model, cx: &Ctxt) {
    keys::primary_key_is_there(model, cx);
    keys::prefix_is_there(model, cx);
    names::tags_name_columns(model, cx);
    lookups::names_are_free(model, cx);
    lookups::columns_differ(model, cx);
    lookups::key_needs_no_lookup(model, cx);
    edges::own_columns_exist(model, cx);
    edges::columns_pair_up(model, cx);
    edges::listed_once(model, cx);
    edges::cascade_ends(model, cx);
    independent::listed_once(model, cx);
    independent::is_no_edge(model, cx);
    canonical::types_are_canonical(model, cx);
}
