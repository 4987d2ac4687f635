//! The subject that all of this is about.

use super::apply::{apply, login};
use super::entities::{
    Account, Branch, Collar, Counter, Keeper, Leaf, Pet, Trunk, Watched, account, collar, pet,
};
use super::history::{Hits, Outcome};
use super::judge::Level;
use super::model::{PETS, Question, Row};
use super::plan::Plan;
use super::subject::{Building, Place, Stumble, Subject};
use super::tables;
use async_trait::async_trait;
use cached_repo::{
    CachedRepo, Checkpoint, Checkpoints, Consistency, DatabaseCheck, Error, ErrorKind, RedisStore,
    RepoBuilder,
};
use std::sync::Arc;
use std::time::Duration;

/// `CachedRepo` over the schema of [`super::entities`].
#[derive(Debug)]
pub struct CachedRepoSubject(CachedRepo<Watched>);

impl CachedRepoSubject {
    /// Builds one; see [`Subjects`](super::Subjects).
    #[must_use]
    pub fn build(place: Place) -> Building {
        Box::pin(async move {
            let repo = repo(&place).await.map_err(|error| said(&error))?;
            Ok(Box::new(Self(repo)) as Box<dyn Subject>)
        })
    }
}

async fn repo(place: &Place) -> Result<CachedRepo<Watched>, Error> {
    let options = &place.options;
    let database = tables::connect(&place.database).await?;
    let builder = CachedRepo::<Watched>::builder(database)
        .namespace(&place.namespace)
        .store_timeout(Duration::from_millis(500))
        .connect_timeout(Duration::from_millis(500))
        .breaker_cooldown(Duration::from_millis(100))
        .lease_time(options.lease)
        .lock_time(options.lock)
        .when_store_down(options.when_store_down)
        .database_check(DatabaseCheck::Error);
    let builder = at_level(builder, options.level);
    let builder = match options.stumble {
        Duration::ZERO => builder,
        longest => builder.checkpoints(Arc::new(Stumble(longest))),
    };
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
impl Checkpoints for Stumble {
    async fn reached(&self, _: Checkpoint) {
        self.here().await;
    }
}

#[async_trait]
impl Subject for CachedRepoSubject {
    async fn read(&self, question: &Question) -> Result<Vec<Row>, String> {
        self.answer(question).await.map_err(|error| said(&error))
    }

    async fn write(&self, plan: &Plan) -> Result<Outcome, String> {
        match apply(&self.0, plan).await {
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
        let stats = self.0.stats();
        let hits = stats.entities.iter().map(|stats| Hits {
            entity: stats.entity.to_owned(),
            hits: stats.hits,
            others: stats.misses + stats.bypasses,
        });
        hits.collect()
    }
}

impl CachedRepoSubject {
    async fn answer(&self, question: &Question) -> Result<Vec<Row>, Error> {
        let repo = &self.0;
        Ok(match *question {
            Question::Counter(index) => {
                let row = Counter::find_cached(i64::from(index)).one(repo).await?;
                row.iter().map(|row| Row::of(row.id, row.version)).collect()
            }
            Question::Counters(indexes) => {
                let rows = Counter::find_cached_many(indexes.map(i64::from))
                    .all(repo)
                    .await?;
                rows.iter()
                    .flatten()
                    .map(|row| Row::of(row.id, row.version))
                    .collect()
            }
            Question::Account(index) => {
                accounts(Account::find_cached(i64::from(index)).one(repo).await?)
            }
            Question::Login(index, number) => accounts(
                Account::find_cached_by_login(login(index, number))
                    .one(repo)
                    .await?,
            ),
            Question::Team(team) => accounts(
                Account::find_cached_by_team(i64::from(team))
                    .all(repo)
                    .await?,
            ),
            Question::Trunk(index) => {
                let row = Trunk::find_cached(i64::from(index)).one(repo).await?;
                row.iter().map(|row| Row::by_code(row.code)).collect()
            }
            Question::Branch(index) => {
                let row = Branch::find_cached(i64::from(index)).one(repo).await?;
                row.iter().map(|row| Row::by_code(row.code)).collect()
            }
            Question::Leaf(index) => {
                let row = Leaf::find_cached(i64::from(index)).one(repo).await?;
                row.iter().map(|row| Row::by_code(row.code)).collect()
            }
            Question::Keeper(index) => {
                let row = Keeper::find_cached(i64::from(index)).one(repo).await?;
                row.iter().map(|row| Row::of(row.id, row.version)).collect()
            }
            Question::Pet(id) => pets(Pet::find_cached(i64::from(id)).one(repo).await?),
            Question::Pets(index) => pets(
                Pet::find_cached_by_keeper_id(i64::from(index))
                    .all(repo)
                    .await?,
            ),
            Question::Collar(id) => {
                let row: Option<Arc<collar::Model>> =
                    Collar::find_cached(i64::from(id)).one(repo).await?;
                let keeper =
                    |row: &Arc<collar::Model>| Row::of(row.pet_id / i64::from(PETS), row.version);
                row.iter().map(keeper).collect()
            }
        })
    }
}

fn accounts(rows: impl IntoIterator<Item = Arc<account::Model>>) -> Vec<Row> {
    rows.into_iter()
        .map(|row| Row::of(row.id, row.version))
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
