//! A repo stands where a `DatabaseConnection` of SeaORM stood: each of its methods is used here in SeaORM's own forms, and what
//! is cached stays right behind each write.

mod generic;
mod handle;
mod models;
mod related;
mod statements;
mod tables;
mod transactions;
