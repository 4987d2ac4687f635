//! Run with: cargo xtask example pgbench
//!
//! The tables of PostgreSQL's own benchmark, under its own transaction, behind a cached repo over Redis. Two processes run the
//! same mix twice, nine reads by key to one transaction: first with plain SeaORM, then through the repo. At the end every
//! account that is cached is compared with the database. They must all be equal: else the program fails.
//!
//! `xtask` makes the tables and starts the servers; with servers of your own set `DATABASE_URL` and `CACHED_REPO_URL`, and
//! make the tables with `pgbench --initialize`. `--seconds N` is the length of each of the two runs.

mod bank;
mod load;
mod tally;

use bank::{Account, Bank, Branch, account};
use cached_repo::{CachedRepo, Config, RedisStore};
use load::Access;
use sea_orm::{ColumnTrait, ConnectOptions, Database, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};
use std::process::{Command, Stdio};
use std::time::Duration;
use tally::Tally;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How the program is called, by people and by itself.
#[derive(Clone, Debug)]
struct Call {
    seconds: u64,
    /// `plain` or `cached`, for the second process: one run, and its tally on standard output.
    second: Option<String>,
    /// Namespace of the keys of this run: the tables may have been made anew since the last one.
    namespace: String,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let call = Call::parse()?;
    let database = connect().await?;
    let repo = repo(&database, &call.namespace).await?;
    let plain = Access::Plain(database.clone());
    let cached = Access::Cached(repo.clone());
    if let Some(run) = &call.second {
        let access = if run == "plain" { plain } else { cached };
        print!("{}", load::run(&access, call.seconds).await?.to_lines());
        return Ok(());
    }
    let branches = Branch::find().count(&database).await?;
    println!(
        "{} accounts, 2 processes of {} tasks, {} s each run",
        branches * bank::ACCOUNTS,
        load::TASKS,
        call.seconds
    );
    let baseline = both(&plain, "plain", &call).await?;
    println!("plain SeaORM:  {}", baseline.rates(call.seconds));
    let tally = both(&cached, "cached", &call).await?;
    println!("cached repo:   {}", tally.rates(call.seconds));
    println!(
        "hit ratio {:.1} %: {} queries for {} reads; plain SeaORM took {} queries for {} reads",
        tally.hit_ratio() * 100.0,
        tally.loads,
        tally.reads(),
        baseline.reads(),
        baseline.reads()
    );
    compare(&repo, &database, &tally).await
}

/// One run: the other process and this one at the same time.
async fn both(access: &Access, name: &str, call: &Call) -> Result<Tally, Failure> {
    let other = Command::new(std::env::current_exe()?)
        .args(["--second", name, "--namespace", &call.namespace])
        .args(["--seconds", &call.seconds.to_string()])
        .stdout(Stdio::piped())
        .spawn()?;
    let mine = load::run(access, call.seconds).await?;
    let other = tokio::task::spawn_blocking(|| other.wait_with_output()).await??;
    if !other.status.success() {
        return Err("the second process has failed".into());
    }
    Ok(mine.and(Tally::from_lines(&String::from_utf8(other.stdout)?)?))
}

/// Nobody writes any more: what is cached is what the database has.
async fn compare(repo: &CachedRepo<Bank>, database: &DatabaseConnection, tally: &Tally) -> Result<(), Failure> {
    let keys: Vec<i32> = tally.keys.iter().copied().collect();
    let (mut cached, mut different) = (0, 0);
    for keys in keys.chunks(1000) {
        let held = Account::find_cached_many(keys.iter().copied()).cache_only().all(repo).await?;
        let rows = Account::find().filter(account::Column::Aid.is_in(keys.iter().copied())).all(database).await?;
        for held in held.into_iter().flatten() {
            cached += 1;
            if !rows.contains(&held) {
                different += 1;
                eprintln!("account {} is cached as it is no more", held.aid);
            }
        }
    }
    println!(
        "compared with the database: {} accounts read, {cached} of them cached, {different} different",
        keys.len()
    );
    if different == 0 && cached > 0 {
        Ok(())
    } else {
        Err("the cache and the database differ, or nothing is cached".into())
    }
}

async fn connect() -> Result<DatabaseConnection, Failure> {
    let mut options = ConnectOptions::new(std::env::var("DATABASE_URL")?);
    options.max_connections(load::TASKS as u32).sqlx_logging(false);
    Ok(Database::connect(options).await?)
}

async fn repo(database: &DatabaseConnection, namespace: &str) -> Result<CachedRepo<Bank>, Failure> {
    let repo = CachedRepo::<Bank>::builder(database.clone())
        .config(Config::from_env()?)
        .store(RedisStore::connect(&std::env::var("CACHED_REPO_URL")?).await?)
        .namespace(namespace)
        // The namespace is new, and no writer knows it yet: it need not wait for any.
        .settle_time(Duration::ZERO);
    Ok(repo.build().await?)
}

impl Call {
    fn parse() -> Result<Self, Failure> {
        let mut call = Self { seconds: 10, second: None, namespace: format!("pgbench-{}", fastrand::u64(..)) };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let value = words.next().ok_or("usage: pgbench [--seconds N]")?;
            match word.as_str() {
                "--seconds" => call.seconds = value.parse()?,
                "--second" => call.second = Some(value),
                "--namespace" => call.namespace = value,
                _ => return Err("usage: pgbench [--seconds N]".into()),
            }
        }
        Ok(call)
    }
}
