//! The text of one generated entity.

use super::{Format, Variant};

/// Distances to the dependents of an entity, which stand in a ring.
const DISTANCES: [usize; 3] = [1, 7, 31];

/// Fewer entities would make one the parent and the dependent of another.
pub(super) const LEAST: usize = 64;

/// One of the entities, called `e0`, `e1` and so on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entity {
    pub(super) number: usize,
    /// How many entities there are.
    pub(super) of: usize,
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
        let (import, derive, cached) = if variant >= Variant::Derive {
            let import = "use cached_repo::CachedEntity;\n";
            (import, ", CachedEntity", self.cached())
        } else {
            ("", "", String::new())
        };
        let (model, relations, below) = match self.format {
            Format::Dense => ("#[sea_orm::model]\n", self.relation_fields(), String::new()),
            Format::Compact => ("", String::new(), self.relation_enum()),
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

    fn relation_enum(&self) -> String {
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
            "\n#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]\npub enum Relation {{\n{}{}}}\n{}",
            parents.concat(),
            dependents.concat(),
            related.collect::<String>()
        )
    }

    fn parents(&self) -> [usize; 3] {
        DISTANCES.map(|distance| (self.number + self.of - distance) % self.of)
    }

    fn dependents(&self) -> [usize; 3] {
        DISTANCES.map(|distance| (self.number + distance) % self.of)
    }
}
