//! A schema made by hand: users, their orders (by name only), and the orders' lines (cascading).

use super::graph::{Graph, Index, Members, Plan, Tables, count_steps};
use super::*;
use sea_orm::{ColumnType, DbErr, Statement};

pub(crate) mod draft;

pub(crate) const USER: u16 = 0;
pub(crate) const ORDER: u16 = 1;

const PLACE: Place = Place {
    file: "shop.rs",
    line: 1,
};

const fn ident(path: &'static str, prefix: &'static str) -> EntityIdent {
    EntityIdent::new(path, prefix, "", PLACE)
}

const USERS: EntityIdent = ident("shop::user::Entity", "user");
const ORDERS: EntityIdent = ident("shop::order::Entity", "order");
const LINES: EntityIdent = ident("shop::line::Entity", "line");

macro_rules! fields {
    ($($name:literal),*) => {
        const {
            &[$(FieldMeta {
                name: Name::of($name),
                variant: Name::of($name),
                key: matches!($name.as_bytes(), b"id"),
            }),*]
        }
    };
}

const fn edge(
    other: EntityIdent,
    via: &'static [Name],
    on: &'static [Name],
    cascade: bool,
) -> EdgeMeta {
    EdgeMeta {
        other,
        via,
        references: &[],
        on,
        cascade,
        lookup: 0,
        on_delete: Action::None,
        on_update: Action::None,
        place: PLACE,
    }
}

const fn meta(ident: EntityIdent, fields: &'static [FieldMeta]) -> EntityMeta {
    EntityMeta {
        ident,
        lifetimes: Lifetimes {
            ttl: None,
            negative_ttl: None,
            stale_while_revalidate: None,
            stale_if_error: None,
            refresh_ahead: None,
            early_refresh: None,
            jitter: None,
        },
        fields,
        tags: &[],
        indexes: &[],
        uniques: &[],
        dependents: &[],
        depends_on: &[],
        independent: &[],
        relations_checked: true,
        consistency: None,
        batch: false,
        lists: None,
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
    dependents: &[edge(
        ORDERS,
        const { &[Name::of("customer_id")] },
        const { &[Name::of("name")] },
        false,
    )],
    ..meta(USERS, fields!("id", "email", "tenant_id", "name"))
};

static ORDER_META: EntityMeta = EntityMeta {
    dependents: &[edge(LINES, const { &[Name::of("order_id")] }, &[], true)],
    ..meta(ORDERS, fields!("id", "customer_id"))
};

static LINE_META: EntityMeta = meta(LINES, fields!("id", "order_id"));

/// A table without rows: decisions need none.
const fn rows(
    table: fn() -> (Option<String>, String),
    columns: fn() -> Vec<&'static str>,
    key_columns: fn() -> Vec<&'static str>,
) -> RowTable {
    RowTable {
        table,
        size: 64,
        columns,
        key_columns,
        values: |_| Vec::new(),
        rebuild: |_| None,
        select: |backend, _| Statement::from_string(backend, ""),
        decode: |_| Err(DbErr::Custom("no rows".into())),
        numbered: || true,
        readers: &[],
        column_types: || vec![("id", ColumnType::BigInteger)],
    }
}

static METAS: [&EntityMeta; 3] = [&USER_META, &ORDER_META, &LINE_META];

#[derive(Debug)]
pub(crate) struct Shop;

impl CacheSchema for Shop {
    const NAME: &'static str = "Shop";

    const METAS: &'static [&'static EntityMeta] = &METAS;

    fn tables() -> &'static Tables {
        static MEMBERS: Members<3> = Members {
            metas: METAS,
            out: [&[1], &[2], &[]],
            inward: [&[]; 3],
            relations: [None; 3],
            related: &[],
            checked: false,
        };
        static GRAPH: Graph<3, 2> = Graph::of(&MEMBERS, &Index::<8>::of(&MEMBERS));
        const STEPS: usize = count_steps(&GRAPH, 0, 3);
        static PLAN: Plan<3, STEPS> = Plan::of(&GRAPH, 0);
        static TABLES: Tables = Tables {
            metas: &METAS,
            relations: &MEMBERS.relations,
            edges: GRAPH.edges(),
            partitions: &[
                GRAPH.partitions(0),
                GRAPH.partitions(1),
                GRAPH.partitions(2),
            ],
            steps: &[PLAN.steps(0), PLAN.steps(1), PLAN.steps(2)],
        };
        &TABLES
    }

    fn rows() -> &'static [RowTable] {
        static ROWS: [RowTable; 3] = [
            rows(
                || (None, "users".into()),
                || vec!["id", "email", "tenant_id", "name"],
                || vec!["id"],
            ),
            rows(
                || (None, "orders".into()),
                || vec!["id", "customer_id"],
                || vec!["id"],
            ),
            rows(
                || (None, "lines".into()),
                || vec!["id", "order_id"],
                || vec!["id"],
            ),
        ];
        &ROWS
    }
}

pub(crate) fn schema() -> Schema {
    Schema::of::<Shop>("cr").expect("the schema is right")
}
