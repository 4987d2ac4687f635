//! A schema made by hand: users, their orders (by name only), and the orders' lines (cascading).

use super::*;
use crate::schema::row::RowTable;
use sea_orm::{ColumnType, DbErr, Statement};

pub(crate) const USER: u16 = 0;
pub(crate) const ORDER: u16 = 1;

const fn ident(path: &'static str, prefix: &'static str) -> EntityIdent {
    EntityIdent {
        path,
        prefix,
        file: "shop.rs",
        line: 1,
    }
}

const USERS: EntityIdent = ident("shop::user::Entity", "user");
const ORDERS: EntityIdent = ident("shop::order::Entity", "order");
const LINES: EntityIdent = ident("shop::line::Entity", "line");

macro_rules! fields {
    ($($name:literal),*) => { &[$(FieldMeta { name: $name, column: || $name }),*] };
}

const fn edge(
    other: EntityIdent,
    via: &'static [&'static str],
    on: &'static [&'static str],
    cascade: bool,
) -> EdgeMeta {
    EdgeMeta {
        other,
        via,
        references: &[],
        on,
        cascade,
        file: "shop.rs",
        line: 1,
    }
}

const fn meta(ident: EntityIdent, fields: &'static [FieldMeta]) -> EntityMeta {
    EntityMeta {
        ident,
        lifetimes: Lifetimes {
            ttl: None,
            negative_ttl: None,
            jitter: None,
        },
        fields,
        tags: &[],
        indexes: &[],
        uniques: &[],
        dependents: &[],
        depends_on: &[],
        independent: &[],
        shape: 1,
    }
}

static USER_META: EntityMeta = EntityMeta {
    tags: &[TagMeta {
        template: "tenant:{tenant_id}",
        parts: &[TagPart::Text("tenant:"), TagPart::Field("tenant_id")],
    }],
    indexes: &[LookupMeta {
        name: "tenant_id",
        fields: &["tenant_id"],
    }],
    uniques: &[LookupMeta {
        name: "email",
        fields: &["email"],
    }],
    dependents: &[edge(ORDERS, &["customer_id"], &["name"], false)],
    ..meta(USERS, fields!("id", "email", "tenant_id", "name"))
};

static ORDER_META: EntityMeta = EntityMeta {
    dependents: &[edge(LINES, &["order_id"], &[], true)],
    ..meta(ORDERS, fields!("id", "customer_id"))
};

static LINE_META: EntityMeta = meta(LINES, fields!("id", "order_id"));

/// A table without rows: decisions need none.
fn rows(table: fn() -> (Option<String>, String)) -> RowTable {
    RowTable {
        table,
        key_columns: || vec!["id"],
        values: |_| Vec::new(),
        rebuild: |_| None,
        select: |backend, _| Statement::from_string(backend, ""),
        decode: |_| Err(DbErr::Custom("no rows".into())),
        numbered: || true,
        decode_key: |_| None,
        column_types: || vec![("id", ColumnType::BigInteger)],
    }
}

#[derive(Debug)]
struct Shop;

impl CacheSchema for Shop {
    const NAME: &'static str = "Shop";

    fn members() -> &'static [fn() -> SchemaMember] {
        &[
            || SchemaMember {
                meta: &USER_META,
                out: &[1],
                inward: &[],
                rows: rows(|| (None, "users".into())),
            },
            || SchemaMember {
                meta: &ORDER_META,
                out: &[2],
                inward: &[],
                rows: rows(|| (None, "orders".into())),
            },
            || SchemaMember {
                meta: &LINE_META,
                out: &[],
                inward: &[],
                rows: rows(|| (None, "lines".into())),
            },
        ]
    }
}

pub(crate) fn schema() -> Schema {
    Schema::of::<Shop>("cr").expect("the schema is right")
}
