//! What happened, as workers note it: a line for each event, so that whatever a killed worker had noted still counts.

use super::model::{Question, Row, State, Touch, Unreadable};
use std::fmt::Write as _;

/// A question, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// When it began.
    pub begin: u64,
    /// When its answer was there.
    pub end: u64,
    /// What was asked.
    pub question: Question,
    /// What came back.
    pub answer: Answer,
    /// Whether the cache alone has answered, as far as that is known.
    pub hit: Option<bool>,
    /// Which process has asked; 0 is the run itself.
    pub process: u32,
}

/// What came of a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Rows, or none.
    Rows(Vec<Row>),
    /// An error, by its text.
    Error(String),
    /// Nothing, until the reader gave up.
    Hung,
}

/// What came of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has returned: whoever reads from now on must see it.
    Committed,
    /// It has rolled back, on purpose or because the subject refused it.
    RolledBack,
    /// The subject refused it because of the store.
    Refused,
    /// It failed, or its process was killed: it may be seen, and need not.
    Unknown,
    /// The writer gave up waiting; otherwise as unknown.
    Hung,
}

/// A write of one or several slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// When it began.
    pub begin: u64,
    /// When it returned; a killed process's last write never did.
    pub end: Option<u64>,
    /// What came of it.
    pub outcome: Outcome,
    /// What it writes.
    pub touches: Vec<Touch>,
    /// Which process has written; 0 is the run itself.
    pub process: u32,
}

/// Something done to a process or server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When it began.
    pub begin: u64,
    /// When it was over.
    pub end: u64,
    /// What was done.
    pub what: String,
}

/// Reads and hits of one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hits {
    /// The entity.
    pub entity: String,
    /// Reads answered from the cache.
    pub hits: u64,
    /// All other reads.
    pub others: u64,
}

/// Everything that happened.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Reads of all workers.
    pub reads: Vec<Read>,
    /// Writes of all workers, and of the set-up.
    pub writes: Vec<Write>,
    /// What was done to processes and servers.
    pub faults: Vec<Fault>,
    /// Counters, summed over workers.
    pub hits: Vec<Hits>,
    /// Why writes failed whose outcome is unknown.
    pub failures: Vec<String>,
    /// Processes whose notes were taken over: a replacement is another one.
    pub processes: u32,
}

/// A line of a worker's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A read is over.
    Read(Read),
    /// A write begins: its number, which its end repeats, and what it writes.
    Begin(u64, u64, Vec<Touch>),
    /// A write is over: its number, when, and what came of it.
    End(u64, u64, Outcome),
    /// Counters so far; later ones replace them.
    Hits(Hits),
    /// Why a write failed whose outcome is unknown.
    Why(String),
    /// The worker has ended as it should.
    Done,
}

impl Line {
    /// As text, with the end of the line.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = match self {
            Self::Read(read) => encode_read(read),
            Self::Begin(number, at, touches) => encode_begin(*number, *at, touches),
            Self::End(number, at, outcome) => format!("e {number} {at} {}", letter(*outcome)),
            Self::Hits(hits) => format!("s {} {} {}", hits.entity, hits.hits, hits.others),
            Self::Why(text) => format!("y {}", one_line(text)),
            Self::Done => "z".to_owned(),
        };
        text.push('\n');
        text
    }

    /// From text, without the end of the line.
    ///
    /// # Errors
    /// The text is none that [`Line::encode`] makes.
    pub fn decode(text: &str) -> Result<Self, Unreadable> {
        if let Some(text) = text.strip_prefix("y ") {
            return Ok(Self::Why(text.to_owned()));
        }
        let mut words = text.splitn(5, ' ');
        let mut word = || words.next().ok_or(Unreadable);
        let number = |word: &str| word.parse::<u64>().map_err(|_| Unreadable);
        Ok(match word()? {
            kind @ ("r" | "c" | "d" | "x" | "h") => Self::Read(Read {
                begin: number(word()?)?,
                end: number(word()?)?,
                question: word()?.parse()?,
                answer: match kind {
                    "x" => Answer::Error(word()?.to_owned()),
                    "h" => Answer::Hung,
                    _ => Answer::Rows(decode_rows(word()?)?),
                },
                hit: match kind {
                    "c" => Some(true),
                    "d" => Some(false),
                    _ => None,
                },
                process: 0,
            }),
            "w" => Self::Begin(number(word()?)?, number(word()?)?, decode_touches(word()?)?),
            "e" => Self::End(number(word()?)?, number(word()?)?, outcome(word()?)?),
            "s" => Self::Hits(Hits {
                entity: word()?.to_owned(),
                hits: number(word()?)?,
                others: number(word()?)?,
            }),
            "z" => Self::Done,
            _ => return Err(Unreadable),
        })
    }
}

fn encode_read(read: &Read) -> String {
    let Read {
        begin,
        end,
        question,
        answer,
        hit,
        ..
    } = read;
    let by = match hit {
        Some(true) => "c",
        Some(false) => "d",
        None => "r",
    };
    match answer {
        Answer::Rows(rows) => format!("{by} {begin} {end} {question} {}", encode_rows(rows)),
        Answer::Error(text) => format!("x {begin} {end} {question} {}", one_line(text)),
        Answer::Hung => format!("h {begin} {end} {question}"),
    }
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn encode_begin(number: u64, at: u64, touches: &[Touch]) -> String {
    let mut text = format!("w {number} {at} ");
    for touch in touches {
        let State { here, login, team } = touch.state;
        let (slot, version) = (touch.slot, touch.version);
        let (here, kept) = (u8::from(here), u8::from(touch.kept));
        write!(text, "{slot}:{version}:{here}:{login}:{team}:{kept},")
            .expect("text takes everything");
    }
    text
}

/// Rows as text: `index:version`, separated by commas; `-` for none.
#[must_use]
pub fn encode_rows(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "-".to_owned();
    }
    let rows: Vec<_> = rows
        .iter()
        .map(|row| format!("{}:{}", row.index, row.version))
        .collect();
    rows.join(",")
}

/// The rows of [`encode_rows`].
///
/// # Errors
/// The text is none that it makes.
pub fn decode_rows(text: &str) -> Result<Vec<Row>, Unreadable> {
    if text == "-" {
        return Ok(Vec::new());
    }
    let row = |text: &str| {
        let (index, version) = text.split_once(':').ok_or(Unreadable)?;
        Ok(Row {
            index: index.parse().map_err(|_| Unreadable)?,
            version: version.parse().map_err(|_| Unreadable)?,
        })
    };
    text.split(',').map(row).collect()
}

fn decode_touches(text: &str) -> Result<Vec<Touch>, Unreadable> {
    let touch = |text: &str| {
        let words: Vec<_> = text.split(':').collect();
        let &[slot, version, here, login, team, kept] = words.as_slice() else {
            return Err(Unreadable);
        };
        let small = |word: &str| word.parse::<u8>().map_err(|_| Unreadable);
        Ok(Touch {
            slot: slot.parse()?,
            version: version.parse().map_err(|_| Unreadable)?,
            state: State {
                here: small(here)? == 1,
                login: small(login)?,
                team: small(team)?,
            },
            kept: small(kept)? == 1,
        })
    };
    text.split_terminator(',').map(touch).collect()
}

const OUTCOMES: [(Outcome, &str); 5] = [
    (Outcome::Committed, "c"),
    (Outcome::RolledBack, "r"),
    (Outcome::Refused, "n"),
    (Outcome::Unknown, "u"),
    (Outcome::Hung, "h"),
];

fn letter(outcome: Outcome) -> &'static str {
    let found = OUTCOMES.iter().find(|(known, _)| *known == outcome);
    found.map_or("u", |(_, letter)| letter)
}

fn outcome(letter: &str) -> Result<Outcome, Unreadable> {
    let found = OUTCOMES.iter().find(|(_, known)| *known == letter);
    found.map(|(outcome, _)| *outcome).ok_or(Unreadable)
}

impl History {
    /// Takes over what one worker has noted. Returns whether it says that it ended as it should.
    ///
    /// A last line without an end was cut short by the worker's death.
    ///
    /// # Errors
    /// Another line is damaged.
    pub fn add(&mut self, text: &str) -> Result<bool, Unreadable> {
        let complete = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut open = std::collections::HashMap::new();
        let mut hits: Vec<Hits> = Vec::new();
        let mut done = false;
        self.processes += 1;
        let process = self.processes;
        for line in complete.lines() {
            match Line::decode(line)? {
                Line::Read(read) => self.reads.push(Read { process, ..read }),
                Line::Begin(number, begin, touches) => {
                    open.insert(number, self.writes.len());
                    self.writes.push(Write {
                        begin,
                        end: None,
                        outcome: Outcome::Unknown,
                        touches,
                        process,
                    });
                }
                Line::End(number, end, outcome) => {
                    let at = open.remove(&number).ok_or(Unreadable)?;
                    self.writes[at].end = Some(end);
                    self.writes[at].outcome = outcome;
                }
                Line::Hits(latest) => {
                    hits.retain(|known| known.entity != latest.entity);
                    hits.push(latest);
                }
                Line::Why(text) => self.failures.push(text),
                Line::Done => done = true,
            }
        }
        for latest in hits {
            self.count(latest);
        }
        Ok(done)
    }

    fn count(&mut self, latest: Hits) {
        match self
            .hits
            .iter_mut()
            .find(|known| known.entity == latest.entity)
        {
            Some(known) => {
                known.hits += latest.hits;
                known.others += latest.others;
            }
            None => self.hits.push(latest),
        }
    }
}

#[cfg(test)]
mod tests;
