//! The tables: made, filled, and read without any cache.

use super::apply::login;
use super::entities::{
    self, Account, Branch, Collar, Counter, Keeper, Leaf, Parcel, Pet, Trunk, account, branch,
    collar, counter, keeper, leaf, parcel, pet, trunk,
};
use super::model::{Kind, LOGINS, PETS, Question, Row, Slot, State, TEAMS};
use crate::over::create_table;
use sea_orm::{
    ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr,
    EntityTrait, QueryFilter, Set,
};
use std::time::Duration;

/// Connections of one process. Enough that nobody waits while the store is away and everybody reads the database.
const CONNECTIONS: u32 = 10;

/// A connection to the database.
///
/// # Errors
/// The database does not answer.
pub async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .max_connections(CONNECTIONS)
        .connect_timeout(Duration::from_secs(20));
    Database::connect(options).await
}

/// Makes the tables and triggers, and fills them with rows of version 0.
///
/// # Errors
/// The database refuses it.
///
/// # Panics
/// The database refuses a table.
pub async fn create(db: &DatabaseConnection, rows: u32, owners: u32) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Sqlite {
        // Readers and a writer of several processes do not lock each other out.
        db.execute_unprepared("PRAGMA journal_mode = WAL").await?;
    }
    create_table(db, Counter).await;
    create_table(db, Account).await;
    create_table(db, Trunk).await;
    create_table(db, Branch).await;
    create_table(db, Leaf).await;
    create_table(db, Keeper).await;
    create_table(db, Pet).await;
    create_table(db, Collar).await;
    create_table(db, Parcel).await;
    copies(db, "keepers", "pets", "keeper_id").await?;
    copies(db, "pets", "collars", "pet_id").await?;
    for index in 0..rows {
        fill(db, index, owners).await?;
    }
    Ok(())
}

/// A trigger that copies the version of a row to those that refer to it.
async fn copies(db: &DatabaseConnection, from: &str, to: &str, via: &str) -> Result<(), DbErr> {
    let update = format!("UPDATE {to} SET version = NEW.version WHERE {via} = NEW.id");
    let trigger = format!("CREATE TRIGGER copy_{to} AFTER UPDATE ON {from} FOR EACH ROW");
    let statement = match db.get_database_backend() {
        DbBackend::Postgres => {
            let body = format!("BEGIN {update}; RETURN NULL; END");
            let function = format!(
                "CREATE FUNCTION copy_{to}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
            );
            db.execute_unprepared(&function).await?;
            format!("{trigger} EXECUTE FUNCTION copy_{to}()")
        }
        DbBackend::Sqlite => format!("{trigger} BEGIN {update}; END"),
        _ => format!("{trigger} {update}"),
    };
    db.execute_unprepared(&statement).await.map(drop)
}

async fn fill(db: &DatabaseConnection, index: u32, owners: u32) -> Result<(), DbErr> {
    let id = Set(i64::from(index));
    let code = Set(entities::code(index, 0));
    let version = Set(0);
    let slot = |kind| Slot { kind, index };
    let State {
        login: number,
        team,
        ..
    } = State::first(slot(Kind::Account));
    let owner = Set(i64::from(index % owners));
    let counter = counter::ActiveModel {
        id: id.clone(),
        owner,
        version: version.clone(),
    };
    Counter::insert(counter).exec(db).await?;
    let account = account::ActiveModel {
        id: id.clone(),
        login: Set(login(index, number)),
        team: Set(i64::from(team)),
        version: version.clone(),
    };
    Account::insert(account).exec(db).await?;
    let trunk = trunk::ActiveModel {
        id: id.clone(),
        code: code.clone(),
    };
    Trunk::insert(trunk).exec(db).await?;
    let branch = branch::ActiveModel {
        id: id.clone(),
        code: code.clone(),
    };
    Branch::insert(branch).exec(db).await?;
    let leaf = leaf::ActiveModel {
        id: id.clone(),
        code,
    };
    Leaf::insert(leaf).exec(db).await?;
    let parcel = parcel::ActiveModel {
        id: id.clone(),
        shelf: Set(i64::from(State::first(slot(Kind::Parcel)).team)),
        version: version.clone(),
    };
    Parcel::insert(parcel).exec(db).await?;
    Keeper::insert(keeper::ActiveModel { id, version })
        .exec(db)
        .await?;
    animals(db, index).await
}

async fn animals(db: &DatabaseConnection, keeper: u32) -> Result<(), DbErr> {
    for pet in keeper * PETS..(keeper + 1) * PETS {
        let row = pet::ActiveModel {
            id: Set(i64::from(pet)),
            keeper_id: Set(i64::from(keeper)),
            version: Set(0),
        };
        Pet::insert(row).exec(db).await?;
        for collar in pet * PETS..(pet + 1) * PETS {
            let row = collar::ActiveModel {
                id: Set(i64::from(collar)),
                pet_id: Set(i64::from(pet)),
                version: Set(0),
            };
            Collar::insert(row).exec(db).await?;
        }
    }
    Ok(())
}

/// The rows that answer a question, from the database.
///
/// # Errors
/// The database's own.
pub async fn load(db: &DatabaseConnection, question: &Question) -> Result<Vec<Row>, DbErr> {
    let mut rows = Vec::new();
    for part in question.by_keys().unwrap_or_else(|| vec![*question]) {
        rows.extend(load_by_key(db, &part).await?);
    }
    Ok(rows)
}

async fn load_by_key(db: &DatabaseConnection, question: &Question) -> Result<Vec<Row>, DbErr> {
    let key = i64::from;
    Ok(match *question {
        Question::Counter(index) => counters(Counter::find_by_id(key(index)).all(db).await?),
        Question::Counters(_)
        | Question::Query(_)
        | Question::Range(_)
        | Question::Join(_)
        | Question::Block(_) => Vec::new(),
        Question::Account(index) => accounts(Account::find_by_id(key(index)).all(db).await?),
        Question::Login(index, number) => {
            let has = account::Column::Login.eq(login(index, number));
            accounts(Account::find().filter(has).all(db).await?)
        }
        Question::Team(team) => {
            let has = account::Column::Team.eq(i64::from(team));
            accounts(Account::find().filter(has).all(db).await?)
        }
        Question::Trunk(index) => {
            codes(Trunk::find_by_id(key(index)).all(db).await?, |row| row.code)
        }
        Question::Branch(index) => codes(Branch::find_by_id(key(index)).all(db).await?, |row| {
            row.code
        }),
        Question::Leaf(index) => codes(Leaf::find_by_id(key(index)).all(db).await?, |row| row.code),
        Question::Keeper(index) => {
            let rows = Keeper::find_by_id(key(index)).all(db).await?;
            rows.iter()
                .map(|row| Row::of(row.id, row.version))
                .collect()
        }
        Question::Pet(id) => pets(Pet::find_by_id(key(id)).all(db).await?),
        Question::Pets(index) => {
            let has = pet::Column::KeeperId.eq(key(index));
            pets(Pet::find().filter(has).all(db).await?)
        }
        Question::Collar(id) => {
            let rows = Collar::find_by_id(key(id)).all(db).await?;
            rows.iter()
                .map(|row| Row::of(row.pet_id / key(PETS), row.version))
                .collect()
        }
        Question::Parcel(index) => parcels(&Parcel::find_by_id(key(index)).all(db).await?),
        Question::Shelf(shelf) => {
            let has = parcel::Column::Shelf.eq(i64::from(shelf));
            parcels(&Parcel::find().filter(has).all(db).await?)
        }
        Question::Parcels => parcels(&Parcel::find().all(db).await?),
    })
}

/// All parcels, as the database has them.
///
/// # Errors
/// The database's own.
pub async fn all_parcels(db: &DatabaseConnection) -> Result<Vec<parcel::Model>, DbErr> {
    Parcel::find().all(db).await
}

fn parcels(rows: &[parcel::Model]) -> Vec<Row> {
    rows.iter()
        .map(|row| Row::of(row.id, row.version))
        .collect()
}

fn counters(rows: Vec<counter::Model>) -> Vec<Row> {
    rows.into_iter()
        .map(|row| Row::of(row.id, row.version))
        .collect()
}

fn accounts(rows: Vec<account::Model>) -> Vec<Row> {
    rows.into_iter()
        .map(|row| Row::of(row.id, row.version))
        .collect()
}

fn pets(rows: Vec<pet::Model>) -> Vec<Row> {
    rows.into_iter()
        .map(|row| Row::of(row.keeper_id, row.version))
        .collect()
}

fn codes<M>(rows: Vec<M>, code: impl Fn(M) -> i64) -> Vec<Row> {
    rows.into_iter()
        .map(|row| Row::by_code(code(row)))
        .collect()
}

/// The state of an account as the database has it, for a writer that does not know what came of a write.
///
/// # Errors
/// The database's own.
pub async fn state(db: &DatabaseConnection, index: u32) -> Result<State, DbErr> {
    let row = Account::find_by_id(i64::from(index)).one(db).await?;
    Ok(row.map_or(
        State {
            here: false,
            login: 0,
            team: 0,
        },
        |row| State {
            here: true,
            login: (0..LOGINS)
                .find(|&number| login(index, number) == row.login)
                .unwrap_or(LOGINS),
            team: u8::try_from(row.team).unwrap_or(TEAMS),
        },
    ))
}
