//! Pins by SeaORM's builders.

use super::super::case::Case;
use super::super::market::{
    Category, Customer, Line, Order, Product, Review, Stock, category, customer, line, order,
    product, review, stock,
};
use super::super::source::{all, count, exists, one, page};
use cached_repo::CachedQuery;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, JoinType, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, RelationTrait, SelectExt,
};

fn of_customer(customer: i64) -> sea_orm::Select<Order> {
    Order::find().filter(order::Column::CustomerId.eq(customer))
}

pub(super) const CASES: &[Case] = &[
    Case::sorted(
        "built: orders of a customer",
        all!(|draw| of_customer(draw.customer()).order_by_asc(order::Column::Id)),
    ),
    Case::sorted(
        "built: latest order of a customer",
        one!(|draw| {
            let latest = of_customer(draw.customer()).order_by_desc(order::Column::Placed);
            latest.order_by_desc(order::Column::Id)
        }),
    ),
    Case::built(
        "built: how many orders of a customer",
        count!(|draw| of_customer(draw.customer())),
    ),
    Case::built(
        "built: whether a customer has an order of a status",
        exists!(|draw| {
            let status = order::Column::Status.eq(draw.status());
            of_customer(draw.customer()).filter(status)
        }),
    ),
    Case::sorted(
        "built: a page of the orders of some customers",
        page!(|draw| {
            let some = order::Column::CustomerId.is_in(draw.some(|draw| draw.customer()));
            let orders = Order::find().filter(some).order_by_asc(order::Column::Id);
            (orders, 2, u64::try_from(draw.offset()).unwrap_or_default())
        }),
    ),
    Case::built(
        "built: orders of no customer of an empty list",
        all!(|_draw| Order::find().filter(order::Column::CustomerId.is_in(Vec::<i64>::new()))),
    ),
    Case::built(
        "built: orders of a warehouse that may be none",
        all!(|draw| {
            let warehouse = draw.maybe(|draw| draw.warehouse());
            Order::find().filter(order::Column::WarehouseId.eq(warehouse))
        }),
    ),
    Case::built(
        "built: products of a category or without a price below",
        all!(|draw| Product::find().filter(
            Condition::any()
                .add(product::Column::CategoryId.eq(draw.category()))
                .add(product::Column::Price.gt(draw.price()))
        )),
    ),
    Case::built(
        "built: active products of some categories",
        all!(|draw| Product::find().filter(
            Condition::all()
                .add(product::Column::CategoryId.is_in(draw.some(|draw| draw.category())))
                .add(product::Column::Active.eq(true))
        )),
    ),
    Case::built(
        "built: not the products of a category",
        all!(|draw| Product::find().filter(
            Condition::all()
                .not()
                .add(product::Column::CategoryId.eq(draw.category()))
        )),
    ),
    Case::built(
        "built: orders of a customer with the customer",
        all!(|draw| of_customer(draw.customer()).find_also_related(Customer)),
    ),
    Case::built(
        "built: customers of a region with their orders",
        all!(|draw| {
            let region = customer::Column::Region.eq(draw.region());
            let customers = Customer::find().find_with_related(Order).filter(region);
            customers
                .order_by_asc(customer::Column::Id)
                .order_by_asc(order::Column::Id)
        }),
    ),
    Case::built(
        "built: orders of a region by a join",
        all!(|draw| Order::find()
            .join(JoinType::InnerJoin, order::Relation::Customer.def())
            .filter(customer::Column::Region.eq(draw.region()))),
    ),
    Case::built(
        "built: what was ordered of a product, and by whom",
        all!(|draw| Line::find()
            .filter(line::Column::ProductId.eq(draw.product()))
            .find_also_related(Order)
            .and_also_related(Customer)),
    ),
    Case::built(
        "built: children of a category, their names",
        all!(|draw| Category::find()
            .filter(category::Column::ParentId.eq(draw.category()))
            .select_only()
            .column(category::Column::Name)
            .into_tuple::<String>()),
    ),
    Case::built(
        "built: a category with its parent",
        all!(|draw| Category::find()
            .filter(category::Column::ParentId.eq(draw.category()))
            .find_also_linked(super::joined::Upwards)),
    ),
    Case::built(
        "built: reviews of a product as JSON",
        all!(|draw| Review::find()
            .filter(review::Column::ProductId.eq(draw.product()))
            .into_json()),
    ),
    Case::built(
        "built: a piece of stock by its key",
        one!(|draw| Stock::find_by_id((draw.warehouse(), draw.product()))),
    ),
    Case::built(
        "built: stock of a product in some warehouses",
        all!(|draw| Stock::find().filter(
            stock::Column::ProductId
                .eq(draw.product())
                .and(stock::Column::WarehouseId.is_in(draw.some(|draw| draw.warehouse())))
        )),
    ),
    Case::built(
        "built: a product by its sku",
        one!(|draw| Product::find()
            .filter(product::Column::Sku.eq(format!("sku-{}", draw.product())))),
    ),
];
