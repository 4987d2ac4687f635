//! Permits: leases and stamps, before a load (rules 1, 4 and 11).

use super::connection::Connection;
use super::mark::{is_lasting, mark};
use super::transport::{Step, Transport};
use crate::key::{Key, Space};
use crate::port::{Observed, Permit, Request, StoreError};
use crate::protocol::{CellAnswer, CellOp, Mark, is_settled};
use crate::stamp::{Stamp, Token};
use crate::time::millis;
use std::collections::HashMap;
use std::sync::atomic::Ordering;

/// Milliseconds that a stamp lives before the lifetime of the entry that needs it is known.
const FIRST_STAMP: u64 = 3_600_000;

/// What the store granted: the marks of all tags, and for each request the store's time if it has the lease.
struct Granted<'a> {
    marks: HashMap<&'a Key, Mark, foldhash::fast::RandomState>,
    leases: Vec<Option<u64>>,
}

/// Grants leases and stamps.
pub(super) struct Permits<'a, T>(pub(super) &'a Connection<T>);

impl<T: Transport> Permits<'_, T> {
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
            self.ask_each(&requests, &tokens).await?
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
            self.0.abandon(useless).await;
        }
        Ok(permits)
    }

    /// The usual case: no entry has to give way, and the tags are such as are always there. An operation that looks at
    /// what is there costs several times what a plain one does, so it is done only for the stamps that turn out to be missing.
    async fn ask_plainly<'a>(
        &self,
        requests: &'a [(Request, Observed)],
        tokens: &[Token],
    ) -> Result<Granted<'a>, StoreError> {
        let tags = distinct(requests);
        let names = self.0.names.list(tags.iter().copied());
        let life = self.0.lease_life();
        let mut steps = vec![Step::Get(&names)];
        for ((request, observed), token) in requests.iter().zip(tokens) {
            if observed.held.is_none() {
                let holder = *token;
                steps.push(
                    self.0
                        .step(&request.key, CellOp::LeaseMissing { holder, life }),
                );
            }
        }
        steps.push(Step::Time);
        let mut answers = self.0.run(&steps).await?;
        let stamps = answers.values()?;
        let granted = requests.iter().map(|(_, observed)| {
            Ok(observed.held.is_some() || answers.cell()? == CellAnswer::Done(true))
        });
        let granted: Vec<bool> = granted.collect::<Result<_, StoreError>>()?;
        let now = answers.time()?;
        let leases = granted.into_iter().map(|granted| granted.then_some(now));
        let stamps = stamps.iter().map(|value| mark(value.as_deref()));
        let mut marks = tags.into_iter().zip(stamps).collect();
        self.make_missing(&mut marks).await?;
        Ok(Granted {
            marks,
            leases: leases.collect(),
        })
    }

    /// Stamps for tags that have none. The load has not begun yet, so they are in time.
    async fn make_missing(
        &self,
        marks: &mut HashMap<&Key, Mark, foldhash::fast::RandomState>,
    ) -> Result<(), StoreError> {
        let mut steps = Vec::new();
        let mut missing = Vec::new();
        for (tag, mark) in marks.iter_mut().filter(|(_, mark)| **mark == Mark::Missing) {
            steps.push(self.0.step(tag, self.first_stamp(tag, None)));
            missing.push(mark);
        }
        if missing.is_empty() {
            return Ok(());
        }
        let mut answers = self.0.run(&steps).await?;
        for mark in missing {
            *mark = stamped(answers.cell()?);
        }
        Ok(())
    }

    /// Makes sure that the tag has a stamp.
    fn first_stamp<'a>(&self, tag: &Key, life: Option<u64>) -> CellOp<&'a [u8]> {
        CellOp::Stamp {
            fresh: Stamp::unique(),
            life,
            server: self.0.server_of(tag),
        }
    }

    /// Everything by operations that look at what is there, in one round trip.
    async fn ask_each<'a>(
        &self,
        requests: &'a [(Request, Observed)],
        tokens: &[Token],
    ) -> Result<Granted<'a>, StoreError> {
        let tags = distinct(requests);
        let life = self.0.lease_life();
        // The stamps before the leases: a lease is only worth having with all of them, and either order is before the load.
        let stamp = |tag: &&Key| {
            let life = (!is_lasting(tag)).then_some(FIRST_STAMP);
            self.0.step(tag, self.first_stamp(tag, life))
        };
        let mut steps: Vec<_> = tags.iter().map(stamp).collect();
        for ((request, observed), token) in requests.iter().zip(tokens) {
            let lease = CellOp::Lease {
                holder: *token,
                replaceable: observed.replaceable,
                life,
            };
            steps.push(match observed.held {
                Some(_) => Step::Time,
                None => self.0.step(&request.key, lease),
            });
        }
        let mut answers = self.0.run(&steps).await?;
        let mut marks = HashMap::default();
        for tag in tags {
            marks.insert(tag, stamped(answers.cell()?));
        }
        let leases = requests.iter().map(|(_, observed)| match observed.held {
            Some(_) => answers.time().map(Some),
            None => answers.cell().map(leased),
        });
        Ok(Granted {
            leases: leases.collect::<Result<_, _>>()?,
            marks,
        })
    }

    /// The stamp of a tag that is free and, for the epoch, settled (rule 11).
    fn usable(&self, tag: &Key, mark: Mark, now: u64) -> Option<Stamp> {
        let Mark::Stamped(stamp, created) = mark else {
            return None;
        };
        let settle = millis(self.0.settings.settle).saturating_mul(1000);
        let settled = tag.space() != Space::Epoch || is_settled(created, now, settle);
        if !settled && !self.0.said_unsettled.swap(true, Ordering::Relaxed) {
            tracing::info!(
                "the namespace is new in this store: nothing is stored until locks that an earlier one may have \
                 forgotten are over; see `settle_time`"
            );
        }
        settled.then_some(stamp)
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

/// What the key of a tag holds, by the answer to an operation that stamps it.
pub(super) fn stamped(answer: CellAnswer) -> Mark {
    match answer {
        CellAnswer::Mark(mark) => mark,
        _ => Mark::Missing,
    }
}

/// The store's time if the lease was granted.
fn leased(answer: CellAnswer) -> Option<u64> {
    match answer {
        CellAnswer::Lease { granted: true, now } => Some(now),
        _ => None,
    }
}
