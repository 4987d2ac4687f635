//! Run with: cargo run --example web
//! Two web servers behind a load balancer, and users who want to see what they have just written: a cookie carries the token of
//! the last write. With `CACHED_REPO_URL=redis://127.0.0.1:6379` the servers share a Redis; without it they share one repo.
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, http};
use cached_repo::{CachedRepo, RedisStore, WriteToken, cached_schema};
use sea_orm::{ActiveModelTrait, ConnectionTrait, Database, DatabaseConnection, Set};
use tower::ServiceExt;

mod user {
    use {cached_repo::CachedEntity, sea_orm::entity::prelude::*};
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! { pub App { user::Entity } }
type Repo = CachedRepo<App>;
type Failure = Box<dyn std::error::Error>;

/// The token of this user's last write, if the browser has one.
fn token(headers: &HeaderMap) -> Option<WriteToken> {
    let cookies = headers.get(COOKIE)?.to_str().ok()?.split("; ");
    let (_, text) = cookies.filter_map(|cookie| cookie.split_once('=')).find(|(name, _)| *name == "written")?;
    text.parse().ok()
}

async fn show(State(repo): State<Repo>, Path(id): Path<i64>, headers: HeaderMap) -> Response {
    // Without a token of one's own nothing must be seen: the default covers no write.
    let token = token(&headers).unwrap_or_default();
    match user::Entity::find_cached(id).at_least(&token).one(&repo).await {
        Ok(Some(user)) => user.name.clone().into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn rename(State(repo): State<Repo>, Path(id): Path<i64>, name: String) -> Response {
    let user = user::ActiveModel { id: Set(id), name: Set(name) };
    match user.update(&repo).await {
        Ok(_) => [(SET_COOKIE, format!("written={}; Path=/; HttpOnly", repo.token()))].into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

fn server(repo: Repo) -> Router {
    Router::new().route("/users/{id}", get(show).put(rename)).with_state(repo)
}

async fn connect(url: &str) -> Result<(DatabaseConnection, Repo), Failure> {
    let database = Database::connect(url).await?;
    let builder = Repo::builder(database.clone()).namespace("web-example");
    let repo = match std::env::var("CACHED_REPO_URL") {
        Ok(store) => builder.store(RedisStore::connect(&store).await?).build().await?,
        Err(_) => builder.build().await?,
    };
    Ok((database, repo))
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let file = std::env::temp_dir().join(format!("web-example-{}.db", std::process::id()));
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let (database, repo) = connect(&url).await?;
    database.execute_unprepared("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").await?;
    database.execute_unprepared("INSERT INTO users VALUES (1, 'Ada')").await?;
    let shares = std::env::var("CACHED_REPO_URL").is_ok();
    let servers = [server(repo.clone()), server(if shares { connect(&url).await?.1 } else { repo })];

    let request = |method: http::Method, cookie: &str, body: String| {
        let request = Request::builder().method(method).uri("/users/1").header(COOKIE, cookie);
        request.body(Body::from(body))
    };
    let mut cookie = String::new();
    for round in 0..100 {
        let name = format!("Ada {round}");
        // The form goes to one server, the next page comes from the other.
        let (here, there) = (&servers[round % 2], &servers[(round + 1) % 2]);
        let answer = here.clone().oneshot(request(http::Method::PUT, &cookie, name.clone())?).await?;
        assert_eq!(answer.status(), StatusCode::OK);
        let set = answer.headers().get(SET_COOKIE).ok_or("no cookie")?.to_str()?;
        cookie = set.split(';').next().unwrap_or_default().to_owned();
        let page = there.clone().oneshot(request(http::Method::GET, &cookie, String::new())?).await?;
        let shown = to_bytes(page.into_body(), 1024).await?;
        assert_eq!(shown, name, "a user sees what they have written");
    }
    println!("100 forms, 100 pages from the other server, none older than its form; the last cookie: {cookie}");
    std::fs::remove_file(file)?;
    Ok(())
}
