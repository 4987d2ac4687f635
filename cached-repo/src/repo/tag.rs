//! Tags with their values put in.

use crate::key::plain;
use sea_orm::Value;
use std::fmt;

/// A tag of a cache schema, made by [`tag!`](crate::tag).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tag(String);

impl Tag {
    /// The tag that this template and these values name: they are written as entities write them.
    #[doc(hidden)]
    #[must_use]
    pub fn of(template: &str, values: &[Value]) -> Self {
        let mut text = String::new();
        let mut values = values.iter();
        let mut letters = template.chars().peekable();
        while let Some(letter) = letters.next() {
            match (letter, letters.peek()) {
                ('{', Some('}')) => {
                    letters.next();
                    text.extend(values.next().map(plain));
                }
                ('{', Some('{')) | ('}', Some('}')) => {
                    letters.next();
                    text.push(letter);
                }
                _ => text.push(letter),
            }
        }
        Self(text)
    }
}

impl AsRef<str> for Tag {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A tag that some entity of a schema declares, with values for its columns in their order:
/// `tag!(Shop, "tenant:{}", 7)`. A tag that no entity declares does not compile.
///
/// ```
/// # use cached_repo::{cached_schema, tag};
/// # pub mod user {
/// #     use cached_repo::prelude::*;
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
/// #     #[sea_orm(table_name = "users")]
/// #     #[cached(tags("users", "tenant:{tenant_id}"))]
/// #     pub struct Model {
/// #         #[sea_orm(primary_key)]
/// #         pub id: i64,
/// #         pub tenant_id: i64,
/// #     }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # cached_schema! { pub Shop { user::Entity } }
/// assert_eq!(tag!(Shop, "tenant:{}", 7_i64).to_string(), "tenant:7");
/// assert_eq!(tag!(Shop, "users").to_string(), "users");
/// ```
#[macro_export]
macro_rules! tag {
    ($schema:ty, $template:literal $(, $value:expr)* $(,)?) => {{
        const _: () = $crate::__private::assert_tag(
            <$schema as $crate::CacheSchema>::METAS,
            $template,
            <[&str]>::len(&[$(stringify!($value)),*]),
        );
        $crate::Tag::of($template, &[$($crate::__private::sea_orm::Value::from($value)),*])
    }};
}
