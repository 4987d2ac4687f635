//! One subject of one measure, run so that a tool can count its instructions.

use crate::Failure;
use crate::harness::{Batch, Measure};
use crate::measures::{many, row_hit};
use crate::world::{WARM, World};
use std::hint::black_box;
use std::time::Duration;
use tokio::runtime::Runtime;

const USAGE: &str = "usage: benches count MEASURE SUBJECT OPERATIONS";

/// Operations before the counted ones: buffers have grown, and what is initialized at first use is initialized.
const WARM_UP: usize = 50;

/// Prepares a subject, then carries out its operations in [`counted`].
pub(crate) fn run(runtime: &Runtime, arguments: &[String]) -> Result<(), Failure> {
    let [measure, subject, operations] = arguments else {
        return Err(USAGE.into());
    };
    let operations = operations.parse()?;
    let mut batch = runtime.block_on(prepare(measure, subject))?;
    runtime.block_on(batch(WARM_UP))?;
    black_box(counted(runtime, &mut batch, operations)?);
    Ok(())
}

async fn prepare(measure: &str, subject: &str) -> Result<Batch<'static>, Failure> {
    let world = World::of(WARM).await?;
    named(&world, measure)
        .await?
        .into_batch(subject)
        .ok_or_else(|| format!("measure `{measure}` has no subject `{subject}`").into())
}

async fn named(world: &World, name: &str) -> Result<Measure<'static>, Failure> {
    match name {
        "row_hit_in_process" => row_hit::in_process(world).await,
        "row_hit_store" => row_hit::in_store(world).await,
        "many_50_warm" => many::in_store(world).await,
        "many_50_warm_in_process" => many::in_process(world).await,
        _ => Err(format!("no measure `{name}` is counted").into()),
    }
}

/// The instructions of this function are the count. The tool finds it by its name, so it is neither renamed nor inlined.
#[inline(never)]
fn counted(
    runtime: &Runtime,
    batch: &mut Batch<'static>,
    operations: usize,
) -> Result<Duration, Failure> {
    let took = runtime.block_on(batch(operations));
    black_box(took)
}
