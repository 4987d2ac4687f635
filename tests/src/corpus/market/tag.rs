//! Tags of products.

use cached_repo::CachedEntity;
use sea_orm::entity::prelude::*;

/// A tag.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
#[sea_orm(table_name = "tags")]
#[cached(prefix = "tag", independent(super::product::Entity))]
pub struct Model {
    /// Given by the program.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Unique.
    #[sea_orm(unique)]
    #[cached(unique)]
    pub label: String,
    /// Through the table between.
    #[sea_orm(has_many, via = "product_tag")]
    pub products: HasMany<super::product::Entity>,
}
impl ActiveModelBehavior for ActiveModel {}
