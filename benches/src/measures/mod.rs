//! What is measured.

mod by_hand;
mod eviction;
mod invalidation;
mod levels;
mod lists;
pub(crate) mod many;
mod miss;
mod query_hit;
pub(crate) mod row_hit;
mod together;

use crate::harness::Outcome;
use crate::world::World;
use crate::{Failure, Options};

/// Carries out all measures that the options ask for.
pub(crate) async fn all(options: &Options) -> Result<Vec<Outcome>, Failure> {
    let world = World::new().await?;
    let mut outcomes = Vec::new();
    for measure in [
        row_hit::in_process(&world).await?,
        row_hit::in_store(&world).await?,
        miss::miss(&world).await?,
        many::in_store(&world).await?,
        many::in_process(&world).await?,
        query_hit::in_process(&world).await?,
        levels::hit(&world).await?,
        levels::write(&world).await?,
        together::misses_in_process(&world).await?,
        together::misses_in_store(&world).await?,
        together::lonely(&world).await?,
    ] {
        if measure.name().contains(&options.only) {
            outcomes.push(measure.run(options).await?);
        }
    }
    if eviction::NAME.contains(&options.only) {
        outcomes.extend(eviction::all(&world).await?);
    }
    if lists::NAME.contains(&options.only) {
        outcomes.extend(lists::all(&world).await?);
    }
    if invalidation::NAME.contains(&options.only) {
        outcomes.extend(invalidation::all(&world).await?);
    }
    Ok(outcomes)
}
