//! Many rows at once.

use sea_orm::{EntityTrait, Set};
use tests::faulty::Faulty;
use tests::rows::add_note;
use tests::scene::{a_line, a_note, a_user};
use tests::shop::{Line, Note, User, line, user};
use tests::traffic::{Counted, Traffic};
use tests::{Read, Scene, Store, World, matrix};

fn ids(rows: &[Option<std::sync::Arc<user::Model>>]) -> Vec<Option<i64>> {
    rows.iter()
        .map(|row| row.as_ref().map(|row| row.id))
        .collect()
}

/// How many queries have answered reads of this entity so far. A server as store has no stamps yet for tags that rows name for
/// the first time: such rows are read once more, off the reader's way, and are not counted here.
fn assert_loads(world: &World, prefix: &str, loads: u64) {
    if world.store == Store::Memory {
        assert_eq!(world.stats(prefix).loads, loads);
    }
}

matrix! {
    async fn rows_come_in_the_order_of_their_keys_and_as_often(world) {
        let scene = Scene::new(world).await;
        for _ in 0..2 {
            let rows = User::find_cached_many([3_i64, 40, 1, 3, 2, 40]).all(scene.repo()).await.expect("read");
            assert_eq!(ids(&rows), [Some(3), None, Some(1), Some(3), Some(2), None]);
            scene.world.settle().await;
        }
        let stats = scene.world.stats("user");
        assert_eq!((stats.misses, stats.hits, stats.fills), (4, 4, 4), "{stats:?}");
        assert_loads(&scene.world, "user", 1);
    }

    async fn no_keys_give_no_rows_and_ask_nobody(world) {
        let rows = User::find_cached_many(Vec::<i64>::new()).all(&world.repo).await.expect("read");
        assert_eq!(rows, []);
        let stats = world.stats("user");
        assert_eq!((stats.loads, stats.hits, stats.misses), (0, 0, 0));
    }

    async fn only_what_is_missing_is_loaded(world) {
        let scene = Scene::new(world).await;
        User::find_cached(1).one(scene.repo()).await.expect("read");
        User::find_cached(40).one(scene.repo()).await.expect("read");
        scene.world.settle().await;
        let rows = User::find_cached_many([1_i64, 2, 40, 41]).all(scene.repo()).await.expect("read");
        assert_eq!(ids(&rows), [Some(1), Some(2), None, None]);
        let stats = scene.world.stats("user");
        assert_eq!((stats.hits, stats.misses), (2, 4), "{stats:?}");
        assert_loads(&scene.world, "user", 3);
    }

    async fn what_was_loaded_together_is_cached_one_by_one(world) {
        let scene = Scene::new(world).await;
        User::find_cached_many([1_i64, 2, 40]).all(scene.repo()).await.expect("read");
        scene.world.settle().await;
        for read in [Read::User(1), Read::User(2), Read::User(40)] {
            assert!(read.is_cached(scene.repo()).await, "{read:?}");
        }
    }

    async fn a_write_to_one_of_many_is_seen(world) {
        let scene = Scene::new(world).await;
        let all = async || User::find_cached_many([1_i64, 2, 3, 4]).all(scene.repo()).await.expect("read");
        all().await;
        scene.world.settle().await;
        User::delete_by_id(2).exec(scene.repo()).await.expect("deleted");
        let mut new = a_user("new@x", 9);
        new.id = Set(4);
        User::insert(new).exec_without_returning(scene.repo()).await.expect("inserted");
        assert_eq!(ids(&all().await), [Some(1), None, Some(3), Some(4)]);
    }

    async fn composite_keys_are_loaded_together(world) {
        let scene = Scene::new(world).await;
        let keys = [(3_i64, 1), (1, 2), (1, 3), (1, 1), (2, 1)];
        for _ in 0..2 {
            let rows = Line::find_cached_many(keys).all(scene.repo()).await.expect("read");
            let found: Vec<Option<(i64, i32)>> =
                rows.iter().map(|row| row.as_ref().map(|row| (row.order_id, row.line_no))).collect();
            assert_eq!(found, [Some((3, 1)), Some((1, 2)), None, Some((1, 1)), None]);
            scene.world.settle().await;
        }
        assert_eq!(scene.world.stats("line").hits, 5);
        assert_loads(&scene.world, "line", 1);
    }

    async fn ten_thousand_keys_take_ten_queries(world) {
        let scene = Scene::new(world).await;
        let keys: Vec<i64> = (1..=10_000).rev().collect();
        let rows = User::find_cached_many(keys.clone()).all(scene.repo()).await.expect("read");
        assert_eq!(rows.len(), 10_000);
        assert_eq!(ids(&rows[9_996..]), [None, Some(3), Some(2), Some(1)]);
        assert_loads(&scene.world, "user", 10);
        scene.world.settle().await;
        let rows = User::find_cached_many(keys).all(scene.repo()).await.expect("read");
        assert_eq!(rows.iter().flatten().count(), 3);
        assert_eq!(scene.world.stats("user").hits, 10_000);
        assert_loads(&scene.world, "user", 10);
    }

    async fn two_thousand_composite_keys_are_found(world) {
        let lines = (1..=2_000).map(|number| a_line(number % 7, number as i32));
        let lines: Vec<line::ActiveModel> = lines.collect();
        for part in lines.chunks(500) {
            Line::insert_many(part.to_vec()).exec_without_returning(&world.raw).await.expect("inserted");
        }
        let keys: Vec<(i64, i32)> = (1..=2_000_i32).map(|number| (i64::from(number % 7), number)).collect();
        let rows = Line::find_cached_many(keys).all(&world.repo).await.expect("read");
        assert_eq!(rows.iter().flatten().count(), 2_000);
        // Two values for each key, and a thousand values in a query.
        assert_loads(&world, "line", 4);
    }

    async fn the_limit_of_a_query_is_kept(world) {
        let mut world = world;
        world.repo = world.another_with(|builder| builder.chunk(2)).await;
        let scene = Scene::new(world).await;
        let rows = User::find_cached_many([1_i64, 2, 3, 4, 5]).all(scene.repo()).await.expect("read");
        assert_eq!(rows.iter().flatten().count(), 3);
        assert_loads(&scene.world, "user", 3);
    }

    async fn as_many_keys_in_a_query_as_may_be_set_are_bound(world) {
        let mut world = world;
        world.repo = world.another_with(|builder| builder.chunk(30_000)).await;
        let scene = Scene::new(world).await;
        let rows = User::find_cached_many(1..=30_001_i64).all(scene.repo()).await.expect("read");
        assert_eq!(rows.iter().flatten().count(), 3);
        assert_loads(&scene.world, "user", 2);
        let keys = (1..=1_200_i32).map(|number| (1_i64, number));
        let lines = Line::find_cached_many(keys).all(scene.repo()).await.expect("read");
        assert_eq!(lines.iter().flatten().count(), 2);
        // A key of two columns is a condition of its own, and a database nests no more than so many.
        assert_loads(&scene.world, "line", 3);
    }

    async fn text_keys_find_what_single_reads_find(world) {
        let scene = Scene::new(world).await;
        Note::insert(a_note("done")).exec_without_returning(&scene.world.raw).await.expect("inserted");
        // MariaDB takes some of them for one.
        let keys = ["todo", "TODO", "Done", "none", "todo ", "dòne"];
        for _ in 0..2 {
            let many = Note::find_cached_many(keys.map(str::to_owned)).all(scene.repo()).await.expect("read");
            scene.world.settle().await;
            for (key, row) in keys.iter().zip(many) {
                let stored = Note::find_by_id(*key).one(&scene.world.raw).await.expect("read");
                assert_eq!(row.as_deref(), stored.as_ref(), "{key:?} among many");
                let one = Note::find_cached((*key).to_owned()).one(scene.repo()).await.expect("read");
                scene.world.settle().await;
                assert_eq!(one.as_deref(), stored.as_ref(), "{key:?} alone");
            }
        }
    }
}

const MANY: usize = 350;

/// What reading costs the store, first cold and then warm, each until nothing is under way.
async fn costs(faulty: &Faulty, read: impl AsyncFn() -> usize) -> [Counted; 2] {
    let mut traffic = Traffic::on(faulty).await;
    let mut costs = [Counted::default(), Counted::default()];
    for cost in &mut costs {
        let all = async {
            assert_eq!(read().await, MANY);
            faulty.repo().wait_idle().await;
        };
        ((), *cost) = traffic.of(all).await;
    }
    costs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_rows_cost_a_look_and_a_pipeline_before_and_after_the_load() {
    let faulty = Faulty::new().await;
    let ids: Vec<String> = (0..MANY).map(|number| format!("n{number}")).collect();
    for id in &ids {
        add_note(&faulty.world.raw, id, "there").await;
    }
    // The stamps of the table are there.
    Note::find_cached("none".to_owned())
        .one(faulty.repo())
        .await
        .expect("read");
    faulty.repo().wait_idle().await;
    let loads = faulty.world.stats("note").loads;
    let read = async || {
        let rows = Note::find_cached_many(ids.clone()).all(faulty.repo()).await;
        rows.expect("read").iter().flatten().count()
    };
    let [cold, warm] = costs(&faulty, read).await;
    assert_eq!(faulty.world.stats("note").loads - loads, 1);
    // To look, and for the stamps before the load, whose pipeline takes the time as well.
    assert_eq!((cold.of("mget"), cold.of("time")), (2, 1), "{cold:?}");
    let fills = cold.of("evalsha") - cold.of("publish");
    assert_eq!(
        (cold.of("set"), fills),
        (2 * MANY as u64, MANY as u64),
        "{cold:?}"
    );
    assert_eq!(warm.looks(), Some(1), "{warm:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_name_tags_cost_a_second_look_at_their_stamps() {
    let faulty = Faulty::new().await;
    for number in 0..MANY {
        let user = a_user(&format!("{number}@x"), number as i64 % 5);
        User::insert(user)
            .exec_without_returning(&faulty.world.raw)
            .await
            .expect("inserted");
    }
    let read = async || {
        let rows = User::find_cached_many(1..=MANY as i64)
            .all(faulty.repo())
            .await;
        rows.expect("read").iter().flatten().count()
    };
    let [_, warm] = costs(&faulty, read).await;
    assert_eq!(warm.looks(), Some(2), "{warm:?}");
    assert_eq!(faulty.world.stats("user").hits, MANY as u64);
}
