//! The queries, by what they are about.

mod aggregates;
mod expressions;
mod filters;
mod groups;
mod joined;
mod joins;
mod pins;
mod pins_beside;
mod pins_built;
mod sets;
mod shapes;
mod subqueries;
mod views;
mod windows;

use super::case::Case;
use crate::Database;

const SQLITE: &[Database] = &[Database::Sqlite];
const POSTGRES: &[Database] = &[Database::Postgres];
const MARIADB: &[Database] = &[Database::MariaDb];
/// What MariaDB lacks.
const STANDARD: &[Database] = &[Database::Sqlite, Database::Postgres];

/// Queries that name values of an indexed column.
const PINNED: [&[Case]; 3] = [pins::CASES, pins_beside::CASES, pins_built::CASES];

const OTHERS: [&[Case]; 11] = [
    filters::CASES,
    joins::CASES,
    joined::CASES,
    shapes::CASES,
    groups::CASES,
    aggregates::CASES,
    expressions::CASES,
    subqueries::CASES,
    sets::CASES,
    windows::CASES,
    views::CASES,
];

/// All of them.
pub fn all() -> impl Iterator<Item = Case> {
    let cases =
        |lists: &'static [&'static [Case]]| lists.iter().flat_map(|list| list.iter().copied());
    cases(&PINNED).map(Case::pinned).chain(cases(&OTHERS))
}
