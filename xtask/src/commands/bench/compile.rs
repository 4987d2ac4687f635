//! `cargo xtask bench --compile`: what cached-repo adds to the time of the
//! compiler.
//!
//! # Method
//!
//! A crate of generated entities, in three variants: with SeaORM alone, with
//! `CachedEntity` as well, and with one `cached_schema!` over all of them. The
//! dependencies are built beforehand; measured is `cargo check` of the crate
//! alone, once from nothing and, with incremental compilation, after an edit of
//! one entity. Counted is the processor time in user mode, not the time on the
//! wall, which other programs lengthen. Each round measures all variants, in an
//! order that rotates, so that whatever else the machine does meets all of
//! them; reported is the median round. A warning of the compiler is a failure.

mod entity;
mod measure;
mod options;
mod project;
mod report;

use std::fs;

use self::options::Options;
use self::project::Project;
use crate::failure::Failure;

/// Measures all sizes and formats that the arguments ask for.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let options = Options::parse(arguments)?;
    let mut results = Vec::new();
    for &format in &options.formats {
        for &entities in &options.entities {
            let project = Project::generate(entities, format)?;
            results.extend(measure::all(&project, options.rounds)?);
        }
    }
    report::print(&results);
    if let Some(file) = &options.json {
        fs::write(file, report::json(&results)).map_err(Failure::io("write the JSON file"))?;
    }
    Ok(())
}

/// What a generated crate uses of cached-repo. Each variant is a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum Variant {
    /// SeaORM alone: what the others are compared with.
    Plain,
    /// `CachedEntity` on each entity.
    Derive,
    /// And one `cached_schema!` over all entities.
    Schema,
}

impl Variant {
    const ALL: [Self; 3] = [Self::Plain, Self::Derive, Self::Schema];

    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Derive => "derive",
            Self::Schema => "schema",
        }
    }
}

/// How SeaORM wants an entity to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// `#[sea_orm::model]`, with relations as fields.
    Dense,
    /// `DeriveEntityModel` alone, with `enum Relation` and `impl Related`.
    Compact,
}

impl Format {
    const ALL: [Self; 2] = [Self::Dense, Self::Compact];

    fn name(self) -> &'static str {
        match self {
            Self::Dense => "dense",
            Self::Compact => "compact",
        }
    }
}
