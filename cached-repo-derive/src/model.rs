//! The entity as the derive understands it.

use crate::attr::{self, Column, Container, Table};
use crate::ctxt::Ctxt;
use heck::ToUpperCamelCase;
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Type};

/// A SeaORM model with its attributes.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) table: Option<LitStr>,
    pub(crate) cached: Container,
    /// Columns in the order of their declaration.
    pub(crate) columns: Vec<Field>,
    /// Fields of the struct that are no columns, because of `#[sea_orm(ignore)]`.
    pub(crate) ignored: Vec<Ident>,
    /// Relations, which only the whole struct above `#[sea_orm::model]` shows.
    pub(crate) relations: Vec<Ident>,
}

/// A column.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    /// Without `r#`.
    pub(crate) name: String,
    pub(crate) ty: Type,
    /// In the `Column` enum.
    pub(crate) variant: Ident,
    pub(crate) primary_key: bool,
    pub(crate) lookups: Vec<attr::Lookup>,
}

impl Model {
    /// `None` if it is not even a struct that SeaORM would take for a model.
    pub(crate) fn parse(input: &DeriveInput, cx: &Ctxt) -> Option<Self> {
        let fields = named_fields(input, cx)?;
        let mut model = Self {
            ident: input.ident.clone(),
            table: Table::parse(&input.attrs).name,
            cached: Container::parse(&input.attrs, cx),
            columns: Vec::new(),
            ignored: Vec::new(),
            relations: Vec::new(),
        };
        for field in &fields.named {
            model.add(field, cx);
        }
        Some(model)
    }

    fn add(&mut self, field: &syn::Field, cx: &Ctxt) {
        let Some(ident) = field.ident.clone() else {
            return;
        };
        let column = Column::parse(&field.attrs);
        if is_relation(field, &column) {
            refuse_cached(field, "is a relation", cx);
            self.relations.push(ident);
        } else if column.ignored {
            refuse_cached(field, "is ignored by SeaORM", cx);
            self.ignored.push(ident);
        } else {
            self.columns.push(Field {
                name: ident.unraw().to_string(),
                ty: field.ty.clone(),
                variant: variant(&ident, column.enum_name.as_ref()),
                primary_key: column.primary_key,
                lookups: attr::lookups(&field.attrs, cx),
                ident,
            });
        }
    }

    /// The column of this name.
    pub(crate) fn column(&self, name: &str) -> Option<&Field> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns of the primary key; empty if the model does not show them.
    pub(crate) fn key(&self) -> Vec<&Field> {
        self.columns
            .iter()
            .filter(|column| column.primary_key)
            .collect()
    }

    /// First part of the keys; empty if there is none, which is reported elsewhere.
    pub(crate) fn prefix(&self) -> String {
        let given = self.cached.prefix.as_ref().or(self.table.as_ref());
        given.map(LitStr::value).unwrap_or_default()
    }
}

/// In the dense format, `ModelEx` alone shows relations: what stands on them is reported from there.
pub(crate) fn check_model_ex(input: &DeriveInput, cx: &Ctxt) {
    let Data::Struct(data) = &input.data else {
        return;
    };
    for field in &data.fields {
        if is_relation(field, &Column::parse(&field.attrs)) {
            refuse_cached(field, "is a relation", cx);
        }
    }
}

fn named_fields<'a>(input: &'a DeriveInput, cx: &Ctxt) -> Option<&'a syn::FieldsNamed> {
    let (span, found) = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => return plain_model(input, cx).then_some(fields),
            Fields::Unnamed(_) => (input.ident.span(), "a tuple struct"),
            Fields::Unit => (input.ident.span(), "a struct without fields"),
        },
        Data::Enum(data) => (data.enum_token.span, "an enum"),
        Data::Union(data) => (data.union_token.span, "a union"),
    };
    cx.error_at(
        span,
        format!("`CachedEntity` cannot be derived for {found}; put it on the `struct Model` of a SeaORM entity"),
    );
    None
}

fn plain_model(input: &DeriveInput, cx: &Ctxt) -> bool {
    if input.ident != "Model" {
        cx.error(
            &input.ident,
            format!(
                "`CachedEntity` belongs on a SeaORM entity, whose struct is called `Model`, not `{}`",
                input.ident
            ),
        );
        return false;
    }
    if !input.generics.params.is_empty() {
        cx.error(
            &input.generics,
            "a SeaORM entity has no generics; remove them",
        );
        return false;
    }
    true
}

fn is_relation(field: &syn::Field, column: &Column) -> bool {
    let by_type = match &field.ty {
        Type::Path(ty) => ty.path.segments.last().is_some_and(|last| {
            ["HasOne", "HasMany", "BelongsTo"]
                .iter()
                .any(|name| last.ident == name)
        }),
        _ => false,
    };
    by_type || column.relation
}

fn refuse_cached(field: &syn::Field, why: &str, cx: &Ctxt) {
    let name = field
        .ident
        .as_ref()
        .map(Ident::to_string)
        .unwrap_or_default();
    for attr in &field.attrs {
        if attr.path().is_ident("cached") {
            cx.error(
                &attr.meta,
                format!("`cached` belongs on a column, but `{name}` {why}; remove it"),
            );
        }
    }
}

/// As SeaORM names it, escapes included.
fn variant(field: &Ident, enum_name: Option<&LitStr>) -> Ident {
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
