//! Views: by themselves, over one another, joined with tables, and within everything else.

use super::super::case::Case;

pub(super) const CASES: &[Case] = &[
    Case::bag(
        "a view of a join",
        "SELECT order_id, product_id, quantity FROM sales WHERE quantity > {quantity}",
    ),
    Case::bag(
        "a view of a view",
        "SELECT product_id, many FROM bestsellers",
    ),
    Case::bag(
        "a view of a union",
        "SELECT name FROM known_names WHERE name LIKE {pattern}",
    ),
    Case::bag("a view with an expression", "SELECT id, name FROM praised"),
    Case::bag(
        "a view with a subquery",
        "SELECT code, on_hand FROM shelves",
    ),
    Case::bag(
        "a view of a view, joined with a table",
        "SELECT p.id, p.name, b.many FROM products p LEFT JOIN bestsellers b ON b.product_id = p.id WHERE p.active = {flag}",
    ),
    Case::bag(
        "a view joined with a view",
        "SELECT b.product_id, x.name, b.many FROM bestsellers b JOIN praised x ON x.id = b.product_id",
    ),
    Case::bag(
        "a view in a subquery",
        "SELECT id FROM customers WHERE id IN (SELECT customer_id FROM sales WHERE product_id = {product})",
    ),
    Case::bag(
        "a view in an expression",
        "WITH many AS (SELECT product_id FROM bestsellers WHERE many > {quantity}) SELECT COUNT(*) FROM many",
    ),
    Case::bag(
        "a table that is pinned, and a view that reads more of it",
        "SELECT o.id, (SELECT COUNT(*) FROM sales s WHERE s.product_id = {product}) FROM orders o WHERE o.customer_id = {customer}",
    ),
    Case::bag(
        "a table and a view, united",
        "SELECT code FROM warehouses UNION SELECT name FROM praised EXCEPT SELECT name FROM known_names WHERE region IS NULL",
    ),
];
