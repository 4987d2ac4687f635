//! The scripts on a real server, held against what is said of them in Rust: the same calls in the same order, and after each of
//! them the same reply and the same key.
//!
//! A failure prints a seed; set `CELL_SEED` to it, and the run begins with the calls that failed.

use super::scripts;
use crate::protocol::cell::Cell;
use crate::stamp::Stamp;
use fastrand::Rng;
use redis::aio::MultiplexedConnection;
use redis::{Client, RedisFuture, Script, Value};
use std::collections::HashMap;

const RUNS: u64 = 60;
const CALLS: u8 = 40;

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
    Stamp {
        fresh: u8,
        life: Option<u64>,
    },
    Lock {
        holder: u8,
        life: u64,
    },
    Release {
        holder: u8,
    },
    Abandon {
        holder: u8,
    },
    Renounce {
        fresh: u8,
    },
    /// Not a script: time passes until the key ends, if it does.
    End,
}

/// A key on the server.
struct Real {
    connection: MultiplexedConnection,
    key: String,
    /// The server's time of each call that made a stamp.
    made: HashMap<u64, u64>,
}

#[tokio::test]
async fn the_scripts_do_what_is_said_of_them() {
    let url = testkit::shared::redis().unwrap_or_else(|error| panic!("{error}"));
    let client = Client::open(url.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let given = std::env::var("CELL_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let first = given.unwrap_or_else(|| fastrand::u64(..));
    for seed in (0..RUNS).map(|run| first.wrapping_add(run)) {
        println!("CELL_SEED={seed}");
        let mut real = Real {
            connection: connection.clone(),
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
    match random.u8(..12) {
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
        6 => Call::Stamp {
            fresh: step,
            life: random.bool().then_some(life),
        },
        7 | 8 => Call::Lock { holder, life },
        9 => Call::Release { holder },
        10 => match random.bool() {
            true => Call::Abandon { holder },
            false => Call::End,
        },
        _ => Call::Renounce { fresh: step },
    }
}

/// What is said of the call: does it to the cell, and gives the reply where that is a number.
fn said(cell: &mut Cell<u8>, now: u64, call: Call) -> Option<bool> {
    let stamp = |number: u8| Stamp::from_bytes([number; 16]);
    match call {
        Call::LeaseMissing { holder, life } => Some(cell.lease_missing(holder, now + life)),
        Call::Lease {
            holder,
            replaceable,
            life,
        } => Some(cell.lease(holder, replaceable, now + life)),
        Call::Fill {
            holder,
            entry,
            life,
        } => Some(cell.fill(holder, entry, now + life)),
        Call::Stamp { fresh, life } => {
            cell.stamp(stamp(fresh), now, life);
            None
        }
        Call::Lock { holder, life } => {
            cell.lock(holder, now + life);
            Some(true)
        }
        Call::Release { holder } => Some(cell.release(holder)),
        Call::Abandon { holder } => Some(cell.abandon(holder)),
        Call::Renounce { fresh } => {
            cell.renounce(stamp(fresh), now, None);
            Some(true)
        }
        Call::End => {
            cell.pass(u64::MAX);
            None
        }
    }
}

impl Real {
    async fn compare(&mut self, cell: &mut Cell<u8>, step: u8, call: Call) {
        let before = cell.clone();
        let told = format!("step {step}: {call:?} on {before:?}");
        let started = self.time().await;
        let reply = self.send(call).await;
        let ended = self.time().await;
        let number = said(cell, step.into(), call);
        let (held, rest) = self.look().await;
        let replied = match &reply {
            // The lease's reply has the server's time in it.
            Value::Array(parts) => match parts.as_slice() {
                [Value::Int(number), Value::Int(time)] => {
                    let time = u64::try_from(*time).unwrap();
                    assert!((started..=ended).contains(&time), "{told}: {time}");
                    Some(*number == 1)
                }
                _ => panic!("{told}: {reply:?}"),
            },
            Value::Int(number) => Some(*number == 1),
            Value::Okay => Some(true),
            Value::Nil => Some(false),
            _ => None,
        };
        match (call, number) {
            (_, Some(number)) => assert_eq!(replied, Some(number), "{told}: {reply:?}"),
            (Call::Stamp { .. }, None) => {
                assert_eq!(reply, Value::BulkString(held.clone()), "{told}");
            }
            _ => {}
        }
        if let Cell::Stamp { created, .. } = cell
            && *created == u64::from(step)
        {
            let time = std::str::from_utf8(&held[17..]).unwrap().parse().unwrap();
            assert!((started..=ended).contains(&time), "{told}: {time}");
            self.made.insert(*created, time);
        }
        assert_eq!(held, self.bytes(cell), "{told} leaves {cell:?}");
        match cell.ends() {
            None => assert!(rest < 0, "{told}: ends in {rest} ms"),
            Some(ends) => {
                let difference = rest.abs_diff(i64::try_from(ends).unwrap());
                assert!(
                    difference < LIFE / 2,
                    "{told}: ends in {rest} ms, not in {ends}"
                );
            }
        }
    }

    async fn send(&mut self, call: Call) -> Value {
        let bytes = |number: u8| vec![number; 16];
        let text = |number: u64| number.to_string().into_bytes();
        let (script, arguments): (&Script, Vec<Vec<u8>>) = match call {
            Call::LeaseMissing { holder, life } => {
                let mut lease = redis::cmd("SET");
                let value = [vec![0], bytes(holder)].concat();
                lease
                    .arg(&self.key)
                    .arg(value)
                    .arg("NX")
                    .arg("PX")
                    .arg(life);
                return lease.query_async(&mut self.connection).await.unwrap();
            }
            Call::End => {
                // A key without an end stays.
                let (_, rest) = self.look().await;
                let mut end = redis::cmd(if rest < 0 { "EXISTS" } else { "DEL" });
                return end
                    .arg(&self.key)
                    .query_async(&mut self.connection)
                    .await
                    .unwrap();
            }
            Call::Lease {
                holder,
                replaceable,
                life,
            } => (
                &scripts::LEASE,
                vec![bytes(holder), text(life), text(replaceable.into())],
            ),
            Call::Fill {
                holder,
                entry,
                life,
            } => (
                &scripts::FILL,
                vec![bytes(holder), vec![1, entry], text(life)],
            ),
            Call::Stamp { fresh, life } => {
                (&scripts::STAMP, vec![bytes(fresh), text(life.unwrap_or(0))])
            }
            Call::Lock { holder, life } => (&scripts::LOCK, vec![bytes(holder), text(life)]),
            Call::Release { holder } => (&scripts::RELEASE, vec![bytes(holder)]),
            Call::Abandon { holder } => (&scripts::ABANDON, vec![bytes(holder)]),
            Call::Renounce { fresh } => (&scripts::RENOUNCE, vec![bytes(fresh)]),
        };
        let mut call = script.key(&self.key);
        // What follows is not said of the key: where to tell others, and which server this is.
        let rest = vec![Vec::new(); 2];
        arguments.into_iter().chain(rest).for_each(|argument| {
            call.arg(argument);
        });
        let reply: RedisFuture<'_, Value> = Box::pin(call.invoke_async(&mut self.connection));
        reply.await.unwrap()
    }

    /// What the key holds, and the milliseconds until it ends; fewer than none if it does not.
    async fn look(&mut self) -> (Vec<u8>, i64) {
        let mut look = redis::pipe();
        look.cmd("GET").arg(&self.key).cmd("PTTL").arg(&self.key);
        let (held, rest): (Option<Vec<u8>>, i64) =
            look.query_async(&mut self.connection).await.unwrap();
        (held.unwrap_or_default(), rest)
    }

    /// The server's time in microseconds.
    async fn time(&mut self) -> u64 {
        let time: (u64, u64) = redis::cmd("TIME")
            .query_async(&mut self.connection)
            .await
            .unwrap();
        time.0 * 1_000_000 + time.1
    }

    /// A cell as the server keeps it.
    fn bytes(&self, cell: &Cell<u8>) -> Vec<u8> {
        match cell {
            Cell::Missing => Vec::new(),
            Cell::Lease { holder, .. } => [vec![0], vec![*holder; 16]].concat(),
            Cell::Entry { entry, .. } => vec![1, *entry],
            Cell::Locks { holders, .. } => {
                let tokens = holders.iter().map(|holder| vec![*holder; 16]);
                std::iter::once(vec![2])
                    .chain(tokens)
                    .collect::<Vec<_>>()
                    .concat()
            }
            Cell::Stamp { stamp, created, .. } => {
                let time = self.made[created].to_string();
                [vec![3], stamp.as_bytes().to_vec(), time.into_bytes()].concat()
            }
        }
    }
}
