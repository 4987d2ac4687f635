//! Schemas that tests write down while they run: the functions of the graph are the same then.

use super::super::graph::{Graph, Index, Members, Plan, Tables, count_edges, count_steps};
use super::super::*;
use super::rows;
use std::cell::Cell;

/// Room for the edges of a draft.
pub(crate) const EDGES: usize = 96;

/// Room for the steps of a draft.
const STEPS: usize = 512;

/// Slots of the index of members.
pub(crate) const SLOTS: usize = 32;

/// A schema that is being written down. What it hands out is leaked: constants have no end either.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    entities: Vec<EntityDraft>,
    related: Vec<(usize, usize)>,
    /// Whether relations must be settled.
    pub(crate) is_checked: bool,
}

/// One entity of a draft.
#[derive(Debug)]
pub(crate) struct EntityDraft {
    pub(crate) ident: EntityIdent,
    fields: &'static [FieldMeta],
    rows: RowTable,
    pub(crate) uniques: Vec<LookupMeta>,
    pub(crate) indexes: Vec<LookupMeta>,
    pub(crate) dependents: Vec<EdgeMeta>,
    pub(crate) depends_on: Vec<EdgeMeta>,
    pub(crate) independent: Vec<IndependentMeta>,
    /// `None` if the format hides them.
    pub(crate) relations: Option<Vec<RelationMeta>>,
    /// Whether its relations must be settled.
    pub(crate) is_checked: bool,
}

/// The identity of the entity with this prefix; its table is called `prefix` and an `s`.
pub(crate) fn ident(prefix: &str) -> EntityIdent {
    let path = text_of(&format!("shop::{prefix}::Entity"));
    let table = text_of(&format!("{prefix}s"));
    EntityIdent::new(path, text_of(prefix), table, line(1))
}

/// A place in the source of the draft.
pub(crate) const fn line(line: u32) -> Place {
    Place {
        file: "shop.rs",
        line,
    }
}

/// Names with blanks between them.
pub(crate) fn names(text: &str) -> &'static [Name] {
    let names = text.split_whitespace();
    list(names.map(|name| Name::of(text_of(name))))
}

/// An edge to or from `other`; the rest is for the test to say.
pub(crate) fn edge(other: &str, via: &str) -> EdgeMeta {
    EdgeMeta {
        other: ident(other),
        via: names(via),
        references: &[],
        on: &[],
        cascade: false,
        lookup: 0,
        on_delete: Action::None,
        on_update: Action::None,
        place: line(1),
    }
}

/// The same names as variants of `Column`.
pub(crate) fn variants(text: &str) -> &'static [Name] {
    let names = text.split_whitespace();
    list(names.map(|name| Name::of(text_of(&variant(name)))))
}

/// A relation to the `id` of `other` by these fields; without any, the other one holds the key.
pub(crate) fn relation(name: &str, other: &str, from: &str) -> RelationMeta {
    RelationMeta {
        name: text_of(name),
        other: Some(ident(other)),
        written: text_of(&format!("super::{other}::Entity")),
        kind: if from.is_empty() {
            RelationKind::Has
        } else {
            RelationKind::BelongsTo
        },
        from: variants(from),
        to: variants(if from.is_empty() { "" } else { "id" }),
        on_delete: Action::None,
        on_update: Action::None,
        place: line(1),
    }
}

/// An entry of `independent(..)`.
pub(crate) fn independent(other: &str, via: &str) -> IndependentMeta {
    IndependentMeta {
        other: Some(ident(other)),
        via: names(via),
        place: line(1),
    }
}

/// A lookup by these fields.
pub(crate) fn lookup(fields: &str) -> LookupMeta {
    LookupMeta {
        name: text_of(&fields.replace(' ', "_")),
        fields: list(fields.split_whitespace().map(text_of)),
    }
}

impl Draft {
    /// Adds an entity with these fields; a star marks those of the primary key.
    pub(crate) fn add(&mut self, prefix: &str, fields: &str) -> &mut EntityDraft {
        let rows = rows(|| (None, String::new()), Vec::new, || vec!["id"]);
        self.entities.push(EntityDraft::new(prefix, fields, rows));
        self.last()
    }

    /// Adds the next of a few entities whose tables and columns exist at run time: `id`, `c1`, `c2` and so on.
    pub(crate) fn add_real(
        &mut self,
        prefix: &str,
        fields: &str,
        key_columns: fn() -> Vec<&'static str>,
    ) -> &mut EntityDraft {
        let names = fields
            .split_whitespace()
            .map(|name| name.trim_start_matches('*'));
        let columns = COLUMNS[names.clone().count()];
        assert!(
            names.eq(columns()),
            "columns that exist at run time: {fields}"
        );
        let rows = rows(TABLES[self.entities.len()], columns, key_columns);
        self.entities.push(EntityDraft::new(prefix, fields, rows));
        self.last()
    }

    fn last(&mut self) -> &mut EntityDraft {
        self.entities.last_mut().expect("one was added")
    }

    /// The entity with this prefix.
    pub(crate) fn of(&mut self, prefix: &str) -> &mut EntityDraft {
        let at = self.position(prefix);
        &mut self.entities[at]
    }

    /// Adds an edge from this entity.
    pub(crate) fn declare(&mut self, parent: &str, edge: EdgeMeta) {
        self.of(parent).dependents.push(edge);
    }

    fn position(&self, prefix: &str) -> usize {
        let mut entities = self.entities.iter();
        let found = entities.position(|entity| entity.ident.prefix == prefix);
        found.unwrap_or_else(|| panic!("no entity `{prefix}`"))
    }

    /// Says that SeaORM relates two entities.
    pub(crate) fn relate(&mut self, one: &str, other: &str) {
        let pair = (self.position(one), self.position(other));
        self.related.push(pair);
    }

    /// The members, as `cached_schema!` writes them.
    pub(crate) fn members<const N: usize>(self) -> &'static Members<N> {
        assert_eq!(self.entities.len(), N, "as many members as entities");
        let ids: Vec<u64> = (self.entities.iter().map(|entity| entity.ident.id)).collect();
        let targets = |edges: &[EdgeMeta]| -> &'static [usize] {
            let target = |edge: &EdgeMeta| ids.iter().position(|id| *id == edge.other.id);
            list(edges.iter().map(|edge| target(edge).expect("a member")))
        };
        let (out, inward): (Vec<_>, Vec<_>) = (self.entities.iter())
            .map(|entity| (targets(&entity.dependents), targets(&entity.depends_on)))
            .unzip();
        let mut related = vec![[false; N]; if self.related.is_empty() { 0 } else { N }];
        for (one, other) in &self.related {
            related[*one][*other] = true;
        }
        let (metas, relations): (Vec<_>, Vec<_>) =
            (self.entities.into_iter()).map(EntityDraft::finish).unzip();
        leak(Members {
            metas: std::array::from_fn(|at| metas[at]),
            out: std::array::from_fn(|at| out[at]),
            inward: std::array::from_fn(|at| inward[at]),
            relations: std::array::from_fn(|at| relations[at]),
            related: list(related),
            checked: self.is_checked,
        })
    }

    /// The graph of members.
    pub(crate) fn graph<const N: usize>(members: &Members<N>) -> &'static Graph<N, EDGES> {
        let index = Index::<SLOTS>::of(members);
        assert!(count_edges(members, &index) <= EDGES, "room for all edges");
        leak(Graph::of(members, &index))
    }

    /// All of it, as a running program has it.
    pub(crate) fn tables(self) -> &'static Tables {
        match self.entities.len() {
            1 => self.tables_of::<1>(),
            2 => self.tables_of::<2>(),
            3 => self.tables_of::<3>(),
            4 => self.tables_of::<4>(),
            5 => self.tables_of::<5>(),
            6 => self.tables_of::<6>(),
            7 => self.tables_of::<7>(),
            8 => self.tables_of::<8>(),
            count => panic!("no room for {count} entities"),
        }
    }

    fn tables_of<const N: usize>(self) -> &'static Tables {
        let members = self.members::<N>();
        let graph = Self::graph(members);
        assert!(count_steps(graph, 0, N) <= STEPS, "room for all steps");
        let plan = Plan::<N, STEPS>::of(graph, 0);
        let edges = count_edges(members, &Index::<SLOTS>::of(members));
        leak(Tables {
            metas: &members.metas,
            relations: &members.relations,
            edges: graph.edges().split_at(edges).0,
            partitions: list((0..N).map(|at| graph.partitions(at))),
            steps: list((0..N).map(|at| list(plan.steps(at).iter().copied()))),
        })
    }

    /// The schema of entities that were all added by [`Self::add_real`].
    pub(crate) fn schema(self) -> Schema {
        let rows = list(self.entities.iter().map(|entity| entity.rows));
        CURRENT.set(Some((self.tables(), rows)));
        Schema::of::<Drafted>("cr").expect("the schema is right")
    }
}

impl EntityDraft {
    fn new(prefix: &str, fields: &str, rows: RowTable) -> Self {
        let field = |text: &str| {
            let name = text.trim_start_matches('*');
            FieldMeta {
                name: Name::of(text_of(name)),
                variant: Name::of(text_of(&variant(name))),
                key: text.starts_with('*'),
            }
        };
        Self {
            ident: ident(prefix),
            fields: list(fields.split_whitespace().map(field)),
            rows,
            uniques: Vec::new(),
            indexes: Vec::new(),
            dependents: Vec::new(),
            depends_on: Vec::new(),
            independent: Vec::new(),
            relations: None,
            is_checked: true,
        }
    }

    fn finish(self) -> (&'static EntityMeta, Option<&'static [RelationMeta]>) {
        let meta = EntityMeta {
            uniques: list(self.uniques),
            indexes: list(self.indexes),
            dependents: list(self.dependents),
            depends_on: list(self.depends_on),
            independent: list(self.independent),
            relations_checked: self.is_checked,
            ..super::meta(self.ident, self.fields)
        };
        (leak(meta), self.relations.map(list))
    }
}

/// The schema of the last draft of this thread: the trait has no room for one that is passed.
#[derive(Debug)]
struct Drafted;

type Current = (&'static Tables, &'static [RowTable]);

thread_local! {
    static CURRENT: Cell<Option<Current>> = const { Cell::new(None) };
}

impl CacheSchema for Drafted {
    const NAME: &'static str = "Drafted";
    const METAS: &'static [&'static EntityMeta] = &[];

    fn tables() -> &'static Tables {
        CURRENT.get().expect("a draft").0
    }

    fn rows() -> &'static [RowTable] {
        CURRENT.get().expect("a draft").1
    }
}

type Table = fn() -> (Option<String>, String);

const TABLES: [Table; 8] = [
    || (None, "t0".into()),
    || (None, "t1".into()),
    || (None, "t2".into()),
    || (None, "t3".into()),
    || (None, "t4".into()),
    || (None, "t5".into()),
    || (None, "t6".into()),
    || (None, "t7".into()),
];

/// Names of columns at run time.
const NAMES: [&str; 9] = ["id", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"];

/// The first so many of them.
const COLUMNS: [fn() -> Vec<&'static str>; 10] = [
    first::<0>, first::<1>, first::<2>, first::<3>, first::<4>, first::<5>, first::<6>, first::<7>,
    first::<8>, first::<9>,
];

fn first<const COUNT: usize>() -> Vec<&'static str> {
    NAMES[..COUNT].to_vec()
}

/// `user_id` as a variant of an enum: `UserId`.
fn variant(name: &str) -> String {
    let words = name.split('_');
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    words.map(capital).collect()
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn list<T>(values: impl IntoIterator<Item = T>) -> &'static [T] {
    values.into_iter().collect::<Vec<T>>().leak()
}

fn text_of(text: &str) -> &'static str {
    String::from(text).leak()
}
