//! Rows of the shop, made and changed in one line.

use crate::shop::{Note, Order, Shop, User, note, order, user};
use cached_repo::CachedRepo;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use sea_orm::{IntoActiveModel, sea_query::Expr};

/// A new user Ada of tenant 7.
///
/// # Panics
/// If the database refuses it; so do all of these.
pub async fn add_user(db: &impl ConnectionTrait, email: &str) -> user::Model {
    let user = user::ActiveModel {
        email: Set(email.to_owned()),
        tenant_id: Set(7),
        name: Set("Ada".to_owned()),
        ..Default::default()
    };
    user.insert(db).await.expect("the user is inserted")
}

/// Gives a user another name.
pub async fn rename(db: &impl ConnectionTrait, user: &user::Model, name: &str) {
    let mut change = user.clone().into_active_model();
    change.name = Set(name.to_owned());
    change.update(db).await.expect("the user is updated");
}

/// A new order of a customer.
pub async fn add_order(db: &impl ConnectionTrait, customer: i64, total: i64) -> order::Model {
    let order = order::ActiveModel {
        customer_id: Set(customer),
        status: Set("open".to_owned()),
        total: Set(total),
        ..Default::default()
    };
    order.insert(db).await.expect("the order is inserted")
}

/// Gives an order another total.
pub async fn set_total(db: &impl ConnectionTrait, id: i64, total: i64) {
    let update = Order::update_many()
        .col_expr(order::Column::Total, Expr::value(total))
        .filter(order::Column::Id.eq(id));
    update.exec(db).await.expect("the order is updated");
}

/// A new note.
pub async fn add_note(db: &impl ConnectionTrait, id: &str, body: &str) {
    let note = note::ActiveModel {
        id: Set(id.to_owned()),
        body: Set(body.to_owned()),
    };
    Note::insert(note)
        .exec(db)
        .await
        .expect("the note is inserted");
}

/// Gives a note another body.
pub async fn set_note(db: &impl ConnectionTrait, id: &str, body: &str) {
    let update = Note::update_many()
        .col_expr(note::Column::Body, Expr::value(body))
        .filter(note::Column::Id.eq(id));
    update.exec(db).await.expect("the note is updated");
}

/// The name of a user, through the cache.
pub async fn name_of(repo: &CachedRepo<Shop>, id: i64) -> Option<String> {
    let row = User::find_cached(id).one(repo).await.expect("read");
    row.map(|user| user.name.clone())
}

/// The body of a note, through the cache.
pub async fn note_of(repo: &CachedRepo<Shop>, id: &str) -> Option<String> {
    let row = Note::find_cached(id.to_owned()).one(repo).await;
    row.expect("read").map(|note| note.body.clone())
}

/// The total of an order, through the cache.
pub async fn total_of(repo: &CachedRepo<Shop>, id: i64) -> Option<i64> {
    let row = Order::find_cached(id).one(repo).await.expect("read");
    row.map(|order| order.total)
}

/// The totals of a customer's orders, through the cache.
pub async fn totals_of(repo: &CachedRepo<Shop>, customer: i64) -> Vec<i64> {
    let rows = Order::find_cached_by_customer_id(customer).all(repo).await;
    rows.expect("read")
        .iter()
        .map(|order| order.total)
        .collect()
}
