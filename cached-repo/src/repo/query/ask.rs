//! From a query to the engine and back.

use super::digest::digest;
use crate::engine::{Ask, How, Made, Mode, Options, Query, What};
use crate::error::Error;
use crate::key::Key;
use crate::port::Form;
use crate::repo::desk::Desk;
use crate::repo::find::answer;
use crate::schema::{Row, typed};
use sea_orm::{DbErr, QueryResult, Statement};
use std::any::Any;
use std::sync::Arc;

/// A query whose answer is one value.
pub(super) struct Question<M> {
    /// The entity whose entry it is; `None` for that of the first table.
    pub(super) entity: Option<u16>,
    pub(super) statements: Vec<Statement>,
    pub(super) options: Option<Box<Options>>,
    pub(super) form: Form,
    /// Appends the name of the form.
    pub(super) name: fn(&mut Vec<u8>),
    /// Makes the value of the answers; `None` if there is nothing to show.
    pub(super) make: M,
}

/// The value that answers a query, from the cache if it is there.
pub(super) async fn value<T, M>(
    desk: Desk<'_>,
    question: Question<M>,
) -> Result<Option<Arc<T>>, Error>
where
    T: Any + Send + Sync,
    M: Fn(Vec<Vec<QueryResult>>) -> Result<Option<T>, DbErr> + Send + Sync + 'static,
{
    let make = question.make;
    let make = move |answers| Ok(make(answers)?.map(|value| Arc::new(value) as Row));
    let mut name = Vec::with_capacity(64);
    (question.name)(&mut name);
    let stored = stored(
        desk,
        Stored {
            entity: question.entity,
            statements: question.statements,
            options: question.options,
            made: Some(Made {
                form: question.form,
                how: How::Answers(Arc::new(make)),
            }),
            name,
        },
    );
    stored.await?.into_iter().next().map(typed::<T>).transpose()
}

/// What is stored under the key of a query.
pub(super) struct Stored {
    /// The entity whose entry it is; `None` for that of the first table.
    pub(super) entity: Option<u16>,
    /// The statements that make the key, and tell what the entry depends on as far as that is known beforehand.
    pub(super) statements: Vec<Statement>,
    pub(super) options: Option<Box<Options>>,
    /// What it is made into; `None` for rows of the entity.
    pub(super) made: Option<Made>,
    /// What else makes the key.
    pub(super) name: Vec<u8>,
}

/// The rows that answer a query, or the one value that is made of them.
pub(super) async fn stored(desk: Desk<'_>, stored: Stored) -> Result<Vec<Row>, Error> {
    let mut options = stored.options.map(|options| *options).unwrap_or_default();
    let statements = stored.statements;
    let engine = desk.engine;
    let basis = engine.basis_of_all(stored.entity, &statements, options.ttl)?;
    if basis.locks {
        options.mode = Mode::Bypass;
    }
    let ask = Ask {
        entity: basis.entity,
        what: What::Query,
        values: Vec::new(),
        query: Some(Arc::new(Query {
            key: Key::query(basis.entity, &digest(&statements, &stored.name)?),
            statements,
            tags: basis.tags,
            made: stored.made,
        })),
        options,
    };
    answer(desk, ask).await
}
