//! A query that is cached in this process, beside the row that it finds.

use crate::Failure;
use crate::harness::Measure;
use crate::user::{Column, Entity as User};
use crate::world::{World, warm_ids};
use cached_repo::CachedQuery;
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, QueryTrait, Select};
use std::hint::black_box;
use std::time::Instant;

fn query(id: i64) -> Select<User> {
    User::find().filter(Column::Id.eq(id))
}

/// The floor is a hit of the row by its key; building the SQL and no more is a subject, too.
pub(crate) async fn in_process(world: &World) -> Result<Measure<'static>, Failure> {
    let repo = world.local_repo().await?;
    super::row_hit::fill(&repo).await?;
    for id in warm_ids(1000) {
        query(id).cached().all(&repo).await?;
    }
    let (rows, queries) = (repo.clone(), repo.clone());
    Ok(Measure::new("query_hit_in_process")
        .subject("row", 20_000, move |count| {
            let repo = rows.clone();
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
        .subject("SQL", 2_000, move |count| async move {
            let ids = warm_ids(count);
            let start = Instant::now();
            for id in ids {
                black_box(query(black_box(id)).build(DbBackend::Sqlite));
            }
            Ok(start.elapsed())
        })
        .subject("query", 2_000, move |count| {
            let repo = queries.clone();
            async move {
                let ids = warm_ids(count);
                let start = Instant::now();
                for id in ids {
                    black_box(query(black_box(id)).cached().all(&repo).await?);
                }
                Ok(start.elapsed())
            }
        })
        .subject("prepared", 20_000, move |count| {
            let repo = repo.clone();
            async move {
                let prepared = query(7).cached().prepare(&repo)?;
                let start = Instant::now();
                for _ in 0..count {
                    black_box(black_box(&prepared).all().await?);
                }
                Ok(start.elapsed())
            }
        }))
}
