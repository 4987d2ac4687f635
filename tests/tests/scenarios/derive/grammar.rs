//! Attributes and variables are written alike.

use cached_repo::{CachedEntity, Config};

/// For each entity, a text as a lifetime and one as a fraction: the attribute means what the variable means.
macro_rules! alike {
    ($($entity:ident: $ttl:literal, $jitter:literal;)*) => {
        $(pub mod $entity {
            use cached_repo::prelude::*;
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
            #[sea_orm(table_name = "rows")]
            #[cached(ttl = $ttl, jitter = $jitter, early_refresh = $jitter)]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i64,
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        })*

        #[test]
        fn attributes_mean_what_variables_mean() {
            $({
                let lifetimes = $entity::Entity::META.lifetimes;
                let config = Config::from_vars(|name| match name {
                    "CACHED_REPO_TTL" => Some($ttl.to_owned()),
                    "CACHED_REPO_JITTER" | "CACHED_REPO_EARLY_REFRESH" => Some($jitter.to_owned()),
                    _ => None,
                });
                let config = config.expect("a variable reads what an attribute does");
                assert_eq!(lifetimes.ttl, Some(config.ttl), $ttl);
                assert_eq!(lifetimes.jitter, Some(config.jitter), $jitter);
                assert_eq!(lifetimes.early_refresh, Some(config.early_refresh), $jitter);
            })*
        }
    };
}

alike! {
    one_unit: "90m", "10%";
    two_units: "1h 30m", "0.1";
    together: "1h30m", "2.5%";
    in_any_order: "30m 1h", ".25";
    decimal: "1.5h", "12.25 %";
    in_words: "1 hour 30 minutes", "0.125";
    short: "250ms", "50%";
    long: "2w", " 0.5 ";
}
