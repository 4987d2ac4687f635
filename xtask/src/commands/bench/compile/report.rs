//! Results, for people and for programs.

use std::time::Duration;

use serde_json::json;

use super::measure::Outcome;

/// Prints a table.
pub(super) fn print(outcomes: &[Outcome]) {
    println!("\n| measure | subject | user s | ratio to floor |");
    println!("|---|---|---:|---:|");
    for outcome in outcomes {
        let (name, floor) = (outcome.name(), outcome.floor());
        for (at, (variant, times)) in outcome.subjects.iter().enumerate() {
            let mark = if at == 0 { " (floor)" } else { "" };
            let (variant, time) = (variant.name(), median(times));
            println!(
                "| {name} | {variant}{mark} | {time:.2} | {:.3} |",
                time / floor
            );
        }
    }
}

/// The same as JSON, with all rounds.
pub(super) fn json(outcomes: &[Outcome]) -> String {
    let measures: Vec<_> = outcomes
        .iter()
        .map(|outcome| {
            let floor = outcome.floor();
            let subjects: Vec<_> = outcome
                .subjects
                .iter()
                .map(|(variant, times)| {
                    let time = median(times);
                    let rounds: Vec<f64> = times.iter().map(Duration::as_secs_f64).collect();
                    json!({
                        "name": variant.name(),
                        "user_s": time,
                        "ratio_to_floor": time / floor,
                        "rounds": rounds,
                    })
                })
                .collect();
            json!({
                "name": outcome.name(),
                "entities": outcome.entities,
                "format": outcome.format.name(),
                "floor": outcome.subjects.first().map(|(variant, _)| variant.name()),
                "subjects": subjects,
            })
        })
        .collect();
    format!("{:#}\n", json!({ "measures": measures }))
}

impl Outcome {
    fn name(&self) -> String {
        let (entities, format) = (self.entities, self.format.name());
        format!("{}, {entities} {format} entities", self.measure)
    }

    fn floor(&self) -> f64 {
        self.subjects
            .first()
            .map_or(f64::NAN, |(_, times)| median(times))
    }
}

/// In seconds.
fn median(times: &[Duration]) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    let middle = times.len() / 2;
    let upper = times.get(middle).map_or(f64::NAN, Duration::as_secs_f64);
    if times.len().is_multiple_of(2) && middle > 0 {
        return f64::midpoint(upper, times[middle - 1].as_secs_f64());
    }
    upper
}

#[cfg(test)]
mod tests {
    use super::median;
    use std::time::Duration;

    #[test]
    fn the_median_is_in_the_middle() {
        let of = |seconds: &[u64]| {
            median(
                &seconds
                    .iter()
                    .copied()
                    .map(Duration::from_secs)
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(of(&[7]), 7.0);
        assert_eq!(of(&[9, 1]), 5.0);
        assert_eq!(of(&[9, 1, 2]), 2.0);
    }
}
