//! Queries: what they depend on.

use super::Engine;
use super::depend::{push, varying};
use super::digest::TextDigest;
use super::text_cache::Lookup;
use super::views::Known;
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::port::Source;
use crate::sql::{Nature, Pinned, Reads, mean_the_present, reads};
use sea_orm::Statement;
use std::sync::Arc;
use std::time::Duration;

/// How often the catalog is looked at for one query: each time for schemas that views named which the look before had found.
const MAX_LOOKS: usize = 4;

/// What is known of a query that is to be cached.
#[derive(Clone, Debug)]
pub(crate) struct Basis {
    /// The entity whose entry it is: that of its rows, or the first that it reads.
    pub(crate) entity: u16,
    /// Tags of all tables that it reads as a whole, those of its rows' entity first.
    tags: Arc<[Key]>,
    /// Entities whose tags are missing there, since the values of the query say which of their rows it reads.
    pinned: Arc<[(u16, Pinned)]>,
    /// Whether it selects rows of its entity as they are.
    pub(crate) plain: bool,
    /// Whether it locks rows: then the database must be asked.
    pub(crate) locks: bool,
    /// Stands for its text in keys.
    pub(crate) text: TextDigest,
    /// Why it needs a lifetime of its own, if it does.
    fleeting: Option<Error>,
    /// Whether it may read a text that is bound to it as a moment.
    moments: bool,
    /// Of the definitions of views by which all of this was found.
    pub(crate) generation: u64,
}

/// Why a query has no basis.
#[derive(Clone, Debug)]
pub(crate) enum Unsure {
    /// It cannot be cached.
    No(Error),
    /// The catalog must be read: views are not known, or the query cannot be cached by those that are.
    Look(Option<Error>),
}

impl From<Error> for Unsure {
    fn from(error: Error) -> Self {
        Self::No(error)
    }
}

impl Engine {
    /// What a query depends on, all of its statements together. [`tags`](Self::tags) tells of which rows, for one statement: a hit
    /// does not ask that.
    ///
    /// # Errors
    /// As [`basis`](Self::basis).
    pub(crate) fn basis_of_all(
        &self,
        entity: Option<u16>,
        statements: &[Statement],
        ttl: Option<Duration>,
    ) -> Result<Arc<Basis>, Unsure> {
        if self.is_passthrough() {
            return Ok(Arc::new(self.no_basis(entity.unwrap_or_default())));
        }
        self.united(statements, |former, sql| {
            self.basis(former.or(entity), sql, ttl)
        })
    }

    /// Of a query that is not cached.
    fn no_basis(&self, entity: u16) -> Basis {
        Basis {
            entity,
            tags: Arc::default(),
            pinned: Arc::default(),
            plain: false,
            locks: false,
            text: TextDigest::of(self.backend, ""),
            fleeting: None,
            moments: false,
            generation: self.generation(),
        }
    }

    /// The same after a look at the catalog. Inside a transaction what it shows is for the transaction alone.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] if the query cannot be cached; [`ErrorKind::Database`] if the catalog cannot be read.
    pub(crate) async fn basis_anew(
        &self,
        entity: Option<u16>,
        statements: &[Statement],
        ttl: Option<Duration>,
        source: &dyn Source,
        shared: bool,
    ) -> Result<Arc<Basis>, Error> {
        let mut schemas = Vec::new();
        let mut known = None;
        for _ in 0..MAX_LOOKS {
            let read = self.look_up(known.take(), &schemas, source, shared).await?;
            let mut named = Vec::new();
            for statement in statements {
                let reads = self.reads(&statement.sql);
                named.extend(reads.map(|reads| self.schemas_named(&reads, &read.views)));
            }
            schemas = named.concat();
            known = Some(read);
            if schemas.is_empty() {
                break;
            }
        }
        let Some(known) = known else {
            return Err(untold());
        };
        self.united(statements, |former, sql| {
            let found = self
                .find_basis(former.or(entity), sql, &known, true)
                .map(Arc::new);
            if shared {
                let lookup = Lookup::new(self.backend, former.or(entity), sql);
                self.bases.insert(lookup, known.generation, found.clone());
            }
            lasting(found?, ttl)
        })
    }

    async fn look_up(
        &self,
        before: Option<Known>,
        schemas: &[String],
        source: &dyn Source,
        shared: bool,
    ) -> Result<Known, Error> {
        if shared {
            return self.read_views(source, schemas).await;
        }
        let generation = before.map_or_else(|| self.generation(), |known| known.generation);
        let views = Arc::new(self.views_of(source, schemas).await?);
        Ok(Known { generation, views })
    }

    fn united<E: From<Error>>(
        &self,
        statements: &[Statement],
        basis: impl Fn(Option<u16>, &str) -> Result<Arc<Basis>, E>,
    ) -> Result<Arc<Basis>, E> {
        let [first, rest @ ..] = statements else {
            return Err(untold().into());
        };
        let first_basis = basis(None, &first.sql)?;
        if rest.is_empty() {
            return Ok(first_basis);
        }
        let mut all = Basis::clone(&first_basis);
        let mut tags = self.tags(&all, first).to_vec();
        for statement in rest {
            let basis = basis(Some(all.entity), &statement.sql)?;
            all.locks |= basis.locks;
            all.moments |= basis.moments;
            all.text = all.text.and(basis.text);
            let further = self.tags(&basis, statement);
            further.iter().for_each(|tag| push(&mut tags, tag.clone()));
        }
        (all.tags, all.pinned) = (tags.into(), Arc::default());
        Ok(Arc::new(all))
    }

    /// Tags of all that the statement reads, whose basis this is.
    pub(crate) fn tags(&self, basis: &Basis, statement: &Statement) -> Arc<[Key]> {
        if basis.pinned.is_empty() {
            return Arc::clone(&basis.tags);
        }
        let values = statement
            .values
            .as_ref()
            .map_or(&[][..], |values| &values.0);
        let mut tags = basis.tags.to_vec();
        for (entity, pinned) in &*basis.pinned {
            let narrowed = self.narrowed(*entity, pinned, values);
            for tag in narrowed.unwrap_or_else(|| vec![Key::rows(*entity)]) {
                push(&mut tags, tag);
            }
        }
        tags.into()
    }

    /// Whether a query with these values must be asked each time, since one of them means the present.
    pub(crate) fn is_of_the_present(
        &self,
        basis: &Basis,
        statements: &[Statement],
        ttl: Option<Duration>,
    ) -> bool {
        let mut values = statements.iter().filter_map(|it| it.values.as_ref());
        basis.moments
            && ttl.is_none()
            && values.any(|values| mean_the_present(self.backend, &values.0))
    }

    /// What a text depends on whose rows are of this entity, if they are of one. A new text is parsed, which
    /// takes some tenths of a millisecond.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] if that cannot be told, if it reads a table that no entity maps, or none at all, or if it answers
    /// differently each time and has no lifetime of its own.
    fn basis(
        &self,
        entity: Option<u16>,
        sql: &str,
        ttl: Option<Duration>,
    ) -> Result<Arc<Basis>, Unsure> {
        let generation = self.generation();
        let lookup = Lookup::new(self.backend, entity, sql);
        if let Some(found) = self.bases.get(lookup, generation) {
            return Ok(lasting(found?, ttl)?);
        }
        let Some(known) = self.views.present() else {
            return Err(Unsure::Look(None));
        };
        let found = self.find_basis(entity, sql, &known, false).map(Arc::new);
        if let Err(error) = &found
            && self.reads(sql).is_some()
        {
            // The last word has whoever has looked at the catalog.
            return Err(Unsure::Look(Some(error.clone())));
        }
        self.bases.insert(lookup, known.generation, found.clone());
        Ok(lasting(found?, ttl)?)
    }

    /// What the text reads, if it does nothing else: what writes must be invalidated, and does not pass here.
    fn reads(&self, sql: &str) -> Option<Reads> {
        let is_read = self.is_read(sql);
        is_read.then(|| reads(self.backend, sql)).flatten()
    }

    /// `last` says that nobody will look at the catalog for the sake of a function that is not known.
    fn find_basis(
        &self,
        entity: Option<u16>,
        sql: &str,
        known: &Known,
        last: bool,
    ) -> Result<Basis, Error> {
        let reads = self.reads(sql).ok_or_else(untold)?;
        if !self.schemas_named(&reads, &known.views).is_empty() {
            return Err(untold());
        }
        let entity = match entity.or_else(|| self.first_read(&reads, &known.views)) {
            Some(entity) => entity,
            None => {
                return Err(self
                    .no_entity(&reads, &known.views)
                    .unwrap_or_else(tableless));
            }
        };
        let mut basis = Basis {
            entity,
            tags: Arc::default(),
            pinned: Arc::default(),
            plain: self.is_plain(entity, sql),
            locks: reads.locks,
            text: TextDigest::of(self.backend, sql),
            fleeting: None,
            moments: reads.moments,
            generation: known.generation,
        };
        if !reads.locks {
            let found = self.depend(entity, &reads, &known.views)?;
            (basis.tags, basis.pinned) = (found.tags.into(), found.pinned.into());
            basis.fleeting = match known.views.varying(&reads.behavior) {
                Some(it) if it.nature == Nature::Acts || it.nature == Nature::Unknown && !last => {
                    return Err(varying(it));
                }
                Some(it) => Some(varying(it)),
                None => found.fleeting,
            };
        }
        Ok(basis)
    }

    /// Whether the text selects the columns of the entity from its table, row by row: what stands behind that decides only which
    /// rows, and in which order. Set operations may bring others, and groups make rows of several.
    fn is_plain(&self, entity: u16, sql: &str) -> bool {
        let Some(rest) = sql.strip_prefix(&*self.facts(entity).plain) else {
            return false;
        };
        let upper = rest.to_ascii_uppercase();
        let mixes = |word: &&str| upper.contains(*word);
        rest.is_empty()
            || (rest.starts_with(' ')
                && !["UNION", "INTERSECT", "EXCEPT", "GROUP BY"]
                    .iter()
                    .any(mixes))
    }
}

/// The basis, unless the query needs a lifetime of its own and has none.
fn lasting(basis: Arc<Basis>, ttl: Option<Duration>) -> Result<Arc<Basis>, Error> {
    match &basis.fleeting {
        Some(error) if ttl.is_none() => Err(error.clone()),
        _ => Ok(basis),
    }
}

fn tableless() -> Error {
    Error::new(
        ErrorKind::Query,
        "the query reads no table, so that no write would ever end it: read it without `.cached()`",
    )
}

fn untold() -> Error {
    Error::new(
        ErrorKind::Query,
        "it cannot be told which tables the query reads, so that nobody would know when it changes: read it without `.cached()`, or \
         write it in one plain SELECT",
    )
}
