//! Which server a connection leads to.

use super::{commands, scripts};
use crate::protocol::{CellAnswer, CellOp, Enrolled};
use crate::stamp::Stamp;
use redis::aio::MultiplexedConnection;
use redis::{ErrorKind, RedisError, Value};
use std::sync::Arc;

/// How much of a server's identity an epoch carries: every hit reads it, and so many hexadecimal digits do not come twice.
const DIGITS: usize = 12;

/// Rule 11: makes sure that the namespace's epoch was made on this server since it was started, and since it was last promoted,
/// and returns the mark that such an epoch ends with. It is empty for a server that does not say who it is; what that one forgets is not noticed.
pub(super) async fn enrol(
    connection: &mut MultiplexedConnection,
    epoch: &str,
) -> Result<Arc<str>, RedisError> {
    let mut ask = redis::pipe();
    ask.cmd("INFO").arg("server").cmd("INFO").arg("replication");
    let answers: Vec<Value> = ask.ignore_errors().query_async(connection).await?;
    let texts: Vec<String> = answers.iter().filter_map(text).collect();
    let field = |name: &str| {
        let mut lines = texts.iter().flat_map(|text| text.lines());
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
    };
    if field("role") == Some("slave") {
        tracing::error!(
            "the address of the store leads to a replica, which answers with what its primary had some time ago; \
             give the address of the primary"
        );
        return Err(RedisError::from((ErrorKind::Io, "the store is a replica")));
    }
    let Some(run) = field("run_id").filter(|run| !run.is_empty()) else {
        return Ok(Arc::default());
    };
    // Changes with each start, and with each promotion: two servers may take turns.
    let reign = field("master_replid").unwrap_or_default();
    let digits = |text: &str| text.get(..DIGITS).unwrap_or(text).to_owned();
    let mark: Arc<str> = format!(":{}{}", digits(run), digits(reign)).into();
    go_on(connection, epoch, &mark).await?;
    let enrol: CellOp<&[u8]> = CellOp::Enrol {
        fresh: Stamp::unique(),
        server: Arc::clone(&mark),
    };
    let mut ask = redis::pipe();
    commands::apply(&mut ask, "", epoch, &enrol);
    let answers: Vec<Value> = ask.query_async(connection).await?;
    let found = answers.first().unwrap_or(&Value::Nil);
    if commands::applied(&enrol, found) == CellAnswer::Enrolled(Enrolled::Replaced) {
        tracing::warn!(
            "the store was restarted, or another server has taken its place: everything older is forgotten, and nothing is \
             stored until locks that it may have lost would have ended"
        );
    }
    Ok(mark)
}

/// Rule 10: a server that may have forgotten notices must not number others as it did these. Before an epoch of its own stands
/// there: who finds one tells notices at once.
async fn go_on(
    connection: &mut MultiplexedConnection,
    epoch: &str,
    mark: &str,
) -> Result<(), RedisError> {
    let held: Option<Vec<u8>> = redis::cmd("GET").arg(epoch).query_async(connection).await?;
    if held.is_some_and(|held| held.ends_with(mark.as_bytes())) {
        return Ok(());
    }
    scripts::RAISE
        .key(sequence(epoch))
        .invoke_async(connection)
        .await
}

/// The key of the number of the last notice, beside that of the epoch.
pub(super) fn sequence(epoch: &str) -> String {
    let namespace = epoch.strip_suffix("epoch").unwrap_or(epoch);
    format!("{namespace}sequence")
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Value::VerbatimString { text, .. } => Some(text.clone()),
        _ => None,
    }
}
