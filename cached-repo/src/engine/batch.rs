//! Many reads of any kind at once: one look at the store for all of them.
//!
//! What a single read promises, each of them promises: it has its own time, its own flight on a miss, its own lease.

use super::ask::{Answer, Ask, Mode, What};
use super::look::Look;
use super::{Engine, SharedSource};
use crate::error::Error;
use crate::port::{Found, Observed, Request, Source};
use crate::stats::Count;
use crate::write_token::WriteToken;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join, join_all};
use sea_orm::Value;
use std::sync::Arc;

/// The answer to one of many reads, and its place among them.
type Placed = (usize, Result<Answer, Error>);

/// A read that this process could not answer at once.
struct Sought {
    place: usize,
    ask: Ask,
    request: Request,
}

/// A lookup whose entry says which row it is.
struct Pointed {
    sought: Sought,
    key: Arc<[Value]>,
}

impl Engine {
    /// Answers each of these reads as it would be answered alone, in order. All are brought to their end, whatever becomes of the
    /// others.
    ///
    /// # Cancellation
    /// Dropping the future leaves loads that have begun to tasks of their own.
    pub(crate) async fn get_each(
        self: &Arc<Self>,
        mut asks: Vec<Ask>,
        source: &SharedSource,
    ) -> Vec<Result<Answer, Error>> {
        if let Err(error) = self.check_runtime() {
            return vec![Err(error); asks.len()];
        }
        for ask in &mut asks {
            ask.options.beside = true;
        }
        let anew = self.discard_each(&mut asks).await;
        let lookups: Vec<(usize, Ask)> =
            anew.into_iter().map(|at| (at, asks[at].clone())).collect();
        let mut answers = self.find_each(asks, source).await;
        if !lookups.is_empty() {
            self.read_rows_anew(lookups, &mut answers, source).await;
        }
        answers
    }

    /// Answers each of these reads from the database alone.
    pub(crate) async fn get_each_past_the_cache(
        &self,
        asks: Vec<Ask>,
        source: &dyn Source,
    ) -> Vec<Result<Answer, Error>> {
        let mut answers = vec![Ok(Vec::new()); asks.len()];
        if self.is_passthrough() {
            // In their order, and each as it would be alone: a mocked connection has its answers in that order.
            for (answer, ask) in answers.iter_mut().zip(&asks) {
                *answer = self.past_the_cache(ask, source).await;
            }
            return answers;
        }
        let asks = asks.into_iter().enumerate().collect();
        for (place, answer) in self.past_each(asks, source).await {
            answers[place] = answer;
        }
        answers
    }

    /// Lets go what is to be read anew; from then on it is read as anything else. Tells which of it are unique lookups.
    async fn discard_each(&self, asks: &mut [Ask]) -> Vec<usize> {
        let (mut keys, mut lookups) = (Vec::new(), Vec::new());
        for (at, ask) in asks.iter_mut().enumerate() {
            if ask.options.mode != Mode::Refresh {
                continue;
            }
            // One without a key says so when it is read.
            if let Ok(key) = ask.key(self) {
                keys.push(key);
                ask.options.mode = Mode::Through;
                if matches!(ask.what, What::Unique(_)) {
                    lookups.push(at);
                }
            }
        }
        for keys in keys.chunks(self.settings.chunk) {
            self.discard(keys).await;
        }
        lookups
    }

    /// The rows of lookups that were read anew: which rows they are is known, what is in them has entries of its own.
    async fn read_rows_anew(
        self: &Arc<Self>,
        lookups: Vec<(usize, Ask)>,
        answers: &mut [Result<Answer, Error>],
        source: &SharedSource,
    ) {
        let entities = &self.schema;
        let row_of = |(at, ask): &(usize, Ask)| {
            let row = answers[*at].as_ref().ok()?.first()?;
            let entity = entities.entity(ask.entity);
            let values = (entity.rows.values)(&**row);
            let key = entity.key.iter().map(|at| values[*at].clone()).collect();
            Some(self.row_of(ask, key))
        };
        let (lookups, mut rows): (Vec<(usize, Ask)>, Vec<Ask>) = lookups
            .into_iter()
            .filter_map(|lookup| row_of(&lookup).map(|row| (lookup, row)))
            .unzip();
        for row in &mut rows {
            row.options.mode = Mode::Refresh;
        }
        self.discard_each(&mut rows).await;
        let found = self.find_each(rows, source).await;
        for ((at, ask), found) in lookups.into_iter().zip(found) {
            answers[at] = match found {
                Ok(rows) if rows.first().is_some_and(|row| self.is_found_by(&ask, row)) => Ok(rows),
                Ok(_) => self.past_the_cache(&ask, &**source).await,
                Err(error) => Err(error),
            };
        }
    }

    /// In a box, since rows behind pointers are found in the same way.
    fn find_each<'a>(
        self: &'a Arc<Self>,
        asks: Vec<Ask>,
        source: &'a SharedSource,
    ) -> BoxFuture<'a, Vec<Result<Answer, Error>>> {
        async move {
            let mut answers = vec![Ok(Vec::new()); asks.len()];
            let (mut past, mut sought) = (Vec::new(), Vec::new());
            for (place, mut ask) in asks.into_iter().enumerate() {
                match self.probe(&ask) {
                    Ok(Some(rows)) => {
                        self.record(ask.entity, ask.kind(), Count::Hit);
                        self.tell_of_memory(&ask.options, || ask.key(self).ok());
                        answers[place] = Ok(rows);
                        continue;
                    }
                    Ok(None) => {}
                    Err(error) => {
                        answers[place] = Err(error);
                        continue;
                    }
                }
                if ask.options.after == Some(WriteToken::UNDELIVERED) {
                    ask.options.mode = Mode::Bypass;
                }
                match ask.request(self) {
                    Err(error) => answers[place] = Err(error),
                    Ok(_) if ask.options.mode == Mode::Bypass => past.push((place, ask)),
                    Ok(request) => sought.push(Sought {
                        place,
                        ask,
                        request,
                    }),
                }
            }
            if past.is_empty() && sought.is_empty() {
                return answers;
            }
            let past = self.past_each(past, &**source);
            let through = self.seek_each(sought, source);
            let (past, through) = join(past, through).await;
            for (place, answer) in past.into_iter().chain(through) {
                answers[place] = answer;
            }
            answers
        }
        .boxed()
    }

    /// One look at the store for all; then each goes its way, at the same time.
    async fn seek_each(
        self: &Arc<Self>,
        sought: Vec<Sought>,
        source: &SharedSource,
    ) -> Vec<Placed> {
        if sought.is_empty() {
            return Vec::new();
        }
        // A reader's time must not be later than the moment at which it looks at the cache.
        let began = self.flights.now();
        let tickets: Vec<_> = (sought.iter())
            .map(|sought| self.ticket(&sought.ask, &sought.request))
            .collect();
        let requests: Vec<Request> = sought.iter().map(|sought| sought.request.clone()).collect();
        let mut found = self.read_many(&requests).await.map(Vec::into_iter);
        let (mut done, mut missed, mut pointed) = (Vec::new(), Vec::new(), Vec::new());
        for (sought, ticket) in sought.into_iter().zip(tickets) {
            let found = match &mut found {
                Ok(found) => Ok(found.next().unwrap_or(Found::Busy)),
                Err(error) => Err(error.clone()),
            };
            match self.show(&sought.ask, &sought.request, ticket, found).await {
                Look::Rows(rows) => {
                    self.record(sought.ask.entity, sought.ask.kind(), self.store_hit());
                    done.push((sought.place, Ok(rows)));
                }
                Look::Pointer(key) => pointed.push(Pointed { sought, key }),
                look => missed.push((sought, look)),
            }
        }
        let missed = missed.into_iter().map(|(sought, look)| async move {
            let Sought {
                place,
                ask,
                request,
            } = sought;
            let answer = self.seek(ask, request, began, Some(look), source).await;
            (place, answer)
        });
        let pointed = self.follow_each(pointed, began, source);
        let (missed, pointed) = self.joint.together(join(join_all(missed), pointed)).await;
        done.extend(missed);
        done.extend(pointed);
        done
    }

    /// The rows behind pointers, together. A pointer whose row no longer bears the values is a miss (rule 7).
    async fn follow_each(
        self: &Arc<Self>,
        pointed: Vec<Pointed>,
        began: u64,
        source: &SharedSource,
    ) -> Vec<Placed> {
        if pointed.is_empty() {
            return Vec::new();
        }
        let rows = pointed.iter();
        let rows = rows.map(|it| self.row_of(&it.sought.ask, it.key.to_vec()));
        let found = self.find_each(rows.collect(), source).await;
        let each = pointed.into_iter().zip(found);
        join_all(each.map(|(Pointed { sought, .. }, found)| async move {
            let Sought {
                place,
                ask,
                request,
            } = sought;
            let answer = match found {
                Ok(rows) if rows.first().is_some_and(|row| self.is_found_by(&ask, row)) => Ok(rows),
                Ok(_) => {
                    let look = Look::Miss(Observed {
                        replaceable: true,
                        ..Observed::default()
                    });
                    self.seek(ask, request, began, Some(look), source).await
                }
                Err(error) => Err(error),
            };
            (place, answer)
        }))
        .await
    }

    /// Past the cache: rows of one entity by one query, everything else one by one.
    async fn past_each(&self, asks: Vec<(usize, Ask)>, source: &dyn Source) -> Vec<Placed> {
        let mut rows: Vec<(u16, Vec<(usize, Ask)>)> = Vec::new();
        let mut others = Vec::new();
        for (place, ask) in asks {
            let same = rows.iter_mut().find(|(entity, _)| *entity == ask.entity);
            match (ask.what, same) {
                (What::Row, Some((_, asks))) => asks.push((place, ask)),
                (What::Row, None) => rows.push((ask.entity, vec![(place, ask)])),
                _ => others.push((place, ask)),
            }
        }
        let rows = rows.into_iter().map(|(entity, asks)| async move {
            let (places, keys): (Vec<usize>, Vec<_>) =
                asks.into_iter().map(|(at, ask)| (at, ask.values)).unzip();
            let found = self.get_many_past_the_cache(entity, keys, source).await;
            let answer = |at: usize| match &found {
                Ok(rows) => Ok(rows[at].iter().map(Arc::clone).collect()),
                Err(error) => Err(error.clone()),
            };
            let placed = places.iter().enumerate();
            placed.map(|(at, place)| (*place, answer(at))).collect()
        });
        let others = others.into_iter().map(|(place, ask)| async move {
            let answer = self.past_the_cache(&ask, source).await;
            (place, answer)
        });
        let (rows, others): (Vec<Vec<Placed>>, Vec<Placed>) =
            join(join_all(rows), join_all(others)).await;
        rows.into_iter().flatten().chain(others).collect()
    }

    /// The read of the row with this key, as the lookup was to be read.
    fn row_of(&self, lookup: &Ask, key: Vec<Value>) -> Ask {
        Ask {
            entity: lookup.entity,
            what: What::Row,
            values: key,
            query: None,
            options: lookup.options_of_row(),
        }
    }
}
