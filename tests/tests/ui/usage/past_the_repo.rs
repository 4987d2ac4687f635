mod compact {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "compact")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod expanded {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[derive(Copy, Clone, Default, Debug, DeriveEntity)]
    pub struct Entity;

    impl EntityName for Entity {
        fn table_name(&self) -> &'static str {
            "expanded"
        }
    }

    #[derive(Clone, Debug, PartialEq, DeriveModel, DeriveActiveModel, CachedEntity)]
    #[cached(prefix = "expanded")]
    pub struct Model {
        pub id: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveColumn)]
    pub enum Column {
        Id,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DerivePrimaryKey)]
    pub enum PrimaryKey {
        Id,
    }

    impl PrimaryKeyTrait for PrimaryKey {
        type ValueType = i64;

        fn auto_increment() -> bool {
            true
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ColumnTrait for Column {
        type EntityName = Entity;

        fn def(&self) -> ColumnDef {
            ColumnType::BigInteger.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn write(
    db: &sea_orm::DatabaseConnection,
    transaction: &sea_orm::DatabaseTransaction,
) -> Result<(), cached_repo::Error> {
    compact::Entity::update_cached(compact::ActiveModel { ..Default::default() }, transaction).await?;
    expanded::Entity::save_cached(expanded::ActiveModel { ..Default::default() }, db).await?;
    Ok(())
}

fn main() {
    let _ = write;
}
