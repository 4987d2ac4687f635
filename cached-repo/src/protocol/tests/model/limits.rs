//! Where the promise ends.
