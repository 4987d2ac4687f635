//! Invalidation. What has begun ends: by hand it runs on a task of its own, as writes do.

use crate::engine::catalog::QueryCatalog;
use crate::engine::checkpoint_hook::CheckpointHook;
use crate::engine::invalidation::{Cause, Delivery, InvalidationBus, Reason};
use crate::engine::l1_coherence::L1Coherence;
use crate::engine::mapping::SchemaMapping;
use crate::engine::runtime::RuntimeWatch;
use crate::engine::settings::Settings;
use crate::error::{Error, ErrorKind};
use crate::key::{Key, NO_ENTITY, Space};
use crate::port::{Scan, Steps, Store, StoreError};
use crate::protocol::{MAX_ROWS, Targets, TouchSet};
use crate::stamp::Token;
use crate::stats::{CauseKind, Count, Counters};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;

/// Makes entries unusable: in the shared store, in L1, and among the analyses of queries, and publishes that.
pub(crate) struct Invalidator {
    pub(super) store: Arc<dyn Store>,
    /// L1 in front of a shared store.
    pub(super) l1: Option<Arc<L1Coherence>>,
    pub(super) bus: Arc<InvalidationBus>,
    pub(super) catalog: Arc<QueryCatalog>,
    pub(super) counters: Counters,
    pub(super) checkpoints: CheckpointHook,
    pub(super) lock_time: Duration,
    /// Whether writes are refused while the store is away.
    pub(super) refuse_when_down: bool,
    mapping: Arc<SchemaMapping>,
    runtime: Arc<RuntimeWatch>,
    /// Whether there is no cache, and nothing to invalidate.
    is_passthrough: bool,
}

/// What an invalidator shares with others.
pub(in crate::engine) struct InvalidatorParts {
    pub(in crate::engine) store: Arc<dyn Store>,
    pub(in crate::engine) l1: Option<Arc<L1Coherence>>,
    pub(in crate::engine) bus: Arc<InvalidationBus>,
    pub(in crate::engine) catalog: Arc<QueryCatalog>,
    pub(in crate::engine) counters: Counters,
    pub(in crate::engine) checkpoints: CheckpointHook,
    pub(in crate::engine) mapping: Arc<SchemaMapping>,
    pub(in crate::engine) runtime: Arc<RuntimeWatch>,
}

impl Invalidator {
    pub(in crate::engine) fn new(parts: InvalidatorParts, settings: &Settings) -> Self {
        Self {
            store: parts.store,
            l1: parts.l1,
            bus: parts.bus,
            catalog: parts.catalog,
            counters: parts.counters,
            checkpoints: parts.checkpoints,
            mapping: parts.mapping,
            runtime: parts.runtime,
            lock_time: settings.lock_time,
            refuse_when_down: settings.refuse_when_down,
            is_passthrough: settings.passthrough,
        }
    }

    /// Whether what a statement will invalidate must be known before it commits.
    pub(super) fn locks_before_commit(&self) -> bool {
        self.store.capabilities().locks_before_commit
    }

    /// What these touches invalidate.
    pub(crate) fn targets(&self, touches: &TouchSet) -> Targets {
        match self.is_passthrough {
            true => Targets::default(),
            false => self.mapping.targets(touches),
        }
    }

    /// Invalidates at once, outside of any write.
    ///
    /// # Errors
    /// [`ErrorKind::StoreUnavailable`] if the store did not take it; it is then owed and made good by a new epoch.
    /// [`ErrorKind::RuntimeEnded`] if the runtime has ended in which the repo was built.
    ///
    /// # Cancellation
    /// Begun, it ends: it is delivered or owed, even if the caller is gone.
    pub(crate) async fn invalidate(
        self: &Arc<Self>,
        targets: Targets,
        reason: Reason,
    ) -> Result<(), Error> {
        if self.is_passthrough {
            return Ok(());
        }
        self.runtime.check()?;
        let this = Arc::clone(self);
        run_detached(async move { this.invalidate_now(&targets, reason.into()).await }).await
    }

    /// Invalidates at once what these touches invalidate, of statements and events.
    ///
    /// # Errors
    /// As [`invalidate`](Self::invalidate).
    ///
    /// # Cancellation
    /// As [`invalidate`](Self::invalidate).
    pub(crate) async fn invalidate_touches(
        self: &Arc<Self>,
        touches: TouchSet,
    ) -> Result<(), Error> {
        if self.is_passthrough {
            return Ok(());
        }
        self.runtime.check()?;
        let this = Arc::clone(self);
        run_detached(async move {
            let targets = this.targets(&touches);
            let cause = Cause::Touches(&[&touches]);
            this.invalidate_now(&targets, cause).await
        })
        .await
    }

    /// Makes everything in the namespace unusable.
    ///
    /// # Errors
    /// As [`invalidate`](Self::invalidate).
    ///
    /// # Cancellation
    /// As [`invalidate`](Self::invalidate).
    pub(crate) async fn invalidate_namespace(self: &Arc<Self>) -> Result<(), Error> {
        if self.is_passthrough {
            return Ok(());
        }
        self.runtime.check()?;
        let this = Arc::clone(self);
        run_detached(async move { this.invalidate_namespace_now().await }).await
    }

    /// Invalidates these entries, which a scan has found, and nothing that depends on them, in messages of bounded length: the locks
    /// of writers stay, leases are void, L1 loses the entries.
    ///
    /// # Errors
    /// As [`invalidate`](Self::invalidate).
    ///
    /// # Cancellation
    /// As [`invalidate`](Self::invalidate).
    pub(crate) async fn invalidate_entries(self: &Arc<Self>, keys: Vec<Key>) -> Result<(), Error> {
        self.runtime.check()?;
        let this = Arc::clone(self);
        run_detached(async move {
            for keys in keys.chunks(MAX_ROWS) {
                let reason = Reason::of(CauseKind::Pattern, NO_ENTITY);
                this.release_entries(keys, reason).await.map_err(owed)?;
            }
            Ok(())
        })
        .await
    }

    /// Invalidates these entries, which a reader wants to be loaded again, and nothing that depends on them. If the store does not
    /// answer, it owes the invalidation, and is asked nothing before that.
    pub(in crate::engine) async fn discard(&self, keys: &[Key]) {
        let entity = keys.first().map_or(NO_ENTITY, Key::entity);
        let reason = Reason::of(CauseKind::Refresh, entity);
        if let Err(error) = self.release_entries(keys, reason).await {
            tracing::debug!(%error, "refreshed without the store");
        }
    }

    /// Begins a scan of the store; `None` if the store cannot list its keys.
    pub(crate) fn scan(&self, scan: Scan) -> Option<Steps> {
        Arc::clone(&self.store).scan(scan)
    }

    async fn invalidate_now(&self, targets: &Targets, cause: Cause<'_>) -> Result<(), Error> {
        self.count(targets);
        self.catalog.invalidate(targets);
        let released = self.store.release(targets.keys(), Token::unique());
        let released = self.without_l1(targets.keys(), released).await;
        if let Some(l1) = &self.l1 {
            l1.end_dependents(targets.keys());
        }
        let delivery = Delivery::of(&released);
        self.bus.publish(cause, targets.keys(), delivery);
        released.map_err(owed)
    }

    async fn invalidate_namespace_now(&self) -> Result<(), Error> {
        self.counters.epoch();
        self.catalog.invalidate_all();
        let everything = [Key::epoch()];
        let invalidated = self
            .without_l1(&everything, self.store.invalidate_namespace())
            .await;
        let cause = Reason::of(CauseKind::Namespace, NO_ENTITY).into();
        let delivery = Delivery::of(&invalidated);
        self.bus.publish(cause, &everything, delivery);
        invalidated.map_err(|error| {
            Error::new(
                ErrorKind::StoreUnavailable,
                "the store did not take the new epoch; it is owed and begins when the store answers",
            )
            .caused_by(error)
        })
    }

    async fn release_entries(&self, keys: &[Key], reason: Reason) -> Result<(), StoreError> {
        let released = self.store.release(keys, Token::unique());
        let released = self.without_l1(keys, released).await;
        self.bus
            .publish(reason.into(), keys, Delivery::of(&released));
        released
    }

    /// Does the work while L1 serves and takes nothing under these keys and tags. Dropped in the middle, it leaves nothing in L1 that
    /// the store may have given up, until the lock ends by itself.
    async fn without_l1<T>(&self, keys: &[Key], work: impl Future<Output = T>) -> T {
        let Some(l1) = &self.l1 else {
            return work.await;
        };
        let writer = Token::unique();
        l1.lock(keys, writer, self.lock_time);
        let done = work.await;
        l1.release(keys, writer);
        done
    }

    pub(super) fn count(&self, targets: &Targets) {
        for key in targets.keys() {
            let count = match key.space() {
                Space::Row => Count::RowInvalidation,
                Space::Table => Count::TableInvalidation,
                Space::Edge => Count::EdgeInvalidation,
                _ => continue,
            };
            self.counters.add(key.entity(), count);
        }
    }
}

/// The store did not take an invalidation.
fn owed(error: StoreError) -> Error {
    Error::new(
        ErrorKind::StoreUnavailable,
        "the store did not take the invalidation; it is owed, and made good by a new epoch when the store answers",
    )
    .caused_by(error)
}

/// Does the work on a task of its own, which nothing stops but the end of the runtime.
async fn run_detached(
    work: impl Future<Output = Result<(), Error>> + Send + 'static,
) -> Result<(), Error> {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return work.await;
    };
    let done = runtime.spawn(work.in_current_span()).await;
    done.unwrap_or_else(|_| {
        let message = "an invalidation panicked; the panic's message is on standard error";
        Err(Error::new(ErrorKind::Internal, message))
    })
}
