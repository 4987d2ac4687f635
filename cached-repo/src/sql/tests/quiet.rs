//! sqlparser's lines stay out of the log, whoever listens.

use super::super::{analyze, quiet::quietly, reads::reads};
use super::P;
use log::{LevelFilter, Log, Metadata, Record};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use tracing::dispatcher;
use tracing::span::{Attributes, Id};
use tracing::subscriber::NoSubscriber;
use tracing::{Event, Subscriber};

/// What the program has logged, and whether its logger passes all on to `tracing`, as `tracing-log` does.
struct Logger {
    passes_on: AtomicBool,
    lines: Mutex<Vec<String>>,
}

static LOGGER: Logger = Logger {
    passes_on: AtomicBool::new(false),
    lines: Mutex::new(Vec::new()),
};

impl Log for Logger {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        !self.passes_on.load(Ordering::SeqCst)
            || dispatcher::get_default(|listener| !listener.is::<NoSubscriber>())
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = format!("{} {}", record.target(), record.args());
            self.lines.lock().expect("no panic").push(line);
        }
    }

    fn flush(&self) {}
}

/// Who listens to `tracing`.
struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Has sqlparser read a text with a value in it, in every way.
fn read() {
    let _ = analyze(P, "UPDATE t SET a = 'secret' WHERE id = 5");
    let writing = "WITH x AS (DELETE FROM t WHERE a = 'secret' RETURNING *) SELECT * FROM x";
    let _ = analyze(P, writing);
    assert!(reads(P, "SELECT a + 1 FROM t WHERE a = 'secret'").is_some());
}

/// What sqlparser has logged of this.
fn lines_of_sqlparser(of: impl FnOnce()) -> Vec<String> {
    LOGGER.lines.lock().expect("no panic").clear();
    of();
    log::debug!(target: "program", "goes on");
    let lines = LOGGER.lines.lock().expect("no panic").clone();
    assert!(
        lines.iter().any(|line| line == "program goes on"),
        "the program's own are there"
    );
    let of_sqlparser = |line: &String| line.starts_with("sqlparser") || line.contains("secret");
    lines.into_iter().filter(of_sqlparser).collect()
}

#[test]
fn what_the_parser_writes_reaches_no_log() {
    log::set_logger(&LOGGER).expect("no other test logs");
    log::set_max_level(LevelFilter::Trace);

    // As `env_logger` does.
    assert_eq!(lines_of_sqlparser(read), [""; 0]);
    assert_eq!(quietly(log::max_level), LevelFilter::Info);
    assert_eq!(log::max_level(), LevelFilter::Trace, "as it was");
    quietly(|| {
        quietly(|| ());
        assert_eq!(
            log::max_level(),
            LevelFilter::Info,
            "until the last is done"
        );
        log::set_max_level(LevelFilter::Debug);
    });
    assert_eq!(
        log::max_level(),
        LevelFilter::Debug,
        "what the program sets meanwhile stays"
    );
    log::set_max_level(LevelFilter::Trace);

    let lines = lines_of_sqlparser(|| {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..50).for_each(|_| read()));
            }
        });
    });
    assert_eq!(lines, [""; 0], "of several threads");
    assert_eq!(log::max_level(), LevelFilter::Trace, "as it was");

    // As `tracing-log` does.
    LOGGER.passes_on.store(true, Ordering::SeqCst);
    tracing::subscriber::set_global_default(Listener).expect("no other test listens");
    assert_eq!(lines_of_sqlparser(read), [""; 0]);
    let seen = quietly(|| dispatcher::get_default(|listener| listener.is::<Listener>()));
    assert!(!seen, "the thread's alone");
    assert_eq!(
        quietly(log::max_level),
        LevelFilter::Trace,
        "no other thread loses a line"
    );
    assert!(dispatcher::get_default(|listener| listener.is::<Listener>()));
}
