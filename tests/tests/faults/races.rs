//! Reads that race with writes.

use cached_repo::{Checkpoint, tag};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use sea_orm::{TransactionTrait, sea_query::Expr};
use tests::eventually::promptly;
use tests::matrix;
use tests::pause::Gate;
use tests::rows::{
    add_note, add_order, add_user, name_of, note_of, rename, set_note, set_total, total_of,
    totals_of,
};
use tests::shop::{Note, Order, Shop, User, order};
use tests::sides::Sides;

fn sorted(mut values: Vec<i64>) -> Vec<i64> {
    values.sort_unstable();
    values
}

matrix! {
    async fn a_row_that_was_loaded_before_an_update_is_not_cached(world) {
        for sides in Sides::of(&world, Checkpoint::Loaded).await {
            let user = add_user(&world.repo, sides.label).await;
            let id = user.id;
            let race = sides.race(
                move |repo| async move { name_of(&repo, id).await },
                async |repo| rename(&repo, &user, "Grace").await,
            ).await;
            race.expect(sides.label, &Some("Ada".to_owned()), &Some("Grace".to_owned()));
        }
    }

    async fn a_row_that_was_loaded_before_its_deletion_is_not_cached(world) {
        for sides in Sides::of(&world, Checkpoint::Loaded).await {
            let user = add_user(&world.repo, sides.label).await;
            let id = user.id;
            let race = sides.race(
                move |repo| async move { name_of(&repo, id).await },
                async |repo| { User::delete_by_id(id).exec(&repo).await.expect("deleted"); },
            ).await;
            race.expect(sides.label, &Some("Ada".to_owned()), &None);
        }
    }

    async fn the_absence_of_a_row_that_is_inserted_meanwhile_is_not_cached(world) {
        for sides in Sides::of(&world, Checkpoint::Loaded).await {
            let id = sides.label;
            let race = sides.race(
                move |repo| async move { note_of(&repo, id).await },
                async |repo| add_note(&repo, id, "there").await,
            ).await;
            race.expect(id, &None, &Some("there".to_owned()));
        }
    }

    async fn a_unique_lookup_that_was_loaded_before_the_value_moved_is_not_cached(world) {
        for sides in Sides::of(&world, Checkpoint::Loaded).await {
            let first = add_user(&world.repo, sides.label).await;
            let second = add_user(&world.repo, &format!("{} to be", sides.label)).await;
            let email = sides.label;
            let (old, new) = (first.id, second.id);
            let race = sides.race(
                move |repo| async move {
                    let found = User::find_cached_by_email(email.to_owned()).one(&repo).await;
                    found.expect("read").map(|user| user.id)
                },
                async |repo| {
                    let mut change = first.into_active_model();
                    change.email = Set(format!("{email} that was"));
                    change.update(&repo).await.expect("updated");
                    let mut change = second.into_active_model();
                    change.email = Set(email.to_owned());
                    change.update(&repo).await.expect("updated");
                },
            ).await;
            race.expect(sides.label, &Some(old), &Some(new));
        }
    }

    async fn the_absence_of_a_unique_value_that_is_inserted_meanwhile_is_not_cached(world) {
        for sides in Sides::of(&world, Checkpoint::Loaded).await {
            let email = sides.label;
            let race = sides.race(
                move |repo| async move {
                    let found = User::find_cached_by_email(email.to_owned()).one(&repo).await;
                    found.expect("read").map(|user| user.name.clone())
                },
                async |repo| { add_user(&repo, email).await; },
            ).await;
            race.expect(sides.label, &None, &Some("Ada".to_owned()));
        }
    }

    async fn a_collection_that_was_loaded_before_an_insert_is_not_cached(world) {
        for sides in Sides::of(&world, Checkpoint::Loaded).await {
            let customer = add_user(&world.repo, sides.label).await.id;
            add_order(&world.repo, customer, 1).await;
            let race = sides.race(
                move |repo| async move { totals_of(&repo, customer).await },
                async |repo| { add_order(&repo, customer, 2).await; },
            ).await;
            race.expect(sides.label, &vec![1], &vec![1, 2]);
        }
    }

    async fn a_collection_that_was_loaded_before_a_row_left_it_is_not_cached(world) {
        for sides in Sides::of(&world, Checkpoint::Loaded).await {
            let customer = add_user(&world.repo, sides.label).await.id;
            add_order(&world.repo, customer, 1).await;
            let leaving = add_order(&world.repo, customer, 2).await;
            let race = sides.race(
                move |repo| async move { totals_of(&repo, customer).await },
                async |repo| {
                    let mut change = leaving.into_active_model();
                    change.customer_id = Set(-customer);
                    change.update(&repo).await.expect("updated");
                },
            ).await;
            race.expect(sides.label, &vec![1, 2], &vec![1]);
        }
    }

    async fn many_rows_that_were_loaded_before_a_write_are_not_cached(world) {
        for sides in Sides::of(&world, Checkpoint::Loaded).await {
            let one = add_order(&world.repo, 1, 1).await.id;
            let two = add_order(&world.repo, 1, 2).await.id;
            let race = sides.race(
                move |repo| async move {
                    let rows = Order::find_cached_many([one, two, one]).all(&repo).await;
                    let total = |row: &Option<_>| row.as_ref().map(|order: &std::sync::Arc<order::Model>| order.total);
                    rows.expect("read").iter().map(total).collect::<Vec<_>>()
                },
                async |repo| {
                    set_total(&repo, one, 10).await;
                    Order::delete_by_id(two).exec(&repo).await.expect("deleted");
                },
            ).await;
            race.expect(sides.label, &vec![Some(1), Some(2), Some(1)], &vec![Some(10), None, Some(10)]);
        }
    }

    async fn a_row_that_was_loaded_before_its_tag_was_invalidated_is_not_cached(world) {
        for sides in Sides::of(&world, Checkpoint::Loaded).await {
            let user = add_user(&world.raw, sides.label).await;
            let id = user.id;
            let race = sides.race(
                move |repo| async move { name_of(&repo, id).await },
                async |repo| {
                    rename(&world.raw, &user, "Grace").await;
                    repo.invalidate_tag(tag!(Shop, "tenant:{}", 7)).await.expect("invalidated");
                },
            ).await;
            race.expect(sides.label, &Some("Ada".to_owned()), &Some("Grace".to_owned()));
        }
    }

    async fn a_child_that_was_loaded_before_a_write_to_its_parent_is_not_cached(world) {
        for sides in Sides::of(&world, Checkpoint::Loaded).await {
            let parent = add_user(&world.repo, sides.label).await;
            let child = add_order(&world.repo, parent.id, 1).await.id;
            let race = sides.race(
                move |repo| async move { total_of(&repo, child).await },
                async |repo| {
                    // Past the repo: only the write to the parent can make it known.
                    set_total(&world.raw, child, 2).await;
                    rename(&repo, &parent, "Grace").await;
                },
            ).await;
            race.expect(sides.label, &Some(1), &Some(2));
        }
    }

    async fn children_that_were_loaded_before_a_write_to_their_parent_are_not_cached(world) {
        for sides in Sides::of(&world, Checkpoint::Loaded).await {
            let parent = add_user(&world.repo, sides.label).await;
            let customer = parent.id;
            let child = add_order(&world.repo, customer, 1).await.id;
            let race = sides.race(
                move |repo| async move { totals_of(&repo, customer).await },
                async |repo| {
                    set_total(&world.raw, child, 2).await;
                    rename(&repo, &parent, "Grace").await;
                },
            ).await;
            race.expect(sides.label, &vec![1], &vec![2]);
        }
    }

    async fn a_row_that_was_loaded_before_a_transaction_is_not_cached(world) {
        for sides in Sides::of(&world, Checkpoint::Loaded).await {
            let id = add_order(&world.repo, 1, 1).await.id;
            let race = sides.race(
                move |repo| async move { total_of(&repo, id).await },
                async |repo| {
                    let transaction = repo.begin().await.expect("begun");
                    let savepoint = transaction.begin().await.expect("begun");
                    set_total(&savepoint, id, 2).await;
                    savepoint.commit().await.expect("released");
                    transaction.commit().await.expect("committed");
                },
            ).await;
            race.expect(sides.label, &Some(1), &Some(2));
        }
    }

    async fn a_row_under_a_writers_lock_is_read_from_the_database_and_not_cached(world) {
        for sides in Sides::of(&world, Checkpoint::Locked).await {
            let user = add_user(&world.repo, sides.label).await;
            let id = user.id;
            assert_eq!(name_of(&sides.reader, id).await.as_deref(), Some("Ada"));
            sides.reader.wait_idle().await;
            // The writer comes to the gate in both cases.
            sides.gate.close();
            let writer = sides.reader.clone();
            let write = tokio::spawn(async move { rename(&writer, &user, "Grace").await });
            sides.gate.arrival().await;
            sides.gate.open();
            let before = sides.writer.stats().entity("user").expect("there").clone();
            for _ in 0..3 {
                let name = promptly("a read under a lock", name_of(&sides.writer, id)).await;
                assert_eq!(name.as_deref(), Some("Ada"), "not committed yet");
                sides.writer.wait_idle().await;
            }
            let after = sides.writer.stats().entity("user").expect("there").clone();
            assert_eq!(after.loads - before.loads, 3, "{}: {after:?}", sides.label);
            assert_eq!(after.fills, before.fills, "{}: {after:?}", sides.label);
            sides.gate.pass();
            write.await.expect("written");
            for repo in [&sides.reader, &sides.writer] {
                assert_eq!(name_of(repo, id).await.as_deref(), Some("Grace"), "{}", sides.label);
            }
        }
    }

    async fn between_commit_and_release_no_old_value_is_served_or_cached(world) {
        for sides in Sides::of(&world, Checkpoint::Committed).await {
            let id = add_order(&world.repo, 1, 1).await.id;
            for repo in [&sides.reader, &sides.writer] {
                assert_eq!(total_of(repo, id).await, Some(1));
                repo.wait_idle().await;
            }
            sides.gate.close();
            let writer = sides.reader.clone();
            let write = tokio::spawn(async move { set_total(&writer, id, 2).await });
            sides.gate.arrival().await;
            sides.gate.open();
            let before = sides.writer.stats().entity("order").expect("there").clone();
            for _ in 0..3 {
                let total = promptly("a read under a lock", total_of(&sides.writer, id)).await;
                assert_eq!(total, Some(2), "{}: it is committed", sides.label);
                sides.writer.wait_idle().await;
            }
            let after = sides.writer.stats().entity("order").expect("there").clone();
            assert_eq!(after.fills, before.fills, "{}: {after:?}", sides.label);
            sides.gate.pass();
            write.await.expect("written");
            for repo in [&sides.writer, &sides.reader] {
                assert_eq!(total_of(repo, id).await, Some(2), "{}", sides.label);
                repo.wait_idle().await;
            }
            let before = sides.reader.stats().entity("order").expect("there").clone();
            assert_eq!(total_of(&sides.reader, id).await, Some(2));
            let after = sides.reader.stats().entity("order").expect("there").clone();
            assert_eq!(after.hits - before.hits, 1, "{}: it is cached again", sides.label);
        }
    }

    async fn a_row_that_two_writers_hold_stays_shut_until_the_last_has_gone(world) {
        let gate = Gate::at(Checkpoint::Committed);
        let repo = world.another_with(|builder| builder.checkpoints(gate.clone())).await;
        add_note(&repo, "n", "0").await;
        gate.close();
        let first = {
            let repo = repo.clone();
            tokio::spawn(async move { set_note(&repo, "n", "1").await })
        };
        gate.arrival().await;
        let second = {
            let repo = repo.clone();
            tokio::spawn(async move { set_note(&repo, "n", "2").await })
        };
        gate.arrival().await;
        gate.open();
        // The gate lets go in the order of arrival.
        gate.pass();
        first.await.expect("written");
        for _ in 0..2 {
            assert_eq!(note_of(&repo, "n").await.as_deref(), Some("2"));
            repo.wait_idle().await;
        }
        let stats = repo.stats().entity("note").expect("there").clone();
        assert_eq!((stats.hits, stats.fills), (0, 0), "one writer still holds it: {stats:?}");
        gate.pass();
        second.await.expect("written");
        for _ in 0..2 {
            assert_eq!(note_of(&repo, "n").await.as_deref(), Some("2"));
            repo.wait_idle().await;
        }
        let stats = repo.stats().entity("note").expect("there").clone();
        assert_eq!((stats.hits, stats.fills), (1, 1), "{stats:?}");
    }

    async fn a_rolled_back_write_leaves_what_is_cached(world) {
        let id = add_order(&world.repo, 1, 1).await.id;
        assert_eq!(total_of(&world.repo, id).await, Some(1));
        world.settle().await;
        let transaction = world.repo.begin().await.expect("begun");
        set_total(&transaction, id, 2).await;
        transaction.rollback().await.expect("rolled back");
        assert_eq!(total_of(&world.repo, id).await, Some(1));
        assert_eq!(world.stats("order").hits, 1);
    }

    async fn a_read_in_a_transaction_sees_its_own_write_and_caches_nothing(world) {
        let one = add_order(&world.repo, 1, 1).await.id;
        let transaction = world.repo.begin().await.expect("begun");
        set_total(&transaction, one, 2).await;
        let read = Order::find_cached(one).one(&transaction).await.expect("read").expect("there");
        let listed = Order::find_cached_by_customer_id(1).all(&transaction).await.expect("read");
        assert_eq!((read.total, listed[0].total), (2, 2));
        world.settle().await;
        transaction.rollback().await.expect("rolled back");
        assert_eq!(world.stats("order").fills, 0);
        assert_eq!(total_of(&world.repo, one).await, Some(1));
        assert_eq!(sorted(totals_of(&world.repo, 1).await), [1]);
    }

    async fn a_bulk_update_by_a_filter_reaches_every_cached_row(world) {
        let mut ids = Vec::new();
        for total in 0..5 {
            ids.push(add_order(&world.repo, 1, total).await.id);
        }
        for id in &ids {
            total_of(&world.repo, *id).await;
        }
        add_note(&world.repo, "n", "kept").await;
        note_of(&world.repo, "n").await;
        world.settle().await;
        Order::update_many()
            .col_expr(order::Column::Total, Expr::value(9))
            .filter(order::Column::Total.gte(2))
            .exec(&world.repo)
            .await
            .expect("updated");
        for (id, total) in ids.iter().zip([0, 1, 9, 9, 9]) {
            assert_eq!(total_of(&world.repo, *id).await, Some(total));
        }
        Note::find_cached("n".to_owned()).one(&world.repo).await.expect("read");
        assert_eq!(world.stats("note").hits, 1, "another table is not concerned");
    }
}
