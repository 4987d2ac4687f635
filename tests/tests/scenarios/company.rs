//! Every kind of edge over real rows: what a write takes along, what it leaves, and what the database changes by itself.

use cached_repo::CachedRepo;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter,
    QueryOrder, Set, TransactionTrait,
};
use std::collections::BTreeSet;
use std::fmt::Debug;
use tests::company::{
    Assignment, Badge, Company, Department, Employee, Firm, Hours, Office, Project, assignment,
    badge, company, department, employee, firm, hours, office, project,
};
use tests::{World, matrix};

/// A company of firms 1 and 2 (codes 100 and 200), departments 10 and 11 (of firm 1) and 20 (of firm 2), employees 1 and 2 (of
/// 10), 3 (of 11, whose manager is 1) and 4 (of 20), a badge for each, projects 1 and 2, assignments of 1 to both and of 4 to
/// 2, hours 1, 2 and 3 on them, and offices 1 (of code 100) and 2 (of code 200); all of it cached.
struct Scene {
    repo: CachedRepo<Company>,
    raw: DatabaseConnection,
}

impl Scene {
    async fn cached(world: &World) -> Self {
        let scene = Self {
            repo: company(world).await,
            raw: world.raw.clone(),
        };
        scene.seed().await;
        for _ in 0..2 {
            scene.assert_fresh().await;
        }
        assert_eq!(scene.cold().await, BTreeSet::new());
        scene
    }

    async fn seed(&self) {
        let db = &self.raw;
        for (id, code) in [(1, 100), (2, 200)] {
            let name = Set("firm".to_owned());
            let firm = firm::ActiveModel {
                id: Set(id),
                code: Set(code),
                name,
            };
            Firm::insert(firm).exec(db).await.expect("inserted");
            let office = office::ActiveModel {
                id: Set(id),
                firm_code: Set(code),
            };
            Office::insert(office).exec(db).await.expect("inserted");
            let project = project::ActiveModel {
                id: Set(id),
                title: Set("project".to_owned()),
            };
            Project::insert(project).exec(db).await.expect("inserted");
        }
        for (id, firm) in [(10, 1), (11, 1), (20, 2)] {
            let department = department::ActiveModel {
                id: Set(id),
                firm_id: Set(firm),
                name: Set("department".to_owned()),
                floor: Set(1),
            };
            Department::insert(department)
                .exec(db)
                .await
                .expect("inserted");
        }
        for (id, department, manager) in [
            (1, 10, None),
            (2, 10, None),
            (3, 11, Some(1)),
            (4, 20, None),
        ] {
            an_employee(id, department, manager, db).await;
        }
        for (id, employee, project) in [(1, 1, 1), (2, 1, 2), (3, 4, 2)] {
            let keys = (Set(employee), Set(project));
            let assignment = assignment::ActiveModel {
                employee_id: keys.0.clone(),
                project_id: keys.1.clone(),
            };
            Assignment::insert(assignment)
                .exec_without_returning(db)
                .await
                .expect("inserted");
            let hours = hours::ActiveModel {
                id: Set(id),
                employee_id: keys.0,
                project_id: keys.1,
            };
            Hours::insert(hours).exec(db).await.expect("inserted");
        }
    }

    /// Everything that can be read is what the database has.
    async fn assert_fresh(&self) {
        let mut stale = Vec::new();
        let mut compare = |what: String, seen: &dyn Debug, stored: &dyn Debug| {
            let (seen, stored) = (format!("{seen:?}"), format!("{stored:?}"));
            if seen != stored {
                stale.push(format!("{what}: read {seen}, stored {stored}"));
            }
        };
        let (repo, db) = (&self.repo, &self.raw);
        macro_rules! rows {
            ($($entity:ident: $keys:expr),* $(,)?) => {$(
                for key in $keys {
                    let seen = $entity::find_cached(key).one(repo).await.expect("read");
                    let stored = $entity::find_by_id(key).one(db).await.expect("read");
                    compare(format!("{} {key:?}", stringify!($entity)), &seen, &stored);
                    repo.wait_idle().await;
                }
            )*};
        }
        rows! {
            Firm: [1_i64, 2, 3], Department: [10_i64, 11, 20, 21], Employee: [1_i64, 2, 3, 4, 5], Badge: [1_i64, 2, 3, 4, 5],
            Project: [1_i64, 2], Assignment: [(1_i64, 1_i64), (1, 2), (4, 2)], Hours: [1_i64, 2, 3], Office: [1_i64, 2],
        }
        self.assert_collections_fresh(&mut compare).await;
        assert!(stale.is_empty(), "stale reads:\n{}", stale.join("\n"));
    }

    async fn assert_collections_fresh(
        &self,
        compare: &mut impl FnMut(String, &dyn Debug, &dyn Debug),
    ) {
        let (repo, db) = (&self.repo, &self.raw);
        for key in [
            None,
            Some(10),
            Some(11),
            Some(20),
            Some(21),
            Some(1),
            Some(2),
        ] {
            let seen = Employee::find_cached_by_department_id(key)
                .all(repo)
                .await
                .expect("read");
            let stored = employees(employee::Column::DepartmentId, key, db).await;
            compare(format!("employees of department {key:?}"), &seen, &stored);
            let seen = Employee::find_cached_by_manager_id(key)
                .all(repo)
                .await
                .expect("read");
            let stored = employees(employee::Column::ManagerId, key, db).await;
            compare(format!("employees of manager {key:?}"), &seen, &stored);
            repo.wait_idle().await;
        }
        for login in ["e1", "e2", "e3", "e4", "e5"] {
            let seen = Employee::find_cached_by_login(login)
                .one(repo)
                .await
                .expect("read");
            let stored = Employee::find().filter(employee::Column::Login.eq(login));
            compare(
                format!("employee {login}"),
                &seen,
                &stored.one(db).await.expect("read"),
            );
            repo.wait_idle().await;
        }
    }

    /// Rows, by prefix and key, that are no longer cached.
    async fn cold(&self) -> BTreeSet<(&'static str, i64)> {
        let mut cold = BTreeSet::new();
        macro_rules! rows {
            ($($prefix:literal $entity:ident: $keys:expr),* $(,)?) => {$(
                for key in $keys {
                    let hits = || self.repo.stats().entity($prefix).expect("an entity").hits;
                    let before = hits();
                    $entity::find_cached(key).cache_only().one(&self.repo).await.expect("read");
                    if hits() == before {
                        cold.insert(($prefix, number(key)));
                    }
                }
            )*};
        }
        rows! {
            "firm" Firm: [1_i64, 2], "department" Department: [10_i64, 11, 20], "employee" Employee: [1_i64, 2, 3, 4],
            "badge" Badge: [1_i64, 2, 3, 4], "project" Project: [1_i64, 2],
            "assignment" Assignment: [(1_i64, 1_i64), (1, 2), (4, 2)], "hours" Hours: [1_i64, 2, 3], "office" Office: [1_i64, 2],
        }
        cold
    }

    async fn assert_cold(&self, expected: &[(&'static str, i64)]) {
        assert_eq!(self.cold().await, expected.iter().copied().collect());
        self.assert_fresh().await;
    }

    async fn rename(&self, department: i64) {
        let department = department::ActiveModel {
            id: Set(department),
            name: Set("another".to_owned()),
            ..Default::default()
        };
        department.update(&self.repo).await.expect("updated");
    }
}

/// A key as a number; of a composite one, with two digits.
trait Number {
    fn number(self) -> i64;
}

impl Number for i64 {
    fn number(self) -> i64 {
        self
    }
}

impl Number for (i64, i64) {
    fn number(self) -> i64 {
        self.0 * 10 + self.1
    }
}

fn number(key: impl Number) -> i64 {
    key.number()
}

async fn an_employee(id: i64, department: i64, manager: Option<i64>, db: &impl ConnectionTrait) {
    let employee = employee::ActiveModel {
        id: Set(id),
        department_id: Set(Some(department)),
        manager_id: Set(manager),
        login: Set(format!("e{id}")),
    };
    Employee::insert(employee).exec(db).await.expect("inserted");
    let badge = badge::ActiveModel {
        id: Set(id),
        employee_id: Set(id),
    };
    Badge::insert(badge).exec(db).await.expect("inserted");
}

async fn employees(
    column: employee::Column,
    key: Option<i64>,
    db: &DatabaseConnection,
) -> Vec<employee::Model> {
    let of = match key {
        Some(key) => column.eq(key),
        None => column.is_null(),
    };
    let rows = Employee::find()
        .filter(of)
        .order_by_asc(employee::Column::Id);
    rows.all(db).await.expect("read")
}

matrix! {
    async fn a_chain_of_edges_is_followed_row_by_row_up_to_its_limit(world) {
        let scene = Scene::cached(&world).await;
        scene.rename(10).await;
        // Employees 1 and 2 are found by the department, their badges by them; those of other departments stay.
        scene.assert_cold(&[("department", 10), ("employee", 1), ("employee", 2), ("badge", 1), ("badge", 2)]).await;
        assert_eq!(scene.repo.stats().entity("badge").expect("an entity").table_invalidations, 0);
    }

    async fn a_chain_with_more_rows_than_its_limit_goes_as_a_whole(world) {
        let scene = Scene::cached(&world).await;
        an_employee(5, 10, None, &scene.repo).await;
        scene.assert_fresh().await;
        scene.rename(10).await;
        let badges = (1..=4).map(|badge| ("badge", badge));
        let own = [("department", 10), ("employee", 1), ("employee", 2)];
        scene.assert_cold(&own.into_iter().chain(badges).collect::<Vec<_>>()).await;
    }

    async fn a_chain_of_two_lookups_is_followed_in_a_transaction(world) {
        let scene = Scene::cached(&world).await;
        let transaction = scene.repo.begin().await.expect("begun");
        // In the transaction employee 4 comes to the firm, and only the transaction sees it.
        let moved = employee::ActiveModel { id: Set(4), department_id: Set(Some(11)), ..Default::default() };
        moved.update(&transaction).await.expect("updated");
        let firm = firm::ActiveModel { id: Set(2), name: Set("another".to_owned()), ..Default::default() };
        firm.update(&transaction).await.expect("updated");
        let department = department::ActiveModel { id: Set(11), name: Set("x".to_owned()), ..Default::default() };
        department.update(&transaction).await.expect("updated");
        transaction.commit().await.expect("committed");
        scene.assert_cold(&[
            ("firm", 2), ("department", 20), ("department", 11), ("employee", 3), ("employee", 4), ("badge", 3), ("badge", 4),
            ("office", 2),
        ]).await;
    }

    async fn an_edge_is_not_taken_when_another_column_changes(world) {
        let scene = Scene::cached(&world).await;
        let moved = department::ActiveModel { id: Set(10), floor: Set(2), ..Default::default() };
        moved.update(&scene.repo).await.expect("updated");
        scene.assert_cold(&[("department", 10)]).await;
    }

    async fn an_edge_to_another_column_takes_what_refers_to_the_old_and_to_the_new_value(world) {
        let scene = Scene::cached(&world).await;
        let renumbered = firm::ActiveModel { id: Set(1), code: Set(300), ..Default::default() };
        renumbered.update(&scene.repo).await.expect("updated");
        let cold = scene.cold().await;
        assert!(cold.contains(&("office", 1)) && !cold.contains(&("office", 2)), "{cold:?}");
        let renumbered = firm::ActiveModel { id: Set(1), code: Set(400), ..Default::default() };
        let office = office::ActiveModel { id: Set(2), firm_code: Set(400) };
        office.update(&scene.repo).await.expect("updated");
        scene.assert_fresh().await;
        renumbered.update(&scene.repo).await.expect("updated");
        assert!(scene.cold().await.contains(&("office", 2)));
        scene.assert_fresh().await;
    }

    async fn an_edge_declared_by_the_dependent_is_taken(world) {
        let scene = Scene::cached(&world).await;
        let renamed = project::ActiveModel { id: Set(2), title: Set("another".to_owned()) };
        renamed.update(&scene.repo).await.expect("updated");
        scene.assert_cold(&[("project", 2), ("assignment", 12), ("assignment", 42)]).await;
    }

    async fn an_edge_by_a_composite_key_is_taken(world) {
        let scene = Scene::cached(&world).await;
        Hours::delete_many().filter(hours::Column::EmployeeId.eq(4)).exec(&scene.raw).await.expect("deleted");
        Assignment::delete_by_id((4, 2)).exec(&scene.repo).await.expect("deleted");
        scene.assert_cold(&[("assignment", 42), ("hours", 3)]).await;
    }

    async fn rows_that_the_database_deletes_are_gone(world) {
        let scene = Scene::cached(&world).await;
        Firm::delete_by_id(1).exec(&scene.repo).await.expect("deleted");
        scene.assert_fresh().await;
        let department = Department::find_cached(10).one(&scene.repo).await.expect("read");
        assert_eq!(department, None);
    }

    async fn rows_that_lose_their_parent_enter_the_collection_of_those_without(world) {
        let scene = Scene::cached(&world).await;
        Department::delete_by_id(10).exec(&scene.repo).await.expect("deleted");
        let without = Employee::find_cached_by_department_id(None).all(&scene.repo).await.expect("read");
        assert_eq!(without.len(), 2);
        scene.assert_fresh().await;
    }

    async fn rows_follow_the_new_key_of_their_parent(world) {
        let scene = Scene::cached(&world).await;
        let update = Department::update_many().col_expr(department::Column::Id, Expr::value(21_i64));
        update.filter(department::Column::Id.eq(20)).exec(&scene.repo).await.expect("updated");
        let followed = Employee::find_cached(4).one(&scene.repo).await.expect("read").expect("there");
        assert_eq!(followed.department_id, Some(21));
        scene.assert_fresh().await;
    }

    async fn a_row_that_refers_to_its_own_table_loses_what_it_refers_to(world) {
        let scene = Scene::cached(&world).await;
        Employee::delete_by_id(1).exec(&scene.repo).await.expect("deleted");
        let without = Employee::find_cached(3).one(&scene.repo).await.expect("read").expect("there");
        assert_eq!(without.manager_id, None);
        // Badge, assignments and their hours go with the employee.
        scene.assert_fresh().await;
    }

    async fn what_the_database_does_is_seen_after_a_bulk_delete_and_a_raw_one(world) {
        let scene = Scene::cached(&world).await;
        Project::delete_many().filter(project::Column::Id.gt(1)).exec(&scene.repo).await.expect("deleted");
        scene.assert_fresh().await;
        scene.repo.execute_unprepared("DELETE FROM firms WHERE code = 200").await.expect("deleted");
        scene.assert_fresh().await;
    }

    async fn what_the_database_does_in_a_transaction_is_seen_at_its_commit_and_not_after_a_rollback(world) {
        let scene = Scene::cached(&world).await;
        let transaction = scene.repo.begin().await.expect("begun");
        Firm::delete_by_id(1).exec(&transaction).await.expect("deleted");
        transaction.rollback().await.expect("rolled back");
        scene.assert_cold(&[]).await;
        let transaction = scene.repo.begin().await.expect("begun");
        Firm::delete_by_id(1).exec(&transaction).await.expect("deleted");
        transaction.commit().await.expect("committed");
        scene.assert_fresh().await;
    }

    async fn an_insert_does_not_take_what_only_a_delete_takes(world) {
        let scene = Scene::cached(&world).await;
        let firm = firm::ActiveModel { id: Set(3), code: Set(300), name: Set("new".to_owned()) };
        Firm::insert(firm).exec(&scene.repo).await.expect("inserted");
        let assignment = assignment::ActiveModel { employee_id: Set(2), project_id: Set(1) };
        Assignment::insert(assignment).exec_without_returning(&scene.repo).await.expect("inserted");
        scene.assert_cold(&[]).await;
    }
}
