//! Reads by key, unique lookup and index: the typed shell.
//!
//! No future of a read names the type of the repo: one that does would have the compiler report a connection that is no repo three
//! times, for the call, its future and the `.await`. [`One`] is written by hand, so that a hit allocates nothing; the others are
//! boxed.

use super::answer::read;
use super::one::{One, Reading};
use super::read_context::{Executor, ReadContext, Serves};
use super::tag::IntoTag;
use crate::config::Lists;
use crate::engine::{Mode, Options, TtlFrom, What};
use crate::key::Key;
use crate::receipt::Receipt;
use crate::schema::{CachedEntity, KeyOf, Row, key_values, typed};
use crate::write_token::WriteToken;
use futures_util::FutureExt;
use sea_orm::Value;
use sea_orm::sea_query::IntoValueTuple;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

/// What every read can be asked beyond what it looks for.
macro_rules! options {
    () => {
        /// How long the entry may be served if this read fills it; the entity's own lifetime otherwise. "No such row" keeps
        /// its own, shorter one.
        pub fn ttl(mut self, ttl: Duration) -> Self {
            self.options_mut().ttl = Some(ttl);
            self
        }

        /// How long after its lifetime the entry is served while it is loaded anew behind the reader, instead of what the entity
        /// says.
        pub fn stale_while_revalidate(mut self, span: Duration) -> Self {
            self.options_mut().aging.stale_while_revalidate = Some(span);
            self
        }

        /// How long after its lifetime the entry is served if the database fails, instead of what the entity says. A
        /// [`receipt`](Self::receipt) tells how old the answer is.
        pub fn stale_if_error(mut self, span: Duration) -> Self {
            self.options_mut().aging.stale_if_error = Some(span);
            self
        }

        /// The share of its lifetime after which the entry is loaded anew behind the reader, from 0 (never) to 0.99, instead of
        /// what the entity says.
        pub fn refresh_ahead(mut self, share: f64) -> Self {
            self.options_mut().aging.refresh_ahead = Some(share.clamp(0.0, 0.99));
            self
        }

        /// How eagerly the entry is loaded anew at random before its lifetime ends, from 0 (never) to 10, instead of what the
        /// entity says: beta of XFetch.
        pub fn early_refresh(mut self, beta: f64) -> Self {
            self.options_mut().aging.early_refresh = Some(beta.clamp(0.0, 10.0));
            self
        }

        /// Has the receipt tell where the answer came from and how old it is.
        pub fn receipt(mut self, receipt: &Receipt) -> Self {
            self.options_mut().receipt = Some(receipt.clone());
            self
        }

        /// A tag for the entry beyond the entity's own, `tag!(Shop, "homepage")`:
        /// [`CachedRepo::invalidate_tag`](crate::CachedRepo::invalidate_tag) removes it. The schema declares it:
        /// `#[cached(tags("homepage"))]` above its name. An entry without the tag is a miss.
        pub fn tag(mut self, tag: impl IntoTag) -> Self {
            let tag = tag.into_tag();
            self.options_mut().tags.push(Key::user(tag.as_ref()));
            self
        }

        /// Reads the database and leaves the cache alone.
        pub fn bypass(mut self) -> Self {
            self.options_mut().mode = Mode::Bypass;
            self
        }

        /// Reads the database and replaces what the cache has. No load that began before the call answers it, or is stored
        /// after it.
        pub fn refresh(mut self) -> Self {
            self.options_mut().mode = Mode::Refresh;
            self
        }

        /// Reads the cache alone: what it does not have is not found.
        pub fn cache_only(mut self) -> Self {
            self.options_mut().mode = Mode::CacheOnly;
            self
        }

        /// Reads as [`Consistency::Strict`](crate::Consistency::Strict) says, whatever the entity and the repo say: a copy in
        /// this process will not do.
        pub fn strict(mut self) -> Self {
            self.options_mut().strict = true;
            self
        }

        /// Sees every write that the token covers, in whichever process it was made. A copy in this process answers for rows by their
        /// key, if they depend on no other rows; whatever else asks the store.
        pub fn at_least(mut self, token: &WriteToken) -> Self {
            self.options_mut().after = Some(*token);
            self
        }

        fn options_mut(&mut self) -> &mut Options {
            self.options.get_or_insert_default()
        }
    };
}
pub(super) use options;

/// The lifetime of what a read finds, by one row of it.
macro_rules! ttl_from_row {
    () => {
        /// The lifetime of an entry by its row: what is settled may live long, what is about to change should not. Zero stores
        /// nothing. It is asked when a row is stored, and not for "no such row".
        pub fn ttl_from(
            mut self,
            ttl: impl Fn(&E::Model) -> Duration + Send + Sync + 'static,
        ) -> Self {
            let of = move |rows: &[Row]| Some(ttl(rows.first()?.downcast_ref::<E::Model>()?));
            self.options_mut().ttl_from = Some(TtlFrom(Arc::new(of)));
            self
        }
    };
}

/// What reads of lists can be asked.
macro_rules! lists {
    () => {
        /// How the list is stored if this read fills it, whatever its entity says. An entry that is there is good in either
        /// form.
        ///
        /// As keys, a list with a lifetime or tags of its own has them alone: its rows keep those of the entity.
        pub fn lists(mut self, form: Lists) -> Self {
            self.options_mut().lists = Some(form);
            self
        }
    };
}
pub(super) use lists;

/// A read of one row by primary key: `User::find_cached(id)`.
#[must_use = "a read does nothing until `.one(&repo).await`"]
pub struct FindOne<E: CachedEntity> {
    /// As it was given: small, and for an integer known to be one when this is compiled.
    pub(super) key: KeyOf<E>,
    pub(super) options: Option<Box<Options>>,
}

/// Not the key: keys hold user data.
impl<E: CachedEntity> fmt::Debug for FindOne<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FindOne")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl<E: CachedEntity> FindOne<E> {
    #[inline]
    pub(crate) fn new(key: KeyOf<E>) -> Self {
        Self { key, options: None }
    }

    options!();
    ttl_from_row!();

    /// The row, or `None` if there is none. A hit in this process neither waits nor allocates.
    ///
    /// # Errors
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) if the row had to be loaded and could not be;
    /// [`ErrorKind::Key`](crate::ErrorKind::Key) if the key has a type that cannot be one. The store causes none.
    ///
    /// # Cancellation
    /// Dropping the future abandons nothing: a load that has begun goes on for others.
    #[inline]
    pub fn one<R: Serves<E>>(self, repo: &R) -> One<'_, E> {
        One::new(repo.read_context(), R::ENTITY, self.key, self.options)
    }
}

/// A read of many rows by primary key: `User::find_cached_many(ids)`.
#[derive(Debug)]
#[must_use = "a read does nothing until `.all(&repo).await`"]
pub struct FindMany<E> {
    pub(super) keys: Vec<Vec<Value>>,
    pub(super) options: Option<Box<Options>>,
    entity: PhantomData<fn() -> E>,
}

impl<E: CachedEntity> FindMany<E> {
    pub(crate) fn new<I>(keys: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<KeyOf<E>>,
    {
        let values = |key: I::Item| key_values(key.into().into_value_tuple());
        Self {
            keys: keys.into_iter().map(values).collect(),
            options: None,
            entity: PhantomData,
        }
    }

    options!();
    ttl_from_row!();

    /// The rows in the order of the keys, as often as asked for; `None` where there is no such row. What the cache lacks is
    /// read with as few queries as the database allows.
    ///
    /// # Errors
    /// As [`FindOne::one`].
    ///
    /// # Cancellation
    /// Dropping the future abandons the load.
    pub fn all<R: Serves<E>>(self, repo: &R) -> Reading<'_, Vec<Option<Arc<E::Model>>>> {
        let ReadContext { engine, executor } = repo.read_context();
        async move {
            let rows = match executor {
                Executor::Cache(source) => {
                    let options = self.options.map(Arc::from);
                    engine
                        .reader()
                        .get_rows(R::ENTITY, self.keys, options, source)
                        .await
                }
                Executor::Database(source) => {
                    engine
                        .reader()
                        .bypass()
                        .get_rows(R::ENTITY, self.keys, &source)
                        .await
                }
            };
            rows?
                .into_iter()
                .map(|row| row.map(typed::<E::Model>).transpose())
                .collect()
        }
        .boxed()
    }
}

/// A read of one row by unique columns: `User::find_cached_by_email(email)`.
#[derive(Debug)]
#[must_use = "a read does nothing until `.one(&repo).await`"]
pub struct FindByUnique<E> {
    pub(super) lookup: Lookup,
    pub(super) options: Option<Box<Options>>,
    entity: PhantomData<fn() -> E>,
}

/// A read of a collection by indexed columns: `Order::find_cached_by_customer_id(id)`.
#[derive(Debug)]
#[must_use = "a read does nothing until `.all(&repo).await`"]
pub struct FindByIndex<E> {
    pub(super) lookup: Lookup,
    pub(super) options: Option<Box<Options>>,
    entity: PhantomData<fn() -> E>,
}

#[derive(Debug)]
pub(super) struct Lookup {
    pub(super) number: u16,
    pub(super) values: Vec<Value>,
}

/// The lookup that is asked for, and its values.
macro_rules! lookup {
    () => {
        pub(super) fn lookup(self) -> (u16, Vec<Value>) {
            (self.lookup.number, self.lookup.values)
        }
    };
}

impl<E: CachedEntity> FindByUnique<E> {
    lookup!();

    pub(crate) fn new(number: usize, values: Vec<Value>) -> Self {
        Self {
            lookup: Lookup {
                number: number as u16,
                values,
            },
            options: None,
            entity: PhantomData,
        }
    }

    options!();
    ttl_from_row!();

    /// The row, or `None` if there is none. The cache holds which row it is, and the row under its own key.
    ///
    /// # Errors
    /// As [`FindOne::one`].
    ///
    /// # Cancellation
    /// As [`FindOne::one`].
    pub fn one<R: Serves<E>>(self, repo: &R) -> Reading<'_, Option<Arc<E::Model>>> {
        let context = repo.read_context();
        async move {
            let what = What::Unique(self.lookup.number);
            let rows = read(context, R::ENTITY, what, self.lookup.values, self.options).await?;
            rows.into_iter().next().map(typed::<E::Model>).transpose()
        }
        .boxed()
    }
}

impl<E: CachedEntity> FindByIndex<E> {
    lookup!();

    pub(crate) fn new(number: usize, values: Vec<Value>) -> Self {
        Self {
            lookup: Lookup {
                number: number as u16,
                values,
            },
            options: None,
            entity: PhantomData,
        }
    }

    options!();
    lists!();

    /// The lifetime of the entry by its rows, in their order. Zero stores nothing. It is asked when they are stored.
    pub fn ttl_from(
        mut self,
        ttl: impl Fn(&[Arc<E::Model>]) -> Duration + Send + Sync + 'static,
    ) -> Self {
        let of = move |rows: &[Row]| {
            let rows: Result<Vec<_>, _> = rows.iter().cloned().map(typed::<E::Model>).collect();
            Some(ttl(&rows.ok()?))
        };
        self.options_mut().ttl_from = Some(TtlFrom(Arc::new(of)));
        self
    }

    /// All rows with these values, in the order of their primary keys.
    ///
    /// # Errors
    /// As [`FindOne::one`].
    ///
    /// # Cancellation
    /// As [`FindOne::one`].
    pub fn all<R: Serves<E>>(self, repo: &R) -> Reading<'_, Vec<Arc<E::Model>>> {
        let context = repo.read_context();
        async move {
            let what = What::Index(self.lookup.number);
            let rows = read(context, R::ENTITY, what, self.lookup.values, self.options).await?;
            rows.into_iter().map(typed::<E::Model>).collect()
        }
        .boxed()
    }
}
