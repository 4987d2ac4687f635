//! Reads.

use super::{Attached, Mark};
use crate::entry::{Envelope, EnvelopeError};
use crate::key::Key;
use crate::port::{Fetched, Found, Observed, Request, StoreError};
use crate::protocol::is_current;
use crate::time::Clock;
use redis::Value;
use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

/// What one MGET asks for: the entries in the order of the requests, then every tag once.
struct Question<'a> {
    names: Vec<Cow<'a, str>>,
    /// Places of the tags among the names.
    places: HashMap<&'a Key, usize, foldhash::fast::RandomState>,
    /// Lists of tags, and where they are: the requests of one call nearly always share one.
    lists: Vec<(&'a [Key], Vec<usize>)>,
    /// Which list each request has.
    list_of: Vec<usize>,
}

/// A tag of the request: its name and what its key holds.
type Own<'a> = (&'a str, Mark);

/// Marks of tags that only the entries name.
type Further<'a> = HashMap<&'a str, Mark, foldhash::fast::RandomState>;

impl<'a> Question<'a> {
    fn of(store: &'a Attached, requests: &'a [Request]) -> Self {
        let mut question = Self {
            names: Vec::with_capacity(requests.len() + 4),
            places: HashMap::default(),
            lists: Vec::new(),
            list_of: Vec::with_capacity(requests.len()),
        };
        let names = requests.iter().map(|request| store.name(&request.key));
        question.names.extend(names);
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
        let mut places = Vec::with_capacity(tags.len());
        for tag in tags {
            let place = *self.places.entry(tag).or_insert(self.names.len());
            if place == self.names.len() {
                self.names.push(store.name(tag));
            }
            places.push(place);
        }
        self.lists.push((tags, places));
        self.lists.len() - 1
    }

    /// For each list, its tags with the marks that the answer has for them.
    fn marks(&self, values: &[Value]) -> Vec<Vec<Own<'_>>> {
        let own = |place: &usize| (&*self.names[*place], Mark::of(&values[*place]));
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
        let values = self.fetch(&question.names).await?;
        let marks = question.marks(&values);
        let own = |at: usize| marks[question.list_of[at]].as_slice();
        // Opened once: that checks all the bytes.
        let entries: Vec<Opened<'_>> = values[..requests.len()].iter().map(open).collect();
        let mut unknown: Vec<&str> = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let Opened::Entry(envelope) = entry else {
                continue;
            };
            for (name, _) in &envelope.tags {
                if !own(at).iter().any(|(own, _)| own == name) && !unknown.contains(name) {
                    unknown.push(name);
                }
            }
        }
        let further = self.further(&unknown).await?;
        Ok(requests
            .iter()
            .zip(&entries)
            .enumerate()
            .map(|(at, (request, entry))| self.judge(request, entry, own(at), &further))
            .collect())
    }

    pub(super) async fn fetch<S: AsRef<str>>(&self, names: &[S]) -> Result<Vec<Value>, StoreError> {
        if names.is_empty() {
            // A probe that writes: a replica would answer another with what its master had some time ago.
            let mut probe = redis::cmd("PERSIST");
            return self
                .link
                .ask(probe.arg(&self.epoch))
                .await
                .map(|_| Vec::new());
        }
        let mut command = redis::cmd("MGET");
        for name in names {
            command.arg(name.as_ref());
        }
        match self.link.ask(&command).await? {
            Value::Array(values) if values.len() == names.len() => Ok(values),
            _ => Err(StoreError::Failed(
                "the store's answer to MGET has another length".into(),
            )),
        }
    }

    /// Marks of the tags that the entries name and the requests do not.
    async fn further<'a>(&self, unknown: &[&'a str]) -> Result<Further<'a>, StoreError> {
        if unknown.is_empty() {
            return Ok(Further::default());
        }
        let values = self.fetch(unknown).await?;
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
        entry: &Opened<'_>,
        own: &[Own<'_>],
        further: &Further<'_>,
    ) -> Found {
        let miss = |replaceable, undecodable| {
            Found::Miss(Observed {
                replaceable,
                undecodable,
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
        let present = |name: &str| {
            let own = own.iter().find(|(own, _)| *own == name);
            own.map(|(_, mark)| *mark)
                .or_else(|| further.get(name).copied())
                .and_then(Mark::stamp)
        };
        let current = envelope
            .tags
            .iter()
            .all(|(name, carried)| is_current(&[*carried], &[present(name)]));
        let complete = own
            .iter()
            .all(|(name, _)| envelope.tags.iter().any(|(tag, _)| tag == name));
        if !complete || !current {
            return miss(true, false);
        }
        match self.codec.decode(entity, &envelope.body) {
            Ok(payload) => {
                let life = envelope.expires_at.saturating_sub(envelope.stored_at);
                let rest = envelope.expires_at.saturating_sub(Clock::unix_millis());
                Found::Hit(Fetched {
                    payload,
                    further: envelope.tags.len().saturating_sub(own.len()),
                    rest: Duration::from_millis(rest.min(life)),
                    stamps: together(envelope),
                })
            }
            Err(_) => miss(true, true),
        }
    }
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

/// A number for the stamps of all its tags: stamps are random, so another one makes another number.
fn together(envelope: &Envelope<'_>) -> u64 {
    envelope.tags.iter().fold(0, |all: u64, (_, stamp)| {
        let (head, _) = stamp.as_bytes().split_at(8);
        let part = head.iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
        all.rotate_left(7) ^ part
    })
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
