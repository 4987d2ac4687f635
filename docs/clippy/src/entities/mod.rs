//! One entity in each of SeaORM's formats, as the macros expand it.

pub mod compact;
pub mod compact_model;
pub mod dense;
pub mod expanded;

use cached_repo::cached_schema;

cached_schema! {
    /// All of them.
    #[cached(relations = unchecked)]
    pub App {
        dense::user::Entity,
        dense::post::Entity,
        dense::tag::Entity,
        dense::post_tag::Entity,
        compact::Entity,
        compact_model::Entity,
        expanded::Entity,
    }
}
