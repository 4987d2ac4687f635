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
    /// A query cannot be cached: it cannot be told what it reads, or no entity maps it, or it answers differently each time, or it does
    /// something.
    Query,
    /// A text is no [`Pattern`](crate::invalidation::Pattern).
    Pattern,
    /// A search text is empty or too long.
    Search,
    /// A text is no [`Tag`](crate::Tag) that the schema declares.
    Tag,
    /// A text is no [`WriteToken`](crate::WriteToken).
    Token,
    /// A load panicked; every caller that waited for it gets this error.
    LoadPanicked,
    /// A transaction was retried as often, or for as long, as allowed.
    RetriesExhausted,
    /// A time limit passed, and nothing was committed: of a load (`load_timeout`), of a retried transaction, or of the check of the
    /// database.
    TimedOut,
    /// A transaction may have been committed or not: the time limit passed while its commit was under way, or the connection broke
    /// there. Ask the database before you run it again.
    OutcomeUnknown,
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

    /// The same as SeaORM's error, for callers that expect one: the database's own, if there is one. Else SeaORM's error carries this
    /// one as its source, and `Error::from` gives it back as it was.
    #[must_use]
    pub fn into_database(self) -> DbErr {
        match self.0.database {
            Some(error) => error,
            // The one variant of SeaORM's errors that has a place for an error of somebody else.
            None => DbErr::TryIntoErr {
                from: "cached_repo::Error",
                into: "sea_orm::DbErr",
                source: Arc::new(self),
            },
        }
    }
}

impl Error {
    /// A write that was refused because the store is away.
    pub(crate) fn refused(source: impl StdError + Send + Sync + 'static) -> Self {
        let message = "the write was refused because the cache store is away; try again later, or set `when_store_down` to \
                       `proceed`";
        Self::new(ErrorKind::StoreUnavailable, message).caused_by(source)
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if let DbErr::TryIntoErr { source, .. } = &error
            && let Some(own) = source.downcast_ref::<Self>()
        {
            return own.clone();
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

/// What is to be known of a commit whose answer nobody has seen.
pub(crate) const MAY_HAVE_HAPPENED: &str = "the transaction may have taken effect or not: its commit was under way; ask the database before you run it again";

impl Error {
    /// An error of the program's own, to end a transaction with.
    pub fn application(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::new(ErrorKind::Application, source.to_string()).caused_by(source)
    }

    /// The database's error of a commit that may have taken effect all the same.
    pub(crate) fn unknown_outcome(mut self) -> Self {
        self.0.kind = ErrorKind::OutcomeUnknown;
        self.0.message = MAY_HAVE_HAPPENED.into();
        self
    }

    /// The same error, of the last of so many attempts.
    pub(crate) fn exhausted(mut self, attempts: u32) -> Self {
        self.0.kind = ErrorKind::RetriesExhausted;
        self.0.message = "the transaction failed at every attempt".into();
        self.with("attempts", attempts.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_comes_back_from_seaorm_as_it_went() {
        let refused = Error::refused(std::io::Error::other("away")).with("entity", "user");
        let through = DbErr::from(refused.clone());
        assert!(
            through.to_string().contains("store is away"),
            "it says so on its way: {through}"
        );
        let back = Error::from(through);
        assert_eq!(back.kind(), ErrorKind::StoreUnavailable);
        assert_eq!(back.to_string(), refused.to_string());
        assert!(StdError::source(&back).is_some_and(|source| source.to_string() == "away"));
    }

    #[test]
    fn a_text_alone_is_no_refusal() {
        let text = Error::refused(std::io::Error::other("away")).to_string();
        let error = Error::from(DbErr::Custom(text));
        assert_eq!(error.kind(), ErrorKind::Database);
    }
}
