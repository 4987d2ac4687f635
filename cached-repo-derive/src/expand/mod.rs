//! Code for a correct entity: one file for each generated impl.

mod checks;
mod edges;
mod entity;
mod finders;
mod meta;
mod parts;
mod relations;
mod shape;
mod writers;

pub(crate) use entity::ident;
pub(crate) use finders::finders;
pub(crate) use relations::relations;
pub(crate) use writers::writers;

use crate::model::Model;
use proc_macro2::TokenStream;
use quote::quote;

/// Everything that the derive emits.
pub(crate) fn expand(model: &Model) -> TokenStream {
    let entity = entity::entity(model);
    let checks = checks::checks(model);
    let edges = edges::resolve_edges(model);
    let methods = methods(model);
    let relations = model.declared.as_deref().map(relations);
    let probing = parts::probing();
    quote! {
        const _: () = {
            #probing
            #entity
            #edges
            #checks
        };
        #relations
        #methods
    }
}

/// The inherent methods, also beside an error.
pub(crate) fn methods(model: &Model) -> TokenStream {
    let finders = finders(model);
    let writers = writers();
    quote! {
        #[allow(dead_code, unreachable_pub, private_interfaces, deprecated)]
        impl Entity {
            #finders
            #writers
        }
    }
}
