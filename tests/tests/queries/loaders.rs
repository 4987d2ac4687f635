//! Cached loaders: rows with related rows come back in every state as SeaORM gives them, and go with writes to any of them.

#![expect(unreachable_pub, reason = "SeaORM wants models to be public")]

mod club;

use cached_repo::{CachedQuery, CachedRepo, Tag};
use club::{
    Card, Club, Coach, Letter, Member, MemberTeam, Team, Visit, card, coach, letter, member,
    member_team, team, visit,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
    TransactionTrait,
};
use std::sync::Arc;
use tests::over::{create_table, repo_over};
use tests::{World, matrix};

/// Ada has all, Bob has none of it.
async fn club(world: &World) -> CachedRepo<Club> {
    let db = &world.raw;
    create_table(db, Member).await;
    create_table(db, Card).await;
    create_table(db, Coach).await;
    create_table(db, Visit).await;
    create_table(db, Team).await;
    create_table(db, MemberTeam).await;
    create_table(db, Letter).await;
    for (id, name) in [(1, "Ada"), (2, "Bob")] {
        let name = Set(name.to_owned());
        let member = member::ActiveModel { id: Set(id), name };
        member.insert(db).await.expect("inserted");
    }
    let (id, member_id) = (Set(10), Set(1));
    card::ActiveModel { id, member_id }
        .insert(db)
        .await
        .expect("inserted");
    let coach = coach::ActiveModel {
        id: Set(20),
        name: Set("Eve".to_owned()),
    };
    coach.insert(db).await.expect("inserted");
    for (id, coach) in [(30, Some(20)), (31, None)] {
        add_visit(db, id, 1, coach).await;
    }
    for id in [40, 41] {
        let team = team::ActiveModel {
            id: Set(id),
            title: Set(format!("team {id}")),
        };
        team.insert(db).await.expect("inserted");
    }
    join(db, 1, 40).await;
    repo_over(world).await
}

async fn add_visit(db: &impl ConnectionTrait, id: i64, member: i64, coach: Option<i64>) {
    let visit = visit::ActiveModel {
        id: Set(id),
        member_id: Set(member),
        coach_id: Set(coach),
    };
    visit.insert(db).await.expect("inserted");
}

async fn join(db: &impl ConnectionTrait, member: i64, team: i64) {
    let joined = member_team::ActiveModel {
        member_id: Set(member),
        team_id: Set(team),
    };
    joined.insert(db).await.expect("inserted");
}

fn loads(repo: &CachedRepo<Club>) -> u64 {
    repo.stats()
        .entities
        .iter()
        .map(|entity| entity.loads)
        .sum()
}

/// All members with nearly all that belongs to them.
fn everything() -> member::EntityLoader {
    Member::load()
        .with(Card)
        .with((Visit, Coach))
        .with(Team)
        .order_by_asc(member::Column::Id)
}

/// The cache has answered, the first time from the database and then without it, what SeaORM answers.
macro_rules! same {
    ($repo:expr, $loader:expr) => {{
        let (repo, loader) = ($repo, $loader);
        let direct = loader.clone().all(repo).await.expect("read");
        let loaded = loader.clone().cached().all(repo).await.expect("read");
        assert_eq!(*loaded, direct);
        repo.wait_idle().await;
        let before = loads(repo);
        let kept = loader.clone().cached().all(repo).await.expect("read");
        assert_eq!(*kept, direct);
        let first = loader.clone().cached().one(repo).await.expect("read");
        assert_eq!(first.as_deref(), direct.first());
        assert!(loads(repo) <= before + 1, "only the first of them was new");
        direct
    }};
}

matrix! {
    async fn every_state_of_a_relation_comes_back(world) {
        let repo = &club(&world).await;
        let members = same!(repo, everything());
        let (ada, bob) = (&members[0], &members[1]);
        assert!(ada.card.as_ref().is_some() && bob.card.is_not_found(), "loaded, and there or not");
        assert!(ada.letters.is_unloaded() && !bob.teams.is_unloaded() && bob.teams.is_empty());
        let coaches: Vec<bool> = ada.visits.iter().map(|visit| visit.coach.as_ref().is_some()).collect();
        assert_eq!(coaches, [true, false]);
        assert!(ada.visits[1].coach.is_loaded() && ada.visits[1].member.is_unloaded());
        let bare = same!(repo, Member::load().order_by_asc(member::Column::Id));
        assert!(bare[0].card.is_unloaded() && bare[0].visits.is_unloaded());
        same!(repo, Card::load().with(Member));
        same!(repo, Card::load().with((Member, Visit)));
        same!(repo, Visit::load().with(Coach).with((Member, Team)).order_by_asc(visit::Column::Id));
        same!(repo, Team::load().with((Member, Card)).order_by_asc(team::Column::Id));
        same!(repo, Member::load().filter(member::Column::Name.eq("nobody")).with(Visit));
    }

    async fn what_is_loaded_tells_loaders_apart(world) {
        let repo = &club(&world).await;
        for _ in 0..2 {
            let bare = Member::load().cached().all(repo).await.expect("read");
            assert!(bare.iter().all(|member| member.teams.is_unloaded()));
            let teams = Member::load().with(Team).cached().all(repo).await.expect("read");
            assert!(teams.iter().all(|member| !member.teams.is_unloaded()));
            let cards = Member::load().with(Card).cached().all(repo).await.expect("read");
            assert!(cards.iter().all(|member| member.teams.is_unloaded() && !member.card.is_unloaded()));
            let of_teams = Visit::load().with((Member, Team)).cached().all(repo).await.expect("read");
            let of_cards = Visit::load().with((Member, Card)).cached().all(repo).await.expect("read");
            for (of_team, of_card) in of_teams.iter().zip(&*of_cards) {
                let [of_team, of_card] = [of_team, of_card].map(|visit| visit.member.as_ref().expect("loaded"));
                assert!(of_team.card.is_unloaded() && !of_team.teams.is_unloaded());
                assert!(of_card.teams.is_unloaded() && !of_card.card.is_unloaded());
            }
            let one = Member::load().filter(member::Column::Id.eq(2)).cached().one(repo).await;
            assert_eq!(one.expect("read").expect("there").name, "Bob");
            let none = Member::load().filter(member::Column::Id.eq(3)).cached().one(repo).await;
            assert!(none.expect("read").is_none());
            repo.wait_idle().await;
        }
    }

    async fn a_write_to_any_related_row_is_seen(world) {
        let repo = &club(&world).await;
        let read = async || {
            let members = everything().cached().all(repo).await.expect("read");
            repo.wait_idle().await;
            members
        };
        read().await;
        coach::ActiveModel { id: Set(20), name: Set("Mallory".to_owned()) }.update(repo).await.expect("updated");
        let members = read().await;
        let coach = members[0].visits[0].coach.as_ref().expect("there");
        assert_eq!(coach.name, "Mallory", "a row of a row");
        add_visit(repo, 32, 2, None).await;
        assert_eq!(read().await[1].visits.len(), 1, "a new row");
        join(repo, 2, 41).await;
        assert_eq!(read().await[1].teams.len(), 1, "a row of the table between");
        Card::delete_by_id(10).exec(repo).await.expect("deleted");
        assert!(read().await[0].card.is_not_found(), "a deleted row");
        let renamed = member::ActiveModel { id: Set(1), name: Set("Zoe".to_owned()) };
        renamed.update(repo).await.expect("updated");
        assert_eq!(read().await[0].name, "Zoe", "the row itself");
    }

    async fn a_transaction_loads_from_the_database(world) {
        let repo = &club(&world).await;
        let transaction = repo.begin().await.expect("begun");
        add_visit(&transaction, 32, 2, None).await;
        let inside = everything().cached().all(&transaction).await.expect("read");
        assert_eq!(inside[1].visits.len(), 1);
        transaction.rollback().await.expect("rolled back");
        let outside = everything().cached().all(repo).await.expect("read");
        assert_eq!(outside[1].visits.len(), 0);
    }

    async fn rows_without_a_form_are_given_and_not_stored(world) {
        let repo = &club(&world).await;
        let loader = || Member::load().with(Letter).order_by_asc(member::Column::Id).cached();
        let none = loader().all(repo).await.expect("read");
        assert!(none[0].letters.is_empty());
        repo.wait_idle().await;
        let before = loads(repo);
        loader().all(repo).await.expect("read");
        assert_eq!(loads(repo), before, "there is nothing to store of them");
        letter::ActiveModel { id: Set(50), member_id: Set(1) }.insert(repo).await.expect("inserted");
        for round in 1..3 {
            let members = loader().all(repo).await.expect("read");
            assert_eq!(members[0].letters.len(), 1);
            repo.wait_idle().await;
            assert_eq!(loads(repo), before + round, "it is loaded each time");
        }
        let stats = repo.stats();
        let uncacheable = stats.entity("member").expect("an entity").uncacheable;
        assert_eq!(uncacheable, 2);
    }

    async fn tags_of_rows_end_what_holds_them(world) {
        let repo = &club(&world).await;
        let read = async || {
            let found = Visit::load().with(Member).order_by_asc(visit::Column::Id).cached().all(repo).await;
            repo.wait_idle().await;
            found.expect("read")
        };
        let (first, again) = (read().await, read().await);
        if !world.store.is_shared() {
            assert!(Arc::ptr_eq(&first, &again));
        }
        let before = loads(repo);
        let tag: Tag<Club> = cached_repo::tag!(Club, "members:{}", "Ada");
        repo.invalidate_tag(tag).await.expect("invalidated");
        read().await;
        assert!(loads(repo) > before);
    }
}
