//! Which edges lead from a write to what it invalidates.
//!
//! The plan of a schema says what a write reaches, and has forgotten why. The ways are searched anew, by the same rules as in
//! `schema::graph::walk`; a test holds the two together.

use crate::schema::graph::{Edge, Tables};
use crate::schema::{FieldSet, Reach, Step};
use std::collections::{BTreeMap, HashSet, VecDeque};

/// Edges that follow each other, by their positions among all edges.
type Way = Vec<usize>;

/// What a way does to the entity that it ends at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum End {
    /// Entries of known rows go.
    Rows,
    /// All entries go.
    All,
    /// The database changes rows, or deletes them.
    Written,
}

/// The ways of one write.
#[derive(Debug)]
pub(super) struct Search<'a> {
    tables: &'a Tables,
    /// The steps of the plan that the write takes, each reach of an entity once.
    pub(super) fired: Vec<Step>,
    /// What the database may do to rows of each entity after writes to the written one, as writes to them.
    effects: Vec<FieldSet>,
    /// Ways to what a step names row by row, by the position of the step.
    exact: BTreeMap<usize, Vec<Way>>,
    /// Ways to all entries of an entity, one for each last edge.
    all: BTreeMap<u16, BTreeMap<usize, Way>>,
    /// Ways that need no step of their own, because all entries of the entity go; or that are more than are followed row by
    /// row, so that they go.
    absorbed: BTreeMap<u16, BTreeMap<usize, Way>>,
    seen: HashSet<(u16, End)>,
    queue: VecDeque<(u16, End, Way)>,
}

impl<'a> Search<'a> {
    /// The ways of a write of this kind to a member.
    pub(super) fn of(tables: &'a Tables, member: usize, kind: FieldSet) -> Self {
        let mut search = Self {
            tables,
            fired: fired(tables.steps[member], kind),
            effects: effects(tables, member),
            exact: BTreeMap::new(),
            all: BTreeMap::new(),
            absorbed: BTreeMap::new(),
            seen: HashSet::new(),
            queue: VecDeque::new(),
        };
        for (at, edge) in search.out(member) {
            if edge.on & kind != 0 {
                search.begin(at, edge);
            }
        }
        while let Some((member, end, way)) = search.queue.pop_front() {
            search.go_on(member, end, &way);
        }
        search
    }

    /// The ways by which the write comes to take a step.
    pub(super) fn ways(&self, step: &Step) -> impl Iterator<Item = &Way> {
        let at = self.fired.iter().position(|fired| fired == step);
        let exact = at.and_then(|at| self.exact.get(&at));
        let is_whole = matches!(step.reach, Reach::Whole);
        let all = self
            .all
            .get(&step.entity)
            .or_else(|| self.absorbed.get(&step.entity));
        let all = all
            .filter(|_| is_whole)
            .into_iter()
            .flat_map(BTreeMap::values);
        exact.into_iter().flatten().chain(all)
    }

    fn out(&self, member: usize) -> impl Iterator<Item = (usize, &'a Edge)> + use<'a> {
        let edges = self.tables.edges.iter().enumerate();
        edges.filter(move |(_, edge)| usize::from(edge.parent) == member)
    }

    /// A direct edge.
    fn begin(&mut self, at: usize, edge: &Edge) {
        let way = vec![at];
        let step = self.fired.iter().position(|step| {
            let from = edge.from;
            let number = edge.partition;
            step.entity == edge.dependent && step.reach == Reach::Partition { number, from }
        });
        match step {
            _ if !edge.is_exact() => self.reach_all(edge.dependent, &way),
            Some(step) => self.exact.entry(step).or_default().push(way.clone()),
            None => self.absorb(edge.dependent, &way),
        }
        if edge.is_declared() {
            self.chains(edge.dependent, &way);
            self.visit(edge.dependent, End::Rows, way);
        } else {
            self.visit(edge.dependent, End::Written, way);
        }
    }

    /// Edges that are followed row by row behind a way that is.
    fn chains(&mut self, member: u16, way: &Way) {
        for (at, edge) in self.out(usize::from(member)) {
            if !edge.cascade || edge.lookup == 0 {
                continue;
            }
            let way = longer(way, at);
            let step = self.fired.iter().position(
                |step| matches!(&step.reach, Reach::Found(chain) if chain.iter().eq(way.iter().copied())),
            );
            if let Some(step) = step {
                self.exact.entry(step).or_default().push(way.clone());
                self.chains(edge.dependent, &way);
                self.visit(edge.dependent, End::Rows, way);
            } else {
                self.absorb(edge.dependent, &way);
            }
        }
    }

    /// All edges from an entity that was reached.
    fn go_on(&mut self, member: u16, end: End, way: &Way) {
        for (at, edge) in self.out(usize::from(member)) {
            let changed = end == End::Written && self.effects[usize::from(member)] & edge.on != 0;
            // What leads into the parent goes on, whatever columns the edge counts: the program has not written the parent.
            let cascades = edge.cascade && (end != End::Rows || edge.lookup == 0);
            if !changed && !cascades {
                continue;
            }
            let way = longer(way, at);
            self.reach_all(edge.dependent, &way);
            if !edge.is_declared() {
                self.visit(edge.dependent, End::Written, way);
            }
        }
    }

    fn reach_all(&mut self, entity: u16, way: &Way) {
        note(&mut self.all, entity, way);
        self.visit(entity, End::All, way.clone());
    }

    fn absorb(&mut self, entity: u16, way: &Way) {
        note(&mut self.absorbed, entity, way);
        self.visit(entity, End::All, way.clone());
    }

    fn visit(&mut self, entity: u16, end: End, way: Way) {
        if self.seen.insert((entity, end)) {
            self.queue.push_back((entity, end, way));
        }
    }
}

/// Several edges by the same columns may have a step each.
fn fired(steps: &[Step], kind: FieldSet) -> Vec<Step> {
    let mut fired: Vec<Step> = Vec::new();
    for step in steps.iter().filter(|step| step.on & kind != 0) {
        let same = |other: &Step| (other.entity, other.reach) == (step.entity, step.reach);
        if !fired.iter().any(same) {
            fired.push(*step);
        }
    }
    fired
}

/// Keeps the first way over each last edge.
fn note(ways: &mut BTreeMap<u16, BTreeMap<usize, Way>>, entity: u16, way: &Way) {
    if let Some(last) = way.last() {
        let known = ways.entry(entity).or_default();
        known.entry(*last).or_insert_with(|| way.clone());
    }
}

fn longer(way: &Way, edge: usize) -> Way {
    let mut longer = way.clone();
    longer.push(edge);
    longer
}

/// What the database may do to rows of each entity after any write to `member`. The plan knows no better: it does not tell
/// apart which write had which effect.
fn effects(tables: &Tables, member: usize) -> Vec<FieldSet> {
    let mut effects = vec![0; tables.metas.len()];
    loop {
        let before = effects.clone();
        for edge in tables.edges {
            let parent = usize::from(edge.parent);
            if parent == member || effects[parent] & edge.on != 0 {
                effects[usize::from(edge.dependent)] |= edge.effect();
            }
        }
        if effects == before {
            return effects;
        }
    }
}

#[cfg(test)]
mod tests;
