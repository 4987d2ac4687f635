//! An explanation, for people.

use super::{Consequence, Ignored, Own, Reach, Write, WriteExplanation};
use crate::graph::parts::Edge;
use std::fmt::{self, Display, Formatter};

impl Display for WriteExplanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} invalidates\n", self.title())?;
        let own: Vec<String> = self.own.iter().map(ToString::to_string).collect();
        writeln!(f, "  {}: {}", self.entity, own.join(", "))?;
        for consequence in &self.consequences {
            consequence.tell(f, self.entity)?;
        }
        if !self.ignored.is_empty() {
            f.write_str("\nand does not follow\n\n")?;
            for ignored in &self.ignored {
                ignored.tell(f)?;
            }
        }
        Ok(())
    }
}

impl WriteExplanation {
    fn title(&self) -> String {
        match &self.write {
            Write::Insert => format!("an insert into {}", self.entity),
            Write::Delete => format!("a delete from {}", self.entity),
            Write::Update(columns) if columns.is_empty() => {
                format!("an update of nothing in {}", self.entity)
            }
            Write::Update(columns) => {
                format!("an update of {} in {}", columns.join(", "), self.entity)
            }
        }
    }
}

impl Display for Own {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row => f.write_str("the row"),
            Self::Unique(name) | Self::Collection(name) => write!(f, "find_cached_by_{name}"),
            Self::Tag(template) => write!(f, "tag {template}"),
        }
    }
}

impl Consequence {
    fn tell(&self, f: &mut Formatter<'_>, written: &str) -> fmt::Result {
        write!(f, "  {}: ", self.entity)?;
        match &self.reach {
            Reach::Rows { via, references } => {
                let pairs = via.iter().zip(references);
                let pairs = pairs.map(|(via, of)| format!("{via} is the {written}'s {of}"));
                let pairs: Vec<_> = pairs.collect();
                write!(f, "rows whose {}", pairs.join(" and "))?;
            }
            Reach::Found { via } => {
                let via = via.join(", ");
                write!(
                    f,
                    "rows whose {via} is looked up; all entries, beyond the limit"
                )?;
            }
            Reach::All => f.write_str("all entries")?,
        }
        f.write_str("\n")?;
        for (number, way) in self.ways.iter().enumerate() {
            for (at, edge) in way.iter().enumerate() {
                f.write_str(if number > 0 && at == 0 {
                    "   or "
                } else {
                    "      "
                })?;
                step(f, edge)?;
                f.write_str("\n")?;
            }
        }
        Ok(())
    }
}

impl Ignored {
    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("  ")?;
        step(f, &self.edge)?;
        match self.counts.as_slice() {
            [] => f.write_str(": counts deletes only\n"),
            columns => writeln!(f, ": counts updates of {} only", columns.join(" or ")),
        }
    }
}

/// One edge, in one line.
fn step(f: &mut Formatter<'_>, edge: &Edge) -> fmt::Result {
    write!(
        f,
        "{} -> {} via {}",
        edge.parent,
        edge.dependent,
        edge.via.join(", ")
    )?;
    if !edge.on.is_empty() {
        write!(f, ", on {}", edge.on.join(", "))?;
    }
    if edge.cascade {
        f.write_str(", cascade")?;
    }
    if let Some(limit) = edge.lookup {
        write!(f, ", lookup {limit}")?;
    }
    write!(f, ", {} ({})", edge.reason, edge.place)
}
