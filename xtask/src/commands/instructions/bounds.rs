//! The table of bounds.

use std::fs;

use serde_json::Value;

use crate::failure::Failure;
use crate::run;

/// The table, in the workspace.
const FILE: &str = "benches/instructions.json";

/// What one operation of a measure may cost.
#[derive(Debug)]
pub(super) struct Bound {
    /// A measure of `benches`.
    pub(super) measure: String,
    /// The subject that does the least that could answer the question.
    pub(super) floor: String,
    /// Counted operations in a run.
    pub(super) operations: u64,
    /// The most that one operation may execute.
    pub(super) instructions: u64,
}

impl Bound {
    /// What to do about a count above the bound.
    pub(super) fn exceeded_by(&self, count: u64) -> String {
        format!(
            "`{}` executes {count} instructions for one operation, its bound is {}: make it cheaper, \
             or raise the bound in {FILE} and give the reason there",
            self.measure, self.instructions
        )
    }
}

/// Reads the table.
///
/// # Errors
///
/// The file is not there, or an entry lacks a field or a reason.
pub(super) fn read() -> Result<Vec<Bound>, Failure> {
    let text =
        fs::read_to_string(run::root().join(FILE)).map_err(Failure::io("read the bounds"))?;
    parse(&text)
}

fn parse(text: &str) -> Result<Vec<Bound>, Failure> {
    let table: Vec<Value> = serde_json::from_str(text)
        .map_err(|error| Failure::new(format!("{FILE} is not a JSON array: {error}")))?;
    table.iter().map(bound).collect()
}

fn bound(entry: &Value) -> Result<Bound, Failure> {
    let word = |name: &str| {
        let word = entry[name].as_str().filter(|word| !word.is_empty());
        word.map(str::to_owned).ok_or_else(|| lacks(entry, name))
    };
    let number = |name: &str| {
        let number = entry[name].as_u64().filter(|&number| number > 0);
        number.ok_or_else(|| lacks(entry, name))
    };
    word("reason")?;
    Ok(Bound {
        measure: word("measure")?,
        floor: word("floor")?,
        operations: number("operations")?,
        instructions: number("instructions")?,
    })
}

fn lacks(entry: &Value, field: &str) -> Failure {
    Failure::new(format!("{FILE}: this entry needs `{field}`: {entry}"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    const ENTRY: &str = r#"{"measure": "hit", "floor": "GET", "operations": 10, "instructions": 20, "reason": "why"}"#;

    #[test]
    fn an_entry_is_read() {
        let bounds = parse(&format!("[{ENTRY}]")).expect("a table");
        assert_eq!(
            (bounds[0].measure.as_str(), bounds[0].instructions),
            ("hit", 20)
        );
    }

    #[test]
    fn a_bound_needs_a_reason() {
        let error = parse(&format!("[{}]", ENTRY.replace("why", ""))).expect_err("no reason");
        assert!(error.to_string().contains("needs `reason`"), "{error}");
    }

    #[test]
    fn an_exceeded_bound_says_what_to_do() {
        let bounds = parse(&format!("[{ENTRY}]")).expect("a table");
        let words = bounds[0].exceeded_by(30);
        for part in ["`hit` executes 30", "bound is 20", "give the reason"] {
            assert!(words.contains(part), "{words}");
        }
    }
}
