//! What each setting takes, and what is said of what it does not take.

/// For each setting: a good text and how it is shown again, then a wrong text and the message for it.
pub(super) const CASES: &[(&str, &str, &str, &str, &str)] = &[
    (
        "preset",
        "light",
        "light",
        "heavy",
        "`preset` (CACHED_REPO_PRESET): `heavy` is not the name of a preset; \
         expected `aggressive`, `moderate`, `light`, `memory-only` or `distributed`",
    ),
    (
        "namespace",
        "Shop-2.test_x",
        "Shop-2.test_x",
        "shop{1}",
        "`namespace` (CACHED_REPO_NAMESPACE): `shop{1}` has the character '{'; \
         expected 1 to 64 of the letters `A` to `Z`, `a` to `z`, digits, `_`, `.` and `-`",
    ),
    (
        "ttl",
        "2w",
        "2w",
        "10",
        "`ttl` (CACHED_REPO_TTL): `10` has no unit (`10s` is seconds, `10ms` milliseconds); \
         expected a duration from 1ms to 3650d",
    ),
    (
        "negative_ttl",
        "0s",
        "0s",
        "never",
        "`negative_ttl` (CACHED_REPO_NEGATIVE_TTL): `never` does not begin with a number; \
         expected a duration from 0s to 3650d",
    ),
    (
        "jitter",
        "25%",
        "0.25",
        "0.6",
        "`jitter` (CACHED_REPO_JITTER): `0.6` is out of range; expected a fraction from 0 to 0.5",
    ),
    (
        "stale_while_revalidate",
        "1h 30m",
        "90m",
        "5",
        "`stale_while_revalidate` (CACHED_REPO_STALE_WHILE_REVALIDATE): `5` has no unit (`5s` is seconds, `5ms` milliseconds); \
         expected a duration from 0s to 3650d",
    ),
    (
        "stale_if_error",
        "1d",
        "1d",
        "3651d",
        "`stale_if_error` (CACHED_REPO_STALE_IF_ERROR): `3651d` is out of range; expected a duration from 0s to 3650d",
    ),
    (
        "refresh_ahead",
        "0.8",
        "0.8",
        "1",
        "`refresh_ahead` (CACHED_REPO_REFRESH_AHEAD): `1` is out of range; expected a fraction from 0 to 0.99",
    ),
    (
        "early_refresh",
        "1.5",
        "1.5",
        "often",
        "`early_refresh` (CACHED_REPO_EARLY_REFRESH): `often` is not a number; expected a number from 0 to 10",
    ),
    (
        "capacity",
        " 0 ",
        "0",
        "100_000",
        "`capacity` (CACHED_REPO_CAPACITY): `100_000` is not a whole number; \
         expected a whole number from 0 to 1000000000",
    ),
    (
        "memory_limit",
        "1073741824",
        "1073741824",
        "1GiB",
        "`memory_limit` (CACHED_REPO_MEMORY_LIMIT): `1GiB` is not a whole number; \
         expected a whole number from 0 to 1099511627776",
    ),
    (
        "value_limit",
        "4096",
        "4096",
        "0",
        "`value_limit` (CACHED_REPO_VALUE_LIMIT): `0` is out of range; expected a whole number from 1 to 536870912",
    ),
    (
        "consistency",
        "strict",
        "strict",
        "eventual",
        "`consistency` (CACHED_REPO_CONSISTENCY): `eventual` is not the name of a level; \
         expected `strict`, `bounded` or `in-process`",
    ),
    (
        "bound",
        "250ms",
        "250ms",
        "0s",
        "`bound` (CACHED_REPO_BOUND): `0s` is out of range; expected a duration from 1ms to 1h",
    ),
    (
        "client_tracking",
        "true",
        "true",
        "on",
        "`client_tracking` (CACHED_REPO_CLIENT_TRACKING): `on` is neither `true` nor `false`; expected `true` or `false`",
    ),
    (
        "store_timeout",
        "50ms",
        "50ms",
        "0s",
        "`store_timeout` (CACHED_REPO_STORE_TIMEOUT): `0s` is out of range; expected a duration from 1ms to 1m",
    ),
    (
        "connect_timeout",
        "5m",
        "5m",
        "6m",
        "`connect_timeout` (CACHED_REPO_CONNECT_TIMEOUT): `6m` is out of range; expected a duration from 1ms to 5m",
    ),
    (
        "store_concurrency",
        "64",
        "64",
        "0",
        "`store_concurrency` (CACHED_REPO_STORE_CONCURRENCY): `0` is out of range; \
         expected a whole number from 1 to 100000",
    ),
    (
        "lease_time",
        "20s",
        "20s",
        "2h",
        "`lease_time` (CACHED_REPO_LEASE_TIME): `2h` is out of range; expected a duration from 1ms to 1h",
    ),
    (
        "wait_time",
        "0s",
        "0s",
        "2m",
        "`wait_time` (CACHED_REPO_WAIT_TIME): `2m` is out of range; expected a duration from 0s to 1m",
    ),
    (
        "load_soft_timeout",
        "2s",
        "2s",
        "0s",
        "`load_soft_timeout` (CACHED_REPO_LOAD_SOFT_TIMEOUT): `0s` is out of range; expected a duration from 1ms to 1h",
    ),
    (
        "load_timeout",
        "30s",
        "30s",
        "25h",
        "`load_timeout` (CACHED_REPO_LOAD_TIMEOUT): `25h` is out of range; expected a duration from 1ms to 1d",
    ),
    (
        "lock_time",
        "1m",
        "1m",
        "-1s",
        "`lock_time` (CACHED_REPO_LOCK_TIME): `-1s` is negative; expected a duration from 1ms to 1d",
    ),
    (
        "settle_time",
        "90s",
        "90s",
        "25h",
        "`settle_time` (CACHED_REPO_SETTLE_TIME): `25h` is out of range; expected a duration from 0s to 1d",
    ),
    (
        "breaker_threshold",
        "1",
        "1",
        "0",
        "`breaker_threshold` (CACHED_REPO_BREAKER_THRESHOLD): `0` is out of range; expected a whole number from 1 to 1000",
    ),
    (
        "breaker_cooldown",
        "1500ms",
        "1500ms",
        "",
        "`breaker_cooldown` (CACHED_REPO_BREAKER_COOLDOWN): `` is empty; expected a duration from 1ms to 1h",
    ),
    (
        "when_store_down",
        "refuse",
        "refuse",
        "Proceed",
        "`when_store_down` (CACHED_REPO_WHEN_STORE_DOWN): `Proceed` is not the name of a choice; \
         expected `proceed` or `refuse`",
    ),
    (
        "chunk",
        "30000",
        "30000",
        "30001",
        "`chunk` (CACHED_REPO_CHUNK): `30001` is out of range; expected a whole number from 1 to 30000",
    ),
    (
        "database_check",
        "error",
        "error",
        "on",
        "`database_check` (CACHED_REPO_DATABASE_CHECK): `on` is not the name of a choice; \
         expected `off`, `warn` or `error`",
    ),
];
