//! Pins with something beside them that must not be overlooked: other mentions of the table, outer joins, OR, subqueries.

use super::super::case::Case;
use super::{POSTGRES, STANDARD};

pub(super) const CASES: &[Case] = &[
    Case::bag(
        "two mentions, the first pinned",
        "SELECT a.id, b.id FROM orders a JOIN orders b ON a.placed = b.placed WHERE a.customer_id = {customer}",
    ),
    Case::bag(
        "two mentions, the second pinned",
        "SELECT a.id, b.id FROM orders a JOIN orders b ON a.status = b.status AND b.id > a.id WHERE b.customer_id = {customer}",
    ),
    Case::bag(
        "two mentions, each pinned",
        "SELECT a.id, b.id FROM orders a JOIN orders b ON b.id > a.id WHERE a.customer_id = {customer} AND b.customer_id = {customer}",
    ),
    Case::bag(
        "categories with their children, pinned above",
        "SELECT p.name, c.name FROM categories p JOIN categories c ON c.parent_id = p.id WHERE p.parent_id = {category}",
    ),
    Case::bag(
        "a pin in the ON of an outer join",
        "SELECT c.id, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.status = {status}",
    ),
    Case::bag(
        "a pin of the left side in the ON of an outer join",
        "SELECT o.id, w.code FROM orders o LEFT JOIN warehouses w ON w.id = o.warehouse_id AND o.customer_id = {customer}",
    ),
    Case::bag(
        "a pin behind an outer join",
        "SELECT c.id, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.status = {status}",
    ),
    Case::bag(
        "a pin of the left side behind an outer join",
        "SELECT c.id, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE c.region = {region}",
    ),
    Case::bag(
        "what an outer join does not find, pinned",
        "SELECT p.id FROM products p LEFT JOIN reviews r ON r.product_id = p.id AND r.stars = {stars} \
         WHERE p.category_id = {category} AND r.id IS NULL",
    ),
    Case::bag(
        "a pin or NULL behind an outer join",
        "SELECT c.id, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.status = {status} OR o.id IS NULL",
    ),
    Case::bag(
        "a pin behind a right join",
        "SELECT o.id, w.id FROM orders o RIGHT JOIN warehouses w ON w.id = o.warehouse_id AND o.status = {status}",
    ),
    Case::bag(
        "a pin in a full join",
        "SELECT o.id, w.id FROM orders o FULL JOIN warehouses w ON w.id = o.warehouse_id WHERE o.customer_id = {customer} OR o.id IS NULL",
    )
    .on(STANDARD),
    Case::bag(
        "a pin that OR undoes",
        "SELECT id FROM orders WHERE customer_id = {customer} OR placed = {day}",
    ),
    Case::bag(
        "a pin that OR undoes in parentheses",
        "SELECT id FROM orders WHERE status <> 'back' AND (customer_id = {customer} OR note IS NULL)",
    ),
    Case::bag(
        "AND binds more than OR",
        "SELECT id FROM orders WHERE customer_id = {customer} AND status = {status} OR warehouse_id = {warehouse} AND placed > {day}",
    ),
    Case::bag(
        "a pin in each arm",
        "SELECT id FROM orders WHERE (customer_id = {customer} AND placed > {day}) OR (customer_id = {customer} AND status = {status})",
    ),
    Case::bag(
        "a pin under NOT",
        "SELECT id FROM orders WHERE NOT (customer_id = {customer} OR status = {status})",
    ),
    Case::bag(
        "a pin in CASE",
        "SELECT id FROM orders WHERE CASE WHEN customer_id = {customer} THEN status = {status} ELSE status = 'sent' END",
    ),
    Case::bag(
        "a pin in COALESCE",
        "SELECT id FROM orders WHERE COALESCE(warehouse_id, {warehouse}) = {warehouse}",
    ),
    Case::bag(
        "a pin that is only selected",
        "SELECT customer_id = {customer}, id FROM orders WHERE status = {status}",
    ),
    Case::bag(
        "a pin in a subquery",
        "SELECT id, name FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE status = {status})",
    ),
    Case::bag(
        "a pin outside of a subquery over the same table",
        "SELECT id FROM orders WHERE customer_id = {customer} AND placed >= (SELECT MAX(placed) FROM orders WHERE status = 'paid')",
    ),
    Case::bag(
        "a pin outside of a correlated subquery over the same table",
        "SELECT o.id FROM orders o WHERE o.customer_id = {customer} \
         AND NOT EXISTS (SELECT 1 FROM orders later WHERE later.placed > o.placed AND later.status = o.status)",
    ),
    Case::bag(
        "a pin inside and the table outside",
        "SELECT id FROM orders WHERE placed > (SELECT MIN(placed) FROM orders WHERE customer_id = {customer})",
    ),
    Case::bag(
        "a pin of a correlated subquery",
        "SELECT c.id, (SELECT COUNT(*) FROM orders o WHERE o.customer_id = c.id AND o.status = {status}) FROM customers c",
    ),
    Case::bag(
        "a pin of a derived table",
        "SELECT x.id FROM (SELECT id, status FROM orders WHERE customer_id = {customer}) AS x WHERE x.status <> {status}",
    ),
    Case::bag(
        "a pin around a derived table",
        "SELECT x.id, x.many FROM (SELECT customer_id AS id, COUNT(*) AS many FROM orders GROUP BY customer_id) AS x WHERE x.id = {customer}",
    ),
    Case::bag(
        "a pin of a derived table that renames its column",
        "SELECT x.customer_id FROM (SELECT id AS customer_id, status FROM orders) AS x WHERE x.customer_id = {customer}",
    ),
    Case::bag(
        "a pin in a common table expression",
        "WITH mine AS (SELECT * FROM orders WHERE customer_id = {customer}) SELECT m.id, l.line_no FROM mine m \
         LEFT JOIN order_lines l ON l.order_id = m.id",
    ),
    Case::bag(
        "a pin behind a common table expression",
        "WITH every AS (SELECT id, customer_id, status FROM orders) SELECT id FROM every WHERE customer_id = {customer}",
    ),
    Case::bag(
        "a pin in one arm of a union",
        "SELECT id FROM orders WHERE customer_id = {customer} UNION SELECT id FROM orders WHERE placed = {day}",
    ),
    Case::bag(
        "a pin in both arms of a union",
        "SELECT id FROM orders WHERE customer_id = {customer} UNION ALL SELECT id FROM orders WHERE customer_id = {customer}",
    ),
    Case::bag(
        "a pin in what is taken away",
        "SELECT id FROM orders EXCEPT SELECT id FROM orders WHERE status = {status}",
    ),
    Case::bag(
        "a pin that passes through a join",
        "SELECT o.id, r.id FROM orders o JOIN reviews r ON r.customer_id = o.customer_id WHERE o.customer_id = {customer}",
    ),
    Case::bag(
        "pins of two tables",
        "SELECT o.id, l.line_no FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.customer_id = {customer} AND l.product_id = {product}",
    ),
    Case::bag(
        "a pin without the name of its table",
        "SELECT o.id, line_no FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE product_id = {product}",
    ),
    Case::bag(
        "a pin by USING",
        "SELECT r.id, s.on_hand FROM reviews r JOIN stocks s USING (product_id) WHERE r.product_id = {product}",
    ),
    Case::bag(
        "a pin of a column that USING merges",
        "SELECT product_id, r.id, s.warehouse_id FROM reviews r LEFT JOIN stocks s USING (product_id) WHERE product_id = {product}",
    ),
    Case::bag(
        "a pin in HAVING",
        "SELECT customer_id, COUNT(*) FROM orders GROUP BY customer_id HAVING customer_id = {customer}",
    ),
    Case::list(
        "a pin in ORDER BY",
        "SELECT id FROM orders ORDER BY CASE WHEN customer_id = {customer} THEN 0 ELSE 1 END, id LIMIT 6",
    ),
    Case::bag(
        "a pin under a window over all",
        "SELECT x.id, x.place FROM (SELECT id, customer_id, ROW_NUMBER() OVER (ORDER BY placed, id) AS place FROM orders) AS x \
         WHERE x.customer_id = {customer}",
    ),
    Case::bag(
        "a pin of every row of a comma join",
        "SELECT o.id, c.name FROM orders o, customers c WHERE c.id = o.customer_id AND c.region = {region}",
    ),
    Case::bag(
        "a pin of a table that hides behind the name of another",
        "SELECT reviews.id FROM orders AS reviews WHERE reviews.customer_id = {customer}",
    ),
    Case::bag(
        "a pin that an expression hides",
        "WITH orders AS (SELECT id, product_id AS customer_id FROM reviews) SELECT id FROM orders WHERE customer_id = {customer}",
    ),
    Case::bag(
        "a pin of a value list",
        "WITH wanted(id) AS (VALUES ({customer}), ({customer})) SELECT o.id FROM orders o JOIN wanted w ON w.id = o.customer_id",
    ),
    Case::bag(
        "a pin by ANY",
        "SELECT id FROM orders WHERE customer_id = ANY (ARRAY[{customer}, {customer}])",
    )
    .on(POSTGRES),
    Case::bag(
        "a pin beside LATERAL",
        "SELECT c.id, x.id FROM customers c LEFT JOIN LATERAL (SELECT o.id FROM orders o WHERE o.customer_id = c.id \
         ORDER BY o.placed DESC, o.id LIMIT 2) AS x ON TRUE WHERE c.region = {region}",
    )
    .on(POSTGRES),
];
