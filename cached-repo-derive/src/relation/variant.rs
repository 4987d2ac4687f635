//! `#[sea_orm(belongs_to = "super::user::Entity", from = "Column::UserId", to = "super::user::Column::Id")] User`.

use super::{ForeignKey, Kind, Relation, action, columns};
use crate::attr::{SeaOrm, may_be_entity};
use crate::ctxt::Ctxt;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, LitStr, Path, Variant};

/// What a variant says that it is.
const KINDS: [(&str, Kind); 3] = [
    ("belongs_to", Kind::BelongsTo),
    ("has_one", Kind::Has),
    ("has_many", Kind::Has),
];

/// The relations of `enum Relation`; `None` if it is none. What SeaORM reports is not reported again.
pub(crate) fn of_enum(input: &DeriveInput, cx: &Ctxt) -> Option<Vec<Relation>> {
    let found = match &input.data {
        Data::Enum(relations) => {
            let variants = relations.variants.iter();
            let relations = variants.filter_map(|variant| relation(variant, cx));
            return Some(relations.collect());
        }
        // `#[sea_orm::model]` repeats the derive; it was reported on `Model`.
        Data::Struct(_) if input.ident == "ModelEx" => return None,
        Data::Struct(_) => "a struct",
        Data::Union(_) => "a union",
    };
    cx.error(
        &input.ident,
        format!("`CachedRelation` cannot be derived for {found}; put it on the `enum Relation` of a SeaORM entity"),
    );
    None
}

fn relation(variant: &Variant, cx: &Ctxt) -> Option<Relation> {
    let attrs = SeaOrm::parse(&variant.attrs);
    if attrs.is_empty() {
        cx.error(
            &variant.ident,
            format!(
                "`CachedRelation` does not see what `{}` is: write `#[sea_orm(belongs_to = \"..\", from = \"..\", to = \"..\")]`, \
                 `#[sea_orm(has_one = \"..\")]` or `#[sea_orm(has_many = \"..\")]` above it",
                variant.ident
            ),
        );
        return None;
    }
    let (text, kind) = KINDS
        .into_iter()
        .find_map(|(name, kind)| Some((attrs.text(name)?, kind)))?;
    Some(Relation {
        ident: variant.ident.clone(),
        target: entity(&text, cx)?,
        kind,
        holder: None,
        foreign_key: match kind {
            Kind::BelongsTo => foreign_key(&attrs, cx),
            Kind::Has | Kind::ManyToMany => ForeignKey::default(),
        },
    })
}

fn entity(text: &LitStr, cx: &Ctxt) -> Option<Path> {
    let Ok(path) = text.parse_with(Path::parse_mod_style) else {
        cx.error(
            text,
            format!(
                "expected a path to an entity such as `super::user::Entity`, found `{}`",
                text.value()
            ),
        );
        return None;
    };
    may_be_entity(&path, cx).then_some(path)
}

fn foreign_key(attrs: &SeaOrm, cx: &Ctxt) -> ForeignKey {
    ForeignKey {
        from: attrs
            .text("from")
            .map_or_else(Vec::new, |text| variants(&text, cx)),
        to: attrs
            .text("to")
            .map_or_else(Vec::new, |text| variants(&text, cx)),
        on_delete: action(attrs, "on_delete"),
        on_update: action(attrs, "on_update"),
    }
}

/// SeaORM takes any expression here.
fn variants(text: &LitStr, cx: &Ctxt) -> Vec<String> {
    let Ok(columns) = columns(text) else {
        cx.error(
            text,
            format!(
                "expected a column such as `Column::UserId`, or several in parentheses, found `{}`",
                text.value()
            ),
        );
        return Vec::new();
    };
    columns
        .iter()
        .map(|column| column.unraw().to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Kind, Relation, of_enum};
    use crate::attr::{Action, words};
    use crate::ctxt::Ctxt;
    use syn::{DeriveInput, parse_quote};

    fn of(input: &DeriveInput) -> Result<Vec<Relation>, String> {
        let cx = Ctxt::new();
        let relations = of_enum(input, &cx);
        match cx.check() {
            Ok(()) => Ok(relations.unwrap()),
            Err(errors) => Err(errors.to_string()),
        }
    }

    #[test]
    fn variants() {
        let relations = of(&parse_quote! {
            enum Relation {
                #[sea_orm(
                    belongs_to = "super::user::Entity",
                    from = "(Column::TenantId, Column::UserID)",
                    to = "(super::user::Column::TenantId, super::user::Column::Id)",
                    on_delete = "Cascade"
                )]
                User,
                #[sea_orm(has_many = "Entity", via_rel = "Relation::User")]
                Children,
                #[sea_orm(has_one = "::shop::profile::Entity")]
                Profile,
            }
        })
        .unwrap();
        let [user, children, profile] = &*relations else {
            panic!("three relations");
        };
        assert_eq!(user.kind, Kind::BelongsTo);
        assert_eq!(user.foreign_key.from, ["TenantId", "UserID"]);
        assert_eq!(user.foreign_key.to, ["TenantId", "Id"]);
        assert_eq!(user.foreign_key.on_delete, Action::Cascade);
        assert_eq!(words(&children.target), "Entity");
        assert_eq!(children.kind, Kind::Has);
        assert_eq!(words(&profile.target), "::shop::profile::Entity");
    }

    #[test]
    fn what_sea_orm_does_not_see() {
        for (input, complaint) in [
            (
                parse_quote!(
                    struct Relation;
                ),
                "cannot be derived for a struct",
            ),
            (
                parse_quote!(
                    enum Relation {
                        User,
                    }
                ),
                "does not see what `User` is",
            ),
            (
                parse_quote!(
                    enum Relation {
                        #[sea_orm(has_many = "a b")]
                        A,
                    }
                ),
                "expected a path to an entity",
            ),
            (
                parse_quote!(
                    enum Relation {
                        #[sea_orm(has_many = "super::user")]
                        A,
                    }
                ),
                "is a module",
            ),
            (
                parse_quote! {
                    enum Relation { #[sea_orm(belongs_to = "a::Entity", from = "column()", to = "a::Column::Id")] A }
                },
                "expected a column",
            ),
        ] {
            let errors = of(&input).err().unwrap();
            assert!(errors.contains(complaint), "{errors}");
        }
    }

    #[test]
    fn what_sea_orm_reports_is_left_to_it() {
        let relations = of(&parse_quote! {
            enum Relation {
                #[sea_orm(has_mny = "a::Entity")]
                A,
                #[sea_orm(has_many = 5)]
                B,
                #[sea_orm(belongs_to = "a::Entity", on_delete = "Explode")]
                C,
            }
        })
        .unwrap();
        assert_eq!(relations.len(), 1);
    }
}
