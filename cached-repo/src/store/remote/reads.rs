//! Reads: what may be served (rules 2 and 12).

use super::connection::Connection;
use super::mark::TagState;
use super::names::NameList;
use super::question::{Own, Question};
use super::transport::{Step, Transport, misshapen};
use crate::age::Age;
use crate::entry::{Envelope, EnvelopeError};
use crate::port::{Fetched, Found, Observed, Request, StoreError};
use crate::protocol::is_current;
use crate::stamp::Stamp;
use crate::time::Clock;
use std::collections::HashMap;
use std::time::Duration;

/// What the keys of tags hold that only the entries name.
type Further<'a> = HashMap<&'a str, TagState, foldhash::fast::RandomState>;

/// Looks entries up.
pub(super) struct Reads<'a, T>(pub(super) &'a Connection<T>);

impl<T: Transport> Reads<'_, T> {
    /// One look for entries and tags, and a second for tags that only the entries name.
    pub(super) async fn look_up(&self, requests: &[Request]) -> Result<Vec<Found>, StoreError> {
        let question = Question::of(&self.0.names, requests);
        let (values, rests) = self.fetch(&question.names, requests).await?;
        let states = question.states(&values);
        // Opened once: that checks all the bytes.
        let entries = values[..requests.len()].iter();
        let entries: Vec<Opened<'_>> = entries.map(|value| open(value.as_deref())).collect();
        let mut unknown: Vec<&str> = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let Opened::Entry(envelope) = entry else {
                continue;
            };
            for (place, (name, _)) in envelope.tags.iter().enumerate() {
                if named(states.of(at), place, name).is_none() && !unknown.contains(name) {
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
                self.judge(request, (entry, rest), states.of(at), &further)
            })
            .collect())
    }

    /// What the keys hold, and how long the store keeps the entries whose age matters, in milliseconds: it is its clock that
    /// counts.
    async fn fetch(
        &self,
        names: &NameList,
        requests: &[Request],
    ) -> Result<(Vec<Option<Vec<u8>>>, Vec<Option<u64>>), StoreError> {
        if !requests.iter().any(|request| request.ages) {
            let values = self.0.transport.get_many(names).await?;
            return Ok((expect(values, names.len())?, Vec::new()));
        }
        // An entry that is replaced between the two steps is taken for as young as the one in its place: it is served once
        // more, and no longer than that one.
        let aged = names.iter().zip(requests);
        let rests = aged.filter_map(|(name, request)| request.ages.then_some(Step::Rest(name)));
        let steps: Vec<_> = std::iter::once(Step::Get(names)).chain(rests).collect();
        let mut answers = self.0.run(&steps).await?;
        let values = expect(answers.values()?, names.len())?;
        let rests = requests.iter().map(|request| match request.ages {
            true => answers.rest(),
            false => Ok(None),
        });
        Ok((values, rests.collect::<Result<_, _>>()?))
    }

    /// What the keys of the tags hold that the entries name and the requests do not.
    async fn further<'a>(&self, unknown: &[&'a str]) -> Result<Further<'a>, StoreError> {
        if unknown.is_empty() {
            return Ok(Further::default());
        }
        let names: NameList = unknown.iter().copied().collect();
        let values = expect(self.0.transport.get_many(&names).await?, names.len())?;
        let states = values.iter().map(|value| TagState::of(value.as_deref()));
        Ok(unknown.iter().copied().zip(states).collect())
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
        if own.iter().any(|(_, state)| *state == TagState::Locked) {
            return Found::Locked;
        }
        let envelope = match entry {
            Opened::Entry(envelope) => envelope,
            Opened::Nothing => return miss(false, false),
            Opened::Leased => return Found::Leased,
            Opened::Locked => return Found::Locked,
            Opened::Broken => return miss(true, true),
        };
        let entity = request.key.entity();
        if envelope.shape != self.0.codec.shape(entity) {
            return miss(true, false);
        }
        let present = |(place, (name, _)): (usize, &(&str, Stamp))| {
            named(own, place, name)
                .or_else(|| further.get(name).copied())
                .and_then(TagState::stamp)
        };
        let carried = envelope.tags.iter();
        let current = (carried.enumerate()).all(|tag| is_current(&[tag.1.1], &[present(tag)]));
        let mut tags = own.iter().enumerate();
        let complete = tags.all(|(place, (name, _))| named(&envelope.tags, place, name).is_some());
        if !complete || !current {
            return miss(true, false);
        }
        match self.0.codec.decode(entity, &envelope.body) {
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

/// The values, if there is one for each name.
fn expect<V>(values: Vec<V>, names: usize) -> Result<Vec<V>, StoreError> {
    if values.len() == names {
        Ok(values)
    } else {
        Err(misshapen())
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

fn open(value: Option<&[u8]>) -> Opened<'_> {
    let Some(bytes) = value else {
        return Opened::Nothing;
    };
    match (bytes.first(), Envelope::open(bytes)) {
        (_, Ok(envelope)) => Opened::Entry(envelope),
        (Some(0), Err(EnvelopeError::NotAValue)) => Opened::Leased,
        (Some(2), Err(EnvelopeError::NotAValue)) => Opened::Locked,
        (_, Err(_)) => Opened::Broken,
    }
}
