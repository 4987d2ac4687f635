//! The table of settings.

/// Expands `$make!` with the table. An entry is all that there is to say of a setting:
///
/// ```text
/// /// What it means; the first paragraph is also its row in the guide.
/// name: Type as BuilderArgument = default, (least ..= most);
/// ```
///
/// It makes the field of [`Config`](crate::Config) and its default, the row of `SETTINGS` that reads, checks and shows it, and the
/// method of [`RepoBuilder`](crate::RepoBuilder). A default that is a word is a constant of the type. `as` is for methods that take
/// something else than the type.
macro_rules! settings {
    ($make:ident) => {
        $make! {
            /// First part of every key in the store. Repos share entries exactly when they share the store and the namespace.
            namespace: String as impl Into<String> = "cr", (1 ..= 64);

            /// Lifetime of rows, collections and pointers whose entity names none.
            ttl: Duration = 1 h, (1 ms ..= 3650 d);

            /// Lifetime of "no such row" for entities that name none. Zero keeps none.
            negative_ttl: Duration = 30 s, (0 s ..= 3650 d);

            /// Largest fraction of a lifetime that is cut at random, so that entries stored together do not expire together.
            jitter: f64 = 0.1, (0.0 ..= 0.5);

            /// How long after its lifetime an entry is served while a background load replaces it (RFC 5861), for entities that
            /// name no such time. Zero serves nothing past its lifetime.
            stale_while_revalidate: Duration = 0 s, (0 s ..= 3650 d);

            /// How long after its lifetime an entry is served if the database fails (RFC 5861). Zero returns the error.
            stale_if_error: Duration = 0 s, (0 s ..= 3650 d);

            // The whole of a lifetime would leave no time for the load.
            /// Fraction of its lifetime after which an entry that is read is loaded again in the background. Zero waits for the end.
            refresh_ahead: f64 = 0.0, (0.0 ..= 0.99);

            /// How eagerly readers load an entry again at random, the nearer its end and the longer its load takes: the factor
            /// beta of XFetch. Zero is never.
            ///
            /// A. Vattani, F. Chierichetti, K. Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", PVLDB 8 (8), 2015,
            /// finds 1 a good choice.
            early_refresh: f64 = 0.0, (0.0 ..= 10.0);

            /// Entries that the process keeps in its own memory. Zero keeps none. It does not bound the store.
            capacity: usize = 100_000, (0 ..= 1_000_000_000);

            /// Bytes that the entries in the process may take, roughly. An entry counts as `memory_limit / capacity` bytes at
            /// least, and one that takes a great part of the limit is not kept. Zero keeps none.
            memory_limit: usize = 256 MiB, (0 ..= 1_048_576 MiB);

            // Redis keeps no string longer than 512 MiB.
            /// Largest encoded entry in bytes that is stored in the store. A larger one is loaded at every read.
            value_limit: usize = 1 MiB, (1 ..= 512 MiB);

            /// How new a read is over a store, for entities that name no level. Without a store it makes no difference.
            consistency: Consistency = Bounded;

            /// Longest time for which a copy of an entry of the store is served from the process's memory: how long another
            /// process's write may go unseen if its notice does not arrive.
            bound: Duration = 5 s, (1 ms ..= 1 h);

            /// Whether copies in the process also go at once when another program changes keys of the namespace in the store.
            /// Otherwise they go at the [`bound`](Config::bound).
            ///
            /// The server then notifies every process of every changed key (client tracking, by broadcast), also of fills, which
            /// costs the server work in proportion to their number.
            client_tracking: bool = false;

            /// Time limit of one call to the store.
            store_timeout: Duration = 100 ms, (1 ms ..= 1 m);

            /// Time limit of a new connection to the store. Within a call, [`store_timeout`](Config::store_timeout) ends it sooner.
            connect_timeout: Duration = 1 s, (1 ms ..= 5 m);

            /// Calls of readers that may wait for the store's answers at the same time. Further ones wait for their turn, for
            /// [`store_timeout`](Config::store_timeout) at most, and then go to the database.
            store_concurrency: usize = 256, (1 ..= 100_000);

            /// How long a load keeps other processes from loading the same entry over the store. What it loads later is not stored.
            ///
            /// The lease is renewed for so long. The load itself ends at [`load_timeout`](Config::load_timeout).
            lease_time: Duration = 10 s, (1 ms ..= 1 h);

            /// How long a reader waits for another process's load of the same key before it asks the database itself. Zero does
            /// not wait.
            wait_time: Duration = 1 s, (0 s ..= 1 m);

            /// How long a load may take until a second load of the same key begins beside it. Whichever ends first answers.
            ///
            /// A reader that has an entry to serve instead ([`stale_if_error`](Config::stale_if_error)) serves it then.
            load_soft_timeout: Duration = 10 s, (1 ms ..= 1 h);

            /// How long a load may take at all, and how long a reader waits for loads. Then the load is dropped, and its readers get
            /// `ErrorKind::TimedOut`.
            load_timeout: Duration = 1 m, (1 ms ..= 1 d);

            /// How long the lock of a write lives whose writer has died. A writer that lives renews it.
            ///
            /// Until then readers go to the database. It must be longer than the longest write outside of a transaction, and
            /// than the longest commit.
            lock_time: Duration = 10 s, (1 ms ..= 1 d);

            /// How long a store that has lost its memory refuses fills, because it has lost the locks of running writes, too.
            /// Without a value it is [`lock_time`](Config::lock_time).
            ///
            /// Less than that opens a gap: a store that restarts between the lock and the commit of a writer that then dies.
            settle_time: Option<Duration> as Duration = None, (0 s ..= 1 d);

            /// Intervals with time-outs, one after the other, that open the breaker.
            ///
            /// An interval lasts about as long as [`store_timeout`](Config::store_timeout), and counts if at least half of the
            /// calls that end in it time out. A lost connection, and an invalidation that fails, open the breaker at once.
            breaker_threshold: usize = 5, (1 ..= 1_000);

            /// Pause before an open breaker probes the store. It doubles with each failure, up to 16 times its length.
            breaker_cooldown: Duration = 500 ms, (1 ms ..= 1 h);

            /// What a write does while the store cannot be reached.
            when_store_down: WhenStoreDown = Proceed;

            // PostgreSQL takes 65 535 parameters in a query, SQLite 32 766.
            /// Keys in one query of `find_cached_many`, divided by the number of key columns; of several columns at most 500.
            chunk: usize = 1_000, (1 ..= 30_000);

            /// What building the repo does about foreign keys and triggers that the schema does not know. Anything but
            /// `off` takes three or four queries.
            database_check: DatabaseCheck = Warn;
        }
    };
}

/// A quantity of the table: a number and its unit.
macro_rules! quantity {
    ($number:literal ms) => {
        Duration::from_millis($number)
    };
    ($number:literal s) => {
        Duration::from_secs($number)
    };
    ($number:literal m) => {
        Duration::from_secs($number * 60)
    };
    ($number:literal h) => {
        Duration::from_secs($number * 3600)
    };
    ($number:literal d) => {
        Duration::from_secs($number * 24 * 3600)
    };
    ($number:literal MiB) => {
        $number << 20
    };
    ($number:literal) => {
        $number
    };
}

/// The default of an entry, behind its type.
macro_rules! default_of {
    ($type:ty; false) => { false };
    ($type:ty; $constant:ident $(as $argument:ty)?) => { <$type>::$constant };
    ($type:ty; $text:literal as $argument:ty) => { <$type>::from($text) };
    ($type:ty; $($quantity:tt)+) => { quantity!($($quantity)+) };
}

/// The range of an entry; nothing if it has none.
macro_rules! range_of {
    () => { () };
    (($least:literal $($least_unit:ident)? ..= $most:literal $($most_unit:ident)?)) => {
        quantity!($least $($least_unit)?)..=quantity!($most $($most_unit)?)
    };
}

/// The last line of the documentation of an entry.
macro_rules! bounds_text {
    ($default:tt $($unit:ident)?) => {
        concat!("Default: `", stringify!($default), $(stringify!($unit),)? "`.")
    };
    ($default:tt $($unit:ident)?, ($least:literal $($least_unit:ident)? ..= $most:literal $($most_unit:ident)?)) => {
        concat!(
            "Default: `", stringify!($default), $(stringify!($unit),)? "`, accepted: `",
            stringify!($least), $(stringify!($least_unit),)? "` to `",
            stringify!($most), $(stringify!($most_unit),)? "`."
        )
    };
}

pub(crate) use {bounds_text, default_of, quantity, range_of, settings};
