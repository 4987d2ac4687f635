//! The text of one generated entity.

use super::{Format, Variant};

/// Entities that are related to each other. SeaORM's dense format makes the
/// compiler walk along relations, from entity to entity: in groups of ten it
/// stays below the recursion limit that a crate has by default.
pub(super) const GROUP: usize = 10;

/// How far the dependents of an entity are from it: its group is a ring.
const DISTANCES: [usize; 3] = [1, 2, 4];

const DENSE_IMPORT: &str = "use cached_repo::CachedEntity;\n";

/// The compact format shows its relations by a derive of its own.
const COMPACT_IMPORT: &str = "use cached_repo::{CachedEntity, CachedRelation};\n";

/// One of the entities, called `e0`, `e1` and so on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entity {
    pub(super) number: usize,
    pub(super) format: Format,
    /// Lines of comment above everything else: one more shifts all lines.
    pub(super) comments: usize,
    /// Columns beyond those that all entities have.
    pub(super) columns: usize,
}

impl Entity {
    /// The file of this entity.
    pub(super) fn text(&self, variant: Variant) -> String {
        let comments = "// A line that edits add.\n".repeat(self.comments);
        let (import, derive, cached) = match (variant, self.format) {
            (Variant::Plain, _) => ("", "", String::new()),
            (_, Format::Dense) => (DENSE_IMPORT, ", CachedEntity", self.cached()),
            (_, Format::Compact) => (COMPACT_IMPORT, ", CachedEntity", self.cached()),
        };
        let (model, relations, below) = match self.format {
            Format::Dense => ("#[sea_orm::model]\n", self.relation_fields(), String::new()),
            Format::Compact => ("", String::new(), self.relation_enum(variant)),
        };
        let (number, columns) = (self.number, self.columns());
        format!(
            "{comments}//! Entity {number}.

{import}use sea_orm::entity::prelude::*;

{model}#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel{derive})]
#[sea_orm(table_name = \"e{number}\")]
{cached}pub struct Model {{
{columns}{relations}}}
{below}
impl ActiveModelBehavior for ActiveModel {{}}
"
        )
    }

    fn cached(&self) -> String {
        let number = self.number;
        let edges = self.dependents().into_iter().zip(0..);
        let edges = edges.map(|(to, position)| {
            let cascade = if self.cascades(to, position) {
                ", cascade"
            } else {
                ""
            };
            format!("        super::e{to}::Entity(via = e{number}_id{cascade}),\n")
        });
        format!(
            "#[cached(\n    prefix = \"e{number}\",\n    ttl = \"1h\",\n    dependents(\n{}    ),\n)]\n",
            edges.collect::<String>()
        )
    }

    /// One edge in three, unless it leads back: only then there is no circle.
    fn cascades(&self, to: usize, position: usize) -> bool {
        position == self.number % DISTANCES.len() && to > self.number
    }

    fn columns(&self) -> String {
        let mut text = String::from(
            "    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub email: String,
    pub status: i32,
    pub amount: i64,
    pub active: bool,
    pub note: Option<String>,
",
        );
        for parent in self.parents() {
            text += &format!("    pub e{parent}_id: i64,\n");
        }
        for column in 0..self.columns {
            text += &format!("    pub extra{column}: i64,\n");
        }
        text
    }

    fn relation_fields(&self) -> String {
        let parents = self.parents().map(|parent| {
            format!(
                "    #[sea_orm(belongs_to, from = \"e{parent}_id\", to = \"id\")]
    pub e{parent}: BelongsTo<super::e{parent}::Entity>,\n"
            )
        });
        let dependents = self.dependents().map(|dependent| {
            format!("    #[sea_orm(has_many)]\n    pub e{dependent}s: HasMany<super::e{dependent}::Entity>,\n")
        });
        parents.concat() + &dependents.concat()
    }

    fn relation_enum(&self, variant: Variant) -> String {
        let derive = if variant == Variant::Plain {
            ""
        } else {
            ", CachedRelation"
        };
        let parents = self.parents().map(|parent| {
            format!(
                "    #[sea_orm(
        belongs_to = \"super::e{parent}::Entity\",
        from = \"Column::E{parent}Id\",
        to = \"super::e{parent}::Column::Id\"
    )]
    E{parent},\n"
            )
        });
        let dependents = self.dependents().map(|dependent| {
            format!(
                "    #[sea_orm(has_many = \"super::e{dependent}::Entity\")]\n    E{dependent},\n"
            )
        });
        let others = self.parents().into_iter().chain(self.dependents());
        let related = others.map(|other| {
            format!(
                "
impl Related<super::e{other}::Entity> for Entity {{
    fn to() -> RelationDef {{
        Relation::E{other}.def()
    }}
}}\n"
            )
        });
        format!(
            "\n#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation{derive})]\npub enum Relation {{\n{}{}}}\n{}",
            parents.concat(),
            dependents.concat(),
            related.collect::<String>()
        )
    }

    fn parents(&self) -> [usize; 3] {
        DISTANCES.map(|distance| self.neighbor(GROUP - distance))
    }

    fn dependents(&self) -> [usize; 3] {
        DISTANCES.map(|distance| self.neighbor(distance))
    }

    fn neighbor(&self, distance: usize) -> usize {
        let place = self.number % GROUP;
        self.number - place + (place + distance) % GROUP
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, Variant};
    use super::{COMPACT_IMPORT, DENSE_IMPORT, Entity};

    fn entity(number: usize, format: Format) -> Entity {
        Entity {
            number,
            format,
            comments: 0,
            columns: 0,
        }
    }

    #[test]
    fn variants_differ_by_what_they_cache() {
        for format in Format::ALL {
            let plain = entity(12, format).text(Variant::Plain);
            let cached = entity(12, format).text(Variant::Derive);
            assert!(!plain.contains("ache"), "{plain}");
            let at = cached.find("#[cached(").unwrap();
            let end = cached.find("pub struct").unwrap();
            let without = format!("{}{}", &cached[..at], &cached[end..]);
            let without = without
                .replace(DENSE_IMPORT, "")
                .replace(COMPACT_IMPORT, "");
            let without = without.replace(", CachedEntity", "");
            assert_eq!(without.replace(", CachedRelation", ""), plain);
            assert_eq!(entity(12, format).text(Variant::Schema), cached);
        }
    }

    #[test]
    fn every_edge_leads_to_a_column() {
        for number in 10..20 {
            let parent = entity(number, Format::Dense);
            for dependent in parent.dependents() {
                let edge = format!("super::e{dependent}::Entity(via = e{number}_id");
                assert!(parent.cached().contains(&edge));
                let dependent = entity(dependent, Format::Dense);
                let column = format!("pub e{number}_id: i64,");
                assert!(dependent.columns().contains(&column));
            }
        }
    }

    #[test]
    fn cascades_never_lead_back() {
        let edges = (0..30).flat_map(|number| {
            let entity = entity(number, Format::Compact);
            let edges = entity.dependents().into_iter().zip(0..);
            let cascading = edges.filter(move |(to, position)| entity.cascades(*to, *position));
            cascading.map(move |(to, _)| (number, to))
        });
        let edges: Vec<_> = edges.collect();
        assert!(edges.len() > 20, "about one in three: {edges:?}");
        assert!(edges.iter().all(|(from, to)| from < to), "{edges:?}");
    }

    #[test]
    fn edits_shift_lines_and_add_columns() {
        let mut edited = entity(3, Format::Compact);
        let before = edited.text(Variant::Derive);
        edited.comments = 2;
        let shifted = edited.text(Variant::Derive);
        assert_eq!(shifted.lines().count(), before.lines().count() + 2);
        assert!(shifted.ends_with(&before));
        edited.columns = 1;
        let wider = edited.text(Variant::Derive);
        assert_eq!(wider.lines().count(), shifted.lines().count() + 1);
    }
}
