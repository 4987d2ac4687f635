//! Invalidation of a partition and of a table that hold very many entries, beside the same with one entry.
//!
//! An entry that is invalidated stays so: before each shot everything is read into the cache again. Shots take turns, and the median
//! of each subject is reported.

use crate::Failure;
use crate::harness::Outcome;
use crate::leaves::leaf::Entity as Leaf;
use crate::leaves::{Tree, root};
use crate::world::World;
use cached_repo::CachedRepo;
use sea_orm::{ConnectionTrait, Schema};
use std::time::{Duration, Instant};

/// What the names of these measures begin with.
pub(crate) const NAME: &str = "invalidation";

const SHOTS: usize = 9;
/// Leaves of the one root.
const LEAVES: i64 = 1_000_000;
/// Of these, entries in Redis.
const SHARED: i64 = 100_000;

/// What is invalidated.
#[derive(Clone, Copy)]
enum What {
    Partition,
    Table,
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
        "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {LEAVES}) INSERT INTO leaves SELECT id, 7 FROM n"
    );
    database.execute_unprepared(&rows).await?;
    let mut outcomes = Vec::new();
    for (measure, what) in [
        ("invalidation: partition, in the process", What::Partition),
        ("invalidation: table, in the process", What::Table),
    ] {
        let repos = (world.large_repo_of().await?, world.large_repo_of().await?);
        outcomes.push(
            compare(
                measure,
                what,
                ("of one entry", "of a million"),
                repos,
                LEAVES,
            )
            .await?,
        );
    }
    for (measure, what, name) in [
        (
            "invalidation: partition, Redis",
            What::Partition,
            "partition",
        ),
        ("invalidation: table, Redis", What::Table, "table"),
    ] {
        let one = world.shared_repo_of(&format!("{name}-one")).await?;
        let many = world.shared_repo_of(&format!("{name}-many")).await?;
        let names = ("of one entry", "of a hundred thousand");
        outcomes.push(compare(measure, what, names, (one, many), SHARED).await?);
    }
    Ok(outcomes)
}

async fn compare(
    measure: &'static str,
    what: What,
    names: (&'static str, &'static str),
    (one, many): (CachedRepo<Tree>, CachedRepo<Tree>),
    entries: i64,
) -> Result<Outcome, Failure> {
    let (mut of_one, mut of_many) = (Vec::new(), Vec::new());
    for _ in 0..SHOTS {
        of_one.push(shot(&one, 1, what).await?);
        of_many.push(shot(&many, entries, what).await?);
    }
    Ok(Outcome {
        measure,
        unit: "ns",
        subjects: vec![(names.0, median(of_one)), (names.1, median(of_many))],
    })
}

/// Fills the cache, and times one invalidation. What comes before it warms the way up, and touches none of the entries.
async fn shot(repo: &CachedRepo<Tree>, entries: i64, what: What) -> Result<Duration, Failure> {
    let ids: Vec<i64> = (1..=entries).collect();
    for ids in ids.chunks(1_000) {
        Leaf::find_cached_many(ids.iter().copied())
            .all(repo)
            .await?;
        repo.drain().await;
    }
    for id in [1, entries / 2 + 1, entries] {
        let row = Leaf::find_cached(id).cache_only().one(repo).await?;
        row.ok_or("a row that was read is not cached")?;
    }
    for other in 100..120 {
        root::Entity::invalidate(other, repo).await?;
    }
    let start = Instant::now();
    match what {
        What::Partition => root::Entity::invalidate(7, repo).await?,
        What::Table => repo.invalidate_entity::<Leaf>().await?,
    }
    let passed = start.elapsed();
    let row = Leaf::find_cached(entries).cache_only().one(repo).await?;
    match row {
        None => Ok(passed),
        Some(_) => Err("an invalidated row is still there".into()),
    }
}

fn median(mut shots: Vec<Duration>) -> f64 {
    shots.sort_unstable();
    shots[shots.len() / 2].as_secs_f64() * 1e9
}
