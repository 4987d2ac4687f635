//! The plan says what a write reaches, the search by which ways: over random schemas they agree.

use super::*;
use crate::schema::testing::draft::{self, Draft, names};
use crate::schema::{Action, DELETED, EdgeMeta, INSERTED};
use fastrand::Rng;
use std::collections::BTreeSet;

const ENTITIES: [&str; 7] = ["t", "u", "v", "w", "x", "y", "z"];
const EDGES: usize = 16;

/// One of these that stand between bars.
fn one(rng: &mut Rng, of: &'static str) -> &'static str {
    rng.choice(of.split('|').collect::<Vec<_>>())
        .unwrap_or_default()
}

fn action(rng: &mut Rng) -> Action {
    let actions = [Action::Cascade, Action::SetNull, Action::SetDefault];
    let chosen = rng.choice(actions).filter(|_| rng.u8(..8) == 0);
    chosen.unwrap_or(Action::None)
}

fn edge(rng: &mut Rng, other: usize, may_cascade: bool) -> EdgeMeta {
    EdgeMeta {
        references: names(one(rng, "|||b")),
        on: names(one(rng, "|a|a b|c")),
        cascade: may_cascade && rng.u8(..4) > 0,
        lookup: if rng.u8(..4) > 0 { 100 } else { 0 },
        on_delete: action(rng),
        on_update: action(rng),
        ..draft::edge(ENTITIES[other], one(rng, "a|b|c"))
    }
}

fn random(rng: &mut Rng) -> &'static Tables {
    let mut draft = Draft::default();
    for prefix in ENTITIES {
        draft.add(prefix, "*id a b c");
    }
    // In a row they make chains that are longer than what is followed row by row.
    let in_a_row = rng.bool();
    for _ in 0..EDGES {
        let parent = rng.usize(..ENTITIES.len());
        let next = (parent + 1) % ENTITIES.len();
        let any = rng.usize(..ENTITIES.len());
        let dependent = if in_a_row { next } else { any };
        // Circles of edges that cascade do not compile.
        let may_cascade = parent < dependent;
        if rng.bool() {
            let edge = edge(rng, dependent, may_cascade);
            draft.declare(ENTITIES[parent], edge);
        } else {
            let edge = edge(rng, parent, may_cascade);
            draft.of(ENTITIES[dependent]).depends_on.push(edge);
        }
    }
    draft.tables()
}

/// Fails unless the way leads from a write of this kind to what the step reaches.
fn check(tables: &Tables, member: usize, kind: FieldSet, step: &Step, way: &[usize]) {
    let edges: Vec<_> = way.iter().map(|at| &tables.edges[*at]).collect();
    assert_eq!(
        usize::from(edges[0].parent),
        member,
        "it begins at what is written"
    );
    assert_ne!(edges[0].on & kind, 0, "the first edge counts such a write");
    assert_eq!(
        edges[edges.len() - 1].dependent,
        step.entity,
        "it ends at what is reached"
    );
    for pair in edges.windows(2) {
        assert_eq!(pair[0].dependent, pair[1].parent, "it hangs together");
        assert!(
            pair[1].cascade || !pair[0].is_declared(),
            "each edge is followed"
        );
    }
    match &step.reach {
        Reach::Partition { number, from } => {
            assert_eq!(
                (edges.len(), edges[0].partition, edges[0].from),
                (1, *number, *from)
            );
            assert!(edges[0].is_exact());
        }
        Reach::Found(chain) => {
            assert!(chain.iter().eq(way.iter().copied()));
            assert!(edges[1..].iter().all(|edge| edge.lookup > 0));
        }
        Reach::Whole => {}
    }
}

/// Compares what one write is said to do with its plan; counts the steps by their reach.
fn compare(tables: &Tables, member: usize, kind: FieldSet, seen: &mut [u32; 3]) {
    let search = Search::of(tables, member, kind);
    for step in &search.fired {
        seen[match step.reach {
            Reach::Partition { .. } => 0,
            Reach::Found(_) => 1,
            Reach::Whole => 2,
        }] += 1;
        assert!(search.ways(step).next().is_some(), "no way to {step:?}");
        for way in search.ways(step) {
            check(tables, member, kind, step, way);
        }
    }
    let all = search
        .fired
        .iter()
        .filter(|step| step.reach == Reach::Whole);
    let planned: BTreeSet<u16> = all.map(|step| step.entity).collect();
    let found = search.seen.iter().filter(|(_, end)| *end == End::All);
    let found: BTreeSet<u16> = found.map(|(entity, _)| *entity).collect();
    assert_eq!(found, planned, "entities that go as a whole");
}

#[test]
fn each_step_has_its_ways_and_each_way_its_step() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut rng = Rng::with_seed(seed);
    let mut seen = [0; 3];
    for round in 0..300 {
        let tables = random(&mut rng);
        for member in 0..ENTITIES.len() {
            for kind in [INSERTED, DELETED, 1, 2, 4, 8, 6, 14] {
                println!("round {round}, entity {member}, write {kind}");
                compare(tables, member, kind, &mut seen);
            }
        }
    }
    assert!(
        seen.iter().all(|count| *count > 1000),
        "too few of a kind: {seen:?}"
    );
}
