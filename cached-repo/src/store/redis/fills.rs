//! Fills.

use super::permits::is_lasting;
use super::{Attached, Mark, scripts};
use crate::entry::Envelope;
use crate::key::Key;
use crate::port::{Fill, Landing, Refusal, StoreError};
use crate::protocol::precedes;
use crate::stamp::{Stamp, Token};
use crate::time::{Clock, millis};
use redis::Value;
use std::collections::HashMap;

/// A fill whose tags are all stamped.
struct Sealed {
    fill: Fill,
    envelope: Vec<u8>,
}

impl Attached {
    /// Obtains the stamps of the tags that the values name, then stores against the leases.
    pub(super) async fn land(&self, fills: Vec<Fill>) -> Result<Vec<Landing>, StoreError> {
        let marks = self.stamp(&fills).await?;
        let mut landings: Vec<Option<Landing>> = Vec::with_capacity(fills.len());
        let mut sealed = Vec::with_capacity(fills.len());
        let mut refused = Vec::new();
        for mut fill in fills {
            let landing = match complete(&mut fill, &marks) {
                Age::Old => match self.seal(&fill) {
                    Ok(envelope) => {
                        sealed.push(Sealed { fill, envelope });
                        None
                    }
                    Err(refusal) => {
                        refused.push((fill.request.key, fill.permit));
                        Some(Landing::Refused(refusal))
                    }
                },
                Age::Young => Some(Landing::TooYoung(fill.permit)),
                Age::Locked => {
                    refused.push((fill.request.key, fill.permit));
                    Some(Landing::Refused(Refusal::Invalidated))
                }
            };
            landings.push(landing);
        }
        if !refused.is_empty() {
            crate::port::Store::abandon(self, refused).await;
        }
        let mut stored = self.store(&sealed).await?.into_iter();
        let rest = || Landing::Refused(Refusal::Invalidated);
        Ok(landings
            .into_iter()
            .map(|landing| landing.unwrap_or_else(|| stored.next().unwrap_or_else(rest)))
            .collect())
    }

    /// The present marks of all tags that the fills' values name.
    async fn stamp(&self, fills: &[Fill]) -> Result<HashMap<Key, Mark>, StoreError> {
        let mut pipeline = redis::pipe();
        let mut tags: Vec<Key> = Vec::new();
        for fill in fills {
            let life = lifetime(fill);
            for tag in &fill.tags {
                if !tags.contains(tag) {
                    tags.push(tag.clone());
                    let fresh = Stamp::unique();
                    // What all queries over an entity share is not to end with the first entry that names it.
                    let life: &[u8] = match is_lasting(tag) {
                        true => b"0",
                        false => life.as_bytes(),
                    };
                    let arguments = [fresh.as_bytes().as_slice(), life, b""];
                    Self::call(&mut pipeline, &scripts::STAMP, &self.name(tag), &arguments);
                }
            }
        }
        if tags.is_empty() {
            return Ok(HashMap::new());
        }
        let values = self.link.run(pipeline).await?;
        Ok(tags.into_iter().zip(values.iter().map(Mark::of)).collect())
    }

    fn seal(&self, fill: &Fill) -> Result<Vec<u8>, Refusal> {
        let entity = fill.request.key.entity();
        let encoded = self
            .codec
            .encode(entity, &fill.payload)
            .map_err(|_| Refusal::NotEncodable)?;
        let names: Vec<_> = fill
            .permit
            .stamps
            .iter()
            .map(|(tag, stamp)| (self.name(tag), *stamp))
            .collect();
        let now = Clock::unix_millis();
        let life = &fill.life;
        let envelope = Envelope {
            token: Token::unique(),
            shape: self.codec.shape(entity),
            stored_at: now,
            expires_at: now.saturating_add(millis(life.ttl)),
            grace: millis(life.aging.grace()),
            cost: u64::try_from(life.cost.as_micros()).unwrap_or(u64::MAX),
            tags: names
                .iter()
                .map(|(name, stamp)| (&**name, *stamp))
                .collect(),
            body: encoded.body(),
        };
        let envelope = envelope.seal();
        if envelope.len() > self.times.value_limit {
            return Err(Refusal::TooLarge);
        }
        Ok(envelope)
    }

    /// Stores, and looks at the tags once more in the same round trip: a stamp that has changed makes the entry useless, and
    /// nobody who waits for it may have it.
    async fn store(&self, sealed: &[Sealed]) -> Result<Vec<Landing>, StoreError> {
        if sealed.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = redis::pipe();
        for Sealed { fill, envelope } in sealed {
            let ttl = millis(fill.life.kept()).max(1).to_string();
            let token = fill.permit.lease.as_bytes().as_slice();
            let name = self.name(&fill.request.key);
            if fill.permit.replaces {
                let arguments = [token, envelope, ttl.as_bytes()];
                Self::call(&mut pipeline, &scripts::REPLACE, &name, &arguments);
            } else {
                let wakes = self.notices.wakes.as_bytes();
                let arguments = [token, envelope, ttl.as_bytes(), wakes];
                Self::call(&mut pipeline, &scripts::FILL, &name, &arguments);
            }
        }
        let mut checked: HashMap<&Key, usize> = HashMap::new();
        for Sealed { fill, .. } in sealed {
            let life = lifetime(fill);
            for (tag, _) in &fill.permit.stamps {
                let next = sealed.len() + checked.len();
                if *checked.entry(tag).or_insert(next) != next {
                    continue;
                }
                if is_lasting(tag) {
                    pipeline.cmd("GET").arg(&*self.name(tag));
                } else {
                    // The tag must live as long as the entry.
                    let fresh = Stamp::unique();
                    let arguments = [fresh.as_bytes().as_slice(), life.as_bytes(), b""];
                    Self::call(&mut pipeline, &scripts::STAMP, &self.name(tag), &arguments);
                }
            }
        }
        let values = self.link.run(pipeline).await?;
        let landing = |(at, Sealed { fill, .. }): (usize, &Sealed)| {
            let valid = fill
                .permit
                .stamps
                .iter()
                .all(|(tag, stamp)| Mark::of(&values[checked[tag]]).stamp() == Some(*stamp));
            if valid && values[at] == Value::Int(1) {
                Landing::Filled
            } else {
                Landing::Refused(Refusal::Invalidated)
            }
        };
        Ok(sealed.iter().enumerate().map(landing).collect())
    }
}

/// What the stamps of the tags named by a value allow.
enum Age {
    Old,
    Young,
    Locked,
}

/// Adds the stamps of a value's own tags to its permit (rule 1).
fn complete(fill: &mut Fill, marks: &HashMap<Key, Mark>) -> Age {
    let mut age = Age::Old;
    for tag in &fill.tags {
        if fill.permit.stamps.iter().any(|(held, _)| held == tag) {
            continue;
        }
        match marks.get(tag) {
            Some(Mark::Stamped(stamp, created)) => {
                if !precedes(*created, fill.permit.began) {
                    age = Age::Young;
                }
                fill.permit.stamps.push((tag.clone(), *stamp));
            }
            _ => return Age::Locked,
        }
    }
    age
}

/// Lifetime of the stamps of an entry: a little longer than its own.
fn lifetime(fill: &Fill) -> String {
    millis(fill.life.kept()).saturating_add(60_000).to_string()
}
