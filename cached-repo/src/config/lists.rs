//! How lists are stored.

/// What the cache holds of a list: a collection, or a cached query for rows of one entity.
///
/// Either way a read gives the same rows in the same order, and the same writes end the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lists {
    /// The rows themselves: one look answers a read.
    Whole,
    /// The primary keys; the rows lie under their own keys, once for all lists and for reads by key.
    ///
    /// A list is stored whole all the same if its rows cannot be found again by their keys: its text keys are compared loosely
    /// (MySQL, MariaDB), its query selects something else than the columns of the entity, or it is longer than
    /// [`Config::chunk`](crate::Config::chunk).
    Keys,
}
