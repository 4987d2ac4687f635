//! Steps as commands and scripts of a Redis server.

use super::channel::{self, Subscription};
use super::commands::{self, Names};
use super::link::Link;
use crate::port::{Scan, StoreError};
use crate::stamp::Token;
use crate::store::remote::{Answer, NameList, Page, Receiver, RemoteSettings, Step, Transport};
use redis::{Client, Cmd, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A Redis server, and the names that a namespace has on it.
pub(super) struct RedisTransport {
    link: Link,
    client: Client,
    names: Names,
    epoch: String,
    namespace: String,
    settings: RemoteSettings,
    /// Whether it was logged that the server refuses to send notices.
    said_refused: AtomicBool,
}

/// Not the client: its address may hold a password.
impl std::fmt::Debug for RedisTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisTransport")
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

impl RedisTransport {
    /// `epoch` is the key of the namespace's epoch, `process` tells this process from every other.
    pub(super) fn new(
        client: Client,
        namespace: &str,
        epoch: String,
        process: Token,
        settings: RemoteSettings,
    ) -> Self {
        let digits: String = (process.as_bytes().iter())
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let link = Link::new(
            client.clone(),
            Some(epoch.clone()),
            settings.connect,
            settings.call,
        );
        Self {
            link,
            client,
            names: Names {
                notices: format!("{namespace}:notices"),
                wakes: format!("{namespace}:wakes"),
                own: format!("{namespace}:notices:{digits}"),
                sequence: super::server::sequence(&epoch),
            },
            epoch,
            namespace: namespace.to_owned(),
            settings,
            said_refused: AtomicBool::new(false),
        }
    }

    /// Asks whether a server is there that takes writes: a replica would answer a read with what its master had some time ago.
    async fn probe(&self) -> Result<(), StoreError> {
        let mut probe = redis::cmd("PERSIST");
        self.link.ask(probe.arg(&self.epoch)).await.map(drop)
    }
}

impl Transport for RedisTransport {
    type Subscription = Subscription;

    async fn get_many(&self, names: &NameList) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        if names.is_empty() {
            self.probe().await?;
            return Ok(Vec::new());
        }
        let mut command = Cmd::with_capacity(names.len() + 1, names.text_len() + 4);
        command.arg("MGET");
        for name in names.iter() {
            command.arg(name);
        }
        match self.link.ask(&command).await? {
            Value::Array(values) => Ok(values.into_iter().map(commands::bytes).collect()),
            _ => Err(strange("MGET")),
        }
    }

    async fn run(&self, steps: &[Step<'_>]) -> Result<Vec<Answer>, StoreError> {
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = redis::Pipeline::with_capacity(steps.len());
        for step in steps {
            commands::add(&mut pipeline, &self.names, step);
        }
        let values = self.link.run(pipeline).await?;
        let answers = steps.iter().zip(values);
        let answers = answers.map(|(step, value)| commands::answer(step, value));
        let answers: Option<Vec<Answer>> = answers.collect();
        answers
            .filter(|answers| answers.len() == steps.len())
            .ok_or_else(|| strange("a pipeline"))
    }

    async fn subscribe(
        &self,
        receiver: Arc<dyn Receiver>,
    ) -> Result<(Subscription, u64), StoreError> {
        let tracked = self.settings.client_tracking.then_some(&*self.namespace);
        let limits = (self.settings.connect, self.settings.call);
        let subscribed =
            channel::subscribe(&self.client, &self.names, tracked, limits, receiver).await;
        match subscribed {
            Ok(subscribed) => {
                self.said_refused.store(false, Ordering::Relaxed);
                Ok(subscribed)
            }
            Err(error) => {
                // A server that is away is reported by those who miss it.
                if let Some(code) = error.code()
                    && !self.said_refused.swap(true, Ordering::Relaxed)
                {
                    tracing::warn!(
                        code,
                        "the store refuses to send notices: no copies are kept in this process until it does"
                    );
                }
                Err(StoreError::Lost(error.category().to_owned()))
            }
        }
    }

    /// `SCAN`, which keeps the server from nobody else.
    async fn page(&self, scan: &Scan, cursor: Option<&[u8]>) -> Result<Page, StoreError> {
        let mut command = Cmd::new();
        command.arg("SCAN").arg(cursor.unwrap_or(b"0"));
        command.arg("MATCH").arg(&scan.glob);
        command.arg("COUNT").arg(scan.count);
        let answer = self.link.ask(&command).await?;
        let Value::Array(parts) = answer else {
            return Err(strange("SCAN"));
        };
        let Ok([Value::BulkString(next), Value::Array(names)]) = <[Value; 2]>::try_from(parts)
        else {
            return Err(strange("SCAN"));
        };
        let names = names.into_iter().filter_map(commands::bytes);
        Ok((names.collect(), (next != b"0").then_some(next)))
    }

    fn server(&self) -> Arc<str> {
        self.link.mark()
    }

    fn address(&self) -> Option<String> {
        Some(self.link.address())
    }
}

fn strange(command: &str) -> StoreError {
    StoreError::Failed(format!(
        "the store has answered {command} in a form that is not known"
    ))
}
