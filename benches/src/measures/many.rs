//! Fifty rows that are cached, in one call.

use super::by_hand::ByHand;
use super::row_hit::fill;
use crate::Failure;
use crate::harness::Measure;
use crate::user::{Entity as User, Model, sample};
use crate::world::{WARM, World, warm_ids};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

/// Rows in one call.
const MANY: usize = 50;

/// In Redis: the floor is one MGET and the decoding of what it brings.
pub(crate) async fn in_store(world: &World) -> Result<Measure<'static>, Failure> {
    let floor = ByHand::new(world, "many").warm().await?;
    let by_hand = floor.clone();
    let repo = world.shared_repo("many-repo").await?;
    fill(&repo).await?;
    Ok(Measure::new("many_50_warm")
        .subject("MGET + decode", 40, move |count| {
            let mut floor = floor.clone();
            async move {
                let ids = warm_ids(count * MANY);
                let start = Instant::now();
                for ids in ids.chunks(MANY) {
                    black_box(floor.mget(ids).await?);
                }
                Ok(start.elapsed())
            }
        })
        .subject("cached-repo", 40, move |count| {
            let repo = repo.clone();
            async move {
                let ids = warm_ids(count * MANY);
                let start = Instant::now();
                for ids in ids.chunks(MANY) {
                    let ids = ids.iter().copied();
                    black_box(User::find_cached_many(ids).all(&repo).await?);
                }
                Ok(start.elapsed())
            }
        })
        .subject("hand-written", 40, move |count| {
            let mut by_hand = by_hand.clone();
            async move {
                let ids = warm_ids(count * MANY);
                let start = Instant::now();
                for ids in ids.chunks(MANY) {
                    black_box(by_hand.pipelined(ids).await?);
                }
                Ok(start.elapsed())
            }
        }))
}

/// In this process: the floor is a loop over the library that the cache in this process is built on.
pub(crate) async fn in_process(world: &World) -> Result<Measure<'static>, Failure> {
    let quick = Arc::new(quick_cache::sync::Cache::new(100_000));
    for id in 1..=WARM {
        quick.insert(id, Arc::new(sample(id)));
    }
    let repo = world.local_repo().await?;
    fill(&repo).await?;
    Ok(Measure::new("many_50_warm_in_process")
        .subject("quick_cache", 400, move |count| {
            let quick = Arc::clone(&quick);
            async move {
                let ids = warm_ids(count * MANY);
                let start = Instant::now();
                for ids in ids.chunks(MANY) {
                    let rows: Vec<Option<Arc<Model>>> =
                        ids.iter().map(|id| quick.get(id)).collect();
                    black_box(rows);
                }
                Ok(start.elapsed())
            }
        })
        .subject("cached-repo", 400, move |count| {
            let repo = repo.clone();
            async move {
                let ids = warm_ids(count * MANY);
                let start = Instant::now();
                for ids in ids.chunks(MANY) {
                    let ids = ids.iter().copied();
                    black_box(User::find_cached_many(ids).all(&repo).await?);
                }
                Ok(start.elapsed())
            }
        }))
}
