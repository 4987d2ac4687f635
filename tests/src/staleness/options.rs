//! What the command line says.

use super::judge::Level;
use cached_repo::config::WhenStoreDown;
use std::time::Duration;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// On the shared server, or one of this run's own.
    Postgres,
    /// The same.
    MariaDb,
    /// A file.
    Sqlite,
}

/// What is done to processes and servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Redis is killed, and comes back empty on the same port.
    KillStore,
    /// Redis stands still and keeps its connections.
    FreezeStore,
    /// One process cannot reach Redis; the others can.
    CutNetwork,
    /// One process is killed; another one takes its place.
    KillWriter,
    /// One process stands still, for longer than its leases.
    PauseProcess,
}

impl FaultKind {
    /// All, with their names.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::KillStore, "kill-store"),
        (Self::FreezeStore, "freeze-store"),
        (Self::CutNetwork, "cut-network"),
        (Self::KillWriter, "kill-writer"),
        (Self::PauseProcess, "pause-process"),
    ];

    /// Whether it is done to Redis or the way to it.
    #[must_use]
    pub fn needs_store(self) -> bool {
        matches!(self, Self::KillStore | Self::FreezeStore | Self::CutNetwork)
    }
}

/// What the command line says.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is checked.
    pub subject: String,
    /// How long the workers work.
    pub seconds: u32,
    /// How many workers there are.
    pub processes: u32,
    /// Tasks of each worker that read.
    pub readers: u32,
    /// Tasks of each worker that write.
    pub writers: u32,
    /// Slots of each kind.
    pub rows: u32,
    /// The database.
    pub database: Database,
    /// Whether the store is a Redis that all processes share.
    pub shared_store: bool,
    /// What is promised.
    pub level: Level,
    /// What is done to processes and servers.
    pub faults: Vec<FaultKind>,
    /// What a write does while the store is away.
    pub when_store_down: WhenStoreDown,
    /// How long locks live; a store that has lost its memory settles for as long.
    pub lock: Duration,
    /// How long a fill may take.
    pub lease: Duration,
    /// Longest pause between two steps of the subject.
    pub stumble: Duration,
    /// Where chance begins.
    pub seed: u64,
    /// Whether the last line is for programs.
    pub json: bool,
}

/// How to call the program.
pub const USAGE: &str = "\
usage: staleness [options]
  --subject NAME              what is checked (cached-repo)
  --seconds N                 how long (30)
  --processes N               worker processes (4; with --store memory 1)
  --readers-per-process N     tasks that read (4)
  --writers-per-process N     tasks that write (2)
  --rows N                    slots of each kind (24)
  --database NAME             postgres, mariadb or sqlite (postgres)
  --store NAME                redis or memory (redis)
  --consistency LEVEL         strict or bounded (strict)
  --bound-ms N                what bounded allows (1000)
  --faults LIST               kill-store, freeze-store, cut-network, kill-writer, pause-process, all or none (none)
  --when-store-down CHOICE    proceed or refuse (refuse)
  --lock-ms N                 lifetime of locks, and time to settle (1500)
  --lease-ms N                lifetime of leases (500)
  --stumble-ms N              now and then pauses of up to so long between two steps of the subject (0)
  --seed N                    where chance begins (drawn, and printed)
  --json                      the last line is for programs";

/// Options as they come in, before it is known whether they fit together.
struct Draft {
    options: Options,
    bounded: bool,
    bound_ms: Option<u64>,
    processes: Option<u32>,
}

impl Options {
    /// From words.
    ///
    /// # Errors
    /// What is wrong with them, in a line for people.
    pub fn parse(words: &[String]) -> Result<Self, String> {
        let mut draft = Draft {
            options: Self::defaults(),
            bounded: false,
            bound_ms: None,
            processes: None,
        };
        let mut words = words.iter();
        while let Some(name) = words.next() {
            if name == "--json" {
                draft.options.json = true;
                continue;
            }
            let value = words.next().ok_or_else(|| match name.strip_prefix("--") {
                Some(_) => format!("`{name}` is unknown or lacks its value"),
                None => format!("`{name}` is no option: options begin with `--`"),
            })?;
            draft.set(name, value)?;
        }
        draft.finish()
    }

    fn defaults() -> Self {
        Self {
            subject: "cached-repo".to_owned(),
            seconds: 30,
            processes: 4,
            readers: 4,
            writers: 2,
            rows: 24,
            database: Database::Postgres,
            shared_store: true,
            level: Level::Strict,
            faults: Vec::new(),
            when_store_down: WhenStoreDown::Refuse,
            lock: Duration::from_millis(1500),
            lease: Duration::from_millis(500),
            stumble: Duration::ZERO,
            seed: fastrand::u64(..1_000_000),
            json: false,
        }
    }

    /// Tasks that write, in all processes.
    #[must_use]
    pub fn owners(&self) -> u32 {
        self.processes * self.writers
    }
}

impl Draft {
    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let options = &mut self.options;
        match name {
            "--subject" => value.clone_into(&mut options.subject),
            "--seconds" => options.seconds = number(name, value, 3)?,
            "--processes" => self.processes = Some(number(name, value, 1)?),
            "--readers-per-process" => options.readers = number(name, value, 1)?,
            "--writers-per-process" => options.writers = number(name, value, 1)?,
            "--rows" => options.rows = number(name, value, 6)?,
            "--seed" => options.seed = number(name, value, 0)?,
            "--bound-ms" => self.bound_ms = Some(number(name, value, 1)?),
            "--lock-ms" => options.lock = Duration::from_millis(number(name, value, 1)?),
            "--stumble-ms" => options.stumble = Duration::from_millis(number(name, value, 0)?),
            "--lease-ms" => options.lease = Duration::from_millis(number(name, value, 1)?),
            "--faults" => options.faults = faults(value)?,
            "--database" => {
                let known = [
                    ("postgres", Database::Postgres),
                    ("mariadb", Database::MariaDb),
                    ("sqlite", Database::Sqlite),
                ];
                options.database = choice(name, value, &known)?;
            }
            "--store" => {
                options.shared_store = choice(name, value, &[("redis", true), ("memory", false)])?
            }
            "--consistency" => {
                self.bounded = choice(name, value, &[("strict", false), ("bounded", true)])?
            }
            "--when-store-down" => {
                let known = [
                    ("proceed", WhenStoreDown::Proceed),
                    ("refuse", WhenStoreDown::Refuse),
                ];
                options.when_store_down = choice(name, value, &known)?;
            }
            _ => return Err(format!("`{name}` is unknown")),
        }
        Ok(())
    }

    fn finish(self) -> Result<Options, String> {
        let mut options = self.options;
        let alone = if options.shared_store { 4 } else { 1 };
        options.processes = self.processes.unwrap_or(alone);
        if !options.shared_store && options.processes > 1 {
            return Err(
                "`--store memory` is one process's own: leave out `--processes`".to_owned(),
            );
        }
        let needs = options.faults.iter().any(|fault| fault.needs_store());
        if !options.shared_store && needs {
            return Err(
                "`--store memory` can only have the faults kill-writer and pause-process"
                    .to_owned(),
            );
        }
        if options.rows < options.owners() {
            let (rows, owners) = (options.rows, options.owners());
            return Err(format!(
                "{rows} rows are too few for {owners} writers: `--rows {owners}` is the least"
            ));
        }
        match (self.bounded, self.bound_ms) {
            (false, Some(_)) => return Err("`--bound-ms` needs `--consistency bounded`".to_owned()),
            (true, bound) => options.level = Level::Bounded(bound.unwrap_or(1000) * 1_000_000),
            (false, None) => {}
        }
        Ok(options)
    }
}

fn number<T: Copy + std::str::FromStr + PartialOrd + std::fmt::Display>(
    name: &str,
    value: &str,
    least: T,
) -> Result<T, String> {
    let parsed = value.parse().ok().filter(|number| *number >= least);
    parsed.ok_or_else(|| format!("`{name} {value}`: a whole number from {least} is wanted"))
}

fn choice<T: Copy>(name: &str, value: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(text, _)| *text == value);
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|(text, _)| *text).collect();
        format!("`{name} {value}`: one of {} is wanted", names.join(", "))
    })
}

fn faults(value: &str) -> Result<Vec<FaultKind>, String> {
    let known = FaultKind::ALL.map(|(kind, name)| (name, kind));
    match value {
        "none" => Ok(Vec::new()),
        "all" => Ok(known.map(|(_, kind)| kind).to_vec()),
        _ => value
            .split(',')
            .map(|word| choice("--faults", word, &known))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words)
    }

    #[test]
    fn options_are_read() {
        let options = parse(
            "--seconds 8 --store memory --consistency bounded --bound-ms 20 --faults kill-writer --json",
        );
        let options = options.expect("they are right");
        assert_eq!(
            (options.seconds, options.processes, options.json),
            (8, 1, true)
        );
        assert_eq!(options.level, Level::Bounded(20_000_000));
        assert_eq!(options.faults, [FaultKind::KillWriter]);
    }

    #[test]
    fn wrong_options_are_explained() {
        for (line, message) in [
            ("--second 8", "`--second` is unknown"),
            ("--seconds", "`--seconds` is unknown or lacks its value"),
            ("now", "`now` is no option: options begin with `--`"),
            (
                "--seconds x",
                "`--seconds x`: a whole number from 3 is wanted",
            ),
            (
                "--store disk",
                "`--store disk`: one of redis, memory is wanted",
            ),
            ("--bound-ms 5", "`--bound-ms` needs `--consistency bounded`"),
            (
                "--store memory --processes 2",
                "`--store memory` is one process's own: leave out `--processes`",
            ),
            (
                "--store memory --faults all",
                "`--store memory` can only have the faults kill-writer and pause-process",
            ),
            (
                "--processes 20",
                "24 rows are too few for 40 writers: `--rows 40` is the least",
            ),
        ] {
            assert_eq!(parse(line).err().as_deref(), Some(message));
        }
    }
}
