//! Lets the lifetimes of entries pass, in the process and on a server.

use crate::World;
use crate::faulty::command;
use redis::Value;
use std::time::Duration;

/// Makes every entry of the world older by so long.
///
/// # Panics
/// If the server does not answer.
pub async fn pass(world: &World, by: Duration) {
    world.clock.advance(by);
    if !world.store.is_shared() {
        return;
    }
    let server = testkit::shared::redis().unwrap_or_else(|error| panic!("{error}"));
    let url = server.url();
    for space in ["r", "u", "i", "q", "claim"] {
        let pattern = format!("{}:{space}:*", world.namespace());
        let Value::Array(names) = command(url, &["KEYS", &pattern]).await else {
            panic!("the server names no keys");
        };
        for name in names {
            let Value::BulkString(name) = name else {
                panic!("a name is text");
            };
            let name = String::from_utf8(name).expect("names are text");
            let Value::Int(rest) = command(url, &["PTTL", &name]).await else {
                panic!("the server tells no time");
            };
            let by = i64::try_from(by.as_millis()).expect("not that long");
            // A time that is over deletes the key.
            let rest = (rest - by).max(0).to_string();
            command(url, &["PEXPIRE", &name, &rest]).await;
        }
    }
}
