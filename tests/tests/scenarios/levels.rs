//! Entities that decide for themselves how new their reads are.

use cached_repo::{CachedRepo, Consistency, cached_schema};
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use std::time::Duration;
use tests::eventually::eventually;
use tests::faulty::Faulty;

/// Notes of which no copy is kept, whatever the repo says.
mod account {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "notes")]
    #[cached(prefix = "account", consistency = strict)]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: String,
        pub(crate) body: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Dashboards of which copies are kept, whatever the repo says.
mod view {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "dashboards")]
    #[cached(prefix = "view", consistency = bounded)]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i64,
        pub(crate) user_id: i64,
        pub(crate) title: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

use account::Entity as Account;
use view::Entity as View;

cached_schema! { Levels { account::Entity, view::Entity } }

fn memory_hits(repo: &CachedRepo<Levels>, prefix: &str) -> u64 {
    let stats = repo.stats();
    stats.entity(prefix).expect("an entity").memory_hits
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entity_decides_for_itself_whether_copies_are_kept() {
    for level in [Consistency::Strict, Consistency::Bounded] {
        let faulty = Faulty::new().await;
        let store = cached_repo::RedisStore::open(&faulty.redis.url()).expect("an address");
        let builder = faulty.world.beside::<Levels>().await;
        let repo = builder
            .store(store)
            .consistency(level)
            .settle_time(Duration::ZERO)
            .build()
            .await
            .expect("built");
        let account = account::ActiveModel {
            id: Set("n".to_owned()),
            body: Set("body".to_owned()),
        };
        Account::insert(account)
            .exec(&repo)
            .await
            .expect("inserted");
        let view = view::ActiveModel {
            user_id: Set(1),
            title: Set("title".to_owned()),
            ..Default::default()
        };
        let view = view.insert(&repo).await.expect("inserted");
        let read = async || {
            let account = Account::find_cached("n".to_owned()).one(&repo).await;
            assert!(account.expect("read").is_some());
            let view = View::find_cached(view.id).one(&repo).await;
            assert!(view.expect("read").is_some());
            repo.wait_idle().await;
        };
        eventually("the view is answered from memory", async || {
            let before = memory_hits(&repo, "view");
            read().await;
            memory_hits(&repo, "view") > before
        })
        .await;
        read().await;
        assert_eq!(memory_hits(&repo, "account"), 0, "in a {level} repo");
        assert!(repo.stats().entity("account").expect("there").hits > 0);
    }
}
