//! The stream of invalidations, and their statistics.

use cached_repo::invalidation::{Effect, Invalidation, InvalidationStream, Lagged};
use cached_repo::stats::CauseKind;
use cached_repo::{CachedRepo, tag};
use futures_util::StreamExt;
use sea_orm::{ConnectionTrait, EntityTrait, ModelTrait, TransactionTrait};
use tests::eventually::{eventually, promptly};
use tests::faulty::Faulty;
use tests::pair::Pair;
use tests::rows::{add_note, add_order, add_user, name_of, rename, set_note};
use tests::shop::{Note, Order, Shop, User};
use tests::{Database, Store, World, matrix};
use tokio::runtime::Builder;

/// The next one that is not about the connection: the first notice in a namespace counts as missed.
async fn next(stream: &mut InvalidationStream) -> Invalidation {
    loop {
        let told = any(stream).await;
        if !told.is_caused_by(CauseKind::NoticesMissed) {
            return told;
        }
    }
}

async fn any(stream: &mut InvalidationStream) -> Invalidation {
    match promptly("the stream", stream.next()).await {
        Some(Ok(told)) => told,
        other => panic!("{other:?} and no invalidation"),
    }
}

/// Kind, entity and parent of each cause.
type Causes = Vec<(CauseKind, Option<&'static str>, Option<&'static str>)>;

fn causes(told: &Invalidation) -> Causes {
    let causes = told
        .causes()
        .map(|cause| (cause.kind, cause.entity, cause.parent));
    let mut causes: Causes = causes.collect();
    causes.sort_by_key(|(kind, entity, _)| (kind.name(), *entity));
    causes
}

/// Whoever hears of this has heard of everything before.
async fn fence(repo: &CachedRepo<Shop>) {
    repo.invalidate_tag(tag!(Shop, "fence"))
        .await
        .expect("delivered");
}

async fn expect_fence(stream: &mut InvalidationStream) {
    let told = next(stream).await;
    assert_eq!(told.tags().collect::<Vec<_>>(), ["fence"], "{told:?}");
}

matrix! {
    async fn a_write_is_told_with_its_causes_and_what_it_names(world) {
        let ada = add_user(&world.repo, "ada@example.org").await;
        let mut stream = world.repo.subscribe();
        rename(&world.repo, &ada, "Ada Lovelace").await;
        let told = next(&mut stream).await;
        assert_eq!(causes(&told), [
            (CauseKind::Edge, Some("dashboard"), Some("user")),
            (CauseKind::Edge, Some("line"), Some("user")),
            (CauseKind::Edge, Some("order"), Some("user")),
            (CauseKind::Update, Some("user"), None),
        ]);
        assert_eq!(told.effect(), Effect::Done);
        assert_eq!(told.entities(), ["user", "order", "line", "dashboard"]);
        assert_eq!(told.fan_out().rows, 1);
        let row = format!("{}:r:user:{}", world.namespace(), ada.id);
        assert!(told.names().any(|name| name == row));
        assert_eq!(told.names().count() as u64, told.fan_out().names);
        assert!(!format!("{told:?}").contains("r:user"), "Debug holds no keys");
        Order::delete_many().exec(&world.repo).await.expect("deleted");
        let told = next(&mut stream).await;
        assert!(causes(&told).contains(&(CauseKind::Bulk, Some("order"), None)));
        assert_eq!(told.fan_out().rows, 0);
        assert!(told.fan_out().tables > 0);
    }

    async fn a_transaction_is_told_at_its_commit_and_not_at_all_when_it_is_rolled_back(world) {
        let mut stream = world.repo.subscribe();
        let undone = world.repo.begin().await.expect("begun");
        add_note(&undone, "undone", "").await;
        undone.rollback().await.expect("rolled back");
        let transaction = world.repo.begin().await.expect("begun");
        add_note(&transaction, "n", "").await;
        add_order(&transaction, 1, 10).await;
        fence(&world.repo).await;
        transaction.commit().await.expect("committed");
        expect_fence(&mut stream).await;
        let told = next(&mut stream).await;
        let inserts: Vec<_> = causes(&told)
            .into_iter()
            .filter(|(kind, ..)| *kind == CauseKind::Insert)
            .map(|(_, entity, _)| entity)
            .collect();
        assert_eq!(inserts, [Some("note"), Some("order")]);
        assert_eq!(told.fan_out().rows, 2);
    }

    async fn what_is_told_has_taken_effect(world) {
        let ada = add_user(&world.repo, "ada@example.org").await;
        name_of(&world.repo, ada.id).await;
        world.settle().await;
        let mut stream = world.repo.subscribe();
        let repo = world.repo.clone();
        let reader = tokio::spawn(async move {
            next(&mut stream).await;
            name_of(&repo, ada.id).await
        });
        rename(&world.repo, &ada, "Ada Lovelace").await;
        let seen = reader.await.expect("no panic");
        assert_eq!(seen.as_deref(), Some("Ada Lovelace"));
    }

    async fn invalidation_by_hand_and_refreshes_are_told(world) {
        let repo = &world.repo;
        let mut stream = repo.subscribe();
        Note::invalidate("n".to_owned(), repo).await.expect("delivered");
        repo.invalidate_tag(tag!(Shop, "tenant:{}", "7 %")).await.expect("delivered");
        repo.invalidate_entity::<User>().await.expect("delivered");
        repo.invalidate_all().await.expect("delivered");
        Note::find_cached("n".to_owned()).refresh().one(repo).await.expect("read");
        assert_eq!(causes(&next(&mut stream).await), [(CauseKind::Row, Some("note"), None)]);
        let tag = next(&mut stream).await;
        assert_eq!(causes(&tag), [(CauseKind::Tag, None, None)]);
        assert_eq!(tag.tags().collect::<Vec<_>>(), ["tenant:7 %"]);
        assert_eq!(causes(&next(&mut stream).await), [(CauseKind::Entity, Some("user"), None)]);
        let all = next(&mut stream).await;
        assert_eq!(causes(&all), [(CauseKind::Namespace, None, None)]);
        assert!(all.is_of_everything());
        let refreshed = next(&mut stream).await;
        assert_eq!(causes(&refreshed), [(CauseKind::Refresh, Some("note"), None)]);
        assert_eq!(refreshed.fan_out().rows, 1);
    }

    async fn statistics_count_by_cause(world) {
        let repo = &world.repo;
        let before = repo.stats().invalidations;
        add_note(repo, "n", "").await;
        set_note(repo, "n", "new").await;
        Note::delete_by_id("n".to_owned()).exec(repo).await.expect("deleted");
        repo.execute_unprepared("CREATE TABLE others (id INTEGER)").await.expect("created");
        let stats = repo.stats().invalidations;
        for kind in [CauseKind::Insert, CauseKind::Update, CauseKind::Delete, CauseKind::Ddl] {
            let (was, is) = (before.cause(kind), stats.cause(kind));
            assert_eq!(is.invalidations, was.invalidations + 1, "{kind}");
            assert!(is.names > was.names, "{kind}");
        }
        assert_eq!(stats.fan_out.rows, before.fan_out.rows + 3);
        // The first notice in a namespace counts as missed.
        let missed = stats.cause(CauseKind::NoticesMissed).invalidations;
        assert_eq!(stats.fan_out.namespaces - missed, 1);
        assert!(stats.largest >= 5, "the namespace: every entity of it");
        assert_eq!(stats.cause(CauseKind::Tag).invalidations, 0);
        assert_eq!(stats.owed, 0);
    }
}

#[tokio::test]
async fn what_the_database_does_by_itself_is_told_as_a_foreign_key() {
    use tests::company::{company, department};
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let repo = company(&world).await;
    for row in [
        "INSERT INTO firms (id, code, name) VALUES (1, 1, '')",
        "INSERT INTO departments (id, firm_id, name, floor) VALUES (1, 1, '', 0)",
    ] {
        let inserted = world.raw.execute_unprepared(row).await;
        inserted.expect("inserted");
    }
    let mut stream = repo.subscribe();
    department::Entity::delete_by_id(1)
        .exec(&repo)
        .await
        .expect("deleted");
    let told = next(&mut stream).await;
    assert!(told.is_caused_by(CauseKind::Delete));
    assert!(told.is_caused_by(CauseKind::ForeignKey), "{told:?}");
}

#[tokio::test]
async fn a_write_that_finds_no_row_is_told_as_such() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let ada = add_user(&world.repo, "ada@example.org").await;
    ada.clone().delete(&world.raw).await.expect("deleted");
    let mut stream = world.repo.subscribe();
    ada.delete(&world.repo).await.expect("nothing to delete");
    let told = next(&mut stream).await;
    assert_eq!(causes(&told), [(CauseKind::NotFound, Some("user"), None)]);
}

#[tokio::test]
async fn a_slow_subscriber_is_told_how_many_it_has_missed() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let mut stream = world.repo.subscribe();
    for _ in 0..2000 {
        fence(&world.repo).await;
    }
    let first = promptly("the stream", stream.next()).await;
    assert!(
        matches!(first, Some(Err(Lagged { missed: 976, .. }))),
        "{first:?}"
    );
    for _ in 0..1024 {
        expect_fence(&mut stream).await;
    }
    drop(world.repo);
    let end = promptly("the stream", stream.next()).await;
    assert!(end.is_none(), "{end:?}");
}

#[test]
fn without_a_subscriber_nothing_is_allocated_for_it() {
    // The invalidation's task runs on this thread, whose allocations are counted.
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let world = runtime.block_on(World::new(Database::Sqlite, Store::Memory));
    let cost = || allocation_counter::measure(|| runtime.block_on(fence(&world.repo))).count_total;
    cost();
    let without = cost();
    let stream = world.repo.subscribe();
    let with = cost();
    drop(stream);
    assert!(with > without, "{with} and {without}");
    assert_eq!(cost(), without, "the subscriber is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_invalidates_is_told_here() {
    let mut pair = Pair::new().await;
    let mut stream = pair.here.subscribe();
    // Nobody knows what came before the first notice of a namespace.
    add_note(&pair.there, "first", "").await;
    any(&mut stream).await;
    add_note(&pair.there, "n", "").await;
    let told = next(&mut stream).await;
    assert_eq!(causes(&told), [(CauseKind::OtherProcess, None, None)]);
    assert_eq!(told.entities(), ["note"]);
    let row = format!("{}:r:note:=n", pair.faulty.world.namespace());
    assert!(told.names().any(|name| name == row));
    pair.faulty.redis.kill();
    let told = any(&mut stream).await;
    assert_eq!(causes(&told), [(CauseKind::NoticesMissed, None, None)]);
    assert!(told.is_of_everything());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalidation_that_is_owed_says_so() {
    let mut faulty = Faulty::new().await;
    let repo = faulty.repo().clone();
    add_note(&repo, "n", "old").await;
    let mut stream = repo.subscribe();
    faulty.redis.kill();
    set_note(&repo, "n", "new").await;
    let told = next(&mut stream).await;
    assert!(told.is_caused_by(CauseKind::Update), "{told:?}");
    assert_eq!(told.effect(), Effect::Owed);
    eventually("it is counted", async || {
        repo.stats().invalidations.owed == 1
    })
    .await;
}
