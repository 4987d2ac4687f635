//! What a type asks a deserializer for.
//!
//! Each run of the type's `Deserialize` follows one path into the structure, notes what is asked for at its end, and fails there: so no
//! value of the type need be made up. What was noted says which paths lead further.

use super::Unshaped;
use super::dummy::WAYS;
use super::request::{Request, Step};
use super::tracer::{Run, Tracer};
use serde::de::DeserializeOwned;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Parts of a type that are looked at.
const MAX_PARTS: usize = 4096;

/// Visitors that take any data, and mean the same by it whatever becomes of the type around them: JSON, decimals.
const SELF_DESCRIBING: [&str; 3] = [
    "any valid JSON value",
    "a Decimal type representing a fixed-point number",
    "a number or formatted decimal string",
];

/// A part that is yet to be looked at.
struct Part {
    path: Vec<Step>,
    /// Containers around it.
    around: Vec<Request>,
    /// Whether one of them has a declared version.
    versioned: bool,
}

/// Everything that a type asks for, in bytes.
pub(super) fn trace<T: DeserializeOwned>() -> Result<Vec<u8>, Unshaped> {
    let mut bytes = Vec::new();
    let mut parts = VecDeque::from([Part {
        path: Vec::new(),
        around: Vec::new(),
        versioned: false,
    }]);
    let mut count = 0;
    while let Some(part) = parts.pop_front() {
        count += 1;
        if count > MAX_PARTS {
            return Err(Unshaped::TooLarge);
        }
        let request = ask::<T>(&part.path).ok_or(Unshaped::Hidden)?;
        request.put(&mut bytes);
        match request {
            Request::Any(visitor) if part.versioned || is_self_describing(&visitor) => {}
            Request::Name if part.versioned => {}
            Request::Any(_) | Request::Name => return Err(Unshaped::Any),
            request => parts.extend(part.further(request)),
        }
    }
    Ok(bytes)
}

fn is_self_describing(visitor: &str) -> bool {
    SELF_DESCRIBING.contains(&visitor)
}

/// `report@2`.
fn has_version(name: &str) -> bool {
    let version = name.rsplit_once('@').map(|(_, version)| version);
    version.is_some_and(|version| {
        !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// What is asked for at the end of the path. What stands before it on the way is made up, each in the first way that the type takes.
fn ask<T: DeserializeOwned>(path: &[Step]) -> Option<Request> {
    let mut ways = Vec::new();
    loop {
        let mut run = Run {
            path,
            ways: &mut ways,
            made_up: 0,
            found: None,
        };
        // It fails, or asks for nothing. Code of the program's that does not expect this may panic, as it may while it decodes.
        let work = AssertUnwindSafe(|| T::deserialize(Tracer(&mut run)).is_ok());
        let ended = catch_unwind(work).unwrap_or(false);
        let nothing = (ended && path.is_empty()).then_some(Request::Leaf("nothing"));
        let (found, made_up) = (run.found.or(nothing), run.made_up);
        if found.is_some() {
            return found;
        }
        // The last one was not taken, or nothing that was made up is at fault.
        let last = ways.get_mut(made_up.checked_sub(1)?)?;
        *last += 1;
        if *last == WAYS {
            return None;
        }
    }
}

impl Part {
    /// The parts that it leads to. A container within itself is looked at no more than twice.
    fn further(self, request: Request) -> Vec<Self> {
        let repeats = self.around.iter().filter(|outer| **outer == request);
        if repeats.count() > 1 {
            return Vec::new();
        }
        let steps = request.steps();
        let versioned = self.versioned || request.name().is_some_and(has_version);
        let mut around = self.around;
        if request.name().is_some() {
            around.push(request);
        }
        let further = |step: Step| {
            let mut path = self.path.clone();
            path.push(step);
            Self {
                path,
                around: around.clone(),
                versioned,
            }
        };
        steps.into_iter().map(further).collect()
    }
}
