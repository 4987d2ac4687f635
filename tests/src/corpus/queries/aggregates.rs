//! Aggregates, as SQL.

use super::super::case::Case;
use super::{MARIADB, POSTGRES, SQLITE, STANDARD};

pub(super) const CASES: &[Case] = &[
    Case::bag("how many reviews", "SELECT COUNT(*), COUNT(body), COUNT(DISTINCT product_id) FROM reviews"),
    Case::bag(
        "revenue by product",
        "SELECT product_id, SUM(quantity * price) FROM order_lines GROUP BY product_id",
    ),
    Case::bag(
        "products that sell",
        "SELECT product_id, SUM(quantity) FROM order_lines GROUP BY product_id HAVING SUM(quantity) > {quantity}",
    ),
    Case::bag(
        "customers who order on several days",
        "SELECT customer_id, COUNT(DISTINCT placed) FROM orders GROUP BY customer_id HAVING COUNT(DISTINCT placed) > 1",
    ),
    Case::bag(
        "the average price by category",
        "SELECT category_id, AVG(price), SUM(weight) FROM products GROUP BY category_id",
    ),
    Case::bag(
        "revenue by region",
        "SELECT c.region, SUM(l.quantity * l.price) FROM customers c JOIN orders o ON o.customer_id = c.id \
         JOIN order_lines l ON l.order_id = o.id GROUP BY c.region",
    ),
    Case::bag(
        "sums by case",
        "SELECT product_id, SUM(CASE WHEN stars >= {stars} THEN 1 ELSE 0 END), COUNT(*) FROM reviews GROUP BY product_id",
    ),
    Case::bag(
        "a group by an expression",
        "SELECT stars > {stars}, COUNT(*) FROM reviews GROUP BY stars > 2, stars > {stars}",
    )
    .on(MARIADB),
    Case::bag(
        "a group by CASE",
        "SELECT kind, COUNT(*) FROM (SELECT CASE WHEN price < {price} THEN 'cheap' ELSE 'dear' END AS kind FROM products) AS x GROUP BY kind",
    ),
    Case::bag(
        "HAVING without GROUP BY",
        "SELECT MAX(placed) FROM orders HAVING COUNT(*) > {quantity}",
    ),
    Case::bag(
        "HAVING with a subquery",
        "SELECT customer_id, COUNT(*) FROM orders GROUP BY customer_id HAVING COUNT(*) >= (SELECT MAX(stars) FROM reviews WHERE product_id = {product})",
    ),
    Case::list(
        "the best customers",
        "SELECT o.customer_id, SUM(l.quantity * l.price) AS revenue FROM orders o JOIN order_lines l ON l.order_id = o.id \
         GROUP BY o.customer_id ORDER BY revenue DESC, o.customer_id LIMIT {limit}",
    ),
    Case::bag(
        "sums with a filter",
        "SELECT status, COUNT(*) FILTER (WHERE warehouse_id IS NULL) FROM orders GROUP BY status",
    )
    .on(STANDARD),
    Case::bag(
        "a rollup",
        "SELECT status, warehouse_id, COUNT(*) FROM orders GROUP BY ROLLUP (status, warehouse_id)",
    )
    .on(POSTGRES),
    Case::bag(
        "grouping sets",
        "SELECT status, customer_id, COUNT(*) FROM orders GROUP BY GROUPING SETS ((status), (customer_id), ())",
    )
    .on(POSTGRES),
    Case::bag(
        "a rollup of MariaDB",
        "SELECT status, COUNT(*) FROM orders GROUP BY status WITH ROLLUP",
    )
    .on(MARIADB),
    Case::bag(
        "labels in one text, by SQLite",
        "SELECT x.product_id, GROUP_CONCAT(t.label, ',' ORDER BY t.id) FROM product_tags x JOIN tags t ON t.id = x.tag_id GROUP BY x.product_id",
    )
    .on(SQLITE),
    Case::bag(
        "labels in one text, by PostgreSQL",
        "SELECT x.product_id, STRING_AGG(t.label, ',' ORDER BY t.id) FROM product_tags x JOIN tags t ON t.id = x.tag_id GROUP BY x.product_id",
    )
    .on(POSTGRES),
    Case::bag(
        "labels in one text, by MariaDB",
        "SELECT x.product_id, GROUP_CONCAT(t.label ORDER BY t.id SEPARATOR ',') FROM product_tags x JOIN tags t ON t.id = x.tag_id GROUP BY x.product_id",
    )
    .on(MARIADB),
    Case::bag(
        "lines as JSON, by SQLite",
        "SELECT order_id, json_group_array(json_object('product', product_id, 'quantity', quantity) ORDER BY line_no) FROM order_lines GROUP BY order_id",
    )
    .on(SQLITE),
    Case::bag(
        "lines as JSON, by PostgreSQL",
        "SELECT order_id, json_agg(json_build_object('product', product_id, 'quantity', quantity) ORDER BY line_no) FROM order_lines GROUP BY order_id",
    )
    .on(POSTGRES),
    Case::bag(
        "lines as JSON, by MariaDB",
        "SELECT order_id, JSON_ARRAYAGG(JSON_OBJECT('product', product_id, 'quantity', quantity) ORDER BY line_no) FROM order_lines GROUP BY order_id",
    )
    .on(MARIADB),
    Case::bag(
        "arrays",
        "SELECT customer_id, CAST(ARRAY_AGG(id ORDER BY id) AS TEXT) FROM orders GROUP BY customer_id",
    )
    .on(POSTGRES),
];
