//! A hundred single reads that begin at the same time: each for itself, and gathered.

use super::miss::Ids;
use crate::Failure;
use crate::gathered::{Entity as GatheredUser, Gathered};
use crate::harness::{Measure, Stopwatch};
use crate::user::Entity as User;
use crate::world::{App, World};
use cached_repo::CachedRepo;
use futures_util::future::join_all;
use std::hint::black_box;

/// Reads at the same time.
const READS: usize = 100;

/// Misses with the store in this process, where the database alone can be spared.
pub(crate) async fn misses_in_process(world: &World) -> Result<Measure<'static>, Failure> {
    let (alone, gathered) = (world.local_repo().await?, world.local_repo_of().await?);
    Ok(misses("misses_100_in_process", alone, gathered))
}

/// Misses over Redis.
pub(crate) async fn misses_in_store(world: &World) -> Result<Measure<'static>, Failure> {
    let alone = world.shared_repo("together").await?;
    let gathered = world.shared_repo_of("together-gathered").await?;
    Ok(misses("misses_100_store", alone, gathered))
}

fn misses(
    name: &'static str,
    alone: CachedRepo<App>,
    gathered: CachedRepo<Gathered>,
) -> Measure<'static> {
    let (alone_ids, gathered_ids) = (Ids::new(), Ids::new());
    Measure::new(name)
        .subject("each for itself", 1, move |_| {
            let (repo, ids) = (alone.clone(), alone_ids.take(READS));
            async move {
                let mut watch = Stopwatch::default();
                let reads = join_all(ids.map(|id| User::find_cached(id).one(&repo)));
                for row in watch.time(reads).await {
                    black_box(row?.ok_or("no such row")?);
                }
                repo.wait_idle().await;
                Ok(watch.total())
            }
        })
        .subject("#[cached(batch)]", 1, move |_| {
            let (repo, ids) = (gathered.clone(), gathered_ids.take(READS));
            async move {
                let mut watch = Stopwatch::default();
                let reads = join_all(ids.map(|id| GatheredUser::find_cached(id).one(&repo)));
                for row in watch.time(reads).await {
                    black_box(row?.ok_or("no such row")?);
                }
                repo.wait_idle().await;
                Ok(watch.total())
            }
        })
}

/// One miss without company: what gathering costs it.
pub(crate) async fn lonely(world: &World) -> Result<Measure<'static>, Failure> {
    let alone = world.shared_repo("lonely").await?;
    let gathered: CachedRepo<Gathered> = world.shared_repo_of("lonely-gathered").await?;
    let (alone_ids, gathered_ids) = (Ids::new(), Ids::new());
    Ok(Measure::new("miss_without_company")
        .subject("for itself", 20, move |count| {
            let (repo, ids) = (alone.clone(), alone_ids.take(count));
            async move {
                let mut watch = Stopwatch::default();
                for id in ids {
                    black_box(watch.time(User::find_cached(id).one(&repo)).await?);
                    repo.wait_idle().await;
                }
                Ok(watch.total())
            }
        })
        .subject("#[cached(batch)]", 20, move |count| {
            let (repo, ids) = (gathered.clone(), gathered_ids.take(count));
            async move {
                let mut watch = Stopwatch::default();
                for id in ids {
                    black_box(watch.time(GatheredUser::find_cached(id).one(&repo)).await?);
                    repo.wait_idle().await;
                }
                Ok(watch.total())
            }
        }))
}
