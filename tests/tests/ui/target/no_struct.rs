use cached_repo::prelude::*;

#[derive(CachedEntity)]
enum Model {
    A,
}

#[derive(CachedEntity)]
union Both {
    a: u8,
    b: u8,
}

#[derive(CachedEntity)]
struct Tuple(i64);

#[derive(CachedEntity)]
struct Unit;

fn main() {}
