//! Joins by SeaORM's builders.

use super::super::case::Case;
use super::super::market::{
    Category, Customer, Line, Order, Product, Review, Stock, Tag, Warehouse, category, customer,
    line, order, product, review, stock, tag,
};
use super::super::source::{all, count, exists, one, page};
use cached_repo::CachedQuery;
use sea_orm::{
    ColumnTrait, EntityTrait, JoinType, Linked, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, RelationDef, RelationTrait, SelectExt,
};

/// From a category to what it is part of.
#[derive(Debug)]
pub(super) struct Upwards;

impl Linked for Upwards {
    type FromEntity = Category;
    type ToEntity = Category;

    fn link(&self) -> Vec<RelationDef> {
        vec![category::Relation::Parent.def()]
    }
}

pub(super) const CASES: &[Case] = &[
    Case::built(
        "built: orders with their customers",
        all!(|_draw| Order::find().find_also_related(Customer)),
    ),
    Case::sorted(
        "built: the first customer with an order",
        one!(|_draw| {
            let pairs = Customer::find().find_also_related(Order);
            pairs
                .order_by_asc(customer::Column::Id)
                .order_by_asc(order::Column::Id)
        }),
    ),
    Case::built(
        "built: how many pairs of categories and products",
        count!(|_draw| Category::find().find_also_related(Product)),
    ),
    Case::built(
        "built: whether a heavy product has a category",
        exists!(|draw| {
            let heavy = product::Column::Weight.gt(draw.weight());
            Product::find().find_also_related(Category).filter(heavy)
        }),
    ),
    Case::sorted(
        "built: a page of pairs",
        page!(|draw| {
            let pairs = Order::find().find_also_related(Warehouse);
            let pairs = pairs.order_by_asc(order::Column::Id);
            (pairs, 3, u64::try_from(draw.offset()).unwrap_or_default())
        }),
    ),
    Case::sorted(
        "built: orders with their lines",
        all!(|_draw| {
            let groups = Order::find().find_with_related(Line);
            groups
                .order_by_asc(order::Column::Id)
                .order_by_asc(line::Column::LineNo)
        }),
    ),
    Case::sorted(
        "built: products with their tags",
        all!(|_draw| {
            let groups = Product::find().find_with_related(Tag);
            groups
                .order_by_asc(product::Column::Id)
                .order_by_asc(tag::Column::Id)
        }),
    ),
    Case::sorted(
        "built: tags with their dear products",
        all!(|draw| {
            let dear = product::Column::Price.gte(draw.price());
            let groups = Tag::find().find_with_related(Product).filter(dear);
            groups
                .order_by_asc(tag::Column::Id)
                .order_by_asc(product::Column::Id)
        }),
    ),
    Case::built(
        "built: reviews with products and customers",
        all!(|_draw| Review::find()
            .find_also_related(Product)
            .find_also_related(Customer)),
    ),
    Case::sorted(
        "built: products with their lines and orders, grouped",
        all!(|_draw| Customer::find()
            .find_also_related(Order)
            .and_also_related(Line)
            .order_by_asc(customer::Column::Id)
            .order_by_asc(order::Column::Id)
            .order_by_asc(line::Column::LineNo)
            .consolidate()),
    ),
    Case::sorted(
        "built: products with their reviews and stock, grouped",
        all!(|_draw| Product::find()
            .find_also_related(Review)
            .find_also_related(Stock)
            .order_by_asc(product::Column::Id)
            .order_by_asc(review::Column::Id)
            .order_by_asc(stock::Column::WarehouseId)
            .consolidate()),
    ),
    Case::built(
        "built: categories with their parents",
        all!(|_draw| Category::find().find_also_linked(Upwards)),
    ),
    Case::built(
        "built: orders from a warehouse of a region",
        all!(|draw| Order::find()
            .join(JoinType::LeftJoin, order::Relation::Warehouse.def())
            .filter(super::super::market::warehouse::Column::Region.eq(draw.region()))),
    ),
    Case::built(
        "built: names of customers who reviewed",
        all!(|draw| Customer::find()
            .join_rev(JoinType::InnerJoin, review::Relation::Customer.def())
            .filter(review::Column::Stars.gte(draw.stars()))
            .select_only()
            .column(customer::Column::Name)
            .column(review::Column::Stars)
            .into_tuple::<(String, i32)>()),
    ),
];
