//! What is checked: something that reads through a cache and writes.

use super::history::{Hits, Outcome};
use super::model::{Question, Row};
use super::options::Options;
use super::plan::Plan;
use async_trait::async_trait;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What was asked for.
    pub rows: Vec<Row>,
    /// Whether the cache alone has answered; none if the subject does not say it of this read.
    pub hit: Option<bool>,
}

/// Reads through a cache, and writes.
#[async_trait]
pub trait Subject: Send + Sync {
    /// The rows that answer a question.
    ///
    /// # Errors
    /// The text of whatever went wrong.
    async fn read(&self, question: &Question) -> Result<Answered, String>;

    /// Carries out a plan, by [`apply`](super::apply::apply), and does whatever makes readers see it.
    ///
    /// # Errors
    /// The text of whatever went wrong: nobody knows whether the plan was committed.
    async fn write(&self, plan: &Plan) -> Result<Outcome, String>;

    /// Reads so far, by entity.
    fn hits(&self) -> Vec<Hits>;
}

/// Where a worker's subject works.
#[derive(Clone, Debug)]
pub struct Place {
    /// The database's address.
    pub database: String,
    /// The address of Redis; none if the store is in the process.
    pub store: Option<String>,
    /// First part of all keys.
    pub namespace: String,
    /// Once this file is there, the process is to be killed in the middle of its next write.
    pub end: PathBuf,
    /// What the run was started with.
    pub options: Options,
}

impl Place {
    /// Between the steps of a write, where a writer that dies leaves the most behind: ends the process if the run says so, with
    /// this chance.
    pub fn may_end(&self, chance: f64) {
        if self.end.exists() && fastrand::f64() < chance {
            std::process::abort();
        }
    }

    /// The address of Redis, for a subject that needs it.
    ///
    /// # Errors
    /// The run is one without Redis.
    pub fn redis(&self) -> Result<&str, String> {
        self.store.as_deref().ok_or_else(|| {
            let subject = &self.options.subject;
            format!("`--subject {subject}` needs `--store redis`")
        })
    }
}

/// Now and then pauses between two steps of a subject, so that more orders of events come about.
#[derive(Clone, Copy, Debug)]
pub struct Stumble(pub Duration);

impl Stumble {
    /// Between two steps.
    pub async fn here(self) {
        if !self.0.is_zero() && fastrand::u8(..4) == 0 {
            tokio::time::sleep(self.0.mul_f64(fastrand::f64())).await;
        }
    }
}

/// A subject that is being built.
pub type Building = Pin<Box<dyn Future<Output = Result<Box<dyn Subject>, String>> + Send>>;

/// A subject by its name, and how to build it in a worker.
pub type Entry = (&'static str, fn(Place) -> Building);

/// The subjects that a program knows.
#[derive(Clone, Copy, Debug)]
pub struct Subjects(pub &'static [Entry]);

impl Subjects {
    /// How to build the one with this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<fn(Place) -> Building> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, build)| *build)
    }

    /// All names.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }
}
