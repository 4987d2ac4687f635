//! Looking at processes and servers from outside.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use testkit::find_program;

/// Time enough on a loaded machine.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Whether a process runs; one that only waits to be reaped does not.
pub(crate) fn runs(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// The folder that a process works in.
pub(crate) fn folder_of(pid: u32) -> PathBuf {
    fs::read_link(format!("/proc/{pid}/cwd")).expect("a running process")
}

/// Sends commands to a Redis, each in a line; returns what it answers until the
/// last of them, which must be QUIT.
pub(crate) fn ask_redis(port: u16, lines: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(lines.as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

/// One value from PostgreSQL.
pub(crate) fn ask_postgres(url: &str, sql: &str) -> String {
    let psql = find_program("psql").expect("psql");
    let mut command = Command::new(psql);
    command.args(["-X", "-t", "-A", "-c", sql, url]);
    text_of(command)
}

/// One value from MariaDB.
pub(crate) fn ask_mariadb(port: u16, database: &str, sql: &str) -> String {
    let mariadb = find_program("mariadb").expect("mariadb");
    let mut command = Command::new(mariadb);
    command
        .args(["--no-defaults", "-N", "-uroot", "-h127.0.0.1"])
        .args([&format!("-P{port}"), "-e", sql, database]);
    text_of(command)
}

fn text_of(mut command: Command) -> String {
    let output = command.output().expect("a client that runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout)
        .expect("text")
        .trim()
        .to_owned()
}
