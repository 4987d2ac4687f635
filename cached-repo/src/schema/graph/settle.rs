//! Relations must be settled, like the arms of a match: each is an edge, or named in `independent(..)`.

use super::super::meta::{IndependentMeta, Name, RelationKind, RelationMeta};
use super::build::Graph;
use super::columns::Columns;
use super::members::{Index, Members};
use super::text::Text;

/// A schema whose relations are looked at.
#[derive(Debug)]
struct View<'a, const N: usize, const E: usize, const M: usize> {
    members: &'a Members<N>,
    index: &'a Index<M>,
    graph: &'a Graph<N, E>,
}

/// Panics if the member at `at` has relations to members that are neither edges nor independent.
#[track_caller]
pub const fn assert_settled<const N: usize, const E: usize, const M: usize>(
    members: &Members<N>,
    index: &Index<M>,
    graph: &Graph<N, E>,
    at: usize,
) {
    let meta = members.metas[at];
    if !members.checked || !meta.relations_checked {
        return;
    }
    let view = View {
        members,
        index,
        graph,
    };
    let mut text = Text::new();
    match members.relations[at] {
        Some(relations) => view.listed(at, relations, &mut text),
        None if members.related.is_empty() => unseen(meta.ident.prefix),
        None => {}
    }
    if !members.related.is_empty() {
        view.probed(at, &mut text);
    }
    if text.is_empty() {
        return;
    }
    let mut message = Text::new();
    message
        .add("relations of `")
        .add(meta.ident.prefix)
        .add("` that are neither edges nor independent:")
        .add(text.as_str())
        .add("\n  in `#[cached(..)]` above the `struct Model` of `")
        .add(meta.ident.prefix)
        .add("`: an edge if what is cached of one must go when the other is written, else `independent`");
    panic!("{}", message.as_str());
}

#[track_caller]
const fn unseen(prefix: &str) {
    let mut text = Text::new();
    text.add("the format of `").add(prefix);
    text.add("` hides its relations, and to ask for all pairs of so many entities takes the compiler long; decide:");
    text.add("\n    derive `CachedRelation` beside `DeriveRelation` on its `enum Relation`");
    text.add(
        "\n    or write `#[cached(relations = checked)]` above the schema, to ask for all pairs",
    );
    text.add("\n    or write `#[cached(relations = unchecked)]` above its `struct Model`, to leave them unchecked");
    panic!("{}", text.as_str());
}

impl<const N: usize, const E: usize, const M: usize> View<'_, N, E, M> {
    /// Notes the unsettled ones of the relations that the format of the member shows.
    const fn listed(&self, here: usize, relations: &[RelationMeta], text: &mut Text) {
        let mut at = 0;
        while at < relations.len() {
            let relation = &relations[at];
            at += 1;
            let Some(there) = self.target(relation) else {
                continue;
            };
            if self.is_settled(here, there, relation) || self.is_told(here, there, relation) {
                continue;
            }
            text.add("\n    `").add(relation.name).add("` (");
            text.at(relation.place).add("): write `");
            match relation.kind {
                RelationKind::BelongsTo => {
                    text.add("depends_on(").add(relation.written).add("(");
                    self.names(here, relation.from, text);
                    text.add("))` or `independent(");
                }
                RelationKind::Has => {
                    text.add("dependents(").add(relation.written).add("(");
                    self.mirrored(here, there, text);
                    text.add("))` or `independent(");
                }
                RelationKind::ManyToMany => {
                    text.add("independent(").add(relation.written);
                    text.add(")`, or edges to the entity between the two from both of them");
                    continue;
                }
            }
            text.add(relation.written);
            // With an edge by other columns beside it, it must say which ones it means.
            if matches!(relation.kind, RelationKind::BelongsTo)
                && self.is_edge(there, here, &Columns::NONE)
            {
                text.add("(");
                self.names(here, relation.from, text);
                text.add(")");
            }
            text.add(")`");
        }
    }

    const fn target(&self, relation: &RelationMeta) -> Option<usize> {
        match &relation.other {
            Some(other) => match self.index.find(other.id) {
                Some(member) if self.is_known(member) => Some(member),
                _ => None,
            },
            None => None,
        }
    }

    /// Where the derive has reported an error it leaves everything out, also edges that would settle relations.
    const fn is_known(&self, member: usize) -> bool {
        !self.members.metas[member].fields.is_empty()
    }

    const fn is_settled(&self, here: usize, there: usize, relation: &RelationMeta) -> bool {
        let columns = match relation.kind {
            RelationKind::BelongsTo => {
                Columns::of_variants(relation.from, self.members.metas[here].fields)
            }
            RelationKind::Has | RelationKind::ManyToMany => Columns::NONE,
        };
        self.is_edge(there, here, &columns)
            || self.is_back_edge(here, there, &columns)
            || self.is_independent(here, there, here, &columns)
            || self.is_independent(there, here, here, &columns)
            || (matches!(relation.kind, RelationKind::ManyToMany) && self.meet(here, there))
    }

    /// Whether an edge from `parent` reaches `dependent` by these columns, or by any if there are none.
    const fn is_edge(&self, parent: usize, dependent: usize, via: &Columns) -> bool {
        let inward = self.graph.inward(dependent);
        let mut at = 0;
        while at < inward.len() {
            let edge = &self.graph.edges()[inward[at] as usize];
            at += 1;
            if edge.is_declared()
                && edge.parent as usize == parent
                && (via.is_empty() || edge.via.same(via))
            {
                return true;
            }
        }
        false
    }

    /// Whether an edge from `holder`, whose columns hold a key of `other`, reaches the row with that key.
    const fn is_back_edge(&self, holder: usize, other: usize, columns: &Columns) -> bool {
        let inward = self.graph.inward(other);
        let mut at = 0;
        while at < inward.len() {
            let edge = &self.graph.edges()[inward[at] as usize];
            at += 1;
            if edge.is_declared()
                && edge.parent as usize == holder
                && (columns.is_empty() || edge.from.same(columns))
            {
                return true;
            }
        }
        false
    }

    /// Whether `from` says that it is independent of `to`, in these columns of `holder`.
    const fn is_independent(
        &self,
        from: usize,
        to: usize,
        holder: usize,
        columns: &Columns,
    ) -> bool {
        let entries = self.members.metas[from].independent;
        let id = self.members.metas[to].ident.id;
        let mut at = 0;
        while at < entries.len() {
            let entry = &entries[at];
            at += 1;
            let same = match &entry.other {
                Some(other) => other.id == id,
                None => false,
            };
            if same && self.covers(entry, holder, columns) {
                return true;
            }
        }
        false
    }

    const fn covers(&self, entry: &IndependentMeta, holder: usize, columns: &Columns) -> bool {
        entry.via.is_empty()
            || columns.is_empty()
            || Columns::named(entry.via, self.members.metas[holder].fields).same(columns)
    }

    /// Whether edges lead from both to a third entity, which holds keys of both.
    const fn meet(&self, one: usize, other: usize) -> bool {
        let edges = self.graph.out(one);
        let mut at = 0;
        while at < edges.len() {
            let between = edges[at].dependent as usize;
            at += 1;
            if between != one && between != other && self.is_edge(other, between, &Columns::NONE) {
                return true;
            }
        }
        false
    }

    /// Whether the other side reports the relation: the one that stands first in the schema does, of an entity with itself the
    /// side that holds the key.
    const fn is_told(&self, here: usize, there: usize, relation: &RelationMeta) -> bool {
        let Some(relations) = self.members.relations[there] else {
            return false;
        };
        let first = there < here || (there == here && matches!(relation.kind, RelationKind::Has));
        if !first || !self.members.metas[there].relations_checked {
            return false;
        }
        let mut at = 0;
        while at < relations.len() {
            let other = &relations[at];
            at += 1;
            let mirrors = matches!(
                (relation.kind, other.kind),
                (RelationKind::Has, RelationKind::BelongsTo)
                    | (RelationKind::BelongsTo, RelationKind::Has)
                    | (RelationKind::ManyToMany, RelationKind::ManyToMany)
            );
            if mirrors
                && let Some(target) = self.target(other)
                && target == here
                && !self.is_settled(there, here, other)
            {
                return true;
            }
        }
        false
    }

    /// `via = ..`, as the other entity tells it by a relation of its own.
    const fn mirrored(&self, here: usize, there: usize, text: &mut Text) {
        if let Some(relations) = self.members.relations[there] {
            let mut at = 0;
            while at < relations.len() {
                let relation = &relations[at];
                at += 1;
                if matches!(relation.kind, RelationKind::BelongsTo)
                    && let Some(target) = self.target(relation)
                    && target == here
                {
                    self.names(there, relation.from, text);
                    return;
                }
            }
        }
        text.add("via = <its column that holds the key>");
    }

    /// `via = ..`, from variants of `Column` to fields.
    const fn names(&self, member: usize, variants: &[Name], text: &mut Text) {
        let fields = self.members.metas[member].fields;
        text.add(if variants.len() == 1 {
            "via = "
        } else {
            "via("
        });
        let mut at = 0;
        while at < variants.len() {
            text.add(if at > 0 { ", " } else { "" });
            let mut field = 0;
            while field < fields.len() && fields[field].variant.hash != variants[at].hash {
                field += 1;
            }
            text.add(if field < fields.len() {
                fields[field].name.text
            } else {
                variants[at].text
            });
            at += 1;
        }
        text.add(if variants.len() == 1 { "" } else { ")" });
    }

    /// Notes the unsettled members that SeaORM relates to this one, although neither side lists a relation with the other.
    const fn probed(&self, here: usize, text: &mut Text) {
        let mut there = 0;
        while there < N {
            let other = there;
            there += 1;
            let related = self.members.related[here][other] || self.members.related[other][here];
            // Of two, the first tells.
            let told = other < here && self.members.metas[other].relations_checked;
            // Beside an enum that lists relations, only one through a third entity is in no list.
            let many_to_many = self.members.relations[here].is_some();
            if !related
                || !self.is_known(other)
                || told
                || self.lists(here, other)
                || self.lists(other, here)
                || self.is_edge(here, other, &Columns::NONE)
                || self.is_edge(other, here, &Columns::NONE)
                || self.is_independent(here, other, here, &Columns::NONE)
                || self.is_independent(other, here, here, &Columns::NONE)
                || (many_to_many && self.meet(here, other))
            {
                continue;
            }
            let ident = &self.members.metas[other].ident;
            let from = self.members.metas[here].ident.path;
            text.add("\n    with `").add(ident.prefix).add("` (");
            text.at(ident.place).add("): write `dependents(");
            text.path(ident.path, from)
                .add("(via = ..))`, `depends_on(");
            text.path(ident.path, from)
                .add("(via = ..))` or `independent(");
            text.path(ident.path, from).add(")`");
        }
    }

    /// Whether the format of one member shows a relation with the other.
    const fn lists(&self, one: usize, other: usize) -> bool {
        let Some(relations) = self.members.relations[one] else {
            return false;
        };
        let mut at = 0;
        while at < relations.len() {
            if let Some(target) = self.target(&relations[at])
                && target == other
            {
                return true;
            }
            at += 1;
        }
        false
    }
}
