//! Window functions.

use super::super::case::Case;
use super::STANDARD;

pub(super) const CASES: &[Case] = &[
    Case::bag(
        "orders of each customer, numbered",
        "SELECT id, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY placed, id) FROM orders",
    ),
    Case::bag(
        "ranks of prices",
        "SELECT id, RANK() OVER (ORDER BY price DESC), DENSE_RANK() OVER (PARTITION BY category_id ORDER BY price) FROM products",
    ),
    Case::bag(
        "running sums",
        "SELECT order_id, line_no, SUM(quantity) OVER (PARTITION BY order_id ORDER BY line_no) FROM order_lines",
    ),
    Case::bag(
        "the order before",
        "SELECT id, LAG(id) OVER (PARTITION BY customer_id ORDER BY placed, id), LEAD(status) OVER (ORDER BY id) FROM orders",
    ),
    Case::bag(
        "a share of all",
        "SELECT warehouse_id, product_id, on_hand, SUM(on_hand) OVER () FROM stocks",
    ),
    Case::bag(
        "a frame",
        "SELECT id, MAX(stars) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM reviews",
    ),
    Case::bag(
        "a named window",
        "SELECT id, FIRST_VALUE(id) OVER w, COUNT(*) OVER w FROM orders WINDOW w AS (PARTITION BY status ORDER BY id)",
    ),
    Case::bag(
        "the dearest of each category",
        "SELECT x.id, x.price FROM (SELECT id, price, ROW_NUMBER() OVER (PARTITION BY category_id ORDER BY price DESC, id) AS place FROM products) AS x WHERE x.place = 1",
    ),
    Case::bag(
        "the first two reviews of each product",
        "WITH ranked AS (SELECT id, product_id, ROW_NUMBER() OVER (PARTITION BY product_id ORDER BY helpful DESC, id) AS place FROM reviews) \
         SELECT product_id, id FROM ranked WHERE place <= 2",
    ),
    Case::bag(
        "windows over groups",
        "SELECT status, COUNT(*), SUM(COUNT(*)) OVER () FROM orders GROUP BY status",
    ),
    Case::bag(
        "a window with a filter",
        "SELECT id, COUNT(*) FILTER (WHERE stars > {stars}) OVER (PARTITION BY product_id) FROM reviews",
    )
    .on(STANDARD),
];
