//! What is written in one step.

use super::draw::Draw;
use super::writes;
use sea_orm::{ConnectionTrait, DbErr, TransactionSession, TransactionTrait};

/// What was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// In words, with its values.
    pub text: String,
    /// Whether the database has refused it, as chance will have it.
    pub refused: bool,
}

/// Writes once, several times in a transaction, or not at all. Says what it was.
///
/// # Errors
/// The database's own, if chance does not explain it.
pub async fn write<C>(db: &C, draw: &mut Draw) -> Result<Written, DbErr>
where
    C: ConnectionTrait + TransactionTrait,
{
    let (form, done) = match draw.pick(10) {
        0 => ("", Ok(vec!["nothing".to_owned()])),
        1..=7 => ("", writes::write(db, draw).await.map(|name| vec![name])),
        _ => ("in a transaction: ", transaction(db, draw).await),
    };
    let refused = matches!(&done, Err(error) if writes::is_expected(error));
    let what = match done {
        Ok(names) => names.join(", "),
        Err(error) if refused => format!("refused: {error}"),
        Err(error) => return Err(error),
    };
    let text = format!("{form}{what} ({})", draw.said());
    Ok(Written { text, refused })
}

/// Several writes, of which some may be in a savepoint; all is committed, or rolled back.
async fn transaction<C>(db: &C, draw: &mut Draw) -> Result<Vec<String>, DbErr>
where
    C: TransactionTrait,
{
    let outer = db.begin().await?;
    let mut names = Vec::new();
    match inside(&outer, draw, &mut names).await {
        Ok(()) if draw.pick(3) > 0 => {
            outer.commit().await?;
            names.push("committed".to_owned());
        }
        Ok(()) => {
            outer.rollback().await?;
            names.push("rolled back".to_owned());
        }
        Err(error) => {
            // PostgreSQL carries out nothing more.
            outer.rollback().await?;
            return Err(error);
        }
    }
    Ok(names)
}

async fn inside<T>(outer: &T, draw: &mut Draw, names: &mut Vec<String>) -> Result<(), DbErr>
where
    T: ConnectionTrait + TransactionTrait,
{
    for _ in 0..=draw.pick(3) {
        names.push(writes::write(outer, draw).await?);
    }
    if draw.pick(2) == 0 {
        return Ok(());
    }
    let savepoint = outer.begin().await?;
    let written = writes::write(&savepoint, draw).await;
    let kept = draw.pick(2) == 0 && written.is_ok();
    if kept {
        savepoint.commit().await?;
    } else {
        savepoint.rollback().await?;
    }
    names.push(match written {
        Ok(name) => format!(
            "in a savepoint {}: {name}",
            if kept { "kept" } else { "undone" }
        ),
        Err(error) if writes::is_expected(&error) => format!("refused in a savepoint: {error}"),
        Err(error) => return Err(error),
    });
    names.push(writes::write(outer, draw).await?);
    Ok(())
}
