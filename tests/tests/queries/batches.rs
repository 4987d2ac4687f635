//! Several reads in one call.

mod counted;

use cached_repo::{CachedQuery, CachedRepo, Checkpoint, ErrorKind, tag};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, TransactionTrait};
use std::time::Duration;
use tests::eventually::promptly;
use tests::matrix;
use tests::pause::Gate;
use tests::rows::{add_note, add_user, rename, set_total};
use tests::scene::an_order;
use tests::shop::{Line, Note, Order, Shop, User, order};
use tests::{Scene, Store};

/// One of each kind of read, in one call and one by one.
macro_rules! everything {
    ($repo:expr $(, $option:ident)?) => {{
        let repo = $repo;
        let of_first = || Order::find().filter(order::Column::CustomerId.eq(1)).order_by_asc(order::Column::Id).cached()$(.$option())?;
        let totals = || Order::find().order_by_asc(order::Column::Id).into_tuple::<(i64, i64)>().cached()$(.$option())?;
        let (keys, queries) = repo
            .batch((
                (
                    User::find_cached(1)$(.$option())?,
                    User::find_cached(40)$(.$option())?,
                    User::find_cached_by_email("bob@x")$(.$option())?,
                    User::find_cached_by_email("nobody@x")$(.$option())?,
                    Order::find_cached_by_customer_id(1)$(.$option())?,
                    User::find_cached_many([2_i64, 1, 41, 2])$(.$option())?,
                    vec![Line::find_cached((1, 1))$(.$option())?, Line::find_cached((9, 9))$(.$option())?],
                ),
                (
                    of_first(),
                    of_first().first(),
                    of_first().counted(),
                    of_first().any(),
                    of_first().page(0, 1),
                    totals(),
                    totals().first(),
                ),
            ))
            .await
            .expect("read");
        let single_keys = (
            User::find_cached(1).one(repo).await.expect("read"),
            User::find_cached(40).one(repo).await.expect("read"),
            User::find_cached_by_email("bob@x").one(repo).await.expect("read"),
            User::find_cached_by_email("nobody@x").one(repo).await.expect("read"),
            Order::find_cached_by_customer_id(1).all(repo).await.expect("read"),
            User::find_cached_many([2_i64, 1, 41, 2]).all(repo).await.expect("read"),
            vec![Line::find_cached((1, 1)).one(repo).await.expect("read"), None],
        );
        let single_queries = (
            of_first().all(repo).await.expect("read"),
            of_first().one(repo).await.expect("read"),
            of_first().count(repo).await.expect("read"),
            of_first().exists(repo).await.expect("read"),
            of_first().paginate(repo, 1).fetch_page(0).await.expect("read"),
            totals().all(repo).await.expect("read"),
            totals().one(repo).await.expect("read"),
        );
        assert_eq!(keys, single_keys);
        assert_eq!(queries, single_queries);
        (keys, queries)
    }};
}

fn loads(repo: &CachedRepo<Shop>) -> u64 {
    repo.stats()
        .entities
        .iter()
        .map(|entity| entity.loads)
        .sum()
}

matrix! {
    async fn a_batch_gives_what_single_reads_give(world) {
        let scene = Scene::new(world).await;
        let (keys, queries) = everything!(scene.repo());
        assert_eq!((keys.4.len(), queries.2, queries.3, queries.4.len()), (2, 2, true, 1));
        scene.world.settle().await;
        assert_eq!(everything!(scene.repo()), (keys.clone(), queries.clone()));
        assert_eq!(everything!(scene.repo(), refresh), (keys.clone(), queries.clone()));
        assert_eq!(everything!(scene.repo(), bypass), (keys, queries));
    }

    async fn a_batch_sees_every_write_before_it(world) {
        let scene = Scene::new(world).await;
        let (keys, _) = everything!(scene.repo());
        scene.world.settle().await;
        rename(scene.repo(), &keys.0.expect("there").as_ref().clone(), "Augusta").await;
        set_total(scene.repo(), 1, 77).await;
        Order::insert(an_order(1, "new")).exec_without_returning(scene.repo()).await.expect("inserted");
        let (keys, queries) = everything!(scene.repo());
        assert_eq!(keys.0.expect("there").name, "Augusta");
        assert_eq!((queries.0[0].total, queries.2), (77, 3));
    }

    async fn what_a_batch_has_loaded_is_cached(world) {
        let scene = Scene::new(world).await;
        everything!(scene.repo());
        scene.world.settle().await;
        let before = loads(scene.repo());
        everything!(scene.repo());
        everything!(scene.repo(), cache_only);
        scene.world.settle().await;
        assert_eq!(loads(scene.repo()), before);
    }

    async fn reads_by_the_same_columns_are_loaded_by_one_query(world) {
        let scene = Scene::new(world).await;
        let repo = scene.repo();
        let many: Vec<_> = (1..=50).map(Order::find_cached).collect();
        let lists: Vec<_> = (1..=50).map(Order::find_cached_by_customer_id).collect();
        let (rows, lists) = repo.batch((many, lists)).await.expect("read");
        assert_eq!(rows.iter().flatten().count(), 3);
        assert_eq!(lists.iter().map(Vec::len).take(4).collect::<Vec<_>>(), [2, 1, 0, 0]);
        let loads = scene.world.stats("order").loads;
        assert_eq!(loads, 2);
        scene.world.settle().await;
        let (one, _) = repo.batch((Order::find_cached_by_customer_id(1), Order::find_cached(2))).await.expect("read");
        assert_eq!(one, lists[0]);
        assert_eq!(scene.world.stats("order").hits, 2);
    }

    async fn text_that_the_database_compares_loosely_is_found_as_by_single_reads(world) {
        let scene = Scene::new(world).await;
        let emails = ["ada@x", "ADA@x", "bob@x", "BOB@x "];
        let statuses = ["new", "NEW", "paid", "páid"];
        for _ in 0..2 {
            let (users, orders) = scene.repo().batch((
                emails.map(User::find_cached_by_email).into_iter().collect::<Vec<_>>(),
                statuses.map(Order::find_cached_by_status).into_iter().collect::<Vec<_>>(),
            )).await.expect("read");
            for (email, found) in emails.iter().zip(users) {
                let alone = User::find_cached_by_email(*email).bypass().one(scene.repo()).await.expect("read");
                assert_eq!(found, alone, "{email:?}");
            }
            for (status, found) in statuses.iter().zip(orders) {
                let alone = Order::find_cached_by_status(*status).bypass().all(scene.repo()).await.expect("read");
                assert_eq!(found, alone, "{status:?}");
            }
            scene.world.settle().await;
        }
    }

    async fn a_batch_in_a_transaction_reads_it_and_fills_nothing(world) {
        let scene = Scene::new(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        set_total(&transaction, 1, 4_711).await;
        let (_, queries) = everything!(&transaction);
        assert_eq!(queries.0[0].total, 4_711);
        transaction.rollback().await.expect("rolled back");
        let stats = scene.world.stats("order");
        assert_eq!((stats.fills, stats.hits, stats.misses), (0, 0, 0), "{stats:?}");
        let (_, queries) = everything!(scene.repo());
        assert_ne!(queries.0[0].total, 4_711);
    }

    async fn the_options_of_each_read_are_its_own(world) {
        let scene = Scene::new(world).await;
        let repo = scene.repo();
        let read = async || {
            repo.batch((
                User::find_cached(1).tag(tag!(Shop, "board")),
                User::find_cached(2).ttl(Duration::from_secs(5)),
                User::find_cached(3).cache_only(),
                Order::find().cached().cache_only(),
            ))
            .await
            .expect("read")
        };
        let (one, two, three, orders) = read().await;
        assert!(one.is_some() && two.is_some() && three.is_none() && orders.is_empty());
        scene.world.settle().await;
        repo.invalidate_tag(tag!(Shop, "board")).await.expect("invalidated");
        assert!(User::find_cached(1).cache_only().one(repo).await.expect("read").is_none());
        assert!(User::find_cached(2).cache_only().one(repo).await.expect("read").is_some());
        if scene.world.store == Store::Memory {
            scene.world.clock.advance(Duration::from_secs(6));
            assert!(User::find_cached(2).cache_only().one(repo).await.expect("read").is_none());
        }
        let token = repo.token();
        let seen = repo.batch((User::find_cached(1).at_least(&token), User::find_cached(2).strict())).await;
        assert!(matches!(seen, Ok((Some(_), Some(_)))));
        let counted = repo.batch((Order::find().cached().cache_only().counted(),)).await;
        assert_eq!(counted.expect_err("nothing is cached").kind(), ErrorKind::Query);
    }

    async fn prepared_queries_are_read_with_others(world) {
        let scene = Scene::new(world).await;
        let repo = scene.repo();
        let recent = Order::find().order_by_desc(order::Column::Id).cached().prepare(repo).expect("it can be cached");
        for _ in 0..2 {
            let (orders, user) = repo.batch((&recent, User::find_cached(1))).await.expect("read");
            assert_eq!(orders, recent.all().await.expect("read"));
            assert!(user.is_some());
            scene.world.settle().await;
        }
        let transaction = repo.begin().await.expect("begun");
        set_total(&transaction, 3, 4_711).await;
        let (orders,) = transaction.batch((&recent,)).await.expect("read");
        assert_eq!(orders[0].total, 4_711);
        let inside = Order::find().cached().prepare(&transaction).expect("it can be cached");
        assert_eq!(transaction.batch((&inside,)).await.expect("read").0.len(), 3);
        assert_eq!(repo.batch((&inside,)).await.expect_err("of a transaction").kind(), ErrorKind::Query);
        let other = scene.world.another().await;
        assert_eq!(other.batch((&recent,)).await.expect_err("of another repo").kind(), ErrorKind::Query);
    }

    async fn an_error_of_one_read_is_the_error_of_all_and_the_others_are_cached(world) {
        let scene = Scene::new(world).await;
        let repo = scene.repo();
        let wrong = || Order::find().filter(Expr::cust("no_such_column = 1")).cached();
        let error = repo.batch((User::find_cached(1), wrong(), Order::find_cached(1))).await;
        assert_eq!(error.expect_err("the database refuses it").kind(), ErrorKind::Database);
        scene.world.settle().await;
        let cached = repo.batch((User::find_cached(1).cache_only(), Order::find_cached(1).cache_only())).await;
        assert!(matches!(cached, Ok((Some(_), Some(_)))));
        let never = Order::find().filter(Expr::cust("total < random()")).cached();
        let error = repo.batch((User::find_cached(2), never)).await;
        assert_eq!(error.expect_err("it cannot be cached").kind(), ErrorKind::Query);
        assert_eq!(scene.world.stats("user").misses, 1, "nothing was asked");
    }

    async fn a_batch_of_nothing_asks_nobody(world) {
        let rows = world.repo.batch(Vec::<cached_repo::query::FindOne<User>>::new()).await.expect("read");
        assert_eq!(rows, []);
    }

    async fn loads_run_at_the_same_time(world) {
        let mut world = world;
        let gate = Gate::at(Checkpoint::Loaded);
        world.repo = world.another_with(|builder| builder.checkpoints(gate.clone())).await;
        let scene = Scene::new(world).await;
        gate.close();
        let repo = scene.repo().clone();
        let batch = tokio::spawn(async move {
            repo.batch((User::find_cached(1), Order::find_cached_by_customer_id(1), Order::find().cached().counted())).await
        });
        for _ in 0..3 {
            promptly("a load", gate.arrival()).await;
        }
        gate.open();
        (0..3).for_each(|_| gate.pass());
        let (user, orders, count) = promptly("the batch", batch).await.expect("no panic").expect("read");
        assert_eq!((user.map(|user| user.id), orders.len(), count), (Some(1), 2, 3));
    }

    async fn a_batch_shares_the_load_of_a_single_read(world) {
        let mut world = world;
        let gate = Gate::at(Checkpoint::Loaded);
        world.repo = world.another_with(|builder| builder.checkpoints(gate.clone())).await;
        add_note(&world.raw, "n", "there").await;
        gate.close();
        let repo = world.repo.clone();
        let single = tokio::spawn(async move { Note::find_cached("n".to_owned()).one(&repo).await });
        promptly("the load", gate.arrival()).await;
        gate.open();
        let repo = world.repo.clone();
        let batch = tokio::spawn(async move {
            repo.batch((Note::find_cached("n".to_owned()), Note::find_cached("n".to_owned()))).await
        });
        gate.pass();
        let alone = promptly("the read", single).await.expect("no panic").expect("read");
        let (one, other) = promptly("the batch", batch).await.expect("no panic").expect("read");
        assert!(alone.is_some() && one == alone && other == alone);
    }

    async fn a_pointer_that_has_moved_is_followed_anew(world) {
        let scene = Scene::new(world).await;
        let ada = add_user(&scene.world.raw, "moving@x").await;
        let read = async || scene.repo().batch((User::find_cached_by_email("moving@x"), User::find_cached(ada.id))).await.expect("read");
        assert_eq!(read().await.0.expect("there").id, ada.id);
        scene.world.settle().await;
        User::delete_by_id(ada.id).exec(scene.repo()).await.expect("deleted");
        assert_eq!(read().await, (None, None));
        scene.world.settle().await;
        let again = add_user(scene.repo(), "moving@x").await;
        assert_eq!(read().await.0.expect("there").id, again.id);
    }
}
