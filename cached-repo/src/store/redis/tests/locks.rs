//! Locks as the server keeps them: those that have ended, and those of an earlier release.

use super::super::scripts;
use super::{LIFE, channel, near};
use crate::protocol::LockList;
use redis::aio::MultiplexedConnection;
use redis::{Script, Value};

/// `LOCK` and `RELEASE` of the release before deadlines: all tokens end together.
const OLD_LOCK: &str = r"
local held = redis.call('GET', KEYS[1])
local life = tonumber(ARGV[2])
local locks = '\2'
if held and string.byte(held, 1) == 2 then
  local rest = redis.call('PTTL', KEYS[1])
  if rest > life then life = rest end
  for at = 2, #held, 16 do
    local token = string.sub(held, at, at + 15)
    if token ~= ARGV[1] then locks = locks .. token end
  end
end
redis.call('SET', KEYS[1], locks .. ARGV[1], 'PX', life)
return 1
";
const OLD_RELEASE: &str = r"
local held = redis.call('GET', KEYS[1])
if not held then return 1 end
local locks = '\2'
for at = 2, #held, 16 do
  local token = string.sub(held, at, at + 15)
  if token ~= ARGV[1] then locks = locks .. token end
end
if #locks == 1 then redis.call('DEL', KEYS[1]) return 1 end
redis.call('SET', KEYS[1], locks, 'PX', redis.call('PTTL', KEYS[1]))
return 0
";

/// The locks that a value holds which have not ended: tokens by number, with their deadlines.
fn living(value: &[u8], now: u64) -> Vec<(u8, u64)> {
    let Some((2, locks)) = value.split_first() else {
        panic!("no locks: {value:?}");
    };
    let lock = |lock: &[u8]| {
        let ends = std::str::from_utf8(&lock[16..]).unwrap();
        assert_eq!(ends.len(), 16, "{value:?}");
        (lock[0], ends.parse().unwrap())
    };
    let locks = locks.chunks(32).map(lock);
    locks.filter(|(_, ends)| *ends > now).collect()
}

/// Whether the value holds the locks that are said, and each ends when it is said to.
pub(super) fn compare(told: &str, value: &[u8], said: &LockList<u8>, now: u64) {
    let found = living(value, now);
    let holders = |locks: &[(u8, u64)]| Vec::from_iter(locks.iter().map(|(holder, _)| *holder));
    let said: Vec<_> = said.iter().collect();
    assert_eq!(holders(&found), holders(&said), "{told}");
    for ((_, found), (_, said)) in found.iter().zip(&said) {
        near(told, i64::try_from(found - now).unwrap(), *said);
    }
}

/// A key with locks.
struct Locked {
    connection: MultiplexedConnection,
    key: String,
}

impl Locked {
    async fn new(value: &[u8]) -> Self {
        let connection = channel::connection().await;
        let key = format!("locks:{}", fastrand::u64(..));
        let mut locked = Self { connection, key };
        locked.put(value).await;
        locked
    }

    /// Has the key hold this value, for longer than the test takes.
    async fn put(&mut self, value: &[u8]) {
        let mut set = redis::cmd("SET");
        set.arg(&self.key).arg(value).arg("PX").arg(LIFE);
        let _: Value = set.query_async(&mut self.connection).await.unwrap();
    }

    async fn value(&mut self) -> Option<Vec<u8>> {
        let mut get = redis::cmd("GET");
        get.arg(&self.key);
        get.query_async(&mut self.connection).await.unwrap()
    }

    async fn run(&mut self, script: &Script, arguments: &[&[u8]]) -> Value {
        let mut call = script.key(&self.key);
        for argument in arguments {
            call.arg(*argument);
        }
        call.invoke_async(&mut self.connection).await.unwrap()
    }

    async fn holders(&mut self) -> Vec<u8> {
        let now = channel::time(&mut self.connection).await / 1000;
        let value = self.value().await.expect("locks");
        living(&value, now)
            .iter()
            .map(|(holder, _)| *holder)
            .collect()
    }
}

const A: &[u8] = &[1; 16];
const B: &[u8] = &[2; 16];
const C: &[u8] = &[3; 16];
const LONG: &[u8] = b"1000000";

#[tokio::test]
async fn locks_that_have_all_ended_hold_nothing_though_their_key_is_there() {
    let ended = [&[2], A, b"0000000000000001"].concat();
    let stamp: &[&[u8]] = &[B, b"0", b""];
    for (script, arguments, reply) in [
        (&scripts::LOCK, [B, LONG, b"wakes"].as_slice(), Some(1)),
        (&scripts::RELEASE, &[B, b"wakes"], Some(1)),
        (&scripts::INVALIDATE_NAMESPACE, &[B, b""], Some(1)),
        (&scripts::ENROL, &[B, b":server"], Some(1)),
        (&scripts::STAMP, stamp, None),
        (&scripts::LEASE, &[B, LONG, b"0"], None),
    ] {
        let mut key = Locked::new(&ended).await;
        let answer = key.run(script, arguments).await;
        if let Some(reply) = reply {
            assert_eq!(answer, Value::Int(reply));
        }
        let left = key.value().await;
        let first = left.as_ref().map(|left| (left[0], left[1]));
        let expected = match script.get_hash() {
            hash if hash == scripts::LOCK.get_hash() => Some((2, 2)),
            hash if hash == scripts::RELEASE.get_hash() => None,
            hash if hash == scripts::LEASE.get_hash() => Some((0, 2)),
            _ => Some((3, 2)),
        };
        assert_eq!(first, expected, "{arguments:?} leaves {left:?}");
    }
}

#[tokio::test]
async fn locks_of_an_earlier_release_hold_until_they_are_released() {
    let mut key = Locked::new(&[&[2], A, B].concat()).await;
    let leased = key.run(&scripts::LEASE, &[C, LONG, b"1"]).await;
    assert!(matches!(leased, Value::Array(parts) if parts[0] == Value::Int(0)));
    key.run(&scripts::LOCK, &[C, LONG, b"wakes"]).await;
    assert_eq!(key.holders().await, [1, 2, 3]);
    let released = key.run(&Script::new(OLD_RELEASE), &[A]).await;
    assert_eq!(released, Value::Int(0));
    assert_eq!(
        key.run(&scripts::RELEASE, &[C, b"wakes"]).await,
        Value::Int(0)
    );
    assert_eq!(key.holders().await, [2]);
    assert_eq!(
        key.run(&scripts::RELEASE, &[B, b"wakes"]).await,
        Value::Int(1)
    );
    assert_eq!(key.value().await, None);
}

#[tokio::test]
async fn an_earlier_release_leaves_locks_and_their_deadlines() {
    let mut key = Locked::new(b"anything").await;
    key.run(&scripts::LOCK, &[A, LONG, b"wakes"]).await;
    key.run(&scripts::LOCK, &[B, LONG, b"wakes"]).await;
    let before = key.value().await;
    key.run(&Script::new(OLD_LOCK), &[C, LONG]).await;
    let released = key.run(&Script::new(OLD_RELEASE), &[C]).await;
    assert_eq!(released, Value::Int(0));
    assert_eq!(key.value().await, before);
    key.run(&Script::new(OLD_LOCK), &[C, LONG]).await;
    assert_eq!(
        key.run(&scripts::RELEASE, &[A, b"wakes"]).await,
        Value::Int(0)
    );
    assert_eq!(key.holders().await, [2, 3]);
}
