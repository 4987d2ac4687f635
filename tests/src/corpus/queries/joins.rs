//! Joins, as SQL.

use super::super::case::Case;
use super::{POSTGRES, STANDARD};

pub(super) const CASES: &[Case] = &[
    Case::bag(
        "orders with the names of customers",
        "SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer_id",
    ),
    Case::bag(
        "customers without orders",
        "SELECT c.id, c.name FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.id IS NULL",
    ),
    Case::bag(
        "warehouses with their orders, or none",
        "SELECT w.code, o.id FROM orders o RIGHT JOIN warehouses w ON w.id = o.warehouse_id",
    ),
    Case::bag(
        "products and categories, whichever lacks the other",
        "SELECT p.id, c.id FROM products p FULL OUTER JOIN categories c ON c.id = p.category_id WHERE p.id IS NULL OR c.id IS NULL",
    )
    .on(STANDARD),
    Case::bag(
        "categories with their parents",
        "SELECT c.name, p.name FROM categories c LEFT JOIN categories p ON p.id = c.parent_id",
    ),
    Case::bag(
        "grandparents",
        "SELECT c.id, g.name FROM categories c JOIN categories p ON p.id = c.parent_id JOIN categories g ON g.id = p.parent_id",
    ),
    Case::bag(
        "four tables",
        "SELECT o.id, c.name, p.sku, l.quantity FROM orders o JOIN customers c ON c.id = o.customer_id \
         JOIN order_lines l ON l.order_id = o.id JOIN products p ON p.id = l.product_id WHERE l.quantity > {quantity}",
    ),
    Case::bag(
        "six tables",
        "SELECT c.region, w.region, k.name, SUM(l.quantity) FROM customers c JOIN orders o ON o.customer_id = c.id \
         LEFT JOIN warehouses w ON w.id = o.warehouse_id JOIN order_lines l ON l.order_id = o.id \
         JOIN products p ON p.id = l.product_id LEFT JOIN categories k ON k.id = p.category_id GROUP BY c.region, w.region, k.name",
    ),
    Case::bag(
        "products by the labels of tags",
        "SELECT p.id, t.label FROM products p JOIN product_tags x ON x.product_id = p.id JOIN tags t ON t.id = x.tag_id \
         WHERE t.label LIKE {pattern}",
    ),
    Case::bag(
        "products that share a tag",
        "SELECT DISTINCT a.product_id, b.product_id FROM product_tags a JOIN product_tags b ON b.tag_id = a.tag_id \
         AND b.product_id > a.product_id",
    ),
    Case::bag(
        "everything with everything",
        "SELECT w.code, t.label FROM warehouses w CROSS JOIN tags t",
    ),
    Case::bag(
        "a natural join",
        "SELECT product_id, tag_id, on_hand FROM product_tags NATURAL JOIN stocks WHERE on_hand > {quantity}",
    ),
    Case::bag(
        "a join by USING",
        "SELECT product_id, stars, quantity FROM reviews JOIN order_lines USING (product_id)",
    ),
    Case::bag(
        "a join with a subquery in ON",
        "SELECT o.id, w.id FROM orders o LEFT JOIN warehouses w ON w.id = (SELECT MIN(s.warehouse_id) FROM stocks s WHERE s.on_hand > o.id)",
    ),
    Case::bag(
        "a join with EXISTS in ON",
        "SELECT c.id, p.id FROM customers c JOIN products p ON EXISTS (SELECT 1 FROM reviews r WHERE r.customer_id = c.id AND r.product_id = p.id)",
    ),
    Case::bag(
        "a join with a derived table",
        "SELECT c.name, x.many FROM customers c JOIN (SELECT customer_id, COUNT(*) AS many FROM orders GROUP BY customer_id) AS x \
         ON x.customer_id = c.id",
    ),
    Case::bag(
        "a join of a join",
        "SELECT p.id, r.id, c.id FROM products p LEFT JOIN (reviews r JOIN customers c ON c.id = r.customer_id) ON r.product_id = p.id",
    ),
    Case::bag(
        "an inequality as a join",
        "SELECT a.id, b.id FROM products a JOIN products b ON a.price < b.price AND a.category_id = b.category_id",
    ),
    Case::bag(
        "LATERAL",
        "SELECT p.id, x.stars FROM products p CROSS JOIN LATERAL (SELECT r.stars FROM reviews r WHERE r.product_id = p.id \
         ORDER BY r.stars DESC, r.id LIMIT 1) AS x",
    )
    .on(POSTGRES),
];
