//! Products, in the middle of everything.

use cached_repo::CachedEntity;
use sea_orm::entity::prelude::*;

/// A product.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
#[sea_orm(table_name = "products")]
#[cached(
    prefix = "product",
    lists = keys,
    independent(
        super::category::Entity,
        super::line::Entity,
        super::review::Entity,
        super::stock::Entity,
        super::tag::Entity
    )
)]
pub struct Model {
    /// Given by the program.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Unique.
    #[sea_orm(unique)]
    #[cached(unique)]
    pub sku: String,
    /// Not unique.
    pub name: String,
    /// What it is part of, if anything.
    #[cached(index)]
    pub category_id: Option<i64>,
    /// What one of it costs.
    #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
    pub price: Decimal,
    /// Not known of every product; a multiple of a quarter, so that sums are exact.
    pub weight: Option<f64>,
    /// Whether it can be ordered.
    #[cached(index)]
    pub active: bool,
    /// Since when, if it can be ordered already.
    pub released: Option<Date>,
    /// Set to NULL with it.
    #[sea_orm(belongs_to, from = "category_id", to = "id", on_delete = "SetNull")]
    pub category: HasOne<super::category::Entity>,
    /// Deleted with the product, by the database.
    #[sea_orm(has_many)]
    pub lines: HasMany<super::line::Entity>,
    /// Deleted with the product, by the database.
    #[sea_orm(has_many)]
    pub reviews: HasMany<super::review::Entity>,
    /// Deleted with the product, by the database.
    #[sea_orm(has_many)]
    pub stocks: HasMany<super::stock::Entity>,
    /// Through the table between.
    #[sea_orm(has_many, via = "product_tag")]
    pub tags: HasMany<super::tag::Entity>,
}
impl ActiveModelBehavior for ActiveModel {}
