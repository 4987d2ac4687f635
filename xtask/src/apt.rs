//! Installing Debian packages, when that is possible without asking anybody.

use std::env;
use std::path::Path;
use std::process::Command;

use testkit::find_program;

use crate::failure::Failure;
use crate::run;

/// Debian asks this script whether a package may start its server. We start
/// private servers; the packages' own would only take ports and memory.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Installs packages.
///
/// # Errors
///
/// The way to do it by hand, if this process may not or apt failed.
pub(crate) fn install(packages: &[&str]) -> Result<(), Failure> {
    let names = packages.join(" ");
    let by_hand = || format!("type: sudo apt-get update && sudo apt-get install {names}");
    if find_program("apt-get").is_none() {
        return Err(Failure::new(format!(
            "missing: {names} (names of Debian's packages); install them with this system's package manager"
        )));
    }
    let Some(prefix) = prefix() else {
        return Err(Failure::new(format!(
            "missing: {names}; this is neither root nor is there a sudo without a password; {}",
            by_hand()
        )));
    };
    println!("installing {names}");
    let _policy = NoStart::set(prefix);
    // Lists may be old and still do, for example without a network but with a
    // filled package cache.
    if let Err(failure) = run::run(command(prefix, &["apt-get", "-q", "update"])) {
        if failure.is_interrupt() {
            return Err(failure);
        }
        println!("{failure}; trying with the lists there are");
    }
    let mut words = vec!["apt-get", "-q", "install", "-y", "--no-install-recommends"];
    words.extend_from_slice(packages);
    run::run(command(prefix, &words)).map_err(|failure| failure.advise(&by_hand()))
}

/// What to put before a command that needs root; none if there is no way.
fn prefix() -> Option<&'static [&'static str]> {
    if is_root() {
        return Some(&[]);
    }
    let sudo: &[&str] = &["sudo", "-n"];
    run::succeeds(command(sudo, &["true"])).then_some(sudo)
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// `env` and not an environment: sudo would drop that.
fn command(prefix: &[&str], words: &[&str]) -> Command {
    let mut all = prefix.to_vec();
    all.extend(["env", "DEBIAN_FRONTEND=noninteractive"]);
    all.extend_from_slice(words);
    let (first, rest) = all
        .split_first()
        .map_or(("true", &[][..]), |(a, b)| (*a, b));
    let mut command = Command::new(first);
    command.args(rest).current_dir(env::temp_dir());
    command
}

/// Keeps packages from starting their servers until dropped.
struct NoStart {
    prefix: &'static [&'static str],
    ours: bool,
}

impl NoStart {
    /// A policy that is there already is somebody's decision: it stays.
    fn set(prefix: &'static [&'static str]) -> Self {
        let ours = !Path::new(POLICY).exists() && {
            let script = r#"printf '#!/bin/sh\nexit 101\n' >"$0" && chmod 755 "$0""#;
            run::succeeds(command(prefix, &["sh", "-c", script, POLICY]))
        };
        Self { prefix, ours }
    }
}

impl Drop for NoStart {
    fn drop(&mut self) {
        if self.ours {
            run::succeeds(command(self.prefix, &["rm", "-f", POLICY]));
        }
    }
}
