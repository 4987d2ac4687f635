//! Short runs of the staleness checker: the repo keeps its promise under every fault, and what does not keep it is caught.

use std::process::Command;

/// What a run has shown.
struct Shown {
    code: Option<i32>,
    text: String,
}

impl Shown {
    /// A number of the line for programs.
    fn number(&self, name: &str) -> u64 {
        let line = self.text.lines().last().unwrap_or_default();
        let field = line
            .split([',', '{', '}'])
            .find_map(|field| field.strip_prefix(&format!("\"{name}\":")));
        let number = field.and_then(|number| number.parse().ok());
        number.unwrap_or_else(|| panic!("no `{name}` in\n{}", self.text))
    }

    /// The run was one in which something could have gone wrong, and nothing has.
    fn is_clean(&self, faults: u64) {
        assert_eq!(self.code, Some(0), "{}", self.text);
        for wrong in [
            "stale",
            "lost_writes",
            "dirty_reads",
            "torn_reads",
            "hangs",
            "reader_errors",
        ] {
            assert_eq!(self.number(wrong), 0, "{wrong}\n{}", self.text);
        }
        assert_eq!(self.number("faults"), faults, "{}", self.text);
        println!("{}", self.text.lines().last().unwrap_or_default());
        for (name, least) in [("judged", 500), ("hits", 100), ("writes", 30)] {
            assert!(self.number(name) >= least, "{name}\n{}", self.text);
        }
    }
}

fn staleness(arguments: &str) -> Shown {
    let output = Command::new(env!("CARGO_BIN_EXE_staleness"))
        .args(arguments.split_whitespace())
        .output()
        .expect("the checker runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    Shown {
        code: output.status.code(),
        text,
    }
}

#[test]
fn no_read_is_stale_over_postgres_and_redis_under_all_faults() {
    staleness("--json --stumble-ms 5 --seconds 10 --processes 3 --database postgres --faults all --seed 7")
        .is_clean(5);
}

#[test]
fn no_read_is_stale_over_mariadb_and_redis_under_all_faults() {
    staleness(
        "--json --stumble-ms 5 --seconds 10 --processes 3 --database mariadb --faults all --seed 8",
    )
    .is_clean(5);
}

#[test]
fn no_read_is_stale_over_sqlite_and_redis_under_faults() {
    let faults = "kill-store,cut-network,kill-writer";
    staleness(&format!(
        "--json --stumble-ms 5 --seconds 7 --processes 2 --database sqlite --faults {faults} --seed 9"
    ))
    .is_clean(3);
}

#[test]
fn no_read_is_stale_over_a_store_in_the_process_that_is_killed_and_paused() {
    let faults = "kill-writer,pause-process";
    let line = format!(
        "--json --stumble-ms 5 --seconds 6 --store memory --writers-per-process 6 --faults {faults} --seed 10"
    );
    staleness(&line).is_clean(2);
}

#[test]
fn copies_are_no_older_than_their_bound() {
    let shown = staleness(
        "--json --stumble-ms 5 --seconds 10 --processes 3 --consistency bounded --bound-ms 1000 --faults all --seed 13",
    );
    assert_eq!(shown.code, Some(0), "{}", shown.text);
    assert!(shown.number("max_staleness_ms") <= 1000, "{}", shown.text);
    for wrong in [
        "lost_writes",
        "dirty_reads",
        "torn_reads",
        "hangs",
        "reader_errors",
    ] {
        assert_eq!(shown.number(wrong), 0, "{wrong}\n{}", shown.text);
    }
    for (name, least) in [("judged", 500), ("hits", 100), ("writes", 30)] {
        assert!(shown.number(name) >= least, "{name}\n{}", shown.text);
    }
}

#[test]
fn the_locks_of_killed_writers_end_while_others_write() {
    let shown = staleness("--json --seconds 16 --processes 3 --faults kill-writer --seed 14");
    shown.is_clean(2);
    // Locks that lasted as long as others write would leave the lists without a hit from the first kill to the end.
    let dry = shown.number("longest_without_hit_ms");
    assert!(dry < 8000, "{}", shown.text);
}

#[test]
fn cache_aside_by_hand_is_caught() {
    let shown = staleness(
        "--json --stumble-ms 20 --seconds 8 --processes 3 --faults kill-writer --subject hand-written --seed 11",
    );
    assert_eq!(shown.code, Some(1), "{}", shown.text);
    assert!(shown.number("stale") > 0, "{}", shown.text);
    assert!(shown.text.contains("stale by"), "{}", shown.text);
}

#[test]
fn writes_that_go_on_without_the_store_are_caught() {
    let line =
        "--json --seconds 7 --processes 3 --faults cut-network --when-store-down proceed --seed 12";
    let shown = staleness(line);
    assert_eq!(shown.code, Some(1), "{}", shown.text);
    assert!(shown.number("stale") > 0, "{}", shown.text);
}

#[test]
fn wrong_usage_is_explained() {
    for (line, message) in [
        (
            "--subject moon",
            "`--subject moon`: one of cached-repo, hand-written is wanted",
        ),
        (
            "--seconds 1",
            "`--seconds 1`: a whole number from 3 is wanted",
        ),
    ] {
        let shown = staleness(line);
        assert_eq!(shown.code, Some(2));
        assert!(shown.text.starts_with(message), "{}", shown.text);
        assert!(shown.text.contains("usage: staleness"), "{}", shown.text);
    }
}
