//! Filters by every operator, by SeaORM's builders.

use super::super::case::Case;
use super::super::market::{
    Customer, Line, Order, Product, Review, Stock, customer, line, order, product, review, stock,
};
use super::super::source::{all, count, exists, one};
use cached_repo::CachedQuery;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, SelectExt,
    sea_query::{Expr, Query},
};

/// Keys of products that lie in a warehouse.
fn stocked(warehouse: i64) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(stock::Column::ProductId)
        .from(Stock)
        .and_where(stock::Column::WarehouseId.eq(warehouse))
        .and_where(stock::Column::OnHand.gt(0))
        .to_owned()
}

/// Whether there is a review of the product in the query around.
fn reviewed(stars: i32) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from(Review)
        .and_where(
            Expr::col((Review, review::Column::ProductId)).equals((Product, product::Column::Id)),
        )
        .and_where(review::Column::Stars.gte(stars))
        .to_owned()
}

pub(super) const CASES: &[Case] = &[
    Case::sorted(
        "every order",
        all!(|_draw| Order::find().order_by_asc(order::Column::Id)),
    ),
    Case::built("every customer", all!(|_draw| Customer::find())),
    Case::built(
        "orders of other statuses",
        all!(|draw| Order::find().filter(order::Column::Status.ne(draw.status()))),
    ),
    Case::built(
        "orders before a day",
        all!(|draw| Order::find().filter(order::Column::Placed.lt(draw.day()))),
    ),
    Case::built(
        "orders up to a day",
        count!(|draw| Order::find().filter(order::Column::Placed.lte(draw.day()))),
    ),
    Case::built(
        "products above a price",
        all!(|draw| Product::find().filter(product::Column::Price.gt(draw.price()))),
    ),
    Case::built(
        "products from a weight on",
        all!(|draw| Product::find().filter(product::Column::Weight.gte(draw.weight()))),
    ),
    Case::built(
        "products between two prices",
        all!(|draw| Product::find()
            .filter(product::Column::Price.between(draw.price(), draw.price()))),
    ),
    Case::built(
        "products not between two days",
        all!(|draw| Product::find()
            .filter(product::Column::Released.not_between(draw.day(), draw.day()))),
    ),
    Case::built(
        "customers whose name is like",
        all!(|draw| Customer::find().filter(customer::Column::Name.like(draw.pattern()))),
    ),
    Case::built(
        "customers whose name is not like",
        all!(|draw| Customer::find().filter(customer::Column::Name.not_like(draw.pattern()))),
    ),
    Case::built(
        "customers whose name begins with",
        all!(|draw| Customer::find().filter(customer::Column::Name.starts_with(draw.word()))),
    ),
    Case::built(
        "customers whose name contains, or who are important",
        all!(|draw| Customer::find().filter(
            customer::Column::Name
                .contains(draw.word())
                .or(customer::Column::Vip.eq(true))
        )),
    ),
    Case::built(
        "customers of whom no birthday is known",
        all!(|_draw| Customer::find().filter(customer::Column::Born.is_null())),
    ),
    Case::built(
        "orders with a note and a discount",
        all!(|_draw| Order::find().filter(
            order::Column::Note
                .is_not_null()
                .and(order::Column::Discount.is_not_null())
        )),
    ),
    Case::built(
        "lines not of some quantities",
        all!(|draw| Line::find()
            .filter(line::Column::Quantity.is_not_in(draw.some(|draw| draw.quantity())))),
    ),
    Case::built(
        "products that lie in a warehouse",
        all!(|draw| Product::find()
            .filter(product::Column::Id.in_subquery(stocked(draw.warehouse())))),
    ),
    Case::built(
        "products that do not lie in a warehouse",
        all!(|draw| Product::find()
            .filter(product::Column::Id.not_in_subquery(stocked(draw.warehouse())))),
    ),
    Case::built(
        "products with a good review",
        all!(|draw| Product::find().filter(Expr::exists(reviewed(draw.stars())))),
    ),
    Case::built(
        "products without a good review",
        all!(|draw| Product::find().filter(Expr::exists(reviewed(draw.stars())).not())),
    ),
    Case::built(
        "a nest of AND and OR",
        all!(|draw| Order::find().filter(
            Condition::any()
                .add(
                    Condition::all()
                        .add(order::Column::Placed.gt(draw.day()))
                        .add(order::Column::Discount.is_null())
                )
                .add(
                    Condition::all().add(order::Column::Note.is_not_null()).add(
                        Condition::any()
                            .not()
                            .add(order::Column::Id.gt(draw.order()))
                            .add(order::Column::Placed.eq(draw.day()))
                    )
                )
        )),
    ),
    Case::built(
        "stock that is promised more often than it is there",
        all!(|_draw| Stock::find()
            .filter(Expr::col(stock::Column::Reserved).gt(Expr::col(stock::Column::OnHand)))),
    ),
    Case::built(
        "whether any product is dearer",
        exists!(|draw| Product::find().filter(product::Column::Price.gt(draw.price()))),
    ),
    Case::sorted(
        "the dearest product",
        one!(|_draw| Product::find()
            .order_by_desc(product::Column::Price)
            .order_by_asc(product::Column::Id)),
    ),
    Case::sorted(
        "some products from an offset on",
        all!(|draw| Product::find()
            .order_by_asc(product::Column::Name)
            .order_by_asc(product::Column::Id)
            .limit(u64::try_from(draw.limit()).unwrap_or(1))
            .offset(u64::try_from(draw.offset()).unwrap_or(0))),
    ),
    Case::built(
        "distinct statuses",
        all!(|_draw| Order::find()
            .select_only()
            .column(order::Column::Status)
            .distinct()
            .into_tuple::<String>()),
    ),
    Case::built(
        "reviews, filtered if chance wants it",
        all!(
            |draw| Review::find().apply_if(draw.maybe(|draw| draw.quantity()), |query, least| {
                query.filter(review::Column::Helpful.gte(least))
            })
        ),
    ),
];
