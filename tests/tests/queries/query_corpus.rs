//! Short runs of the query corpus: what the cache answers is what the database answers, and a repo that is written past is caught.

use tests::corpus::findings::Findings;
use tests::corpus::options::Options;
use tests::corpus::run::run;
use tests::{Database, Store};

/// Enough that every query has its turn.
const STEPS: u32 = 60;

async fn findings(database: Database, store: Store, seed: u64, past: bool) -> Findings {
    let options = Options {
        database,
        store,
        steps: STEPS,
        seed,
        json: false,
        past,
    };
    let findings = run(&options, |line| println!("{line}")).await;
    let findings = findings.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    println!("seed {seed}\n{}", findings.report());
    findings
}

/// Everything was asked, the cache has answered all of it, and rightly.
async fn every_answer_is_right(database: Database, store: Store, seed: u64) {
    let findings = findings(database, store, seed, false).await;
    assert_eq!((findings.wrong, findings.refused), (0, 0));
    assert!(findings.queries >= 150);
    assert!(findings.pinned >= 40);
    assert!(
        findings.never_asked.is_empty(),
        "{:?}",
        findings.never_asked
    );
    assert!(findings.never_hit.is_empty(), "{:?}", findings.never_hit);
    assert!(findings.hits > findings.checked / 2);
}

macro_rules! runs {
    ($($name:ident: $database:ident, $store:ident, $seed:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            every_answer_is_right(Database::$database, Store::$store, $seed).await;
        }
    )*};
}

runs! {
    every_answer_is_right_over_sqlite_in_the_process: Sqlite, Memory, 1;
    every_answer_is_right_over_sqlite_and_redis: Sqlite, Redis, 2;
    every_answer_is_right_over_postgres_in_the_process: Postgres, Memory, 3;
    every_answer_is_right_over_postgres_and_redis: Postgres, Redis, 4;
    every_answer_is_right_over_mariadb_in_the_process: MariaDb, Memory, 5;
    every_answer_is_right_over_mariadb_and_redis: MariaDb, Redis, 6;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_past_the_repo_are_caught() {
    let findings = findings(Database::Sqlite, Store::Memory, 7, true).await;
    assert!(findings.wrong > 0);
    assert!(!findings.is_clean());
    let told = findings.told.first().expect("the first is told");
    for part in ["wrong: seed 7 step ", "after ", "cached: ", "direct: "] {
        assert!(told.contains(part), "{told}");
    }
}
