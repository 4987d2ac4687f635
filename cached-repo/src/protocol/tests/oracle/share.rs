//! How much is invalidated for nothing.

use std::collections::BTreeMap;
use std::fmt;

/// Counts by what is read, and by how many edges lead to it from the nearest write.
#[derive(Debug, Default)]
pub(super) struct Shares(BTreeMap<Class, Count>);

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Class {
    /// Whether some statements of the schema name no keys.
    is_vague: bool,
    kind: Kind,
    depth: Depth,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Row,
    Collection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Depth {
    Edges(usize),
    /// No edges lead there.
    Unreached,
}

/// Entries after writes.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    all: usize,
    affected: usize,
    invalidated: usize,
}

impl Shares {
    pub(super) fn count(
        &mut self,
        (is_vague, is_row): (bool, bool),
        depth: Option<usize>,
        (affected, invalidated): (bool, bool),
    ) {
        let kind = if is_row { Kind::Row } else { Kind::Collection };
        let depth = depth.map_or(Depth::Unreached, |depth| Depth::Edges(depth.min(3)));
        let class = Class {
            is_vague,
            kind,
            depth,
        };
        let count = self.0.entry(class).or_default();
        count.all += 1;
        count.affected += usize::from(affected);
        count.invalidated += usize::from(invalidated);
    }

    /// A run that affects nothing, or where everything goes, says nothing.
    pub(super) fn assert_meaning(&self) {
        for depth in (0..=3).map(Depth::Edges) {
            let of_depth = self.0.iter().filter(|(class, _)| class.depth == depth);
            let counts: Vec<&Count> = of_depth.map(|(_, count)| count).collect();
            let affects = counts.iter().any(|count| count.affected > 0);
            let spares = counts.iter().any(|count| count.invalidated < count.all);
            assert!(affects && spares, "{depth:?} {counts:?}");
        }
        for (class, count) in &self.0 {
            let is_reached = class.depth != Depth::Unreached;
            assert!(
                is_reached || count.invalidated == 0,
                "no edge leads to {class:?}"
            );
        }
    }
}

impl Count {
    /// Of what is invalidated, the part that shows the same as before.
    fn needless(&self) -> f64 {
        let needless = self.invalidated - self.affected;
        needless as f64 / self.invalidated.max(1) as f64
    }
}

impl fmt::Display for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "writes  what        depth      entries  affected  invalidated  needless"
        )?;
        for (class, count) in &self.0 {
            let writes = if class.is_vague { "vague" } else { "by key" };
            let kind = match class.kind {
                Kind::Row => "row",
                Kind::Collection => "collection",
            };
            let depth = match class.depth {
                Depth::Edges(3) => "3 or more".to_owned(),
                Depth::Edges(edges) => edges.to_string(),
                Depth::Unreached => "unreached".to_owned(),
            };
            let (all, affected, gone) = (count.all, count.affected, count.invalidated);
            let needless = 100.0 * count.needless();
            writeln!(
                f,
                "{writes:<6}  {kind:<10}  {depth:<9}  {all:>7}  {affected:>8}  {gone:>11}  {needless:>7.1}%"
            )?;
        }
        Ok(())
    }
}
