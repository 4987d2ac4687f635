//! Keeps sqlparser out of the program's log.
//!
//! sqlparser writes a line for each token at `DEBUG`, with the values in the text, by the `log` crate. It has no switch for that,
//! and a feature of `log` that leaves such lines out would do so for the whole program. So
//! - where `tracing` is listened to, as with `tracing-subscriber`, the thread has no listener while it parses. `tracing-log` asks the
//!   listener of the thread, and exactly these lines are lost;
//! - where `log` itself is listened to, as with `env_logger`, and its filter lets these lines pass, nothing but its level is left,
//!   and that is one for all threads. It is lowered to `INFO` while something is parsed: a text once, some tenths of a millisecond.
//!   What other threads write at `DEBUG` and `TRACE` in between is lost as well, unless the program's filter is `sqlparser=off`.
//!
//! If nobody listens that closely, two numbers are compared.

use std::sync::{Mutex, MutexGuard, PoisonError};

use log::{LevelFilter, Metadata};
use tracing::dispatcher::{self, Dispatch};
use tracing::subscriber::NoSubscriber;

/// What sqlparser does not write at.
const QUIET: LevelFilter = LevelFilter::Info;

/// The modules of sqlparser that write.
const TARGETS: [&str; 2] = ["sqlparser::parser", "sqlparser::dialect"];

/// Parses without a line in the log.
pub(super) fn quietly<T>(parse: impl FnOnce() -> T) -> T {
    if is_quiet() {
        return parse();
    }
    // A listener is taken from the thread only if there is one: after the first, `tracing` no longer writes to `log`.
    match dispatcher::get_default(|listener| listener.is::<NoSubscriber>()) {
        true => unlogged(parse),
        false => dispatcher::with_default(&Dispatch::none(), || unlogged(parse)),
    }
}

/// Whether nobody listens closely enough, and not because another thread has lowered the level.
fn is_quiet() -> bool {
    let level = level();
    level.parsing == 0 && log::max_level() <= QUIET
}

fn unlogged<T>(parse: impl FnOnce() -> T) -> T {
    let passes = |target: &&str| {
        let debug = Metadata::builder()
            .level(log::Level::Debug)
            .target(target)
            .build();
        log::logger().enabled(&debug)
    };
    let is_heard = TARGETS.iter().any(passes);
    let _lowered = is_heard.then(Lowered::begin);
    parse()
}

/// How many threads parse, and the level before the first of them began.
struct Level {
    parsing: usize,
    before: LevelFilter,
}

static LEVEL: Mutex<Level> = Mutex::new(Level {
    parsing: 0,
    before: LevelFilter::Off,
});

fn level() -> MutexGuard<'static, Level> {
    LEVEL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps the level low.
struct Lowered;

impl Lowered {
    fn begin() -> Self {
        let mut level = level();
        if level.parsing == 0 {
            level.before = log::max_level();
            log::set_max_level(level.before.min(QUIET));
        }
        level.parsing += 1;
        Self
    }
}

impl Drop for Lowered {
    fn drop(&mut self) {
        let mut level = level();
        level.parsing -= 1;
        // If the program has set another level meanwhile, it stays.
        if level.parsing == 0 && log::max_level() == QUIET {
            log::set_max_level(level.before);
        }
    }
}
