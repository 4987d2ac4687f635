//! One row that is not cached yet.

use super::by_hand::ByHand;
use crate::Failure;
use crate::harness::{Measure, Stopwatch};
use crate::user::Entity as User;
use crate::world::{ROWS, World};
use sea_orm::EntityTrait;
use std::cell::Cell;
use std::hint::black_box;
use std::ops::RangeInclusive;
use std::rc::Rc;

/// Reads in one batch.
const BATCH: usize = 50;

/// Over Redis: the floor is GET, SELECT, SET, which may leave an old value behind when somebody writes meanwhile.
pub(crate) async fn miss(world: &World) -> Result<Measure<'static>, Failure> {
    let floor = ByHand::new(world, "miss");
    let database = world.database.clone();
    let answered = world.shared_repo("miss-answered").await?;
    let filled = world.shared_repo("miss-filled").await?;
    let (floor_ids, answered_ids, filled_ids) = (Ids::new(), Ids::new(), Ids::new());
    Ok(Measure::new("miss")
        .subject("GET, SELECT, SET", BATCH, move |count| {
            let (mut floor, ids) = (floor.clone(), floor_ids.take(count));
            async move {
                let mut watch = Stopwatch::default();
                for id in ids {
                    black_box(watch.time(floor.get_or_load(id)).await?);
                }
                Ok(watch.total())
            }
        })
        // The caller has its answer; the fill goes on.
        .subject("cached-repo", BATCH, move |count| {
            let (repo, ids) = (answered.clone(), answered_ids.take(count));
            async move {
                let mut watch = Stopwatch::default();
                for id in ids {
                    black_box(watch.time(User::find_cached(id).one(&repo)).await?);
                    repo.wait_idle().await;
                }
                Ok(watch.total())
            }
        })
        .subject("cached-repo incl. fill", BATCH, move |count| {
            let (repo, ids) = (filled.clone(), filled_ids.take(count));
            async move {
                let mut watch = Stopwatch::default();
                for id in ids {
                    let filled = async {
                        let row = User::find_cached(id).one(&repo).await;
                        repo.wait_idle().await;
                        row
                    };
                    black_box(watch.time(filled).await?);
                }
                Ok(watch.total())
            }
        })
        .subject("seaorm", BATCH, move |count| {
            let database = database.clone();
            async move {
                let mut watch = Stopwatch::default();
                for id in (1..=ROWS).take(count) {
                    black_box(watch.time(User::find_by_id(id).one(&database)).await?);
                }
                Ok(watch.total())
            }
        }))
}

/// Ids that were not read before; when all rows are used up, rows that do not exist would be next, which is another question.
#[derive(Clone)]
pub(crate) struct Ids(Rc<Cell<i64>>);

impl Ids {
    pub(crate) fn new() -> Self {
        Self(Rc::new(Cell::new(1)))
    }

    pub(crate) fn take(&self, count: usize) -> RangeInclusive<i64> {
        let first = self.0.get();
        let last = first + count as i64 - 1;
        assert!(last <= ROWS, "fewer rounds, or more rows");
        self.0.set(last + 1);
        first..=last
    }
}
