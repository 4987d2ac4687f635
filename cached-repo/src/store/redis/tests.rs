//! The scripts on a real server, held against what is said of them in Rust: the same calls in the same order, and after each of
//! them the same reply and the same key.
//!
//! A failure prints a seed; set `CELL_SEED` to it, and the run begins with the calls that failed.

mod channel;
mod locks;
mod numbers;
mod wire;

use crate::protocol::cell::{Cell, Enrolled};
use crate::stamp::Stamp;
use channel::Channel;
use fastrand::Rng;
use redis::aio::MultiplexedConnection;
use redis::{RedisFuture, Value};
use std::collections::HashMap;
use wire::{envelope, mark, script};

const RUNS: u64 = 60;
const CALLS: u8 = 40;

/// Milliseconds that a lock lives which is to end at once.
const BRIEF: u64 = 1;

/// Milliseconds: so long that the time which a run takes does not matter.
const LIFE: u64 = 1_000_000;

/// A call of a script.
#[derive(Clone, Copy, Debug)]
enum Call {
    LeaseMissing {
        holder: u8,
        life: u64,
    },
    Lease {
        holder: u8,
        replaceable: bool,
        life: u64,
    },
    Fill {
        holder: u8,
        entry: u8,
        life: u64,
    },
    Replace {
        old: u8,
        entry: u8,
        life: u64,
    },
    Renew {
        holder: u8,
        life: u64,
    },
    Await,
    Stamp {
        fresh: u8,
        life: Option<u64>,
        server: Option<u8>,
    },
    Lock {
        holder: u8,
        life: u64,
    },
    /// A lock that nobody renews or releases, and time passes until it has ended.
    LockAndDie {
        holder: u8,
    },
    Release {
        holder: u8,
    },
    Abandon {
        holder: u8,
    },
    Renounce {
        fresh: u8,
        server: Option<u8>,
    },
    Enrol {
        fresh: u8,
        server: u8,
    },
    /// Not a script: time passes until the key ends, if it does.
    End,
}

/// The reply that a call is said to get.
#[derive(Clone, Copy, Debug)]
enum Said {
    /// Done, or not.
    Done(bool),
    /// What the key holds.
    Held,
    /// Milliseconds until a lease ends; 0 if there is none.
    Rest(u64),
    /// What there was before.
    Found(Enrolled),
    Nothing,
}

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
    match random.u8(..19) {
        0 | 1 => Call::LeaseMissing { holder, life },
        2 | 3 => Call::Lease {
            holder,
            replaceable: random.bool(),
            life,
        },
        4 | 5 => Call::Fill {
            holder,
            entry: random.u8(..2),
            life,
        },
        16 => Call::Replace {
            old: random.u8(..2),
            entry: random.u8(..2),
            life,
        },
        6 => Call::Stamp {
            fresh: step,
            life: random.bool().then_some(life),
            server: random.bool().then_some(server),
        },
        7 | 8 => Call::Lock { holder, life },
        17 | 18 => Call::LockAndDie { holder },
        9 => Call::Release { holder },
        10 => match random.bool() {
            true => Call::Abandon { holder },
            false => Call::End,
        },
        11 => Call::Renounce {
            fresh: step,
            server: random.bool().then_some(server),
        },
        12 => Call::Enrol {
            fresh: step,
            server,
        },
        13 => Call::Renew { holder, life },
        _ => Call::Await,
    }
}

/// What is said of the call: does it to the cell, and gives the reply.
fn said(cell: &mut Cell<u8>, now: u64, call: Call) -> Said {
    let stamp = |number: u8| Stamp::from_bytes([number; 16]);
    match call {
        Call::LeaseMissing { holder, life } => Said::Done(cell.lease_missing(holder, now + life)),
        Call::Lease {
            holder,
            replaceable,
            life,
        } => Said::Done(cell.lease(holder, replaceable, now + life)),
        Call::Fill {
            holder,
            entry,
            life,
        } => Said::Done(cell.fill(holder, entry, now + life)),
        Call::Replace { old, entry, life } => Said::Done(cell.replace(&old, entry, now + life)),
        Call::Renew { holder, life } => Said::Done(cell.renew(holder, now + life)),
        Call::Await => Said::Rest(cell.await_end().map_or(0, |ends| ends - now)),
        Call::Stamp {
            fresh,
            life,
            server,
        } => {
            cell.stamp(stamp(fresh), now, life, server);
            Said::Held
        }
        Call::Lock { holder, life } => {
            cell.lock(holder, now + life);
            Said::Done(true)
        }
        Call::LockAndDie { holder } => {
            cell.lock(holder, now + 1);
            cell.pass(now + 1);
            Said::Done(true)
        }
        Call::Release { holder } => Said::Done(cell.release(holder)),
        Call::Abandon { holder } => Said::Done(cell.abandon(holder)),
        Call::Renounce { fresh, server } => {
            cell.renounce(stamp(fresh), now, server);
            Said::Done(true)
        }
        Call::Enrol { fresh, server } => Said::Found(cell.enrol(stamp(fresh), now, server)),
        Call::End => {
            cell.pass(u64::MAX);
            Said::Nothing
        }
    }
}

/// Whether the script tells of a lease that it ends.
fn tells(call: Call) -> bool {
    matches!(
        call,
        Call::Fill { .. }
            | Call::Abandon { .. }
            | Call::Lock { .. }
            | Call::LockAndDie { .. }
            | Call::Release { .. }
    )
}

impl Real {
    async fn compare(&mut self, cell: &mut Cell<u8>, step: u8, call: Call) {
        let before = cell.clone();
        let told = format!("step {step}: {call:?} on {before:?}");
        let started = self.time().await;
        let reply = self.send(call).await;
        let times = started..=self.time().await;
        if let Call::LockAndDie { .. } = call {
            self.pass(times.end() / 1000 + BRIEF).await;
        }
        let said = said(cell, step.into(), call);
        let (held, rest) = self.look().await;
        match (said, &reply) {
            // The lease's reply has the server's time in it.
            (Said::Done(done), Value::Array(parts)) => match parts.as_slice() {
                [Value::Int(number), Value::Int(time)] => {
                    let time = u64::try_from(*time).unwrap();
                    assert!(times.contains(&time), "{told}: {time}");
                    assert_eq!(*number == 1, done, "{told}");
                }
                _ => panic!("{told}: {reply:?}"),
            },
            (Said::Done(done), Value::Int(number)) => assert_eq!(*number == 1, done, "{told}"),
            (Said::Done(done), Value::Okay) => assert!(done, "{told}"),
            (Said::Done(done), Value::Nil) => assert!(!done, "{told}"),
            (Said::Held, Value::BulkString(value)) => assert_eq!(*value, held, "{told}"),
            (Said::Rest(ends), Value::Int(rest)) => near(&told, *rest, ends),
            (Said::Found(found), Value::Int(number)) => {
                let known = [Enrolled::Stays, Enrolled::New, Enrolled::Replaced];
                assert_eq!(known[usize::try_from(*number).unwrap()], found, "{told}");
            }
            (Said::Nothing, _) => {}
            _ => panic!("{told}: {reply:?}, not {said:?}"),
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

    async fn send(&mut self, call: Call) -> Value {
        let Some((script, arguments)) = script(call, self.wakes.name()) else {
            return self.command(call).await;
        };
        let mut call = script.key(&self.key);
        for argument in arguments {
            call.arg(argument);
        }
        let reply: RedisFuture<'_, Value> = Box::pin(call.invoke_async(&mut self.connection));
        reply.await.unwrap()
    }

    /// A call that is no script.
    async fn command(&mut self, call: Call) -> Value {
        let mut command = match call {
            Call::LeaseMissing { .. } => redis::cmd("SET"),
            // A key without an end stays.
            _ if self.look().await.1 < 0 => redis::cmd("EXISTS"),
            _ => redis::cmd("DEL"),
        };
        command.arg(&self.key);
        if let Call::LeaseMissing { holder, life } = call {
            let value = [vec![0], vec![holder; 16]].concat();
            command.arg(value).arg("NX").arg("PX").arg(life);
        }
        command.query_async(&mut self.connection).await.unwrap()
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
                [&[3], stamp, time.as_bytes(), &mark(*server)].concat()
            }
        }
    }
}

/// Whether so many milliseconds are about what was said.
fn near(told: &str, rest: i64, said: u64) {
    let difference = rest.abs_diff(i64::try_from(said).unwrap());
    assert!(difference < LIFE / 2, "{told}: {rest} ms, not {said}");
}
