//! A private Redis starts, loses, hangs and comes back as asked.

use std::io::ErrorKind;

use crate::support::{SOON, ask_redis, folder_of, runs};
use testkit::{Redis, ServerError, clock};

#[test]
fn it_starts_and_stops() {
    let redis = Redis::start().unwrap();
    let (pid, port) = (redis.pid().unwrap(), redis.port());
    let folder = folder_of(pid);
    assert_eq!(redis.url(), format!("redis://127.0.0.1:{port}"));
    assert_eq!(
        ask_redis(port, "PING\r\nQUIT\r\n").unwrap(),
        "+PONG\r\n+OK\r\n"
    );

    drop(redis);
    assert!(!runs(pid));
    assert!(!folder.exists());
    assert!(ask_redis(port, "QUIT\r\n").is_err());
}

#[test]
fn it_takes_more_arguments() {
    let redis = Redis::start_with(&["--maxmemory", "4mb"]).unwrap();
    let answer = ask_redis(redis.port(), "CONFIG GET maxmemory\r\nQUIT\r\n").unwrap();
    assert!(answer.contains("4194304"), "{answer}");
}

#[test]
fn a_password_does_not_hinder_the_start() {
    let redis = Redis::start_with(&["--requirepass", "secret"]).unwrap();
    let answer = ask_redis(redis.port(), "PING\r\nQUIT\r\n").unwrap();
    assert!(answer.starts_with("-NOAUTH"), "{answer}");
}

#[test]
fn an_argument_it_refuses_is_shown_in_its_own_words() {
    let error = Redis::start_with(&["--no-such-option", "1"]).unwrap_err();
    assert!(matches!(error, ServerError::Failed { .. }), "{error}");
    assert!(error.to_string().contains("no-such-option"), "{error}");
}

#[test]
fn a_kill_loses_everything_and_a_restart_keeps_the_port() {
    let mut redis = Redis::start().unwrap();
    let (pid, port) = (redis.pid().unwrap(), redis.port());
    ask_redis(port, "SET key value\r\nQUIT\r\n").unwrap();

    redis.kill();
    assert!(!runs(pid));
    assert_eq!(redis.pid(), None);
    assert!(matches!(
        redis.freeze(),
        Err(ServerError::NotRunning { .. })
    ));
    assert!(ask_redis(port, "QUIT\r\n").is_err());

    redis.restart().unwrap();
    assert_eq!(redis.port(), port);
    assert_ne!(redis.pid(), Some(pid));
    assert_eq!(
        ask_redis(port, "GET key\r\nQUIT\r\n").unwrap(),
        "$-1\r\n+OK\r\n"
    );
}

#[test]
fn a_restart_needs_no_kill_before() {
    let mut redis = Redis::start().unwrap();
    let pid = redis.pid().unwrap();
    redis.restart().unwrap();
    assert!(!runs(pid));
    assert!(redis.pid().is_some_and(runs));
}

#[test]
fn a_frozen_one_keeps_connections_and_answers_after_the_thaw() {
    let redis = Redis::start().unwrap();
    redis.freeze().unwrap();
    let error = ask_redis(redis.port(), "PING\r\nQUIT\r\n").unwrap_err();
    let silent = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
    assert!(silent, "{error}");

    redis.thaw().unwrap();
    let answer = ask_redis(redis.port(), "PING\r\nQUIT\r\n").unwrap();
    assert_eq!(answer, "+PONG\r\n+OK\r\n");
}

#[test]
fn a_frozen_one_is_stopped_too() {
    let redis = Redis::start().unwrap();
    let pid = redis.pid().unwrap();
    redis.freeze().unwrap();
    drop(redis);
    assert!(!runs(pid));
}

#[test]
fn a_restart_waits_for_its_port() {
    let mut redis = Redis::start().unwrap();
    let port = redis.port();
    redis.kill();
    let mut squatter = None;
    clock::wait_until(SOON, || {
        squatter = std::net::TcpListener::bind(("127.0.0.1", port)).ok();
        squatter.is_some()
    });
    let thread = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(300));
        drop(squatter);
    });
    redis.restart().unwrap();
    assert_eq!(redis.port(), port);
    thread.join().unwrap();
}

#[test]
fn many_start_at_once() {
    let servers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..12).map(|_| scope.spawn(Redis::start)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap().unwrap())
            .collect()
    });
    let mut ports: Vec<_> = servers.iter().map(Redis::port).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), servers.len());
}
