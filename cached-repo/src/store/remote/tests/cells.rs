//! A server in one process: a map of cells, which any number of stores reach, each as another process would.
//!
//! Its clock moves by one with each step, and otherwise when a test moves it: one tick is a millisecond of a life, and a unit of
//! the time in stamps.

use crate::entry::{CODEC, FORMAT, MARKER};
use crate::port::{Scan, StoreError};
use crate::protocol::cell::{Cell, Named, Sequence};
use crate::protocol::{CellAnswer, CellOp, Enrolled};
use crate::stamp::{Stamp, Token};
use crate::store::remote::{Answer, Message, NameList, Page, Receiver, Step, Transport};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An entry as it lies in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Envelope(Vec<u8>);

impl Named for Envelope {
    type Name = Token;

    fn name(&self) -> Token {
        let rest = self.0.strip_prefix(&[MARKER, FORMAT, CODEC]);
        let token = rest.and_then(<[u8]>::first_chunk);
        Token::from_bytes(*token.expect("the store seals entries"))
    }
}

type Held = Cell<Envelope, Token, Arc<str>>;

/// The server.
#[derive(Clone, Debug, Default)]
pub(super) struct Server(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    cells: BTreeMap<String, Held>,
    sequence: Sequence,
    now: u64,
    /// How often it was started.
    starts: u64,
    subscribers: Vec<(Token, Arc<dyn Receiver>)>,
    /// Round trips to come that are carried out and not answered.
    lost_answers: u32,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}

impl Server {
    /// Another process' way to the server.
    pub(super) fn connect(&self, process: Token, epoch: &str) -> Cells {
        Cells {
            server: self.clone(),
            process,
            epoch: epoch.to_owned(),
            enrolled: Mutex::new(None),
        }
    }

    /// Carries out the next round trip, and loses its answer.
    pub(super) fn lose_answer(&self) {
        self.state().lost_answers += 1;
    }

    /// Starts again without its memory.
    pub(super) fn restart(&self) {
        let mut state = self.state();
        state.cells.clear();
        state.sequence = Sequence::default();
        state.starts += 1;
        let subscribers = std::mem::take(&mut state.subscribers);
        drop(state);
        for (_, receiver) in subscribers {
            receiver.receive(Message::Lost);
        }
    }

    /// Lets time pass.
    pub(super) fn pass(&self, ticks: u64) {
        self.state().now += ticks;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What identifies the server since its last start.
    fn run(&self) -> Arc<str> {
        format!(":{}", self.starts).into()
    }

    fn apply(&mut self, name: &str, op: CellOp<Envelope>) -> CellAnswer {
        let cell = self.cells.remove(name).unwrap_or_default();
        let was_awaited = cell.is_awaited();
        let (cell, answer) = cell.apply(op, self.now);
        if was_awaited && !cell.is_awaited() {
            let woken = |(_, receiver): &(Token, Arc<dyn Receiver>)| {
                receiver.receive(Message::Woken(name.as_bytes()));
            };
            self.subscribers.iter().for_each(woken);
        }
        self.cells.insert(name.to_owned(), cell);
        answer
    }

    fn values(&mut self, names: &NameList) -> Vec<Option<Vec<u8>>> {
        let now = self.now;
        let value = |name: &str| {
            let cell = self.cells.get_mut(name)?;
            cell.pass(now);
            bytes(cell)
        };
        names.iter().map(value).collect()
    }

    fn step(&mut self, process: Token, step: &Step<'_>) -> Answer {
        self.now += 1;
        match step {
            Step::Get(names) => Answer::Values(self.values(names)),
            Step::Mark(name) => {
                let cell = self.cells.entry(name.to_string()).or_default();
                cell.pass(self.now);
                Answer::Cell(CellAnswer::Mark(cell.mark()))
            }
            Step::Rest(name) => {
                let ends = self.cells.get(*name).and_then(Cell::ends);
                Answer::Rest(ends.and_then(|ends| ends.checked_sub(self.now)))
            }
            Step::Apply(name, op) => {
                let envelope = |bytes: &[u8]| Envelope(bytes.to_vec());
                let op = op.clone().map(envelope, |token| token, |run| run);
                Answer::Cell(self.apply(name, op))
            }
            Step::Time => Answer::Time(self.now),
            Step::Publish(notice) => {
                let number = self.sequence.notify(self.now);
                for (_, receiver) in &self.subscribers {
                    receiver.receive(Message::Notice(number, notice));
                }
                Answer::Number(number)
            }
            Step::Beat => {
                let number = self.sequence.last();
                let mut subscribers = self.subscribers.iter();
                let own = subscribers.find(|(subscriber, _)| *subscriber == process);
                if let Some((_, receiver)) = own {
                    receiver.receive(Message::Beat(number));
                }
                Answer::Number(number)
            }
        }
    }
}

/// A cell as bytes.
fn bytes(cell: &Held) -> Option<Vec<u8>> {
    match cell {
        Cell::Missing => None,
        Cell::Lease { holder, .. } => Some([&[0], holder.as_bytes().as_slice()].concat()),
        Cell::Entry { entry, .. } => Some(entry.0.clone()),
        Cell::Locks(_) => Some(vec![2]),
        Cell::Stamp {
            stamp,
            created,
            server,
            ..
        } => {
            let server = server.as_deref().unwrap_or_default();
            let (stamp, created) = (stamp.as_bytes().as_slice(), created.to_string());
            Some([&[3], stamp, created.as_bytes(), server.as_bytes()].concat())
        }
    }
}

/// One process' way to a [`Server`].
#[derive(Debug)]
pub(super) struct Cells {
    server: Server,
    process: Token,
    epoch: String,
    /// The run of the server on which this process has looked after the epoch.
    enrolled: Mutex<Option<Arc<str>>>,
}

impl Cells {
    /// The state, after the epoch was looked after as by a connection that is new (rule 11).
    fn greeted(&self) -> MutexGuard<'_, State> {
        let mut state = self.server.state();
        let run = state.run();
        let mut enrolled = self.enrolled.lock().unwrap_or_else(PoisonError::into_inner);
        if enrolled.as_ref() != Some(&run) {
            let enrol = CellOp::Enrol {
                fresh: Stamp::unique(),
                server: Arc::clone(&run),
            };
            state.now += 1;
            let time = state.now;
            if state.apply(&self.epoch, enrol) != CellAnswer::Enrolled(Enrolled::Stays) {
                // It may have forgotten notices.
                state.sequence.raise(time);
            }
            *enrolled = Some(run);
        }
        state
    }

    /// The answer, unless it is lost.
    fn answered<T>(mut state: MutexGuard<'_, State>, answer: T) -> Result<T, StoreError> {
        if state.lost_answers > 0 {
            state.lost_answers -= 1;
            return Err(StoreError::TimedOut);
        }
        Ok(answer)
    }
}

impl Transport for Cells {
    type Subscription = ();

    async fn get_many(&self, names: &NameList) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let mut state = self.greeted();
        let values = state.values(names);
        Self::answered(state, values)
    }

    async fn run(&self, steps: &[Step<'_>]) -> Result<Vec<Answer>, StoreError> {
        let mut state = self.greeted();
        let answers = steps
            .iter()
            .map(|step| state.step(self.process, step))
            .collect();
        Self::answered(state, answers)
    }

    async fn subscribe(&self, receiver: Arc<dyn Receiver>) -> Result<((), u64), StoreError> {
        let mut state = self.greeted();
        state.subscribers.push((self.process, receiver));
        Ok(((), state.sequence.last()))
    }

    async fn page(&self, _: &Scan, _: Option<&[u8]>) -> Result<Page, StoreError> {
        let state = self.greeted();
        let names = state.cells.keys().map(|name| name.clone().into_bytes());
        Ok((names.collect(), None))
    }

    fn server(&self) -> Arc<str> {
        self.server.state().run()
    }

    fn address(&self) -> Option<String> {
        None
    }
}
