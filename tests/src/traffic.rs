//! What a server of the test's own was asked.

use crate::faulty::Faulty;
use redis::aio::MultiplexedConnection;
use std::collections::BTreeMap;

/// Counts commands and round trips.
#[derive(Debug)]
pub struct Traffic {
    connection: MultiplexedConnection,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How often the server had something to read. What fits into one packet (16 KB) is one round trip.
    pub round_trips: u64,
    /// Calls of each command, without those that scripts make.
    pub calls: BTreeMap<String, u64>,
}

impl Counted {
    /// Calls of this command.
    #[must_use]
    pub fn of(&self, command: &str) -> u64 {
        self.calls.get(command).copied().unwrap_or(0)
    }
}

impl Counted {
    /// How many round trips looked entries up, if there were no others but a process's signs of life, which come when they like.
    #[must_use]
    pub fn looks(&self) -> Option<u64> {
        let (looks, beats) = (self.of("mget"), self.of("publish"));
        let nothing_else = self.of("evalsha") == beats && self.of("time") == 0;
        (nothing_else && self.round_trips == looks + beats).then_some(looks)
    }
}

impl Traffic {
    /// On the server of this world.
    ///
    /// # Panics
    /// If it does not answer; so does the rest.
    pub async fn on(faulty: &Faulty) -> Self {
        let client = redis::Client::open(faulty.redis.url()).expect("the address is right");
        let connection = client.get_multiplexed_async_connection().await;
        Self {
            connection: connection.expect("the server is there"),
        }
    }

    /// What the server is asked while this work is done.
    pub async fn of<T>(&mut self, work: impl Future<Output = T>) -> (T, Counted) {
        let mut reset = redis::cmd("CONFIG");
        let reset = reset.arg("RESETSTAT").exec_async(&mut self.connection);
        reset.await.expect("the counters are reset");
        let done = work.await;
        let mut info = redis::cmd("INFO");
        let info = info.arg("all").query_async(&mut self.connection);
        let info: String = info.await.expect("the server tells");
        (done, counted(&info))
    }
}

fn counted(info: &str) -> Counted {
    let mut counted = Counted::default();
    for line in info.lines() {
        if let Some(reads) = line.strip_prefix("total_reads_processed:") {
            // The last of them is the question itself.
            counted.round_trips = reads.parse::<u64>().expect("a number") - 1;
        }
        let command = line
            .strip_prefix("cmdstat_")
            .and_then(|line| line.split_once(":calls="));
        if let Some((name, rest)) = command
            && !matches!(name, "info" | "config|resetstat")
        {
            let calls = rest.split(',').next().expect("a number").parse();
            counted
                .calls
                .insert(name.to_owned(), calls.expect("a number"));
        }
    }
    counted
}
