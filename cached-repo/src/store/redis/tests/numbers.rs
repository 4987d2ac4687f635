//! The scripts that number notices, held against what is said of them.
//!
//! A failure prints a seed; set `NUMBERS_SEED` to it, and the run begins with the calls that failed.

use super::super::scripts;
use super::channel::{self, Channel};
use crate::protocol::cell::Sequence;
use fastrand::Rng;
use redis::aio::MultiplexedConnection;

const RUNS: u64 = 20;
const CALLS: u8 = 30;

/// A call of a script.
#[derive(Clone, Copy, Debug)]
enum Call {
    Notify,
    Beat,
    Raise,
    /// Not a script: the key is evicted.
    Evict,
    /// Not a script: a replica takes over that has the number of an earlier notice.
    Lag,
}

/// The key on the server.
struct Real {
    connection: MultiplexedConnection,
    channel: Channel,
    key: String,
}

impl Real {
    async fn command(&mut self, name: &str, arguments: &[&str]) -> Option<u64> {
        let mut command = redis::cmd(name);
        command.arg(&self.key).arg(arguments);
        command.query_async(&mut self.connection).await.unwrap()
    }

    async fn last(&mut self) -> u64 {
        self.command("GET", &[]).await.unwrap_or(0)
    }

    /// Does it to both. A number that may be the server's time is taken for it if it is.
    async fn compare(&mut self, said: &mut Sequence, step: u8, call: Call) {
        let told = format!("step {step}: {call:?} after {said:?}");
        let (started, before) = (channel::time(&mut self.connection).await, said.last());
        let mut reply = None;
        let mut message = None;
        match call {
            Call::Notify => {
                let mut notify = scripts::NOTIFY.key(&self.key);
                notify.arg(self.channel.name()).arg(vec![step]);
                let number: u64 = notify.invoke_async(&mut self.connection).await.unwrap();
                let text = [number.to_string().as_bytes(), b":", &[step]].concat();
                (reply, message) = (Some(number), Some(text));
            }
            Call::Beat => {
                let mut beat = scripts::BEAT.key(&self.key);
                beat.arg(self.channel.name());
                let number: u64 = beat.invoke_async(&mut self.connection).await.unwrap();
                (reply, message) = (Some(number), Some(format!("{number}:").into_bytes()));
            }
            Call::Raise => {
                let raise = scripts::RAISE.key(&self.key);
                let _: i64 = raise.invoke_async(&mut self.connection).await.unwrap();
            }
            Call::Evict => drop(self.command("DEL", &[]).await),
            Call::Lag => drop(self.command("SET", &["5", "GET"]).await),
        }
        let last = self.last().await;
        let ended = channel::time(&mut self.connection).await;
        let is_time = (started..=ended).contains(&last);
        // It is no time if the numbers go on.
        let time = if is_time { last } else { started };
        match call {
            Call::Notify => assert_eq!(reply, Some(said.notify(time)), "{told}"),
            Call::Beat => assert_eq!(reply, Some(said.last()), "{told}"),
            Call::Raise => said.raise(time),
            Call::Evict => *said = Sequence::default(),
            Call::Lag => {
                *said = Sequence::default();
                said.raise(5);
            }
        }
        assert_eq!(last, said.last(), "{told}: was {before}");
        let expected: Vec<_> = message.into_iter().collect();
        let heard = self.channel.heard(&mut self.connection).await;
        assert_eq!(heard, expected, "{told}");
    }
}

#[tokio::test]
async fn the_scripts_number_notices_as_is_said_of_them() {
    let connection = channel::connection().await;
    let given = std::env::var("NUMBERS_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let first = given.unwrap_or_else(|| fastrand::u64(..));
    for seed in (0..RUNS).map(|run| first.wrapping_add(run)) {
        println!("NUMBERS_SEED={seed}");
        let mut real = Real {
            connection: connection.clone(),
            channel: Channel::new(format!("numbers:{seed}:notices")).await,
            key: format!("numbers:{seed}"),
        };
        let mut random = Rng::with_seed(seed);
        let mut said = Sequence::default();
        for step in 1..=CALLS {
            let call = match random.u8(..8) {
                0 | 1 => Call::Beat,
                2 => Call::Raise,
                3 => Call::Evict,
                4 => Call::Lag,
                _ => Call::Notify,
            };
            real.compare(&mut said, step, call).await;
        }
        real.command("DEL", &[]).await;
    }
}
