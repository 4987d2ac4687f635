//! Fills (rules 1 and 4).

use super::connection::Connection;
use super::mark::is_lasting;
use super::permits::stamped;
use super::transport::{Step, Transport};
use crate::entry::Envelope;
use crate::key::Key;
use crate::port::{Fill, FillOutcome, Refusal, StoreError};
use crate::protocol::{CellAnswer, CellOp, Mark, precedes};
use crate::stamp::{Stamp, Token};
use crate::time::{Clock, millis};
use std::collections::{HashMap, HashSet};

/// A fill whose tags are all stamped.
struct Sealed {
    fill: Fill,
    envelope: Vec<u8>,
}

/// Stores what was loaded.
pub(super) struct Fills<'a, T>(pub(super) &'a Connection<T>);

impl<'s, T: Transport> Fills<'s, T> {
    /// Obtains the stamps of the tags that the values name, then stores against the leases.
    pub(super) async fn land(&self, fills: Vec<Fill>) -> Result<Vec<FillOutcome>, StoreError> {
        let marks = self.stamp(&fills).await?;
        let mut outcomes: Vec<Option<FillOutcome>> = Vec::with_capacity(fills.len());
        let mut sealed = Vec::with_capacity(fills.len());
        let mut refused = Vec::new();
        for mut fill in fills {
            let outcome = match complete(&mut fill, &marks) {
                Age::Old => match self.seal(&fill) {
                    Ok(envelope) => {
                        sealed.push(Sealed { fill, envelope });
                        None
                    }
                    Err(refusal) => {
                        refused.push((fill.request.key, fill.permit));
                        Some(FillOutcome::Refused(refusal))
                    }
                },
                Age::Young => Some(FillOutcome::StampTooYoung(fill.permit)),
                Age::Locked => {
                    refused.push((fill.request.key, fill.permit));
                    Some(FillOutcome::Refused(Refusal::Invalidated))
                }
            };
            outcomes.push(outcome);
        }
        if !refused.is_empty() {
            self.0.abandon(refused).await;
        }
        let mut stored = self.store(&sealed).await?.into_iter();
        let rest = || FillOutcome::Refused(Refusal::Invalidated);
        Ok(outcomes
            .into_iter()
            .map(|outcome| outcome.unwrap_or_else(|| stored.next().unwrap_or_else(rest)))
            .collect())
    }

    /// The present marks of all tags that the fills' values name.
    async fn stamp(&self, fills: &[Fill]) -> Result<HashMap<Key, Mark>, StoreError> {
        let mut steps = Vec::new();
        let mut tags: Vec<Key> = Vec::new();
        for fill in fills {
            for tag in &fill.tags {
                if !tags.contains(tag) {
                    tags.push(tag.clone());
                    // What all queries over an entity share is not to end with the first entry that names it.
                    let life = (!is_lasting(tag)).then(|| lifetime(fill));
                    steps.push(self.0.step(tag, stamp(life)));
                }
            }
        }
        if tags.is_empty() {
            return Ok(HashMap::new());
        }
        let mut answers = self.0.run(&steps).await?;
        let marks = tags
            .into_iter()
            .map(|tag| Ok((tag, stamped(answers.cell()?))));
        marks.collect()
    }

    fn seal(&self, fill: &Fill) -> Result<Vec<u8>, Refusal> {
        let entity = fill.request.key.entity();
        let encoded = self
            .0
            .codec
            .encode(entity, &fill.payload)
            .map_err(|_| Refusal::NotEncodable)?;
        let names: Vec<_> = fill
            .permit
            .stamps
            .iter()
            .map(|(tag, stamp)| (self.0.names.of(tag), *stamp))
            .collect();
        let now = Clock::unix_millis();
        let life = &fill.life;
        let envelope = Envelope {
            token: Token::unique(),
            shape: self.0.codec.shape(entity),
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
        if envelope.len() > self.0.settings.value_limit {
            return Err(Refusal::TooLarge);
        }
        Ok(envelope)
    }

    /// Stores, and looks at the tags once more in the same round trip: a stamp that has changed makes the entry useless, and
    /// nobody who waits for it may have it.
    async fn store(&self, sealed: &[Sealed]) -> Result<Vec<FillOutcome>, StoreError> {
        if sealed.is_empty() {
            return Ok(Vec::new());
        }
        let checks = checks(sealed);
        let mut steps: Vec<_> = sealed
            .iter()
            .map(|sealed| self.store_step(sealed))
            .collect();
        steps.extend(checks.iter().map(|(tag, life)| match life {
            None => Step::Mark(self.0.names.of(tag)),
            // The tag must live as long as the entry.
            life => self.0.step(tag, stamp(*life)),
        }));
        let mut answers = self.0.run(&steps).await?;
        let stored = sealed.iter().map(|_| answers.cell());
        let stored: Vec<CellAnswer> = stored.collect::<Result<_, _>>()?;
        let mut marks = TagMarks::default();
        for (tag, _) in checks {
            marks.insert(tag, stamped(answers.cell()?));
        }
        let outcome = |(Sealed { fill, .. }, answer): (&Sealed, CellAnswer)| {
            let mut stamps = fill.permit.stamps.iter();
            let valid = stamps.all(|(tag, stamp)| {
                let mark = marks.get(tag).copied().unwrap_or(Mark::Missing);
                mark.stamp() == Some(*stamp)
            });
            if valid && answer == CellAnswer::Done(true) {
                FillOutcome::Stored
            } else {
                FillOutcome::Refused(Refusal::Invalidated)
            }
        };
        Ok(sealed.iter().zip(stored).map(outcome).collect())
    }

    /// The step that stores an entry.
    fn store_step<'a>(&self, Sealed { fill, envelope }: &'a Sealed) -> Step<'a>
    where
        's: 'a,
    {
        let life = millis(fill.life.kept()).max(1);
        let op = if fill.permit.replaces {
            CellOp::Replace {
                old: fill.permit.lease,
                entry: envelope.as_slice(),
                life,
            }
        } else {
            CellOp::Fill {
                holder: fill.permit.lease,
                entry: envelope.as_slice(),
                life,
            }
        };
        self.0.step(&fill.request.key, op)
    }
}

/// Every tag of these fills once, with the life that its stamp is to have, if that ends.
fn checks(sealed: &[Sealed]) -> Vec<(&Key, Option<u64>)> {
    let mut seen = HashSet::<&Key, foldhash::fast::RandomState>::default();
    let mut checks = Vec::new();
    for Sealed { fill, .. } in sealed {
        for (tag, _) in &fill.permit.stamps {
            if seen.insert(tag) {
                checks.push((tag, (!is_lasting(tag)).then(|| lifetime(fill))));
            }
        }
    }
    checks
}

type TagMarks<'a> = HashMap<&'a Key, Mark, foldhash::fast::RandomState>;

/// Makes sure that a tag whose name comes from a value has a stamp.
fn stamp<'a>(life: Option<u64>) -> CellOp<&'a [u8]> {
    CellOp::Stamp {
        fresh: Stamp::unique(),
        life,
        server: None,
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

/// Milliseconds that the stamps of an entry live: a little longer than it does.
fn lifetime(fill: &Fill) -> u64 {
    millis(fill.life.kept()).saturating_add(60_000)
}
