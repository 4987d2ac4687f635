//! `amalgam-cache`: memory, Redis, a backplane between processes and a distributed locker, as its own example for Redis has them.

use amalgam::advanced::MarkerStoreLimits;
use amalgam::provider::{
    JsonSerializer, RedisBackplane, RedisDistributedCache, RedisDistributedLocker, RedisIoOptions,
};
use amalgam::{Cache, CacheBuilder, EntryOptions, Timeout};
use async_trait::async_trait;
use futures_util::future::join_all;
use sea_orm::DbErr;
use std::sync::Arc;
use tests::staleness::aside::{Aside, KeyedCache, LIFETIME, LIMIT, Load};
use tests::staleness::subject::{Building, Place, Subject};

/// Messages of the backplane that may wait in a process; amalgam's own choice where none is made.
const BACKLOG: usize = 256;

/// What a write does to entries that it has made wrong.
#[derive(Clone, Copy)]
enum Invalidation {
    /// Removes them.
    ByKey,
    /// Advances the tag that each entry has for itself: what began to be loaded before is not served after.
    ByTag,
}

pub(crate) struct WithAmalgam {
    cache: Cache<String>,
    invalidation: Invalidation,
}

impl WithAmalgam {
    /// As its examples have it: with the defaults, and invalidation by key. An outage costs freshness.
    pub(crate) fn build(place: Place) -> Building {
        Box::pin(async move {
            let builder = builder(&place).await?;
            finish(place, builder, Invalidation::ByKey).await
        })
    }

    /// As fresh as it can be: with `strict()`, by which an outage costs hits, and with invalidation by tag.
    pub(crate) fn build_strict(place: Place) -> Building {
        Box::pin(async move {
            let builder = builder(&place).await?.strict();
            finish(place, builder, Invalidation::ByTag).await
        })
    }
}

type Builder = CacheBuilder<String>;

async fn finish(
    place: Place,
    builder: Builder,
    invalidation: Invalidation,
) -> Result<Box<dyn Subject>, String> {
    let cache = builder.try_build_ready().await;
    let cache = cache.map_err(|error| error.to_string())?;
    let cache = WithAmalgam {
        cache,
        invalidation,
    };
    Aside::subject(place, cache).await
}

async fn builder(place: &Place) -> Result<Builder, String> {
    let url = place.redis()?;
    let namespace = &place.namespace;
    let said = |error: amalgam::Error| error.to_string();
    let io = RedisIoOptions::new(LIMIT, LIMIT).map_err(|error| error.to_string())?;
    let store =
        RedisDistributedCache::connect_with_options(url, io, MarkerStoreLimits::default()).await;
    let locker = RedisDistributedLocker::connect_with_options(url, io).await;
    let channel = format!("{namespace}:backplane");
    let name = format!("{namespace}-{}", std::process::id());
    let backplane = RedisBackplane::connect_named(url, channel, name, BACKLOG, io).await;
    let limit = Timeout::After(LIMIT);
    // A write is to return when others have been told, and not before; with tags that is the default.
    let options = EntryOptions::new(LIFETIME)
        .with_distributed_timeouts(limit, limit)
        .with_allow_background_backplane_operations(false);
    let tags = EntryOptions::tag_defaults().with_distributed_timeouts(limit, limit);
    Ok(Cache::builder()
        .distributed(Arc::new(store.map_err(said)?))
        .serializer(Arc::new(JsonSerializer))
        .backplane(Arc::new(backplane.map_err(said)?))
        .distributed_locker(Arc::new(locker.map_err(said)?))
        .lease_ttl(place.options.lease)
        .default_options(options)
        .tags_default_options(tags))
}

#[async_trait]
impl KeyedCache for WithAmalgam {
    async fn answer(&self, key: &str, load: Load) -> Result<String, DbErr> {
        let own = load.clone();
        let tags = match self.invalidation {
            Invalidation::ByKey => None,
            Invalidation::ByTag => Some(key),
        };
        let answer = self
            .cache
            .get_or_set(key, move |_| async move { own.run().await })
            .tags(tags)
            .await;
        match answer {
            Ok(answer) => Ok(answer),
            Err(_) => load.run().await,
        }
    }

    /// What fails is tried again by its own recovery.
    async fn invalidate(&self, keys: &[String]) {
        match (self.invalidation, keys) {
            (Invalidation::ByTag, [first, others @ ..]) => {
                let _ = self.cache.remove_by_tag(first).and_tags(others).await;
            }
            _ => {
                let removals = keys.iter().map(|key| self.cache.remove(key).into_future());
                drop(join_all(removals).await);
            }
        }
    }
}
