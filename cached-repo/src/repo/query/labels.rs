//! Where each label of a cached block stands in the program.

use crate::error::{Error, ErrorKind};
use std::collections::HashMap;
use std::panic::Location;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// Labels beyond this number are not compared any more: they are made of values.
const MAX_LABELS: usize = 4096;

/// Where each label stands in the program: two blocks under one label would answer for each other.
#[derive(Debug, Default)]
pub(in crate::repo) struct Labels(RwLock<HashMap<String, &'static Location<'static>>>);

impl Labels {
    pub(super) fn check(
        &self,
        label: &str,
        place: &'static Location<'static>,
    ) -> Result<(), Error> {
        // A hit passes here: it neither waits for others nor allocates.
        let known = self.read().get(label).copied();
        let known = known.or_else(|| self.insert(label, place));
        match known.filter(|known| *known != place) {
            Some(other) => Err(Error::new(
                ErrorKind::Query,
                "two cached blocks have the same label, so that one would answer for the other: give each its own",
            )
            .with("label", label)
            .with("here", place.to_string())
            .with("there", other.to_string())),
            None => Ok(()),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, &'static Location<'static>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the label stands from now on, or stood already; `None` if there are too many.
    fn insert(
        &self,
        label: &str,
        place: &'static Location<'static>,
    ) -> Option<&'static Location<'static>> {
        let mut labels = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match labels.get(label) {
            Some(known) => Some(known),
            None if labels.len() >= MAX_LABELS => None,
            None => {
                labels.insert(label.to_owned(), place);
                Some(place)
            }
        }
    }
}
