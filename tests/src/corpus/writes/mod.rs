//! Writes of every kind.

mod built;
mod bulk;
mod text;

use super::draw::Draw;
use sea_orm::{ConnectionTrait, DbErr, SqlErr, TransactionTrait};

/// One write, which is drawn. Its name and its values are found in the text.
///
/// # Errors
/// The database's own.
pub async fn write<C>(db: &C, draw: &mut Draw) -> Result<String, DbErr>
where
    C: ConnectionTrait + TransactionTrait,
{
    let (name, done) = match draw.pick(5) {
        0 | 1 => built::write(db, draw).await,
        2 => bulk::write(db, draw).await,
        _ => text::write(db, draw).await,
    };
    match done {
        Err(error) if !is_expected(&error) => {
            let said = draw.said();
            Err(DbErr::Custom(format!("{name} ({said}): {error}")))
        }
        Err(error) => Err(error),
        Ok(()) => Ok(name.to_owned()),
    }
}

/// Whether the database, or SeaORM, refuses what chance has drawn: a key that is taken, a row that is not there.
#[must_use]
pub fn is_expected(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(SqlErr::UniqueConstraintViolation(_) | SqlErr::ForeignKeyConstraintViolation(_))
    ) || matches!(error, DbErr::RecordNotUpdated | DbErr::RecordNotInserted)
}

/// Writes by name: `write` draws one of them.
macro_rules! writes {
    ($($name:literal: $write:path,)*) => {
        const NAMES: &[&str] = &[$($name),*];

        pub(super) async fn write<C>(db: &C, draw: &mut Draw) -> (&'static str, Result<(), DbErr>)
        where
            C: ConnectionTrait + TransactionTrait,
        {
            let name = NAMES[draw.pick(NAMES.len())];
            let done = match name {
                $($name => Box::pin($write(db, draw)).await,)*
                _ => Ok(()),
            };
            (name, done)
        }
    };
}
use writes;
