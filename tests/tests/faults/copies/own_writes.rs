//! One's own writes are seen at once, whatever another process has done to the row and has not told yet.
//!
//! The other process is held between its commit and its release: the write here sees that commit, and knows nothing of the place
//! where the row was before.

use cached_repo::{CacheSchema, CachedQuery, CachedRepo, Checkpoint};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set, TransactionTrait};
use std::sync::Arc;
use tests::blog::{self, Blog, Comment, Post, comment, post};
use tests::eventually::{eventually, promptly};
use tests::faulty::Faulty;
use tests::pair::bounded;
use tests::pause::Gate;
use tests::rows::{add_order, add_user, set_total, totals_of};
use tests::shop::{Note, Order, Shop, User, order, user};
use tests::{Database, Store, World};
use tokio::task::JoinHandle;

/// A process, and another one that can be held before it tells of a commit.
struct Held<S: CacheSchema> {
    here: CachedRepo<S>,
    there: CachedRepo<S>,
    gate: Arc<Gate>,
}

impl<S: CacheSchema> Held<S> {
    async fn new(here: CachedRepo<S>, there: CachedRepo<S>, gate: Arc<Gate>) -> Self {
        for repo in [&here, &there] {
            eventually("notices arrive", async || repo.stats().store.l1_subscribed).await;
        }
        Self { here, there, gate }
    }

    /// Reads until this process answers by itself.
    async fn copied<T>(&self, read: impl AsyncFn(&CachedRepo<S>) -> T) {
        eventually("it is answered from memory", async || {
            let before = hits(&self.here);
            read(&self.here).await;
            self.here.wait_idle().await;
            hits(&self.here) > before
        })
        .await;
    }

    /// Lets the other process commit this, and no more.
    async fn committed_there<F: Future<Output = ()> + Send + 'static>(
        &self,
        write: impl FnOnce(CachedRepo<S>) -> F,
    ) -> JoinHandle<()> {
        self.gate.close();
        let writer = tokio::spawn(write(self.there.clone()));
        promptly("the way to the gate", self.gate.arrival()).await;
        self.gate.open();
        writer
    }

    async fn end(&self, writer: JoinHandle<()>) {
        self.gate.pass();
        promptly("the end of the write", writer)
            .await
            .expect("no panic");
    }
}

/// Reads that the process has answered by itself.
fn hits<S: CacheSchema>(repo: &CachedRepo<S>) -> u64 {
    let entities = repo.stats().entities;
    entities.iter().map(|entity| entity.memory_hits).sum()
}

async fn shop(faulty: &Faulty) -> Held<Shop> {
    let gate = Gate::at(Checkpoint::Committed);
    let here = faulty.another_with(bounded).await;
    let there = faulty
        .another_with(|builder| bounded(builder).checkpoints(gate.clone()))
        .await;
    Held::new(here, there, gate).await
}

async fn blogs() -> (World, Held<Blog>) {
    let world = World::new(Database::Sqlite, Store::Bounded).await;
    let here = blog::blog(&world).await;
    let gate = Gate::at(Checkpoint::Committed);
    let there = world.beside().await.checkpoints(gate.clone());
    let there = there.build().await.expect("the settings are right");
    (world, Held::new(here, there, gate).await)
}

async fn give_to(db: &impl ConnectionTrait, id: i64, customer: i64) {
    let update = Order::update_many()
        .col_expr(order::Column::CustomerId, Expr::value(customer))
        .filter(order::Column::Id.eq(id));
    update.exec(db).await.expect("the order is updated");
}

async fn set_name(db: &impl ConnectionTrait, id: i64, name: &str) {
    let update = User::update_many()
        .col_expr(user::Column::Name, Expr::value(name))
        .filter(user::Column::Id.eq(id));
    update.exec(db).await.expect("the user is updated");
}

async fn give_email(db: &impl ConnectionTrait, id: i64, email: &str) {
    let update = User::update_many()
        .col_expr(user::Column::Email, Expr::value(email))
        .filter(user::Column::Id.eq(id));
    update.exec(db).await.expect("the user is updated");
}

/// Customer, and total, of each order that a query for those of customer 7 finds.
async fn queried(repo: &CachedRepo<Shop>) -> Vec<(i64, i64)> {
    let query = Order::find().filter(order::Column::CustomerId.eq(7));
    let rows = query.cached().all(repo).await.expect("read");
    let pair = |order: &Arc<order::Model>| (order.customer_id, order.total);
    rows.iter().map(pair).collect()
}

async fn counted(repo: &CachedRepo<Shop>) -> u64 {
    let large = Order::find()
        .filter(order::Column::CustomerId.eq(7))
        .filter(order::Column::Total.gt(5));
    large.cached().count(repo).await.expect("read")
}

async fn named(repo: &CachedRepo<Shop>, email: &str) -> Option<String> {
    let row = User::find_cached_by_email(email.to_owned()).one(repo).await;
    row.expect("read").map(|user| user.name.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_own_write_is_seen_in_a_list_that_another_process_has_taken_the_row_from() {
    let faulty = Faulty::new().await;
    let held = shop(&faulty).await;
    let id = add_order(&held.here, 7, 10).await.id;
    held.copied(async |repo| totals_of(repo, 7).await).await;
    let writer = held
        .committed_there(async move |repo| give_to(&repo, id, 8).await)
        .await;
    set_total(&held.here, id, 20).await;
    assert!(totals_of(&held.here, 7).await.is_empty());
    assert_eq!(totals_of(&held.here, 8).await, [20]);
    held.end(writer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_own_write_is_seen_in_a_query_that_another_process_has_taken_the_row_from() {
    let faulty = Faulty::new().await;
    let held = shop(&faulty).await;
    let id = add_order(&held.here, 7, 10).await.id;
    held.copied(queried).await;
    let writer = held
        .committed_there(async move |repo| give_to(&repo, id, 8).await)
        .await;
    set_total(&held.here, id, 20).await;
    assert!(queried(&held.here).await.is_empty());
    held.end(writer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_own_write_is_seen_in_a_count_that_another_process_has_taken_the_row_from() {
    let faulty = Faulty::new().await;
    let held = shop(&faulty).await;
    let id = add_order(&held.here, 7, 10).await.id;
    held.copied(counted).await;
    let writer = held
        .committed_there(async move |repo| give_to(&repo, id, 8).await)
        .await;
    set_total(&held.here, id, 20).await;
    assert_eq!(counted(&held.here).await, 0);
    held.end(writer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_own_write_is_seen_by_a_unique_value_that_another_process_has_taken_from_another_row() {
    let faulty = Faulty::new().await;
    let held = shop(&faulty).await;
    let first = add_user(&held.here, "x").await.id;
    let second = add_user(&held.here, "y").await.id;
    held.copied(async |repo| named(repo, "x").await).await;
    let pass_on = async move |repo: CachedRepo<Shop>| {
        let transaction = repo.begin().await.expect("begun");
        give_email(&transaction, first, "z").await;
        give_email(&transaction, second, "x").await;
        transaction.commit().await.expect("committed");
    };
    let writer = held.committed_there(pass_on).await;
    set_name(&held.here, second, "Grace").await;
    assert_eq!(named(&held.here, "x").await.as_deref(), Some("Grace"));
    held.end(writer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_own_write_is_seen_by_a_unique_value_that_nobody_had_before() {
    let faulty = Faulty::new().await;
    let held = shop(&faulty).await;
    let id = add_user(&held.here, "y").await.id;
    held.copied(async |repo| named(repo, "x").await).await;
    let writer = held
        .committed_there(async move |repo| give_email(&repo, id, "x").await)
        .await;
    set_name(&held.here, id, "Grace").await;
    assert_eq!(named(&held.here, "x").await.as_deref(), Some("Grace"));
    held.end(writer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_own_write_is_seen_where_the_notice_of_another_one_has_not_arrived() {
    let faulty = Faulty::new().await;
    let held = shop(&faulty).await;
    let id = add_order(&held.here, 7, 10).await.id;
    held.copied(async |repo| totals_of(repo, 7).await).await;
    give_to(&faulty.world.raw, id, 8).await;
    let table = format!("{}:table:order", faulty.world.namespace());
    faulty.command(&["DEL", &table]).await;
    set_total(&held.here, id, 20).await;
    assert!(totals_of(&held.here, 7).await.is_empty());
}

async fn add_post(db: &impl ConnectionTrait, author: Option<i64>) -> i64 {
    let post = post::ActiveModel {
        author_id: Set(author),
        year: Set(2026),
        slug: Set(format!("of {author:?}")),
        ..Default::default()
    };
    let post = Post::insert(post).exec(db).await;
    post.expect("the post is inserted").last_insert_id
}

async fn add_comment(db: &impl ConnectionTrait, post: i64) -> i64 {
    let comment = comment::ActiveModel {
        post_id: Set(post),
        text: Set("well".to_owned()),
        ..Default::default()
    };
    let comment = Comment::insert(comment).exec(db).await;
    comment.expect("the comment is inserted").last_insert_id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_own_deletion_is_seen_in_a_row_that_another_process_has_moved_under_what_is_deleted() {
    let (_world, held) = blogs().await;
    let first = add_post(&held.here, None).await;
    let second = add_post(&held.here, None).await;
    let id = add_comment(&held.here, first).await;
    let read = async |repo: &CachedRepo<Blog>| {
        let row = Comment::find_cached(id).one(repo).await.expect("read");
        row.map(|comment| comment.post_id)
    };
    held.copied(read).await;
    let moves = async move |repo: CachedRepo<Blog>| {
        let update = Comment::update_many()
            .col_expr(comment::Column::PostId, Expr::value(second))
            .filter(comment::Column::Id.eq(id));
        update.exec(&repo).await.expect("the comment is updated");
    };
    let writer = held.committed_there(moves).await;
    let deleted = Post::delete_by_id(second).exec(&held.here).await;
    deleted.expect("the post is deleted");
    assert_eq!(read(&held.here).await, None);
    held.end(writer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_own_write_is_seen_in_a_join_that_holds_the_row() {
    let (world, held) = blogs().await;
    let author = |handle: &str| blog::author::ActiveModel {
        handle: Set(Some(handle.to_owned())),
        ..Default::default()
    };
    let mut authors = Vec::new();
    for handle in ["a", "b"] {
        let insert = blog::Author::insert(author(handle)).exec(&held.here).await;
        authors.push(insert.expect("the author is inserted").last_insert_id);
    }
    let (first, second) = (authors[0], authors[1]);
    let id = add_post(&held.here, Some(first)).await;
    add_comment(&held.here, id).await;
    let read = async |repo: &CachedRepo<Blog>| {
        let query = Comment::find()
            .find_also_related(Post)
            .filter(comment::Column::PostId.eq(id))
            .filter(post::Column::AuthorId.eq(first));
        query.cached().all(repo).await.expect("read").len()
    };
    held.copied(read).await;
    let moves = async move |repo: CachedRepo<Blog>| {
        let update = Post::update_many()
            .col_expr(post::Column::AuthorId, Expr::value(second))
            .filter(post::Column::Id.eq(id));
        update.exec(&repo).await.expect("the post is updated");
    };
    let writer = held.committed_there(moves).await;
    let update = Post::update_many()
        .col_expr(post::Column::Year, Expr::value(2027))
        .filter(post::Column::Id.eq(id));
    update.exec(&held.here).await.expect("the post is updated");
    assert_eq!(read(&held.here).await, 0);
    held.end(writer).await;
    drop(world);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_is_seen_by_its_token_in_a_list_that_another_process_has_taken_the_row_from() {
    let faulty = Faulty::new().await;
    let held = shop(&faulty).await;
    let third = faulty.another_with(bounded).await;
    let id = add_order(&third, 7, 10).await.id;
    held.copied(async |repo| totals_of(repo, 7).await).await;
    held.copied(counted).await;
    let writer = held
        .committed_there(async move |repo| give_to(&repo, id, 8).await)
        .await;
    set_total(&third, id, 20).await;
    let token = third.token();
    // Another's copy of something else tells that the notice was carried out here.
    eventually("the notice has arrived", async || {
        let before = hits(&held.here);
        let absent = Note::find_cached("absent".to_owned()).at_least(&token);
        absent.one(&held.here).await.expect("read");
        held.here.wait_idle().await;
        hits(&held.here) > before
    })
    .await;
    let list = Order::find_cached_by_customer_id(7).at_least(&token);
    assert!(list.all(&held.here).await.expect("read").is_empty());
    let query = Order::find().filter(order::Column::CustomerId.eq(7));
    let query = query.cached().at_least(&token).all(&held.here).await;
    assert!(query.expect("read").is_empty());
    held.end(writer).await;
}
