//! Names of attributes, and what to say about a name in the wrong place.

use super::item::{Item, words};
use crate::ctxt::Ctxt;
use crate::suggest::hint;

/// Where `#[cached(..)]` may stand, and what it may say there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Struct,
    Field,
    Edge,
    Independent,
}

const ON_STRUCT: [&str; 16] = [
    "prefix",
    "ttl",
    "negative_ttl",
    "jitter",
    "stale_while_revalidate",
    "stale_if_error",
    "refresh_ahead",
    "early_refresh",
    "tags",
    "dependents",
    "depends_on",
    "independent",
    "relations",
    "consistency",
    "batch",
    "lists",
];
const ON_FIELD: [&str; 2] = ["index", "unique"];
const IN_EDGE: [&str; 7] = [
    "via",
    "references",
    "on",
    "cascade",
    "lookup",
    "on_delete",
    "on_update",
];
const IN_INDEPENDENT: [&str; 1] = ["via"];
/// Words of `#[sea_orm(..)]` that people try in `#[cached(..)]`.
const IN_SEA_ORM: [&str; 12] = [
    "table_name",
    "schema_name",
    "primary_key",
    "auto_increment",
    "column_name",
    "column_type",
    "enum_name",
    "ignore",
    "nullable",
    "has_one",
    "has_many",
    "belongs_to",
];

impl Place {
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Struct => &ON_STRUCT,
            Self::Field => &ON_FIELD,
            Self::Edge => &IN_EDGE,
            Self::Independent => &IN_INDEPENDENT,
        }
    }

    /// Reports a name that does not belong here.
    pub(super) fn reject(self, item: &Item, cx: &Ctxt) {
        let shown = words(&item.path);
        let Some(name) = item.name() else {
            cx.error(&item.path, self.path_found(item, &shown));
            return;
        };
        let known = |names: &[&str]| names.contains(&&*name);
        let message = if self != Self::Struct && known(&ON_STRUCT) {
            format!(
                "`{shown}` belongs on the struct: write `#[cached({})]` above `struct Model`",
                item.shown()
            )
        } else if self != Self::Field && known(&ON_FIELD) {
            format!("`{shown}` belongs on a field: write `#[cached({shown})]` above the column")
        } else if self == Self::Independent && known(&IN_EDGE) {
            format!("`{shown}` belongs in an edge; what is independent takes `via` alone")
        } else if self != Self::Edge && known(&IN_EDGE) {
            format!(
                "`{shown}` belongs in an edge: write `dependents(super::order::Entity(via = customer_id))`"
            )
        } else if known(&IN_SEA_ORM) {
            format!(
                "`{shown}` belongs to SeaORM: write `#[sea_orm({})]`",
                item.shown()
            )
        } else {
            self.unknown(&name, &shown)
        };
        cx.error(&item.path, message);
    }

    fn path_found(self, item: &Item, shown: &str) -> String {
        let edge = item.shown();
        match self {
            Self::Struct => format!(
                "an entity belongs in a list of edges: write `dependents({edge})` or `depends_on({edge})`"
            ),
            Self::Field => format!(
                "an entity belongs in a list of edges: write `#[cached(dependents({edge}))]` above `struct Model`"
            ),
            Self::Edge | Self::Independent => self.unknown(shown, shown),
        }
    }

    fn unknown(self, name: &str, shown: &str) -> String {
        let what = match self {
            Self::Struct | Self::Field => "attribute",
            Self::Edge => "edge option",
            Self::Independent => "option of `independent`",
        };
        format!("unknown {what} `{shown}`{}", hint(name, self.names()))
    }
}
