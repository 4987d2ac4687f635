//! Which values narrow a query.

use super::{Cache, Source, asked, in_state, of_any, orders, set_status};
use cached_repo::CachedQuery;
use sea_orm::{ColumnTrait, ExprTrait, QueryFilter, QuerySelect, Select, Value, sea_query::Expr};
use tests::rows::{add_order, set_total};
use tests::shop::order;
use tests::{Database, matrix};

matrix! {
    async fn a_list_depends_on_each_of_its_values(world) {
        let repo = &world.repo;
        let mut ids = Vec::new();
        for customer in 1..=3 {
            ids.push(add_order(repo, customer, 10 * customer).await.id);
        }
        assert_eq!(asked(&world, of_any([1, 2])).await, (Source, vec![10, 20]));
        set_total(repo, ids[2], 31).await;
        assert_eq!(asked(&world, of_any([1, 2])).await, (Cache, vec![10, 20]));
        set_total(repo, ids[1], 21).await;
        assert_eq!(asked(&world, of_any([1, 2])).await, (Source, vec![10, 21]));
        set_total(repo, ids[0], 11).await;
        assert_eq!(asked(&world, of_any([1, 2])).await, (Source, vec![11, 21]));
        // Of so many the store is not asked.
        let most = || of_any((1..=2).chain(100..130));
        let too_many = || of_any((1..=2).chain(100..131));
        for query in [most(), too_many()] {
            assert_eq!(asked(&world, query).await, (Source, vec![11, 21]));
        }
        set_total(repo, ids[2], 32).await;
        assert_eq!(asked(&world, most()).await, (Cache, vec![11, 21]));
        assert_eq!(asked(&world, too_many()).await, (Source, vec![11, 21]));
    }

    async fn what_else_the_clause_says_does_not_matter(world) {
        let repo = &world.repo;
        let mine = add_order(repo, 1, 10).await;
        add_order(repo, 2, 20).await;
        let large = || orders()
            .filter(order::Column::Total.gt(5))
            .filter(order::Column::CustomerId.eq(2))
            .filter(order::Column::Status.eq("open").or(order::Column::Total.eq(0)))
            .limit(5)
            .cached();
        assert_eq!(asked(&world, large()).await, (Source, vec![20]));
        set_total(repo, mine.id, 11).await;
        assert_eq!(asked(&world, large()).await, (Cache, vec![20]));
        let new = add_order(repo, 2, 3).await;
        assert_eq!(asked(&world, large()).await, (Source, vec![20]));
        set_total(repo, new.id, 30).await;
        assert_eq!(asked(&world, large()).await, (Source, vec![20, 30]));
    }

    async fn a_value_is_the_same_in_every_type_of_integer(world) {
        let repo = &world.repo;
        let mine = add_order(repo, 1, 10).await;
        let theirs = add_order(repo, 2, 20).await;
        // Each has a text of its own: PostgreSQL's driver keeps a statement with the types that it was first given.
        let of_two: [fn() -> Select<order::Entity>; 3] = [
            || orders().filter(order::Column::CustomerId.eq(2_i32)).filter(order::Column::Total.is_not_null()),
            || orders().filter(order::Column::CustomerId.eq(2_i16)).filter(order::Column::Id.is_not_null()),
            || orders().filter(Expr::cust("customer_id = 2")),
        ];
        for query in of_two {
            assert_eq!(asked(&world, query().cached()).await, (Source, vec![20]));
        }
        set_total(repo, mine.id, 11).await;
        for query in of_two {
            assert_eq!(asked(&world, query().cached()).await, (Cache, vec![20]));
        }
        set_total(repo, theirs.id, 21).await;
        for query in of_two {
            assert_eq!(asked(&world, query().cached()).await, (Source, vec![21]));
        }
    }

    async fn a_text_is_pinned_where_the_database_compares_it_exactly(world) {
        let repo = &world.repo;
        let open = add_order(repo, 1, 10).await;
        let loud = add_order(repo, 1, 20).await;
        set_status(repo, loud.id, "OPEN").await;
        let done = add_order(repo, 1, 30).await;
        set_status(repo, done.id, "done").await;
        let is_loose = world.database == Database::MariaDb;
        let found = |open: i64, loud: i64| if is_loose { vec![open, loud] } else { vec![open] };
        assert_eq!(asked(&world, in_state("open")).await, (Source, found(10, 20)));
        set_total(repo, done.id, 31).await;
        let by = if is_loose { Source } else { Cache };
        assert_eq!(asked(&world, in_state("open")).await, (by, found(10, 20)));
        // The database finds this row under another text than the row's own, and no text changes.
        set_total(repo, loud.id, 21).await;
        assert_eq!(asked(&world, in_state("open")).await, (by, found(10, 21)));
        set_total(repo, open.id, 11).await;
        assert_eq!(asked(&world, in_state("open")).await, (Source, found(11, 21)));
        set_status(repo, open.id, "done").await;
        assert_eq!(asked(&world, in_state("open")).await, (Source, found(11, 21)[1..].to_vec()));
        assert_eq!(asked(&world, in_state("done")).await, (Source, vec![11, 31]));
    }

    async fn where_one_index_does_not_serve_another_does(world) {
        let repo = &world.repo;
        let mine = add_order(repo, 1, 10).await;
        add_order(repo, 2, 20).await;
        // No index is over both, and the second value is one that only the database knows.
        let open = || orders()
            .filter(Expr::cust("customer_id = 1 + 1"))
            .filter(order::Column::Status.eq("open"))
            .cached();
        assert_eq!(asked(&world, open()).await, (Source, vec![20]));
        set_status(repo, mine.id, "open").await;
        assert_eq!(asked(&world, open()).await, (Source, vec![20]));
        set_status(repo, mine.id, "done").await;
        assert_eq!(asked(&world, open()).await, (Source, vec![20]), "it was open");
        set_total(repo, mine.id, 11).await;
        let by = if world.database == Database::MariaDb { Source } else { Cache };
        assert_eq!(asked(&world, open()).await, (by, vec![20]));
    }

    async fn null_pins_nothing(world) {
        let repo = &world.repo;
        let mine = add_order(repo, 1, 10).await;
        add_order(repo, 2, 20).await;
        let with_null = || {
            let values = [Value::BigInt(Some(2)), Value::BigInt(None)];
            orders().filter(Expr::col(order::Column::CustomerId).is_in(values)).cached()
        };
        assert_eq!(asked(&world, with_null()).await, (Source, vec![20]));
        set_total(repo, mine.id, 11).await;
        assert_eq!(asked(&world, with_null()).await, (Source, vec![20]));
    }
}
