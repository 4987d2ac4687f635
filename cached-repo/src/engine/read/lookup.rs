//! What the store has for a read.

use super::gather::Gather;
use super::l1::L1;
use super::plan::{Placed, PlannedRead};
use crate::age::{Age, AgeDecision};
use crate::engine::ask::{Answer, Ask};
use crate::engine::background::Background;
use crate::engine::checkpoint_hook::CheckpointHook;
use crate::engine::entities::Entities;
use crate::engine::l1_coherence::CopyPermit;
use crate::engine::load::{Loader, weigh};
use crate::engine::observer::Observer;
use crate::port::{
    Capabilities, Checkpoint, Fetched, Found, Observed, Payload, Request, Store, StoreError,
};
use crate::receipt::AnsweredBy;
use crate::stats::Count;
use sea_orm::Value;
use std::sync::Arc;
use std::time::Duration;

/// What the store has for a read.
pub(super) enum Lookup {
    Hit(Answer),
    /// The primary key of the row that a unique lookup leads to.
    Pointer(Arc<[Value]>),
    /// A list whose rows have entries of their own.
    Keys(ListEntry),
    /// Rows or a pointer, beyond the time at which an entry is served without a second thought.
    Stale(Box<StaleEntry>),
    Miss(Observed),
    /// Another reader is about to fill it.
    Leased,
    /// A writer holds a lock: the database answers, and nothing is filled.
    Locked,
    /// The store does not answer.
    Unavailable,
}

/// A list of keys in the store.
#[derive(Debug)]
pub(super) struct ListEntry {
    pub(super) keys: Arc<[Value]>,
    /// The same as long as the entry is.
    pub(super) mark: u128,
    pub(super) further: usize,
    pub(super) rest: Duration,
    pub(super) age: Age,
}

/// What an entry holds that answers a read by itself, or leads to the answer.
pub(super) enum Held {
    Rows(Answer),
    /// The primary key of the row that a unique lookup leads to.
    Pointer(Arc<[Value]>),
}

/// An entry that `age` does not simply serve.
pub(super) struct StaleEntry {
    pub(super) held: Held,
    pub(super) decision: AgeDecision,
    pub(super) age: Age,
    pub(super) observed: Observed,
}

/// What answers a read whose load fails.
pub(super) struct Fallback {
    pub(super) held: Held,
    pub(super) age: Age,
}

/// Looks entries up in the store, and says what they mean to their reads.
pub(super) struct StoreReader {
    pub(super) entities: Arc<Entities>,
    pub(super) store: Arc<dyn Store>,
    pub(super) l1: Arc<L1>,
    pub(super) loader: Arc<Loader>,
    pub(super) observer: Arc<Observer>,
    pub(super) background: Arc<Background>,
    pub(super) checkpoints: CheckpointHook,
    /// Single reads that look the store up in the same turn.
    pub(super) gather: Arc<Gather<Request, Result<Found, StoreError>>>,
    /// Keys in one call.
    pub(super) chunk: usize,
    /// How long a reader waits for another process's load.
    pub(super) wait_time: Duration,
}

impl StoreReader {
    /// One look into the store for all of these reads; what it has for each, in order.
    pub(super) async fn look_up_all(
        self: &Arc<Self>,
        reads: &[Placed<Arc<PlannedRead>>],
    ) -> Vec<Lookup> {
        // Drawn before the store is asked (rule 10).
        let mut copy_permits = self.l1.copy_permits(reads).into_iter();
        let found = match reads {
            [(_, read)] => self.read_one(read).await,
            _ => self.read_each(reads).await,
        };
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                self.note_failure(reads, &error);
                return reads.iter().map(|_| Lookup::Unavailable).collect();
            }
        };
        if found.iter().any(|it| matches!(it, Found::Hit(_))) {
            self.checkpoints.reach(Checkpoint::Fetched).await;
        }
        let mut found = found.into_iter();
        let each = reads.iter();
        each.map(|(_, read)| {
            let found = found.next().unwrap_or(Found::Locked);
            self.interpret(read, copy_permits.next().flatten(), found)
        })
        .collect()
    }

    /// One look into the store for one read.
    pub(super) async fn look_up_one(self: &Arc<Self>, read: &Arc<PlannedRead>) -> Lookup {
        let mut found = self.look_up_all(&[(0, Arc::clone(read))]).await;
        found.pop().unwrap_or(Lookup::Unavailable)
    }

    /// Waits once for the lease that another reader holds on this key.
    pub(super) async fn wait_for_lease(&self, read: &PlannedRead) -> Result<(), StoreError> {
        self.store
            .wait_for_lease(&read.request.key, self.wait_time)
            .await
    }

    /// Whether a reader waits for leases at all.
    pub(super) fn waits_for_leases(&self) -> bool {
        !self.wait_time.is_zero()
    }

    /// What the store can do.
    pub(super) fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    /// How a hit is counted that the store has served.
    pub(super) fn hit(&self) -> Count {
        match self.capabilities().shared {
            true => Count::StoreHit,
            false => Count::Hit,
        }
    }

    /// Notes in the read's receipt that the store has answered.
    pub(super) fn stamp_receipt(&self, ask: &Ask, age: Age) {
        if let Some(receipt) = &ask.options().receipt {
            let by = match self.capabilities().shared {
                true => AnsweredBy::Store,
                false => AnsweredBy::Memory,
            };
            receipt.served(by, age);
        }
    }

    /// Reads one entry, with what others read in the same turn if the read does its steps with others.
    async fn read_one(self: &Arc<Self>, read: &PlannedRead) -> Result<Vec<Found>, StoreError> {
        if !read.joins || !self.capabilities().remote {
            return self.store.read(std::slice::from_ref(&read.request)).await;
        }
        let reader = Arc::clone(self);
        let look = move |requests: Vec<Request>| async move {
            match reader.read_in_chunks(&requests).await {
                Ok(found) => found.into_iter().map(Ok).collect(),
                Err(error) => requests.iter().map(|_| Err(error.clone())).collect(),
            }
        };
        let request = read.request.clone();
        let found = self.gather.join(&self.background, request, look);
        Ok(vec![found.await.unwrap_or(Ok(Found::Locked))?])
    }

    async fn read_each(
        &self,
        reads: &[Placed<Arc<PlannedRead>>],
    ) -> Result<Vec<Found>, StoreError> {
        let requests: Vec<Request> = reads.iter().map(|(_, read)| read.request.clone()).collect();
        self.read_in_chunks(&requests).await
    }

    /// Reads the store in calls of limited size: each has its time limit, and none keeps others from being answered.
    async fn read_in_chunks(&self, requests: &[Request]) -> Result<Vec<Found>, StoreError> {
        if requests.len() <= self.chunk {
            return self.store.read(requests).await;
        }
        let mut found = Vec::with_capacity(requests.len());
        for requests in requests.chunks(self.chunk) {
            found.extend(self.store.read(requests).await?);
        }
        Ok(found)
    }

    /// What is to be done with an entry that the store has served, and what its fill is to know of it.
    fn judge_age(&self, ask: &Ask, fetched: &Fetched) -> (AgeDecision, Observed) {
        let aging = ask.aging(&self.entities);
        let draw = match aging.early_refresh > 0.0 {
            true => fastrand::f64(),
            false => 1.0,
        };
        let decision = aging.judge(fetched.age, draw);
        let observed = Observed {
            // One that may not be served is not worth keeping.
            held: fetched.held.filter(|_| decision != AgeDecision::Load),
            ..Observed::REPLACEABLE
        };
        (decision, observed)
    }

    /// Counts and logs a call that the store did not answer, once for each entity.
    fn note_failure(&self, reads: &[Placed<Arc<PlannedRead>>], error: &StoreError) {
        let mut noted = Vec::new();
        for (_, read) in reads {
            let entity = read.ask.entity;
            if !noted.contains(&entity) {
                noted.push(entity);
                self.observer
                    .store_failed(entity, read.ask.what.into(), error);
            }
        }
    }

    /// What the store's answer means to the read.
    fn interpret(
        &self,
        read: &PlannedRead,
        copy_permit: Option<CopyPermit>,
        found: Found,
    ) -> Lookup {
        match found {
            Found::Hit(fetched) => self.interpret_hit(read, copy_permit, fetched),
            Found::Leased => Lookup::Leased,
            Found::Locked => Lookup::Locked,
            Found::Miss(observed) => {
                if observed.undecodable {
                    self.observer
                        .record(read.ask.entity, read.ask.what.into(), Count::Undecodable);
                }
                Lookup::Miss(observed)
            }
        }
    }

    fn interpret_hit(
        &self,
        read: &PlannedRead,
        copy_permit: Option<CopyPermit>,
        fetched: Fetched,
    ) -> Lookup {
        let ask = &read.ask;
        if let Some(list) = list_entry(&fetched) {
            return Lookup::Keys(list);
        }
        let weigh = |_: &CopyPermit| weigh(self.entities.schema(), ask.entity, &fetched.payload);
        let weight = copy_permit.as_ref().map_or(0, weigh);
        let Some(fetched) = self.loader.open(ask, fetched) else {
            self.observer
                .record(ask.entity, ask.what.into(), Count::Undecodable);
            return Lookup::Miss(Observed {
                undecodable: true,
                ..Observed::REPLACEABLE
            });
        };
        let (decision, observed) = self.judge_age(ask, &fetched);
        if decision == AgeDecision::Serve {
            self.l1
                .copy(ask, &read.request, copy_permit, &fetched, weight);
            self.stamp_receipt(ask, fetched.age);
        }
        let held = match fetched.payload {
            Payload::Absent => Held::Rows(Vec::new()),
            Payload::Row(row) => Held::Rows(vec![row]),
            Payload::Rows(rows) => Held::Rows(rows.to_vec()),
            Payload::Pointer(key) => Held::Pointer(key),
            Payload::Keys(_) | Payload::Bytes(_) => return Lookup::Locked,
        };
        match (decision, held) {
            (AgeDecision::Serve, Held::Rows(rows)) => Lookup::Hit(rows),
            (AgeDecision::Serve, Held::Pointer(key)) => Lookup::Pointer(key),
            (AgeDecision::Load, _) => Lookup::Miss(observed),
            (decision, held) => Lookup::Stale(Box::new(StaleEntry {
                held,
                decision,
                age: fetched.age,
                observed,
            })),
        }
    }
}

/// What a store has served, if it is a list of keys.
pub(super) fn list_of(found: Found) -> Option<ListEntry> {
    match found {
        Found::Hit(fetched) => list_entry(&fetched),
        _ => None,
    }
}

fn list_entry(fetched: &Fetched) -> Option<ListEntry> {
    let Payload::Keys(keys) = &fetched.payload else {
        return None;
    };
    let mark = match fetched.held {
        Some(token) => u128::from_le_bytes(*token.as_bytes()),
        // Held here, the address is nobody else's.
        None => keys.as_ptr() as usize as u128,
    };
    Some(ListEntry {
        keys: Arc::clone(keys),
        mark,
        further: fetched.further,
        rest: fetched.rest,
        age: fetched.age,
    })
}
