//! Queries that read one partition, or some, as SQL: each names values of an indexed column.

use super::super::case::Case;
use super::STANDARD;

pub(super) const CASES: &[Case] = &[
    Case::bag(
        "orders of a customer",
        "SELECT id, status, placed FROM orders WHERE customer_id = {customer}",
    ),
    Case::bag(
        "orders of a customer, the other way round",
        "SELECT id, note FROM orders WHERE {customer} = customer_id",
    ),
    Case::bag(
        "orders of some customers",
        "SELECT id, customer_id FROM orders WHERE customer_id IN ({customer}, {customer}, {customer})",
    ),
    Case::list(
        "latest orders of a customer",
        "SELECT id, placed FROM orders WHERE customer_id = {customer} ORDER BY placed DESC, id DESC LIMIT {limit}",
    ),
    Case::bag(
        "orders of a customer and a status",
        "SELECT id, discount FROM orders WHERE customer_id = {customer} AND status = {status}",
    ),
    Case::bag(
        "orders of a customer after a day",
        "SELECT id FROM orders WHERE customer_id = {customer} AND placed >= {day}",
    ),
    Case::bag(
        "orders of two customers by OR",
        "SELECT id FROM orders WHERE customer_id = {customer} OR customer_id = {customer}",
    ),
    Case::bag(
        "orders that are open, as a literal",
        "SELECT id, customer_id FROM orders WHERE status = 'open'",
    ),
    Case::bag(
        "orders of a text in another case",
        "SELECT id, customer_id FROM orders WHERE status = 'OPEN'",
    ),
    Case::bag(
        "orders of a warehouse or of none",
        "SELECT id FROM orders WHERE warehouse_id = {warehouse} OR warehouse_id IS NULL",
    ),
    Case::bag(
        "orders of no warehouse",
        "SELECT id, customer_id FROM orders WHERE warehouse_id IS NULL",
    ),
    Case::bag(
        "orders of what may be no warehouse",
        "SELECT id FROM orders WHERE warehouse_id = {warehouse?}",
    ),
    Case::bag(
        "orders of warehouses of which one may be none",
        "SELECT id FROM orders WHERE warehouse_id IN ({warehouse}, {warehouse?})",
    ),
    Case::bag(
        "orders not of a warehouse that may be none",
        "SELECT id FROM orders WHERE warehouse_id NOT IN ({warehouse}, {warehouse?})",
    ),
    Case::bag(
        "orders whose warehouse is not distinct from one",
        "SELECT id FROM orders WHERE warehouse_id IS NOT DISTINCT FROM {warehouse?}",
    )
    .on(STANDARD),
    Case::bag(
        "how many orders a customer has",
        "SELECT COUNT(*) FROM orders WHERE customer_id = {customer}",
    ),
    Case::bag(
        "lines of an order",
        "SELECT line_no, product_id, quantity FROM order_lines WHERE order_id = {order}",
    ),
    Case::bag(
        "lines of an order or of a product",
        "SELECT order_id, line_no FROM order_lines WHERE order_id = {order} OR product_id = {product}",
    ),
    Case::bag(
        "what an order costs",
        "SELECT SUM(quantity * price) FROM order_lines WHERE order_id = {order}",
    ),
    Case::bag(
        "what lines of some products bring",
        "SELECT product_id, SUM(quantity) FROM order_lines WHERE product_id IN ({product}, {product}) GROUP BY product_id",
    ),
    Case::bag(
        "a line by its key",
        "SELECT product_id, quantity FROM order_lines WHERE order_id = {order} AND line_no = {position}",
    ),
    Case::bag(
        "an order by its key",
        "SELECT customer_id, status, note FROM orders WHERE id = {order}",
    ),
    Case::bag(
        "a customer by email",
        "SELECT id, name FROM customers WHERE email = '3@example.org'",
    ),
    Case::bag(
        "customers of a region",
        "SELECT id, name, vip FROM customers WHERE region = {region}",
    ),
    Case::bag(
        "customers of a region by a row of values",
        "SELECT id FROM customers WHERE (region, vip) = ({region}, {flag})",
    ),
    Case::bag(
        "products of a category",
        "SELECT id, name, price FROM products WHERE category_id = {category}",
    ),
    Case::bag(
        "active products of a category below a price",
        "SELECT id, sku FROM products WHERE category_id = {category} AND active = {flag} AND price < {price}",
    ),
    Case::bag(
        "products of no category that are active",
        "SELECT id FROM products WHERE category_id IS NULL AND active",
    ),
    Case::bag(
        "products of a category, negated twice",
        "SELECT id FROM products WHERE NOT (category_id <> {category})",
    ),
    Case::bag(
        "products of any category but one",
        "SELECT id FROM products WHERE NOT (category_id = {category})",
    ),
    Case::bag(
        "children of a category",
        "SELECT id, name FROM categories WHERE parent_id = {category}",
    ),
    Case::bag(
        "roots",
        "SELECT id, name FROM categories WHERE parent_id IS NULL",
    ),
    Case::bag(
        "reviews of a product",
        "SELECT id, stars, body FROM reviews WHERE product_id = {product}",
    ),
    Case::bag(
        "stars of a product on average",
        "SELECT AVG(stars), COUNT(*), MAX(helpful) FROM reviews WHERE product_id = {product}",
    ),
    Case::bag(
        "reviews of some stars",
        "SELECT product_id, COUNT(*) FROM reviews WHERE stars IN ({stars}, {stars}) GROUP BY product_id",
    ),
    Case::bag(
        "anonymous reviews of a product",
        "SELECT id FROM reviews WHERE product_id = {product} AND customer_id IS NULL",
    ),
    Case::bag(
        "stock of a warehouse",
        "SELECT product_id, on_hand - reserved FROM stocks WHERE warehouse_id = {warehouse}",
    ),
    Case::bag(
        "stock of a product in a warehouse",
        "SELECT on_hand FROM stocks WHERE warehouse_id = {warehouse} AND product_id = {product}",
    ),
    Case::bag(
        "stock of a product anywhere",
        "SELECT SUM(on_hand), MIN(reserved) FROM stocks WHERE product_id = {product}",
    ),
    Case::bag(
        "tags of a product by key",
        "SELECT tag_id FROM product_tags WHERE product_id = {product}",
    ),
    Case::bag(
        "a status that contradicts itself",
        "SELECT id FROM orders WHERE status = {status} AND status = 'paid'",
    ),
    Case::bag(
        "a customer between and equal",
        "SELECT id FROM orders WHERE customer_id = {customer} AND customer_id BETWEEN 2 AND 8",
    ),
    Case::bag(
        "a pin under arithmetic",
        "SELECT id FROM orders WHERE customer_id + 1 = {customer}",
    ),
    Case::bag(
        "a pin of a number as another kind of number",
        "SELECT id FROM orders WHERE customer_id = 3.0 OR customer_id = {weight}",
    ),
    Case::bag(
        "a pin of a pattern without wildcards",
        "SELECT id FROM orders WHERE status LIKE 'sent'",
    ),
    Case::bag(
        "a pin that is compared with a column",
        "SELECT id FROM orders WHERE customer_id = warehouse_id",
    ),
];
