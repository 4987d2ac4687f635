//! From a view to the tables behind it, through the views that it reads. Pure.

use super::{Veil, View, Views};
use crate::database::rows::cure;
use crate::sql::{TableName, Varying};
use std::collections::HashSet;

/// What stands behind a view, all of the views between included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Behind {
    /// Tables, and the view that reads each. Of a partition, the whole table is there as well.
    pub(crate) tables: Vec<BaseTable>,
    /// A materialized view: what it shows is of the moment of its refresh.
    pub(crate) stored: Option<String>,
    /// What materialized views are made of. Writes to these change nothing.
    pub(crate) beneath: Vec<TableName>,
    /// What makes it answer differently each time, and the view that says so.
    pub(crate) varies_by: Option<(Varying, String)>,
    /// Why not all is known.
    pub(crate) obstacle: Option<Obstacle>,
}

/// A table behind a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseTable {
    pub(crate) table: TableName,
    /// Whether it may be no table of the schema: a partition, or the name of an expression.
    pub(crate) optional: bool,
    /// The view that reads it.
    pub(crate) view: String,
}

/// Why it cannot be told what a view reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Obstacle {
    /// Which view.
    pub(crate) view: String,
    /// What to do, if the database hides its definition; `None` if the definition is not understood.
    pub(crate) cure: Option<String>,
}

impl Views {
    /// What stands behind the views that this name may mean; `None` if there is none.
    pub(crate) fn behind(&self, table: &TableName) -> Option<Behind> {
        let mut open: Vec<usize> = self.named(table).collect();
        if open.is_empty() {
            return None;
        }
        let mut seen: HashSet<usize> = open.iter().copied().collect();
        let mut behind = Behind::default();
        while let Some(number) = open.pop() {
            let view = &self.list[number];
            behind.note(view);
            let bases = view.reads.iter().flatten();
            if view.stored {
                behind.beneath.extend(bases.map(|base| base.table.clone()));
                continue;
            }
            for base in bases {
                let before = seen.len();
                let further = self.named(&base.table).filter(|it| seen.insert(*it));
                open.extend(further);
                let is_view = seen.len() > before || self.has(&base.table);
                if !is_view {
                    behind.tables.push(BaseTable {
                        table: base.table.clone(),
                        optional: base.optional,
                        view: view.name.to_string(),
                    });
                }
            }
        }
        Some(behind)
    }
}

impl Behind {
    /// What one view says of itself.
    fn note(&mut self, view: &View) {
        let name = || view.name.to_string();
        if view.stored && self.stored.is_none() {
            self.stored = Some(name());
        }
        if let Some(what) = &view.varies_by
            && (self.varies_by.as_ref()).is_none_or(|(known, _)| what.nature > known.nature)
        {
            self.varies_by = Some((what.clone(), name()));
        }
        if let (Err(veil), None) = (&view.reads, &self.obstacle) {
            self.obstacle = Some(Obstacle {
                view: name(),
                cure: match veil {
                    Veil::Hidden => Some(cure("SHOW VIEW", &view.name.schema)),
                    Veil::Unclear => None,
                },
            });
        }
    }
}
