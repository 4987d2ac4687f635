//! What the command line asks for.

use std::path::PathBuf;

use super::{Format, entity};
use crate::failure::Failure;

const USAGE: &str = "usage: bench --compile [--entities 300,1000] [--format dense,compact] [--rounds N] [--json FILE]";

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) entities: Vec<usize>,
    pub(super) formats: Vec<Format>,
    pub(super) rounds: usize,
    pub(super) json: Option<PathBuf>,
}

impl Options {
    pub(super) fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut options = Self {
            entities: vec![300],
            formats: vec![Format::Dense],
            rounds: 5,
            json: None,
        };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let value = words
                .next()
                .ok_or_else(|| Failure::usage(format!("`{word}` needs a value; {USAGE}")))?;
            match word.as_str() {
                "--entities" => options.entities = list(value, size)?,
                "--format" => options.formats = list(value, format)?,
                "--rounds" => options.rounds = rounds(value)?,
                "--json" => options.json = Some(value.into()),
                _ => return Err(Failure::usage(USAGE)),
            }
        }
        Ok(options)
    }
}

fn list<T>(words: &str, item: fn(&str) -> Result<T, Failure>) -> Result<Vec<T>, Failure> {
    words.split(',').map(item).collect()
}

fn size(word: &str) -> Result<usize, Failure> {
    let number = word.parse().ok();
    let number =
        number.filter(|number: &usize| *number > 0 && number.is_multiple_of(entity::GROUP));
    number.ok_or_else(|| Failure::usage(format!("`{word}` is no multiple of ten; {USAGE}")))
}

fn format(word: &str) -> Result<Format, Failure> {
    let mut all = Format::ALL.into_iter();
    all.find(|format| format.name() == word)
        .ok_or_else(|| Failure::usage(format!("no format `{word}`; {USAGE}")))
}

fn rounds(word: &str) -> Result<usize, Failure> {
    let number = word.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| Failure::usage(format!("`{word}` is no number of rounds; {USAGE}")))
}

#[cfg(test)]
mod tests {
    use super::{Format, Options};

    fn parse(line: &str) -> Result<Options, String> {
        let words: Vec<String> = line.split_whitespace().map(String::from).collect();
        Options::parse(&words).map_err(|failure| failure.to_string())
    }

    #[test]
    fn lists_are_parted_by_commas() {
        let options = parse("--entities 300,1000 --format compact,dense --rounds 3").unwrap();
        assert_eq!(options.entities, [300, 1000]);
        assert_eq!(options.formats, [Format::Compact, Format::Dense]);
        assert_eq!(options.rounds, 3);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for line in [
            "--entities",
            "--entities ten",
            "--entities 0",
            "--entities 15",
            "--rounds 0",
            "--format loose",
            "--all yes",
        ] {
            assert!(parse(line).unwrap_err().contains("usage: "), "{line}");
        }
    }
}
