//! What each level of consistency costs: a hit, and a write.

use super::by_hand::ByHand;
use super::row_hit::fill;
use crate::Failure;
use crate::harness::Measure;
use crate::user::{Column, Entity as User};
use crate::world::{App, WARM, World, warm_ids};
use cached_repo::{CachedRepo, Consistency};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// One row that is cached: the floor is the store in the process.
pub(crate) async fn hit(world: &World) -> Result<Measure<'static>, Failure> {
    let local = world.local_repo().await?;
    fill(&local).await?;
    let bounded = world.repo_at(Consistency::Bounded, "level-bounded").await?;
    fill(&bounded).await?;
    copy(&bounded).await?;
    let strict = world.repo_at(Consistency::Strict, "level-strict").await?;
    fill(&strict).await?;
    let read = |repo: CachedRepo<App>| {
        move |count: usize| {
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
        }
    };
    Ok(Measure::new("hit_by_level")
        .subject("in-process", 20_000, read(local))
        .subject("bounded", 20_000, read(bounded))
        .subject("strict", 200, read(strict)))
}

/// Reads the warm rows until all of them are answered by copies.
async fn copy(repo: &CachedRepo<App>) -> Result<(), Failure> {
    let begin = Instant::now();
    loop {
        let copied = || -> u64 {
            let stats = repo.stats();
            stats.entities.iter().map(|entity| entity.memory_hits).sum()
        };
        let before = copied();
        for id in 1..=WARM {
            User::find_cached(id).one(repo).await?;
        }
        if copied() - before == WARM as u64 {
            return Ok(());
        }
        if begin.elapsed() > Duration::from_secs(30) {
            return Err("no copies are made: does the server allow SUBSCRIBE?".into());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// One UPDATE of one row: the floor is SeaORM without a cache.
pub(crate) async fn write(world: &World) -> Result<Measure<'static>, Failure> {
    let local = world.local_repo().await?;
    let bounded = world.repo_at(Consistency::Bounded, "write-bounded").await?;
    let strict = world.repo_at(Consistency::Strict, "write-strict").await?;
    let (database, by_hand) = (world.database.clone(), ByHand::new(world, "write"));
    let through = |repo: CachedRepo<App>| {
        move |count: usize| {
            let repo = repo.clone();
            async move {
                let start = Instant::now();
                for id in warm_ids(count) {
                    update(&repo, id).await?;
                }
                Ok(start.elapsed())
            }
        }
    };
    Ok(Measure::new("write_by_level")
        .subject("seaorm", 100, move |count| {
            let database = database.clone();
            async move {
                let start = Instant::now();
                for id in warm_ids(count) {
                    update(&database, id).await?;
                }
                Ok(start.elapsed())
            }
        })
        .subject("in-process", 100, through(local))
        .subject("strict", 100, through(strict))
        .subject("bounded", 100, through(bounded))
        .subject("hand-written", 100, move |count| {
            let mut by_hand = by_hand.clone();
            async move {
                let start = Instant::now();
                for id in warm_ids(count) {
                    update(by_hand.database(), id).await?;
                    by_hand.delete(id).await?;
                }
                Ok(start.elapsed())
            }
        }))
}

async fn update(connection: &impl ConnectionTrait, id: i64) -> Result<(), Failure> {
    User::update_many()
        .col_expr(Column::Phone, Expr::value(format!("+44 20 {id:08}")))
        .filter(Column::Id.eq(id))
        .exec(connection)
        .await?;
    Ok(())
}
