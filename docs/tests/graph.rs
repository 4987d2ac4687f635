//! The picture and the explanation in the guide are those of the schema in `examples/shop`.
//!
//! `CACHED_REPO_REWRITE_GUIDE=1 cargo test -p docs --test graph` writes them anew.

use cached_repo::CachedRepo;
use sea_orm::Database;
use shop::{Shop, user};
use std::fs;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/guide/graph.md");

/// The page with this text in its block of this language, of which it has one.
fn with_block(page: &str, language: &str, text: &str) -> String {
    let opening = format!("\n```{language}\n");
    let (before, rest) = page.split_once(&opening).expect("a block");
    let (_, after) = rest.split_once("```\n").expect("its end");
    format!("{before}{opening}{text}```\n{after}")
}

#[tokio::test]
async fn the_guide_shows_the_graph_as_it_is() {
    let database = Database::connect("sqlite::memory:").await.expect("SQLite");
    let repo = CachedRepo::<Shop>::builder(database).build().await;
    let repo = repo.expect("a schema that is right");
    let explanation = repo.explain_write::<user::Entity>([user::Column::Name]);

    let page = fs::read_to_string(PAGE).expect("the page is there");
    let expected = with_block(&page, "mermaid", &Shop::graph().to_mermaid());
    let expected = with_block(&expected, "text", &explanation.to_string());
    if std::env::var_os("CACHED_REPO_REWRITE_GUIDE").is_some() {
        fs::write(PAGE, &expected).expect("the page can be written");
        return;
    }
    assert!(
        page == expected,
        "docs/guide/graph.md shows another graph than `examples/shop` has; \
         run `CACHED_REPO_REWRITE_GUIDE=1 cargo test -p docs --test graph`"
    );
}
