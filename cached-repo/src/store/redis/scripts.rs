//! The server-side scripts. Each touches the one key in `KEYS` (rule 13) and may run twice without harm, because a pipeline
//! is repeated whole when the server has forgotten a script.
//!
//! First byte of a stored value: 0 lease, 1 entry, 2 locks, 3 stamp. A lease that somebody waits for has a letter behind its token;
//! whoever ends it says so on the channel of wakes.
//!
//! Locks are tokens of 16 bytes, each with its deadline behind it: 16 digits, milliseconds of the server's clock. The key goes at
//! the greatest of them, so that plain reads need no time: a key with locks is one that a writer holds. A token without a
//! deadline is of an earlier release, which takes deadlines for tokens of other writers: it ends when the key does. Sixteen
//! random bytes are digits once in 10^22 tokens.

use redis::Script;
use std::sync::LazyLock;

/// What scripts that look at locks begin with. `living`: the locks that have not ended but for one's own, the greatest of their
/// deadlines, and one's own deadline, each 0 if there is none. `holds`: whether a value is locks that have not all ended.
const LOCKS: &str = r"
local function clock()
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end
local function is_deadline(part) return #part == 16 and string.find(part, '^%d+$') end
local function deadline(time) return string.format('%016.0f', time) end
local function living(held, now, own)
  local locks, last, mine, at = '', 0, 0, 2
  while at < #held do
    local token, ends = string.sub(held, at, at + 15), string.sub(held, at + 16, at + 31)
    if is_deadline(ends) then at = at + 32 else
      ends = deadline(now + math.max(redis.call('PTTL', KEYS[1]), 0))
      at = at + 16
    end
    local time = tonumber(ends)
    if time > now and not is_deadline(token) then
      if token == own then mine = time else
        locks = locks .. token .. ends
        last = math.max(last, time)
      end
    end
  end
  return locks, last, mine
end
local function holds(held)
  return string.byte(held, 1) == 2 and living(held, clock()) ~= ''
end
";

/// A script that looks at locks.
fn over_locks(body: &str) -> Script {
    Script::new(&[LOCKS, body].concat())
}

/// Rule 4. Takes the lease of a key.
///
/// `ARGV`: token, lifetime in milliseconds, `1` if an entry or garbage that is there may go. Reply: 1 or 0, and the server's
/// time in microseconds. O(1).
pub(super) static LEASE: LazyLock<Script> = LazyLock::new(|| {
    over_locks(
        r"
local now = redis.call('TIME')
local time = now[1] * 1000000 + now[2]
local held = redis.call('GET', KEYS[1])
local kind = held and string.byte(held, 1)
local free = not held or (kind == 2 and not holds(held))
if free or (kind ~= 0 and kind ~= 2 and ARGV[3] == '1') or string.sub(held, 1, 17) == '\0' .. ARGV[1] then
  redis.call('SET', KEYS[1], '\0' .. ARGV[1], 'PX', ARGV[2])
  return {1, time}
end
return {0, time}
",
    )
});

/// Rule 4. Stores an entry against its lease.
///
/// `ARGV`: token, envelope, lifetime in milliseconds, channel of wakes. Reply: 1 or 0. O(1).
pub(super) static FILL: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, 17) == '\0' .. ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  if #held > 17 then redis.call('PUBLISH', ARGV[4], KEYS[1]) end
  return 1
end
if held == ARGV[2] then return 1 end
return 0
",
    )
});

/// Rule 4. Stores an entry in the place of one that is still there: whoever has invalidated that has taken it away.
///
/// `ARGV`: token of the old entry, envelope, lifetime in milliseconds. Reply: 1 or 0. O(1).
pub(super) static REPLACE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local held = redis.call('GET', KEYS[1])
if held and string.byte(held, 1) == 1 and string.sub(held, 4, 19) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1
end
if held == ARGV[2] then return 1 end
return 0
",
    )
});

/// Rule 1. The stamp of a tag; a missing one, or garbage, is replaced by one of the server's present time.
///
/// `ARGV`: a new stamp, lifetime in milliseconds or `0` for no end, what is to follow the time. Reply: the value of the key.
/// O(1).
pub(super) static STAMP: LazyLock<Script> = LazyLock::new(|| {
    over_locks(
        r"
local held = redis.call('GET', KEYS[1])
local kind = held and string.byte(held, 1)
if held and holds(held) or (kind == 3 and #held > 17) then
  if ARGV[2] ~= '0' and kind == 3 and redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
  end
  return held
end
local now = redis.call('TIME')
local value = '\3' .. ARGV[1] .. string.format('%.0f', now[1] * 1000000 + now[2]) .. ARGV[3]
if ARGV[2] == '0' then
  redis.call('SET', KEYS[1], value)
else
  redis.call('SET', KEYS[1], value, 'PX', ARGV[2])
end
return value
",
    )
});

/// Rule 5. Adds a writer's lock, or extends it; locks that have ended go, and whatever else the key holds.
///
/// `ARGV`: token, lifetime in milliseconds, channel of wakes. Reply: 1. O(number of writers).
pub(super) static LOCK: LazyLock<Script> = LazyLock::new(|| {
    over_locks(
        r"
local held = redis.call('GET', KEYS[1])
local now = clock()
local locks, last, mine = '', 0, 0
if held and string.byte(held, 1) == 2 then
  locks, last, mine = living(held, now, ARGV[1])
end
mine = math.max(mine, now + tonumber(ARGV[2]))
local ends = math.max(mine, last)
redis.call('SET', KEYS[1], '\2' .. locks .. ARGV[1] .. deadline(mine), 'PXAT', string.format('%.0f', ends))
if held and string.byte(held, 1) == 0 and #held > 17 then redis.call('PUBLISH', ARGV[3], KEYS[1]) end
return 1
",
    )
});

/// Rules 3 and 5. Takes a writer's lock away and removes whatever is no other writer's lock, or one that has ended.
///
/// `ARGV`: token, channel of wakes. Reply: 1 if the key is open, 0 if another writer holds it. O(number of writers).
pub(super) static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    over_locks(
        r"
local held = redis.call('GET', KEYS[1])
if not held then return 1 end
local locks, last = '', 0
if string.byte(held, 1) == 2 then
  locks, last = living(held, clock(), ARGV[1])
end
if locks == '' then
  redis.call('DEL', KEYS[1])
  if string.byte(held, 1) == 0 and #held > 17 then redis.call('PUBLISH', ARGV[2], KEYS[1]) end
  return 1
end
if '\2' .. locks ~= held then
  redis.call('SET', KEYS[1], '\2' .. locks, 'PXAT', string.format('%.0f', last))
end
return 0
",
    )
});

/// Rule 4. Gives a lease back.
///
/// `ARGV`: token, channel of wakes. Reply: 1 or 0. O(1).
pub(super) static ABANDON: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, 17) == '\0' .. ARGV[1] then
  redis.call('DEL', KEYS[1])
  if #held > 17 then redis.call('PUBLISH', ARGV[2], KEYS[1]) end
  return 1
end
return 0
",
    )
});

/// Rule 4. Lengthens the life of a lease whose holder is still at work.
///
/// `ARGV`: token, lifetime in milliseconds. Reply: 1 or 0. O(1).
pub(super) static RENEW: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, 17) == '\0' .. ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
",
    )
});

/// Rule 4. Has the holder of a lease say when it ends.
///
/// Reply: milliseconds until the lease ends by itself; 0 if there is none. O(1).
pub(super) static AWAIT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local held = redis.call('GET', KEYS[1])
if not held or string.byte(held, 1) ~= 0 then return 0 end
local rest = redis.call('PTTL', KEYS[1])
if #held == 17 and rest > 0 then redis.call('SET', KEYS[1], held .. 'w', 'PX', rest) end
return rest
",
    )
});

/// Rule 11. Begins a new epoch. It keeps the time of the old one: entries that are forgotten on purpose are no reason to wait,
/// but a store that has lost locks, so that there is no epoch or a young one, must settle all the same. Under a writer's lock
/// the old epoch has gone already.
///
/// `ARGV`: a new stamp, the server's mark. Reply: 1. O(1).
pub(super) static INVALIDATE_NAMESPACE: LazyLock<Script> = LazyLock::new(|| {
    over_locks(
        r"
local held = redis.call('GET', KEYS[1])
local kind = held and string.byte(held, 1)
if held and holds(held) then return 1 end
local created
if kind == 3 then
  created = string.sub(held, 18)
else
  local now = redis.call('TIME')
  created = string.format('%.0f', now[1] * 1000000 + now[2]) .. ARGV[2]
end
redis.call('SET', KEYS[1], '\3' .. ARGV[1] .. created)
return 1
",
    )
});

/// Rule 11. Begins a new epoch unless the present one was made on this server, since it was started: any other server, and
/// one that was started again, may have forgotten what was written last, locks above all. The new epoch is young, so that
/// nothing is filled until those would have ended. A writer that holds the epoch leaves none behind.
///
/// `ARGV`: a new stamp, the server's mark. Reply: 0 if the epoch stays, 1 if there was none, 2 if it was another server's. O(1).
pub(super) static ENROL: LazyLock<Script> = LazyLock::new(|| {
    over_locks(
        r"
local held = redis.call('GET', KEYS[1])
if held and holds(held) then return 0 end
local kind = held and string.byte(held, 1)
if kind == 3 and string.sub(held, -#ARGV[2]) == ARGV[2] then return 0 end
local now = redis.call('TIME')
local created = string.format('%.0f', now[1] * 1000000 + now[2])
redis.call('SET', KEYS[1], '\3' .. ARGV[1] .. created .. ARGV[2])
return held and kind ~= 2 and 2 or 1
",
    )
});

/// Rule 10. Numbers a notice and tells it to all who listen, in the order of the numbers. Where the last number is forgotten they
/// go on from the server's time in microseconds: a number that came again would take a listener for one who has heard it.
///
/// `ARGV`: channel, notice. Reply: the number. O(number of listeners).
pub(super) static NOTIFY: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local number = redis.call('INCR', KEYS[1])
if number == 1 then
  local now = redis.call('TIME')
  number = now[1] * 1000000 + now[2]
  redis.call('SET', KEYS[1], string.format('%.0f', number))
end
redis.call('PUBLISH', ARGV[1], string.format('%.0f', number) .. ':' .. ARGV[2])
return number
",
    )
});

/// Rule 10. Has the numbers of notices go on from the server's time, unless they are greater: the last ones may be forgotten.
///
/// Reply: 1 if they do. O(1).
pub(super) static RAISE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local now = redis.call('TIME')
local time = now[1] * 1000000 + now[2]
if (tonumber(redis.call('GET', KEYS[1]) or '0') or 0) >= time then return 0 end
redis.call('SET', KEYS[1], string.format('%.0f', time))
return 1
",
    )
});

/// Rule 10. Tells one listener the number of the last notice.
///
/// `ARGV`: channel. Reply: the number. O(1).
pub(super) static BEAT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local number = redis.call('GET', KEYS[1]) or '0'
redis.call('PUBLISH', ARGV[1], number .. ':')
return tonumber(number)
",
    )
});

/// All of them, to be loaded into a server that does not know them.
pub(super) fn all() -> [&'static Script; 14] {
    [
        &LEASE,
        &FILL,
        &REPLACE,
        &STAMP,
        &LOCK,
        &RELEASE,
        &ABANDON,
        &INVALIDATE_NAMESPACE,
        &ENROL,
        &NOTIFY,
        &BEAT,
        &RENEW,
        &AWAIT,
        &RAISE,
    ]
}
