//! A shop with some rows in it, and every way of reading them.

use crate::pause::Gate;
use crate::shop::{Dashboard, Line, Note, Order, User, dashboard, line, note, order, user};
use crate::{World, shop::Shop};
use cached_repo::stats::EntityStats;
use cached_repo::{CachedRepo, Checkpoint};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, QueryOrder, Set,
    Statement, Value,
};
use std::fmt::Debug;
use std::sync::Arc;

/// A read that both the cache and the database can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// A row.
    User(i64),
    /// A unique lookup.
    UserByEmail(&'static str),
    /// A collection.
    UsersOfTenant(i64),
    /// A row.
    Order(i64),
    /// A collection by the column of an edge.
    OrdersOfCustomer(i64),
    /// A collection by text.
    OrdersInStatus(&'static str),
    /// A row with a composite key.
    Line(i64, i32),
    /// A row that depends on the name of a user.
    Dashboard(i64),
    /// A row with a text key.
    Note(&'static str),
}

/// All reads of a [`Scene`]: rows that are there and rows that are not, lookups that lead to rows and lookups that do not.
pub const READS: &[Read] = &[
    Read::User(1),
    Read::User(2),
    Read::User(3),
    Read::User(4),
    Read::User(5),
    Read::User(40),
    Read::UserByEmail("ada@x"),
    Read::UserByEmail("bob@x"),
    Read::UserByEmail("eve@x"),
    Read::UserByEmail("new@x"),
    Read::UserByEmail("newer@x"),
    Read::UsersOfTenant(7),
    Read::UsersOfTenant(8),
    Read::UsersOfTenant(9),
    Read::Order(1),
    Read::Order(2),
    Read::Order(3),
    Read::Order(4),
    Read::OrdersOfCustomer(1),
    Read::OrdersOfCustomer(2),
    Read::OrdersOfCustomer(3),
    Read::OrdersOfCustomer(4),
    Read::OrdersInStatus("new"),
    Read::OrdersInStatus("paid"),
    Read::OrdersInStatus("sent"),
    Read::Line(1, 1),
    Read::Line(1, 2),
    Read::Line(1, 3),
    Read::Line(3, 1),
    Read::Dashboard(1),
    Read::Dashboard(2),
    Read::Dashboard(3),
    Read::Note("todo"),
    Read::Note("done"),
];

/// A world with rows, all of which are cached, together with some that are not there.
///
/// Users 1 (ada@x, tenant 7), 2 (bob@x, tenant 7) and 3 (eve@x, tenant 8); orders 1 (of user 1, new), 2 (of user 1, paid) and
/// 3 (of user 2, new); lines (1, 1), (1, 2) and (3, 1); dashboards 1 (of user 1) and 2 (of user 2); the note "todo".
#[derive(Debug)]
pub struct Scene {
    /// The world.
    pub world: World,
}

impl Scene {
    /// Writes the rows past the repo and reads everything into the cache.
    pub async fn cached(world: World) -> Self {
        let scene = Self::new(world).await;
        scene.warm().await;
        scene
    }

    /// Writes the rows past the repo.
    pub async fn new(world: World) -> Self {
        seed(&world.raw).await;
        Self { world }
    }

    /// The same with a repo that can be held at a checkpoint.
    pub async fn gated(mut world: World, checkpoint: Checkpoint) -> (Self, Arc<Gate>) {
        let gate = Gate::at(checkpoint);
        world.repo = world
            .another_with(|builder| builder.checkpoints(gate.clone()))
            .await;
        (Self::cached(world).await, gate)
    }

    /// The repo.
    #[must_use]
    pub fn repo(&self) -> &CachedRepo<Shop> {
        &self.world.repo
    }

    /// Reads everything into the cache.
    pub async fn warm(&self) {
        for read in READS {
            read.answer(self.repo()).await;
            self.world.settle().await;
        }
        let cold = self.cold().await;
        assert!(cold.is_empty(), "could not be cached: {cold:?}");
    }

    /// The reads that the cache cannot answer now.
    pub async fn cold(&self) -> Vec<Read> {
        let mut cold = Vec::new();
        for read in READS {
            if !read.is_cached(self.repo()).await {
                cold.push(*read);
            }
        }
        cold
    }

    /// Every read gives what the database holds now.
    pub async fn assert_fresh(&self) {
        self.assert_fresh_in(self.repo()).await;
    }

    /// Every read through this repo gives what the database holds now.
    pub async fn assert_fresh_in(&self, repo: &CachedRepo<Shop>) {
        let mut stale = Vec::new();
        for read in READS {
            let (seen, stored) = (read.answer(repo).await, read.truth(&self.world.raw).await);
            if seen != stored {
                stale.push(format!("{read:?}: read {seen}, stored {stored}"));
            }
        }
        assert!(stale.is_empty(), "stale reads:\n{}", stale.join("\n"));
    }

    /// The user with this key, as the database has it.
    pub async fn user(&self, id: i64) -> user::Model {
        User::find_by_id(id)
            .one(&self.world.raw)
            .await
            .expect("read")
            .expect("there")
    }

    /// The order with this key, as the database has it.
    pub async fn order(&self, id: i64) -> order::Model {
        Order::find_by_id(id)
            .one(&self.world.raw)
            .await
            .expect("read")
            .expect("there")
    }
}

fn show(rows: impl Debug) -> String {
    format!("{rows:?}")
}

/// The answer of `find_cached*`, with or without an option.
macro_rules! ask {
    ($read:expr, $repo:expr $(, $option:ident)?) => {
        match $read {
            Read::User(id) => show(User::find_cached(id)$(.$option())?.one($repo).await.expect("read")),
            Read::UserByEmail(email) => {
                show(User::find_cached_by_email(email)$(.$option())?.one($repo).await.expect("read"))
            }
            Read::UsersOfTenant(id) => {
                show(User::find_cached_by_tenant_id(id)$(.$option())?.all($repo).await.expect("read"))
            }
            Read::Order(id) => show(Order::find_cached(id)$(.$option())?.one($repo).await.expect("read")),
            Read::OrdersOfCustomer(id) => {
                show(Order::find_cached_by_customer_id(id)$(.$option())?.all($repo).await.expect("read"))
            }
            Read::OrdersInStatus(status) => {
                show(Order::find_cached_by_status(status)$(.$option())?.all($repo).await.expect("read"))
            }
            Read::Line(order, no) => {
                show(Line::find_cached((order, no))$(.$option())?.one($repo).await.expect("read"))
            }
            Read::Dashboard(id) => show(Dashboard::find_cached(id)$(.$option())?.one($repo).await.expect("read")),
            Read::Note(id) => {
                show(Note::find_cached(id.to_owned())$(.$option())?.one($repo).await.expect("read"))
            }
        }
    };
}

impl Read {
    /// What the repo answers.
    pub async fn answer(self, repo: &CachedRepo<Shop>) -> String {
        ask!(self, repo)
    }

    /// Whether the cache alone can answer.
    pub async fn is_cached(self, repo: &CachedRepo<Shop>) -> bool {
        let stats = || -> EntityStats {
            let stats = repo.stats();
            stats.entity(self.prefix()).expect("an entity").clone()
        };
        let before = stats();
        ask!(self, repo, cache_only);
        let after = stats();
        after.hits == before.hits + 1 && after.misses == before.misses
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::User(_) | Self::UserByEmail(_) | Self::UsersOfTenant(_) => "user",
            Self::Order(_) | Self::OrdersOfCustomer(_) | Self::OrdersInStatus(_) => "order",
            Self::Line(..) => "line",
            Self::Dashboard(_) => "dashboard",
            Self::Note(_) => "note",
        }
    }

    /// What the database answers.
    pub async fn truth(self, db: &DatabaseConnection) -> String {
        match self {
            Self::User(id) => show(User::find_by_id(id).one(db).await.expect("read")),
            Self::UserByEmail(email) => {
                show(User::find_by_email(email).one(db).await.expect("read"))
            }
            Self::UsersOfTenant(id) => {
                let users = User::find().filter(user::Column::TenantId.eq(id));
                show(
                    users
                        .order_by_asc(user::Column::Id)
                        .all(db)
                        .await
                        .expect("read"),
                )
            }
            Self::Order(id) => show(Order::find_by_id(id).one(db).await.expect("read")),
            Self::OrdersOfCustomer(id) => {
                let orders = Order::find().filter(order::Column::CustomerId.eq(id));
                show(
                    orders
                        .order_by_asc(order::Column::Id)
                        .all(db)
                        .await
                        .expect("read"),
                )
            }
            Self::OrdersInStatus(status) => {
                let orders = Order::find().filter(order::Column::Status.eq(status));
                show(
                    orders
                        .order_by_asc(order::Column::Id)
                        .all(db)
                        .await
                        .expect("read"),
                )
            }
            Self::Line(order, no) => {
                show(Line::find_by_id((order, no)).one(db).await.expect("read"))
            }
            Self::Dashboard(id) => show(Dashboard::find_by_id(id).one(db).await.expect("read")),
            Self::Note(id) => show(Note::find_by_id(id).one(db).await.expect("read")),
        }
    }
}

/// A user that is not inserted yet.
#[must_use]
pub fn a_user(email: &str, tenant_id: i64) -> user::ActiveModel {
    user::ActiveModel {
        email: Set(email.to_owned()),
        tenant_id: Set(tenant_id),
        name: Set("Ada".to_owned()),
        ..Default::default()
    }
}

/// An order that is not inserted yet.
#[must_use]
pub fn an_order(customer_id: i64, status: &str) -> order::ActiveModel {
    order::ActiveModel {
        customer_id: Set(customer_id),
        status: Set(status.to_owned()),
        total: Set(100),
        ..Default::default()
    }
}

/// A line that is not inserted yet.
#[must_use]
pub fn a_line(order_id: i64, line_no: i32) -> line::ActiveModel {
    line::ActiveModel {
        order_id: Set(order_id),
        line_no: Set(line_no),
        product: Set("pen".to_owned()),
    }
}

/// A note that is not inserted yet.
#[must_use]
pub fn a_note(id: &str) -> note::ActiveModel {
    note::ActiveModel {
        id: Set(id.to_owned()),
        body: Set("buy ink".to_owned()),
    }
}

/// A dashboard that is not inserted yet.
#[must_use]
pub fn a_dashboard(user_id: i64) -> dashboard::ActiveModel {
    dashboard::ActiveModel {
        user_id: Set(user_id),
        title: Set("Today".to_owned()),
        ..Default::default()
    }
}

async fn seed(db: &DatabaseConnection) {
    // One by one, so that each gets the number that the tests expect.
    for (email, tenant) in [("ada@x", 7), ("bob@x", 7), ("eve@x", 8)] {
        User::insert(a_user(email, tenant))
            .exec(db)
            .await
            .expect("inserted");
    }
    for (customer, status) in [(1, "new"), (1, "paid"), (2, "new")] {
        Order::insert(an_order(customer, status))
            .exec(db)
            .await
            .expect("inserted");
    }
    let lines = [a_line(1, 1), a_line(1, 2), a_line(3, 1)];
    for line in lines {
        Line::insert(line)
            .exec_without_returning(db)
            .await
            .expect("inserted");
    }
    for user in [1, 2] {
        Dashboard::insert(a_dashboard(user))
            .exec(db)
            .await
            .expect("inserted");
    }
    Note::insert(a_note("todo"))
        .exec_without_returning(db)
        .await
        .expect("inserted");
}

/// A statement with `?` for values, in the database's own way of writing them.
#[must_use]
pub fn bound(world: &World, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    let backend = world.raw.get_database_backend();
    let mut text = String::new();
    for (number, part) in sql.split('?').enumerate() {
        match (number, backend) {
            (0, _) => {}
            (_, DbBackend::Postgres) => text.push_str(&format!("${number}")),
            _ => text.push('?'),
        }
        text.push_str(part);
    }
    Statement::from_sql_and_values(backend, text, values)
}
