//! One module per command, each with a function `run`.

pub(crate) mod bench;
pub(crate) mod ci;
pub(crate) mod example;
pub(crate) mod instructions;
pub(crate) mod servers;
pub(crate) mod test;
