//! What the integration tests share: a schema, worlds of a database and a store, and means to hold the engine still.

pub mod blog;
pub mod company;
pub mod corpus;
pub mod eventually;
pub mod faulty;
pub mod log;
pub mod over;
pub mod pair;
pub mod passing;
pub mod pause;
pub mod rows;
pub mod scene;
pub mod shapes;
pub mod shop;
pub mod sides;
pub mod staleness;
pub mod traffic;
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
        async fn $name($world: $crate::World) $body

        mod $name {
            $crate::matrix!(@one $name, sqlite_memory, Sqlite, Memory);
            $crate::matrix!(@one $name, sqlite_redis, Sqlite, Redis);
            $crate::matrix!(@one $name, postgres_memory, Postgres, Memory);
            $crate::matrix!(@one $name, postgres_redis, Postgres, Redis);
            $crate::matrix!(@one $name, postgres_bounded, Postgres, Bounded);
            $crate::matrix!(@one $name, mariadb_memory, MariaDb, Memory);
            $crate::matrix!(@one $name, mariadb_redis, MariaDb, Redis);
        }
    )*};
    (@one $scenario:ident, $name:ident, $database:ident, $store:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let world = $crate::World::new($crate::Database::$database, $crate::Store::$store);
            super::$scenario(world.await).await;
        }
    };
}
