//! Subqueries in every place, and common table expressions.

use super::super::case::Case;
use super::{MARIADB, POSTGRES, STANDARD};

pub(super) const CASES: &[Case] = &[
    Case::bag(
        "products dearer than the average",
        "SELECT id, price FROM products WHERE price > (SELECT AVG(price) FROM products)",
    ),
    Case::bag(
        "products dearer than the average of their category",
        "SELECT p.id FROM products p WHERE p.price >= (SELECT AVG(x.price) FROM products x WHERE x.category_id = p.category_id)",
    ),
    Case::bag(
        "customers who bought what is tagged, five deep",
        "SELECT id FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE id IN (SELECT order_id FROM order_lines \
         WHERE product_id IN (SELECT product_id FROM product_tags WHERE tag_id IN (SELECT id FROM tags WHERE label LIKE {pattern}))))",
    ),
    Case::bag(
        "customers who never reviewed",
        "SELECT c.id FROM customers c WHERE NOT EXISTS (SELECT 1 FROM reviews r WHERE r.customer_id = c.id)",
    ),
    Case::bag(
        "customers who bought everything of a category",
        "SELECT c.id FROM customers c WHERE NOT EXISTS (SELECT 1 FROM products p WHERE p.category_id = {category} AND NOT EXISTS \
         (SELECT 1 FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.customer_id = c.id AND l.product_id = p.id))",
    ),
    Case::bag(
        "products that nobody ordered",
        "SELECT id FROM products WHERE id NOT IN (SELECT product_id FROM order_lines)",
    ),
    Case::bag(
        "orders without those that are NULL",
        "SELECT id FROM warehouses WHERE id NOT IN (SELECT warehouse_id FROM orders)",
    ),
    Case::bag(
        "how many of each",
        "SELECT p.id, (SELECT COUNT(*) FROM reviews r WHERE r.product_id = p.id), (SELECT SUM(s.on_hand) FROM stocks s WHERE s.product_id = p.id) FROM products p",
    ),
    Case::bag(
        "numbers of three tables",
        "SELECT (SELECT COUNT(*) FROM orders), (SELECT COUNT(*) FROM customers), (SELECT MAX(id) FROM reviews)",
    ),
    Case::bag(
        "a derived table of a derived table",
        "SELECT MAX(y.many) FROM (SELECT x.region, COUNT(*) AS many FROM (SELECT c.region, o.id FROM customers c JOIN orders o ON o.customer_id = c.id) AS x \
         GROUP BY x.region) AS y",
    ),
    Case::bag(
        "dearer than some",
        "SELECT id FROM products WHERE price > ANY (SELECT price FROM products WHERE active = {flag})",
    )
    .on(&[crate::Database::Postgres, crate::Database::MariaDb]),
    Case::bag(
        "dearer than all",
        "SELECT id FROM products WHERE price >= ALL (SELECT price FROM products)",
    )
    .on(&[crate::Database::Postgres, crate::Database::MariaDb]),
    Case::bag(
        "a subquery with a limit",
        "SELECT id, stars FROM reviews WHERE id IN (SELECT id FROM (SELECT id FROM reviews ORDER BY helpful DESC, id LIMIT {limit}) AS x)",
    ),
    Case::bag(
        "a subquery in CASE",
        "SELECT p.id, CASE WHEN EXISTS (SELECT 1 FROM stocks s WHERE s.product_id = p.id AND s.on_hand > {quantity}) THEN 'yes' ELSE 'no' END FROM products p",
    ),
    Case::bag(
        "a subquery in a function",
        "SELECT COALESCE((SELECT MAX(stars) FROM reviews WHERE product_id = {product}), 0) FROM warehouses",
    ),
    Case::bag(
        "a common table expression",
        "WITH dear AS (SELECT id, price FROM products WHERE price > {price}) SELECT d.id, l.order_id FROM dear d JOIN order_lines l ON l.product_id = d.id",
    ),
    Case::bag(
        "two common table expressions",
        "WITH sold AS (SELECT product_id, SUM(quantity) AS many FROM order_lines GROUP BY product_id), \
         there AS (SELECT product_id, SUM(on_hand) AS many FROM stocks GROUP BY product_id) \
         SELECT s.product_id, s.many, t.many FROM sold s LEFT JOIN there t ON t.product_id = s.product_id",
    ),
    Case::bag(
        "an expression that reads another",
        "WITH a AS (SELECT id, status FROM orders), b AS (SELECT status, COUNT(*) AS many FROM a GROUP BY status) SELECT * FROM b WHERE many > {limit}",
    ),
    Case::bag(
        "an expression that is read twice",
        "WITH x AS (SELECT customer_id, COUNT(*) AS many FROM orders GROUP BY customer_id) SELECT a.customer_id, b.customer_id FROM x a JOIN x b ON b.many = a.many AND b.customer_id > a.customer_id",
    ),
    Case::bag(
        "an expression of an expression",
        "SELECT y.id FROM (WITH inner_one AS (SELECT id FROM orders WHERE note IS NOT NULL) SELECT id FROM inner_one) AS y",
    ),
    Case::bag(
        "an expression with the name of a table that it does not read",
        "WITH reviews AS (SELECT id, label AS body FROM tags) SELECT COUNT(*), MAX(body) FROM reviews",
    ),
    Case::bag(
        "a tree of categories",
        "WITH RECURSIVE tree(id, depth) AS (SELECT id, 0 FROM categories WHERE parent_id IS NULL UNION ALL \
         SELECT c.id, t.depth + 1 FROM categories c JOIN tree t ON c.parent_id = t.id WHERE t.depth < 8) SELECT id, depth FROM tree",
    ),
    Case::bag(
        "what is below a category",
        "WITH RECURSIVE below(id) AS (SELECT id FROM categories WHERE id = {category} UNION SELECT c.id FROM categories c JOIN below b ON c.parent_id = b.id) \
         SELECT p.id FROM products p JOIN below b ON b.id = p.category_id",
    ),
    Case::bag(
        "what is above a category",
        "WITH RECURSIVE above(id, parent_id) AS (SELECT id, parent_id FROM categories WHERE id = {category} UNION \
         SELECT c.id, c.parent_id FROM categories c JOIN above a ON c.id = a.parent_id) SELECT id FROM above",
    ),
    Case::bag(
        "numbers and what they name",
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 9) \
         SELECT n.n, c.name FROM numbers n LEFT JOIN customers c ON c.id = n.n",
    ),
    Case::bag(
        "a list of values",
        "WITH wanted(id, word) AS (VALUES (1, 'one'), (2, 'two'), (3, 'three')) SELECT w.word, p.name FROM wanted w JOIN products p ON p.id = w.id",
    ),
    Case::bag(
        "a list of values in FROM",
        "SELECT v.column1, p.name FROM (VALUES (1), (2), (5)) AS v JOIN products p ON p.id = v.column1",
    )
    .on(STANDARD),
    Case::bag(
        "a materialized expression",
        "WITH x AS MATERIALIZED (SELECT id FROM orders WHERE placed > {day}) SELECT COUNT(*) FROM x",
    )
    .on(POSTGRES),
    Case::bag(
        "equal or both NULL",
        "SELECT a.id, b.id FROM orders a JOIN orders b ON a.note <=> b.note AND a.id < b.id",
    )
    .on(MARIADB),
];
