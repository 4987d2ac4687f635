//! Where entries, stamps, leases and locks live.

use super::listener::Listener;
use crate::age::{Age, Life};
use crate::key::Key;
use crate::schema::Row;
use crate::stamp::{Stamp, Token};
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use sea_orm::Value;
use std::sync::Arc;
use std::time::Duration;

/// What an entry holds.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    /// There is no such row.
    Absent,
    /// A row.
    Row(Row),
    /// The rows of a collection, in the order of their primary keys.
    Rows(Arc<[Row]>),
    /// The primary keys of a list's rows, in its order and one behind the other: the rows have entries of their own.
    Keys(Arc<[Value]>),
    /// The primary key of the row that a unique lookup leads to.
    Pointer(Arc<[Value]>),
    /// What a query has found, as bytes: only who asks knows its type. Stores in this process hold it as a row.
    Bytes(Arc<[u8]>),
}

/// What a store can do, and what it asks of those who use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capabilities {
    /// Other processes see the same entries.
    pub(crate) shared: bool,
    /// It holds values as bytes: one whose type only the typed shell knows must be encoded.
    pub(crate) encodes: bool,
    /// A call is a round trip: it pays to make one for many keys, and to make it off a reader's way.
    pub(crate) remote: bool,
    /// A write must know and lock what it invalidates before it commits.
    pub(crate) locks_before_commit: bool,
}

impl Capabilities {
    /// Of a store in this process.
    pub(crate) const IN_PROCESS: Self = Self {
        shared: false,
        encodes: false,
        remote: false,
        locks_before_commit: false,
    };
    /// Of a store that many processes reach over a network.
    pub(crate) const REMOTE: Self = Self {
        shared: true,
        encodes: true,
        remote: true,
        locks_before_commit: true,
    };
}

/// One entry that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) key: Key,
    /// Tags that are known before the row is; the epoch's and the table's come first.
    pub(crate) tags: Arc<[Key]>,
    /// Whether it matters how old the entry is.
    pub(crate) ages: bool,
}

/// Answer to a request.
#[derive(Debug)]
pub(crate) enum Found {
    /// An entry that is current (rule 2).
    Hit(Fetched),
    /// Nothing that may be served.
    Miss(Observed),
    /// Another reader holds the lease: it is about to fill.
    Leased,
    /// A writer holds a lock: read the database and fill nothing.
    Locked,
}

/// An entry that is current.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    pub(crate) payload: Payload,
    /// How many tags it carries beyond those of the request.
    pub(crate) further: usize,
    /// How long the store keeps it yet.
    pub(crate) rest: Duration,
    /// How old it is: exactly, if the request asked for that.
    pub(crate) age: Age,
    /// Names this very entry, where that matters: see [`Observed::held`].
    pub(crate) held: Option<Token>,
}

/// What a store saw when it answered with a miss.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    /// An entry was there that may be overwritten: stale, of another shape, or not decodable.
    pub(crate) replaceable: bool,
    /// The entry could not be decoded.
    pub(crate) undecodable: bool,
    /// An entry that stays where it is until the fill replaces it: whoever invalidates it takes it away, so that it does what a
    /// lease does (rule 4).
    pub(crate) held: Option<Token>,
}

impl Observed {
    /// An entry that was there and does not answer.
    pub(crate) const REPLACEABLE: Self = Self {
        replaceable: true,
        undecodable: false,
        held: None,
    };
}

/// Permission for one fill of one key (rules 1 and 4). It must be obtained before the load.
#[derive(Debug)]
#[must_use = "a permit is good for one fill"]
pub(crate) struct Permit {
    pub(crate) lease: Token,
    /// Whether the token is not a lease's, but that of the entry which the fill is to replace.
    pub(crate) replaces: bool,
    /// The store's time before the load.
    pub(crate) began: u64,
    /// Stamps of tags, obtained before the load.
    pub(crate) stamps: Vec<(Key, Stamp)>,
}

/// A loaded value on its way into the store.
#[derive(Debug)]
pub(crate) struct Fill {
    pub(crate) request: Request,
    pub(crate) permit: Permit,
    pub(crate) payload: Payload,
    /// Tags whose names come from the value.
    pub(crate) tags: Vec<Key>,
    pub(crate) life: Life,
    /// About how many bytes the payload takes in memory.
    pub(crate) weight: u64,
}

/// How a fill ended.
#[derive(Debug)]
pub(crate) enum FillOutcome {
    /// Stored; every stamp and the lease were valid after the load.
    Stored,
    /// Not stored.
    Refused(Refusal),
    /// A tag named by the value has a stamp that is not known to be older than the load. The permit now holds that stamp:
    /// a load that begins now may use it.
    StampTooYoung(Permit),
}

/// Why a fill was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The lease or a stamp was invalidated during the load, or a writer holds a lock.
    Invalidated,
    /// The value is larger than the limit.
    TooLarge,
    /// Its entry could not be found again by those who must invalidate it.
    Unnamed,
    /// The value cannot be encoded.
    NotEncodable,
    /// It has no lifetime.
    Unwanted,
}

/// The store did not do its work.
#[derive(Clone, Debug)]
pub(crate) enum StoreError {
    /// It is known to be away; nothing was sent. Which store it is, and why.
    Away(Arc<str>),
    /// The connection was refused or lost, or the server says that it cannot serve.
    Lost(String),
    /// No answer in time.
    TimedOut,
    /// Too many calls waited for their answers; nothing was sent.
    Overloaded,
    /// It answered with an error.
    Failed(String),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Away(why) => write!(f, "the store is away ({why})"),
            Self::Lost(reason) => write!(f, "the connection to the store is lost ({reason})"),
            Self::TimedOut => f.write_str("the store did not answer in time"),
            Self::Overloaded => f.write_str(
                "too many calls to the store wait for an answer; raise `store_concurrency` if the store can take more",
            ),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for StoreError {}

/// A scan over the names of a namespace.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    /// About how many names one step looks at.
    pub(crate) count: usize,
    /// A glob that names of interest match, the namespace included.
    pub(crate) glob: String,
    /// Whether loads that have begun before the scan must not be stored after it has passed their place.
    pub(crate) fences: bool,
}

/// What one step has seen.
#[derive(Debug)]
pub(crate) struct Scanned {
    /// About how many names it has looked at.
    pub(crate) looked: u64,
    /// Entries, or places where an entry may soon be. Some may be seen twice.
    pub(crate) keys: Vec<Key>,
    /// Other names that match: tags, and what belongs to entities that this program does not have.
    pub(crate) others: Vec<String>,
}

/// The steps of a scan; one that has failed is tried again by the next.
pub(crate) type Steps = BoxStream<'static, Result<Scanned, StoreError>>;

/// A store of entries.
///
/// Implementors keep rules 1 to 5 and 13. All methods take many keys and make one round trip where they can.
///
/// # Cancellation
/// Dropping a future of `read` or `permit` leaves at most a lease, which ends by itself. The caller drives `fill`, `lock`
/// and `release` to their end on a task of its own.
#[async_trait]
pub(crate) trait Store: Send + Sync + std::fmt::Debug {
    /// Looks the entries up; one answer for each request, in order.
    async fn read(&self, requests: &[Request]) -> Result<Vec<Found>, StoreError>;

    /// Leases the keys and obtains the stamps of their tags; `None` where a lock or another lease forbids a fill.
    async fn permit(
        &self,
        requests: Vec<(Request, Observed)>,
    ) -> Result<Vec<Option<Permit>>, StoreError>;

    /// Stores what was loaded; one outcome for each fill, in order.
    async fn fill(&self, fills: Vec<Fill>) -> Result<Vec<FillOutcome>, StoreError>;

    /// How often a lease must be renewed while its load takes long; `None` where leases need no care.
    fn renewal(&self) -> Option<Duration> {
        None
    }

    /// Keeps these leases alive.
    async fn renew(&self, _leases: &[(&Key, Token)]) -> Result<(), StoreError> {
        Ok(())
    }

    /// Returns when nobody holds a lease on the key, or after so long.
    async fn wait_for_lease(&self, _key: &Key, _limit: Duration) -> Result<(), StoreError> {
        Ok(())
    }

    /// Claims the refresh of entries that are still served, each for so long: one process of all is enough. A claim saves work
    /// and proves nothing. One answer for each, in order.
    async fn claim(&self, claims: &[(&Key, Duration)]) -> Result<Vec<bool>, StoreError> {
        Ok(vec![true; claims.len()])
    }

    /// Gives back permits that will not be used.
    async fn abandon(&self, permits: Vec<(Key, Permit)>);

    /// A permit for another key from one that was obtained at the same time, if the store's permits cover all keys.
    fn share_permit(&self, _permit: &Permit) -> Option<Permit> {
        None
    }

    /// Locks these keys and tags for a writer: no entry under them is served or filled until the release, or for
    /// `lifetime` if that never comes.
    async fn lock(
        &self,
        targets: &[Key],
        writer: Token,
        lifetime: Duration,
    ) -> Result<(), StoreError>;

    /// Invalidates these keys and tags, takes the writer's locks away, and tells other processes. Without a lock it still
    /// invalidates.
    async fn release(&self, targets: &[Key], writer: Token) -> Result<(), StoreError>;

    /// Tells other processes that these keys and tags were invalidated, without doing so.
    async fn publish(&self, _targets: &[Key]) -> Result<(), StoreError> {
        Ok(())
    }

    /// Number of the last notice that this process has sent to others; 0 if there are no others.
    fn last_published(&self) -> u64 {
        0
    }

    /// Tells the listener from now on what is invalidated by others, with a sign of life as often as `beat`. It ends with the
    /// store.
    fn listen(self: Arc<Self>, _listener: Arc<dyn Listener>, _beat: Duration) {}

    /// Goes through the names in the namespace, for operators; `None` if the store cannot.
    fn scan(self: Arc<Self>, _scan: Scan) -> Option<Steps> {
        None
    }

    /// Makes everything in the namespace unusable (rule 11).
    async fn invalidate_namespace(&self) -> Result<(), StoreError>;

    /// Returns when nothing is owed that [`release`](Self::release) or [`invalidate_namespace`](Self::invalidate_namespace) could not deliver.
    async fn wait_settled(&self) {}

    /// What the store can do, and what it asks of those who use it: the same for as long as it lives.
    fn capabilities(&self) -> Capabilities;

    /// Where the store is, for messages: without user name and password. `None` if it is in this process.
    fn address(&self) -> Option<String> {
        None
    }
}
