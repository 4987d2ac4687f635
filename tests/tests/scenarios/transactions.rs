//! What a transaction writes is seen when the outermost one commits, and never before.

mod as_text;
mod cancelled;
mod commits;
mod failures;
mod savepoints;
