mod line {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "lines")]
    #[cached(dependents(super::part::Entity(via(order_id, line_no))))]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line_no: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod part {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "parts")]
    #[cached(depends_on(super::line::Entity(via(line_no, order_id))))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub order_id: i64,
        pub line_no: i16,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {}
