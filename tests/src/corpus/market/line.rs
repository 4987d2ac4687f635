//! Lines of orders, with a composite key.

use cached_repo::CachedEntity;
use sea_orm::entity::prelude::*;

/// A line of an order.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
#[sea_orm(table_name = "order_lines")]
#[cached(prefix = "line", independent(super::product::Entity))]
pub struct Model {
    /// The order.
    #[sea_orm(primary_key, auto_increment = false)]
    #[cached(index)]
    pub order_id: i64,
    /// Position in the order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub line_no: i32,
    /// What was ordered.
    #[cached(index)]
    pub product_id: i64,
    /// How many of it.
    pub quantity: i32,
    /// What one of it cost.
    #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
    pub price: Decimal,
    /// Takes its lines along.
    #[sea_orm(belongs_to, from = "order_id", to = "id", on_delete = "Cascade")]
    pub order: HasOne<super::order::Entity>,
    /// Takes lines along.
    #[sea_orm(belongs_to, from = "product_id", to = "id", on_delete = "Cascade")]
    pub product: HasOne<super::product::Entity>,
}
impl ActiveModelBehavior for ActiveModel {}
