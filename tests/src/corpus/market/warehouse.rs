//! Warehouses.

use cached_repo::CachedEntity;
use sea_orm::entity::prelude::*;

/// A warehouse.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
#[sea_orm(table_name = "warehouses")]
#[cached(prefix = "warehouse", dependents(super::stock::Entity(via = warehouse_id)))]
pub struct Model {
    /// Given by the program.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Unique.
    #[sea_orm(unique)]
    #[cached(unique)]
    pub code: String,
    /// Where it is.
    #[cached(index)]
    pub region: String,
    /// Deleted with the warehouse, by the database.
    #[sea_orm(has_many)]
    pub stocks: HasMany<super::stock::Entity>,
    /// Outlive the warehouse.
    #[sea_orm(has_many)]
    pub orders: HasMany<super::order::Entity>,
}
impl ActiveModelBehavior for ActiveModel {}
