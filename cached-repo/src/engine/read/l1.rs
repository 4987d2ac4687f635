//! What the cache in this process answers at once, before tags are named, which only a miss needs.

use crate::engine::EntryKind;
use crate::engine::ask::{Answer, Ask, Options};
use crate::engine::entities::Entities;
use crate::engine::l1_coherence::L1Coherence;
use crate::engine::observer::Observer;
use crate::key::Key;
use crate::port::Payload;
use crate::protocol::row_key;
use crate::receipt::AnsweredBy;
use crate::schema::Row;
use crate::stats::Count;
use crate::store::MemoryStore;
use sea_orm::Value;
use std::sync::Arc;

/// The cache in this process: the store itself, or copies of what a shared one holds.
#[derive(Debug)]
pub(crate) struct L1 {
    pub(super) entities: Arc<Entities>,
    observer: Arc<Observer>,
    /// What answers at once; `None` if nothing is kept in this process.
    memory: Option<Arc<MemoryStore>>,
    /// Keeps copies of a shared store true.
    pub(super) coherence: Option<Arc<L1Coherence>>,
}

impl L1 {
    pub(in crate::engine) fn new(
        entities: Arc<Entities>,
        observer: Arc<Observer>,
        memory: Option<Arc<MemoryStore>>,
        coherence: Option<Arc<L1Coherence>>,
    ) -> Self {
        Self {
            entities,
            observer,
            memory,
            coherence,
        }
    }

    /// What answers at once, whatever is asked.
    #[inline]
    pub(crate) fn memory(&self) -> Option<&MemoryStore> {
        self.memory.as_deref()
    }

    /// What the cache in this process has under the key of a query; counted, if it is a hit.
    pub(crate) fn glance(
        &self,
        entity: u16,
        key: &Key,
        options: Option<&Options>,
    ) -> Option<Payload> {
        let options = options.unwrap_or(Options::DEFAULT);
        let memory = self.at_once(options, entity, EntryKind::Query)?;
        let payload = match memory.probe(key)? {
            Payload::Keys(keys) => Payload::Rows(self.gather(memory, key, &keys)?.into()),
            payload => payload,
        };
        self.observer.record(entity, EntryKind::Query, Count::Hit);
        self.stamp_receipt(options, key);
        Some(payload)
    }

    /// What the cache in this process has for a query that is ready to be asked; counted, if it is a hit.
    pub(crate) fn glance_at(&self, ask: &Ask) -> Option<Payload> {
        let query = ask.query.as_ref()?;
        self.glance(ask.entity, &query.key, Some(ask.options()))
    }

    /// Notes in a receipt how old the entry is that has answered from this process.
    pub(in crate::engine) fn stamp_receipt(&self, options: &Options, key: &Key) {
        if let Some(receipt) = &options.receipt
            && let Some(memory) = &self.memory
            && let Some(found) = memory.find(key)
        {
            receipt.served(AnsweredBy::Memory, found.age);
        }
    }

    /// The answer, if the cache in this process has it.
    pub(in crate::engine) fn probe(&self, ask: &Ask, key: &Key) -> Option<Answer> {
        let memory = self.at_once(ask.options(), ask.entity, ask.what.into())?;
        match memory.probe(key)? {
            Payload::Keys(keys) => self.gather(memory, key, &keys),
            Payload::Absent => Some(Vec::new()),
            Payload::Row(row) => Some(vec![row]),
            Payload::Rows(rows) => Some(rows.to_vec()),
            Payload::Bytes(_) => None,
            Payload::Pointer(key) => {
                let key = row_key(ask.entity, &*key).ok()?;
                match memory.probe(&key)? {
                    Payload::Row(row) if ask.is_answered_by(&self.entities, Some(&row)) => {
                        Some(vec![row])
                    }
                    _ => None,
                }
            }
        }
    }

    /// The cache in this process, if it may answer a read of these options for entries of this kind.
    ///
    /// With a token, L1 answers for rows by their key alone, and for those that depend on no other rows: the notice of a write
    /// names the place that a row has then, and a list may hold the row where it was before.
    pub(in crate::engine) fn at_once(
        &self,
        options: &Options,
        entity: u16,
        kind: EntryKind,
    ) -> Option<&MemoryStore> {
        let memory = self.memory.as_deref().filter(|_| options.is_plain())?;
        let Some(coherence) = &self.coherence else {
            return Some(memory);
        };
        if options.strict {
            return None;
        }
        let Some(token) = options.after.filter(|token| token.number() > 0) else {
            return Some(memory);
        };
        let is_row = kind == EntryKind::Row && self.entities.entity(entity).partitions.is_empty();
        (is_row && coherence.has_received(token.number())).then_some(memory)
    }

    /// The rows of a list in this process, if all of them are here.
    pub(in crate::engine) fn gather(
        &self,
        memory: &MemoryStore,
        list: &Key,
        keys: &Arc<[Value]>,
    ) -> Option<Vec<Row>> {
        let rows = self.entities.each_key(list.entity(), keys).map(|key| {
            let key = row_key(list.entity(), key).ok()?;
            match memory.probe(&key)? {
                Payload::Row(row) => Some(row),
                _ => None,
            }
        });
        let rows = rows.collect::<Option<Vec<Row>>>()?;
        match memory.probe(list)? {
            Payload::Keys(now) if Arc::ptr_eq(&now, keys) => Some(rows),
            _ => None,
        }
    }
}
