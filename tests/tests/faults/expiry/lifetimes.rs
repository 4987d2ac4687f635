//! Lifetimes that come from what was found.

use super::*;

matrix! {
    async fn a_lifetime_may_come_from_what_was_found(world) {
        let repo = &world.repo;
        let small = add_order(repo, 1, 10).await;
        let large = add_order(repo, 2, 1000).await;
        let by_total = |order: &order::Model| if order.total > 100 { HOUR } else { MINUTE };
        let read = |id: i64| Order::find_cached(id).ttl_from(by_total);
        let list = |customer: i64| Order::find_cached_by_customer_id(customer)
            .ttl_from(move |rows| rows.first().map_or(HOUR, |order| by_total(order)));
        let query = |customer: i64| Order::find().filter(order::Column::CustomerId.eq(customer)).cached()
            .ttl_from(move |rows| rows.first().map_or(HOUR, |order| by_total(order)));
        let totals = |customer: i64| Order::find().filter(order::Column::CustomerId.eq(customer))
            .select_only().column(order::Column::Total).into_tuple::<i64>().cached()
            .ttl_from(|totals| if totals[0] > 100 { HOUR } else { MINUTE });
        let all = async || {
            for order in [&small, &large] {
                read(order.id).one(repo).await.expect("read");
                list(order.customer_id).all(repo).await.expect("read");
                query(order.customer_id).all(repo).await.expect("read");
                totals(order.customer_id).all(repo).await.expect("read");
            }
            world.settle().await;
            world.stats("order").misses
        };
        assert_eq!(all().await, 8);
        assert_eq!(all().await, 8);
        pass(&world, 2 * MINUTE).await;
        assert_eq!(all().await, 12, "what is small was loaded anew, and what is large was not");
    }

    async fn no_lifetime_stores_nothing(world) {
        aside(&world, Note::find_cached("a".to_owned()).ttl_from(|_| Duration::ZERO)).await;
        let read = Note::find_cached("a".to_owned()).ttl_from(|note| match note.body.as_str() {
            "new" => HOUR,
            _ => Duration::ZERO,
        });
        assert_eq!(some(read, &world).await, "new");
        world.settle().await;
        let stats = world.stats("note");
        assert_eq!((stats.hits, stats.fills, stats.uncacheable), (0, 1, 0));
    }
}
