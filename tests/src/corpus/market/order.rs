//! Orders, which go with their customers and outlive their warehouses.

use cached_repo::CachedEntity;
use sea_orm::entity::prelude::*;

/// An order.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
#[sea_orm(table_name = "orders")]
#[cached(
    prefix = "order",
    lists = keys,
    dependents(super::line::Entity(via = order_id)),
    independent(super::warehouse::Entity)
)]
pub struct Model {
    /// Given by the program.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Who ordered.
    #[cached(index)]
    pub customer_id: i64,
    /// How far it is.
    #[cached(index)]
    pub status: String,
    /// When it was placed.
    pub placed: Date,
    /// From where it is sent, once that is known.
    #[cached(index)]
    pub warehouse_id: Option<i64>,
    /// Not every order has one.
    #[sea_orm(column_type = "Decimal(Some((10, 2)))", nullable)]
    pub discount: Option<Decimal>,
    /// Not every order has one.
    pub note: Option<String>,
    /// Takes its orders along.
    #[sea_orm(belongs_to, from = "customer_id", to = "id", on_delete = "Cascade")]
    pub customer: HasOne<super::customer::Entity>,
    /// Set to NULL with it.
    #[sea_orm(belongs_to, from = "warehouse_id", to = "id", on_delete = "SetNull")]
    pub warehouse: HasOne<super::warehouse::Entity>,
    /// Deleted with the order, by the database.
    #[sea_orm(has_many)]
    pub lines: HasMany<super::line::Entity>,
}
impl ActiveModelBehavior for ActiveModel {}
