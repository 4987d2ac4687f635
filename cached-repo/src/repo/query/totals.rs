//! How many rows a query finds, and whether it finds any.

use super::ask::{Question, certain};
use super::capture::{asked, capture};
use super::form::{Plain, form};
use super::{Answers, Cached, Make};
use crate::error::Error;
use crate::repo::read_context::{ReadContext, Serves};
use crate::schema::CachedEntity;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{
    DbBackend, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryResult, Select, SelectExt,
    SelectFive, SelectFour, SelectSix, SelectThree, SelectTwo, Selector, SelectorRaw,
    SelectorTrait, Statement, Topology,
};

/// A query whose rows can be counted.
pub trait Totals: Sized {
    #[doc(hidden)]
    fn count_statement(self, backend: DbBackend) -> Result<Statement, DbErr>;

    #[doc(hidden)]
    fn exists_statement(self, backend: DbBackend) -> Result<Statement, DbErr>;
}

macro_rules! totals {
    ($($select:ident<$($entity:ident),* $(; $top:ident)?>;)*) => {$(
        impl<$($entity: EntityTrait<Model: FromQueryResult + Send + Sync>,)* $($top: Topology)?> Totals
            for $select<$($entity,)* $($top)?>
        where
            Self: Send,
        {
            totals!(@body);
        }
    )*};
    (@body) => {
        fn count_statement(self, backend: DbBackend) -> Result<Statement, DbErr> {
            asked(self.count(capture(backend)))
        }

        fn exists_statement(self, backend: DbBackend) -> Result<Statement, DbErr> {
            asked(self.exists(capture(backend)))
        }
    };
}

totals! {
    Select<A>;
    SelectTwo<A, B>;
    SelectThree<A, B, C; T>;
    SelectFour<A, B, C, D; T>;
    SelectFive<A, B, C, D, E; T>;
    SelectSix<A, B, C, D, E, F; T>;
}

impl<S: SelectorTrait + Send + Sync + 'static> Totals for Selector<S> {
    totals!(@body);
}

/// SeaORM cuts the first word off a text to count its rows, whatever it is: here the text stays whole.
impl<S: SelectorTrait + Send + Sync + 'static> Totals for SelectorRaw<S> {
    fn count_statement(self, _: DbBackend) -> Result<Statement, DbErr> {
        let statement = self.into_statement();
        Ok(around("SELECT COUNT(*) AS num_items FROM", statement, ""))
    }

    fn exists_statement(self, _: DbBackend) -> Result<Statement, DbErr> {
        Ok(around("SELECT 1 FROM", self.into_statement(), " LIMIT 1"))
    }
}

/// The statement as a subquery. The text may end with a comment, which ends with the line.
fn around(head: &str, statement: Statement, tail: &str) -> Statement {
    let inner = statement.sql.trim().trim_end_matches(';');
    Statement {
        sql: format!("{head} ({inner}\n) AS sub_query{tail}"),
        ..statement
    }
}

impl<R: Serves<E>, E: CachedEntity> Answers<Select<E>> for R {
    const ENTITY: Option<u16> = Some(<R as Serves<E>>::ENTITY);

    fn read_context(&self) -> ReadContext<'_> {
        <R as Serves<E>>::read_context(self)
    }
}

impl<Q: Totals> Cached<Q> {
    /// How many rows the query finds, as SeaORM counts them: within its limit and offset.
    ///
    /// # Errors
    /// As for all of its rows; [`ErrorKind::Query`](crate::ErrorKind::Query) if the cache alone is asked, and has no answer.
    ///
    /// # Cancellation
    /// Dropping the future abandons nothing: a load that has begun goes on for others.
    pub fn count<R: Answers<Q>>(self, repo: &R) -> BoxFuture<'_, Result<u64, Error>> {
        let context = repo.read_context();
        let question = self.count_question::<R>(context);
        async move { Ok(*certain::<u64, _>(context, question?).await?) }.boxed()
    }

    pub(super) fn count_question<R: Answers<Q>>(
        self,
        context: ReadContext<'_>,
    ) -> Result<Question<impl Make<u64> + use<Q, R>>, Error> {
        Ok(Question {
            entity: R::ENTITY,
            statements: vec![self.query.count_statement(context.engine.backend())?],
            options: self.options,
            form: form::<Plain<u64>>(),
            name: |name| {
                name.extend_from_slice(b"count");
                Ok(())
            },
            make: |answers: Vec<Vec<QueryResult>>| number(&answers).map(Some),
        })
    }

    /// Whether the query finds anything.
    ///
    /// # Errors
    /// As for all of its rows; [`ErrorKind::Query`](crate::ErrorKind::Query) if the cache alone is asked, and has no answer.
    ///
    /// # Cancellation
    /// As [`count`](Self::count).
    pub fn exists<R: Answers<Q>>(self, repo: &R) -> BoxFuture<'_, Result<bool, Error>> {
        let context = repo.read_context();
        let question = self.exists_question::<R>(context);
        async move { Ok(*certain::<bool, _>(context, question?).await?) }.boxed()
    }

    pub(super) fn exists_question<R: Answers<Q>>(
        self,
        context: ReadContext<'_>,
    ) -> Result<Question<impl Make<bool> + use<Q, R>>, Error> {
        Ok(Question {
            entity: R::ENTITY,
            statements: vec![self.query.exists_statement(context.engine.backend())?],
            options: self.options,
            form: form::<Plain<bool>>(),
            name: |name| {
                name.extend_from_slice(b"exists");
                Ok(())
            },
            make: |answers: Vec<Vec<QueryResult>>| {
                Ok(Some(answers.iter().any(|rows| !rows.is_empty())))
            },
        })
    }
}

/// What SeaORM counts: no row stands for none.
pub(super) fn number(answers: &[Vec<QueryResult>]) -> Result<u64, DbErr> {
    let Some(row) = answers.iter().flatten().next() else {
        return Ok(0);
    };
    let number: i64 = row.try_get("", "num_items")?;
    Ok(number.unsigned_abs())
}
