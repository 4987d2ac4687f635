//! Groups by SeaORM's builders.

use super::super::case::Case;
use super::super::market::{Line, Order, Product, Review, customer, line, order, product, review};
use super::super::source::{all, count};
use cached_repo::CachedQuery;
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, RelationTrait,
    sea_query::{Expr, Func},
};

pub(super) const CASES: &[Case] = &[
    Case::built(
        "built: orders by status",
        all!(|_draw| Order::find()
            .select_only()
            .column(order::Column::Status)
            .column_as(order::Column::Id.count(), "many")
            .group_by(order::Column::Status)
            .into_tuple::<(String, i64)>()),
    ),
    Case::built(
        "built: statuses with many orders",
        all!(|draw| Order::find()
            .select_only()
            .column(order::Column::Status)
            .column_as(order::Column::Id.max(), "last")
            .group_by(order::Column::Status)
            .having(order::Column::Id.count().gt(draw.limit()))
            .into_tuple::<(String, i64)>()),
    ),
    Case::sorted(
        "built: products by their stars",
        all!(|_draw| Review::find()
            .select_only()
            .column(review::Column::ProductId)
            .column_as(review::Column::Stars.min(), "least")
            .column_as(review::Column::Stars.max(), "most")
            .group_by(review::Column::ProductId)
            .order_by_desc(review::Column::Stars.max())
            .order_by_asc(review::Column::ProductId)
            .into_tuple::<(i64, i32, i32)>()),
    ),
    Case::built(
        "built: orders of each region",
        all!(|_draw| Order::find()
            .join(JoinType::InnerJoin, order::Relation::Customer.def())
            .select_only()
            .column(customer::Column::Region)
            .column_as(order::Column::Id.count(), "many")
            .group_by(customer::Column::Region)
            .into_tuple::<(Option<String>, i64)>()),
    ),
    Case::built(
        "built: how many groups",
        count!(|_draw| Line::find()
            .select_only()
            .column(line::Column::ProductId)
            .group_by(line::Column::ProductId)
            .into_tuple::<i64>()),
    ),
    Case::built(
        "built: names in capitals",
        all!(|draw| Product::find()
            .select_only()
            .expr_as(Func::upper(Expr::col(product::Column::Name)), "loud")
            .filter(product::Column::Id.lte(draw.product()))
            .into_tuple::<String>()),
    ),
    Case::built(
        "built: whether it is dear",
        all!(|draw| Product::find()
            .select_only()
            .column(product::Column::Id)
            .expr_as(
                Expr::case(Expr::col(product::Column::Price).gt(draw.price()), "dear")
                    .finally("cheap"),
                "how"
            )
            .into_tuple::<(i64, String)>()),
    ),
];
