//! Databases in a running server, made by the server's own client.
//!
//! A client and not a driver: this crate must not bring a second copy of what
//! the library under test brings.

use std::process::Command;

use crate::error::ServerError;
use crate::find::Program;
use crate::start::finish;

const PSQL: Program = Program {
    names: &["psql"],
    package: "postgresql-client",
};

const MARIADB: Program = Program {
    names: &["mariadb", "mysql"],
    package: "mariadb-client",
};

/// The longest name that PostgreSQL takes; MariaDB takes one more.
const LONGEST: usize = 63;

/// Makes an empty database beside the one that `url` names; returns its URL.
pub(crate) fn create(url: &str, name: &str) -> Result<String, ServerError> {
    self::drop(url, name)?;
    execute(url, &format!("CREATE DATABASE {name}"))?;
    let (server, _) = split(url)?;
    Ok(format!("{server}/{name}"))
}

/// Removes a database if it is there.
pub(crate) fn drop(url: &str, name: &str) -> Result<(), ServerError> {
    check(name)?;
    let force = if is_postgres(url) {
        " WITH (FORCE)"
    } else {
        ""
    };
    execute(url, &format!("DROP DATABASE IF EXISTS {name}{force}"))
}

/// A name that neither SQL nor a URL must quote.
fn check(name: &str) -> Result<(), ServerError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    if begins && name.len() <= LONGEST && name.bytes().all(plain) {
        return Ok(());
    }
    Err(ServerError::BadName(name.to_owned()))
}

fn execute(url: &str, sql: &str) -> Result<(), ServerError> {
    if is_postgres(url) {
        psql(url, sql)
    } else {
        mariadb(url, sql)
    }
}

fn psql(url: &str, sql: &str) -> Result<(), ServerError> {
    let mut command = Command::new(PSQL.locate()?);
    command
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"])
        .args(["--command", sql, url])
        // "does not exist, skipping" is what we asked for.
        .env("PGOPTIONS", "-c client_min_messages=warning");
    finish(PSQL.name(), command).map(std::mem::drop)
}

fn mariadb(url: &str, sql: &str) -> Result<(), ServerError> {
    let (server, _) = split(url)?;
    let server = server
        .strip_prefix("mysql://")
        .ok_or_else(|| ServerError::BadUrl(url.to_owned()))?;
    let (login, address) = server.rsplit_once('@').unwrap_or(("root", server));
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let (host, port) = address.split_once(':').unwrap_or((address, "3306"));
    let mut command = Command::new(MARIADB.locate()?);
    command
        .args(["--no-defaults", "--protocol=tcp", "--batch"])
        .arg(format!("--host={host}"))
        .arg(format!("--port={port}"))
        .arg(format!("--user={user}"))
        .arg(format!("--execute={sql}"))
        // Not an argument, which everybody on the machine could read.
        .env("MYSQL_PWD", password);
    finish(MARIADB.name(), command).map(std::mem::drop)
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// `scheme://login@host:port` and the database.
fn split(url: &str) -> Result<(&str, &str), ServerError> {
    url.split_once("://")
        .and_then(|(scheme, rest)| {
            let slash = rest.find('/')?;
            let at = scheme.len() + "://".len() + slash;
            Some((url.get(..at)?, url.get(at + 1..)?))
        })
        .ok_or_else(|| ServerError::BadUrl(url.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_split_at_the_database() {
        let (server, name) = split("mysql://root@127.0.0.1:3306/test").unwrap();
        assert_eq!((server, name), ("mysql://root@127.0.0.1:3306", "test"));
        assert!(split("redis://127.0.0.1:6379").is_err());
    }

    #[test]
    fn names_that_need_quoting_are_refused() {
        assert!(check("orders_2").is_ok());
        for name in ["", "Orders", "2orders", "a-b", "a b", "a'", &"a".repeat(64)] {
            assert!(check(name).is_err(), "{name}");
        }
    }
}
