//! The subject that all of this is about.

use super::apply::{apply, login};
use super::entities::{
    Account, Branch, Collar, Counter, Keeper, Leaf, Parcel, Pet, Trunk, Watched, account, collar,
    counter, parcel, pet,
};
use super::history::{Hits, Outcome};
use super::judge::Level;
use super::model::{PETS, Question, Row};
use super::plan::{Linger, Plan};
use super::subject::{Answered, Building, Place, Stumble, Subject};
use super::tables;
use async_trait::async_trait;
use cached_repo::config::DatabaseCheck;
use cached_repo::query::AnsweredBy;
use cached_repo::{
    CachedQuery, CachedRepo, Checkpoint, Checkpoints, Consistency, Error, ErrorKind, Receipt,
    RedisStore, RepoBuilder,
};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, Select, Statement,
};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// So short that many loads get a second one beside them.
const SOFT_TIMEOUT: Duration = Duration::from_millis(5);

/// `CachedRepo` over the schema of [`super::entities`].
#[derive(Debug)]
pub struct CachedRepoSubject {
    repo: CachedRepo<Watched>,
    steps: Arc<Steps>,
}

/// What happens between the steps of the repo.
#[derive(Debug)]
struct Steps {
    place: Place,
    /// What the next write waits for that has committed.
    lingers: Mutex<Option<Arc<Linger>>>,
}

/// Reads, with a receipt if there is one.
macro_rules! noted {
    ($read:expr, $receipt:expr) => {
        match $receipt {
            Some(receipt) => $read.receipt(receipt),
            None => $read,
        }
    };
}

impl CachedRepoSubject {
    /// Builds one; see [`Subjects`](super::Subjects).
    #[must_use]
    pub fn build(place: Place) -> Building {
        Box::pin(async move {
            let steps = Arc::new(Steps {
                place,
                lingers: Mutex::default(),
            });
            let repo = repo(&steps).await.map_err(|error| said(&error))?;
            Ok(Box::new(Self { repo, steps }) as Box<dyn Subject>)
        })
    }
}

async fn repo(steps: &Arc<Steps>) -> Result<CachedRepo<Watched>, Error> {
    let place = &steps.place;
    let options = &place.options;
    let database = tables::connect(&place.database).await?;
    let builder = CachedRepo::<Watched>::builder(database)
        .namespace(&place.namespace)
        .store_timeout(Duration::from_millis(500))
        .connect_timeout(Duration::from_millis(500))
        .breaker_cooldown(Duration::from_millis(100))
        .load_soft_timeout(SOFT_TIMEOUT)
        .lease_time(options.lease)
        .lock_time(options.lock)
        .when_store_down(options.when_store_down)
        .database_check(DatabaseCheck::Error);
    let builder = at_level(builder, options.level).checkpoints(steps.clone());
    match &place.store {
        Some(url) => builder.store(RedisStore::open(url)?).build().await,
        None => builder.build().await,
    }
}

/// The one place that sets the level.
fn at_level(builder: RepoBuilder<Watched>, level: Level) -> RepoBuilder<Watched> {
    match level {
        Level::Strict => builder.consistency(Consistency::Strict),
        Level::Bounded(bound) => builder
            .consistency(Consistency::Bounded)
            .bound(Duration::from_nanos(bound)),
    }
}

#[async_trait]
impl Checkpoints for Steps {
    async fn reached(&self, checkpoint: Checkpoint) {
        match checkpoint {
            Checkpoint::Locked => self.place.may_end(0.5),
            Checkpoint::Committed => self.place.may_end(1.0),
            _ => {}
        }
        Stumble(self.place.options.stumble).here().await;
        if checkpoint != Checkpoint::Committed {
            return;
        }
        let linger = self.lingers().take();
        if let Some(linger) = linger {
            linger.over().await;
        }
    }
}

impl Steps {
    fn lingers(&self) -> MutexGuard<'_, Option<Arc<Linger>>> {
        self.lingers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Subject for CachedRepoSubject {
    /// Of every other read a receipt tells whether it is a hit: with one, a read asks the store for more.
    async fn read(&self, question: &Question) -> Result<Answered, String> {
        let receipt = fastrand::bool().then(Receipt::new);
        let rows = self.answer(question, receipt.as_ref()).await;
        let rows = rows.map_err(|error| said(&error))?;
        let by = receipt.and_then(|receipt| receipt.answered_by());
        let hit = by.map(|by| by != AnsweredBy::Database);
        Ok(Answered { rows, hit })
    }

    async fn write(&self, plan: &Plan) -> Result<Outcome, String> {
        if let Some(linger) = &plan.lingers {
            *self.steps.lingers() = Some(Arc::clone(linger));
        }
        match apply(&self.repo, plan).await {
            Ok(true) => Ok(Outcome::Committed),
            Ok(false) => Ok(Outcome::RolledBack),
            Err(error) => {
                let error = Error::from(error);
                if error.kind() == ErrorKind::StoreUnavailable {
                    return Ok(Outcome::Refused);
                }
                Err(said(&error))
            }
        }
    }

    fn hits(&self) -> Vec<Hits> {
        let stats = self.repo.stats();
        let hits = stats.entities.iter().map(|stats| Hits {
            entity: stats.entity.to_owned(),
            hits: stats.hits,
            others: stats.misses + stats.bypasses,
        });
        hits.collect()
    }
}

impl CachedRepoSubject {
    async fn answer(
        &self,
        question: &Question,
        receipt: Option<&Receipt>,
    ) -> Result<Vec<Row>, Error> {
        let repo = &self.repo;
        Ok(match *question {
            Question::Query(_)
            | Question::Range(_)
            | Question::Join(_)
            | Question::Block(_)
            | Question::Parcels => self.answer_by_query(question, receipt).await?,
            Question::Counter(index) => {
                let find = Counter::find_cached(i64::from(index));
                let row = noted!(find, receipt).one(repo).await?;
                row.iter().map(|row| Row::of(row.id, row.version)).collect()
            }
            Question::Counters(indexes) => {
                let find = Counter::find_cached_many(indexes.map(i64::from));
                let rows = noted!(find, receipt).all(repo).await?;
                rows.iter()
                    .flatten()
                    .map(|row| Row::of(row.id, row.version))
                    .collect()
            }
            Question::Account(index) => {
                let find = Account::find_cached(i64::from(index));
                accounts(noted!(find, receipt).one(repo).await?)
            }
            Question::Login(index, number) => {
                let find = Account::find_cached_by_login(login(index, number));
                accounts(noted!(find, receipt).one(repo).await?)
            }
            Question::Team(team) => {
                let find = Account::find_cached_by_team(i64::from(team));
                accounts(noted!(find, receipt).all(repo).await?)
            }
            Question::Trunk(index) => {
                let find = Trunk::find_cached(i64::from(index));
                let row = noted!(find, receipt).one(repo).await?;
                row.iter().map(|row| Row::by_code(row.code)).collect()
            }
            Question::Branch(index) => {
                let find = Branch::find_cached(i64::from(index));
                let row = noted!(find, receipt).one(repo).await?;
                row.iter().map(|row| Row::by_code(row.code)).collect()
            }
            Question::Leaf(index) => {
                let find = Leaf::find_cached(i64::from(index));
                let row = noted!(find, receipt).one(repo).await?;
                row.iter().map(|row| Row::by_code(row.code)).collect()
            }
            _ => self.answer_of_others(question, receipt).await?,
        })
    }

    /// Of keepers and what depends on them, and of parcels.
    async fn answer_of_others(
        &self,
        question: &Question,
        receipt: Option<&Receipt>,
    ) -> Result<Vec<Row>, Error> {
        let repo = &self.repo;
        Ok(match *question {
            Question::Keeper(index) => {
                let find = Keeper::find_cached(i64::from(index));
                let row = noted!(find, receipt).one(repo).await?;
                row.iter().map(|row| Row::of(row.id, row.version)).collect()
            }
            Question::Pet(id) => {
                let find = Pet::find_cached(i64::from(id));
                pets(noted!(find, receipt).one(repo).await?)
            }
            Question::Pets(index) => {
                let find = Pet::find_cached_by_keeper_id(i64::from(index));
                pets(noted!(find, receipt).all(repo).await?)
            }
            Question::Collar(id) => {
                let find = Collar::find_cached(i64::from(id));
                collars(noted!(find, receipt).one(repo).await?)
            }
            Question::Parcel(index) => {
                let find = Parcel::find_cached(i64::from(index));
                parcels(noted!(find, receipt).one(repo).await?)
            }
            Question::Shelf(shelf) => {
                let find = Parcel::find_cached_by_shelf(i64::from(shelf));
                parcels(noted!(find, receipt).all(repo).await?)
            }
            _ => Vec::new(),
        })
    }

    async fn answer_by_query(
        &self,
        question: &Question,
        receipt: Option<&Receipt>,
    ) -> Result<Vec<Row>, Error> {
        let repo = &self.repo;
        Ok(match *question {
            Question::Query(team) => {
                let rows = team_members(team).cached();
                accounts(noted!(rows, receipt).all(repo).await?)
            }
            Question::Range(indexes) => {
                let rows = counters(indexes).into_model::<Version>().cached();
                versions(&noted!(rows, receipt).all(repo).await?)
            }
            Question::Join(index) => {
                let rows = Version::find_by_statement(family(repo.get_database_backend(), index));
                versions(&noted!(rows.cached(), receipt).all(repo).await?)
            }
            Question::Parcels => {
                let rows = Parcel::find().cached();
                parcels(noted!(rows, receipt).all(repo).await?)
            }
            Question::Block([first, second, third]) => {
                let values = [first, second, third].map(|index| i64::from(index).into());
                let block = repo.read_cached("counters", values, move |db| async move {
                    let mut rows = counters([first]).into_model::<Version>().all(&db).await?;
                    let rest = counters([second, third]).into_model::<Version>();
                    rows.extend(rest.all(&db).await?);
                    Ok(rows)
                });
                versions(&noted!(block, receipt).await?)
            }
            _ => Vec::new(),
        })
    }
}

/// A row of any table, as queries see it.
#[derive(Clone, Copy, Debug, FromQueryResult, Serialize, Deserialize)]
struct Version {
    id: i64,
    version: i64,
}

fn versions(rows: &[Version]) -> Vec<Row> {
    rows.iter()
        .map(|row| Row::of(row.id, row.version))
        .collect()
}

fn team_members(team: u8) -> Select<Account> {
    Account::find().filter(account::Column::Team.eq(i64::from(team)))
}

/// Counters, by a condition that names no key.
fn counters<const N: usize>(indexes: [u32; N]) -> Select<Counter> {
    let keys = indexes.map(i64::from);
    Counter::find().filter(Expr::col((Counter, counter::Column::Id)).add(0).is_in(keys))
}

/// A keeper, its pets and their collars, each with the keeper's number.
fn family(backend: DbBackend, keeper: u32) -> Statement {
    let mark = |number: usize| match backend {
        DbBackend::Postgres => format!("${number}"),
        _ => "?".to_owned(),
    };
    let sql = format!(
        "SELECT id, version FROM keepers WHERE id = {} \
         UNION ALL SELECT keeper_id, version FROM pets WHERE keeper_id = {} \
         UNION ALL SELECT p.keeper_id, c.version FROM pets p JOIN collars c ON c.pet_id = p.id WHERE p.keeper_id = {}",
        mark(1),
        mark(2),
        mark(3),
    );
    let key = || i64::from(keeper).into();
    Statement::from_sql_and_values(backend, sql, [key(), key(), key()])
}

fn accounts(rows: impl IntoIterator<Item = Arc<account::Model>>) -> Vec<Row> {
    rows.into_iter()
        .map(|row| Row::of(row.id, row.version))
        .collect()
}

fn parcels(rows: impl IntoIterator<Item = Arc<parcel::Model>>) -> Vec<Row> {
    rows.into_iter()
        .map(|row| Row::of(row.id, row.version))
        .collect()
}

fn collars(rows: impl IntoIterator<Item = Arc<collar::Model>>) -> Vec<Row> {
    rows.into_iter()
        .map(|row| Row::of(row.pet_id / i64::from(PETS), row.version))
        .collect()
}

fn pets(rows: impl IntoIterator<Item = Arc<pet::Model>>) -> Vec<Row> {
    rows.into_iter()
        .map(|row| Row::of(row.keeper_id, row.version))
        .collect()
}

/// An error with its causes.
fn said(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
