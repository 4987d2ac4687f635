//! The scripts on a real server, held against what is said of them in Rust: the same calls in the same order, and after each of
//! them the same reply and the same key.
//!
//! A failure prints a seed; set `CELL_SEED` to it, and the run begins with the calls that failed.

mod channel;
mod locks;
mod numbers;
mod wire;

use super::{commands, scripts};
use crate::protocol::cell::Cell;
use crate::protocol::{CellAnswer, CellOp};
use crate::stamp::Stamp;
use crate::store::remote::mark;
use channel::Channel;
use fastrand::Rng;
use redis::Value;
use redis::aio::MultiplexedConnection;
use std::collections::HashMap;
use wire::{envelope, real, server_mark};

const RUNS: u64 = 60;
const CALLS: u8 = 40;

/// Milliseconds that a lock lives which is to end at once.
const BRIEF: u64 = 1;

/// Milliseconds: so long that the time which a run takes does not matter.
const LIFE: u64 = 1_000_000;

/// What happens to the key.
#[derive(Clone, Copy, Debug)]
enum Call {
    Op(Op),
    /// A lock that nobody renews or releases, and time passes until it has ended.
    LockAndDie {
        holder: u8,
    },
    /// Time passes until the key ends, if it does.
    End,
}

/// An operation, with numbers for tokens.
type Op = CellOp<u8, u8, u8, u8>;

/// A key on the server.
struct Real {
    connection: MultiplexedConnection,
    /// Where wakes are told.
    wakes: Channel,
    key: String,
    /// The server's time of each call that made a stamp.
    made: HashMap<u64, u64>,
}

#[tokio::test]
async fn the_scripts_do_what_is_said_of_them() {
    let mut connection = channel::connection().await;
    for script in scripts::all() {
        script.load_async(&mut connection).await.unwrap();
    }
    let given = std::env::var("CELL_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let first = given.unwrap_or_else(|| fastrand::u64(..));
    for seed in (0..RUNS).map(|run| first.wrapping_add(run)) {
        println!("CELL_SEED={seed}");
        let mut real = Real {
            connection: connection.clone(),
            wakes: Channel::new(format!("cell:{seed}:wakes")).await,
            key: format!("cell:{seed}"),
            made: HashMap::new(),
        };
        let mut random = Rng::with_seed(seed);
        let mut cell = Cell::default();
        for step in 1..=CALLS {
            real.compare(&mut cell, step, call(&mut random, step)).await;
        }
        let _: Value = redis::cmd("DEL")
            .arg(&real.key)
            .query_async(&mut connection)
            .await
            .unwrap();
    }
}

/// Any call. What it makes bears the number of the step.
fn call(random: &mut Rng, step: u8) -> Call {
    let (holder, life) = (random.u8(..3), LIFE * random.u64(1..4));
    let server = random.u8(..2);
    let fresh = Stamp::from_bytes([step; 16]);
    Call::Op(match random.u8(..19) {
        0 | 1 => CellOp::LeaseMissing { holder, life },
        2 | 3 => CellOp::Lease {
            holder,
            replaceable: random.bool(),
            life,
        },
        4 | 5 => CellOp::Fill {
            holder,
            entry: random.u8(..2),
            life,
        },
        16 => CellOp::Replace {
            old: random.u8(..2),
            entry: random.u8(..2),
            life,
        },
        6 => CellOp::Stamp {
            fresh,
            life: random.bool().then_some(life),
            server: random.bool().then_some(server),
        },
        7 | 8 => CellOp::Lock { holder, life },
        17 | 18 => return Call::LockAndDie { holder },
        9 => CellOp::Release { holder },
        10 => match random.bool() {
            true => CellOp::Abandon { holder },
            false => return Call::End,
        },
        11 => CellOp::InvalidateNamespace {
            fresh,
            server: random.bool().then_some(server),
        },
        12 => CellOp::Enrol { fresh, server },
        13 => CellOp::Renew { holder, life },
        _ => CellOp::Await,
    })
}

/// What is said of the call: does it to the cell, and gives the answer if there is one.
fn said(cell: &mut Cell<u8>, now: u64, call: Call) -> Option<CellAnswer> {
    let op = match call {
        Call::Op(op) => op,
        Call::LockAndDie { holder } => CellOp::Lock { holder, life: 1 },
        Call::End => {
            cell.pass(u64::MAX);
            return None;
        }
    };
    let (after, answer) = std::mem::take(cell).apply(op, now);
    *cell = after;
    if let Call::LockAndDie { .. } = call {
        cell.pass(now + 1);
    }
    Some(answer)
}

/// Whether the script tells of a lease that it ends.
fn tells(call: Call) -> bool {
    matches!(
        call,
        Call::LockAndDie { .. }
            | Call::Op(
                CellOp::Fill { .. }
                    | CellOp::Abandon { .. }
                    | CellOp::Lock { .. }
                    | CellOp::Release { .. }
            )
    )
}

impl Real {
    async fn compare(&mut self, cell: &mut Cell<u8>, step: u8, call: Call) {
        let before = cell.clone();
        let told = format!("step {step}: {call:?} on {before:?}");
        let started = self.time().await;
        let answer = self.send(call).await;
        let times = started..=self.time().await;
        if let Call::LockAndDie { .. } = call {
            self.pass(times.end() / 1000 + BRIEF).await;
        }
        let said = said(cell, step.into(), call);
        let (held, rest) = self.look().await;
        match (said, answer) {
            (
                Some(CellAnswer::Lease { granted: said, .. }),
                Some(CellAnswer::Lease { granted, now }),
            ) => {
                assert!(times.contains(&now), "{told}: {now}");
                assert_eq!(granted, said, "{told}");
            }
            (Some(CellAnswer::Rest(said)), Some(CellAnswer::Rest(rest))) => {
                near(&told, i64::try_from(rest).unwrap(), said);
            }
            (Some(CellAnswer::Mark(_)), answer) => {
                let held = CellAnswer::Mark(mark(Some(&held)));
                assert_eq!(answer, Some(held), "{told}");
            }
            (said, answer) => assert_eq!(answer, said, "{told}"),
        }
        if let Cell::Stamp { created, .. } = cell
            && *created == u64::from(step)
        {
            let digits = held[17..].split(|byte| *byte == b':').next().unwrap();
            let time = std::str::from_utf8(digits).unwrap().parse().unwrap();
            assert!(times.contains(&time), "{told}: {time}");
            self.made.insert(*created, time);
        }
        match cell {
            Cell::Locks(locks) => {
                let now = self.time().await / 1000;
                locks::compare(&told, &held, locks, now);
            }
            _ => assert_eq!(held, self.bytes(cell), "{told} leaves {cell:?}"),
        }
        match cell.ends() {
            None => assert!(rest < 0, "{told}: ends in {rest} ms"),
            Some(ends) => near(&told, rest, ends),
        }
        let wakes = tells(call) && before.is_awaited() && !cell.is_awaited();
        let expected: Vec<_> = wakes
            .then(|| self.key.clone().into_bytes())
            .into_iter()
            .collect();
        let heard = self.wakes.heard(&mut self.connection).await;
        assert_eq!(heard, expected, "{told}: wakes");
    }

    async fn send(&mut self, call: Call) -> Option<CellAnswer> {
        let op = match call {
            Call::Op(op) => real(op),
            Call::LockAndDie { holder } => real(CellOp::Lock {
                holder,
                life: BRIEF,
            }),
            Call::End => {
                self.end().await;
                return None;
            }
        };
        let mut pipeline = redis::pipe();
        commands::apply(&mut pipeline, self.wakes.name(), &self.key, &op);
        let values: Vec<Value> = pipeline.query_async(&mut self.connection).await.unwrap();
        Some(commands::applied(&op, &values[0]))
    }

    /// A key without an end stays.
    async fn end(&mut self) {
        if self.look().await.1 >= 0 {
            let mut command = redis::cmd("DEL");
            command.arg(&self.key);
            let _: Value = command.query_async(&mut self.connection).await.unwrap();
        }
    }

    /// What the key holds, and the milliseconds until it ends; fewer than none if it does not.
    async fn look(&mut self) -> (Vec<u8>, i64) {
        let mut look = redis::pipe();
        look.cmd("GET").arg(&self.key).cmd("PTTL").arg(&self.key);
        let (held, rest): (Option<Vec<u8>>, i64) =
            look.query_async(&mut self.connection).await.unwrap();
        (held.unwrap_or_default(), rest)
    }

    async fn time(&mut self) -> u64 {
        channel::time(&mut self.connection).await
    }

    /// Returns when the server's clock is past this millisecond.
    async fn pass(&mut self, moment: u64) {
        while self.time().await / 1000 <= moment {}
    }

    /// A cell as the server keeps it.
    fn bytes(&self, cell: &Cell<u8>) -> Vec<u8> {
        match cell {
            Cell::Missing => Vec::new(),
            Cell::Lease {
                holder, awaited, ..
            } => {
                let mark = if *awaited { b"w".as_slice() } else { b"" };
                [&[0], [*holder; 16].as_slice(), mark].concat()
            }
            Cell::Entry { entry, .. } => envelope(*entry),
            Cell::Locks(_) => unreachable!("compared one by one"),
            Cell::Stamp {
                stamp,
                created,
                server,
                ..
            } => {
                let time = self.made[created].to_string();
                let stamp = stamp.as_bytes().as_slice();
                let server = server.map(server_mark);
                let server = server.as_deref().unwrap_or_default();
                [&[3], stamp, time.as_bytes(), server.as_bytes()].concat()
            }
        }
    }
}

/// Whether so many milliseconds are about what was said.
fn near(told: &str, rest: i64, said: u64) {
    let difference = rest.abs_diff(i64::try_from(said).unwrap());
    assert!(difference < LIFE / 2, "{told}: {rest} ms, not {said}");
}
