//! Permits: leases and stamps, before a load.

use super::{Attached, LEASE, Mark, scripts};
use crate::key::{Key, Space};
use crate::port::{Observed, Permit, Request, StoreError};
use crate::protocol::is_settled;
use crate::stamp::{Stamp, Token};
use crate::time::millis;
use redis::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Lifetime of a stamp before the lifetime of the entry that needs it is known.
const FIRST_STAMP: &[u8] = b"3600000";

/// What the store granted: the marks of all tags, and for each request the store's time if it has the lease.
struct Granted<'a> {
    marks: HashMap<&'a Key, Mark, foldhash::fast::RandomState>,
    leases: Vec<Option<u64>>,
}

impl Attached {
    /// Leases and stamps for these requests; `None` where a lock or another lease forbids a fill. An entry that is held where it is
    /// needs no lease.
    pub(super) async fn grant(
        &self,
        requests: Vec<(Request, Observed)>,
    ) -> Result<Vec<Option<Permit>>, StoreError> {
        let tokens: Vec<Token> = requests.iter().map(|_| Token::unique()).collect();
        let plain = requests.iter().all(|(request, observed)| {
            !observed.replaceable && request.tags.iter().all(is_lasting)
        });
        let granted = if plain {
            self.ask_plainly(&requests, &tokens).await?
        } else {
            self.ask_scripts(&requests, &tokens).await?
        };
        let mut useless = Vec::new();
        let mut permits = Vec::with_capacity(requests.len());
        for (((request, observed), lease), began) in requests.iter().zip(tokens).zip(granted.leases)
        {
            let Some(began) = began else {
                permits.push(None);
                continue;
            };
            let stamp = |tag: &Key| {
                let mark = granted.marks.get(tag).copied().unwrap_or(Mark::Missing);
                self.usable(tag, mark, began)
                    .map(|stamp| (tag.clone(), stamp))
            };
            let stamps: Option<Vec<(Key, Stamp)>> = request.tags.iter().map(stamp).collect();
            let usable = stamps.is_some();
            let permit = Permit {
                lease: observed.held.unwrap_or(lease),
                replaces: observed.held.is_some(),
                began,
                stamps: stamps.unwrap_or_default(),
            };
            if usable {
                permits.push(Some(permit));
            } else {
                useless.push((request.key.clone(), permit));
                permits.push(None);
            }
        }
        if !useless.is_empty() {
            crate::port::Store::abandon(self, useless).await;
        }
        Ok(permits)
    }

    /// The usual case: no entry has to give way, and the tags are such as are always there. A script costs the server several
    /// times what a command does, so it is asked only for the stamps that turn out to be missing.
    async fn ask_plainly<'a>(
        &self,
        requests: &'a [(Request, Observed)],
        tokens: &[Token],
    ) -> Result<Granted<'a>, StoreError> {
        let tags = distinct(requests);
        let lifetime = millis(LEASE.min(self.times.lease)).to_string();
        let mut pipeline = redis::pipe();
        let stamps = pipeline.cmd("MGET");
        for tag in &tags {
            stamps.arg(&*self.name(tag));
        }
        let wanted = requests.iter().zip(tokens);
        for ((request, _), token) in wanted.filter(|((_, observed), _)| observed.held.is_none()) {
            let mut lease = vec![0];
            lease.extend_from_slice(token.as_bytes());
            pipeline
                .cmd("SET")
                .arg(&*self.name(&request.key))
                .arg(lease)
                .arg("NX")
                .arg("PX")
                .arg(&lifetime);
        }
        pipeline.cmd("TIME");
        let values = self.link.run(pipeline).await?;
        let (Some(Value::Array(stamps)), Some(now)) =
            (values.first(), values.last().and_then(time))
        else {
            return Err(StoreError::Failed(
                "the store's answer to MGET or TIME has another form".into(),
            ));
        };
        let mut replies = values[1..].iter();
        let leases = requests.iter().map(|(_, observed)| {
            let granted = observed.held.is_some() || replies.next() == Some(&Value::Okay);
            granted.then_some(now)
        });
        let leases = leases.collect();
        let mut marks: HashMap<_, _, _> =
            tags.into_iter().zip(stamps.iter().map(Mark::of)).collect();
        self.make_missing(&mut marks).await?;
        Ok(Granted { marks, leases })
    }

    /// Stamps for tags that have none. The load has not begun yet, so they are in time.
    async fn make_missing(
        &self,
        marks: &mut HashMap<&Key, Mark, foldhash::fast::RandomState>,
    ) -> Result<(), StoreError> {
        let mut pipeline = redis::pipe();
        let mut missing = Vec::new();
        for (tag, mark) in marks.iter_mut().filter(|(_, mark)| **mark == Mark::Missing) {
            let fresh = Stamp::unique();
            let server = self.mark_of(tag);
            let arguments = [fresh.as_bytes().as_slice(), b"0", server.as_bytes()];
            Self::call(&mut pipeline, &scripts::STAMP, &self.name(tag), &arguments);
            missing.push(mark);
        }
        if missing.is_empty() {
            return Ok(());
        }
        let values = self.link.run(pipeline).await?;
        for (mark, value) in missing.into_iter().zip(&values) {
            *mark = Mark::of(value);
        }
        Ok(())
    }

    /// Everything by scripts, in one pipeline.
    async fn ask_scripts<'a>(
        &self,
        requests: &'a [(Request, Observed)],
        tokens: &[Token],
    ) -> Result<Granted<'a>, StoreError> {
        let tags = distinct(requests);
        let lifetime = millis(LEASE.min(self.times.lease)).to_string();
        let mut pipeline = redis::pipe();
        // The stamps before the leases: a lease is only worth having with all of them, and either order is before the load.
        for tag in &tags {
            let fresh = Stamp::unique();
            let life = if is_lasting(tag) { b"0" } else { FIRST_STAMP };
            let mark = self.mark_of(tag);
            let arguments = [fresh.as_bytes().as_slice(), life, mark.as_bytes()];
            Self::call(&mut pipeline, &scripts::STAMP, &self.name(tag), &arguments);
        }
        for ((request, observed), token) in requests.iter().zip(tokens) {
            if observed.held.is_some() {
                pipeline.cmd("TIME");
                continue;
            }
            let replace: &[u8] = if observed.replaceable { b"1" } else { b"0" };
            let arguments = [token.as_bytes().as_slice(), lifetime.as_bytes(), replace];
            let name = self.name(&request.key);
            Self::call(&mut pipeline, &scripts::LEASE, &name, &arguments);
        }
        let values = self.link.run(pipeline).await?;
        let (stamps, leases) = values.split_at(tags.len());
        Ok(Granted {
            leases: leases
                .iter()
                .map(|reply| leased(reply).or_else(|| time(reply)))
                .collect(),
            marks: tags.into_iter().zip(stamps.iter().map(Mark::of)).collect(),
        })
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

impl Attached {
    /// What the stamp of a tag ends with: the epoch's tells on which server it was made.
    fn mark_of(&self, tag: &Key) -> Arc<str> {
        match tag.space() {
            Space::Epoch => self.link.mark(),
            _ => Arc::default(),
        }
    }
}

/// Every tag once.
fn distinct(requests: &[(Request, Observed)]) -> Vec<&Key> {
    let mut tags: Vec<&Key> = Vec::new();
    let mut last: &[Key] = &[];
    for (request, _) in requests {
        // The requests of one call nearly always share one list.
        if std::ptr::eq(last, &*request.tags) {
            continue;
        }
        last = &request.tags;
        for tag in last {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
    }
    tags
}

/// Tags of which there are only as many as the schema has: their stamps never end by themselves.
pub(super) fn is_lasting(tag: &Key) -> bool {
    matches!(
        tag.space(),
        Space::Epoch | Space::Table | Space::Text | Space::AnyEdge | Space::Rows
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

/// The server's time in microseconds.
fn time(reply: &Value) -> Option<u64> {
    let Value::Array(parts) = reply else {
        return None;
    };
    let [Value::BulkString(seconds), Value::BulkString(micros)] = parts.as_slice() else {
        return None;
    };
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<u64>().ok();
    number(seconds)?
        .checked_mul(1_000_000)?
        .checked_add(number(micros)?)
}
