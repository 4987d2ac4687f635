//! What a transaction writes is seen when the outermost one commits, and never before.

#[path = "transactions/as_text.rs"]
mod as_text;
#[path = "transactions/cancelled.rs"]
mod cancelled;
#[path = "transactions/commits.rs"]
mod commits;
#[path = "transactions/failures.rs"]
mod failures;
#[path = "transactions/savepoints.rs"]
mod savepoints;
