//! The tables that the checker works on.

use cached_repo::cached_schema;

/// Plain rows.
pub mod counter {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row that is found by its key alone.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "counters")]
    #[cached(prefix = "counter")]
    pub struct Model {
        /// The number of the slot.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// Which writer it belongs to: bulk updates go by it.
        pub owner: i64,
        /// Grows with each write.
        pub version: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Rows with lookups.
pub mod account {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row that is renamed, moves, is deleted and comes back. What is cached of it is past its life nearly always, and served
    /// while it is loaded anew.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "accounts")]
    #[cached(
        prefix = "account",
        ttl = "50ms",
        stale_while_revalidate = "1h",
        stale_if_error = "2h"
    )]
    pub struct Model {
        /// The number of the slot.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// A unique lookup.
        #[sea_orm(unique)]
        #[cached(unique)]
        pub login: String,
        /// A partition.
        #[cached(index)]
        pub team: i64,
        /// Grows with each write.
        pub version: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Where a chain of `ON UPDATE CASCADE` begins.
pub mod trunk {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row whose code the database copies.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "trunks")]
    #[cached(prefix = "trunk")]
    pub struct Model {
        /// The number of the slot.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// The number of the slot and the version.
        #[sea_orm(unique)]
        pub code: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// One hop from a trunk.
pub mod branch {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row that follows its trunk.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "branches")]
    #[cached(
        prefix = "branch",
        depends_on(super::trunk::Entity(via = code, references = code))
    )]
    pub struct Model {
        /// The number of the slot.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// The code of the trunk.
        #[sea_orm(unique)]
        pub code: i64,
        /// Which changes it.
        #[sea_orm(belongs_to, from = "code", to = "code", on_update = "Cascade")]
        pub trunk: HasOne<super::trunk::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Two hops from a trunk.
pub mod leaf {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row that follows its branch.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "leaves")]
    #[cached(
        prefix = "leaf",
        depends_on(super::branch::Entity(via = code, references = code))
    )]
    pub struct Model {
        /// The number of the slot.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// The code of the branch.
        #[sea_orm(unique)]
        pub code: i64,
        /// Which changes it.
        #[sea_orm(belongs_to, from = "code", to = "code", on_update = "Cascade")]
        pub branch: HasOne<super::branch::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Where a chain of triggers begins.
pub mod keeper {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row whose version a trigger copies to its pets.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "keepers")]
    #[cached(
        prefix = "keeper",
        ttl = "200ms",
        refresh_ahead = "50%",
        early_refresh = 1.0
    )]
    #[cached(dependents(super::pet::Entity(via = keeper_id)))]
    pub struct Model {
        /// The number of the slot.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// Grows with each write.
        pub version: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// One hop from a keeper.
pub mod pet {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row that a trigger changes; another one then changes its collars.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "pets")]
    #[cached(
        prefix = "pet",
        lists = keys,
        dependents(super::collar::Entity(via = pet_id, cascade, lookup(limit = 4)))
    )]
    pub struct Model {
        /// Pets of one keeper follow one another.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// The keeper.
        #[cached(index)]
        pub keeper_id: i64,
        /// The keeper's.
        pub version: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Two hops from a keeper.
pub mod collar {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row that a trigger changes.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "collars")]
    #[cached(prefix = "collar")]
    pub struct Model {
        /// Collars of one pet follow one another.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// The pet.
        pub pet_id: i64,
        /// The keeper's.
        pub version: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Rows that two processes write.
pub mod parcel {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row that is carried from shelf to shelf, and labeled there.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "parcels")]
    #[cached(prefix = "parcel")]
    pub struct Model {
        /// The number of the slot.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// A partition.
        #[cached(index)]
        pub shelf: i64,
        /// Grows with each write: even once it is labeled.
        pub version: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    /// All of them.
    pub Watched {
        counter::Entity, account::Entity, trunk::Entity, branch::Entity, leaf::Entity, keeper::Entity, pet::Entity,
        collar::Entity, parcel::Entity,
    }
}

pub use account::Entity as Account;
pub use branch::Entity as Branch;
pub use collar::Entity as Collar;
pub use counter::Entity as Counter;
pub use keeper::Entity as Keeper;
pub use leaf::Entity as Leaf;
pub use parcel::Entity as Parcel;
pub use pet::Entity as Pet;
pub use trunk::Entity as Trunk;

/// Codes of one slot follow one another; no two slots share one.
const STEP: i64 = 10_000_000_000;

/// The code of a slot at a version.
#[must_use]
pub fn code(index: u32, version: i64) -> i64 {
    i64::from(index) * STEP + version
}

/// The slot and the version of a code.
#[must_use]
pub fn decode(code: i64) -> (u32, i64) {
    (u32::try_from(code / STEP).unwrap_or(u32::MAX), code % STEP)
}
