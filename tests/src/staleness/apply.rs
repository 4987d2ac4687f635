//! Carries out a plan by SeaORM, over whatever connection the subject gives.

use super::entities::{self, Account, Counter, Parcel, account, counter, keeper, parcel, trunk};
use super::model::{Kind, State};
use super::plan::{Change, Plan, Way};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, DbErr,
    EntityName, EntityTrait, IdenStatic, IntoActiveModel, NotSet, QueryFilter, Set,
    SqliteTransactionMode, TransactionOptions, TransactionSession, TransactionTrait, Unchanged,
    sea_query::Expr,
};

/// The login of an account.
#[must_use]
pub fn login(index: u32, login: u8) -> String {
    format!("{index}-{login}")
}

/// Writes; returns whether anything was committed.
///
/// # Errors
/// The database's own, or whatever the connection makes of it.
pub async fn apply<C>(db: &C, plan: &Plan) -> Result<bool, DbErr>
where
    C: ConnectionTrait + TransactionTrait,
{
    match plan.way {
        Way::Model | Way::Statement | Way::Raw => {
            for change in &plan.changes {
                write(db, plan.way, change).await?;
            }
            Ok(true)
        }
        Way::Bulk => bulk(db, plan).await.map(|()| true),
        Way::Transaction | Way::Savepoint | Way::Rollback => together(db, plan).await,
    }
}

async fn together<C: ConnectionTrait + TransactionTrait>(
    db: &C,
    plan: &Plan,
) -> Result<bool, DbErr> {
    // SQLite lets only one write, and refuses to let a reader become a writer.
    let sqlite = db.get_database_backend() == DbBackend::Sqlite;
    let options = TransactionOptions {
        sqlite_transaction_mode: sqlite.then_some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let transaction = db.begin_with_options(options).await?;
    let inner = match plan.way {
        Way::Savepoint => 1,
        _ => 0,
    };
    let (outer, inner) = plan.changes.split_at(plan.changes.len() - inner);
    for change in outer {
        write(&transaction, way_of(change), change).await?;
    }
    for change in inner {
        let savepoint = transaction.begin().await?;
        write(&savepoint, way_of(change), change).await?;
        if change.touch.kept {
            savepoint.commit().await?;
        } else {
            savepoint.rollback().await?;
        }
    }
    if plan.way == Way::Rollback {
        transaction.rollback().await?;
        return Ok(false);
    }
    transaction.commit().await?;
    Ok(true)
}

/// Inside a transaction the ways take turns.
fn way_of(change: &Change) -> Way {
    [Way::Model, Way::Statement, Way::Raw]
        [usize::try_from(change.touch.version % 3).unwrap_or_default()]
}

async fn bulk(db: &impl ConnectionTrait, plan: &Plan) -> Result<(), DbErr> {
    let Some(first) = plan.changes.first() else {
        return Ok(());
    };
    let update = Counter::update_many()
        .col_expr(counter::Column::Version, Expr::value(first.touch.version))
        .filter(counter::Column::Owner.eq(i64::from(plan.owner)));
    some(update.exec(db).await?.rows_affected)
}

async fn write(db: &impl ConnectionTrait, way: Way, change: &Change) -> Result<(), DbErr> {
    let (slot, version) = (change.touch.slot, change.touch.version);
    let id = i64::from(slot.index);
    match slot.kind {
        Kind::Account => account(db, way, change).await,
        Kind::Parcel => parcel(db, way, change).await,
        Kind::Counter => {
            let model = counter::ActiveModel {
                id: Unchanged(id),
                version: Set(version),
                ..Default::default()
            };
            set(
                db,
                way,
                (counter::Column::Id, id),
                (counter::Column::Version, version),
                model,
            )
            .await
        }
        Kind::Trunk => {
            let code = entities::code(slot.index, version);
            let model = trunk::ActiveModel {
                id: Unchanged(id),
                code: Set(code),
            };
            set(
                db,
                way,
                (trunk::Column::Id, id),
                (trunk::Column::Code, code),
                model,
            )
            .await
        }
        Kind::Keeper => {
            let model = keeper::ActiveModel {
                id: Unchanged(id),
                version: Set(version),
            };
            set(
                db,
                way,
                (keeper::Column::Id, id),
                (keeper::Column::Version, version),
                model,
            )
            .await
        }
    }
}

/// Sets one column of one row.
async fn set<A>(
    db: &impl ConnectionTrait,
    way: Way,
    (key, id): (ColumnOf<A>, i64),
    (column, value): (ColumnOf<A>, i64),
    model: A,
) -> Result<(), DbErr>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    match way {
        Way::Model => model.update(db).await.map(drop),
        Way::Raw => {
            let table = A::Entity::default();
            let (table, column, key) = (table.table_name(), column.as_str(), key.as_str());
            raw(
                db,
                &format!("UPDATE {table} SET {column} = {value} WHERE {key} = {id}"),
            )
            .await
        }
        _ => {
            let update = A::Entity::update_many().col_expr(column, Expr::value(value));
            some(update.filter(key.eq(id)).exec(db).await?.rows_affected)
        }
    }
}

type ColumnOf<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;

async fn account(db: &impl ConnectionTrait, way: Way, change: &Change) -> Result<(), DbErr> {
    let (index, version) = (change.touch.slot.index, change.touch.version);
    let id = i64::from(index);
    let State {
        here,
        login: number,
        team,
    } = change.touch.state;
    let (name, team) = (login(index, number), i64::from(team));
    match (change.before.here, here, way) {
        (true, true, Way::Model) => {
            let model = account::ActiveModel {
                id: Unchanged(id),
                login: Set(name),
                team: Set(team),
                version: Set(version),
            };
            model.update(db).await.map(drop)
        }
        (true, true, Way::Raw) => {
            let set = format!("login = '{name}', team = {team}, version = {version}");
            raw(db, &format!("UPDATE accounts SET {set} WHERE id = {id}")).await
        }
        (true, true, _) => part(db, change).await,
        (true, false, Way::Raw) => raw(db, &format!("DELETE FROM accounts WHERE id = {id}")).await,
        (true, false, _) => some(Account::delete_by_id(id).exec(db).await?.rows_affected),
        (false, true, Way::Raw) => {
            let values = format!("({id}, '{name}', {team}, {version})");
            raw(
                db,
                &format!("INSERT INTO accounts (id, login, team, version) VALUES {values}"),
            )
            .await
        }
        (false, true, _) => {
            let model = account::ActiveModel {
                id: Set(id),
                login: Set(name),
                team: Set(team),
                version: Set(version),
            };
            model.insert(db).await.map(drop)
        }
        (false, false, _) => Ok(()),
    }
}

/// Carries a parcel to another shelf, or sets its version alone.
async fn parcel(db: &impl ConnectionTrait, way: Way, change: &Change) -> Result<(), DbErr> {
    let touch = change.touch;
    let id = i64::from(touch.slot.index);
    let shelf = Some(i64::from(touch.state.team)).filter(|_| change.before != touch.state);
    match way {
        Way::Model => {
            let model = parcel::ActiveModel {
                id: Unchanged(id),
                shelf: shelf.map_or(NotSet, Set),
                version: Set(touch.version),
            };
            model.update(db).await.map(drop)
        }
        Way::Raw => {
            let shelf = shelf.map_or_else(String::new, |shelf| format!("shelf = {shelf}, "));
            let set = format!("{shelf}version = {}", touch.version);
            raw(db, &format!("UPDATE parcels SET {set} WHERE id = {id}")).await
        }
        _ => {
            let mut update = Parcel::update_many()
                .col_expr(parcel::Column::Version, Expr::value(touch.version))
                .filter(parcel::Column::Id.eq(id));
            if let Some(shelf) = shelf {
                update = update.col_expr(parcel::Column::Shelf, Expr::value(shelf));
            }
            some(update.exec(db).await?.rows_affected)
        }
    }
}

/// Sets only what changes: a login that is not set keeps its pointer.
async fn part(db: &impl ConnectionTrait, change: &Change) -> Result<(), DbErr> {
    let (before, touch) = (change.before, change.touch);
    let mut update = Account::update_many()
        .col_expr(account::Column::Version, Expr::value(touch.version))
        .filter(account::Column::Id.eq(i64::from(touch.slot.index)));
    if before.login != touch.state.login {
        let name = login(touch.slot.index, touch.state.login);
        update = update.col_expr(account::Column::Login, Expr::value(name));
    }
    if before.team != touch.state.team {
        let team = i64::from(touch.state.team);
        update = update.col_expr(account::Column::Team, Expr::value(team));
    }
    some(update.exec(db).await?.rows_affected)
}

async fn raw(db: &impl ConnectionTrait, sql: &str) -> Result<(), DbErr> {
    some(db.execute_unprepared(sql).await?.rows_affected())
}

/// A writer knows its rows: a statement that finds none has gone wrong.
fn some(rows: u64) -> Result<(), DbErr> {
    if rows == 0 {
        return Err(DbErr::RecordNotUpdated);
    }
    Ok(())
}
