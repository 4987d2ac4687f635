//! Names of the variants of `Column`, as SeaORM makes them from fields.

use heck::ToUpperCamelCase;
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Ident, LitStr};

/// The variant of a field, escapes included.
pub(crate) fn variant(field: &Ident, enum_name: Option<&LitStr>) -> Ident {
    let name = enum_name.map_or_else(
        || field.unraw().to_string().to_upper_camel_case(),
        |name| name.value().trim_start_matches("r#").to_owned(),
    );
    escaped(&name, field.span())
}

fn escaped(name: &str, span: Span) -> Ident {
    match name {
        "Self" | "self" | "crate" => Ident::new(&format!("{name}_"), span),
        name if syn::parse_str::<Ident>(name).is_ok() => Ident::new(name, span),
        name if syn::parse_str::<Ident>(&format!("r#{name}")).is_ok() => Ident::new_raw(name, span),
        // SeaORM refuses such a field.
        _ => Ident::new("_Unnamed", span),
    }
}

#[cfg(test)]
mod tests {
    use super::variant;
    use proc_macro2::Span;
    use syn::{Ident, LitStr};

    fn of(field: &str) -> String {
        let ident = syn::parse_str::<Ident>(field).unwrap();
        variant(&ident, None).to_string()
    }

    #[test]
    fn variants_as_sea_orm_names_them() {
        assert_eq!(of("tenant_id"), "TenantId");
        assert_eq!(of("r#type"), "Type");
        assert_eq!(of("self_"), "Self_");
        assert_eq!(of("_id"), "Id");
        let name = LitStr::new("Kind", Span::call_site());
        let ident = Ident::new("ty", Span::call_site());
        assert_eq!(variant(&ident, Some(&name)), "Kind");
    }
}
