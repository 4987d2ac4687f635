//! What is logged of reads and writes: in the span of their caller, each outcome once, and no key and no value.

use cached_repo::config::DatabaseCheck;
use cached_repo::{CachedQuery, CachedRepo, Checkpoint, RedisStore, tag};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, TransactionTrait};
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tests::eventually::eventually;
use tests::pause::Gate;
use tests::rows::{add_note, add_order, add_user, name_of, note_of, rename, totals_of};
use tests::shop::{Note, Order, Shop, User, order, user};
use tests::{Database, Store, World};
use tokio::select;
use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Instrument, Subscriber, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// One event.
#[derive(Clone, Debug)]
struct Line {
    target: String,
    /// Message and fields, but for how long something took.
    text: String,
    /// The spans that it is in.
    spans: Vec<&'static str>,
}

/// All events of this thread, at every level.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<Line>>>);

impl Log {
    fn begin() -> (Self, DefaultGuard) {
        let log = Self::default();
        let subscriber = Registry::default().with(log.clone());
        (log, tracing::subscriber::set_default(subscriber))
    }

    /// What was logged since the last call.
    fn take(&self) -> Vec<Line> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }

    /// The library's own events since the last call, in the order of their texts.
    fn outcomes(&self) -> Vec<String> {
        let own = |line: Line| (line.target == "cached_repo").then_some(line.text);
        let mut outcomes: Vec<String> = self.take().into_iter().filter_map(own).collect();
        outcomes.sort();
        outcomes
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        self.0.lock().expect("no panic").push(Line {
            target: event.metadata().target().to_owned(),
            text: format!("{}:{}", text.message, text.fields),
            spans: (context.event_scope(event).into_iter().flatten())
                .map(|span| span.name())
                .collect(),
        });
    }
}

#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "micros" => {}
            name => write!(self.fields, " {name}={value:?}").expect("a string takes it"),
        }
    }
}

/// Target, part of the text, span.
const EXPECTED: [(&str, &str, &str); 9] = [
    ("sqlx::query", "FOR UPDATE", "request"),
    ("sqlx::query", "UPDATE", "request"),
    ("sqlx::query", "SELECT", "request"),
    ("sqlx::query", "orders", "left"),
    ("cached_repo", "invalidation: entity=\"user\"", "request"),
    ("cached_repo", "load: entity=\"user\"", "request"),
    ("cached_repo", "fill: entity=\"user\"", "request"),
    ("cached_repo", "load: entity=\"order\"", "left"),
    ("cached_repo", "fill: entity=\"order\"", "left"),
];

async fn writes_and_reads(repo: &CachedRepo<Shop>, user: &user::Model) {
    rename(repo, user, "Grace").await;
    let transaction = repo.begin().await.expect("begun");
    rename(&transaction, user, "Hopper").await;
    transaction.commit().await.expect("committed");
    assert_eq!(name_of(repo, user.id).await.as_deref(), Some("Hopper"));
    let many = User::find_cached_many([user.id, 2, 3]).all(repo).await;
    many.expect("read");
}

/// Its load begins, and nobody awaits it any more.
async fn a_reader_that_leaves(repo: &CachedRepo<Shop>, gate: &Gate) {
    gate.close();
    select! {
        _ = totals_of(repo, 7) => panic!("it passed the gate"),
        () = gate.arrival() => {}
    }
    gate.open();
}

#[tokio::test]
async fn reads_and_writes_and_what_goes_on_behind_them_are_logged_in_the_span_of_their_caller() {
    let world = World::new(Database::Postgres, Store::Redis).await;
    let gate = Gate::at(Checkpoint::Permitted);
    // This one logs statements.
    let database = sea_orm::Database::connect(world.address()).await;
    let repo = world
        .over(database.expect("connected"), |builder| {
            builder.checkpoints(gate.clone())
        })
        .await;
    let user = add_user(&repo, "x").await;
    repo.wait_idle().await;
    let (log, _guard) = Log::begin();
    let request = writes_and_reads(&repo, &user);
    request.instrument(info_span!("request")).await;
    let left = a_reader_that_leaves(&repo, &gate);
    left.instrument(info_span!("left")).await;
    gate.pass();
    eventually("the load has ended", async || {
        repo.wait_idle().await;
        repo.stats().entity("order").expect("there").fills == 1
    })
    .await;
    let lines = log.take();
    for (target, part, span) in EXPECTED {
        let is_it = |line: &&Line| line.target == target && line.text.contains(part);
        let found: Vec<_> = lines.iter().filter(is_it).collect();
        assert!(
            found.iter().any(|line| line.spans.contains(&span)),
            "{part}: {found:?}"
        );
    }
    // The world's own repo is another process, which hears of these writes.
    let is_ours = |line: &&Line| {
        let targets = ["sqlx::query", "cached_repo"];
        targets.contains(&line.target.as_str()) && !line.text.contains("other-process")
    };
    let mut ours = lines.iter().filter(is_ours);
    let lost = ours.find(|line| {
        !line
            .spans
            .iter()
            .any(|span| ["request", "left"].contains(span))
    });
    assert!(lost.is_none(), "in no span: {lost:?}");
}

#[tokio::test]
async fn each_outcome_is_logged_once_with_its_entity_and_kind() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let repo = &world.repo;
    let user = add_user(repo, "x").await;
    let (log, _guard) = Log::begin();
    name_of(repo, user.id).await;
    assert_eq!(
        log.outcomes(),
        [
            r#"fill: entity="user" kind="row" outcome="filled""#,
            r#"load: entity="user" kind="row" outcome="loaded""#,
            r#"read: entity="user" kind="row" outcome="miss" tier="database" entries=1"#,
        ]
    );
    name_of(repo, user.id).await;
    let hit = r#"read: entity="user" kind="row" outcome="hit" tier="memory" entries=1"#;
    assert_eq!(log.outcomes(), [hit]);
    totals_of(repo, 7).await;
    assert_eq!(
        log.outcomes(),
        [
            r#"fill: entity="order" kind="list" outcome="filled""#,
            r#"load: entity="order" kind="list" outcome="loaded""#,
            r#"read: entity="order" kind="list" outcome="miss" tier="database" entries=1"#,
        ]
    );
    let query = async || {
        let open = Order::find().filter(order::Column::CustomerId.eq(7));
        open.cached().count(repo).await.expect("read");
    };
    query().await;
    assert_eq!(
        log.outcomes(),
        [
            r#"fill: entity="order" kind="query" outcome="filled""#,
            r#"load: entity="order" kind="query" outcome="loaded""#,
            r#"read: entity="order" kind="query" outcome="miss" tier="database" entries=1"#,
        ]
    );
    query().await;
    let hit = r#"read: entity="order" kind="query" outcome="hit" tier="memory" entries=1"#;
    assert_eq!(log.outcomes(), [hit]);
    add_note(repo, "n", "new").await;
    let inserted = r#"invalidation: entity="note" outcome="invalidated" cause="insert" names=1"#;
    assert_eq!(log.outcomes(), [inserted]);
    let bypass = Note::find_cached("n".to_owned()).bypass().one(repo).await;
    bypass.expect("read");
    assert_eq!(
        log.outcomes(),
        [
            r#"load: entity="note" kind="row" outcome="loaded""#,
            r#"read: entity="note" kind="row" outcome="bypass" tier="database" entries=1"#,
        ]
    );
}

#[tokio::test]
async fn a_hit_in_a_shared_store_is_told_from_one_in_the_process() {
    let world = World::new(Database::Sqlite, Store::Redis).await;
    add_note(&world.repo, "n", "new").await;
    note_of(&world.repo, "n").await;
    world.settle().await;
    let (log, _guard) = Log::begin();
    note_of(&world.repo, "n").await;
    let hit = r#"read: entity="note" kind="row" outcome="hit" tier="store" entries=1"#;
    assert_eq!(log.outcomes(), [hit]);
}

/// Found nowhere else.
const SECRETS: [&str; 5] = [
    "qzkeyqz",
    "qzvalueqz",
    "7700770077",
    "qzuserqz",
    "qzpasswordqz",
];

#[tokio::test]
async fn no_key_no_value_and_no_password_is_logged() {
    let [key, value, number, user, password] = SECRETS;
    let world = World::new(Database::Sqlite, Store::Bounded).await;
    let (log, _guard) = Log::begin();
    let repo = world.another().await;
    everything(&repo, key, value, number).await;
    // A server that refuses who asks.
    let server = testkit::shared::redis().expect("Redis is there");
    let address = server
        .url()
        .replacen("//", &format!("//{user}:{password}@"), 1);
    let store = RedisStore::open(&address).expect("an address");
    let refused = CachedRepo::<Shop>::builder(world.raw.clone())
        .store(store)
        .database_check(DatabaseCheck::Off)
        .connect_timeout(Duration::from_millis(500))
        .build()
        .await
        .expect("a store may be away");
    everything(&refused, &format!("{key} again"), value, number).await;
    let lines = log.take();
    let own: Vec<&Line> = lines
        .iter()
        .filter(|line| line.target.starts_with("cached_repo"))
        .collect();
    assert!(own.iter().any(|line| line.text.contains("outcome=\"hit\"")));
    assert!(own.iter().any(|line| line.text.starts_with("store:")));
    for line in own {
        for secret in SECRETS {
            assert!(!line.text.contains(secret), "{line:?}");
        }
    }
}

/// Reads, writes and failures of all kinds.
async fn everything(repo: &CachedRepo<Shop>, key: &str, value: &str, number: &str) {
    let number: i64 = number.parse().expect("a number");
    add_note(repo, key, value).await;
    for _ in 0..3 {
        note_of(repo, key).await;
        let many = Note::find_cached_many([key.to_owned(), value.to_owned()]);
        many.all(repo).await.expect("read");
        totals_of(repo, number).await;
        let query = Order::find().filter(order::Column::CustomerId.eq(number));
        query.cached().all(repo).await.expect("read");
        let lookup = User::find_cached_by_email(value.to_owned()).one(repo).await;
        lookup.expect("read");
        repo.wait_idle().await;
    }
    let order = add_order(repo, number, number).await;
    tests::rows::set_total(repo, order.id, number + 1).await;
    // Both refused: the key is there already.
    let again = Note::insert(tests::scene::a_note(key)).exec(repo).await;
    again.expect_err("a key that is there");
    let wrong = Note::find().filter(sea_orm::sea_query::Expr::cust(format!(
        "nonsense = '{value}'"
    )));
    wrong.cached().all(repo).await.expect_err("no such column");
    let _ = repo.invalidate_tag(tag!(Shop, "any:{}", value)).await;
    let _ = Note::invalidate(key.to_owned(), repo).await;
}
