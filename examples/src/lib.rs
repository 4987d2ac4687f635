//! Runnable examples: see the folder `examples`.
