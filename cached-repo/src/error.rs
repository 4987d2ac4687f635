//! The one error type.

use sea_orm::DbErr;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// What went wrong, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The database refused or failed; [`Error::database`] has its answer.
    Database,
    /// The store cannot be reached, and the configuration wants writes refused then.
    StoreUnavailable,
    /// A setting or an entity's declaration is wrong; nothing was started.
    Configuration,
    /// A key or tag holds a value of a type that cannot be a key, or too few or too many values.
    Key,
    /// A query cannot be cached: it cannot be told what it reads, or no entity maps it, or it answers differently each time.
    Query,
    /// A text is no [`Pattern`](crate::Pattern).
    Pattern,
    /// A search text is empty or too long.
    Search,
    /// A text is no [`WriteToken`](crate::WriteToken).
    Token,
    /// A load panicked; every caller that waited for it gets this error.
    LoadPanicked,
    /// A transaction was retried as often, or for as long, as allowed.
    RetriesExhausted,
    /// A time limit passed: of a load (`load_timeout`), of a retried transaction, or of the check of the database.
    TimedOut,
    /// The runtime in which the repo was built has ended. Build the repo anew in the runtime that uses it.
    RuntimeEnded,
    /// The program's own, from [`Error::application`].
    Application,
    /// A defect in this library.
    Internal,
}

/// An error of this library. Cheap to clone: one failed load is handed to every caller that waited for it.
///
/// `Display` says what happened and what to do. It never holds column values, keys or secrets.
#[derive(Clone)]
pub struct Error(Box<Report>);

/// Behind a pointer, so that the results of reads stay small.
#[derive(Clone)]
struct Report {
    kind: ErrorKind,
    message: Cow<'static, str>,
    context: Vec<(&'static str, String)>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    database: Option<DbErr>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Report {
            kind,
            message: message.into(),
            context: Vec::new(),
            source: None,
            database: None,
        }))
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.context.push((name, value.into()));
        self
    }

    pub(crate) fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The database's own error, if it was the database.
    #[must_use]
    pub fn database(&self) -> Option<&DbErr> {
        self.0.database.as_ref()
    }

    /// The same as SeaORM's error, for callers that expect one.
    #[must_use]
    pub fn into_database(self) -> DbErr {
        match self.0.database {
            Some(error) => error,
            None => DbErr::Custom(self.to_string()),
        }
    }
}

/// A refused write on its way through SeaORM, whose errors have no place for it.
const REFUSED: &str = "the write was refused because the cache store is away; try again later, or set `when_store_down` to \
                       `proceed`";

impl Error {
    /// A write that was refused because the store is away.
    pub(crate) fn refused(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::new(ErrorKind::StoreUnavailable, REFUSED).caused_by(source)
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if matches!(&error, DbErr::Custom(message) if message == REFUSED) {
            return Self::new(ErrorKind::StoreUnavailable, REFUSED);
        }
        let mut wrapped = Self::new(ErrorKind::Database, "the database reported an error");
        wrapped.0.database = Some(error);
        wrapped
    }
}

impl From<Error> for DbErr {
    fn from(error: Error) -> Self {
        error.into_database()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        for (name, value) in &self.0.context {
            write!(f, " ({name}: {value})")?;
        }
        if let Some(error) = &self.0.database {
            write!(f, ": {error}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.to_string())
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        if let Some(error) = &self.0.database {
            return Some(error);
        }
        self.0
            .source
            .as_ref()
            .map(|source| &**source as &(dyn StdError + 'static))
    }
}

impl Error {
    /// An error of the program's own, to end a transaction with.
    pub fn application(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::new(ErrorKind::Application, source.to_string()).caused_by(source)
    }

    /// The same error, of the last of so many attempts.
    pub(crate) fn exhausted(mut self, attempts: u32) -> Self {
        self.0.kind = ErrorKind::RetriesExhausted;
        self.0.message = "the transaction failed at every attempt".into();
        self.with("attempts", attempts.to_string())
    }
}
