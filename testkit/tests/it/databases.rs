//! Private PostgreSQL and MariaDB start, make databases and stop.

use crate::support::{ask_mariadb, ask_postgres, folder_of, runs};
use testkit::{MariaDb, Postgres, ServerError};

#[test]
fn postgres_makes_databases_and_stops() {
    let server = Postgres::start_with(&["wal_level=logical"]).unwrap();
    let folder = folder_of(server.pid());
    assert_eq!(ask_postgres(&server.url(), "SHOW wal_level"), "logical");
    assert_eq!(ask_postgres(&server.url(), "SHOW max_connections"), "200");

    let url = server.create_database("orders").unwrap();
    assert_eq!(
        url,
        format!("postgres://postgres@127.0.0.1:{}/orders", server.port())
    );
    ask_postgres(&url, "CREATE TABLE t (id int)");
    assert_eq!(server.create_database("orders").unwrap(), url);
    let left = "SELECT count(*) FROM pg_tables WHERE tablename = 't'";
    assert_eq!(ask_postgres(&url, left), "0", "made anew");

    server.drop_database("orders").unwrap();
    let there = "SELECT count(*) FROM pg_database WHERE datname = 'orders'";
    assert_eq!(ask_postgres(&server.url(), there), "0");

    let pid = server.pid();
    drop(server);
    assert!(!runs(pid));
    // The data folder is data inside the server's own.
    assert!(!folder.parent().unwrap().join("data").exists() && !folder.exists());
}

#[test]
fn mariadb_makes_databases_and_stops() {
    let server = MariaDb::start_with(&["--transaction-isolation=READ-COMMITTED"]).unwrap();
    let port = server.port();
    assert_eq!(server.url(), format!("mysql://root@127.0.0.1:{port}/test"));
    let isolation = ask_mariadb(port, "test", "SELECT @@tx_isolation, @@max_connections");
    assert_eq!(isolation, "READ-COMMITTED\t200");

    let url = server.create_database("orders").unwrap();
    assert_eq!(url, format!("mysql://root@127.0.0.1:{port}/orders"));
    ask_mariadb(port, "orders", "CREATE TABLE t (id int)");
    server.create_database("orders").unwrap();
    assert_eq!(ask_mariadb(port, "orders", "SHOW TABLES"), "", "made anew");
    server.drop_database("orders").unwrap();
    assert_eq!(
        ask_mariadb(port, "test", "SHOW DATABASES LIKE 'orders'"),
        ""
    );

    let pid = server.pid();
    let folder = folder_of(pid);
    drop(server);
    assert!(!runs(pid));
    assert!(!folder.exists());
}

#[test]
fn a_setting_that_is_refused_is_shown_in_the_servers_words() {
    let error = Postgres::start_with(&["no_such_setting=1"]).unwrap_err();
    assert!(matches!(error, ServerError::Failed { .. }), "{error}");
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}
