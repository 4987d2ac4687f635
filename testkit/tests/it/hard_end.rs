//! A process that is killed leaves no server behind.
//!
//! The test runs itself as the process to kill: a test binary called with the
//! name of one test runs that test alone.
#![expect(clippy::unwrap_used, reason = "test code outside of test functions")]

use std::env;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use crate::support::{SOON, folder_of, runs};
use testkit::{MariaDb, Postgres, Redis, clock, shared};

/// Set for the process to kill.
const VICTIM: &str = "TESTKIT_VICTIM";

/// A server that it is told to share.
const ELSEWHERE: &str = "postgres://somewhere/else";

#[test]
fn a_killed_process_leaves_no_server() {
    if env::var_os(VICTIM).is_some() {
        return own_servers_then_hang();
    }
    let mut victim = Victim::start("hard_end::a_killed_process_leaves_no_server", 3);
    let pids = &victim.pids;
    assert_eq!(pids.len(), 3);
    let folders: Vec<_> = pids.iter().map(|&pid| folder_of(pid)).collect();
    victim.kill();
    let no_process = || victim.pids.iter().all(|&pid| !runs(pid));
    assert!(clock::wait_until(SOON, no_process), "{:?}", victim.pids);
    let no_folder = || folders.iter().all(|folder| !folder.exists());
    assert!(clock::wait_until(SOON, no_folder), "{folders:?}");
}

/// The servers are started by threads that end, which must not end the servers.
fn own_servers_then_hang() {
    let redis = thread::spawn(|| Redis::start().unwrap()).join().unwrap();
    let postgres = thread::spawn(|| Postgres::start().unwrap()).join().unwrap();
    let mariadb = thread::spawn(|| MariaDb::start().unwrap()).join().unwrap();
    for pid in [redis.pid().unwrap(), postgres.pid(), mariadb.pid()] {
        println!("pid {pid}");
    }
    loop {
        thread::park();
    }
}

#[test]
fn a_shared_server_ends_with_its_process() {
    if env::var_os(VICTIM).is_some() {
        return use_the_shared_server();
    }
    let mut victim = Victim::start("hard_end::a_shared_server_ends_with_its_process", 1);
    victim.finish();
    assert_eq!(victim.pids.len(), 1);
    assert!(clock::wait_until(SOON, || !runs(victim.pids[0])));
}

fn use_the_shared_server() {
    let first = shared::redis().unwrap();
    assert_eq!(shared::redis().unwrap(), first, "started once");
    let port = first.url().rsplit_once(':').unwrap().1.parse().unwrap();
    let info = crate::support::ask_redis(port, "INFO server\r\nQUIT\r\n").unwrap();
    let pid = info.split_once("process_id:").unwrap().1;
    println!("pid {}", pid.lines().next().unwrap());
}

#[test]
fn a_shared_server_is_the_one_named() {
    if env::var_os(VICTIM).is_some() {
        assert_eq!(shared::postgres().unwrap().url(), ELSEWHERE);
        return;
    }
    Victim::start("hard_end::a_shared_server_is_the_one_named", 0).finish();
}

/// One test of this file in a process of its own.
struct Victim {
    child: Child,
    // Kept open: a harness that cannot write its summary reports a failure.
    output: Lines<BufReader<ChildStdout>>,
    /// The process ids that it wrote.
    pids: Vec<u32>,
}

impl Victim {
    /// Starts it and reads as many process ids.
    fn start(test: &str, pids: usize) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(VICTIM, "1")
            .env_remove(shared::REDIS)
            .env(shared::POSTGRES, ELSEWHERE)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let pids = output
            .by_ref()
            .map_while(Result::ok)
            // The harness may have written before it in the same line.
            .filter_map(|line| line.rsplit_once("pid ")?.1.parse().ok())
            .take(pids)
            .collect();
        Self {
            child,
            output,
            pids,
        }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it ends; it must have passed.
    fn finish(&mut self) {
        self.output.by_ref().for_each(drop);
        assert!(self.child.wait().unwrap().success());
    }
}
