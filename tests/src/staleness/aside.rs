//! Cache-aside over a cache that is asked and told by key: what a program has to add to a cache that knows nothing of its tables.
//!
//! After a write it invalidates all that the write has made wrong: old and new lookups, partitions and dependents. So what is stale is
//! no key that was forgotten.

use super::apply::apply;
use super::history::{Hits, Outcome, decode_rows, encode_rows};
use super::model::{Kind, PETS, Question, State};
use super::plan::{Change, Plan};
use super::subject::{Answered, Place, Stumble, Subject};
use super::tables;
use async_trait::async_trait;
use sea_orm::{DatabaseConnection, DbErr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Lifetime of an entry.
pub const LIFETIME: Duration = Duration::from_secs(60);
/// Time limit of one call to a store.
pub const LIMIT: Duration = Duration::from_millis(500);

/// A cache that knows nothing of tables. Its own errors cost no more than the cache.
#[async_trait]
pub trait KeyedCache: Send + Sync {
    /// The answer that has this key; on a miss what `load` gives, which is stored.
    ///
    /// # Errors
    /// The database's.
    async fn answer(&self, key: &str, load: Load) -> Result<String, DbErr>;

    /// Removes what is stored under these keys.
    async fn invalidate(&self, keys: &[String]);
}

/// A load of one answer.
#[derive(Clone, Debug)]
pub struct Load {
    db: DatabaseConnection,
    question: Question,
    stumble: Stumble,
    ran: Arc<AtomicBool>,
}

impl Load {
    /// Reads the database, and may stumble before what it has read can be stored.
    ///
    /// # Errors
    /// The database's.
    pub async fn run(&self) -> Result<String, DbErr> {
        self.ran.store(true, Ordering::Relaxed);
        let rows = tables::load(&self.db, &self.question).await?;
        self.stumble.here().await;
        Ok(encode_rows(&rows))
    }
}

/// A cache with a program around it.
pub struct Aside<C> {
    cache: C,
    db: DatabaseConnection,
    place: Place,
    stumble: Stumble,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl<C> std::fmt::Debug for Aside<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aside")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl<C: KeyedCache + 'static> Aside<C> {
    /// The subject that uses a cache.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn subject(place: Place, cache: C) -> Result<Box<dyn Subject>, String> {
        let db = tables::connect(&place.database)
            .await
            .map_err(|error| error.to_string())?;
        Ok(Box::new(Self {
            cache,
            db,
            stumble: Stumble(place.options.stumble),
            place,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }))
    }

    fn key(&self, question: &Question) -> String {
        format!("{}:{question}", self.place.namespace)
    }
}

#[async_trait]
impl<C: KeyedCache + 'static> Subject for Aside<C> {
    async fn read(&self, question: &Question) -> Result<Answered, String> {
        if let Some(parts) = question.by_keys() {
            let (mut rows, mut hit) = (Vec::new(), true);
            for part in parts {
                let answered = self.read(&part).await?;
                rows.extend(answered.rows);
                hit &= answered.hit == Some(true);
            }
            return Ok(Answered {
                rows,
                hit: Some(hit),
            });
        }
        let ran = Arc::new(AtomicBool::new(false));
        let load = Load {
            db: self.db.clone(),
            question: *question,
            stumble: self.stumble,
            ran: Arc::clone(&ran),
        };
        let answer = self.cache.answer(&self.key(question), load).await;
        let hit = !ran.load(Ordering::Relaxed);
        let count = if hit { &self.hits } else { &self.misses };
        count.fetch_add(1, Ordering::Relaxed);
        let answer = answer.map_err(|error| error.to_string())?;
        let rows = decode_rows(&answer).map_err(|error| error.to_string())?;
        Ok(Answered {
            rows,
            hit: Some(hit),
        })
    }

    async fn write(&self, plan: &Plan) -> Result<Outcome, String> {
        if !apply(&self.db, plan)
            .await
            .map_err(|error| error.to_string())?
        {
            return Ok(Outcome::RolledBack);
        }
        self.place.may_end(1.0);
        self.stumble.here().await;
        if let Some(linger) = &plan.lingers {
            linger.over().await;
        }
        let questions = plan.changes.iter().flat_map(affected);
        let keys: Vec<_> = questions.map(|question| self.key(&question)).collect();
        self.cache.invalidate(&keys).await;
        Ok(Outcome::Committed)
    }

    fn hits(&self) -> Vec<Hits> {
        vec![Hits {
            entity: "all".to_owned(),
            hits: self.hits.load(Ordering::Relaxed),
            others: self.misses.load(Ordering::Relaxed),
        }]
    }
}

/// The questions whose answers a change makes wrong.
fn affected(change: &Change) -> Vec<Question> {
    let index = change.touch.slot.index;
    match change.touch.slot.kind {
        Kind::Counter => vec![Question::Counter(index)],
        Kind::Account => {
            let of = |state: State| {
                [
                    Question::Login(index, state.login),
                    Question::Team(state.team),
                ]
            };
            let mut questions = vec![Question::Account(index)];
            questions.extend(of(change.before));
            questions.extend(of(change.touch.state));
            questions
        }
        Kind::Trunk => vec![
            Question::Trunk(index),
            Question::Branch(index),
            Question::Leaf(index),
        ],
        Kind::Keeper => {
            let pets = index * PETS..(index + 1) * PETS;
            let collars = pets.start * PETS..pets.end * PETS;
            let mut questions = vec![Question::Keeper(index), Question::Pets(index)];
            questions.extend(pets.map(Question::Pet));
            questions.extend(collars.map(Question::Collar));
            questions
        }
        Kind::Parcel => vec![
            Question::Parcel(index),
            Question::Shelf(change.before.team),
            Question::Shelf(change.touch.state.team),
            Question::Parcels,
        ],
    }
}
