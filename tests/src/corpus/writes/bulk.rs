//! Writes of several rows, by SeaORM's builders.

use super::super::draw::Draw;
use super::super::fill;
use super::super::market::{
    Category, Customer, Line, Order, Product, ProductTag, Review, Stock, category, customer, line,
    order, product, product_tag, review, stock,
};
use super::writes;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, TransactionTrait,
    sea_query::{Expr, OnConflict, Query},
};

writes! {
    "insert reviews": add_reviews,
    "insert lines of an order, or leave them": add_lines,
    "bring orders back": restore_orders,
    "bring products back": restore_products,
    "bring stock back": restore_stock,
    "bring customers back": restore_customers,
    "orders of a customer get a status": status_of_customer,
    "orders of a status get another one": status_of_status,
    "orders of a warehouse go to another one": warehouse_of_orders,
    "orders of a day get a note": note_of_day,
    "every order loses its note": no_notes,
    "prices of a category go up": prices_of_category,
    "products change their category": category_of_products,
    "products of reviews become active": active_by_subquery,
    "every review becomes more helpful": helpful,
    "reviews of a product get stars": stars_of_product,
    "named orders get a status": status_of_keys,
    "stock of a warehouse is filled up": fill_up,
    "customers of a region move": region_of_customers,
    "categories of a parent move": parent_of_categories,
    "delete orders of a status and a day": drop_orders,
    "delete reviews of a product": drop_reviews,
    "delete reviews of few stars": drop_bad_reviews,
    "delete lines of a product": drop_lines,
    "delete lines of an order": drop_lines_of_order,
    "delete tags of a product": drop_tags,
    "delete empty stock": drop_empty_stock,
    "delete named customers": drop_customers,
}

async fn add_reviews(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let reviews = draw.some(fill::review);
    Review::insert_many(reviews).exec(db).await.map(drop)
}

async fn add_lines(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let order = draw.order();
    let lines: Vec<_> = (1..=3)
        .map(|number| fill::line(order, number, draw))
        .collect();
    let key = [line::Column::OrderId, line::Column::LineNo];
    let nothing = OnConflict::columns(key).do_nothing_on(key).to_owned();
    let insert = Line::insert_many(lines).on_conflict(nothing);
    insert.exec_without_returning(db).await.map(drop)
}

/// Leaves rows that are there.
macro_rules! restore {
    ($name:ident, $entity:ident, $key:expr, |$draw:ident| $row:expr) => {
        async fn $name(db: &impl ConnectionTrait, $draw: &mut Draw) -> Result<(), DbErr> {
            let rows: Vec<_> = (0..4).map(|_| $row).collect();
            let nothing = OnConflict::columns($key).do_nothing_on($key).to_owned();
            let insert = $entity::insert_many(rows).on_conflict(nothing);
            insert.exec_without_returning(db).await.map(drop)
        }
    };
}

restore!(restore_orders, Order, [order::Column::Id], |draw| {
    let id = draw.order();
    fill::order(id, draw)
});
restore!(restore_products, Product, [product::Column::Id], |draw| {
    let id = draw.product();
    fill::product(id, draw)
});
restore!(
    restore_stock,
    Stock,
    [stock::Column::WarehouseId, stock::Column::ProductId],
    |draw| {
        let (warehouse, product) = (draw.warehouse(), draw.product());
        fill::stock(warehouse, product, draw)
    }
);
restore!(
    restore_customers,
    Customer,
    [customer::Column::Id],
    |draw| {
        let id = draw.customer();
        fill::customer(id, draw)
    }
);

/// An update of many rows: the entity, the column and its value, and which rows.
macro_rules! update {
    ($name:ident, $entity:ident, |$draw:ident| $column:expr => $value:expr, $filter:expr) => {
        async fn $name(db: &impl ConnectionTrait, $draw: &mut Draw) -> Result<(), DbErr> {
            let update = $entity::update_many().col_expr($column, Expr::from($value));
            update.filter(Expr::from($filter)).exec(db).await.map(drop)
        }
    };
}

update!(status_of_customer, Order, |draw| order::Column::Status => draw.status(), order::Column::CustomerId.eq(draw.customer()));
update!(status_of_status, Order, |draw| order::Column::Status => draw.status(), order::Column::Status.eq(draw.status()));
update!(warehouse_of_orders, Order, |draw| order::Column::WarehouseId => draw.maybe(Draw::warehouse),
    order::Column::WarehouseId.eq(draw.warehouse()));
update!(note_of_day, Order, |draw| order::Column::Note => draw.word(), order::Column::Placed.eq(draw.day()));
update!(category_of_products, Product, |draw| product::Column::CategoryId => draw.category(),
    product::Column::Id.is_in(draw.some(Draw::product)));
update!(prices_of_category, Product, |draw| product::Column::Price => draw.price(),
    product::Column::CategoryId.eq(draw.category()).and(product::Column::Active.eq(draw.flag())));
update!(active_by_subquery, Product, |draw| product::Column::Active => draw.flag(),
    product::Column::Id.in_subquery(products_of_stars(draw)));
update!(stars_of_product, Review, |draw| review::Column::Stars => draw.stars(), review::Column::ProductId.eq(draw.product()));
update!(status_of_keys, Order, |draw| order::Column::Status => draw.status(), order::Column::Id.is_in(draw.some(Draw::order)));
update!(fill_up, Stock, |draw| stock::Column::OnHand => draw.quantity(), stock::Column::WarehouseId.eq(draw.warehouse()));
update!(region_of_customers, Customer, |draw| customer::Column::Region => draw.maybe(Draw::region),
    customer::Column::Region.eq(draw.region()).or(customer::Column::Region.is_null()));
update!(parent_of_categories, Category, |draw| category::Column::ParentId => draw.maybe(Draw::category),
    category::Column::ParentId.eq(draw.category()));

fn products_of_stars(draw: &mut Draw) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(review::Column::ProductId)
        .from(Review)
        .and_where(review::Column::Stars.eq(draw.stars()))
        .to_owned()
}

async fn no_notes(db: &impl ConnectionTrait, _: &mut Draw) -> Result<(), DbErr> {
    let nothing = Expr::value(None::<String>);
    let update = Order::update_many().col_expr(order::Column::Note, nothing);
    update.exec(db).await.map(drop)
}

async fn helpful(db: &impl ConnectionTrait, _: &mut Draw) -> Result<(), DbErr> {
    let more = Expr::col(review::Column::Helpful).add(1);
    let update = Review::update_many().col_expr(review::Column::Helpful, more);
    update.exec(db).await.map(drop)
}

/// A deletion of many rows.
macro_rules! delete {
    ($name:ident, $entity:ident, |$draw:ident| $filter:expr) => {
        async fn $name(db: &impl ConnectionTrait, $draw: &mut Draw) -> Result<(), DbErr> {
            let delete = $entity::delete_many().filter(Expr::from($filter));
            delete.exec(db).await.map(drop)
        }
    };
}

delete!(drop_orders, Order, |draw| order::Column::Status
    .eq(draw.status())
    .and(order::Column::Placed.lt(draw.day())));
delete!(drop_reviews, Review, |draw| review::Column::ProductId
    .eq(draw.product()));
delete!(drop_bad_reviews, Review, |draw| review::Column::Stars
    .lt(draw.stars()));
delete!(drop_lines, Line, |draw| line::Column::ProductId
    .eq(draw.product()));
delete!(drop_lines_of_order, Line, |draw| line::Column::OrderId
    .eq(draw.order()));
delete!(drop_tags, ProductTag, |draw| product_tag::Column::ProductId
    .eq(draw.product()));
delete!(drop_empty_stock, Stock, |draw| stock::Column::OnHand
    .lte(draw.quantity()));
delete!(drop_customers, Customer, |draw| customer::Column::Id
    .is_in(draw.some(Draw::customer)));
