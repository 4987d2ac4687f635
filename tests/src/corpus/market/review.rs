//! Reviews, numbered by the database.

use cached_repo::CachedEntity;
use sea_orm::entity::prelude::*;

/// A review.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
#[sea_orm(table_name = "reviews")]
#[cached(prefix = "review")]
pub struct Model {
    /// Numbered by the database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Of what.
    #[cached(index)]
    pub product_id: i64,
    /// By whom, while the customer is there.
    #[cached(index)]
    pub customer_id: Option<i64>,
    /// One to five.
    #[cached(index)]
    pub stars: i32,
    /// Not every review has a text.
    pub body: Option<String>,
    /// How many found it helpful.
    pub helpful: i32,
    /// Takes its reviews along.
    #[sea_orm(belongs_to, from = "product_id", to = "id", on_delete = "Cascade")]
    pub product: HasOne<super::product::Entity>,
    /// Set to NULL with the customer.
    #[sea_orm(belongs_to, from = "customer_id", to = "id", on_delete = "SetNull")]
    pub customer: HasOne<super::customer::Entity>,
}
impl ActiveModelBehavior for ActiveModel {}
