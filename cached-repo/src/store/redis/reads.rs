//! Reads and permits.

use super::{Attached, Mark, scripts};
use crate::entry::Envelope;
use crate::key::{Key, Space};
use crate::port::{Found, Observed, Permit, Request, StoreError};
use crate::protocol::{is_current, is_settled};
use crate::stamp::{Stamp, Token};
use crate::time::millis;
use redis::{Pipeline, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::Ordering;

/// Lifetime of a stamp before the lifetime of the entry that needs it is known.
const FIRST_STAMP: &[u8] = b"3600000";

impl Attached {
    /// One MGET for entries and tags, and a second for tags that only the entries name.
    pub(super) async fn look_up(&self, requests: &[Request]) -> Result<Vec<Found>, StoreError> {
        let mut names: Vec<Cow<'_, str>> = Vec::with_capacity(requests.len() + 4);
        let mut places: HashMap<Cow<'_, str>, usize> = HashMap::new();
        let mut entries = Vec::with_capacity(requests.len());
        let mut tags: Vec<Vec<usize>> = Vec::with_capacity(requests.len());
        for request in requests {
            entries.push(names.len());
            names.push(self.name(&request.key));
            let mut own = Vec::with_capacity(request.tags.len());
            for tag in &*request.tags {
                let name = self.name(tag);
                let at = *places.entry(name.clone()).or_insert(names.len());
                if at == names.len() {
                    names.push(name);
                }
                own.push(at);
            }
            tags.push(own);
        }
        let mut values = self.fetch(&names).await?;
        let further = self
            .further(requests, &entries, &tags, &names, &values)
            .await?;
        let mut found = Vec::with_capacity(requests.len());
        for (at, request) in requests.iter().enumerate() {
            let own: Vec<(&str, Mark)> = tags[at]
                .iter()
                .map(|tag| (&*names[*tag], Mark::of(&values[*tag])))
                .collect();
            let value = std::mem::replace(&mut values[entries[at]], Value::Nil);
            found.push(self.judge(request, &value, &own, &further));
        }
        Ok(found)
    }

    async fn fetch<S: AsRef<str>>(&self, names: &[S]) -> Result<Vec<Value>, StoreError> {
        let mut pipeline = redis::pipe();
        if names.is_empty() {
            pipeline.cmd("PING");
            return self.link.run(pipeline).await.map(|_| Vec::new());
        }
        let command = pipeline.cmd("MGET");
        for name in names {
            command.arg(name.as_ref());
        }
        match self.link.run(pipeline).await?.pop() {
            Some(Value::Array(values)) if values.len() == names.len() => Ok(values),
            _ => Err(StoreError::Failed(
                "the store's answer to MGET has another length".into(),
            )),
        }
    }

    /// Marks of the tags that the entries name and the requests do not.
    async fn further(
        &self,
        requests: &[Request],
        entries: &[usize],
        tags: &[Vec<usize>],
        names: &[Cow<'_, str>],
        values: &[Value],
    ) -> Result<HashMap<String, Mark>, StoreError> {
        let mut unknown: Vec<&str> = Vec::new();
        for at in 0..requests.len() {
            let Value::BulkString(bytes) = &values[entries[at]] else {
                continue;
            };
            // What cannot be opened names nothing; `judge` meets it again.
            let Ok(envelope) = Envelope::open(bytes) else {
                continue;
            };
            for (name, _) in envelope.tags {
                let known = tags[at].iter().any(|tag| names[*tag] == name);
                if !known && !unknown.contains(&name) {
                    unknown.push(name);
                }
            }
        }
        if unknown.is_empty() {
            return Ok(HashMap::new());
        }
        let marks = self.fetch(&unknown).await?;
        Ok(unknown
            .into_iter()
            .map(str::to_owned)
            .zip(marks.iter().map(Mark::of))
            .collect())
    }

    /// Whether what the key holds may be served (rules 2 and 12).
    fn judge(
        &self,
        request: &Request,
        value: &Value,
        own: &[(&str, Mark)],
        further: &HashMap<String, Mark>,
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
        let Value::BulkString(bytes) = value else {
            return miss(false, false);
        };
        match bytes.first() {
            Some(1) => {}
            Some(0 | 2) => return Found::Busy,
            _ => return miss(true, true),
        }
        let Ok(envelope) = Envelope::open(bytes) else {
            return miss(true, true);
        };
        let entity = request.key.entity();
        if envelope.shape != self.codec.shape(entity) {
            return miss(true, false);
        }
        let (carried, present): (Vec<Stamp>, Vec<Option<Stamp>>) = envelope
            .tags
            .iter()
            .map(|(name, stamp)| {
                let mark = own
                    .iter()
                    .find(|(own, _)| own == name)
                    .map(|(_, mark)| *mark);
                let mark = mark
                    .or_else(|| further.get(*name).copied())
                    .unwrap_or(Mark::Missing);
                (*stamp, mark.stamp())
            })
            .unzip();
        let complete = own
            .iter()
            .all(|(name, _)| envelope.tags.iter().any(|(tag, _)| tag == name));
        if !complete || !is_current(&carried, &present) {
            return miss(true, false);
        }
        match self.codec.decode(entity, &envelope.body) {
            Ok(payload) => Found::Hit(payload),
            Err(_) => miss(true, true),
        }
    }

    /// Leases and stamps, in one pipeline.
    pub(super) async fn grant(
        &self,
        requests: Vec<(Request, Observed)>,
    ) -> Result<Vec<Option<Permit>>, StoreError> {
        let tokens: Vec<Token> = requests.iter().map(|_| Token::unique()).collect();
        let mut pipeline = redis::pipe();
        // The stamps before the leases: a lease is only worth having with all of them, and either order is before the load.
        let stamped = self.ask_stamps(&requests, &mut pipeline);
        self.ask_leases(&requests, &tokens, &mut pipeline);
        let values = self.link.run(pipeline).await?;
        let marks: Vec<Mark> = values[..stamped.len()].iter().map(Mark::of).collect();
        let leases = &values[stamped.len()..];
        let mut useless = Vec::new();
        let mut permits = Vec::with_capacity(requests.len());
        for (((request, _), lease), reply) in requests.iter().zip(tokens).zip(leases) {
            let Some(began) = leased(reply) else {
                permits.push(None);
                continue;
            };
            let stamp = |tag: &Key| self.usable(tag, marks[stamped[tag]], began);
            let stamps: Option<Vec<(Key, Stamp)>> = request
                .tags
                .iter()
                .map(|tag| Some((tag.clone(), stamp(tag)?)))
                .collect();
            let permit = |stamps| Permit {
                lease,
                began,
                stamps,
            };
            if stamps.is_none() {
                useless.push((request.key.clone(), permit(Vec::new())));
            }
            permits.push(stamps.map(permit));
        }
        if !useless.is_empty() {
            crate::port::Store::abandon(self, useless).await;
        }
        Ok(permits)
    }

    /// Asks for the stamp of each tag once; tells where in the pipeline.
    fn ask_stamps<'a>(
        &self,
        requests: &'a [(Request, Observed)],
        pipeline: &mut Pipeline,
    ) -> HashMap<&'a Key, usize> {
        let mut stamped: HashMap<&Key, usize> = HashMap::new();
        for tag in requests.iter().flat_map(|(request, _)| &*request.tags) {
            let next = stamped.len();
            if *stamped.entry(tag).or_insert(next) == next {
                let fresh = Stamp::unique();
                let life = if is_lasting(tag) { b"0" } else { FIRST_STAMP };
                let arguments = [fresh.as_bytes().as_slice(), life];
                Self::call(pipeline, &scripts::STAMP, &self.name(tag), &arguments);
            }
        }
        stamped
    }

    fn ask_leases(
        &self,
        requests: &[(Request, Observed)],
        tokens: &[Token],
        pipeline: &mut Pipeline,
    ) {
        let lifetime = millis(self.times.lease).to_string();
        for ((request, observed), token) in requests.iter().zip(tokens) {
            let replace: &[u8] = if observed.replaceable { b"1" } else { b"0" };
            let arguments = [token.as_bytes().as_slice(), lifetime.as_bytes(), replace];
            Self::call(
                pipeline,
                &scripts::LEASE,
                &self.name(&request.key),
                &arguments,
            );
        }
    }

    /// The stamp of a tag that is free and, for the epoch, settled (rule 11).
    fn usable(&self, tag: &Key, mark: Mark, now: u64) -> Option<Stamp> {
        let Mark::Stamped(stamp, created) = mark else {
            return None;
        };
        let settle = millis(self.times.settle).saturating_mul(1000);
        let settled = tag.space() != Space::Epoch || is_settled(created, now, settle);
        if !settled && !self.told.swap(true, Ordering::Relaxed) {
            tracing::info!(
                "the namespace is new in this store: nothing is stored until locks that an earlier one may have \
                 forgotten are over; see `settle_time`"
            );
        }
        settled.then_some(stamp)
    }
}

/// Tags of which there are only as many as the schema has: their stamps never end by themselves.
pub(super) fn is_lasting(tag: &Key) -> bool {
    matches!(
        tag.space(),
        Space::Epoch | Space::Table | Space::Text | Space::AnyEdge
    )
}

/// The server's time if the lease was granted.
fn leased(reply: &Value) -> Option<u64> {
    let Value::Array(parts) = reply else {
        return None;
    };
    match parts.as_slice() {
        [Value::Int(1), Value::Int(time)] => u64::try_from(*time).ok(),
        _ => None,
    }
}
