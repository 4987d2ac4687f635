//! A market: what the corpus is about.
//!
//! Foreign keys delete rows and set columns to NULL by themselves; a table refers to itself; keys are composite; columns are
//! nullable; each kind of column is there.

pub mod category;
pub mod customer;
pub mod line;
pub mod order;
pub mod product;
pub mod product_tag;
pub mod review;
pub mod stock;
pub mod tag;
pub mod warehouse;

use crate::over::create_table;
use cached_repo::cached_schema;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};

pub use category::Entity as Category;
pub use customer::Entity as Customer;
pub use line::Entity as Line;
pub use order::Entity as Order;
pub use product::Entity as Product;
pub use product_tag::Entity as ProductTag;
pub use review::Entity as Review;
pub use stock::Entity as Stock;
pub use tag::Entity as Tag;
pub use warehouse::Entity as Warehouse;

cached_schema! {
    /// All of the market.
    pub Market {
        customer::Entity, category::Entity, warehouse::Entity, tag::Entity, product::Entity, order::Entity, line::Entity,
        review::Entity, stock::Entity, product_tag::Entity,
    }
}

/// Views that queries may read: whole `CREATE VIEW` statements, for each database alike.
const VIEWS: [&str; 5] = [
    "CREATE VIEW sales AS SELECT o.id AS order_id, o.customer_id, l.product_id, l.quantity FROM orders o \
     JOIN order_lines l ON l.order_id = o.id WHERE l.quantity > 0",
    "CREATE VIEW bestsellers AS SELECT s.product_id, SUM(s.quantity) AS many FROM sales s GROUP BY s.product_id",
    "CREATE VIEW known_names AS SELECT name, region FROM customers UNION SELECT code, region FROM warehouses \
     UNION ALL SELECT label, NULL FROM tags",
    "CREATE VIEW praised AS WITH good AS (SELECT product_id FROM reviews WHERE stars >= 4) \
     SELECT p.id, p.name FROM products p WHERE p.id IN (SELECT product_id FROM good)",
    "CREATE VIEW shelves AS SELECT w.code, (SELECT SUM(x.on_hand) FROM stocks x WHERE x.warehouse_id = w.id) AS on_hand FROM warehouses w",
];

/// Makes the tables and views.
///
/// # Errors
/// The database refuses a view.
///
/// # Panics
/// The database refuses a table.
pub async fn create(db: &DatabaseConnection) -> Result<(), DbErr> {
    create_table(db, Customer).await;
    create_table(db, Category).await;
    create_table(db, Warehouse).await;
    create_table(db, Tag).await;
    create_table(db, Product).await;
    create_table(db, Order).await;
    create_table(db, Line).await;
    create_table(db, Review).await;
    create_table(db, Stock).await;
    create_table(db, ProductTag).await;
    for view in VIEWS {
        db.execute_unprepared(view).await?;
    }
    Ok(())
}
