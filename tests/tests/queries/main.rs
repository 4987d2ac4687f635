//! Reads of many rows: cached queries, searches, lists, blocks, batches and loaders, and which writes end them.

mod batches;
mod blocks;
mod joint_reads;
mod lists;
mod loaders;
mod narrowing;
mod narrowing_random;
mod queries;
mod query_corpus;
mod query_shapes;
mod related_rows;
mod searches;
mod views;
