//! What is logged of a statement that is not understood.

use sea_orm::ConnectionTrait;
use std::fmt::{self, Write};
use std::sync::{Arc, Mutex};
use tests::{Database, Store, World};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// The library's warnings.
#[derive(Clone, Debug, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("cached_repo") && *metadata.level() == Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.lock().expect("no panic").push(text.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{}={value:?} ", field.name()).expect("a text takes all");
    }
}

#[tokio::test]
async fn the_warning_of_a_statement_names_it_without_values() {
    let world = World::new(Database::Postgres, Store::Memory).await;
    let warnings = Warnings::default();
    let _listening = tracing::subscriber::set_default(warnings.clone());
    let sql = "CALL\n  no_such_procedure(17, 'secret', $$secret$$) -- secret";
    world
        .repo
        .execute_unprepared(sql)
        .await
        .expect_err("there is none");
    let lines = warnings.0.lock().expect("no panic").clone();
    let [line] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    assert!(
        line.contains("statement=CALL no_such_procedure (?, ?, ?)"),
        "{line}"
    );
    assert!(
        !line.contains("secret") && !line.contains("17") && !line.contains('\n'),
        "{line}"
    );
}
