//! Results, for people and for programs.

use crate::harness::Outcome;
use serde_json::json;

/// Prints a table.
pub(crate) fn print(outcomes: &[Outcome]) {
    println!("| measure | subject | figure | unit | ratio to the first |");
    println!("|---|---|---:|---|---:|");
    for outcome in outcomes {
        let floor = outcome.floor();
        let (measure, unit) = (outcome.measure, outcome.unit);
        for (subject, figure) in &outcome.subjects {
            let ratio = figure / floor;
            println!("| {measure} | {subject} | {figure:.1} | {unit} | {ratio:.2} |");
        }
    }
}

/// The same as JSON.
pub(crate) fn json(outcomes: &[Outcome]) -> String {
    let measures: Vec<_> = outcomes
        .iter()
        .map(|outcome| {
            let floor = outcome.floor();
            let subjects: Vec<_> = outcome
                .subjects
                .iter()
                .map(|(name, figure)| {
                    let unit = outcome.unit;
                    json!({"name": name, unit: figure, "ratio_to_floor": figure / floor})
                })
                .collect();
            json!({
                "name": outcome.measure,
                "floor": outcome.subjects.first().map(|(name, _)| name),
                "subjects": subjects,
            })
        })
        .collect();
    format!("{:#}\n", json!({ "measures": measures }))
}

impl Outcome {
    fn floor(&self) -> f64 {
        self.subjects
            .first()
            .map_or(f64::NAN, |(_, figure)| *figure)
    }
}
