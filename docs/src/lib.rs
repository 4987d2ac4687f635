//! Compiles every snippet of the README and of the guide, and checks what the guide says about settings.
//!
//! Each page is a module here, so that `cargo test -p docs` runs its snippets. `mdbook build docs` makes a book of the same files.

pub mod shop;

/// What a snippet returns.
pub type Result = std::result::Result<(), Box<dyn std::error::Error>>;

/// A page with its snippets.
macro_rules! pages {
    ($($name:ident: $file:literal,)*) => {$(
        #[doc = include_str!($file)]
        pub mod $name {}
    )*};
}

pages! {
    readme: "../../README.md",
    introduction: "../guide/introduction.md",
    declare: "../guide/declare.md",
    schema: "../guide/schema.md",
    graph: "../guide/graph.md",
    read: "../guide/read.md",
    queries: "../guide/queries.md",
    expiry: "../guide/expiry.md",
    search: "../guide/search.md",
    batches: "../guide/batches.md",
    lists: "../guide/lists.md",
    write: "../guide/write.md",
    transactions: "../guide/transactions.md",
    invalidation: "../guide/invalidation.md",
    events: "../guide/events.md",
    bypass: "../guide/bypass.md",
    moving: "../guide/moving.md",
    stores: "../guide/stores.md",
    consistency: "../guide/consistency.md",
    configuration: "../guide/configuration.md",
    database: "../guide/database.md",
    failure: "../guide/failure.md",
    stats: "../guide/stats.md",
    logs: "../guide/logs.md",
    testing: "../guide/testing.md",
    errors: "../guide/errors.md",
    operate: "../guide/operate.md",
    staleness: "../guide/staleness.md",
}
