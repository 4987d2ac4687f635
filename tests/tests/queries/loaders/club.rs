//! A club: every kind of relation, of which one leads to an entity that is not cached.

use cached_repo::cached_schema;

/// Members.
pub mod member {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A member.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "members")]
    #[cached(prefix = "member", relations = unchecked, tags("members:{name}"))]
    pub struct Model {
        /// Given by the program.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// What they are called.
        pub name: String,
        /// No column.
        #[sea_orm(ignore)]
        pub mood: Option<String>,
        /// One, or none.
        #[sea_orm(has_one)]
        pub card: HasOne<super::card::Entity>,
        /// When they came.
        #[sea_orm(has_many)]
        pub visits: HasMany<super::visit::Entity>,
        /// Through the table between.
        #[sea_orm(has_many, via = "member_team")]
        pub teams: HasMany<super::team::Entity>,
        /// Of an entity that is not cached.
        #[sea_orm(has_many)]
        pub letters: HasMany<super::letter::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Cards of members.
pub mod card {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A card.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "cards")]
    #[cached(prefix = "card", relations = unchecked)]
    pub struct Model {
        /// Given by the program.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// Whose it is.
        #[sea_orm(unique)]
        pub member_id: i64,
        /// Whose it is.
        #[sea_orm(belongs_to, from = "member_id", to = "id")]
        pub member: BelongsTo<super::member::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Visits of members.
pub mod visit {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A visit.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "visits")]
    #[cached(prefix = "visit", relations = unchecked)]
    pub struct Model {
        /// Given by the program.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// Who came.
        pub member_id: i64,
        /// Who was there, if anybody was.
        pub coach_id: Option<i64>,
        /// Who came.
        #[sea_orm(belongs_to, from = "member_id", to = "id")]
        pub member: BelongsTo<super::member::Entity>,
        /// Who was there.
        #[sea_orm(belongs_to, from = "coach_id", to = "id")]
        pub coach: BelongsTo<Option<super::coach::Entity>>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Coaches.
pub mod coach {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A coach.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "coaches")]
    #[cached(prefix = "coach", relations = unchecked)]
    pub struct Model {
        /// Given by the program.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// What they are called.
        pub name: String,
        /// Whom they saw.
        #[sea_orm(has_many)]
        pub visits: HasMany<super::visit::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Teams.
pub mod team {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A team.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "teams")]
    #[cached(prefix = "team", relations = unchecked)]
    pub struct Model {
        /// Given by the program.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// What it is called.
        pub title: String,
        /// Through the table between.
        #[sea_orm(has_many, via = "member_team")]
        pub members: HasMany<super::member::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Who is in which team.
pub mod member_team {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// That a member is in a team.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "member_teams")]
    #[cached(prefix = "member_team", relations = unchecked)]
    pub struct Model {
        /// Who.
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: i64,
        /// In which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: i64,
        /// Who.
        #[sea_orm(belongs_to, from = "member_id", to = "id")]
        pub member: BelongsTo<super::member::Entity>,
        /// In which.
        #[sea_orm(belongs_to, from = "team_id", to = "id")]
        pub team: BelongsTo<super::team::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Letters, as an entity that is not cached.
pub mod letter {
    use sea_orm::entity::prelude::*;

    /// A letter.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "letters")]
    pub struct Model {
        /// Given by the program.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// To whom.
        pub member_id: i64,
        /// To whom.
        #[sea_orm(belongs_to, from = "member_id", to = "id")]
        pub member: BelongsTo<super::member::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// The same table, as an entity that is cached.
pub mod mail {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A letter.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "letters")]
    #[cached(prefix = "letter", relations = unchecked)]
    pub struct Model {
        /// Given by the program.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// To whom.
        pub member_id: i64,
    }

    /// None that it shows.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    /// All of the club.
    #[cached(relations = unchecked)]
    pub Club {
        member::Entity, card::Entity, visit::Entity, coach::Entity, team::Entity, member_team::Entity, mail::Entity
    }
}

pub use card::Entity as Card;
pub use coach::Entity as Coach;
pub use letter::Entity as Letter;
pub use member::Entity as Member;
pub use member_team::Entity as MemberTeam;
pub use team::Entity as Team;
pub use visit::Entity as Visit;
