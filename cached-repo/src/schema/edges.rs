//! The edges of a schema, from both of their ends.

use super::entity::SchemaMember;
use super::info::{ALL_FIELDS, Entity, FieldSet, set};
use super::meta::EdgeMeta;

/// A write to `parent` invalidates what is cached of `dependent`.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) parent: u16,
    pub(crate) dependent: u16,
    /// Fields of the dependent.
    pub(crate) via: Vec<usize>,
    /// Fields of the parent that `via` holds, pairwise.
    pub(crate) references: Vec<usize>,
    /// Fields of the parent whose change counts.
    pub(crate) on: FieldSet,
    pub(crate) cascade: bool,
}

/// Collects the edges that the members declare; what is wrong with them goes into `problems`.
pub(crate) fn edges(
    members: &[SchemaMember],
    entities: &[Entity],
    problems: &mut Vec<String>,
) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    for (number, member) in members.iter().enumerate() {
        let outward = member.meta.dependents.iter().zip(member.out);
        let inward = member.meta.depends_on.iter().zip(member.inward);
        let ends = outward
            .map(|(edge, other)| (edge, number, *other))
            .chain(inward.map(|(edge, other)| (edge, *other, number)));
        for (meta, parent, dependent) in ends {
            let Some(edge) = resolve(meta, parent, dependent, entities, problems) else {
                continue;
            };
            edges.push(edge);
        }
    }
    edges
}

fn resolve(
    meta: &EdgeMeta,
    parent: usize,
    dependent: usize,
    entities: &[Entity],
    problems: &mut Vec<String>,
) -> Option<Edge> {
    let at = format!("{}:{}", meta.file, meta.line);
    let before = problems.len();
    let mut fields = |entity: &Entity, names: &[&str]| -> Vec<usize> {
        let found = names.iter().map(|name| {
            entity.field(name).unwrap_or_else(|| {
                let path = entity.meta.ident.path;
                problems.push(format!("{at}: `{path}` has no column `{name}`"));
                0
            })
        });
        found.collect()
    };
    let via = fields(&entities[dependent], meta.via);
    let mut references = fields(&entities[parent], meta.references);
    let on = fields(&entities[parent], meta.on);
    if references.is_empty() {
        references.clone_from(&entities[parent].key);
    }
    if problems.len() == before && via.len() != references.len() {
        problems.push(format!(
            "{at}: `via` names {} column(s), but `{}` is keyed by {}",
            via.len(),
            entities[parent].prefix(),
            references.len()
        ));
    }
    (problems.len() == before).then(|| Edge {
        parent: parent as u16,
        dependent: dependent as u16,
        via,
        references,
        on: if on.is_empty() { ALL_FIELDS } else { set(&on) },
        cascade: meta.cascade,
    })
}
