//! Cached queries as parts of a batch.

use super::ask::{Found, unanswered};
use super::pages::{Paged, page_question, pages, statement};
use super::rows::stored;
use super::shape::{Answers, First, Shape};
use super::{Cached, Prepared, Totals};
use crate::error::Error;
use crate::repo::batch::{Answered, Batch, Part, Plan};
use crate::repo::read_context::{Reads, Serves};
use crate::schema::CachedEntity;
use sea_orm::{QuerySelect, Select};
use std::sync::Arc;

macro_rules! parts {
    ($($(#[$about:meta])* $name:ident { $($field:ident: $type:ty),* })*) => {$(
        $(#[$about])*
        #[must_use = "a part of a batch does nothing until `repo.batch(..).await`"]
        #[derive(Debug)]
        pub struct $name<Q> {
            pub(super) query: Cached<Q>,
            $(pub(super) $field: $type,)*
        }
    )*};
}

parts! {
    /// The first of what a query finds, in a [batch](crate::CachedRepo::batch).
    FirstOf {}
    /// How many rows a query finds, in a [batch](crate::CachedRepo::batch).
    CountOf {}
    /// Whether a query finds anything, in a [batch](crate::CachedRepo::batch).
    AnyOf {}
    /// A page of a query, in a [batch](crate::CachedRepo::batch).
    PageAt { page: u64, size: u64 }
}

macro_rules! one_part {
    ($output:ty) => {
        type Output = $output;
        type Parts = Part<$output>;

        fn finish(part: Self::Parts, answers: &mut Answered) -> Result<Self::Output, Error> {
            part.finish(answers)
        }
    };
}

impl<R: Reads + Serves<E>, E: CachedEntity> Batch<R> for Cached<Select<E>> {
    one_part!(Vec<Arc<E::Model>>);

    fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error> {
        let stored = stored::<E>(plan.context, R::ENTITY, &self.query, self.options);
        plan.query(stored, Found::all::<E::Model>)
    }
}

impl<R: Reads + Serves<E>, E: CachedEntity> Batch<R> for FirstOf<Select<E>> {
    one_part!(Option<Arc<E::Model>>);

    fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error> {
        let Cached { query, options } = self.query;
        let stored = stored::<E>(plan.context, R::ENTITY, &query.limit(1), options);
        plan.query(stored, |found| {
            Ok(found.all::<E::Model>()?.into_iter().next())
        })
    }
}

impl<R: Reads + Answers<Q>, Q: Shape> Batch<R> for Cached<Q> {
    one_part!(Arc<Vec<Q::Item>>);

    fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error> {
        let question = self.question::<R>(plan.context)?;
        plan.query(question.stored::<Vec<Q::Item>>(), |found| {
            Ok(found.one()?.unwrap_or_default())
        })
    }
}

impl<R: Reads + Answers<Q>, Q: First> Batch<R> for FirstOf<Q> {
    one_part!(Option<Arc<Q::Item>>);

    fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error> {
        let question = self.query.first_question::<R>(plan.context)?;
        plan.query(question.stored::<Q::Item>(), Found::one)
    }
}

impl<R: Reads + Answers<Q>, Q: Totals> Batch<R> for CountOf<Q> {
    one_part!(u64);

    fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error> {
        let question = self.query.count_question::<R>(plan.context)?;
        plan.query(question.stored::<u64>(), |found| {
            Ok(*found.one()?.ok_or_else(unanswered)?)
        })
    }
}

impl<R: Reads + Answers<Q>, Q: Totals> Batch<R> for AnyOf<Q> {
    one_part!(bool);

    fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error> {
        let question = self.query.exists_question::<R>(plan.context)?;
        plan.query(question.stored::<bool>(), |found| {
            Ok(*found.one()?.ok_or_else(unanswered)?)
        })
    }
}

impl<R: Reads + Answers<Q>, Q: Paged> Batch<R> for PageAt<Q> {
    one_part!(Arc<Vec<Q::Item>>);

    fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error> {
        let Cached { query, options } = self.query;
        let pages = pages(query, plan.context, self.size);
        let statement = statement::<Q>(&pages, self.size, self.page)?;
        let question = page_question::<Q>(R::ENTITY, statement, options);
        plan.query(question.stored::<Vec<Q::Item>>(), |found| {
            Ok(found.one()?.unwrap_or_default())
        })
    }
}

impl<R: Reads, T: Send> Batch<R> for &Prepared<'_, T> {
    one_part!(T);

    fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error> {
        Prepared::plan(self, plan)
    }
}
