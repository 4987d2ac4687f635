//! Waiting for what happens by itself.

use std::time::Duration;

/// How long anything that happens by itself may take, on a machine that is busy with something else. Only a test that fails waits
/// so long.
const DEADLINE: Duration = Duration::from_secs(100);

/// Returns when the condition holds.
///
/// # Panics
/// If it does not come to hold in a hundred seconds.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let poll = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    if tokio::time::timeout(DEADLINE, poll).await.is_err() {
        panic!("it did not come about that {what}");
    }
}

/// What the future brings, which must not wait for anything that the test holds back.
///
/// # Panics
/// If it does not end in a hundred seconds.
pub async fn promptly<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, future)
        .await
        .unwrap_or_else(|_| panic!("{what} hangs"))
}
