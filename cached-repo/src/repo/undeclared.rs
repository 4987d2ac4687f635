//! Lookups that an entity does not declare, though it looks as if it did.

use super::FindByUnique;
use crate::schema::CachedEntity;

/// The argument of `find_cached_by_..` for a column that the database holds unique, and that has no lookup. No type is one, so that
/// the call is reported, with the attribute that is missing.
#[diagnostic::on_unimplemented(
    message = "`{E}` has no cached lookup by this column: it is `#[sea_orm(unique)]`, and not `#[cached(unique)]`",
    label = "no lookup by this column",
    note = "add `#[cached(unique)]` beside `#[sea_orm(unique)]`; `#[cached(unique = \"name\")]` on each of several columns that are \
            unique together"
)]
pub trait UndeclaredLookup<E: CachedEntity> {
    /// The read that there is not.
    fn find(self) -> FindByUnique<E>;
}
