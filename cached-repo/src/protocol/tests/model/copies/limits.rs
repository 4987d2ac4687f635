//! Where the promise ends: the model finds the cases that CAVEATS.md names, and no rule stands against.

use super::DEAF;
use super::right::{NONE, pair};
use super::rules::Protocol;
use super::world::Faults;
use crate::protocol::tests::model::check::breaks;

#[test]
fn a_connection_that_breaks_while_it_is_announced() {
    let begins = Protocol {
        hearing: false,
        ..pair(Faults { losses: 1, ..NONE })
    };
    breaks(begins, DEAF);
}
