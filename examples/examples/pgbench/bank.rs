//! The tables that `pgbench --initialize` makes.

use cached_repo::cached_schema;

/// Accounts of one branch.
pub(crate) const ACCOUNTS: u64 = 100_000;

/// Tellers of one branch.
pub(crate) const TELLERS: u64 = 10;

pub(crate) mod account {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "pgbench_accounts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) aid: i32,
        pub(crate) bid: Option<i32>,
        pub(crate) abalance: Option<i32>,
        pub(crate) filler: Option<String>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod teller {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "pgbench_tellers")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tid: i32,
        #[cached(index)]
        pub(crate) bid: Option<i32>,
        pub(crate) tbalance: Option<i32>,
        pub(crate) filler: Option<String>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod branch {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    // What is known of a teller includes what the branch is called, and not how much it has: each transaction changes that.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "pgbench_branches")]
    #[cached(dependents(super::teller::Entity(via = bid, on(filler))))]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) bid: i32,
        pub(crate) bbalance: Option<i32>,
        pub(crate) filler: Option<String>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

// `pgbench_history` has no primary key, so it is no entity: its rows are written by SQL and never read.
cached_schema! { pub(crate) Bank { account::Entity, branch::Entity, teller::Entity } }

pub(crate) use account::Entity as Account;
pub(crate) use branch::Entity as Branch;
pub(crate) use teller::Entity as Teller;
