//! What goes wrong: stores and databases that are not there, readers and writers that race, wait, fail or are given up.

mod bad_input;
mod cancellation;
mod copies;
mod expiry;
mod failover;
mod faults;
mod flights;
mod forgetting;
mod locks;
mod races;
mod random_races;
mod retries;
mod staleness_flights;
mod stampede;
