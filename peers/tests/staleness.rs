//! Short runs of the checker on peers: it sees what they do not promise to prevent.

use std::process::Command;

/// One run, during which a writer cannot reach Redis for a while.
fn is_caught(subject: &str) {
    let line = "--stumble-ms 20 --seconds 10 --rows 6 --processes 3 --faults cut-network --seed 11";
    let output = Command::new(env!("CARGO_BIN_EXE_peers"))
        .args(["--subject", subject])
        .args(line.split_whitespace())
        .output()
        .expect("the checker runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains(": stale by "), "{text}");
}

#[test]
fn stale_reads_of_amalgam_are_seen() {
    is_caught("amalgam");
}

#[test]
fn stale_reads_of_amalgam_in_its_strict_profile_are_seen() {
    is_caught("amalgam-strict");
}

#[test]
fn stale_reads_of_cached_are_seen() {
    is_caught("cached");
}
