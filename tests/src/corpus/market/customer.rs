//! Customers, from whom orders and reviews come.

use cached_repo::CachedEntity;
use sea_orm::entity::prelude::*;

/// A customer.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
#[sea_orm(table_name = "customers")]
#[cached(
    prefix = "customer",
    dependents(super::order::Entity(via = customer_id, on(name))),
    independent(super::review::Entity)
)]
pub struct Model {
    /// Given by the program.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Unique.
    #[sea_orm(unique)]
    #[cached(unique)]
    pub email: String,
    /// Not unique.
    pub name: String,
    /// Not everybody says.
    #[cached(index)]
    pub region: Option<String>,
    /// Whether the customer pays less.
    pub vip: bool,
    /// Not everybody says.
    pub born: Option<Date>,
    /// Deleted with the customer, by the database.
    #[sea_orm(has_many)]
    pub orders: HasMany<super::order::Entity>,
    /// Outlive the customer.
    #[sea_orm(has_many)]
    pub reviews: HasMany<super::review::Entity>,
}
impl ActiveModelBehavior for ActiveModel {}
