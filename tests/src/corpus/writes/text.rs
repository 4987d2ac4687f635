//! Writes as SQL, with parameters and without.

use super::super::draw::Draw;
use crate::Database::{self, MariaDb, Postgres, Sqlite};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

const ALL: &[Database] = &[Sqlite, Postgres, MariaDb];
const STANDARD: &[Database] = &[Sqlite, Postgres];

/// Statements, and the databases that understand them.
const TEXTS: &[(&str, &[Database])] = &[
    (
        "UPDATE orders SET status = {status} WHERE id = {order}",
        ALL,
    ),
    (
        "UPDATE orders SET customer_id = {customer} WHERE id = {order} AND status <> {status}",
        ALL,
    ),
    (
        "UPDATE orders SET status = {status}, note = NULL WHERE customer_id = {customer}",
        ALL,
    ),
    (
        "UPDATE orders SET warehouse_id = NULL WHERE warehouse_id IN ({warehouse}, {warehouse})",
        ALL,
    ),
    (
        "UPDATE orders SET placed = {day} WHERE id IN ({order}, {order}, {order})",
        ALL,
    ),
    (
        "UPDATE products SET active = NOT active WHERE category_id = {category}",
        ALL,
    ),
    (
        "UPDATE products SET price = price + 0.25 WHERE price < {price}",
        ALL,
    ),
    (
        "UPDATE products SET category_id = {category?} WHERE id = {product}",
        ALL,
    ),
    (
        "UPDATE reviews SET stars = {stars} WHERE stars = {stars} AND product_id = {product}",
        ALL,
    ),
    (
        "UPDATE reviews SET customer_id = {customer} WHERE customer_id IS NULL AND product_id = {product}",
        ALL,
    ),
    (
        "UPDATE reviews SET product_id = {product} WHERE product_id = {product}",
        ALL,
    ),
    (
        "UPDATE customers SET region = {region} WHERE id = {customer}",
        ALL,
    ),
    ("UPDATE customers SET vip = NOT vip", ALL),
    (
        "UPDATE stocks SET on_hand = {quantity} WHERE warehouse_id = {warehouse} AND product_id = {product}",
        ALL,
    ),
    (
        "UPDATE stocks SET reserved = on_hand WHERE reserved > on_hand",
        ALL,
    ),
    (
        "UPDATE order_lines SET quantity = {quantity} WHERE order_id = {order}",
        ALL,
    ),
    (
        "UPDATE order_lines SET product_id = {product} WHERE order_id = {order} AND line_no = {position}",
        ALL,
    ),
    (
        "UPDATE categories SET parent_id = NULL WHERE parent_id = {category}",
        ALL,
    ),
    (
        "UPDATE categories SET position = {position} WHERE name LIKE {pattern}",
        ALL,
    ),
    (
        "UPDATE warehouses SET region = {region} WHERE id = {warehouse}",
        ALL,
    ),
    (
        "UPDATE orders AS o SET note = c.name FROM customers AS c WHERE c.id = o.customer_id AND c.region = {region}",
        STANDARD,
    ),
    (
        "UPDATE orders o JOIN customers c ON c.id = o.customer_id SET o.note = c.name WHERE c.region = {region}",
        &[MariaDb],
    ),
    (
        "UPDATE order_lines SET price = (SELECT p.price FROM products p WHERE p.id = order_lines.product_id) WHERE product_id = {product}",
        ALL,
    ),
    (
        "UPDATE orders SET status = {status} WHERE customer_id IN (SELECT id FROM customers WHERE region = {region})",
        ALL,
    ),
    (
        "DELETE FROM reviews WHERE product_id = {product} AND stars = {stars}",
        ALL,
    ),
    (
        "DELETE FROM reviews WHERE id IN (SELECT id FROM (SELECT id FROM reviews ORDER BY id LIMIT 3) AS oldest)",
        ALL,
    ),
    ("DELETE FROM order_lines WHERE quantity = {quantity}", ALL),
    ("DELETE FROM orders WHERE id = {order}", ALL),
    ("DELETE FROM product_tags WHERE tag_id = {tag}", ALL),
    (
        "DELETE FROM stocks WHERE warehouse_id = {warehouse} AND on_hand < {quantity}",
        ALL,
    ),
    ("DELETE FROM categories WHERE id = {category}", ALL),
    ("DELETE FROM tags WHERE id = {tag}", ALL),
    (
        "DELETE FROM orders USING customers WHERE customers.id = orders.customer_id AND customers.region = {region} AND orders.status = 'back'",
        &[Postgres],
    ),
    (
        "DELETE o FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.region = {region} AND o.status = 'back'",
        &[MariaDb],
    ),
    (
        "INSERT INTO reviews (product_id, customer_id, stars, body, helpful) VALUES ({product}, {customer?}, {stars}, {word}, 0)",
        ALL,
    ),
    (
        "INSERT INTO reviews (product_id, customer_id, stars, helpful) SELECT id, NULL, 3, 1 FROM products WHERE category_id = {category}",
        ALL,
    ),
    (
        "INSERT INTO tags (id, label) SELECT 5, 'tag 5' FROM categories WHERE id = {category}",
        ALL,
    ),
    ("INSERT INTO tags (id, label) VALUES ({tag}, {word})", ALL),
    (
        "INSERT INTO product_tags (product_id, tag_id) SELECT p.id, t.id FROM products p CROSS JOIN tags t \
      WHERE p.category_id = {category} AND NOT EXISTS (SELECT 1 FROM product_tags x WHERE x.product_id = p.id AND x.tag_id = t.id)",
        ALL,
    ),
    (
        "INSERT INTO stocks (warehouse_id, product_id, on_hand, reserved) VALUES ({warehouse}, {product}, {quantity}, 0) \
      ON CONFLICT (warehouse_id, product_id) DO UPDATE SET on_hand = excluded.on_hand",
        STANDARD,
    ),
    (
        "INSERT INTO stocks (warehouse_id, product_id, on_hand, reserved) VALUES ({warehouse}, {product}, {quantity}, 0) \
      ON DUPLICATE KEY UPDATE on_hand = VALUES(on_hand)",
        &[MariaDb],
    ),
    (
        "REPLACE INTO stocks (warehouse_id, product_id, on_hand, reserved) VALUES ({warehouse}, {product}, {quantity}, 1)",
        &[Sqlite, MariaDb],
    ),
    (
        "INSERT OR IGNORE INTO categories (id, name, parent_id, position) VALUES ({category}, 'new', {category}, 1)",
        &[Sqlite],
    ),
    (
        "INSERT IGNORE INTO categories (id, name, parent_id, position) VALUES ({category}, 'new', {category}, 1)",
        &[MariaDb],
    ),
    (
        "INSERT INTO categories (id, name, parent_id, position) VALUES ({category}, 'new', NULL, 1) ON CONFLICT DO NOTHING",
        STANDARD,
    ),
    (
        "WITH few AS (SELECT product_id FROM reviews WHERE stars = {stars}) \
      UPDATE products SET released = NULL WHERE id IN (SELECT product_id FROM few)",
        STANDARD,
    ),
    (
        "WITH gone AS (DELETE FROM order_lines WHERE order_id = {order} RETURNING product_id) \
      UPDATE stocks SET reserved = 0 WHERE product_id IN (SELECT product_id FROM gone)",
        &[Postgres],
    ),
    (
        "MERGE INTO stocks s USING products p ON s.product_id = p.id AND p.category_id = {category} \
      WHEN MATCHED THEN UPDATE SET on_hand = {quantity}",
        &[Postgres],
    ),
];

/// One of them, with parameters or without.
pub(super) async fn write(
    db: &impl ConnectionTrait,
    draw: &mut Draw,
) -> (&'static str, Result<(), DbErr>) {
    let database = match db.get_database_backend() {
        DbBackend::Sqlite => Sqlite,
        DbBackend::Postgres => Postgres,
        _ => MariaDb,
    };
    let known = TEXTS.iter().filter(|(_, known)| known.contains(&database));
    let known: Vec<_> = known.map(|(text, _)| *text).collect();
    let text = known[draw.pick(known.len())];
    let done = if draw.pick(3) == 0 {
        let sql = draw.text(text);
        db.execute_unprepared(&sql).await
    } else {
        let statement = draw.statement(db.get_database_backend(), text);
        db.execute_raw(statement).await
    };
    (text, done.map(drop))
}
