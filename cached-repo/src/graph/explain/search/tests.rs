//! The plan says what a write reaches, the search by which ways: over random schemas they agree.

use super::*;
use crate::schema::graph::{Graph, Index, Members, Plan, count_edges};
use crate::schema::testing::meta;
use crate::schema::{
    Action, DELETED, EdgeMeta, EntityIdent, EntityMeta, FieldMeta, INSERTED, Name, Place,
};
use fastrand::Rng;
use std::collections::BTreeSet;

const MEMBERS: usize = 7;
const EDGES: usize = 20;
/// More than such a schema has.
const STEPS: usize = 500;

const FIELDS: [&str; 4] = ["id", "a", "b", "c"];
const PREFIXES: [&str; MEMBERS] = ["t", "u", "v", "w", "x", "y", "z"];
const PLACE: Place = Place {
    file: "random.rs",
    line: 1,
};

/// What a random schema is made of; it lives as long as the test, like the statics that it stands for.
fn forever<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn fields() -> &'static [FieldMeta] {
    let field = |name| FieldMeta {
        name: Name::of(name),
        variant: Name::of(name),
        key: name == "id",
        column: || "",
    };
    forever(FIELDS.map(field))
}

fn ident(member: usize) -> EntityIdent {
    EntityIdent::new(PREFIXES[member], PREFIXES[member], "", PLACE)
}

fn some(rng: &mut Rng, names: &[&'static str]) -> &'static [Name] {
    let chosen = names.iter().filter(|_| rng.bool());
    forever(chosen.map(|name| Name::of(name)).collect::<Vec<_>>())
}

fn action(rng: &mut Rng) -> Action {
    let actions = [Action::Cascade, Action::SetNull, Action::SetDefault];
    let chosen = rng.choice(actions).filter(|_| rng.u8(..8) == 0);
    chosen.unwrap_or(Action::None)
}

/// An edge, and how many it becomes with what the database does.
fn edge(rng: &mut Rng, parent: usize, dependent: usize, other: usize) -> (EdgeMeta, usize) {
    let via = rng.choice(&FIELDS[1..]).expect("there are some");
    let references: &[Name] = match rng.u8(..4) {
        0 => forever([Name::of("b")]),
        _ => &[],
    };
    let (on_delete, on_update) = (action(rng), action(rng));
    let actions = [on_delete, on_update].into_iter();
    let edge = EdgeMeta {
        other: ident(other),
        via: forever([Name::of(via)]),
        references,
        on: some(rng, &FIELDS[1..]),
        // Circles of these do not compile.
        cascade: parent < dependent && rng.u8(..4) > 0,
        lookup: if rng.u8(..4) > 0 { 100 } else { 0 },
        on_delete,
        on_update,
        place: PLACE,
    };
    (
        edge,
        1 + actions.filter(|action| *action != Action::None).count(),
    )
}

/// The declarations of one entity, with the positions of the entities that they name.
#[derive(Default)]
struct Declared {
    dependents: Vec<EdgeMeta>,
    out: Vec<usize>,
    depends_on: Vec<EdgeMeta>,
    inward: Vec<usize>,
}

fn declared(rng: &mut Rng) -> [Declared; MEMBERS] {
    let mut all: [Declared; MEMBERS] = Default::default();
    let mut left = EDGES;
    // In a row they make chains that are longer than what is followed row by row.
    let in_a_row = rng.bool();
    while left > 0 {
        let (parent, mut dependent) = (rng.usize(..MEMBERS), rng.usize(..MEMBERS));
        if in_a_row {
            dependent = (parent + 1) % MEMBERS;
        }
        let outward = rng.bool();
        let (own, other) = if outward {
            (parent, dependent)
        } else {
            (dependent, parent)
        };
        let (edge, count) = edge(rng, parent, dependent, other);
        if count > left {
            continue;
        }
        left -= count;
        let own = &mut all[own];
        if outward {
            own.dependents.push(edge);
            own.out.push(other);
        } else {
            own.depends_on.push(edge);
            own.inward.push(other);
        }
    }
    all
}

fn random(rng: &mut Rng) -> Tables {
    let fields = fields();
    let mut metas: Vec<&'static EntityMeta> = Vec::new();
    let (mut out, mut inward) = ([&[][..]; MEMBERS], [&[][..]; MEMBERS]);
    for (member, declared) in declared(rng).into_iter().enumerate() {
        out[member] = &**forever(declared.out);
        inward[member] = &**forever(declared.inward);
        metas.push(forever(EntityMeta {
            dependents: forever(declared.dependents),
            depends_on: forever(declared.depends_on),
            ..meta(ident(member), fields)
        }));
    }
    let members = forever(Members {
        metas: metas.try_into().expect("one for each member"),
        out,
        inward,
        relations: [None; MEMBERS],
        related: &[],
        checked: false,
    });
    let index = Index::<16>::of(members);
    assert_eq!(count_edges(members, &index), EDGES);
    let graph = forever(Graph::<MEMBERS, EDGES>::of(members, &index));
    let plan = forever(Plan::<MEMBERS, STEPS>::of(graph, 0));
    let all = 0..MEMBERS;
    Tables {
        metas: &members.metas,
        relations: &members.relations,
        edges: graph.edges(),
        partitions: forever(
            all.clone()
                .map(|at| graph.partitions(at))
                .collect::<Vec<_>>(),
        ),
        steps: forever(all.map(|at| plan.steps(at)).collect::<Vec<_>>()),
    }
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
        for member in 0..MEMBERS {
            for kind in [INSERTED, DELETED, 1, 2, 4, 8, 6, 14] {
                println!("round {round}, entity {member}, write {kind}");
                compare(&tables, member, kind, &mut seen);
            }
        }
    }
    assert!(
        seen.iter().all(|count| *count > 1000),
        "too few of a kind: {seen:?}"
    );
}
