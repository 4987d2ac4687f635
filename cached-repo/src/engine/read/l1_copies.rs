//! Copies in L1 of what a shared store has served.

use super::l1::L1;
use super::plan::Placed;
use super::plan::PlannedRead;
use crate::age::Life;
use crate::engine::ask::Ask;
use crate::engine::l1_coherence::{CopyPermit, local_tags};
use crate::engine::load::tags_of_value;
use crate::key::Key;
use crate::port::{Fetched, Fill, Payload, Request};
use crate::protocol::{row_tags, user_tags};
use std::sync::Arc;

impl L1 {
    /// A permit for a copy of each read, drawn before the store is asked; empty if nothing is copied.
    pub(super) fn copy_permits(
        &self,
        reads: &[Placed<Arc<PlannedRead>>],
    ) -> Vec<Option<CopyPermit>> {
        if self.coherence.is_none() {
            return Vec::new();
        }
        let reads = reads.iter();
        reads
            .map(|(_, read)| self.copy_permit(&read.ask, &read.request))
            .collect()
    }

    /// Drawn before the store is asked; `None` if its answer is not to be copied.
    pub(in crate::engine) fn copy_permit(
        &self,
        ask: &Ask,
        request: &Request,
    ) -> Option<CopyPermit> {
        let coherence = self.coherence.as_ref()?;
        if self.entities.defaults(ask.entity).is_strict {
            return None;
        }
        coherence.copy_permit(request)
    }

    /// Keeps a copy of what the store has served.
    pub(in crate::engine) fn copy(
        &self,
        ask: &Ask,
        request: &Request,
        copy_permit: Option<CopyPermit>,
        fetched: &Fetched,
        weight: u64,
    ) {
        let (Some(coherence), Some(copy_permit)) = (&self.coherence, copy_permit) else {
            return;
        };
        let mut tags = self.named_by(ask, &fetched.payload);
        tags.retain(|tag| !request.tags.contains(tag));
        // An entry that carries more than what it is known by here goes with tags of which no notice would be understood.
        if tags.len() != fetched.further {
            return;
        }
        // A copy is served without a second thought, so it ends where that ends.
        let aging = ask.aging(&self.entities);
        let rest = match aging.is_none() {
            true => fetched.rest,
            false => aging
                .quiet(fetched.age.life, fetched.age.cost)
                .saturating_sub(fetched.age.passed),
        };
        let Some(ttl) = coherence.life(&copy_permit, rest) else {
            return;
        };
        tags.extend(local_tags(
            self.entities.schema(),
            &request.key,
            &[&request.tags, &tags],
        ));
        let fill = Fill {
            request: request.clone(),
            permit: copy_permit.permit,
            payload: fetched.payload.clone(),
            tags,
            life: Life {
                passed: fetched.age.passed,
                ..Life::plain(ttl)
            },
            weight,
        };
        coherence.keep(fill);
    }

    /// The tags that an entry has because of what it holds, each once.
    fn named_by(&self, ask: &Ask, payload: &Payload) -> Vec<Key> {
        if let (Some(shape), Payload::Row(value)) = (ask.result_shape(), payload) {
            return tags_of_value(self.entities.schema(), &shape.form, value);
        }
        let entity = self.entities.entity(ask.entity);
        match payload {
            Payload::Absent | Payload::Pointer(_) | Payload::Keys(_) | Payload::Bytes(_) => {
                Vec::new()
            }
            Payload::Row(row) => row_tags(entity, ask.entity, &(entity.rows.values)(&**row)),
            Payload::Rows(rows) => {
                let mut tags = Vec::new();
                for row in rows.iter() {
                    for tag in user_tags(entity, &(entity.rows.values)(&**row)) {
                        if !tags.contains(&tag) {
                            tags.push(tag);
                        }
                    }
                }
                tags
            }
        }
    }
}
