//! The entity as the derive understands it.

use crate::attr::{self, Column, Container, SeaOrm, Table};
use crate::ctxt::Ctxt;
use crate::relation::{self, Relation};
use crate::variant::variant;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Type};

/// A SeaORM model with its attributes.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) table: Table,
    pub(crate) cached: Container,
    /// Columns in the order of their declaration.
    pub(crate) columns: Vec<Field>,
    /// Fields of the struct that are no columns, because of `#[sea_orm(ignore)]`.
    pub(crate) ignored: Vec<Ident>,
    /// Fields that are relations, which only the whole struct above `#[sea_orm::model]` shows.
    pub(crate) relations: Vec<Ident>,
    /// What these say, if it is for this expansion to tell.
    pub(crate) declared: Option<Vec<Relation>>,
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
    /// The name under which SeaORM knows it as unique, alone or with others of this name.
    pub(crate) unique: Option<String>,
    pub(crate) lookups: Vec<attr::Lookup>,
}

impl Model {
    /// `None` if it is not even a struct that SeaORM would take for a model.
    pub(crate) fn parse(input: &DeriveInput, cx: &Ctxt) -> Option<Self> {
        let fields = named_fields(input, cx)?;
        let mut model = Self {
            ident: input.ident.clone(),
            table: Table::parse(&input.attrs),
            cached: Container::parse(&input.attrs, cx),
            columns: Vec::new(),
            ignored: Vec::new(),
            relations: Vec::new(),
            declared: stands_above_model(input).then(|| relation::of_fields(&fields.named)),
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
            let name = ident.unraw().to_string();
            let shared = column.unique_key.as_ref().map(LitStr::value);
            self.columns.push(Field {
                unique: shared.or_else(|| column.unique.then(|| name.clone())),
                name,
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
        let given = self.cached.prefix.as_ref().or(self.table.name.as_ref());
        given.map(LitStr::value).unwrap_or_default()
    }
}

/// Whether the derive comes before `#[sea_orm::model]` divides the struct. Fields of `#[sea_orm::compact_model]` do not
/// say how they are related; its `enum Relation` does.
fn stands_above_model(input: &DeriveInput) -> bool {
    let mut paths = input.attrs.iter().map(syn::Attribute::path);
    paths.any(|path| {
        path.segments
            .last()
            .is_some_and(|last| last.ident == "model")
    })
}

/// The relations, which in the dense format `ModelEx` alone shows; `None` if its fields do not say how they are related.
pub(crate) fn model_ex(input: &DeriveInput, cx: &Ctxt) -> Option<Vec<Relation>> {
    let Data::Struct(data) = &input.data else {
        return None;
    };
    for field in &data.fields {
        if is_relation(field, &Column::parse(&field.attrs)) {
            refuse_cached(field, "is a relation", cx);
        }
    }
    let compact = SeaOrm::parse(&input.attrs).has("compact_model");
    (!compact).then(|| relation::of_fields(&data.fields))
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
    column.relation || relation::is_relation(&field.ty)
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
