//! The messages in the guide are those that the compiler gives.
//!
//! `CACHED_REPO_REWRITE_GUIDE=1 cargo test -p docs` writes them anew.

use std::fs;
use std::path::Path;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/guide/errors.md");
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/tests/ui");

/// An error of a case, the first one or the one whose number stands behind the name, without what the compiler adds below it.
fn message(case: &str) -> String {
    let (case, number) = case.split_once(' ').unwrap_or((case, "1"));
    let number: usize = number.parse().expect("a number behind the case");
    let path = Path::new(CASES).join(case).with_extension("stderr");
    let text = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("no case `{case}` ({error}); see {}", path.display()));
    let ends = |line: &&str| {
        !line.is_empty() && !["help:", "note:"].iter().any(|word| line.starts_with(word))
    };
    let starts: Vec<usize> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with("error"))
        .map(|(at, _)| at)
        .collect();
    let lines: Vec<&str> = text
        .lines()
        .skip(starts[number - 1])
        .take_while(ends)
        .collect();
    // Under the last frame the compiler leaves an empty line of it.
    let lines = match lines.split_last() {
        Some((last, rest)) if last.trim() == "|" => rest,
        _ => &lines,
    };
    lines.join("\n")
}

/// The page with each message behind the comment that names its case.
fn rendered(page: &str) -> String {
    let mut text = String::new();
    let mut skipping = false;
    for line in page.lines() {
        if skipping {
            skipping = line != "```";
            continue;
        }
        if line == "```text" {
            skipping = true;
            continue;
        }
        text.push_str(line);
        text.push('\n');
        let case = line
            .strip_prefix("<!-- ")
            .and_then(|rest| rest.strip_suffix(" -->"));
        if let Some(case) = case {
            text.push_str(&format!("```text\n{}\n```\n", message(case)));
        }
    }
    text
}

#[test]
fn messages_are_those_of_the_compiler() {
    let page = fs::read_to_string(PAGE).expect("the page is there");
    let expected = rendered(&page);
    if std::env::var_os("CACHED_REPO_REWRITE_GUIDE").is_some() {
        fs::write(PAGE, &expected).expect("the page can be written");
        return;
    }
    assert!(
        page == expected,
        "docs/guide/errors.md shows messages that the compiler does not give; \
         run `CACHED_REPO_REWRITE_GUIDE=1 cargo test -p docs --test errors`"
    );
}
