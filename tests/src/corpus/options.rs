//! What the command line says.

use crate::{Database, Store};

/// What the command line says.
#[derive(Clone, Debug)]
pub struct Options {
    /// The database.
    pub database: Database,
    /// The store.
    pub store: Store,
    /// How many steps: a write, and queries behind it.
    pub steps: u32,
    /// Where chance begins.
    pub seed: u64,
    /// Whether the last line is for programs.
    pub json: bool,
    /// Whether writes go past the repo, so that it must be found wrong.
    pub past: bool,
}

/// How to call the program.
pub const USAGE: &str = "\
usage: query-corpus [options]
  --database NAME   postgres, mariadb or sqlite (postgres)
  --store NAME      redis or memory (redis)
  --steps N         how many writes, with queries behind each (500)
  --seed N          where chance begins (drawn, and printed)
  --past            writes go past the repo: it must be found wrong
  --json            the last line is for programs";

impl Options {
    /// From words.
    ///
    /// # Errors
    /// What is wrong with them, in a line for people.
    pub fn parse(words: &[String]) -> Result<Self, String> {
        let mut options = Self {
            database: Database::Postgres,
            store: Store::Redis,
            steps: 500,
            seed: fastrand::u64(..1_000_000),
            json: false,
            past: false,
        };
        let mut words = words.iter();
        while let Some(name) = words.next() {
            match name.as_str() {
                "--json" => options.json = true,
                "--past" => options.past = true,
                _ => options.set(name, words.next())?,
            }
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: Option<&String>) -> Result<(), String> {
        let value = value.ok_or_else(|| format!("`{name}` is unknown or lacks its value"))?;
        let wrong = |wanted: &str| format!("`{name} {value}`: {wanted} is wanted");
        match name {
            "--database" => {
                self.database = match value.as_str() {
                    "postgres" => Database::Postgres,
                    "mariadb" => Database::MariaDb,
                    "sqlite" => Database::Sqlite,
                    _ => return Err(wrong("one of postgres, mariadb, sqlite")),
                };
            }
            "--store" => {
                self.store = match value.as_str() {
                    "redis" => Store::Redis,
                    "memory" => Store::Memory,
                    _ => return Err(wrong("one of redis, memory")),
                };
            }
            "--steps" => self.steps = value.parse().map_err(|_| wrong("a whole number"))?,
            "--seed" => self.seed = value.parse().map_err(|_| wrong("a whole number"))?,
            _ => return Err(format!("`{name}` is unknown")),
        }
        Ok(())
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
        let options = parse("--database sqlite --store memory --steps 7 --seed 1 --json");
        let options = options.expect("they are right");
        assert_eq!(options.database, Database::Sqlite);
        assert_eq!(options.store, Store::Memory);
        assert_eq!((options.steps, options.seed), (7, 1));
        assert_eq!((options.json, options.past), (true, false));
    }

    #[test]
    fn wrong_options_are_explained() {
        for (line, message) in [
            ("--step 8", "`--step` is unknown"),
            ("--steps", "`--steps` is unknown or lacks its value"),
            ("--steps x", "`--steps x`: a whole number is wanted"),
            (
                "--store disk",
                "`--store disk`: one of redis, memory is wanted",
            ),
        ] {
            assert_eq!(parse(line).err().as_deref(), Some(message));
        }
    }
}
