//! Code for a correct entity: one file for each generated impl.

mod checks;
mod edges;
mod entity;
mod finders;
mod meta;
mod methods;
mod parts;
mod relations;
mod shape;
mod tree;

pub(crate) use entity::ident;
pub(crate) use meta::tag;
pub(crate) use methods::methods;
pub(crate) use parts::scope;
pub(crate) use relations::relations;
pub(crate) use tree::tree;

use crate::model::Model;
use proc_macro2::TokenStream;
use quote::quote;

/// Everything that the derive emits.
pub(crate) fn expand(model: &Model) -> TokenStream {
    let entity = entity::entity(model);
    let checks = checks::checks(model);
    let edges = edges::resolve_edges(model);
    let methods = methods(model);
    let trees = model.declared.as_deref().map(tree);
    let relations = model.declared.as_deref().map(relations);
    let scope = scope();
    quote! {
        const _: () = {
            #scope
            #entity
            #edges
            #checks
        };
        #relations
        #trees
        #methods
    }
}
