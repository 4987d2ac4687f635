//! Categories, which refer to each other.

use cached_repo::CachedEntity;
use sea_orm::entity::prelude::*;

/// A category.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
#[sea_orm(table_name = "categories")]
#[cached(prefix = "category", independent(Entity, super::product::Entity))]
pub struct Model {
    /// Given by the program.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Unique.
    #[sea_orm(unique)]
    #[cached(unique)]
    pub name: String,
    /// What it is part of, if anything.
    #[cached(index)]
    pub parent_id: Option<i64>,
    /// In which order categories are shown.
    pub position: i32,
    /// Set to NULL with it.
    #[sea_orm(
        self_ref,
        relation_enum = "Parent",
        from = "parent_id",
        to = "id",
        on_delete = "SetNull"
    )]
    pub parent: HasOne<Entity>,
    /// Outlive their category.
    #[sea_orm(has_many)]
    pub products: HasMany<super::product::Entity>,
}
impl ActiveModelBehavior for ActiveModel {}
