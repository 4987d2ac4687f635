//! `#[sea_orm::compact_model]`.

use cached_repo::CachedEntity;
use sea_orm::entity::prelude::*;

#[sea_orm::compact_model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
#[sea_orm(table_name = "addresses")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[cached(index)]
    pub user_id: i64,
    pub user: HasOne<super::dense::user::Entity>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::dense::user::Entity",
        from = "Column::UserId",
        to = "super::dense::user::Column::Id"
    )]
    User,
}

impl Related<super::dense::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
