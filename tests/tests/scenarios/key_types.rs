//! Every type that can be a key, as primary key and as index.

#![expect(unreachable_pub, reason = "SeaORM wants models to be public")]

use cached_repo::{CachedRepo, cached_schema};
use sea_orm::prelude::{Date, DateTime, Decimal, Uuid};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, Set,
    Statement,
};
use tests::over::{create_table, repo_over};
use tests::types::{Badge, Level, Mood};
use tests::{Database, matrix};

/// An entity with a key of the type, and an index of the same.
macro_rules! keyed {
    ($($name:ident, $table:literal, $prefix:literal, $key:ty;)*) => {$(
        mod $name {
            use cached_repo::CachedEntity;
            use sea_orm::entity::prelude::*;

            pub(super) type Id = $key;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
            #[sea_orm(table_name = $table)]
            #[cached(prefix = $prefix)]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: Id,
                #[cached(index)]
                pub mirror: Id,
                pub body: String,
            }
            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}
            impl ActiveModelBehavior for ActiveModel {}
        }
    )*};
}

keyed! {
    by_i8, "by_i8", "i8", i8;
    by_i16, "by_i16", "i16", i16;
    by_i32, "by_i32", "i32", i32;
    by_i64, "by_i64", "i64", i64;
    by_u8, "by_u8", "u8", u8;
    by_u16, "by_u16", "u16", u16;
    by_u32, "by_u32", "u32", u32;
    by_u64, "by_u64", "u64", u64;
    by_bool, "by_bool", "bool", bool;
    by_text, "by_text", "text", String;
    by_bytes, "by_bytes", "bytes", Vec<u8>;
    by_uuid, "by_uuid", "uuid", Uuid;
    by_date, "by_date", "date", Date;
    by_time, "by_time", "datetime", DateTime;
    by_decimal, "by_decimal", "decimal", Decimal;
    by_mood, "by_mood", "mood", super::Mood;
    by_level, "by_level", "level", super::Level;
    by_badge, "by_badge", "badge", super::Badge;
}

cached_schema! {
    /// All of them.
    Keys {
        by_i8::Entity, by_i16::Entity, by_i32::Entity, by_i64::Entity, by_u8::Entity, by_u16::Entity, by_u32::Entity,
        by_u64::Entity, by_bool::Entity, by_text::Entity, by_bytes::Entity, by_uuid::Entity, by_date::Entity,
        by_time::Entity, by_decimal::Entity, by_mood::Entity, by_level::Entity, by_badge::Entity,
    }
}

/// Two keys: each is found by the cache, a write to one is seen and leaves the other alone.
macro_rules! round_trip {
    ($world:ident, $name:ident, $prefix:literal, $one:expr, $two:expr) => {{
        create_table(&$world.raw, $name::Entity).await;
        let repo: CachedRepo<Keys> = repo_over(&$world).await;
        let ids: [$name::Id; 2] = [$one, $two];
        for id in &ids {
            assert!(
                $name::Entity::find_cached(id.clone())
                    .one(&repo)
                    .await
                    .expect("read")
                    .is_none()
            );
            repo.wait_idle().await;
            let row = $name::Model {
                id: id.clone(),
                mirror: id.clone(),
                body: "old".to_owned(),
            };
            let insert = $name::Entity::insert(row.into_active_model());
            insert
                .exec_without_returning(&repo)
                .await
                .expect("inserted");
        }
        for round in 0..2 {
            for id in &ids {
                let row = $name::Entity::find_cached(id.clone())
                    .one(&repo)
                    .await
                    .expect("read")
                    .expect("there");
                assert_eq!((&row.id, &*row.body), (id, "old"), "{round}");
                repo.wait_idle().await;
                let rows = $name::Entity::find_cached_by_mirror(id.clone())
                    .all(&repo)
                    .await
                    .expect("read");
                assert_eq!((rows.len(), &rows[0].id), (1, id), "{round}");
                repo.wait_idle().await;
            }
        }
        let before = repo.stats().entity($prefix).expect("there").clone();
        assert_eq!(before.hits, 4, "the second round: {before:?}");
        let [one, two] = ids;
        let row = $name::Entity::find_by_id(one.clone())
            .one(&$world.raw)
            .await
            .expect("read")
            .expect("there");
        let mut change = row.into_active_model();
        change.body = Set("new".to_owned());
        change.update(&repo).await.expect("updated");
        let row = $name::Entity::find_cached(one.clone())
            .one(&repo)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(row.body, "new");
        let rows = $name::Entity::find_cached_by_mirror(one.clone())
            .all(&repo)
            .await
            .expect("read");
        assert_eq!(rows[0].body, "new");
        repo.wait_idle().await;
        let hits = repo.stats().entity($prefix).expect("there").hits;
        $name::Entity::find_cached(two.clone())
            .one(&repo)
            .await
            .expect("read");
        assert_eq!(
            repo.stats().entity($prefix).expect("there").hits - hits,
            1,
            "the other is still cached"
        );
        $name::Entity::delete_by_id(one.clone())
            .exec(&repo)
            .await
            .expect("deleted");
        assert!(
            $name::Entity::find_cached(one.clone())
                .one(&repo)
                .await
                .expect("read")
                .is_none()
        );
        let rows = $name::Entity::find_cached_by_mirror(one)
            .all(&repo)
            .await
            .expect("read");
        assert!(rows.is_empty());
    }};
}

matrix! {
    async fn keys_that_are_signed_numbers_find_their_rows(world) {
        if world.database != Database::Postgres {
            round_trip!(world, by_i8, "i8", i8::MIN, i8::MAX);
        }
        round_trip!(world, by_i16, "i16", i16::MIN, i16::MAX);
        round_trip!(world, by_i32, "i32", i32::MIN, i32::MAX);
        round_trip!(world, by_i64, "i64", i64::MIN, i64::MAX);
    }

    async fn keys_that_are_unsigned_numbers_find_their_rows(world) {
        if world.database != Database::Postgres {
            round_trip!(world, by_u8, "u8", 0, u8::MAX);
            round_trip!(world, by_u16, "u16", 0, u16::MAX);
            round_trip!(world, by_u32, "u32", 0, u32::MAX);
        }
        if world.database == Database::MariaDb {
            round_trip!(world, by_u64, "u64", i64::MAX as u64, u64::MAX);
        }
    }

    async fn keys_that_are_texts_and_bytes_find_their_rows(world) {
        round_trip!(world, by_text, "text", String::new(), "a:*{\u{e9}}%,".to_owned());
        round_trip!(world, by_bytes, "bytes", vec![0], vec![0, 255, b'%']);
        round_trip!(world, by_bool, "bool", false, true);
        round_trip!(world, by_uuid, "uuid", Uuid::nil(), Uuid::from_u128(u128::MAX - 1));
    }

    async fn keys_that_are_times_and_decimals_find_their_rows(world) {
        let date = |text: &str| text.parse::<Date>().expect("a date");
        round_trip!(world, by_date, "date", date("1970-01-01"), date("9999-12-31"));
        let time = |text: &str| text.parse::<DateTime>().expect("a time");
        round_trip!(world, by_time, "datetime", time("1970-01-02T00:00:01"), time("2037-12-31T23:59:59"));
        round_trip!(world, by_decimal, "decimal", Decimal::new(-150, 0), Decimal::new(7, 0));
    }

    async fn a_row_is_found_whatever_type_of_number_names_it(world) {
        let repo = repo_over::<Keys>(&world).await;
        create_table(&world.raw, by_i32::Entity).await;
        let mark = if world.database == Database::Postgres { "$1" } else { "?" };
        for id in 0..24 {
            let row = by_i32::Model { id, mirror: 7, body: String::new() };
            row.into_active_model().insert(&repo).await.expect("inserted");
        }
        // The engine reads each row before it goes, by one and the same statement.
        for id in (0..24).step_by(4) {
            let sql = format!("DELETE FROM by_i32 WHERE id = {id}");
            repo.execute_unprepared(&sql).await.expect("a literal");
            by_i32::Entity::delete_by_id(id + 1).exec(&repo).await.expect("its own type");
            let sql = format!("DELETE FROM by_i32 WHERE id = {mark}");
            let values = [i64::from(id + 2).into()];
            let delete = Statement::from_sql_and_values(repo.get_database_backend(), sql, values);
            repo.execute_raw(delete).await.expect("another type");
            let sql = format!("DELETE FROM by_i32 WHERE id IN ({}, NULL)", id + 3);
            repo.execute_unprepared(&sql).await.expect("a literal and NULL");
            let both = by_i32::Column::Id.is_in([id, id + 1]);
            by_i32::Entity::delete_many().filter(both).exec(&repo).await.expect("two");
        }
        create_table(&world.raw, by_text::Entity).await;
        let row = by_text::Model { id: "a".to_owned(), mirror: "7".to_owned(), body: String::new() };
        row.into_active_model().insert(&repo).await.expect("inserted");
        let sql = "DELETE FROM by_text WHERE id IN ('a', NULL)";
        repo.execute_unprepared(sql).await.expect("a text and NULL");
        let rows = by_i32::Entity::find_cached_by_mirror(7).all(&repo).await.expect("read");
        assert!(rows.is_empty());
    }

    async fn keys_of_the_programs_own_types_find_their_rows(world) {
        round_trip!(world, by_mood, "mood", Mood::Good, Mood::Bad);
        round_trip!(world, by_level, "level", Level::Low, Level::High);
        round_trip!(world, by_badge, "badge", Badge(-1), Badge(i64::MAX));
    }
}
