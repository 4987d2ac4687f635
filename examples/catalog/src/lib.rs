//! What is sold: a library of entities that knows nothing of the programs that use it.

pub mod category {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "categories")]
    #[cached(prefix = "category")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        #[sea_orm(has_many)]
        pub products: HasMany<super::product::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod product {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "products")]
    #[cached(
        prefix = "product",
        // A product shows the name of its category.
        depends_on(super::category::Entity(via = category_id, on(name)))
    )]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(unique)]
        #[cached(unique)]
        pub sku: String,
        pub name: String,
        #[cached(index)]
        pub category_id: i64,
        #[sea_orm(belongs_to, from = "category_id", to = "id")]
        pub category: HasOne<super::category::Entity>,
        #[sea_orm(has_many)]
        pub prices: HasMany<super::price::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod price {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "prices")]
    // A price shows nothing of its product, but the database deletes it with the product.
    #[cached(prefix = "price", independent(super::product::Entity))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[cached(index)]
        pub product_id: i64,
        pub cents: i64,
        #[sea_orm(belongs_to, from = "product_id", to = "id", on_delete = "Cascade")]
        pub product: HasOne<super::product::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}
