//! Expressions, DISTINCT, LIMIT, and ORDER BY, as SQL.

use super::super::case::Case;
use super::{POSTGRES, SQLITE, STANDARD};

pub(super) const CASES: &[Case] = &[
    Case::bag(
        "discounts, or none",
        "SELECT id, COALESCE(discount, 0), COALESCE(note, status) FROM orders",
    ),
    Case::bag("a status or NULL", "SELECT id, NULLIF(status, {status}) FROM orders"),
    Case::bag(
        "words for stars",
        "SELECT id, CASE stars WHEN 1 THEN 'bad' WHEN 5 THEN 'good' ELSE 'fair' END FROM reviews WHERE stars <> {stars}",
    ),
    Case::bag("distinct regions", "SELECT DISTINCT region FROM customers"),
    Case::bag("distinct pairs", "SELECT DISTINCT customer_id, status FROM orders"),
    Case::bag(
        "the latest order of each customer",
        "SELECT DISTINCT ON (customer_id) customer_id, id, placed FROM orders ORDER BY customer_id, placed DESC, id",
    )
    .on(POSTGRES),
    Case::list(
        "some orders",
        "SELECT id, placed FROM orders ORDER BY placed, id LIMIT {limit} OFFSET {offset}",
    ),
    Case::list(
        "some orders, as the standard says it",
        "SELECT id FROM orders ORDER BY id DESC OFFSET 2 ROWS FETCH NEXT 3 ROWS ONLY",
    )
    .on(POSTGRES),
    Case::list(
        "products by how long their names are",
        "SELECT id, name FROM products ORDER BY LENGTH(name), name, id",
    ),
    Case::list(
        "orders by how often their customers ordered",
        "SELECT o.id FROM orders o ORDER BY (SELECT COUNT(*) FROM orders x WHERE x.customer_id = o.customer_id) DESC, o.id",
    ),
    Case::list(
        "categories by position, those without a parent last",
        "SELECT id FROM categories ORDER BY CASE WHEN parent_id IS NULL THEN 1 ELSE 0 END, position, id",
    ),
    Case::list("nulls last", "SELECT id, born FROM customers ORDER BY born NULLS LAST, id").on(STANDARD),
    Case::bag(
        "names with their regions",
        "SELECT name || ' of ' || COALESCE(region, 'nowhere') FROM customers",
    )
    .on(STANDARD),
    Case::bag(
        "arithmetic",
        "SELECT warehouse_id, product_id, on_hand - reserved, (on_hand + 1) * 2 FROM stocks WHERE on_hand % 2 = 0",
    ),
    Case::bag(
        "functions",
        "SELECT UPPER(name), LOWER(sku), ABS(id - {product}), ROUND(price) FROM products",
    ),
    Case::bag("casts", "SELECT CAST(id AS CHAR(3)), CAST(price AS DECIMAL(10, 1)) FROM products"),
    Case::bag(
        "names like this or that",
        "SELECT id FROM customers WHERE name LIKE {pattern} OR email NOT LIKE {pattern}",
    ),
    Case::bag("names like, in any case", "SELECT id FROM customers WHERE name ILIKE {pattern}").on(POSTGRES),
    Case::bag("names by a glob", "SELECT id FROM customers WHERE name GLOB 'A*'").on(SQLITE),
    Case::bag(
        "born between two days, or never",
        "SELECT id FROM customers WHERE born BETWEEN {day} AND {day} OR born IS NULL",
    ),
    Case::bag(
        "a row among rows",
        "SELECT order_id, line_no FROM order_lines WHERE (order_id, line_no) IN (SELECT order_id, MAX(line_no) FROM order_lines GROUP BY order_id)",
    ),
    Case::bag("every column", "SELECT * FROM warehouses"),
    Case::bag("every column of one of two", "SELECT s.* FROM stocks s JOIN warehouses w ON w.id = s.warehouse_id"),
    Case::bag("names in quotation marks", "SELECT \"id\", \"name\" FROM \"products\" WHERE \"active\" = {flag}").on(STANDARD),
    Case::bag(
        "a text with the name of a table",
        "SELECT id, 'customers' FROM tags -- and not products\n",
    ),
    Case::bag("a bool", "SELECT id, active AND price > {price} FROM products WHERE active IS TRUE OR weight IS NULL"),
];
