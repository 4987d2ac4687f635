//! Lookups, and what a read can be asked beyond its key.

use cached_repo::{ErrorKind, Tag, tag};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, Set};
use std::time::Duration;
use tests::scene::{READS, a_note, a_user, an_order};
use tests::shop::{Note, Order, Shop, User, user};
use tests::{Read, Scene, matrix};

/// A write that nobody tells the cache of.
async fn rename_in_secret(scene: &Scene, name: &str) {
    let ada = user::ActiveModel {
        id: Set(1),
        name: Set(name.to_owned()),
        ..Default::default()
    };
    ada.update_without_returning(&scene.world.raw)
        .await
        .expect("updated");
}

matrix! {
    async fn a_unique_lookup_is_a_hit_the_second_time(world) {
        let scene = Scene::new(world).await;
        for _ in 0..2 {
            let ada = User::find_cached_by_email("ada@x").one(scene.repo()).await.expect("read").expect("there");
            assert_eq!(ada.id, 1);
            scene.world.settle().await;
        }
        let stats = scene.world.stats("user");
        assert_eq!((stats.hits, stats.misses), (1, 1), "{stats:?}");
    }

    async fn a_unique_lookup_caches_the_row_for_everybody(world) {
        let scene = Scene::new(world).await;
        User::find_cached_by_email("ada@x").one(scene.repo()).await.expect("read");
        scene.world.settle().await;
        assert!(Read::User(1).is_cached(scene.repo()).await);
    }

    async fn a_unique_lookup_never_leads_to_a_row_that_no_longer_has_the_value(world) {
        let scene = Scene::cached(world).await;
        let ada = user::ActiveModel { id: Set(1), email: Set("new@x".into()), ..Default::default() };
        ada.update_without_returning(&scene.world.raw).await.expect("updated");
        // The row is read anew, and with it the lookup knows better.
        User::find_cached(1).refresh().one(scene.repo()).await.expect("read");
        scene.world.settle().await;
        assert_eq!(User::find_cached_by_email("ada@x").one(scene.repo()).await.expect("read"), None);
    }

    async fn a_collection_is_in_the_order_of_its_primary_keys(world) {
        let scene = Scene::new(world).await;
        for id in [30, 100, 9] {
            let mut order = an_order(4, "new");
            order.id = Set(id);
            Order::insert(order).exec_without_returning(&scene.world.raw).await.expect("inserted");
        }
        for _ in 0..2 {
            let orders = Order::find_cached_by_customer_id(4).all(scene.repo()).await.expect("read");
            let ids: Vec<i64> = orders.iter().map(|order| order.id).collect();
            assert_eq!(ids, [9, 30, 100]);
            scene.world.settle().await;
        }
        let stats = scene.world.stats("order");
        assert_eq!((stats.hits, stats.misses), (1, 1), "{stats:?}");
    }

    async fn a_bypass_reads_the_database_and_leaves_the_cache_alone(world) {
        let scene = Scene::cached(world).await;
        rename_in_secret(&scene, "Somebody").await;
        let fresh = User::find_cached(1).bypass().one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(fresh.name, "Somebody");
        let users = User::find_cached_by_tenant_id(7).bypass().all(scene.repo()).await.expect("read");
        assert_eq!(users[0].name, "Somebody");
        let many = User::find_cached_many([1_i64]).bypass().all(scene.repo()).await.expect("read");
        assert_eq!(many[0].as_ref().expect("there").name, "Somebody");
        scene.world.settle().await;
        let cached = User::find_cached(1).one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(cached.name, "Ada");
    }

    async fn a_bypass_of_what_is_not_cached_fills_nothing(world) {
        let scene = Scene::new(world).await;
        User::find_cached_by_email("ada@x").bypass().one(scene.repo()).await.expect("read");
        User::find_cached_many([1_i64, 40]).bypass().all(scene.repo()).await.expect("read");
        scene.world.settle().await;
        let stats = scene.world.stats("user");
        assert_eq!((stats.fills, stats.bypasses), (0, 3), "{stats:?}");
    }

    async fn a_refresh_replaces_what_the_cache_has(world) {
        let scene = Scene::cached(world).await;
        rename_in_secret(&scene, "Somebody").await;
        let fresh = User::find_cached(1).refresh().one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(fresh.name, "Somebody");
        User::find_cached_by_tenant_id(7).refresh().all(scene.repo()).await.expect("read");
        scene.world.settle().await;
        scene.assert_fresh().await;
    }

    async fn a_refresh_of_many_replaces_what_the_cache_has(world) {
        let scene = Scene::cached(world).await;
        rename_in_secret(&scene, "Somebody").await;
        let many = User::find_cached_many([1_i64, 2]).refresh().all(scene.repo()).await.expect("read");
        assert_eq!(many[0].as_ref().expect("there").name, "Somebody");
        scene.world.settle().await;
        let cached = User::find_cached(1).one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(cached.name, "Somebody");
    }

    async fn a_refresh_of_a_unique_lookup_replaces_the_row_too(world) {
        let scene = Scene::cached(world).await;
        rename_in_secret(&scene, "Somebody").await;
        let fresh = User::find_cached_by_email("ada@x").refresh().one(scene.repo()).await.expect("read");
        assert_eq!(fresh.expect("there").name, "Somebody");
        scene.world.settle().await;
        let cached = User::find_cached_by_email("ada@x").one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(cached.name, "Somebody");
    }

    async fn cache_only_finds_nothing_that_is_not_cached(world) {
        let scene = Scene::new(world).await;
        assert_eq!(User::find_cached(1).cache_only().one(scene.repo()).await.expect("read"), None);
        assert_eq!(User::find_cached_by_tenant_id(7).cache_only().all(scene.repo()).await.expect("read"), []);
        let many = User::find_cached_many([1_i64, 2]).cache_only().all(scene.repo()).await.expect("read");
        assert_eq!(many, [None, None]);
        let stats = scene.world.stats("user");
        assert_eq!((stats.loads, stats.fills), (0, 0), "{stats:?}");
    }

    async fn cache_only_finds_what_is_cached(world) {
        let scene = Scene::cached(world).await;
        rename_in_secret(&scene, "Somebody").await;
        let loads = scene.world.stats("user").loads;
        let ada = User::find_cached(1).cache_only().one(scene.repo()).await.expect("read").expect("cached");
        assert_eq!(ada.name, "Ada");
        let many = User::find_cached_many([1_i64, 2]).cache_only().all(scene.repo()).await.expect("read");
        assert!(many.iter().all(Option::is_some));
        assert_eq!(scene.world.stats("user").loads, loads);
    }

    async fn a_tag_of_a_calls_own_takes_what_carries_it(world) {
        let scene = Scene::new(world).await;
        let read = async || User::find_cached(1).tag(tag!(Shop, "front page")).one(scene.repo()).await.expect("read");
        read().await;
        User::find_cached(2).one(scene.repo()).await.expect("read");
        scene.world.settle().await;
        scene.repo().invalidate_tag(tag!(Shop, "front page")).await.expect("invalidated");
        assert!(!Read::User(1).is_cached(scene.repo()).await);
        assert!(Read::User(2).is_cached(scene.repo()).await);
    }

    async fn an_entry_without_the_tag_is_a_miss_for_a_read_with_it(world) {
        let scene = Scene::cached(world).await;
        let tagged = User::find_cached(1).tag(tag!(Shop, "front page")).cache_only().one(scene.repo()).await.expect("read");
        assert_eq!(tagged, None);
        for _ in 0..2 {
            User::find_cached(1).tag(tag!(Shop, "front page")).one(scene.repo()).await.expect("read");
            scene.world.settle().await;
        }
        scene.repo().invalidate_tag(tag!(Shop, "front page")).await.expect("invalidated");
        assert!(!Read::User(1).is_cached(scene.repo()).await);
    }

    async fn a_tag_takes_collections_and_lookups_too(world) {
        let scene = Scene::new(world).await;
        let orders = async || {
            let read = Order::find_cached_by_customer_id(1).tag(tag!(Shop, "front page"));
            read.all(scene.repo()).await.expect("read").len()
        };
        orders().await;
        scene.world.settle().await;
        Order::insert(an_order(1, "new")).exec_without_returning(&scene.world.raw).await.expect("inserted");
        assert_eq!(orders().await, 2, "nobody has told the cache");
        scene.repo().invalidate_tag(tag!(Shop, "front page")).await.expect("invalidated");
        assert_eq!(orders().await, 3);
    }

    async fn a_tag_of_the_entity_takes_all_of_it(world) {
        let scene = Scene::cached(world).await;
        scene.repo().invalidate_tag(tag!(Shop, "users")).await.expect("invalidated");
        for read in [Read::User(1), Read::User(40), Read::UsersOfTenant(7), Read::UserByEmail("ada@x")] {
            assert!(!read.is_cached(scene.repo()).await, "{read:?}");
        }
        assert!(Read::Order(1).is_cached(scene.repo()).await);
    }

    async fn a_tag_with_a_value_takes_the_rows_that_have_it(world) {
        let scene = Scene::cached(world).await;
        scene.repo().invalidate_tag(tag!(Shop, "tenant:{}", 7)).await.expect("invalidated");
        assert!(!Read::User(1).is_cached(scene.repo()).await);
        assert!(!Read::User(2).is_cached(scene.repo()).await);
        assert!(!Read::UsersOfTenant(7).is_cached(scene.repo()).await);
        assert!(Read::User(3).is_cached(scene.repo()).await);
        assert!(Read::UsersOfTenant(8).is_cached(scene.repo()).await);
    }

    async fn a_tag_that_is_known_at_run_time_alone_is_checked_then(world) {
        let scene = Scene::cached(world).await;
        let tag = "tenant:7".parse::<Tag<Shop>>().expect("declared by the user");
        assert_eq!(tag, tag!(Shop, "tenant:{}", 7));
        scene.repo().invalidate_tag(tag).await.expect("invalidated");
        assert!(!Read::User(1).is_cached(scene.repo()).await);
        let error = "tennant:7".parse::<Tag<Shop>>().expect_err("misspelled");
        assert_eq!(error.kind(), ErrorKind::Tag);
        let told = error.to_string();
        assert!(told.contains("tenant:{tenant_id}") && !told.contains("tennant"), "{told}");
    }

    async fn a_tag_that_nothing_carries_takes_nothing(world) {
        let scene = Scene::cached(world).await;
        scene.repo().invalidate_tag(tag!(Shop, "tenant:{}", 70)).await.expect("invalidated");
        assert_eq!(scene.cold().await, []);
    }

    async fn invalidate_entity_takes_the_entity_and_what_depends_on_it(world) {
        let scene = Scene::cached(world).await;
        scene.repo().invalidate_entity::<Order>().await.expect("invalidated");
        let cold = scene.cold().await;
        let expected = READS.iter().copied().filter(|read| {
            matches!(read, Read::Order(_) | Read::OrdersOfCustomer(_) | Read::OrdersInStatus(_) | Read::Line(..))
        });
        assert_eq!(cold, expected.collect::<Vec<_>>());
    }

    async fn invalidate_all_takes_everything(world) {
        let scene = Scene::cached(world).await;
        rename_in_secret(&scene, "Somebody").await;
        scene.repo().invalidate_all().await.expect("invalidated");
        assert_eq!(scene.cold().await, READS);
        scene.assert_fresh().await;
        scene.warm().await;
    }

    async fn a_lifetime_of_a_calls_own_ends_the_entry(world) {
        if world.store.is_shared() {
            // The server's clock is not ours to move.
            return;
        }
        let scene = Scene::new(world).await;
        let read = async || User::find_cached(1).ttl(Duration::from_secs(10)).one(scene.repo()).await.expect("read");
        read().await;
        scene.world.clock.advance(Duration::from_secs(8));
        assert!(Read::User(1).is_cached(scene.repo()).await);
        scene.world.clock.advance(Duration::from_secs(3));
        assert!(!Read::User(1).is_cached(scene.repo()).await);
    }

    async fn a_lifetime_of_the_entity_ends_the_entry(world) {
        if world.store.is_shared() {
            return;
        }
        let scene = Scene::cached(world).await;
        scene.world.clock.advance(Duration::from_secs(50 * 60));
        assert!(Read::User(1).is_cached(scene.repo()).await);
        assert!(!Read::User(40).is_cached(scene.repo()).await, "there was no such row half a minute ago");
        scene.world.clock.advance(Duration::from_secs(11 * 60));
        assert!(!Read::User(1).is_cached(scene.repo()).await);
    }

    async fn a_lifetime_of_a_calls_own_does_not_lengthen_an_absence(world) {
        if world.store.is_shared() {
            return;
        }
        let scene = Scene::new(world).await;
        User::find_cached(40).ttl(Duration::from_secs(1000)).one(scene.repo()).await.expect("read");
        scene.world.clock.advance(Duration::from_secs(31));
        assert!(!Read::User(40).is_cached(scene.repo()).await);
    }

    async fn jitter_cuts_no_more_than_its_share(world) {
        if world.store.is_shared() {
            return;
        }
        let settings = |builder: cached_repo::RepoBuilder<tests::shop::Shop>| {
            builder.ttl(Duration::from_secs(100)).jitter(0.5)
        };
        let repo = world.another_with(settings).await;
        let ids: Vec<String> = (0..40).map(|number| format!("note {number}")).collect();
        for id in &ids {
            a_note(id).insert(&repo).await.expect("inserted");
        }
        Note::find_cached_many(ids.clone()).all(&repo).await.expect("read");
        let held = async || {
            let many = Note::find_cached_many(ids.clone()).cache_only().all(&repo).await.expect("read");
            many.iter().flatten().count()
        };
        world.clock.advance(Duration::from_secs(49));
        assert_eq!(held().await, 40, "none has lost more than half");
        world.clock.advance(Duration::from_secs(26));
        let some = held().await;
        assert!(some > 0 && some < 40, "they do not end together: {some}");
        world.clock.advance(Duration::from_secs(26));
        assert_eq!(held().await, 0, "none has got more than all");
    }

    async fn many_readers_of_one_row_load_it_once(world) {
        if world.store.is_shared() {
            // Readers in one process share a load there too, but whoever comes after it may come before the fill.
            return;
        }
        let user = a_user("new@x", 9).insert(&world.repo).await.expect("inserted");
        let reads = (0..50).map(|_| User::find_cached(user.id).one(&world.repo));
        let reads = futures_util::future::join_all(reads).await;
        assert!(reads.into_iter().all(|read| read.expect("read").is_some_and(|read| *read == user)));
        assert_eq!(world.stats("user").loads, 1);
    }

    async fn a_load_that_fails_is_tried_again_by_the_next_read(world) {
        let scene = Scene::new(world).await;
        scene.world.raw.execute_unprepared("ALTER TABLE notes RENAME TO memos").await.expect("renamed");
        let error = Note::find_cached("todo".to_owned()).one(scene.repo()).await.expect_err("no such table");
        assert_eq!(error.kind(), cached_repo::ErrorKind::Database);
        scene.world.raw.execute_unprepared("ALTER TABLE memos RENAME TO notes").await.expect("renamed");
        assert!(Note::find_cached("todo".to_owned()).one(scene.repo()).await.expect("read").is_some());
    }
}
