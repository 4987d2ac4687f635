//! What the integration tests share: a schema, worlds of a database and a store, and means to hold the engine still.

pub mod blog;
pub mod company;
pub mod eventually;
pub mod faulty;
pub mod over;
pub mod pair;
pub mod pause;
pub mod rows;
pub mod scene;
pub mod shapes;
pub mod shop;
pub mod sides;
pub mod staleness;
pub mod traps;
pub mod types;
pub mod world;

pub use scene::{Read, Scene};
pub use world::{Database, Store, World};

/// Declares one test for each pair of a database and a store.
///
/// `matrix! { fn name(world) { .. } }` runs the body in a fresh [`World`] for each of SQLite, PostgreSQL and MariaDB, over the
/// store in the process and over Redis; and for PostgreSQL over Redis with copies in the process.
#[macro_export]
macro_rules! matrix {
    ($($(#[$doc:meta])* async fn $name:ident($world:ident) $body:block)*) => {$(
        $(#[$doc])*
        mod $name {
            #[allow(unused_imports, reason = "not every scenario needs what its file imports")]
            use super::*;

            async fn scenario($world: $crate::World) $body

            $crate::matrix!(@one sqlite_memory, Sqlite, Memory);
            $crate::matrix!(@one sqlite_redis, Sqlite, Redis);
            $crate::matrix!(@one postgres_memory, Postgres, Memory);
            $crate::matrix!(@one postgres_redis, Postgres, Redis);
            $crate::matrix!(@one postgres_bounded, Postgres, Bounded);
            $crate::matrix!(@one mariadb_memory, MariaDb, Memory);
            $crate::matrix!(@one mariadb_redis, MariaDb, Redis);
        }
    )*};
    (@one $name:ident, $database:ident, $store:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            scenario($crate::World::new($crate::Database::$database, $crate::Store::$store).await).await;
        }
    };
}
