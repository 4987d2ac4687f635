//! Explores a model, and explains what it found.

use stateright::{Checker, Expectation, HasDiscoveries, Model, Path};
use std::fmt::Write;
use std::hash::Hash;

/// A model that explains its steps in words.
pub(super) trait Explain: Model {
    /// The step that is about to be taken.
    fn step(&self, before: &Self::State, action: &Self::Action) -> String;

    /// What the step has changed, a line for each thing.
    fn difference(&self, before: &Self::State, after: &Self::State) -> Vec<String>;
}

/// Explores everything. Every property must hold, and what should happen sometimes must happen.
pub(super) fn holds<M>(model: M)
where
    M: Explain + Send + Sync + 'static,
    M::State: Clone + PartialEq + Hash + Send + Sync + 'static,
    M::Action: Clone + PartialEq,
{
    let names: Vec<_> = model
        .properties()
        .into_iter()
        .map(|property| (property.name, property.expectation))
        .collect();
    let checker = model
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    println!(
        "{} states, {} steps deep",
        checker.unique_state_count(),
        checker.max_depth()
    );
    for (name, expectation) in names {
        let found = checker.discovery(name);
        match (expectation, found) {
            (Expectation::Sometimes, None) => panic!("the model is blind: never \"{name}\""),
            (Expectation::Always | Expectation::Eventually, Some(path)) => {
                panic!("not true: \"{name}\"\n{}", story(checker.model(), path));
            }
            _ => {}
        }
    }
}

/// Explores until the property is found to be broken.
pub(super) fn breaks<M>(model: M, property: &'static str)
where
    M: Explain + Send + Sync + 'static,
    M::State: Clone + PartialEq + Hash + Send + Sync + 'static,
    M::Action: Clone + PartialEq,
{
    let wanted = HasDiscoveries::AnyOf([property].into());
    let checker = model
        .checker()
        .threads(2)
        .finish_when(wanted)
        .spawn_bfs()
        .join();
    let states = checker.unique_state_count();
    match checker.discovery(property) {
        Some(path) => println!("{states} states\n{}", story(checker.model(), path)),
        None => panic!("the model does not notice: \"{property}\" holds in all {states} states"),
    }
}

/// A counterexample, step by step.
fn story<M: Explain>(model: &M, path: Path<M::State, M::Action>) -> String {
    let mut story = String::new();
    let mut before: Option<M::State> = None;
    let mut action: Option<M::Action> = None;
    for (world, next) in path.into_vec() {
        if let (Some(before), Some(action)) = (&before, &action) {
            // Writing into a String does not fail.
            let _ = writeln!(story, "- {}", model.step(before, action));
            for line in model.difference(before, &world) {
                let _ = writeln!(story, "    {line}");
            }
        }
        action = next;
        before = Some(world);
    }
    story
}
