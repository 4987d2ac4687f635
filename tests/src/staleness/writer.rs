//! A task that writes, and owns what it writes.

use super::clock::{now, sleep_until};
use super::faults::LONGEST;
use super::history::{Line, Outcome};
use super::plan::{Book, Plan};
use super::subject::Subject;
use super::tables;
use super::worker::{Notes, Task};
use fastrand::Rng;
use sea_orm::{DatabaseConnection, DbErr};
use std::sync::Arc;
use std::time::Duration;

/// What takes longer is a hang: the longest fault, and five seconds.
pub(super) const GIVE_UP: Duration = LONGEST.saturating_add(Duration::from_secs(5));

/// Pause between two writes, in nanoseconds.
const PAUSE: std::ops::Range<u64> = 5_000_000..120_000_000;

pub(super) struct Writer {
    subject: Arc<dyn Subject>,
    notes: Arc<Notes>,
    /// Past the subject, to learn what came of a write.
    db: DatabaseConnection,
    book: Book,
    random: Rng,
    /// Number of its next note; writers of one worker share a file.
    next: u64,
}

impl Writer {
    pub(super) async fn new(
        subject: Arc<dyn Subject>,
        notes: Arc<Notes>,
        task: &Task,
        number: u32,
    ) -> Result<Self, String> {
        let options = &task.place.options;
        let owner = task.index * options.writers + number;
        let db = tables::connect(&task.place.database)
            .await
            .map_err(|error| error.to_string())?;
        let mut writer = Self {
            subject,
            notes,
            db,
            book: Book::new(owner, options.owners(), options.rows, task.generation),
            random: task.random(number),
            next: u64::from(number) << 32,
        };
        writer.learn().await.map_err(|error| error.to_string())?;
        Ok(writer)
    }

    pub(super) async fn run(mut self, stop: u64) {
        while now() < stop {
            let plan = self.book.plan(&mut self.random);
            if !self.write(&plan).await {
                // The write may be under way for ever, and nobody else may write these slots meanwhile.
                return;
            }
            let pause = self.random.u64(PAUSE);
            sleep_until(stop.min(now() + pause)).await;
        }
    }

    /// Returns whether the writer may go on.
    async fn write(&mut self, plan: &Plan) -> bool {
        let number = self.next;
        self.next += 1;
        match carry_out(&*self.subject, &self.notes, number, plan).await {
            Outcome::Committed => self.book.commit(plan),
            Outcome::RolledBack | Outcome::Refused => {}
            Outcome::Unknown => return self.learn().await.is_ok(),
            Outcome::Hung => return false,
        }
        true
    }

    /// Reads what a write, or the process before this one, has made of the accounts.
    async fn learn(&mut self) -> Result<(), DbErr> {
        for (index, state) in self.book.accounts() {
            *state = tables::state(&self.db, index).await?;
        }
        Ok(())
    }
}

/// Writes, and notes what comes of it.
pub(super) async fn carry_out(
    subject: &dyn Subject,
    notes: &Notes,
    number: u64,
    plan: &Plan,
) -> Outcome {
    notes.keep(&Line::Begin(number, now(), plan.touches()));
    let result = tokio::time::timeout(GIVE_UP, subject.write(plan)).await;
    let outcome = match &result {
        Ok(Ok(outcome)) => *outcome,
        Ok(Err(_)) => Outcome::Unknown,
        Err(_) => Outcome::Hung,
    };
    notes.keep(&Line::End(number, now(), outcome));
    if let Ok(Err(text)) = result {
        notes.keep(&Line::Why(text));
    }
    outcome
}
