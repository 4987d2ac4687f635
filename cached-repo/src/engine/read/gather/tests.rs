use super::Gather;
use futures_util::future::{join, join_all};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

type Doubled = Arc<Gather<u32, u32>>;

async fn double(gather: &Doubled, turns: &Arc<AtomicUsize>, number: u32) -> Option<u32> {
    let turns = Arc::clone(turns);
    let work = async move |numbers: Vec<u32>| {
        turns.fetch_add(1, Ordering::SeqCst);
        assert!(!numbers.contains(&1_313), "a number that nobody doubles");
        numbers.into_iter().map(|number| 2 * number).collect()
    };
    let background = Arc::default();
    gather
        .join(&background, number, move |numbers| async move {
            work(numbers).await
        })
        .await
}

#[tokio::test]
async fn what_is_asked_for_in_one_turn_is_done_once_and_each_has_its_own_answer() {
    let (gather, turns) = (Doubled::default(), Arc::default());
    let all = (0..100).map(|number| double(&gather, &turns, number));
    let answers = join_all(all).await;
    let expected: Vec<Option<u32>> = (0..100).map(|number| Some(2 * number)).collect();
    assert_eq!(answers, expected);
    assert_eq!(turns.load(Ordering::SeqCst), 1);
    assert_eq!(double(&gather, &turns, 4).await, Some(8));
    assert_eq!(turns.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn one_that_goes_away_leaves_the_others_their_answers() {
    let (gather, turns) = (Doubled::default(), Arc::default());
    let mut first = Box::pin(double(&gather, &turns, 1));
    assert!(futures_util::poll!(&mut first).is_pending());
    let mut second = Box::pin(double(&gather, &turns, 2));
    assert!(futures_util::poll!(&mut second).is_pending());
    drop(first);
    assert_eq!(second.await, Some(4));
}

#[tokio::test]
async fn work_that_panics_lets_go_of_all_and_spoils_no_later_turn() {
    let (gather, turns) = (Doubled::default(), Arc::default());
    let (one, other) = join(double(&gather, &turns, 1_313), double(&gather, &turns, 2)).await;
    assert_eq!((one, other), (None, None));
    assert_eq!(double(&gather, &turns, 2).await, Some(4));
}

#[test]
fn a_runtime_that_ends_before_the_turn_lets_go_of_all() {
    let (gather, turns) = (Doubled::default(), Arc::default());
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.build().expect("a runtime")
    };
    let mut waiting = Box::pin(double(&gather, &turns, 1));
    let first = runtime();
    first.block_on(async { assert!(futures_util::poll!(&mut waiting).is_pending()) });
    drop(first);
    let second = runtime();
    assert_eq!(second.block_on(waiting), None);
    assert_eq!(second.block_on(double(&gather, &turns, 3)), Some(6));
}

#[test]
fn without_a_runtime_nobody_waits() {
    let (gather, turns) = (Doubled::default(), Arc::default());
    let answer = futures_util::FutureExt::now_or_never(double(&gather, &turns, 1));
    assert_eq!(answer, Some(None));
}
