//! Random schemas, kept twice: as the oracle understands them, and as the library does.

use super::database::{Cell, VALUES};
use crate::schema::testing::draft::{Draft, edge, lookup, names, relation, variants};
use crate::schema::{Action, EdgeMeta, RelationMeta, Schema};
use fastrand::Rng;

/// A random schema.
pub(super) struct World {
    /// Whether some statements name no keys, and set values that nobody knows.
    pub(super) is_vague: bool,
    pub(super) shapes: Vec<Shape>,
    pub(super) links: Vec<Link>,
    pub(super) schema: Schema,
}

/// One entity, its columns by their positions.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) columns: usize,
    pub(super) key: Vec<usize>,
    /// Whether the model shows which columns are the key.
    is_key_shown: bool,
    pub(super) defaults: Vec<Cell>,
    pub(super) uniques: Vec<Vec<usize>>,
    pub(super) indexes: Vec<Vec<usize>>,
}

/// Rows of `dependent` whose columns `via` hold what a row of `parent` has in its columns `from`.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) parent: usize,
    pub(super) dependent: usize,
    pub(super) via: Vec<usize>,
    pub(super) from: Vec<usize>,
    /// Whether the user names the columns of `from`.
    has_references: bool,
    /// For a declared edge, what is shown of the parent.
    pub(super) shown: Option<Shown>,
    pub(super) on_delete: Action,
    pub(super) on_update: Action,
}

/// What a dependent shows of a parent.
#[derive(Debug)]
pub(super) struct Shown {
    /// The columns of `on`; none stands for all.
    pub(super) on: Vec<usize>,
    /// And what the parent shows of others.
    pub(super) cascade: bool,
    lookup: u32,
}

impl World {
    pub(super) fn random(random: &mut Rng) -> Self {
        let count = random.usize(2..=8);
        let mut shapes: Vec<Shape> = (0..count).map(|_| Shape::random(random)).collect();
        let links = links(random, &shapes);
        for (at, shape) in shapes.iter_mut().enumerate() {
            let into = links.iter().filter(|link| link.dependent == at);
            let vias: Vec<&[usize]> = into.map(|link| &*link.via).collect();
            shape.uniques = lookups(random, shape.columns, &vias);
            shape.indexes = lookups(random, shape.columns, &vias);
        }
        let schema = draft(random, &shapes, &links).schema();
        Self {
            is_vague: random.u8(..3) == 0,
            shapes,
            links,
            schema,
        }
    }

    /// For each entity, how many edges lead to it from the nearest of these; `None` if none do.
    pub(super) fn depths(&self, written: &[usize]) -> Vec<Option<usize>> {
        let mut depths = vec![None; self.shapes.len()];
        let mut front = written.to_vec();
        for depth in 0.. {
            let (mut met, mut next) = (false, Vec::new());
            for entity in front.drain(..) {
                if depths[entity].is_none() {
                    (depths[entity], met) = (Some(depth), true);
                    let out = self.links.iter().filter(|link| link.parent == entity);
                    next.extend(out.map(|link| link.dependent));
                }
            }
            if !met {
                break;
            }
            front = next;
        }
        depths
    }
}

impl Shape {
    fn random(random: &mut Rng) -> Self {
        let columns = random.usize(2..=6);
        let (key, is_key_shown) = match random.u8(..8) {
            0 => (vec![0, 1], true),
            // SeaORM may order a key otherwise than the model.
            1 => (vec![1, 0], false),
            2 => (vec![0], false),
            _ => (vec![0], true),
        };
        let default = |at: usize, random: &mut Rng| match random.u8(..3) {
            0 if !key.contains(&at) => None,
            _ => Some(random.i64(0..VALUES)),
        };
        Self {
            columns,
            defaults: (0..columns).map(|at| default(at, random)).collect(),
            key,
            is_key_shown,
            uniques: Vec::new(),
            indexes: Vec::new(),
        }
    }

    fn add_to(&self, draft: &mut Draft, prefix: &str) {
        let star = |at: &usize| self.is_key_shown && self.key.contains(at);
        let field = |at: usize| if star(&at) { "*" } else { "" }.to_owned() + &name(at);
        let fields: Vec<String> = (0..self.columns).map(field).collect();
        let key_columns: fn() -> Vec<&'static str> = match *self.key {
            [0] => || vec!["id"],
            [0, 1] => || vec!["id", "c1"],
            _ => || vec!["c1", "id"],
        };
        let entity = draft.add_real(prefix, &fields.join(" "), key_columns);
        let lookups = |lists: &[Vec<usize>]| lists.iter().map(|list| lookup(&text(list))).collect();
        entity.uniques = lookups(&self.uniques);
        entity.indexes = lookups(&self.indexes);
    }
}

impl Link {
    fn random(
        random: &mut Rng,
        shapes: &[Shape],
        links: &[Self],
        (parent, dependent): (usize, usize),
        (may_cascade, actions): (bool, u8),
    ) -> Self {
        let (above, below) = (&shapes[parent], &shapes[dependent]);
        let has_references = random.u8(..5) == 0;
        let from = if has_references {
            let count = random.usize(1..=2);
            choose(random, above.columns, count)
        } else {
            above.key.clone()
        };
        let known = links.iter().filter(|link| link.dependent == dependent);
        let known: Vec<&[usize]> = known.map(|link| &*link.via).collect();
        let via = match random.choice(known) {
            Some(via) if via.len() == from.len() && random.bool() => via.to_vec(),
            _ => choose(random, below.columns, from.len()),
        };
        let mut action = |of: u8| match random.u8(..of) {
            at if at >= 3 * actions => Action::None,
            at if at % 3 == 0 => Action::Cascade,
            at if at % 3 == 1 => Action::SetDefault,
            // No database takes it where the column cannot be NULL.
            _ if via.iter().any(|at| below.key.contains(at)) => Action::Cascade,
            _ => Action::SetNull,
        };
        let (on_delete, on_update) = (action(12), action(24));
        let has_action = on_delete != Action::None || on_update != Action::None;
        let implied = has_action && random.u8(..3) == 0;
        let shown = (!implied).then(|| Shown::random(random, above.columns, may_cascade));
        Self {
            parent,
            dependent,
            via,
            from,
            has_references,
            shown,
            on_delete,
            on_update,
        }
    }

    /// Whether the compiler would refuse the second of the two.
    fn repeats(&self, other: &Self) -> bool {
        let ends = (self.parent, self.dependent) == (other.parent, other.dependent);
        let columns = self.via == other.via && self.from == other.from;
        ends && columns && self.shown.is_some() && other.shown.is_some()
    }

    fn add_to(&self, random: &mut Rng, draft: &mut Draft) {
        let (parent, dependent) = (prefix(self.parent), prefix(self.dependent));
        let (from, via) = (text(&self.from), text(&self.via));
        let Some(shown) = &self.shown else {
            let meta = RelationMeta {
                to: variants(if self.has_references { &from } else { "" }),
                on_delete: self.on_delete,
                on_update: self.on_update,
                ..relation("parent", &parent, &via)
            };
            let relations = &mut draft.of(&dependent).relations;
            return relations.get_or_insert_default().push(meta);
        };
        let meta = |other: &str| EdgeMeta {
            references: names(if self.has_references { &from } else { "" }),
            on: names(&text(&shown.on)),
            cascade: shown.cascade,
            lookup: shown.lookup,
            on_delete: self.on_delete,
            on_update: self.on_update,
            ..edge(other, &via)
        };
        if random.bool() {
            draft.declare(&parent, meta(&dependent));
        } else {
            draft.of(&dependent).depends_on.push(meta(&parent));
        }
    }
}

impl Shown {
    fn random(random: &mut Rng, columns: usize, may_cascade: bool) -> Self {
        let on = match random.u8(..3) {
            0 => {
                let count = random.usize(1..=2);
                choose(random, columns, count)
            }
            _ => Vec::new(),
        };
        let cascade = may_cascade && random.u8(..4) > 0;
        let lookup = if cascade { random.u32(..4) } else { 0 };
        Self {
            on,
            cascade,
            lookup,
        }
    }
}

/// Random links, each kind of them in some schemas.
fn links(random: &mut Rng, shapes: &[Shape]) -> Vec<Link> {
    // Edges cascade from left to right only, so that they make no circle.
    let mut line: Vec<usize> = (0..shapes.len()).collect();
    random.shuffle(&mut line);
    let last = line.len() - 1;
    let mut ends: Vec<(usize, usize)> = Vec::new();
    if random.bool() {
        ends.extend((0..last).map(|at| (at, at + 1)));
    }
    for _ in 0..random.usize(1..=last + 3) {
        let parent = random.usize(..=last);
        ends.push(match random.u8(..8) {
            0 => (parent, parent),
            _ => (parent, random.usize(..=last)),
        });
    }
    // Where the database acts, much goes as a whole: some schemas are to show what does not.
    let actions = random.u8(..=2);
    let mut links: Vec<Link> = Vec::new();
    for (left, right) in ends {
        let ends = (line[left], line[right]);
        let link = Link::random(random, shapes, &links, ends, (left < right, actions));
        if !links.iter().any(|other| other.repeats(&link)) {
            links.push(link);
        }
    }
    links
}

/// Up to two lookups; those by the columns of an edge are the ones with rules of their own.
fn lookups(random: &mut Rng, columns: usize, vias: &[&[usize]]) -> Vec<Vec<usize>> {
    let mut lookups: Vec<Vec<usize>> = Vec::new();
    for _ in 0..random.usize(..=2) {
        let lookup = match random.choice(vias) {
            Some(via) if random.bool() => via.to_vec(),
            _ => {
                let count = random.usize(1..=2);
                choose(random, columns, count)
            }
        };
        if !lookups.contains(&lookup) {
            lookups.push(lookup);
        }
    }
    lookups
}

/// So many different columns, in any order, or all if there are not so many.
fn choose(random: &mut Rng, columns: usize, count: usize) -> Vec<usize> {
    let mut all: Vec<usize> = (0..columns).collect();
    random.shuffle(&mut all);
    all.truncate(count);
    all
}

fn draft(random: &mut Rng, shapes: &[Shape], links: &[Link]) -> Draft {
    let mut draft = Draft::default();
    for (at, shape) in shapes.iter().enumerate() {
        shape.add_to(&mut draft, &prefix(at));
    }
    for link in links {
        link.add_to(random, &mut draft);
    }
    draft
}

fn prefix(entity: usize) -> String {
    format!("e{entity}")
}

fn name(column: usize) -> String {
    match column {
        0 => "id".to_owned(),
        at => format!("c{at}"),
    }
}

fn text(columns: &[usize]) -> String {
    let names: Vec<String> = columns.iter().map(|at| name(*at)).collect();
    names.join(" ")
}
