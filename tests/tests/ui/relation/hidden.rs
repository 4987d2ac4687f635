use cached_repo::cached_schema;

macro_rules! entities {
    ($($name:ident $table:literal)*) => {
        $(mod $name {
            use cached_repo::prelude::*;
            use sea_orm::entity::prelude::*;

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i64,
            }

            impl ActiveModelBehavior for ActiveModel {}
        })*

        cached_schema! { pub Shop { order::Entity, $($name::Entity),* } }
    };
}

mod order {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "orders")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

entities! {
    e0 "e0" e1 "e1" e2 "e2" e3 "e3" e4 "e4" e5 "e5" e6 "e6" e7 "e7"
    e8 "e8" e9 "e9" e10 "e10" e11 "e11" e12 "e12" e13 "e13" e14 "e14" e15 "e15"
    e16 "e16" e17 "e17" e18 "e18" e19 "e19" e20 "e20" e21 "e21" e22 "e22" e23 "e23"
    e24 "e24" e25 "e25" e26 "e26" e27 "e27" e28 "e28" e29 "e29" e30 "e30" e31 "e31"
    e32 "e32" e33 "e33" e34 "e34" e35 "e35" e36 "e36" e37 "e37" e38 "e38" e39 "e39"
    e40 "e40" e41 "e41" e42 "e42" e43 "e43" e44 "e44" e45 "e45" e46 "e46" e47 "e47"
    e48 "e48" e49 "e49" e50 "e50" e51 "e51" e52 "e52" e53 "e53" e54 "e54" e55 "e55"
    e56 "e56" e57 "e57" e58 "e58" e59 "e59" e60 "e60" e61 "e61" e62 "e62" e63 "e63"
}

fn main() {}
