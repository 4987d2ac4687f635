//! The consistency protocol, explored exhaustively.

mod entries;
