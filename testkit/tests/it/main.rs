//! Tests of the private servers, with the servers themselves.

mod databases;
mod hard_end;
mod redis;
mod support;
