//! `#[sea_orm(belongs_to, from = "user_id", to = "id")] user: BelongsTo<super::user::Entity>`.

use super::{ForeignKey, Holder, Kind, Relation, action, columns};
use crate::attr::SeaOrm;
use crate::generic::argument;
use crate::variant::variant;
use syn::ext::IdentExt;
use syn::{Field, Path, PathSegment, Type};

/// Whether SeaORM takes a field of this type for a relation.
pub(crate) fn is_relation(ty: &Type) -> bool {
    wrapper(ty).is_some()
}

/// The relations among these fields. What is wrong with them, SeaORM reports.
pub(crate) fn of_fields<'a>(fields: impl IntoIterator<Item = &'a Field>) -> Vec<Relation> {
    fields.into_iter().filter_map(relation).collect()
}

fn relation(field: &Field) -> Option<Relation> {
    let wrapper = wrapper(&field.ty)?;
    let attrs = SeaOrm::parse(&field.attrs);
    let kind = kind(&attrs, wrapper);
    Some(Relation {
        ident: field.ident.clone()?,
        target: target(wrapper)?.clone(),
        kind,
        holder: Some(holder(wrapper)),
        foreign_key: match kind {
            Kind::BelongsTo => foreign_key(&attrs),
            Kind::Has | Kind::ManyToMany => ForeignKey::default(),
        },
    })
}

/// `HasMany<..>`.
fn wrapper(ty: &Type) -> Option<&PathSegment> {
    let last = path(ty)?.segments.last()?;
    ["HasOne", "HasMany", "BelongsTo"]
        .iter()
        .any(|name| last.ident == name)
        .then_some(last)
}

fn holder(wrapper: &PathSegment) -> Holder {
    let inner = argument(wrapper).and_then(path);
    let last = inner.and_then(|inner| inner.segments.last());
    let optional = last.is_some_and(|last| last.ident == "Option");
    if wrapper.ident == "HasMany" {
        Holder::HasMany
    } else if wrapper.ident == "HasOne" {
        Holder::HasOne
    } else if optional {
        Holder::BelongsToOption
    } else {
        Holder::BelongsTo
    }
}

/// The entity in `HasMany<Entity>` and `BelongsTo<Option<Entity>>`.
fn target(wrapper: &PathSegment) -> Option<&Path> {
    let inner = path(argument(wrapper)?)?;
    let last = inner.segments.last()?;
    if wrapper.ident == "BelongsTo" && last.ident == "Option" {
        return path(argument(last)?);
    }
    Some(inner)
}

fn path(ty: &Type) -> Option<&Path> {
    match ty {
        Type::Path(ty) => Some(&ty.path),
        // An expansion of SeaORM may wrap what it passes on.
        Type::Group(group) => path(&group.elem),
        _ => None,
    }
}

/// As SeaORM decides: attributes first, then the type.
fn kind(attrs: &SeaOrm, wrapper: &PathSegment) -> Kind {
    let names_columns = attrs.has("from") && attrs.has("to");
    let refers_to_itself = attrs.has("self_ref") && !attrs.has("via") && names_columns;
    if attrs.has("belongs_to") || refers_to_itself {
        Kind::BelongsTo
    } else if attrs.has("via") {
        Kind::ManyToMany
    } else if wrapper.ident == "BelongsTo" {
        Kind::BelongsTo
    } else {
        Kind::Has
    }
}

fn foreign_key(attrs: &SeaOrm) -> ForeignKey {
    let variants = |name| {
        let named = attrs.text(name).and_then(|text| columns(&text).ok());
        let columns = named.unwrap_or_default().into_iter();
        columns
            .map(|column| variant(&column, None).unraw().to_string())
            .collect()
    };
    ForeignKey {
        from: variants("from"),
        to: variants("to"),
        on_delete: action(attrs, "on_delete"),
        on_update: action(attrs, "on_update"),
    }
}

#[cfg(test)]
mod tests {
    use super::{ForeignKey, Kind, Relation, is_relation, of_fields};
    use crate::attr::{Action, words};
    use syn::{Field, ItemStruct, parse_quote};

    fn of(field: &Field) -> Relation {
        of_fields([field]).pop().unwrap()
    }

    #[test]
    fn kinds() {
        let has = of(&parse_quote!(#[sea_orm(has_many)] posts: HasMany<super::post::Entity>));
        assert_eq!(has.kind, Kind::Has);
        assert_eq!(words(&has.target), "super::post::Entity");
        let tags =
            of(&parse_quote!(#[sea_orm(has_many, via = "post_tag")] t: HasMany<tag::Entity>));
        assert_eq!(tags.kind, Kind::ManyToMany);
        let plain = of(&parse_quote!(user: BelongsTo<Option<super::user::Entity>>));
        assert_eq!(plain.kind, Kind::BelongsTo);
        assert_eq!(words(&plain.target), "super::user::Entity");
        assert_eq!(plain.foreign_key, ForeignKey::default());
    }

    #[test]
    fn foreign_keys() {
        let user = of(&parse_quote! {
            #[sea_orm(belongs_to, from = "(tenant_id, r#type)", to = "(Id, Column::Kind,)")]
            #[sea_orm(on_delete = "Cascade", on_update = "SetNull")]
            user: HasOne<super::user::Entity>
        });
        assert_eq!(user.kind, Kind::BelongsTo);
        assert_eq!(user.foreign_key.from, ["TenantId", "Type"]);
        assert_eq!(user.foreign_key.to, ["Id", "Kind"]);
        assert_eq!(user.foreign_key.on_delete, Action::Cascade);
        assert_eq!(user.foreign_key.on_update, Action::SetNull);
    }

    #[test]
    fn to_itself() {
        let parent = of(&parse_quote! {
            #[sea_orm(self_ref, relation_enum = "Parent", from = "parent_id", to = "id")]
            parent: HasOne<Entity>
        });
        assert_eq!(parent.kind, Kind::BelongsTo);
        assert_eq!(parent.foreign_key.from, ["ParentId"]);
        let children = of(&parse_quote! {
            #[sea_orm(self_ref, relation_enum = "Children", relation_reverse = "Parent")]
            children: HasMany<Entity>
        });
        assert_eq!(children.kind, Kind::Has);
        let followers = of(&parse_quote! {
            #[sea_orm(self_ref, via = "user_follower", from = "User", to = "Follower")]
            followers: HasMany<Entity>
        });
        assert_eq!(followers.kind, Kind::ManyToMany);
        assert_eq!(followers.foreign_key, ForeignKey::default());
    }

    #[test]
    fn what_sea_orm_refuses_is_none() {
        let model: ItemStruct = parse_quote! {
            struct Model {
                a: HasMany,
                b: HasOne<'a>,
                c: BelongsTo<Option<(A, B)>>,
                d: BelongsTo<[u8; 2]>,
                id: i64,
            }
        };
        assert!(of_fields(&model.fields).is_empty());
        let relations = model.fields.iter().filter(|field| is_relation(&field.ty));
        assert_eq!(relations.count(), 4);
    }

    #[test]
    fn columns_that_sea_orm_refuses_are_none() {
        let user = of(&parse_quote! {
            #[sea_orm(belongs_to, from = "user-id", to = "(", on_delete = "Explode")]
            user: BelongsTo<super::user::Entity>
        });
        assert_eq!(user.foreign_key, ForeignKey::default());
    }
}
