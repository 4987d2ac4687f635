//! `impl ResolveEdges<S> for Entity`.

use crate::attr::Edge;
use crate::model::Model;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

// impl<S> ResolveEdges<S> for Entity where super::order::Entity: Member<S> {
//     const OUT: &'static [usize] = &[<super::order::Entity as Member<S>>::INDEX];
//     const IN: &'static [usize] = &[];
// }
pub(super) fn resolve_edges(model: &Model) -> TokenStream {
    let (dependents, depends_on) = (&model.cached.dependents, &model.cached.depends_on);
    let targets = dependents.iter().chain(depends_on).map(|edge| {
        let target = &edge.target;
        // Spanned on the edge: a target that is missing from a schema is shown there.
        quote_spanned!(target.span()=> #target: __p::Member<__S>,)
    });
    let out = dependents.iter().map(index);
    let inward = depends_on.iter().map(index);
    quote! {
        #[automatically_derived]
        impl<__S> __p::ResolveEdges<__S> for Entity
        where
            #(#targets)*
        {
            const OUT: &'static [usize] = &[#(#out),*];
            const IN: &'static [usize] = &[#(#inward),*];
        }
    }
}

fn index(edge: &Edge) -> TokenStream {
    let target = &edge.target;
    quote!(<#target as __p::Member<__S>>::INDEX)
}
