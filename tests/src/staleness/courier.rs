//! Parcels, which two tasks write in turns, nearly always in two processes: a carrier takes a parcel to the next shelf, and a labeler
//! writes it once more as soon as the database shows it there, while the carrier has not told anybody yet: every other carrier waits
//! for that.
//!
//! The version says whose turn it is: the carrier's writes bear odd numbers, the labeler's even ones. So each parcel has one writer at
//! a time, and its versions are committed in the order of their numbers.

use super::clock::{now, sleep_until};
use super::entities::parcel;
use super::history::Outcome;
use super::model::{Kind, Question, SHELVES, Slot, State, Touch};
use super::plan::{Change, Linger, Plan, Way};
use super::subject::Subject;
use super::tables;
use super::worker::{Notes, Task, ask};
use super::writer::carry_out;
use fastrand::Rng;
use sea_orm::{DatabaseConnection, DbErr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// Pause between two parcels that a process carries, in nanoseconds: long enough that lists are hits in between, and so short that
/// the table is written several times in the life of a lock.
const PAUSE: std::ops::Range<u64> = 500_000_000..1_500_000_000;

/// How often a labeler looks, in nanoseconds.
const LOOK: u64 = 10_000_000;

/// Longest time that a carrier leaves to the labeler once the database shows the label: it returns, and reads.
const READ: Duration = Duration::from_millis(100);

/// What a courier does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Carrier,
    Labeler,
}

pub(super) struct Courier {
    subject: Arc<dyn Subject>,
    notes: Arc<Notes>,
    /// Past the subject, to learn whose turn it is.
    db: DatabaseConnection,
    role: Role,
    /// This process and the number of processes: which parcels are its own.
    place: (u32, u32),
    /// The greatest version that it has tried to write.
    tried: i64,
    /// Number of its next note.
    next: u64,
    random: Rng,
}

impl Courier {
    pub(super) async fn new(
        subject: Arc<dyn Subject>,
        notes: Arc<Notes>,
        task: &Task,
        role: Role,
    ) -> Result<Self, String> {
        let db = tables::connect(&task.place.database)
            .await
            .map_err(|error| error.to_string())?;
        // Above the numbers of all writers.
        let own = u32::MAX - role as u32;
        Ok(Self {
            subject,
            notes,
            db,
            role,
            place: (task.index, task.place.options.processes),
            tried: 0,
            next: u64::from(own) << 32,
            random: task.random(200 + role as u32),
        })
    }

    /// Works until the end; less, if nobody knows whether a write is still under way.
    pub(super) async fn run(mut self, stop: u64) {
        while now() < stop {
            let Ok(turns) = self.turns().await else {
                return;
            };
            let pause = match self.role {
                Role::Carrier => {
                    if let Some(turn) = self.random.choice(turns)
                        && !self.carry(turn).await
                    {
                        return;
                    }
                    self.random.u64(PAUSE)
                }
                Role::Labeler => {
                    for turn in turns {
                        if !self.label(turn).await {
                            return;
                        }
                    }
                    // A list that this process has read may be copied here: it must not outlive the next label.
                    let question = match self.random.u8(..=SHELVES) {
                        SHELVES => Question::Parcels,
                        shelf => Question::Shelf(shelf),
                    };
                    self.ask(question).await;
                    LOOK
                }
            };
            sleep_until(stop.min(now() + pause)).await;
        }
    }

    /// The own parcels whose turn it is: number, version and shelf.
    async fn turns(&self) -> Result<Vec<(u32, i64, u8)>, DbErr> {
        let (process, processes) = self.place;
        let turn = match self.role {
            Role::Carrier => 0,
            Role::Labeler => 1,
        };
        let parcels = tables::all_parcels(&self.db).await?.into_iter();
        let parcels = parcels.filter_map(|row| {
            let index = u32::try_from(row.id).ok()?;
            let own = (index + turn) % processes == process;
            let due = row.version % 2 == i64::from(turn);
            Some((index, row.version, u8::try_from(row.shelf).ok()?)).filter(|_| own && due)
        });
        Ok(parcels.collect())
    }

    async fn carry(&mut self, (index, version, shelf): (u32, i64, u8)) -> bool {
        let next = (shelf + 1) % SHELVES;
        let linger = self.random.bool().then(Arc::<Linger>::default);
        self.write(index, version, (shelf, next), linger).await
    }

    /// Ends the wait when the parcel was labeled since this version, and the labeler has had some time.
    async fn labeled(&self, index: u32, since: i64, linger: &Linger) {
        loop {
            sleep_until(now() + LOOK / 2).await;
            let parcels = tables::all_parcels(&self.db).await.unwrap_or_default();
            let own = |row: &parcel::Model| row.id == i64::from(index) && row.version > since;
            if parcels.iter().any(own) {
                break;
            }
        }
        tokio::time::sleep(READ.mul_f64(fastrand::f64())).await;
        linger.end();
    }

    /// Labels a parcel, and looks at once whether both shelves show it.
    async fn label(&mut self, (index, version, shelf): (u32, i64, u8)) -> bool {
        if !self.write(index, version, (shelf, shelf), None).await {
            return false;
        }
        let before = (shelf + SHELVES - 1) % SHELVES;
        for question in [Question::Shelf(before), Question::Shelf(shelf)] {
            self.ask(question).await;
        }
        true
    }

    async fn ask(&self, question: Question) {
        ask(&*self.subject, &self.notes, question).await;
    }

    /// Writes a parcel as the next version that is this role's; returns whether the courier may go on.
    async fn write(
        &mut self,
        index: u32,
        version: i64,
        (before, after): (u8, u8),
        lingers: Option<Arc<Linger>>,
    ) -> bool {
        self.tried = next_version(version.max(self.tried), now(), self.role);
        let slot = Slot {
            kind: Kind::Parcel,
            index,
        };
        let on = |team| State {
            team,
            ..State::first(slot)
        };
        let touch = Touch {
            slot,
            version: self.tried,
            state: on(after),
            kept: true,
        };
        let ways = [Way::Model, Way::Statement, Way::Raw];
        let plan = Plan {
            way: ways[self.random.usize(..ways.len())],
            owner: 0,
            lingers: lingers.clone(),
            changes: vec![Change {
                touch,
                before: on(before),
            }],
        };
        let number = self.next;
        self.next += 1;
        let mut write = pin!(carry_out(&*self.subject, &self.notes, number, &plan));
        let outcome = match &lingers {
            Some(linger) => tokio::select! {
                outcome = &mut write => outcome,
                () = self.labeled(index, self.tried, linger) => write.await,
            },
            None => write.await,
        };
        outcome != Outcome::Hung
    }
}

/// The version of a write that begins now: past all that was seen or tried, and odd or even as the role wants it.
///
/// It tells the time of the process that has it, in microseconds: a process that replaces another tries none that its predecessor has
/// tried, and none above those that its neighbours try later.
fn next_version(last: i64, now: u64, role: Role) -> i64 {
    let micros = i64::try_from(now / 1000).unwrap_or(i64::MAX);
    let next = last.max(micros) + 1;
    next + (next + i64::from(role == Role::Carrier)) % 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_grow_with_time_whoever_tries_them() {
        let refused = next_version(8, 2_000_000, Role::Carrier);
        let of_neighbour = next_version(9, 3_000_000, Role::Labeler);
        assert!(refused < of_neighbour);
        assert_eq!((refused % 2, of_neighbour % 2), (1, 0));
    }

    #[test]
    fn versions_are_past_what_was_seen() {
        assert_eq!(next_version(8, 0, Role::Carrier), 9);
        assert_eq!(next_version(9, 0, Role::Labeler), 10);
        assert_eq!(next_version(9, 0, Role::Carrier), 11);
    }
}
