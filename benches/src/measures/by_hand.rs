//! A cache as people write it: moka, then Redis, then SeaORM, without fences.

use crate::Failure;
use crate::user::{Entity as User, Model};
use crate::world::{WARM, World};
use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;
use sea_orm::{DatabaseConnection, EntityTrait};
use std::sync::Arc;

/// Rows in Redis under a prefix.
#[derive(Clone, Debug)]
pub(crate) struct ByHand {
    redis: MultiplexedConnection,
    database: DatabaseConnection,
    prefix: String,
}

impl ByHand {
    pub(crate) fn new(world: &World, name: &str) -> Self {
        Self {
            redis: world.redis.clone(),
            database: world.database.clone(),
            prefix: world.prefix(name),
        }
    }

    fn key(&self, id: i64) -> String {
        format!("{}:{id}", self.prefix)
    }

    /// Puts the warm rows into Redis.
    pub(crate) async fn warm(mut self) -> Result<Self, Failure> {
        for id in 1..=WARM {
            let row = self.select(id).await?;
            self.set(id, &row).await?;
        }
        Ok(self)
    }

    pub(crate) async fn select(&self, id: i64) -> Result<Model, Failure> {
        Ok(User::find_by_id(id)
            .one(&self.database)
            .await?
            .ok_or("no such row")?)
    }

    async fn set(&mut self, id: i64, row: &Model) -> Result<(), Failure> {
        let bytes = postcard::to_allocvec(row)?;
        let (): () = self.redis.set_ex(self.key(id), bytes, 600).await?;
        Ok(())
    }

    pub(crate) fn database(&self) -> &DatabaseConnection {
        &self.database
    }

    /// DEL.
    pub(crate) async fn delete(&mut self, id: i64) -> Result<(), Failure> {
        let (): () = self.redis.del(self.key(id)).await?;
        Ok(())
    }

    /// GET and decode.
    pub(crate) async fn get(&mut self, id: i64) -> Result<Option<Arc<Model>>, Failure> {
        let bytes: Option<Vec<u8>> = self.redis.get(self.key(id)).await?;
        decode(bytes)
    }

    /// GET, SELECT, SET.
    pub(crate) async fn get_or_load(&mut self, id: i64) -> Result<Arc<Model>, Failure> {
        if let Some(row) = self.get(id).await? {
            return Ok(row);
        }
        let row = self.select(id).await?;
        self.set(id, &row).await?;
        Ok(Arc::new(row))
    }

    /// One MGET, then decode.
    pub(crate) async fn mget(&mut self, ids: &[i64]) -> Result<Vec<Option<Arc<Model>>>, Failure> {
        let keys: Vec<String> = ids.iter().map(|id| self.key(*id)).collect();
        let rows: Vec<Option<Vec<u8>>> = self.redis.mget(keys).await?;
        rows.into_iter().map(decode).collect()
    }

    /// A GET for each in one pipeline, then decode.
    pub(crate) async fn pipelined(
        &mut self,
        ids: &[i64],
    ) -> Result<Vec<Option<Arc<Model>>>, Failure> {
        let mut pipeline = redis::pipe();
        for id in ids {
            pipeline.get(self.key(*id));
        }
        let rows: Vec<Option<Vec<u8>>> = pipeline.query_async(&mut self.redis).await?;
        rows.into_iter().map(decode).collect()
    }
}

fn decode(bytes: Option<Vec<u8>>) -> Result<Option<Arc<Model>>, Failure> {
    let row = bytes
        .map(|bytes| postcard::from_bytes(&bytes))
        .transpose()?;
    Ok(row.map(Arc::new))
}
