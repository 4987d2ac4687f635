//! `cached`: its asynchronous Redis store, over the connection that reconnects.

use async_trait::async_trait;
use cached::{AsyncRedisCache, ConcurrentCachedAsync};
use futures_util::future::join_all;
use sea_orm::DbErr;
use tests::staleness::aside::{Aside, KeyedCache, LIFETIME, LIMIT, Load};
use tests::staleness::subject::{Building, Place};
use tokio::time::timeout;

pub(crate) struct WithCached(AsyncRedisCache<String, String>);

impl WithCached {
    pub(crate) fn build(place: Place) -> Building {
        Box::pin(async move {
            let cache = AsyncRedisCache::builder(&place.namespace)
                .ttl(LIFETIME)
                .connection_string(place.redis()?)
                .connection_manager(true)
                .build()
                .await
                .map_err(|error| error.to_string())?;
            Aside::subject(place, Self(cache)).await
        })
    }
}

#[async_trait]
impl KeyedCache for WithCached {
    /// The steps of `async_try_get_or_set_with`, which would lose what was loaded if the store failed after it.
    async fn answer(&self, key: &str, load: Load) -> Result<String, DbErr> {
        let key = key.to_owned();
        if let Ok(Ok(Some(answer))) = timeout(LIMIT, self.0.async_cache_get(&key)).await {
            return Ok(answer);
        }
        let answer = load.run().await?;
        let _ = timeout(LIMIT, self.0.async_cache_set(key, answer.clone())).await;
        Ok(answer)
    }

    async fn invalidate(&self, keys: &[String]) {
        let deletions = keys.iter().map(|key| self.0.async_cache_delete(key));
        let _ = timeout(LIMIT, join_all(deletions)).await;
    }
}
