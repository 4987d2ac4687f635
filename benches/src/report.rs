//! Results, for people and for programs.

use crate::harness::Outcome;
use serde_json::json;

/// Prints a table.
pub(crate) fn print(outcomes: &[Outcome]) {
    println!("| measure | subject | ns | ratio to floor |");
    println!("|---|---|---:|---:|");
    for outcome in outcomes {
        let floor = outcome.floor();
        for (at, (subject, ns)) in outcome.subjects.iter().enumerate() {
            let mark = if at == 0 { " (floor)" } else { "" };
            let measure = outcome.measure;
            println!(
                "| {measure} | {subject}{mark} | {ns:.1} | {:.2} |",
                ns / floor
            );
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
                .map(|(name, ns)| json!({"name": name, "ns": ns, "ratio_to_floor": ns / floor}))
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
        self.subjects.first().map_or(f64::NAN, |(_, ns)| *ns)
    }
}
