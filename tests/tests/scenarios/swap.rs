//! A repo stands where a `DatabaseConnection` of SeaORM stood: each of its methods is used here in SeaORM's own forms, and what
//! is cached stays right behind each write.

#[path = "swap/generic.rs"]
mod generic;
#[path = "swap/handle.rs"]
mod handle;
#[path = "swap/models.rs"]
mod models;
#[path = "swap/related.rs"]
mod related;
#[path = "swap/statements.rs"]
mod statements;
#[path = "swap/tables.rs"]
mod tables;
#[path = "swap/transactions.rs"]
mod transactions;
