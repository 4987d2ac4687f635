//! Run with: cargo run --example graph
//! The invalidation graph of a schema of two crates (`examples/shop` and `examples/catalog`), and what a write would do.
use cached_repo::CachedRepo;
use cached_repo::graph::InvalidationGraph;
use cached_repo::graph::{Edge, Reach, WriteExplanation};
use catalog::product;
use sea_orm::Database;
use shop::{Shop, user};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let graph = Shop::graph();
    println!("1. For Mermaid:\n\n{}", graph.to_mermaid());
    println!("2. For Graphviz:\n\n{}", graph.to_dot());
    println!("3. For other programs:\n\n{}", graph.to_json());

    let crossing: Vec<_> = graph.edges.iter().filter(|edge| crosses(&graph, edge)).collect();
    let dependents: Vec<_> = crossing.iter().map(|edge| edge.dependent).collect();
    assert_eq!(dependents, ["stock", "review", "line"], "they depend on products, which another crate knows");

    // A repo explains writes. It asks neither the database nor the store: this database has no tables.
    let repo = CachedRepo::<Shop>::builder(Database::connect("sqlite::memory:").await?).build().await?;
    let name = repo.explain_write::<user::Entity>([user::Column::Name]);
    println!("4. A user is renamed:\n\n{name}");
    assert_eq!(reached(&name), ["order", "review", "line", "shipment"]);
    assert!(name.of_entity("line").all(|line| matches!(line.reach, Reach::Found { .. })), "row by row, by a lookup");
    assert!(name.of_entity("shipment").all(|shipment| shipment.reach == Reach::All), "all: there is no lookup");

    let email = repo.explain_write::<user::Entity>([user::Column::Email]);
    println!("5. A user has a new address:\n\n{email}");
    assert_eq!(reached(&email), [""; 0], "nothing shows it");

    let delete = repo.explain_delete::<product::Entity>();
    println!("6. A product is deleted:\n\n{delete}");
    assert_eq!(reached(&delete), ["price", "stock", "review", "line"], "the database deletes the prices");
    Ok(())
}

/// Whether the ends of an edge stand in different crates.
fn crosses(graph: &InvalidationGraph, edge: &Edge) -> bool {
    let crate_of = |prefix| graph.node(prefix).map(|node| node.crate_name);
    crate_of(edge.parent) != crate_of(edge.dependent)
}

/// The entities of which entries go because of edges.
fn reached(explanation: &WriteExplanation) -> Vec<&'static str> {
    explanation.consequences.iter().map(|consequence| consequence.entity).collect()
}
