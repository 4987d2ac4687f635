//! Rounds, slices and batches: see the crate's documentation.

use crate::{Failure, Options};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::time::{Duration, Instant};

/// Batches of one slice.
const BATCHES: usize = 9;

/// Carries out as many operations as it is told to, and says how long they took.
pub(crate) type Batch<'a> =
    Box<dyn FnMut(usize) -> LocalBoxFuture<'a, Result<Duration, Failure>> + 'a>;

/// Something to measure, and who is measured at it.
pub(crate) struct Measure<'a> {
    name: &'static str,
    subjects: Vec<Subject<'a>>,
}

struct Subject<'a> {
    name: &'static str,
    /// Operations of one batch.
    operations: usize,
    batch: Batch<'a>,
    /// Nanoseconds for one operation, of each slice.
    slices: Vec<f64>,
}

/// The outcome of a measure.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) measure: &'static str,
    /// What is counted.
    pub(crate) unit: &'static str,
    /// Names and figures; the first is what the others are compared with.
    pub(crate) subjects: Vec<(&'static str, f64)>,
}

impl<'a> Measure<'a> {
    /// A measure without subjects. The first that is added is the floor.
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            subjects: Vec::new(),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Adds a subject. `batch` carries out as many operations as it is told to, and tells how long they took: what it does
    /// to prepare them is its own affair.
    pub(crate) fn subject<F>(
        mut self,
        name: &'static str,
        operations: usize,
        mut batch: impl FnMut(usize) -> F + 'a,
    ) -> Self
    where
        F: Future<Output = Result<Duration, Failure>> + 'a,
    {
        self.subjects.push(Subject {
            name,
            operations,
            batch: Box::new(move |operations| batch(operations).boxed_local()),
            slices: Vec::new(),
        });
        self
    }

    /// The batch of one subject.
    pub(crate) fn into_batch(self, subject: &str) -> Option<Batch<'a>> {
        let mut subjects = self.subjects.into_iter();
        let found = subjects.find(|known| known.name == subject);
        found.map(|subject| subject.batch)
    }

    /// Measures all subjects in turn.
    pub(crate) async fn run(mut self, options: &Options) -> Result<Outcome, Failure> {
        let floor = self.subjects.first().map(|floor| floor.name);
        self.subjects.retain(|subject| {
            Some(subject.name) == floor || subject.name.contains(&options.subject)
        });
        let count = self.subjects.len();
        // The first round warms up what there is to warm up, and does not count.
        for round in 0..=options.rounds {
            for turn in 0..count {
                let subject = &mut self.subjects[(round + turn) % count];
                let slice = subject.slice().await?;
                if round > 0 {
                    subject.slices.push(slice);
                }
            }
        }
        Ok(Outcome {
            measure: self.name,
            unit: "ns",
            subjects: self
                .subjects
                .iter()
                .map(|subject| (subject.name, subject.best()))
                .collect(),
        })
    }
}

impl Subject<'_> {
    /// One slice: the median batch, as nanoseconds for one operation.
    async fn slice(&mut self) -> Result<f64, Failure> {
        let mut batches = Vec::with_capacity(BATCHES);
        for _ in 0..BATCHES {
            batches.push((self.batch)(self.operations).await?);
        }
        batches.sort_unstable();
        Ok(batches[BATCHES / 2].as_secs_f64() * 1e9 / self.operations as f64)
    }

    fn best(&self) -> f64 {
        self.slices.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

/// Time that adds up over several steps, with untimed ones in between.
#[derive(Debug, Default)]
pub(crate) struct Stopwatch(Duration);

impl Stopwatch {
    /// Times one step.
    pub(crate) async fn time<T>(&mut self, step: impl Future<Output = T>) -> T {
        let start = Instant::now();
        let result = step.await;
        self.0 += start.elapsed();
        result
    }

    pub(crate) fn total(self) -> Duration {
        self.0
    }
}
