//! What SeaORM makes of rows: models of one's own, tuples, JSON, pages, cursors; and SQL with the same.

use super::super::case::Case;
use super::super::market::{
    Customer, Line, Order, Product, Review, customer, line, order, product, review,
};
use super::super::source::{all, count, cursor, one, page};
use cached_repo::CachedQuery;
use sea_orm::prelude::{Date, Decimal};
use sea_orm::{
    ColumnTrait, DerivePartialModel, EntityTrait, FromQueryResult, JsonValue, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};

/// A product in a list.
#[derive(Clone, Debug, PartialEq, FromQueryResult, Serialize, Deserialize)]
struct Offer {
    id: i64,
    name: String,
    price: Decimal,
    weight: Option<f64>,
    active: bool,
    released: Option<Date>,
}

/// An order without its relations.
#[derive(Clone, Debug, PartialEq, DerivePartialModel, Serialize, Deserialize)]
#[sea_orm(entity = "Order")]
struct Parcel {
    id: i64,
    status: String,
    #[sea_orm(from_col = "warehouse_id")]
    from: Option<i64>,
}

/// How many there are of something.
#[derive(Clone, Debug, PartialEq, FromQueryResult, Serialize, Deserialize)]
struct Tally {
    what: Option<i64>,
    many: i64,
}

const TALLY: &str = "SELECT warehouse_id AS what, COUNT(*) AS many FROM orders WHERE status <> {status} GROUP BY warehouse_id";

/// The text for a database of which the draw knows nothing.
macro_rules! raw {
    ($item:ident, $method:ident, $show:ident, $sql:expr) => {{
        fn ask<'a>(
            source: super::super::source::Source<'a>,
            draw: &mut super::super::draw::Draw,
        ) -> super::super::source::Answering<'a> {
            use super::super::source::{self, Source};
            let query = $item::find_by_statement(draw.statement(source.backend(), $sql));
            Box::pin(async move {
                Ok(match source {
                    Source::Cached(repo) => source::$show(&query.cached().$method(repo).await?),
                    Source::Direct(db) => source::$show(&query.$method(db).await?),
                })
            })
        }
        ask as super::super::source::Ask
    }};
}

pub(super) const CASES: &[Case] = &[
    Case::built(
        "offers",
        all!(|draw| Product::find()
            .filter(product::Column::Active.eq(draw.flag()))
            .into_model::<Offer>()),
    ),
    Case::sorted(
        "the cheapest offer",
        one!(|_draw| Product::find()
            .order_by_asc(product::Column::Price)
            .order_by_asc(product::Column::Id)
            .into_model::<Offer>()),
    ),
    Case::built(
        "parcels",
        all!(|_draw| Order::find().into_partial_model::<Parcel>()),
    ),
    Case::built(
        "how many parcels",
        count!(|draw| Order::find()
            .filter(order::Column::Placed.ne(draw.day()))
            .into_partial_model::<Parcel>()),
    ),
    Case::sorted(
        "a page of parcels",
        page!(|draw| {
            let parcels = Order::find().order_by_desc(order::Column::Id);
            let page = u64::try_from(draw.offset()).unwrap_or_default();
            (parcels.into_partial_model::<Parcel>(), 4, page)
        }),
    ),
    Case::built(
        "tuples",
        all!(|_draw| Line::find()
            .select_only()
            .column(line::Column::OrderId)
            .column(line::Column::LineNo)
            .column(line::Column::Price)
            .into_tuple::<(i64, i32, Decimal)>()),
    ),
    Case::built(
        "customers as JSON",
        all!(|draw| Customer::find()
            .filter(customer::Column::Vip.eq(draw.flag()))
            .into_json()),
    ),
    Case::built(
        "one order as JSON",
        one!(|_draw| Order::find().order_by_asc(order::Column::Id).into_json()),
    ),
    Case::sorted(
        "a page of reviews",
        page!(|draw| {
            let reviews = Review::find().order_by_asc(review::Column::Id);
            (reviews, 5, u64::try_from(draw.offset()).unwrap_or_default())
        }),
    ),
    Case::sorted(
        "a cursor from the beginning",
        cursor!(|draw| {
            let mut cursor = Product::find().cursor_by(product::Column::Id);
            cursor.first(u64::try_from(draw.limit()).unwrap_or(1));
            cursor.into_model::<Offer>()
        }),
    ),
    Case::sorted(
        "a cursor behind a key",
        cursor!(|draw| {
            let mut cursor = Order::find().cursor_by(order::Column::Id);
            cursor.after(draw.order()).first(3);
            cursor.into_partial_model::<Parcel>()
        }),
    ),
    Case::sorted(
        "a cursor from the end, over two columns",
        cursor!(|draw| {
            let mut cursor = Line::find().cursor_by((line::Column::OrderId, line::Column::LineNo));
            cursor.before((draw.order(), draw.position())).last(4);
            cursor.into_json()
        }),
    ),
    Case::built("a tally", raw!(Tally, all, texts, TALLY)),
    Case::built(
        "one of a tally",
        raw!(
            Tally,
            one,
            text,
            "SELECT MAX(id) AS what, COUNT(*) AS many FROM reviews"
        ),
    ),
    Case::built("how many of a tally", raw!(Tally, count, text, TALLY)),
    Case::built(
        "SQL as JSON",
        raw!(
            JsonValue,
            all,
            texts,
            "SELECT id, name, price, active, released FROM products WHERE price > {price}"
        ),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_what_is_drawn() {
        let mut draw = super::super::super::draw::Draw::new(1);
        let statement = draw.statement(sea_orm::DbBackend::Postgres, TALLY);
        assert!(statement.sql.contains("status <> $1"), "{}", statement.sql);
        assert!(draw.said().starts_with("status="), "{}", draw.said());
    }
}
