//! Reads.

use super::names::NameList;
use super::{Attached, Mark};
use crate::age::Age;
use crate::entry::{Envelope, EnvelopeError};
use crate::key::Key;
use crate::port::{Fetched, Found, Observed, Request, StoreError};
use crate::protocol::is_current;
use crate::stamp::Stamp;
use crate::time::Clock;
use redis::{Cmd, Value};
use std::collections::HashMap;
use std::time::Duration;

/// What one MGET asks for: the entries in the order of the requests, then every tag once.
struct Question<'a> {
    names: NameList,
    /// Lists of tags, and where they are among the names: the requests of one call nearly always share one.
    lists: Vec<(&'a [Key], Vec<usize>)>,
    /// Which list each request has.
    list_of: Vec<usize>,
    /// Places of the tags among the names; empty while there is one list.
    places: HashMap<&'a Key, usize, foldhash::fast::RandomState>,
}

/// A tag of the request: its name and what its key holds.
type Own<'a> = (&'a str, Mark);

/// Marks of tags that only the entries name.
type Further<'a> = HashMap<&'a str, Mark, foldhash::fast::RandomState>;

impl<'a> Question<'a> {
    fn of(store: &'a Attached, requests: &'a [Request]) -> Self {
        let mut question = Self {
            names: NameList::with_capacity(requests.len() + 4),
            lists: Vec::with_capacity(1),
            list_of: Vec::with_capacity(requests.len()),
            places: HashMap::default(),
        };
        for request in requests {
            store.push_name(&request.key, &mut question.names);
        }
        for request in requests {
            let list = question.list(store, &request.tags);
            question.list_of.push(list);
        }
        question
    }

    fn list(&mut self, store: &'a Attached, tags: &'a [Key]) -> usize {
        if let Some((last, _)) = self.lists.last()
            && std::ptr::eq(*last, tags)
        {
            return self.lists.len() - 1;
        }
        let places = match self.lists.as_slice() {
            // The tags of one list differ from each other.
            [] => tags.iter().map(|tag| self.append(store, tag)).collect(),
            [(first, places), rest @ ..] => {
                if rest.is_empty() {
                    self.places = first.iter().zip(places.iter().copied()).collect();
                }
                tags.iter().map(|tag| self.place(store, tag)).collect()
            }
        };
        self.lists.push((tags, places));
        self.lists.len() - 1
    }

    /// The place of a tag that another list may have named.
    fn place(&mut self, store: &Attached, tag: &'a Key) -> usize {
        if let Some(place) = self.places.get(tag) {
            return *place;
        }
        let place = self.append(store, tag);
        self.places.insert(tag, place);
        place
    }

    fn append(&mut self, store: &Attached, tag: &Key) -> usize {
        store.push_name(tag, &mut self.names);
        self.names.len() - 1
    }

    /// For each list, its tags with the marks that the answer has for them.
    fn marks(&self, values: &[Value]) -> Vec<Vec<Own<'_>>> {
        let own = |place: &usize| (self.names.get(*place), Mark::of(&values[*place]));
        let lists = self.lists.iter();
        lists
            .map(|(_, places)| places.iter().map(own).collect())
            .collect()
    }
}

impl Attached {
    /// One MGET for entries and tags, and a second for tags that only the entries name.
    pub(super) async fn look_up(&self, requests: &[Request]) -> Result<Vec<Found>, StoreError> {
        let question = Question::of(self, requests);
        let (values, rests) = self.fetch_aged(&question.names, requests).await?;
        let marks = question.marks(&values);
        let own = |at: usize| marks[question.list_of[at]].as_slice();
        // Opened once: that checks all the bytes.
        let entries: Vec<Opened<'_>> = values[..requests.len()].iter().map(open).collect();
        let mut unknown: Vec<&str> = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let Opened::Entry(envelope) = entry else {
                continue;
            };
            for (place, (name, _)) in envelope.tags.iter().enumerate() {
                if named(own(at), place, name).is_none() && !unknown.contains(name) {
                    unknown.push(name);
                }
            }
        }
        let further = self.further(&unknown).await?;
        Ok(requests
            .iter()
            .zip(&entries)
            .enumerate()
            .map(|(at, (request, entry))| {
                let rest = rests.get(at).copied().flatten();
                self.judge(request, (entry, rest), own(at), &further)
            })
            .collect())
    }

    /// The same, and how long the server keeps the entries whose age matters, in milliseconds: it is its clock that counts.
    async fn fetch_aged(
        &self,
        names: &NameList,
        requests: &[Request],
    ) -> Result<(Vec<Value>, Vec<Option<u64>>), StoreError> {
        if !requests.iter().any(|request| request.ages) {
            return Ok((self.fetch(names.iter()).await?, Vec::new()));
        }
        let mut pipeline = redis::pipe();
        let entries = pipeline.cmd("MGET");
        for name in names.iter() {
            entries.arg(name);
        }
        // An entry that is replaced between the two commands is taken for as young as the one in its place: it is served once
        // more, and no longer than that one.
        for (name, request) in names.iter().zip(requests) {
            if request.ages {
                pipeline.cmd("PTTL").arg(name);
            }
        }
        let mut replies = self.link.run(pipeline).await?.into_iter();
        let values = match replies.next() {
            Some(Value::Array(values)) if values.len() == names.len() => values,
            _ => return Err(misshapen()),
        };
        let rests = requests.iter().map(|request| match request.ages {
            true => match replies.next() {
                Some(Value::Int(rest)) => u64::try_from(rest).ok(),
                _ => None,
            },
            false => None,
        });
        let rests = rests.collect();
        Ok((values, rests))
    }

    /// What the keys hold that are named.
    async fn fetch(
        &self,
        names: impl ExactSizeIterator<Item = &str>,
    ) -> Result<Vec<Value>, StoreError> {
        let count = names.len();
        if count == 0 {
            // A probe that writes: a replica would answer another with what its master had some time ago.
            let mut probe = redis::cmd("PERSIST");
            return self
                .link
                .ask(probe.arg(&self.epoch))
                .await
                .map(|_| Vec::new());
        }
        let mut command = Cmd::with_capacity(count + 1, count * 40);
        command.arg("MGET");
        for name in names {
            command.arg(name);
        }
        match self.link.ask(&command).await? {
            Value::Array(values) if values.len() == count => Ok(values),
            _ => Err(misshapen()),
        }
    }

    /// Marks of the tags that the entries name and the requests do not.
    async fn further<'a>(&self, unknown: &[&'a str]) -> Result<Further<'a>, StoreError> {
        if unknown.is_empty() {
            return Ok(Further::default());
        }
        let values = self.fetch(unknown.iter().copied()).await?;
        Ok(unknown
            .iter()
            .copied()
            .zip(values.iter().map(Mark::of))
            .collect())
    }

    /// Whether what the key holds may be served (rules 2 and 12).
    fn judge(
        &self,
        request: &Request,
        (entry, rest): (&Opened<'_>, Option<u64>),
        own: &[Own<'_>],
        further: &Further<'_>,
    ) -> Found {
        let miss = |replaceable, undecodable| {
            Found::Miss(Observed {
                replaceable,
                undecodable,
                held: None,
            })
        };
        if own.iter().any(|(_, mark)| *mark == Mark::Locked) {
            return Found::Busy;
        }
        let envelope = match entry {
            Opened::Entry(envelope) => envelope,
            Opened::Nothing => return miss(false, false),
            Opened::Leased => return Found::Leased,
            Opened::Locked => return Found::Busy,
            Opened::Broken => return miss(true, true),
        };
        let entity = request.key.entity();
        if envelope.shape != self.codec.shape(entity) {
            return miss(true, false);
        }
        let present = |(place, (name, _)): (usize, &(&str, Stamp))| {
            named(own, place, name)
                .or_else(|| further.get(name).copied())
                .and_then(Mark::stamp)
        };
        let carried = envelope.tags.iter();
        let current = (carried.enumerate()).all(|tag| is_current(&[tag.1.1], &[present(tag)]));
        let mut tags = own.iter().enumerate();
        let complete = tags.all(|(place, (name, _))| named(&envelope.tags, place, name).is_some());
        if !complete || !current {
            return miss(true, false);
        }
        match self.codec.decode(entity, &envelope.body) {
            Ok(payload) => {
                let (age, rest) = age(envelope, rest);
                Found::Hit(Fetched {
                    payload,
                    further: envelope.tags.len().saturating_sub(own.len()),
                    rest,
                    age,
                    held: Some(envelope.token),
                })
            }
            Err(_) => miss(true, true),
        }
    }
}

/// What is listed under the name. An entry nearly always names the tags of its requests first, in their order: the place is looked
/// at first.
fn named<T: Copy>(list: &[(&str, T)], place: usize, name: &str) -> Option<T> {
    let is_named = |(listed, _): &&(&str, T)| *listed == name;
    let there = list.get(place).filter(is_named);
    there
        .or_else(|| list.iter().find(is_named))
        .map(|(_, listed)| *listed)
}

/// How old an entry is, and how long it is kept yet, by what the server says; else, by the clocks of two processes, which are
/// asked for an entry that may be kept beyond its life, and for how long a copy may be.
fn age(envelope: &Envelope<'_>, rest: Option<u64>) -> (Age, Duration) {
    let life = envelope.expires_at.saturating_sub(envelope.stored_at);
    let kept = life.saturating_add(envelope.grace);
    let by_clock = envelope.expires_at.saturating_add(envelope.grace);
    let by_clock = by_clock.saturating_sub(Clock::unix_millis());
    let left = rest.unwrap_or(by_clock).min(kept);
    let passed = match (rest, envelope.grace) {
        // It goes by itself when its life is over.
        (None, 0) => 0,
        _ => kept - left,
    };
    let age = Age {
        passed: Duration::from_millis(passed),
        life: Duration::from_millis(life),
        cost: Duration::from_micros(envelope.cost),
    };
    (age, Duration::from_millis(left))
}

fn misshapen() -> StoreError {
    StoreError::Failed("the store's answer to MGET has another length".into())
}

/// What a key holds that may hold an entry.
enum Opened<'a> {
    Nothing,
    Entry(Envelope<'a>),
    /// A reader's lease.
    Leased,
    /// The locks of writers.
    Locked,
    /// Bytes that are no entry of this release.
    Broken,
}

fn open(value: &Value) -> Opened<'_> {
    let Value::BulkString(bytes) = value else {
        return Opened::Nothing;
    };
    match (bytes.first(), Envelope::open(bytes)) {
        (_, Ok(envelope)) => Opened::Entry(envelope),
        (Some(0), Err(EnvelopeError::NotAValue)) => Opened::Leased,
        (Some(2), Err(EnvelopeError::NotAValue)) => Opened::Locked,
        (_, Err(_)) => Opened::Broken,
    }
}
