//! Triggers of real tables.

use super::bare::Bare;
use super::tied::Tied;
use super::*;

/// Runs statements after each row that is inserted into, changed in, or deleted from a table.
async fn trigger(world: &World, name: &str, event: &str, table: &str, statements: &str) {
    let sql = match world.database {
        Database::Postgres => {
            let function = format!(
                "CREATE FUNCTION <{name}_code>() RETURNS trigger LANGUAGE plpgsql AS $code$ BEGIN {statements} RETURN NULL; END $code$"
            );
            run(&world.raw, &function).await;
            format!(
                "CREATE TRIGGER <{name}> AFTER {event} ON <{table}> FOR EACH ROW EXECUTE FUNCTION <{name}_code>()"
            )
        }
        _ => format!(
            "CREATE TRIGGER <{name}> AFTER {event} ON <{table}> FOR EACH ROW BEGIN {statements} END"
        ),
    };
    run(&world.raw, &sql).await;
}

databases! {
    async fn a_trigger_that_writes_to_another_entity_is_found(world) {
        Tables::default().create(&world.raw).await;
        let statements = "UPDATE <purchases> SET <total> = <total> + 1 WHERE <id> = NEW.<purchase_id>;";
        trigger(&world, "Sum Up", "INSERT", "purchase_lines", statements).await;
        let finding = only::<Tied>(&world).await;
        assert_eq!(finding.kind, FindingKind::UndeclaredTrigger);
        assert_eq!(finding.constraint.as_deref(), Some("Sum Up"));
        assert_eq!(finding.tables, ["purchase_lines", "purchases"]);
        assert!(finding.message.contains("writes to `purchases`"), "{}", finding.message);
    }

    async fn the_foreign_key_between_the_two_gives_the_edge_to_type(world) {
        let key = foreign_key("fk_purchase", "<purchase_id>", "<purchases> (<id>)", "");
        Tables { lines: &key, ..Tables::default() }.create(&world.raw).await;
        let statements = "UPDATE <purchases> SET <total> = <total> - 1 WHERE <id> = OLD.<purchase_id>;";
        trigger(&world, "sum_up", "DELETE", "purchase_lines", statements).await;
        let fix = only::<Tied>(&world).await.fix;
        assert!(fix.contains("depends_on(super::line::Entity(via = id, references = purchase_id))"), "{fix}");
    }

    async fn a_trigger_along_an_edge_is_known(world) {
        Tables::default().create(&world.raw).await;
        let statements = "DELETE FROM <purchases> WHERE <CustomerId> = OLD.<id>;";
        trigger(&world, "tidy", "DELETE", "Customers", statements).await;
        let report = check::<Tied>(&world).await;
        assert!(report.findings.is_empty(), "{report}");
        assert_eq!(kinds(&check::<Bare>(&world).await), [FindingKind::UndeclaredTrigger]);
    }

    async fn a_trigger_on_a_table_outside_is_found(world) {
        Tables::default().create(&world.raw).await;
        run(&world.raw, "CREATE TABLE <imports> (<id> BIGINT PRIMARY KEY)").await;
        trigger(&world, "import", "INSERT", "imports", "INSERT INTO <Customers> VALUES (NEW.<id>, 1);").await;
        let finding = only::<Tied>(&world).await;
        assert_eq!(finding.kind, FindingKind::OutsideTrigger);
        assert_eq!(finding.tables, ["imports", "Customers"]);
    }

    async fn a_trigger_that_reads_or_writes_elsewhere_is_no_finding(world) {
        Tables::default().create(&world.raw).await;
        run(&world.raw, "CREATE TABLE <history> (<id> BIGINT, <note> VARCHAR(100))").await;
        let statements = "INSERT INTO <history> SELECT <id>, 'UPDATE purchases' FROM <purchases> WHERE <id> = NEW.<purchase_id>; \
                          /* DELETE FROM purchases */";
        trigger(&world, "history_of_lines", "INSERT", "purchase_lines", statements).await;
        let report = check::<Tied>(&world).await;
        assert!(report.findings.is_empty(), "{report}");
    }
}

#[tokio::test]
async fn branches_and_loops_are_looked_into() {
    for database in [Database::Postgres, Database::MariaDb] {
        let world = World::new(database, tests::Store::Memory).await;
        Tables::default().create(&world.raw).await;
        let statements = "IF NEW.<line_no> = 2 THEN UPDATE <purchases> SET <total> = 1; ELSE DELETE FROM <nodes>; END IF;";
        trigger(&world, "branch", "UPDATE", "purchase_lines", statements).await;
        let report = check::<Tied>(&world).await;
        let written: Vec<_> = report
            .findings
            .iter()
            .map(|finding| finding.tables[1].as_str())
            .collect();
        assert_eq!(written, ["purchases", "nodes"], "{report}");
    }
}

#[tokio::test]
async fn a_trigger_of_a_view_is_found() {
    for database in [Database::Sqlite, Database::Postgres] {
        let world = World::new(database, tests::Store::Memory).await;
        Tables::default().create(&world.raw).await;
        run(
            &world.raw,
            "CREATE VIEW <people> AS SELECT <id> FROM <Customers>",
        )
        .await;
        let statements = "DELETE FROM <Customers> WHERE <id> = OLD.<id>;";
        let sql = match database {
            Database::Postgres => {
                let function = format!(
                    "CREATE FUNCTION remove() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statements} RETURN NULL; END $$"
                );
                run(&world.raw, &function).await;
                "CREATE TRIGGER remove INSTEAD OF DELETE ON <people> FOR EACH ROW EXECUTE FUNCTION remove()".to_owned()
            }
            _ => format!(
                "CREATE TRIGGER remove INSTEAD OF DELETE ON <people> BEGIN {statements} END"
            ),
        };
        run(&world.raw, &sql).await;
        let finding = only::<Tied>(&world).await;
        assert_eq!(
            (finding.kind, finding.tables),
            (
                FindingKind::OutsideTrigger,
                vec!["people".into(), "Customers".into()]
            )
        );
    }
}
