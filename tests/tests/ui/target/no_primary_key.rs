mod user {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    // SeaORM would say this in seven ways of its own.
    #[derive(Clone, Debug, PartialEq, CachedEntity)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        pub id: i64,
    }
}

fn main() {}
