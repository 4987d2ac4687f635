//! Which product has which tag: the table between.

use cached_repo::CachedEntity;
use sea_orm::entity::prelude::*;

/// That a product has a tag.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
#[sea_orm(table_name = "product_tags")]
#[cached(
    prefix = "product_tag",
    independent(super::product::Entity, super::tag::Entity)
)]
pub struct Model {
    /// The product.
    #[sea_orm(primary_key, auto_increment = false)]
    #[cached(index)]
    pub product_id: i64,
    /// The tag.
    #[sea_orm(primary_key, auto_increment = false)]
    #[cached(index)]
    pub tag_id: i64,
    /// Takes its tags along.
    #[sea_orm(belongs_to, from = "product_id", to = "id", on_delete = "Cascade")]
    pub product: HasOne<super::product::Entity>,
    /// Is taken from its products.
    #[sea_orm(belongs_to, from = "tag_id", to = "id", on_delete = "Cascade")]
    pub tag: HasOne<super::tag::Entity>,
}
impl ActiveModelBehavior for ActiveModel {}
