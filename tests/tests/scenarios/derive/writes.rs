//! The write methods take whatever a schema can write with.

use super::formats::compact;
use cached_repo::{Error, Writes};
use std::future::Future;
use std::sync::Arc;

fn sends<T>(future: impl Future<Output = Result<T, Error>> + Send) -> impl Future + Send {
    future
}

#[expect(dead_code, reason = "it compiles, which is the test")]
fn all_write_methods<R: Writes<compact::Entity>>(repo: &R) {
    let model = || compact::ActiveModel::default();
    drop(sends::<Arc<compact::Model>>(
        compact::Entity::insert_cached(model(), repo),
    ));
    drop(sends::<Arc<compact::Model>>(
        compact::Entity::update_cached(model(), repo),
    ));
    drop(sends::<Arc<compact::Model>>(compact::Entity::save_cached(
        model(),
        repo,
    )));
    drop(sends::<bool>(compact::Entity::delete_cached(1, repo)));
    drop(sends::<()>(compact::Entity::invalidate(1_i8, repo)));
}
