//! Rows that this version of the program cannot decode: a value that a newer version has written, a column that the database does not
//! have yet. They are written as with plain SeaORM.

#![expect(unreachable_pub, reason = "SeaORM wants models to be public")]

use cached_repo::{CachedEntity, CachedRepo, cached_schema};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, Set, TransactionTrait, Unchanged};
use tests::{Database, World, matrix};

/// What this version of the program knows.
#[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(8))")]
pub enum Kind {
    #[sea_orm(string_value = "small")]
    Small,
    #[sea_orm(string_value = "large")]
    Large,
}

/// The same as a type of the database.
#[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "hue")]
pub enum Hue {
    #[sea_orm(string_value = "red")]
    Red,
    #[sea_orm(string_value = "blue")]
    Blue,
}

/// Nothing is found by the column that does not decode.
mod item {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "items")]
    #[cached(prefix = "item")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[cached(index)]
        pub grp: i64,
        pub kind: Kind,
        pub hue: Hue,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Rows are found by the column that does not decode.
mod sorted {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "items")]
    #[cached(prefix = "sorted")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub grp: i64,
        #[cached(index)]
        pub kind: Kind,
        #[cached(index)]
        pub hue: Hue,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Has a column that the database does not have yet.
mod early {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "items")]
    #[cached(prefix = "early", dependents(super::label::Entity(via = item_id, cascade, lookup(limit = 9))))]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[cached(index)]
        pub grp: i64,
        pub note: Option<String>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Depend on items through their group.
mod group {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "item_groups")]
    #[cached(prefix = "group", dependents(super::early::Entity(via = grp)))]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub name: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Show their item.
mod label {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "labels")]
    #[cached(prefix = "label")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub item_id: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! { Items { item::Entity } }
cached_schema! { Sorted { sorted::Entity } }
cached_schema! { Early { group::Entity, early::Entity, label::Entity } }

use early::Entity as EarlyItem;
use group::Entity as Group;
use item::Entity as Item;
use sorted::Entity as SortedItem;

/// Rows that are not there.
const NOBODY: [i64; 0] = [];

const NEW: &str = "INSERT INTO items (id, grp, kind, hue) VALUES (1, 7, 'huge', 'green')";

/// The table as the newer version of the program has made it, with one row that everybody can decode.
async fn tables(world: &World) {
    let hue = match world.database {
        Database::Sqlite => "TEXT",
        Database::Postgres => {
            let sql = "CREATE TYPE hue AS ENUM ('red', 'blue', 'green')";
            world.raw.execute_unprepared(sql).await.expect("created");
            "hue"
        }
        Database::MariaDb => "ENUM('red', 'blue', 'green')",
    };
    let items = format!(
        "CREATE TABLE items (id BIGINT PRIMARY KEY, grp BIGINT NOT NULL, kind VARCHAR(8) NOT NULL, hue {hue} NOT NULL)"
    );
    for sql in [
        items.as_str(),
        "CREATE TABLE item_groups (id BIGINT PRIMARY KEY, name VARCHAR(8) NOT NULL)",
        "CREATE TABLE labels (id BIGINT PRIMARY KEY, item_id BIGINT NOT NULL)",
        "INSERT INTO items (id, grp, kind, hue) VALUES (2, 7, 'small', 'red')",
        "INSERT INTO item_groups VALUES (7, 'seven')",
    ] {
        world.raw.execute_unprepared(sql).await.expect("done");
    }
}

async fn of_group(repo: &CachedRepo<Items>, grp: i64) -> Vec<i64> {
    let found = Item::find_cached_by_grp(grp).all(repo).await;
    let found = found.expect("everything there decodes");
    repo.wait_idle().await;
    found.iter().map(|item| item.id).collect()
}

/// The same from the cache alone.
async fn of_group_cached(repo: &CachedRepo<Items>, grp: i64) -> usize {
    let found = Item::find_cached_by_grp(grp).cache_only().all(repo).await;
    found.expect("the cache is there").len()
}

async fn of_kind(repo: &CachedRepo<Sorted>, kind: Kind) -> Vec<i64> {
    let found = SortedItem::find_cached_by_kind(kind).all(repo).await;
    let found = found.expect("everything there decodes");
    repo.wait_idle().await;
    found.iter().map(|item| item.id).collect()
}

matrix! {
    async fn a_row_that_does_not_decode_is_deleted(world) {
        tables(&world).await;
        let repo = world.beside::<Items>().await.build().await.expect("built");
        repo.execute_unprepared(NEW).await.expect("inserted");
        assert!(Item::find_cached_by_grp(7).all(&repo).await.is_err(), "it does not decode");
        assert!(Item::find_cached(1).one(&repo).await.is_err());
        let deleted = Item::delete_by_id(1).exec(&repo).await.expect("deleted");
        assert_eq!(deleted.rows_affected, 1);
        assert_eq!(of_group(&repo, 7).await, [2]);
        assert_eq!(Item::find_cached(1).one(&repo).await.expect("read"), None);
    }

    async fn a_row_that_does_not_decode_is_repaired(world) {
        tables(&world).await;
        let repo = world.beside::<Items>().await.build().await.expect("built");
        repo.execute_unprepared(NEW).await.expect("inserted");
        let repair = item::ActiveModel {
            id: Unchanged(1),
            kind: Set(Kind::Large),
            hue: Set(Hue::Blue),
            ..Default::default()
        };
        assert_eq!(repair.update(&repo).await.expect("repaired").kind, Kind::Large);
        assert_eq!(of_group(&repo, 7).await, [1, 2]);
    }

    async fn a_row_that_does_not_decode_is_moved_and_its_neighbors_stay_cached(world) {
        tables(&world).await;
        let repo = world.beside::<Items>().await.build().await.expect("built");
        repo.execute_unprepared("INSERT INTO items (id, grp, kind, hue) VALUES (3, 9, 'small', 'red')").await.expect("inserted");
        assert_eq!(of_group(&repo, 8).await, NOBODY);
        repo.execute_unprepared(NEW).await.expect("inserted");
        assert_eq!(of_group(&repo, 9).await, [3]);
        repo.execute_unprepared("UPDATE items SET grp = 8 WHERE id = 1").await.expect("moved");
        assert_eq!(of_group(&repo, 7).await, [2], "it has left");
        assert!(Item::find_cached_by_grp(8).all(&repo).await.is_err(), "it has come, and does not decode");
        assert_eq!(of_group_cached(&repo, 9).await, 1, "what it was is known, so that nothing else goes");
        let moved = Item::update_many().col_expr(item::Column::Grp, Expr::value(7_i64)).filter(item::Column::Id.eq(1_i64));
        assert_eq!(moved.exec(&repo).await.expect("moved").rows_affected, 1);
        assert_eq!(of_group(&repo, 8).await, NOBODY);
        assert_eq!(of_group_cached(&repo, 9).await, 1);
    }

    async fn a_row_whose_lookup_does_not_decode_is_written(world) {
        tables(&world).await;
        let repo = world.beside::<Sorted>().await.build().await.expect("built");
        assert_eq!(of_kind(&repo, Kind::Small).await, [2]);
        assert_eq!(of_kind(&repo, Kind::Large).await, NOBODY);
        repo.execute_unprepared(NEW).await.expect("inserted");
        repo.execute_unprepared("UPDATE items SET kind = 'large', hue = 'blue' WHERE id = 1").await.expect("updated");
        assert_eq!(of_kind(&repo, Kind::Large).await, [1]);
        repo.execute_unprepared("UPDATE items SET kind = 'huge' WHERE id = 1").await.expect("updated");
        assert_eq!(of_kind(&repo, Kind::Large).await, NOBODY, "its old value is known");
        let blue = SortedItem::find_cached_by_hue(Hue::Blue).all(&repo).await;
        assert!(blue.is_err(), "it is there, and does not decode");
        SortedItem::delete_by_id(1).exec(&repo).await.expect("deleted");
        let blue = SortedItem::find_cached_by_hue(Hue::Blue).all(&repo).await;
        assert_eq!(blue.expect("nothing is left"), []);
    }

    async fn a_row_that_does_not_decode_is_written_inside_a_transaction(world) {
        tables(&world).await;
        let repo = world.beside::<Sorted>().await.build().await.expect("built");
        repo.execute_unprepared(NEW).await.expect("inserted");
        assert_eq!(of_kind(&repo, Kind::Small).await, [2]);
        let transaction = repo.begin().await.expect("begun");
        transaction.execute_unprepared("UPDATE items SET kind = 'small', hue = 'red' WHERE id = 1").await.expect("updated");
        SortedItem::delete_by_id(2).exec(&transaction).await.expect("deleted");
        transaction.commit().await.expect("committed");
        assert_eq!(of_kind(&repo, Kind::Small).await, [1]);
    }

    async fn an_inserted_row_that_does_not_decode_is_seen(world) {
        tables(&world).await;
        let repo = world.beside::<Items>().await.build().await.expect("built");
        assert_eq!(of_group(&repo, 7).await, [2]);
        let returning = match world.database {
            Database::MariaDb => String::from(NEW),
            _ => format!("{NEW} RETURNING *"),
        };
        let statement = tests::scene::bound(&world, &returning, []);
        repo.query_all_raw(statement).await.expect("inserted");
        assert!(Item::find_cached_by_grp(7).all(&repo).await.is_err(), "it is there, and does not decode");
    }

    async fn a_row_is_written_though_the_model_has_a_column_more(world) {
        tables(&world).await;
        let repo = world.beside::<Early>().await.build().await.expect("built");
        assert!(EarlyItem::find_cached(2).one(&repo).await.is_err(), "there is no such column");
        repo.execute_unprepared("INSERT INTO items (id, grp, kind, hue) VALUES (4, 7, 'small', 'red')").await.expect("inserted");
        repo.execute_unprepared("UPDATE items SET grp = 8 WHERE id = 2").await.expect("updated");
        let moved = EarlyItem::update_many().col_expr(early::Column::Grp, Expr::value(9_i64)).filter(early::Column::Id.eq(2_i64));
        assert_eq!(moved.exec(&repo).await.expect("updated").rows_affected, 1);
        let group = Group::find_by_id(7).one(&repo).await.expect("read").expect("a group");
        let mut group = group.into_active_model();
        group.name = Set("VII".to_owned());
        group.update(&repo).await.expect("updated, with what depends on it");
        assert_eq!(EarlyItem::delete_by_id(2).exec(&repo).await.expect("deleted").rows_affected, 1);
        world.raw.execute_unprepared("ALTER TABLE items ADD note VARCHAR(8)").await.expect("altered");
        assert_eq!(EarlyItem::find_cached_by_grp(7).all(&repo).await.expect("read").len(), 1);
        assert_eq!(EarlyItem::find_cached_by_grp(9).all(&repo).await.expect("read"), []);
    }
}
