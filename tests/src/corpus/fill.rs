//! The rows with which a run begins.

use super::draw::Draw;
use super::market::{
    Category, Customer, Line, Order, Product, ProductTag, Review, Stock, Tag, Warehouse, category,
    customer, line, order, product, product_tag, review, stock, tag, warehouse,
};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Set};

/// A customer with this key.
pub fn customer(id: i64, draw: &mut Draw) -> customer::ActiveModel {
    customer::ActiveModel {
        id: Set(id),
        email: Set(format!("{id}@example.org")),
        name: Set(format!("{} {id}", draw.word())),
        region: Set(draw.maybe(Draw::region)),
        vip: Set(draw.flag()),
        born: Set(draw.maybe(Draw::day)),
    }
}

/// An order with this key.
pub fn order(id: i64, draw: &mut Draw) -> order::ActiveModel {
    order::ActiveModel {
        id: Set(id),
        customer_id: Set(draw.customer()),
        status: Set(draw.status()),
        placed: Set(draw.day()),
        warehouse_id: Set(draw.maybe(Draw::warehouse)),
        discount: Set(draw.maybe(Draw::price)),
        note: Set(draw.maybe(Draw::word)),
    }
}

/// A line at this place.
pub fn line(order: i64, number: i32, draw: &mut Draw) -> line::ActiveModel {
    line::ActiveModel {
        order_id: Set(order),
        line_no: Set(number),
        product_id: Set(draw.product()),
        quantity: Set(draw.quantity()),
        price: Set(draw.price()),
    }
}

/// A product with this key.
pub fn product(id: i64, draw: &mut Draw) -> product::ActiveModel {
    product::ActiveModel {
        id: Set(id),
        sku: Set(format!("sku-{id}")),
        name: Set(format!("{} {id}", draw.word())),
        category_id: Set(draw.maybe(Draw::category)),
        price: Set(draw.price()),
        weight: Set(draw.maybe(Draw::weight)),
        active: Set(draw.flag()),
        released: Set(draw.maybe(Draw::day)),
    }
}

/// A category with this key.
pub fn category(id: i64, parent: Option<i64>, draw: &mut Draw) -> category::ActiveModel {
    category::ActiveModel {
        id: Set(id),
        name: Set(format!("category {id}")),
        parent_id: Set(parent),
        position: Set(draw.position()),
    }
}

/// A new review.
pub fn review(draw: &mut Draw) -> review::ActiveModel {
    review::ActiveModel {
        product_id: Set(draw.product()),
        customer_id: Set(draw.maybe(Draw::customer)),
        stars: Set(draw.stars()),
        body: Set(draw.maybe(Draw::word)),
        helpful: Set(draw.quantity()),
        ..Default::default()
    }
}

/// A warehouse with this key.
pub fn warehouse(id: i64, draw: &mut Draw) -> warehouse::ActiveModel {
    warehouse::ActiveModel {
        id: Set(id),
        code: Set(format!("W{id}")),
        region: Set(draw.region()),
    }
}

/// What lies of a product in a warehouse.
pub fn stock(warehouse: i64, product: i64, draw: &mut Draw) -> stock::ActiveModel {
    stock::ActiveModel {
        warehouse_id: Set(warehouse),
        product_id: Set(product),
        on_hand: Set(draw.quantity()),
        reserved: Set(draw.quantity()),
    }
}

/// A tag with this key.
pub fn tag(id: i64) -> tag::ActiveModel {
    tag::ActiveModel {
        id: Set(id),
        label: Set(format!("tag {id}")),
    }
}

/// Fills the tables, but for some rows that writes may bring.
///
/// # Errors
/// The database's own.
pub async fn fill(db: &impl ConnectionTrait, seed: u64) -> Result<(), DbErr> {
    let draw = &mut Draw::new(seed);
    let customers: Vec<_> = (1..=9).map(|id| customer(id, draw)).collect();
    Customer::insert_many(customers).exec(db).await?;
    for id in 1..=6 {
        // The first has no parent, the others form a tree.
        let parent = Some(id / 2).filter(|&parent| parent > 0);
        let category = category(id, parent, draw);
        Category::insert(category).exec(db).await?;
    }
    let warehouses: Vec<_> = (1..=4).map(|id| warehouse(id, draw)).collect();
    Warehouse::insert_many(warehouses).exec(db).await?;
    Tag::insert_many((1..=5).map(tag)).exec(db).await?;
    let mut products: Vec<_> = (1..=12).map(|id| product(id, draw)).collect();
    for product in &mut products {
        // The last category comes later.
        if product.category_id == Set(Some(7)) {
            product.category_id = Set(None);
        }
    }
    Product::insert_many(products).exec(db).await?;
    let orders: Vec<_> = (1..=18).map(|id| order(id, draw)).collect();
    Order::insert_many(orders).exec(db).await?;
    let lines = (1..=18).flat_map(|order| (1..=order % 3 + 1).map(move |number| (order, number)));
    let lines: Vec<_> = lines
        .map(|(order, number)| line(order, i32::try_from(number).unwrap_or(1), draw))
        .collect();
    Line::insert_many(lines).exec(db).await?;
    let reviews: Vec<_> = (0..20).map(|_| review(draw)).collect();
    Review::insert_many(reviews).exec(db).await?;
    let stocks = (1..=4).flat_map(|place| (1..=12).step_by(2).map(move |what| (place, what)));
    let stocks: Vec<_> = stocks
        .map(|(place, what)| stock(place, what, draw))
        .collect();
    Stock::insert_many(stocks).exec(db).await?;
    let tagged = (1..=12).flat_map(|what| (1..=what % 4).map(move |tag| (what, tag)));
    let tagged = tagged.map(|(product, tag)| product_tag::ActiveModel {
        product_id: Set(product),
        tag_id: Set(tag),
    });
    ProductTag::insert_many(tagged).exec(db).await.map(drop)
}
