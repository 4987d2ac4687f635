//! What a foreign key does, in words.

use super::facts::ForeignKey;
use crate::schema::Action;

/// What the foreign key does and what is not known of it, as sentences; the first begins with its name.
pub(super) fn deeds(key: &ForeignKey, known: (Action, Action)) -> Vec<String> {
    let (parent, child) = (&key.parent, &key.child);
    let (here, there) = (quoted(key.child_columns()), quoted(key.parent_columns()));
    let mut deeds = Vec::new();
    let deed = |action| match action {
        Action::None => String::new(),
        Action::Cascade => format!("changes {here} of `{child}`"),
        Action::SetNull => format!("sets {here} of `{child}` to NULL"),
        Action::SetDefault => format!("sets {here} of `{child}` to the default"),
    };
    let (delete, update) = (key.on_delete, key.on_update);
    if delete != Action::None && delete != known.0 {
        let deed = match delete {
            Action::Cascade => format!("deletes rows of `{child}`"),
            other => deed(other),
        };
        deeds.push(format!(
            "a delete in `{parent}` {deed} (ON DELETE {})",
            sql(delete)
        ));
    }
    if update != Action::None && update != known.1 {
        let deed = deed(update);
        deeds.push(format!(
            "a change of {there} in `{parent}` {deed} (ON UPDATE {})",
            sql(update)
        ));
    }
    if let Some(first) = deeds.first_mut() {
        *first = format!("{}: {first}", named(key));
    }
    deeds
}

pub(super) fn named(key: &ForeignKey) -> String {
    match &key.name {
        Some(name) => format!("foreign key `{name}`"),
        None => format!(
            "foreign key on {} of `{}`",
            quoted(key.child_columns()),
            key.child
        ),
    }
}

/// `` `a`, `b` ``
pub(super) fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// How SQL spells an action.
fn sql(action: Action) -> &'static str {
    match action {
        Action::None => "NO ACTION",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
        Action::SetDefault => "SET DEFAULT",
    }
}
