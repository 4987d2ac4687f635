//! One row that is cached.

use super::by_hand::ByHand;
use crate::Failure;
use crate::harness::Measure;
use crate::user::{Entity as User, Model, sample};
use crate::world::{App, WARM, World, warm_ids};
use cached_repo::CachedRepo;
use sea_orm::EntityTrait;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

type Moka = moka::future::Cache<i64, Arc<Model>>;

/// In this process: the floor is the library that the cache in this process is built on.
pub(crate) async fn in_process(world: &World) -> Result<Measure<'static>, Failure> {
    let quick = Arc::new(quick_cache::sync::Cache::new(100_000));
    let moka = Moka::new(100_000);
    for id in 1..=WARM {
        quick.insert(id, Arc::new(sample(id)));
        moka.insert(id, Arc::new(sample(id))).await;
    }
    let repo = world.local_repo().await?;
    fill(&repo).await?;
    let database = world.database.clone();
    Ok(Measure::new("row_hit_in_process")
        .subject("quick_cache", 20_000, move |count| {
            let quick = Arc::clone(&quick);
            async move {
                let ids = warm_ids(count);
                let start = Instant::now();
                for id in ids {
                    black_box(quick.get(&black_box(id)).ok_or("not a hit")?);
                }
                Ok(start.elapsed())
            }
        })
        .subject("cached-repo", 20_000, move |count| {
            let repo = repo.clone();
            async move {
                let ids = warm_ids(count);
                let start = Instant::now();
                for id in ids {
                    let row = User::find_cached(black_box(id)).one(&repo).await?;
                    black_box(row.ok_or("not a hit")?);
                }
                Ok(start.elapsed())
            }
        })
        .subject("hand-written", 20_000, move |count| {
            let moka = moka.clone();
            async move {
                let ids = warm_ids(count);
                let start = Instant::now();
                for id in ids {
                    black_box(moka.get(&black_box(id)).await.ok_or("not a hit")?);
                }
                Ok(start.elapsed())
            }
        })
        .subject("seaorm", 50, move |count| {
            let database = database.clone();
            async move {
                let ids = warm_ids(count);
                let start = Instant::now();
                for id in ids {
                    black_box(User::find_by_id(id).one(&database).await?);
                }
                Ok(start.elapsed())
            }
        }))
}

/// In Redis: the floor is a GET and the decoding of what it brings.
pub(crate) async fn in_store(world: &World) -> Result<Measure<'static>, Failure> {
    let floor = ByHand::new(world, "hit").warm().await?;
    let by_hand = floor.clone();
    let repo = world.shared_repo("hit-repo").await?;
    fill(&repo).await?;
    Ok(Measure::new("row_hit_store")
        .subject("GET + decode", 200, move |count| {
            let mut floor = floor.clone();
            async move {
                let ids = warm_ids(count);
                let start = Instant::now();
                for id in ids {
                    black_box(floor.get(id).await?.ok_or("not a hit")?);
                }
                Ok(start.elapsed())
            }
        })
        .subject("cached-repo", 200, move |count| {
            let repo = repo.clone();
            async move {
                let ids = warm_ids(count);
                let start = Instant::now();
                for id in ids {
                    let row = User::find_cached(id).one(&repo).await?;
                    black_box(row.ok_or("not a hit")?);
                }
                Ok(start.elapsed())
            }
        })
        .subject("hand-written", 200, move |count| {
            let mut by_hand = by_hand.clone();
            async move {
                // Cold: each id comes up once.
                let moka = Moka::new(100_000);
                let ids = warm_ids(count);
                let start = Instant::now();
                for id in ids {
                    if let Some(row) = moka.get(&id).await {
                        black_box(row);
                        continue;
                    }
                    let row = by_hand.get(id).await?.ok_or("not a hit")?;
                    moka.insert(id, Arc::clone(&row)).await;
                    black_box(row);
                }
                Ok(start.elapsed())
            }
        }))
}

/// Rounds in which all warm rows must have been cached.
const ROUNDS: usize = 3;

/// Reads the warm rows, so that they are cached, and makes sure that they are. A fill may be refused on a machine that
/// is very busy, so rows that are missing are read again.
pub(crate) async fn fill(repo: &CachedRepo<App>) -> Result<(), Failure> {
    for _ in 0..ROUNDS {
        for id in 1..=WARM {
            User::find_cached(id).one(repo).await?;
        }
        repo.wait_idle().await;
        if all_cached(repo).await? {
            return Ok(());
        }
    }
    Err("a row that was read is not cached".into())
}

async fn all_cached(repo: &CachedRepo<App>) -> Result<bool, Failure> {
    for id in 1..=WARM {
        if User::find_cached(id)
            .cache_only()
            .one(repo)
            .await?
            .is_none()
        {
            return Ok(false);
        }
    }
    Ok(true)
}
