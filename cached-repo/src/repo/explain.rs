//! What writes would invalidate, without writing.

use super::CachedRepo;
use crate::graph::WriteExplanation;
use crate::schema::{CacheSchema, InSchema};

impl<S: CacheSchema> CachedRepo<S> {
    /// What an update of these columns of a row would invalidate, and why. Neither the database nor the store is asked.
    ///
    /// ```text
    /// println!("{}", repo.explain_write::<user::Entity>([user::Column::Name]));
    /// ```
    #[must_use]
    pub fn explain_write<E: InSchema<S>>(
        &self,
        columns: impl IntoIterator<Item = E::Column>,
    ) -> WriteExplanation {
        WriteExplanation::of_update::<S, E>(columns)
    }

    /// What an insert of a row would invalidate, and why: see [`explain_write`](Self::explain_write).
    #[must_use]
    pub fn explain_insert<E: InSchema<S>>(&self) -> WriteExplanation {
        WriteExplanation::of_insert::<S, E>()
    }

    /// What a delete of a row would invalidate, and why: see [`explain_write`](Self::explain_write).
    #[must_use]
    pub fn explain_delete<E: InSchema<S>>(&self) -> WriteExplanation {
        WriteExplanation::of_delete::<S, E>()
    }
}
