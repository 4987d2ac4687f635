//! The load: many tasks that read accounts and carry out pgbench's transaction.

use crate::Failure;
use crate::bank::{ACCOUNTS, Account, Bank, Branch, TELLERS, Teller, account, branch, teller};
use crate::tally::Tally;
use cached_repo::CachedRepo;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, PaginatorTrait, QueryFilter, Statement,
    TransactionSession, TransactionTrait,
};
use std::time::{Duration, Instant};

/// Tasks in each process.
pub(crate) const TASKS: usize = 16;

/// How the tables are reached.
#[derive(Clone, Debug)]
pub(crate) enum Access {
    Plain(DatabaseConnection),
    Cached(CachedRepo<Bank>),
}

/// Runs all tasks for this long.
pub(crate) async fn run(access: &Access, seconds: u64) -> Result<Tally, Failure> {
    let branches = match access {
        Access::Plain(database) => Branch::find().count(database).await?,
        Access::Cached(repo) => Branch::find().count(repo).await?,
    };
    let end = Instant::now() + Duration::from_secs(seconds);
    let tasks: Vec<_> = (0..TASKS).map(|_| tokio::spawn(task(access.clone(), branches, end))).collect();
    let mut tally = Tally::default();
    for task in tasks {
        tally = tally.and(task.await??);
    }
    if let Access::Cached(repo) = access {
        repo.wait_idle().await;
        let stats = repo.stats();
        let stats = stats.entity("pgbench_accounts").ok_or("no such entity")?;
        tally.hits = stats.hits;
        tally.loads = stats.loads;
    }
    Ok(tally)
}

async fn task(access: Access, branches: u64, end: Instant) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    while Instant::now() < end {
        let aid = popular(branches * ACCOUNTS);
        if fastrand::u8(..10) == 0 {
            match &access {
                Access::Plain(database) => transaction(database, aid, branches).await?,
                Access::Cached(repo) => transaction(repo, aid, branches).await?,
            }
            tally.transactions += 1;
        } else {
            let start = Instant::now();
            let found = match &access {
                Access::Plain(database) => Account::find_by_id(aid).one(database).await?.is_some(),
                Access::Cached(repo) => Account::find_cached(aid).one(repo).await?.is_some(),
            };
            tally.read(aid, start.elapsed());
            if !found {
                return Err(format!("account {aid} is not there").into());
            }
        }
    }
    Ok(tally)
}

/// A number from 1 to `count` by Zipf's law: the second most popular account is asked for half as often as the first, and
/// so on. Popular accounts lie scattered over the table.
fn popular(count: u64) -> i32 {
    let rank = (count as f64).powf(fastrand::f64()) as u64;
    // A prime that divides no count of accounts.
    (rank.wrapping_mul(7_368_787) % count + 1) as i32
}

/// What pgbench does unless it is told otherwise. The same code with and without a cache: the repo is a connection.
async fn transaction<C: TransactionTrait>(connection: &C, aid: i32, branches: u64) -> Result<(), DbErr> {
    let delta = fastrand::i32(-5000..=5000);
    let tid = fastrand::u64(1..=branches * TELLERS) as i32;
    let bid = fastrand::u64(1..=branches) as i32;
    let open = connection.begin().await?;
    Account::update_many()
        .col_expr(account::Column::Abalance, Expr::col(account::Column::Abalance).add(delta))
        .filter(account::Column::Aid.eq(aid))
        .exec(&open)
        .await?;
    Account::find_by_id(aid).one(&open).await?;
    Teller::update_many()
        .col_expr(teller::Column::Tbalance, Expr::col(teller::Column::Tbalance).add(delta))
        .filter(teller::Column::Tid.eq(tid))
        .exec(&open)
        .await?;
    Branch::update_many()
        .col_expr(branch::Column::Bbalance, Expr::col(branch::Column::Bbalance).add(delta))
        .filter(branch::Column::Bid.eq(bid))
        .exec(&open)
        .await?;
    let history = Statement::from_sql_and_values(
        open.get_database_backend(),
        "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP)",
        [tid.into(), bid.into(), aid.into(), delta.into()],
    );
    open.execute_raw(history).await?;
    open.commit().await
}
