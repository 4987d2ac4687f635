//! Run with: cargo run --example graph
//! The invalidation graph of a schema of two crates (`examples/shop` and `examples/catalog`), and what a write would do.
use cached_repo::CachedRepo;
use cached_repo::graph::{Reach, WriteExplanation};
use catalog::product;
use sea_orm::Database;
use shop::{Shop, user};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let graph = Shop::graph();
    println!("{}", graph.to_mermaid());
    println!("{}", graph.to_dot());
    println!("{}\n", graph.to_json());

    // A repo explains writes. It asks neither the database nor the store: this one has no tables.
    let repo = CachedRepo::<Shop>::builder(Database::connect("sqlite::memory:").await?).build().await?;
    let name = repo.explain_update::<user::Entity>([user::Column::Name]);
    let email = repo.explain_update::<user::Entity>([user::Column::Email]);
    let delete = repo.explain_delete::<product::Entity>();
    println!("{name}\n{email}\n{delete}");
    Ok(())
}
