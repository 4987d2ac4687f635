//! Unions, intersections and differences.

use super::super::case::Case;

pub(super) const CASES: &[Case] = &[
    Case::bag(
        "regions of anybody",
        "SELECT region FROM customers UNION SELECT region FROM warehouses",
    ),
    Case::bag(
        "all names",
        "SELECT name FROM customers UNION ALL SELECT name FROM products UNION ALL SELECT label FROM tags",
    ),
    Case::bag(
        "customers who ordered and reviewed",
        "SELECT customer_id FROM orders INTERSECT SELECT customer_id FROM reviews",
    ),
    Case::bag(
        "products that were ordered and not reviewed",
        "SELECT product_id FROM order_lines EXCEPT SELECT product_id FROM reviews",
    ),
    Case::list(
        "the first of a union",
        "SELECT id, 'order' AS kind FROM orders WHERE placed > {day} UNION ALL SELECT id, 'review' FROM reviews WHERE stars > {stars} \
         ORDER BY kind, id LIMIT {limit}",
    ),
    Case::bag(
        "a union in FROM",
        "SELECT COUNT(*), MAX(id) FROM (SELECT product_id AS id FROM order_lines UNION SELECT product_id FROM stocks) AS x",
    ),
    Case::bag(
        "a union in IN",
        "SELECT id FROM products WHERE id IN (SELECT product_id FROM reviews WHERE stars = {stars} UNION SELECT product_id FROM stocks WHERE on_hand = {quantity})",
    ),
    Case::bag(
        "a union of one table with itself",
        "SELECT id FROM products WHERE price > {price} UNION SELECT id FROM products WHERE weight > {weight}",
    ),
    Case::bag(
        "a difference of joins",
        "SELECT o.customer_id FROM orders o JOIN order_lines l ON l.order_id = o.id EXCEPT \
         SELECT o.customer_id FROM orders o JOIN warehouses w ON w.id = o.warehouse_id",
    ),
];
