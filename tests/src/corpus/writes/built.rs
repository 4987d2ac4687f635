//! Writes of single rows, by active models.

use super::super::draw::Draw;
use super::super::fill;
use super::super::market::{
    Category, Customer, Line, Order, Product, ProductTag, Review, Stock, category, customer, line,
    order, product, product_tag, review, stock, warehouse,
};
use super::writes;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    ModelTrait, QueryFilter, QueryOrder, Set, TransactionTrait, sea_query::OnConflict,
};

writes! {
    "insert a customer": add_customer,
    "insert an order": add_order,
    "insert an order, once more": add_order,
    "insert a line": add_line,
    "insert a line, once more": add_line,
    "insert a product": add_product,
    "insert a category": add_category,
    "insert a review": add_review,
    "insert a warehouse": add_warehouse,
    "insert stock": add_stock,
    "insert a tag": add_tag,
    "tag a product": tag_product,
    "tag a product, or leave it": tag_product_or_not,
    "rename a customer": rename,
    "move a customer": move_customer,
    "change the email of a customer": change_email,
    "update a whole order": replace_order,
    "move an order to another customer": move_order,
    "move an order to another warehouse": resend,
    "set the status of an order": set_status,
    "update a line": set_quantity,
    "move a line to another product": move_line,
    "set the price of a product": set_price,
    "move a product to another category": move_product,
    "move a category": move_category,
    "update the oldest review": change_review,
    "save a review": save_review,
    "save stock": set_stock,
    "save a product with its reviews": save_nested,
    "update a row by what was read": read_and_write,
    "delete a customer": drop_customer,
    "delete an order": drop_order,
    "delete a line": drop_line,
    "delete a product": drop_product,
    "delete a category": drop_category,
    "delete stock": drop_stock,
    "take a tag from a product": untag,
    "delete the oldest review": drop_review,
    "delete a warehouse": drop_warehouse,
    "upsert a customer": upsert_customer,
    "upsert a product": upsert_product,
    "upsert stock": upsert_stock,
}

async fn add_customer(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let id = draw.customer();
    fill::customer(id, draw).insert(db).await.map(drop)
}

async fn add_order(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let id = draw.order();
    fill::order(id, draw).insert(db).await.map(drop)
}

async fn add_line(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let (order, number) = (draw.order(), draw.position());
    let line = fill::line(order, number, draw);
    Line::insert(line).exec(db).await.map(drop)
}

async fn add_product(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let id = draw.product();
    fill::product(id, draw).insert(db).await.map(drop)
}

async fn add_category(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let (id, parent) = (draw.category(), draw.maybe(Draw::category));
    let category = fill::category(id, parent, draw);
    Category::insert(category).exec(db).await.map(drop)
}

async fn add_review(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    fill::review(draw).insert(db).await.map(drop)
}

async fn add_warehouse(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let id = draw.warehouse();
    fill::warehouse(id, draw).insert(db).await.map(drop)
}

async fn add_stock(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let (warehouse, product) = (draw.warehouse(), draw.product());
    fill::stock(warehouse, product, draw)
        .insert(db)
        .await
        .map(drop)
}

async fn add_tag(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    fill::tag(draw.tag()).insert(db).await.map(drop)
}

fn tagged(draw: &mut Draw) -> product_tag::ActiveModel {
    product_tag::ActiveModel {
        product_id: Set(draw.product()),
        tag_id: Set(draw.tag()),
    }
}

async fn tag_product(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    ProductTag::insert(tagged(draw)).exec(db).await.map(drop)
}

async fn tag_product_or_not(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let key = [product_tag::Column::ProductId, product_tag::Column::TagId];
    let nothing = OnConflict::columns(key).do_nothing_on(key).to_owned();
    let insert = ProductTag::insert(tagged(draw)).on_conflict(nothing);
    insert.exec_without_returning(db).await.map(drop)
}

async fn rename(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let change = customer::ActiveModel {
        id: Set(draw.customer()),
        name: Set(draw.word()),
        ..Default::default()
    };
    change.update(db).await.map(drop)
}

async fn move_customer(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let change = customer::ActiveModel {
        id: Set(draw.customer()),
        region: Set(draw.maybe(Draw::region)),
        ..Default::default()
    };
    change.update(db).await.map(drop)
}

async fn change_email(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let change = customer::ActiveModel {
        id: Set(draw.customer()),
        email: Set(format!("{}@example.org", draw.customer())),
        ..Default::default()
    };
    change.update(db).await.map(drop)
}

async fn replace_order(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let id = draw.order();
    Order::update(fill::order(id, draw))
        .exec(db)
        .await
        .map(drop)
}

async fn move_order(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let change = order::ActiveModel {
        id: Set(draw.order()),
        customer_id: Set(draw.customer()),
        ..Default::default()
    };
    change.update(db).await.map(drop)
}

async fn resend(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let change = order::ActiveModel {
        id: Set(draw.order()),
        warehouse_id: Set(draw.maybe(Draw::warehouse)),
        ..Default::default()
    };
    change.update(db).await.map(drop)
}

async fn set_status(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let change = order::ActiveModel {
        id: Set(draw.order()),
        status: Set(draw.status()),
        ..Default::default()
    };
    change.update(db).await.map(drop)
}

async fn set_quantity(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let change = line::ActiveModel {
        order_id: Set(draw.order()),
        line_no: Set(draw.position()),
        quantity: Set(draw.quantity()),
        ..Default::default()
    };
    change.update(db).await.map(drop)
}

async fn move_line(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let change = line::ActiveModel {
        order_id: Set(draw.order()),
        line_no: Set(draw.position()),
        product_id: Set(draw.product()),
        ..Default::default()
    };
    change.update(db).await.map(drop)
}

async fn set_price(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let change = product::ActiveModel {
        id: Set(draw.product()),
        price: Set(draw.price()),
        weight: Set(draw.maybe(Draw::weight)),
        ..Default::default()
    };
    change.update(db).await.map(drop)
}

async fn move_product(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let change = product::ActiveModel {
        id: Set(draw.product()),
        category_id: Set(draw.maybe(Draw::category)),
        active: Set(draw.flag()),
        ..Default::default()
    };
    change.update(db).await.map(drop)
}

async fn move_category(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let change = category::ActiveModel {
        id: Set(draw.category()),
        parent_id: Set(draw.maybe(Draw::category)),
        position: Set(draw.position()),
        ..Default::default()
    };
    change.update(db).await.map(drop)
}

async fn oldest(db: &impl ConnectionTrait) -> Result<Option<review::Model>, DbErr> {
    Review::find()
        .order_by_asc(review::Column::Id)
        .one(db)
        .await
}

async fn change_review(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let Some(review) = oldest(db).await? else {
        return Ok(());
    };
    let mut change = review.into_active_model();
    change.stars = Set(draw.stars());
    change.body = Set(draw.maybe(Draw::word));
    change.update(db).await.map(drop)
}

async fn save_review(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    fill::review(draw).save(db).await.map(drop)
}

async fn set_stock(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let (warehouse, product) = (draw.warehouse(), draw.product());
    // Its key is set: an update.
    fill::stock(warehouse, product, draw)
        .save(db)
        .await
        .map(drop)
}

async fn save_nested<C>(db: &C, draw: &mut Draw) -> Result<(), DbErr>
where
    C: ConnectionTrait + TransactionTrait,
{
    let this = product::Column::Id.eq(draw.product());
    let query = Product::load().filter(this).with(Review);
    let Some(product) = query.one(db).await? else {
        return Ok(());
    };
    let key = product.id;
    let mut product = product.into_active_model();
    product.name = Set(draw.word());
    if !product.reviews.as_slice().is_empty() {
        product.reviews[0].stars = Set(draw.stars());
    }
    let review = review::ActiveModel::builder()
        .set_product_id(key)
        .set_customer_id(None)
        .set_stars(draw.stars())
        .set_body(None)
        .set_helpful(0);
    product.reviews.push(review);
    product.save(db).await.map(drop)
}

async fn read_and_write(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let of_customer = order::Column::CustomerId.eq(draw.customer());
    let query = Order::find().filter(of_customer);
    let Some(order) = query.order_by_asc(order::Column::Id).one(db).await? else {
        return Ok(());
    };
    let mut change = order.into_active_model();
    change.note = Set(draw.maybe(Draw::word));
    change.discount = Set(draw.maybe(Draw::price));
    change.update(db).await.map(drop)
}

async fn drop_customer(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let delete = Customer::delete_by_id(draw.customer());
    delete.exec(db).await.map(drop)
}

async fn drop_order(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    Order::delete_by_id(draw.order()).exec(db).await.map(drop)
}

async fn drop_line(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let delete = Line::delete_by_id((draw.order(), draw.position()));
    delete.exec(db).await.map(drop)
}

async fn drop_product(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let delete = Product::delete_by_id(draw.product());
    delete.exec(db).await.map(drop)
}

async fn drop_category(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let delete = Category::delete_by_id(draw.category());
    delete.exec(db).await.map(drop)
}

async fn drop_stock(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let delete = Stock::delete_by_id((draw.warehouse(), draw.product()));
    delete.exec(db).await.map(drop)
}

async fn untag(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let delete = ProductTag::delete_by_id((draw.product(), draw.tag()));
    delete.exec(db).await.map(drop)
}

async fn drop_review(db: &impl ConnectionTrait, _: &mut Draw) -> Result<(), DbErr> {
    match oldest(db).await? {
        Some(review) => review.delete(db).await.map(drop),
        None => Ok(()),
    }
}

async fn drop_warehouse(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let key = warehouse::ActiveModel {
        id: Set(draw.warehouse()),
        ..Default::default()
    };
    key.delete(db).await.map(drop)
}

async fn upsert_customer(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let id = draw.customer();
    let change = OnConflict::column(customer::Column::Id)
        .update_columns([customer::Column::Name, customer::Column::Region])
        .to_owned();
    let insert = Customer::insert(fill::customer(id, draw)).on_conflict(change);
    insert.exec_without_returning(db).await.map(drop)
}

async fn upsert_product(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let id = draw.product();
    let change = OnConflict::column(product::Column::Id)
        .update_columns([product::Column::CategoryId, product::Column::Price])
        .to_owned();
    let insert = Product::insert(fill::product(id, draw)).on_conflict(change);
    insert.exec_without_returning(db).await.map(drop)
}

async fn upsert_stock(db: &impl ConnectionTrait, draw: &mut Draw) -> Result<(), DbErr> {
    let (warehouse, product) = (draw.warehouse(), draw.product());
    let key = [stock::Column::WarehouseId, stock::Column::ProductId];
    let change = OnConflict::columns(key)
        .update_column(stock::Column::OnHand)
        .to_owned();
    let insert = Stock::insert(fill::stock(warehouse, product, draw)).on_conflict(change);
    insert.exec_without_returning(db).await.map(drop)
}
