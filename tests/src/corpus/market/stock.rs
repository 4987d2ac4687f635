//! What lies where: a composite key.

use cached_repo::CachedEntity;
use sea_orm::entity::prelude::*;

/// How many of a product lie in a warehouse.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
#[sea_orm(table_name = "stocks")]
#[cached(prefix = "stock")]
pub struct Model {
    /// Where.
    #[sea_orm(primary_key, auto_increment = false)]
    #[cached(index)]
    pub warehouse_id: i64,
    /// What.
    #[sea_orm(primary_key, auto_increment = false)]
    #[cached(index)]
    pub product_id: i64,
    /// How many are there.
    pub on_hand: i32,
    /// How many of them are promised to somebody.
    pub reserved: i32,
    /// Takes its stock along.
    #[sea_orm(belongs_to, from = "warehouse_id", to = "id", on_delete = "Cascade")]
    pub warehouse: HasOne<super::warehouse::Entity>,
    /// Takes its stock along.
    #[sea_orm(belongs_to, from = "product_id", to = "id", on_delete = "Cascade")]
    pub product: HasOne<super::product::Entity>,
}
impl ActiveModelBehavior for ActiveModel {}
