//! Invalidation of a partition and of a table that hold very many entries, beside the same with one entry.
//!
//! An entry that is invalidated stays so: before each shot everything is read into the cache again. Partitions are compared in one
//! cache, which holds the one and the other; of tables there are two caches. Whoever has read a million entries has emptied the
//! processor's caches, which one entry does not: so memory is walked through before each shot of either. Shots take turns, and the
//! median of each subject is reported.

use crate::Failure;
use crate::harness::Outcome;
use crate::leaves::leaf::Entity as Leaf;
use crate::leaves::{Tree, root};
use crate::world::World;
use cached_repo::CachedRepo;
use sea_orm::{ConnectionTrait, Schema};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What the names of these measures begin with.
pub(crate) const NAME: &str = "invalidation";

const SHOTS: usize = 9;
/// More bytes than any cache of a processor holds.
const WALK: usize = 256 << 20;
/// Leaves of root 7; root 8 has the one behind them.
const LEAVES: i64 = 1_000_000;
/// Of these, entries in Redis.
const SHARED: i64 = 100_000;

/// One side of a measure.
struct Subject<'r> {
    name: &'static str,
    repo: &'r CachedRepo<Tree>,
    /// Leaves that are cached.
    cached: Vec<i64>,
    /// The root whose leaves go; `None` if the whole table does.
    root: Option<i64>,
    /// A leaf that goes.
    goes: i64,
}

/// All measures.
pub(crate) async fn all(world: &World) -> Result<Vec<Outcome>, Failure> {
    let database = &world.database;
    let schema = Schema::new(database.get_database_backend());
    database
        .execute(&schema.create_table_from_entity(root::Entity))
        .await?;
    database
        .execute(&schema.create_table_from_entity(Leaf))
        .await?;
    let rows = format!(
        "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id <= {LEAVES}) \
         INSERT INTO leaves SELECT id, CASE WHEN id <= {LEAVES} THEN 7 ELSE 8 END FROM n"
    );
    database.execute_unprepared(&rows).await?;
    let local = (world.large_repo_of().await?, world.large_repo_of().await?);
    let shared = (
        world.shared_repo_of("invalidation-one").await?,
        world.shared_repo_of("invalidation-many").await?,
    );
    Ok(vec![
        partition("invalidation: partition, in the process", &local.0, LEAVES).await?,
        table("invalidation: table, in the process", &local, LEAVES).await?,
        partition("invalidation: partition, Redis", &shared.0, SHARED).await?,
        table("invalidation: table, Redis", &shared, SHARED).await?,
    ])
}

/// So many entries of one partition, and one of another, in one cache.
async fn partition(
    measure: &'static str,
    repo: &CachedRepo<Tree>,
    entries: i64,
) -> Result<Outcome, Failure> {
    let side = |name, root, goes| Subject {
        name,
        repo,
        cached: (1..=entries).chain([LEAVES + 1]).collect(),
        root: Some(root),
        goes,
    };
    let one = side("of one entry", 8, LEAVES + 1);
    compare(measure, [one, side("of very many", 7, entries)]).await
}

/// A table of so many entries, and one of one.
async fn table(
    measure: &'static str,
    (one, many): &(CachedRepo<Tree>, CachedRepo<Tree>),
    entries: i64,
) -> Result<Outcome, Failure> {
    let side = |name, repo, entries| Subject {
        name,
        repo,
        cached: (1..=entries).collect(),
        root: None,
        goes: entries,
    };
    one.invalidate_entity::<Leaf>().await?;
    let one = side("of one entry", one, 1);
    compare(measure, [one, side("of very many", many, entries)]).await
}

async fn compare(measure: &'static str, subjects: [Subject<'_>; 2]) -> Result<Outcome, Failure> {
    let mut shots = [Vec::new(), Vec::new()];
    for _ in 0..SHOTS {
        for (shots, subject) in shots.iter_mut().zip(&subjects) {
            shots.push(shot(subject).await?);
        }
    }
    let outcomes = subjects.iter().zip(shots);
    Ok(Outcome {
        measure,
        unit: "ns",
        subjects: outcomes
            .map(|(subject, shots)| (subject.name, median(shots)))
            .collect(),
    })
}

/// Fills the cache, and times one invalidation. What comes before it warms the way up, and touches none of the entries.
async fn shot(subject: &Subject<'_>) -> Result<Duration, Failure> {
    let repo = subject.repo;
    for ids in subject.cached.chunks(1_000) {
        Leaf::find_cached_many(ids.iter().copied())
            .all(repo)
            .await?;
        repo.wait_idle().await;
    }
    let row = Leaf::find_cached(subject.goes)
        .cache_only()
        .one(repo)
        .await?;
    row.ok_or("a row that was read is not cached")?;
    let walk: u64 = vec![1_u8; WALK].iter().map(|byte| u64::from(*byte)).sum();
    black_box(walk);
    for other in 100..120 {
        root::Entity::invalidate(other, repo).await?;
    }
    let start = Instant::now();
    match subject.root {
        Some(root) => root::Entity::invalidate(root, repo).await?,
        None => repo.invalidate_entity::<Leaf>().await?,
    }
    let passed = start.elapsed();
    let row = Leaf::find_cached(subject.goes)
        .cache_only()
        .one(repo)
        .await?;
    match row {
        None => Ok(passed),
        Some(_) => Err("an invalidated row is still there".into()),
    }
}

fn median(mut shots: Vec<Duration>) -> f64 {
    shots.sort_unstable();
    shots[shots.len() / 2].as_secs_f64() * 1e9
}
