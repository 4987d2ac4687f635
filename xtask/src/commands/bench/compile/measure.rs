//! Rounds: each measures every variant once.

use std::fs::{self, File};
use std::process::Command;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

use super::project::{self, Project};
use super::{Format, Variant};
use crate::failure::Failure;
use crate::run;

/// What is done to a crate before it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    /// Nothing; it is checked from nothing.
    None,
    /// A line of comment is added to an entity, and shifts all others.
    Line,
    /// A column is added to an entity.
    Column,
}

impl Edit {
    const ALL: [Self; 3] = [Self::None, Self::Line, Self::Column];

    fn name(self) -> &'static str {
        match self {
            Self::None => "check",
            Self::Line => "check after a new line",
            Self::Column => "check after a new column",
        }
    }
}

/// The result of a measure.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) measure: &'static str,
    pub(super) entities: usize,
    pub(super) format: Format,
    /// Time in user mode of each round; the first variant is the floor.
    pub(super) subjects: Vec<(Variant, Vec<Duration>)>,
}

/// Carries out all measures of one project.
pub(super) fn all(project: &Project, rounds: usize) -> Result<Vec<Outcome>, Failure> {
    run::run(project.check_dependencies())?;
    let edits = Edit::ALL.into_iter();
    edits.map(|edit| measure(project, edit, rounds)).collect()
}

fn measure(project: &Project, edit: Edit, rounds: usize) -> Result<Outcome, Failure> {
    let mut subjects: Vec<_> = Variant::ALL.map(|variant| (variant, Vec::new())).into();
    let count = subjects.len();
    let first = usize::from(edit == Edit::None);
    // What is edited must have been built before: that round does not count.
    for round in first..=rounds {
        for turn in 0..count {
            let (variant, times) = &mut subjects[(round + turn) % count];
            prepare(project, *variant, edit, round)?;
            let time = user_time(project.check(*variant, edit != Edit::None))?;
            if round > 0 {
                times.push(time);
            }
        }
    }
    Ok(Outcome {
        measure: edit.name(),
        entities: project.entities,
        format: project.format,
        subjects,
    })
}

fn prepare(project: &Project, variant: Variant, edit: Edit, round: usize) -> Result<(), Failure> {
    let mut entity = project.entity(project.entities / 2);
    match edit {
        Edit::None => return project.touch(variant),
        Edit::Line => entity.comments = round,
        Edit::Column => entity.columns = round,
    }
    project.write_entity(variant, &entity)
}

/// The time that a program and those it starts spend in user mode. Whatever
/// it has to say makes it fail.
fn user_time(mut command: Command) -> Result<Duration, Failure> {
    let path = project::target().join("messages.txt");
    let messages = File::create(&path).map_err(Failure::io("keep the compiler's messages"))?;
    command.stderr(messages);
    let before = of_children()?;
    let outcome = run::run(command);
    let time = of_children()?.saturating_sub(before);
    let messages = fs::read_to_string(&path).map_err(Failure::io("read the messages"))?;
    if !messages.is_empty() {
        eprint!("{messages}");
    }
    outcome?;
    if messages.is_empty() {
        return Ok(time);
    }
    Err(Failure::new(
        "the compiler is to have nothing to say about the generated crate",
    ))
}

/// Spent by programs that have ended and were waited for.
fn of_children() -> Result<Duration, Failure> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_err(|error| Failure::new(format!("could not read the processor time: {error}")))?;
    let time = usage.user_time();
    let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
    let micros = u64::try_from(time.tv_usec()).unwrap_or_default();
    Ok(Duration::from_secs(seconds) + Duration::from_micros(micros))
}
