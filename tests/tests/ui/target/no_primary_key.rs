mod line {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[derive(Copy, Clone, Default, Debug, DeriveEntity)]
    pub struct Entity;

    impl EntityName for Entity {
        fn table_name(&self) -> &'static str {
            "lines"
        }
    }

    #[derive(Clone, Debug, PartialEq, DeriveModel, DeriveActiveModel, CachedEntity)]
    #[sea_orm(table_name = "lines")]
    pub struct Model {
        pub id: i64,
        pub line_no: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveColumn)]
    pub enum Column {
        Id,
        LineNo,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DerivePrimaryKey)]
    pub enum PrimaryKey {
        Id,
        LineNo,
    }

    impl PrimaryKeyTrait for PrimaryKey {
        type ValueType = (i64, i64);

        fn auto_increment() -> bool {
            false
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

fn main() {
    let _ = line::Entity::find_cached((1, 1));
}
