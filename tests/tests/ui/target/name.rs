use cached_repo::prelude::*;

#[derive(CachedEntity)]
#[cached(prefix = "user")]
struct User {
    id: i64,
}

fn main() {}
