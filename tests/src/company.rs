//! A company: foreign keys that change rows by themselves, chains of edges, a junction, and a row that refers to its own table.

use crate::World;
use crate::over::{create_table, repo_over};
use cached_repo::{CachedRepo, cached_schema};

/// Firms, from which chains of edges begin.
pub mod firm {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A firm.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "firms")]
    #[cached(
        prefix = "firm",
        dependents(
            super::department::Entity(via = firm_id),
            super::office::Entity(via = firm_code, references = code),
        )
    )]
    pub struct Model {
        /// Given by the program.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// What offices refer to.
        #[sea_orm(unique)]
        pub code: i64,
        /// A name.
        pub name: String,
        /// Deleted with the firm, by the database.
        #[sea_orm(has_many)]
        pub departments: HasMany<super::department::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Departments, which the database deletes with their firm.
pub mod department {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A department.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "departments")]
    #[cached(
        prefix = "department",
        dependents(super::employee::Entity(via = department_id, on(name), cascade, lookup(limit = 2)))
    )]
    pub struct Model {
        /// Given by the program.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// The firm.
        #[cached(index)]
        pub firm_id: i64,
        /// What employees show.
        pub name: String,
        /// Not shown by anybody.
        pub floor: i32,
        /// Goes with its departments.
        #[sea_orm(belongs_to, from = "firm_id", to = "id", on_delete = "Cascade")]
        pub firm: HasOne<super::firm::Entity>,
        /// Lose their department with it.
        #[sea_orm(has_many)]
        pub employees: HasMany<super::employee::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Employees, who lose their department, their manager, and follow the number of their department.
pub mod employee {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// An employee.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "employees")]
    #[cached(
        prefix = "employee",
        dependents(super::badge::Entity(via = employee_id, cascade, lookup(limit = 2))),
        independent(Entity, super::project::Entity)
    )]
    pub struct Model {
        /// Given by the program.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// The department, if any.
        #[cached(index)]
        pub department_id: Option<i64>,
        /// The manager, if any.
        #[cached(index)]
        pub manager_id: Option<i64>,
        /// A lookup.
        #[sea_orm(unique)]
        #[cached(unique)]
        pub login: String,
        /// Set to NULL with it; follows its number.
        #[sea_orm(
            belongs_to,
            from = "department_id",
            to = "id",
            on_delete = "SetNull",
            on_update = "Cascade"
        )]
        pub department: HasOne<super::department::Entity>,
        /// Set to NULL with him or her.
        #[sea_orm(
            self_ref,
            relation_enum = "Manager",
            from = "manager_id",
            to = "id",
            on_delete = "SetNull"
        )]
        pub manager: HasOne<Entity>,
        /// Through assignments.
        #[sea_orm(has_many, via = "assignment")]
        pub projects: HasMany<super::project::Entity>,
        /// Deleted with the employee, by the database.
        #[sea_orm(has_many)]
        pub badges: HasMany<super::badge::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Badges, which go with their employees.
pub mod badge {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A badge.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "badges")]
    #[cached(prefix = "badge")]
    pub struct Model {
        /// Given by the program.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// The employee.
        #[cached(index)]
        pub employee_id: i64,
        /// Takes its badges along.
        #[sea_orm(belongs_to, from = "employee_id", to = "id", on_delete = "Cascade")]
        pub employee: HasOne<super::employee::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Projects.
pub mod project {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A project.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "projects")]
    #[cached(prefix = "project")]
    pub struct Model {
        /// Given by the program.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// What it is called.
        pub title: String,
        /// Through assignments.
        #[sea_orm(has_many, via = "assignment")]
        pub employees: HasMany<super::employee::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Who works on what: the junction of employees and projects.
pub mod assignment {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// An assignment.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "assignments")]
    #[cached(
        prefix = "assignment",
        depends_on(super::project::Entity(via = project_id, on(title))),
        independent(super::employee::Entity)
    )]
    pub struct Model {
        /// The employee.
        #[sea_orm(primary_key, auto_increment = false)]
        pub employee_id: i64,
        /// The project.
        #[sea_orm(primary_key, auto_increment = false)]
        pub project_id: i64,
        /// Takes assignments along.
        #[sea_orm(belongs_to, from = "employee_id", to = "id", on_delete = "Cascade")]
        pub employee: HasOne<super::employee::Entity>,
        /// Takes assignments along.
        #[sea_orm(belongs_to, from = "project_id", to = "id", on_delete = "Cascade")]
        pub project: HasOne<super::project::Entity>,
        /// Deleted with the assignment, by the database.
        #[sea_orm(has_many)]
        pub hours: HasMany<super::hours::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Hours of an assignment, by its composite key.
pub mod hours {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// Hours.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "hours")]
    #[cached(
        prefix = "hours",
        depends_on(super::assignment::Entity(via(employee_id, project_id)))
    )]
    pub struct Model {
        /// Given by the program.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// With the project, the assignment.
        pub employee_id: i64,
        /// With the employee, the assignment.
        pub project_id: i64,
        /// Takes its hours along.
        #[sea_orm(
            belongs_to,
            from = "(employee_id, project_id)",
            to = "(employee_id, project_id)",
            on_delete = "Cascade"
        )]
        pub assignment: HasOne<super::assignment::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Offices, which refer to a firm by its code.
pub mod office {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// An office, in the format without relations on the model.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "offices")]
    #[cached(prefix = "office")]
    pub struct Model {
        /// Given by the program.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// Not the key of the firm.
        pub firm_code: i64,
    }

    /// None to SeaORM.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    /// All of the company.
    pub Company {
        firm::Entity, department::Entity, employee::Entity, badge::Entity, project::Entity, assignment::Entity,
        hours::Entity, office::Entity,
    }
}

pub use assignment::Entity as Assignment;
pub use badge::Entity as Badge;
pub use department::Entity as Department;
pub use employee::Entity as Employee;
pub use firm::Entity as Firm;
pub use hours::Entity as Hours;
pub use office::Entity as Office;
pub use project::Entity as Project;

/// The tables, and a repo over them.
pub async fn company(world: &World) -> CachedRepo<Company> {
    create_table(&world.raw, Firm).await;
    create_table(&world.raw, Department).await;
    create_table(&world.raw, Employee).await;
    create_table(&world.raw, Badge).await;
    create_table(&world.raw, Project).await;
    create_table(&world.raw, Assignment).await;
    create_table(&world.raw, Hours).await;
    create_table(&world.raw, Office).await;
    repo_over(world).await
}
