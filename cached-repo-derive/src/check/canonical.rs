//! Entries are found and invalidated by values of columns, so these need one form for each value.

use crate::attr::Part;
use crate::ctxt::Ctxt;
use crate::generic::argument;
use crate::model::{Field, Model};
use syn::ext::IdentExt;
use syn::{Ident, PathSegment, Type};

/// Columns of keys, lookups, tags and edges are of a type with a canonical form. Types that only have another name for
/// one without are found when the repo is built.
pub(super) fn types_are_canonical(model: &Model, cx: &Ctxt) {
    for field in &model.columns {
        let Some(ty) = without_form(&field.ty) else {
            continue;
        };
        let Some(used) = use_of(model, field) else {
            continue;
        };
        cx.error(
            &field.ty,
            format!(
                "`{}` cannot be part of {used}: `{ty}` has no canonical form; use an integer, text, UUID, date, boolean or \
                 decimal column",
                field.name
            ),
        );
    }
}

/// What the column is needed for.
fn use_of(model: &Model, field: &Field) -> Option<&'static str> {
    let is = |column: &Ident| column.unraw() == field.name;
    let cached = &model.cached;
    let in_tag = |part: &Part| matches!(part, Part::Field(name) if *name == field.name);
    if field.primary_key {
        Some("the primary key")
    } else if !field.lookups.is_empty() {
        Some("a lookup")
    } else if cached.tags.iter().any(|tag| tag.parts.iter().any(in_tag)) {
        Some("a tag")
    } else if cached.depends_on.iter().any(|edge| edge.via.iter().any(is))
        || cached
            .dependents
            .iter()
            .any(|edge| edge.references.iter().any(is))
    {
        Some("an edge")
    } else {
        None
    }
}

/// The type that has no canonical form, also inside of `Option`.
fn without_form(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else {
        return None;
    };
    let mut segments = path.path.segments.iter().rev();
    let last = segments.next()?;
    let module = segments.next().map(|module| module.ident.to_string());
    match &*last.ident.to_string() {
        "f32" | "f64" | "Json" | "JsonValue" | "PgVector" => Some(last.ident.to_string()),
        "Value" if module.as_deref() == Some("serde_json") => Some("serde_json::Value".into()),
        "Vec" if !is_bytes(last) => Some("Vec".into()),
        "Option" => argument(last).and_then(without_form),
        _ => None,
    }
}

fn is_bytes(vec: &PathSegment) -> bool {
    matches!(argument(vec), Some(Type::Path(element)) if element.path.is_ident("u8"))
}

#[cfg(test)]
mod tests {
    use super::without_form;

    #[test]
    fn types_by_their_names() {
        let found = |ty: &str| without_form(&syn::parse_str(ty).unwrap());
        assert_eq!(found("f64").as_deref(), Some("f64"));
        assert_eq!(found("Option<f32>").as_deref(), Some("f32"));
        assert_eq!(found("Json").as_deref(), Some("Json"));
        assert_eq!(
            found("Option<serde_json::Value>").as_deref(),
            Some("serde_json::Value")
        );
        assert_eq!(found("std::vec::Vec<i32>").as_deref(), Some("Vec"));
        for fits in [
            "i64",
            "Vec<u8>",
            "Option<Vec<u8>>",
            "String",
            "Uuid",
            "Value",
            "Money",
            "(f32, f64)",
        ] {
            assert_eq!(found(fits), None, "{fits}");
        }
    }
}
