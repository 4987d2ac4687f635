//! Tables that are made and changed through the repo, by SeaORM's schema builder.

#![expect(unreachable_pub, reason = "SeaORM wants models to be public")]

use cached_repo::{CachedQuery, CachedRepo, cached_schema};
use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, EntityTrait, QueryOrder, Set, Statement, TransactionTrait,
};
use sea_schema::Connection as SchemaConnection;
use tests::{World, matrix};

/// Books, as they are at first.
mod book {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "books")]
    #[cached(prefix = "book")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub title: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// The same table with a column more.
mod numbered_book {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "books")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub title: String,
        pub number: Option<String>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! { Library { book::Entity } }

/// A repo over a database that has no books yet.
async fn library(world: &World) -> CachedRepo<Library> {
    world
        .beside()
        .await
        .build()
        .await
        .expect("the settings are right")
}

async fn sync<E: EntityTrait>(db: &(impl ConnectionTrait + SchemaConnection), entity: E) {
    let schema = sea_orm::Schema::new(db.get_database_backend()).builder();
    schema
        .register(entity)
        .sync(db)
        .await
        .expect("synchronized");
}

async fn add(db: &impl ConnectionTrait, title: &str) {
    let book = book::ActiveModel {
        title: Set(title.to_owned()),
        ..Default::default()
    };
    book.insert(db).await.expect("inserted");
}

/// The titles of all books, by a cached query.
async fn titles(repo: &CachedRepo<Library>) -> Result<Vec<String>, cached_repo::Error> {
    let books = book::Entity::find()
        .order_by_asc(book::Column::Id)
        .cached()
        .all(repo)
        .await?;
    Ok(books.iter().map(|book| book.title.clone()).collect())
}

async fn is_cached(repo: &CachedRepo<Library>, id: i64) -> bool {
    repo.wait_idle().await;
    let found = book::Entity::find_cached(id).cache_only().one(repo).await;
    found.expect("read").is_some()
}

matrix! {
    async fn tables_that_are_applied_through_the_repo_are_read_through_the_cache(world) {
        let repo = library(&world).await;
        titles(&repo).await.expect_err("there are no books");
        repo.get_schema_builder().register(book::Entity).apply(&repo).await.expect("created");
        assert_eq!(titles(&repo).await.expect("read"), [""; 0]);
        add(&repo, "Emma").await;
        assert_eq!(titles(&repo).await.expect("read"), ["Emma"]);
    }

    async fn a_sync_makes_tables_and_begins_anew(world) {
        let repo = library(&world).await;
        titles(&repo).await.expect_err("there are no books");
        assert_eq!(repo.stats().epochs, 0);
        repo.get_schema_builder().register(book::Entity).sync(&repo).await.expect("synchronized");
        assert!(repo.stats().epochs > 0, "the tables of the database have changed");
        add(&repo, "Emma").await;
        assert_eq!(titles(&repo).await.expect("read"), ["Emma"]);
    }

    async fn a_sync_that_changes_a_table_invalidates_everything(world) {
        let repo = library(&world).await;
        sync(&repo, book::Entity).await;
        add(&repo, "Emma").await;
        book::Entity::find_cached(1).one(&repo).await.expect("read");
        assert_eq!(titles(&repo).await.expect("read"), ["Emma"]);
        assert!(is_cached(&repo, 1).await);
        sync(&repo, numbered_book::Entity).await;
        assert!(!is_cached(&repo, 1).await, "it was loaded before the table was changed");
        assert_eq!(titles(&repo).await.expect("read"), ["Emma"]);
        let numbered = numbered_book::Entity::find().all(&repo).await.expect("the column is there");
        assert_eq!(numbered[0].number, None);
    }

    async fn a_sync_that_finds_nothing_to_do_leaves_the_cache_alone(world) {
        let repo = library(&world).await;
        sync(&repo, book::Entity).await;
        add(&repo, "Emma").await;
        book::Entity::find_cached(1).one(&repo).await.expect("read");
        let epochs = repo.stats().epochs;
        sync(&repo, book::Entity).await;
        assert_eq!(repo.stats().epochs, epochs);
        assert!(is_cached(&repo, 1).await);
    }

    async fn a_sync_in_a_transaction_counts_with_its_commit(world) {
        let repo = library(&world).await;
        sync(&repo, book::Entity).await;
        add(&repo, "Emma").await;
        book::Entity::find_cached(1).one(&repo).await.expect("read");
        let transaction = repo.begin().await.expect("begun");
        sync(&transaction, numbered_book::Entity).await;
        transaction.commit().await.expect("committed");
        assert!(!is_cached(&repo, 1).await);
        assert_eq!(titles(&repo).await.expect("read"), ["Emma"]);
    }

    async fn a_sync_runs_on_a_task(world) {
        let repo = library(&world).await;
        let of_task = repo.clone();
        let work = tokio::spawn(async move {
            of_task.get_schema_builder().register(book::Entity).sync(&of_task).await
        });
        work.await.expect("no panic").expect("synchronized");
        assert_eq!(titles(&repo).await.expect("read"), [""; 0]);
    }

    async fn what_looks_at_the_schema_does_not_write(world) {
        let repo = library(&world).await;
        sync(&repo, book::Entity).await;
        add(&repo, "Emma").await;
        let select = Query::select().column(book::Column::Title).from(book::Entity).to_owned();
        let rows = SchemaConnection::query_all(&repo, select).await.expect("read");
        assert_eq!(rows.len(), 1);
        let rows = SchemaConnection::query_all_raw(&repo, "SELECT id FROM books".into()).await.expect("read");
        assert_eq!(rows.len(), 1);
        let write = || "UPDATE books SET title = 'Persuasion'".to_owned();
        assert!(SchemaConnection::query_all_raw(&repo, write()).await.is_err());
        let transaction = repo.begin().await.expect("begun");
        assert!(SchemaConnection::query_all_raw(&transaction, write()).await.is_err());
        transaction.commit().await.expect("committed");
        let kept = Statement::from_string(repo.get_database_backend(), "SELECT id FROM books WHERE title = 'Emma'");
        assert_eq!(ConnectionTrait::query_all_raw(&repo, kept).await.expect("read").len(), 1);
    }
}
