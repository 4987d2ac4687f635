//! `index` and `unique`.

use cached_repo::CachedEntity;
use cached_repo::query::{FindByIndex, FindByUnique};

pub mod account {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "accounts")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[cached(unique)]
        pub email: String,
        #[cached(index, unique = "tenant_and_name")]
        pub tenant_id: i32,
        #[cached(unique = "tenant_and_name")]
        #[cached(index = "shelf")]
        pub name: String,
        #[cached(index = "shelf", index = "place")]
        pub nick: Option<String>,
        #[cached(unique)]
        pub r#type: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use account::Entity as Account;

#[test]
fn lookups_are_listed_in_order() {
    let list = |lookups: &'static [cached_repo::__private::LookupMeta]| -> Vec<_> {
        lookups
            .iter()
            .map(|lookup| (lookup.name, lookup.fields))
            .collect()
    };
    assert_eq!(
        list(Account::META.uniques),
        [
            ("email", &["email"][..]),
            ("tenant_and_name", &["tenant_id", "name"]),
            ("type", &["type"]),
        ]
    );
    assert_eq!(
        list(Account::META.indexes),
        [
            ("tenant_id", &["tenant_id"][..]),
            ("shelf", &["name", "nick"]),
            ("place", &["nick"]),
        ]
    );
}

#[test]
fn methods_take_what_converts() {
    let _: FindByUnique<Account> = Account::find_cached_by_email("ada@example.org");
    let _: FindByUnique<Account> = Account::find_cached_by_tenant_and_name(1, "ada");
    let _: FindByUnique<Account> = Account::find_cached_by_type(1);
    let _: FindByUnique<Account> = Account::find_cached_by_type(None);
    let _: FindByIndex<Account> = Account::find_cached_by_tenant_id(1_i16);
    let _: FindByIndex<Account> = Account::find_cached_by_shelf("x", "y".to_owned());
    let _: FindByIndex<Account> = Account::find_cached_by_place(None);
}
