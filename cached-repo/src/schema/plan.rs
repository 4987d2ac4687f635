//! The invalidation plan: what a write to an entity invalidates beyond itself.

use super::edges::Edge;
use super::info::{Entity, FieldSet, set};

/// One consequence of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The entity whose entries are invalidated.
    pub(crate) entity: u16,
    pub(crate) reach: Reach,
    /// An update takes this step only if one of these fields of the written row changed.
    pub(crate) on: FieldSet,
}

/// Which entries a step reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Those whose columns of this partition hold the written row's values in `from`.
    Partition { number: u16, from: Vec<usize> },
    /// All of them: behind the first hop the rows are no function of the written row alone.
    Whole,
}

impl Step {
    /// Fields of the written row that the step reads.
    pub(crate) fn fields(&self) -> FieldSet {
        match &self.reach {
            Reach::Partition { from, .. } => set(from),
            Reach::Whole => 0,
        }
    }
}

/// The steps of a write to the entity `root`.
pub(crate) fn plan(root: usize, edges: &[Edge], entities: &[Entity]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    // Fields whose change reaches an entity, united over all paths: with the first path alone a diamond of edges with
    // different `on` filters would miss invalidations.
    let mut reached: Vec<FieldSet> = vec![0; entities.len()];
    let mut whole: Vec<FieldSet> = vec![0; entities.len()];
    let mut queue: Vec<usize> = Vec::new();
    for edge in edges.iter().filter(|edge| usize::from(edge.parent) == root) {
        let dependent = usize::from(edge.dependent);
        let number = entities[dependent]
            .partitions
            .iter()
            .position(|known| known.fields == edge.via);
        // The value that the edge points at may change although it is not among the fields of `on`.
        let on = edge.on | set(&edge.references);
        steps.push(Step {
            entity: edge.dependent,
            reach: Reach::Partition {
                number: number.unwrap_or_default() as u16,
                from: edge.references.clone(),
            },
            on,
        });
        reached[dependent] |= on;
        queue.push(dependent);
    }
    while let Some(here) = queue.pop() {
        let cascades = edges
            .iter()
            .filter(|edge| edge.cascade && usize::from(edge.parent) == here);
        for edge in cascades {
            let next = usize::from(edge.dependent);
            // The parent was not written itself, so no column of it is known to be unchanged: `on` does not apply.
            if whole[next] | reached[here] != whole[next] {
                whole[next] |= reached[here];
                reached[next] |= reached[here];
                queue.push(next);
            }
        }
    }
    for (entity, on) in (0..).zip(whole) {
        if on != 0 {
            steps.retain(|step| step.entity != entity || step.on & !on != 0);
            steps.push(Step {
                entity,
                reach: Reach::Whole,
                on,
            });
        }
    }
    steps
}
