use cached_repo::prelude::*;

#[derive(CachedEntity)]
#[cached(prefix = "user")]
struct Model<T> {
    id: T,
}

fn main() {}
