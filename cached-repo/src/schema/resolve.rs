//! Makes the schema that the engine works with of what the derives say.

use super::checks::check;
use super::entity::CacheSchema;
use super::info::{Entity, Schema};
use crate::error::{Error, ErrorKind};
use std::collections::HashMap;

impl Schema {
    /// Resolves the schema `S`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] with one line for each mistake.
    pub(crate) fn of<S: CacheSchema>(namespace: &str) -> Result<Self, Error> {
        let graph = S::tables();
        let mut problems = Vec::new();
        let rows = S::rows();
        let mut entities: Vec<Entity> = (graph.metas.iter().zip(rows))
            .map(|(meta, rows)| Entity::of(meta, *rows, &mut problems))
            .collect();
        for (number, entity) in entities.iter_mut().enumerate() {
            entity.connect(graph.partitions[number], graph.steps[number], graph);
        }
        check(&entities, &mut problems);
        if !problems.is_empty() {
            let list = problems.join("\n  ");
            let message = format!("the cache schema `{}` is wrong:\n  {list}", S::NAME);
            return Err(Error::new(ErrorKind::Configuration, message));
        }
        let mut by_table: HashMap<String, Vec<u16>> = HashMap::new();
        for (number, entity) in (0..).zip(&entities) {
            by_table
                .entry(entity.table.1.to_lowercase())
                .or_default()
                .push(number);
        }
        Ok(Self {
            namespace: namespace.to_owned(),
            searches: entities.iter().any(Entity::searches),
            entities,
            graph,
            by_table,
        })
    }
}
