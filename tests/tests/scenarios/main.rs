//! What a repo answers and invalidates: rows, lookups, relations, writes and transactions, over every database and store.

mod absence;
mod bypass;
mod company;
mod database_check;
mod derive;
mod events;
mod invalidations;
mod key_types;
mod levels;
mod lookups;
mod many;
mod old_and_new;
mod patterns;
mod precision;
mod reads;
mod relations;
mod shapes;
mod swap;
mod tokens;
mod tracking;
mod transactions;
mod types;
mod writes;
