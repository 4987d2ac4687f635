//! The layers of the library, held by reading its sources. ARCHITECTURE.md explains them.
//!
//! Imports name the module that owns the item (`crate::key::Key`), so that every edge can be seen here.

#[path = "layering/calls.rs"]
mod calls;

use calls::Types;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Top to bottom. A module imports from rows below its own; modules of one row never import each other.
const ROWS: &[&[&str]] = &[
    // The composition root | what generated code may use.
    &["builder", "__private"],
    // The typed interface.
    &["repo"],
    // Drives the protocol over the ports; knows no entity's type.
    &["engine"],
    // Adapters.
    &["store", "codec", "database"],
    // Pure decisions | traits with their duties | the invalidation graph, to look at.
    &["protocol", "port", "graph"],
    // Vocabulary, in the order in which each word is explained by those below it.
    &["schema"],
    &["key", "entry"],
    &["write_token", "receipt", "recorder"],
    &[
        "age", "error", "stamp", "wire", "time", "stats", "config", "sql",
    ],
];

/// Stores are of equal rank: none knows that there are others.
const STRANGERS: &[&str] = &["store/memory", "store/redis", "store/guard"];

const MAX_LINES: usize = 400;

/// Files in which the inherent methods of one type may stand.
const MAX_FILES: usize = 4;

/// How a program asks what time it is.
const CLOCKS: &[&str] = &[
    "Instant::now",
    "SystemTime::now",
    "coarsetime::",
    "Utc::now",
    "Local::now",
];

/// One source file. Its path is relative to `src`, its code has neither comments nor tests.
struct File {
    path: String,
    module: String,
    length: usize,
    code: Vec<(usize, String)>,
}

#[test]
fn modules_import_from_rows_below_their_own() {
    let mut wrong = Vec::new();
    for file in files() {
        let Some(own) = row(&file.module) else {
            wrong.push(format!(
                "{}: `{}` stands in no row of `ROWS`",
                file.path, file.module
            ));
            continue;
        };
        for (at, target) in imports(&file) {
            match row(&target) {
                _ if target == file.module => {}
                Some(theirs) if theirs > own => {}
                Some(_) => wrong.push(format!("{at}: `{}` may not import `{target}`", file.module)),
                None => wrong.push(format!(
                    "{at}: import `{target}` from the module that owns it"
                )),
            }
        }
    }
    none(&wrong);
}

#[test]
fn every_row_is_inhabited() {
    let modules: BTreeSet<String> = files().into_iter().map(|file| file.module).collect();
    let listed = ROWS.iter().flat_map(|row| row.iter());
    let gone: Vec<_> = listed
        .filter(|module| !modules.contains(**module))
        .collect();
    assert!(gone.is_empty(), "no such module: {gone:?}");
}

#[test]
fn neither_imports_nor_calls_lead_back_to_where_they_began() {
    let files = files();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in &files {
        let here = unit(&file.path);
        let folder = here.rsplit_once('/').map_or("", |(folder, _)| folder);
        let siblings = siblings(file)
            .into_iter()
            .map(|name| format!("{folder}/{name}"));
        edges.entry(here.clone()).or_default().extend(siblings);
    }
    for (from, to) in Types::of(&files).calls() {
        if let Some((from, to)) = rooms(&unit(&from), &unit(&to)) {
            edges.entry(from).or_default().insert(to);
        }
    }
    // Take away what imports nothing that is left, and what nothing imports that is left: the rest are circles.
    loop {
        let before = edges.len();
        let left: BTreeSet<String> = edges.keys().cloned().collect();
        for (here, targets) in &mut edges {
            targets.retain(|target| target != here && left.contains(target));
        }
        let imported: BTreeSet<String> = edges.values().flatten().cloned().collect();
        edges.retain(|here, targets| !targets.is_empty() && imported.contains(here));
        if edges.len() == before {
            break;
        }
    }
    assert!(
        edges.is_empty(),
        "these files import or call each other in a circle: {edges:#?}"
    );
}

#[test]
fn the_methods_of_a_type_stand_in_few_files() {
    let files = files();
    let types = Types::of(&files);
    let wide = types.spread().filter(|(_, files)| files.len() > MAX_FILES);
    let wrong: Vec<_> = wide
        .map(|((path, name), files)| format!("`{name}` of {path}: {files:?}"))
        .collect();
    none(&wrong);
}

#[test]
fn stores_do_not_know_each_other() {
    let mut wrong = Vec::new();
    for file in files() {
        let Some(own) = STRANGERS
            .iter()
            .find(|place| file.path.starts_with(**place))
        else {
            continue;
        };
        let others = STRANGERS.iter().filter(|place| *place != own);
        for name in others
            .filter_map(|place| place.rsplit_once('/'))
            .map(|(_, name)| name)
        {
            let (from_here, from_root) =
                (format!("super::{name}"), format!("crate::store::{name}"));
            let lines = file.code.iter();
            let seen =
                lines.filter(|(_, line)| line.contains(&from_here) || line.contains(&from_root));
            wrong.extend(
                seen.map(|(at, _)| format!("{}:{at}: names the store `{name}`", file.path)),
            );
        }
    }
    none(&wrong);
}

#[test]
fn only_time_reads_the_clock() {
    let mut wrong = Vec::new();
    for file in files().iter().filter(|file| file.module != "time") {
        for (at, line) in &file.code {
            let read = CLOCKS.iter().filter(|clock| line.contains(**clock));
            wrong.extend(
                read.map(|clock| {
                    format!("{}:{at}: `{clock}`; ask `crate::time::Clock`", file.path)
                }),
            );
        }
    }
    none(&wrong);
}

#[test]
fn only_the_crate_root_offers_what_other_modules_own() {
    let mut wrong = Vec::new();
    for file in files().iter().filter(|file| file.module != "__private") {
        for (at, line) in &file.code {
            let line = line.trim_start();
            if line.starts_with("pub") && line.contains(" use crate::") {
                wrong.push(format!(
                    "{}:{at}: re-exports what another module owns",
                    file.path
                ));
            }
        }
    }
    none(&wrong);
}

#[test]
fn files_are_short() {
    let long = files().into_iter().filter(|file| file.length > MAX_LINES);
    let wrong: Vec<_> = long
        .map(|file| {
            format!(
                "{}: {} lines, the limit is {MAX_LINES}",
                file.path, file.length
            )
        })
        .collect();
    none(&wrong);
}

fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn row(module: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&module))
}

/// The modules that a file names, and where.
fn imports(file: &File) -> Vec<(String, String)> {
    let lines = file.code.iter();
    lines
        .flat_map(|(at, line)| {
            // A macro of this crate is expanded elsewhere, and names what the crate offers there.
            let line = line.replace("$crate::", "");
            let names = names_after(&line, "crate::").into_iter();
            names.map(move |name| (format!("{}:{at}", file.path), name))
        })
        .collect()
}

/// The identifiers that follow this prefix. An opening brace counts as one: it hides names from this test.
fn names_after(line: &str, prefix: &str) -> Vec<String> {
    line.split(prefix)
        .skip(1)
        .map(|tail| match tail.strip_prefix('{') {
            Some(_) => "{".to_owned(),
            None => first_word(tail),
        })
        .collect()
}

/// What a file names after `super::`, on its own or first in a group: siblings, and items of the parent.
fn siblings(file: &File) -> Vec<String> {
    let lines: Vec<&str> = file.code.iter().map(|(_, line)| line.trim()).collect();
    let text = lines.join(" ");
    let mut names = Vec::new();
    for tail in text.split("super::").skip(1) {
        let Some(group) = tail.strip_prefix('{') else {
            names.push(first_word(tail));
            continue;
        };
        let mut depth = 1;
        let mut start = true;
        for (at, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' => start = depth == 1,
                letter if start && !letter.is_whitespace() => {
                    names.push(first_word(&group[at..]));
                    start = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names
}

fn first_word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// `engine/flight` for `engine/flight.rs`, and for `engine/flight/mod.rs`.
fn unit(path: &str) -> String {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    path.strip_suffix("/mod").unwrap_or(path).to_owned()
}

/// The two units below the folder that two units share; `None` if one is in the other.
fn rooms(from: &str, to: &str) -> Option<(String, String)> {
    let (from, to): (Vec<&str>, Vec<&str>) = (from.split('/').collect(), to.split('/').collect());
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other);
    let shared = shared.count();
    let room = |path: &[&str]| (path.len() > shared).then(|| path[..=shared].join("/"));
    Some((room(&from)?, room(&to)?))
}

/// All files but the crate root and tests.
fn files() -> Vec<File> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&src, &mut paths);
    paths.sort();
    let file = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("a source file is text");
        let path = path.strip_prefix(&src).expect("it was found there");
        let parts: Vec<_> = path
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        File {
            module: parts[0].trim_end_matches(".rs").to_owned(),
            path: parts.join("/"),
            length: text.lines().count(),
            code: code(&text),
        }
    };
    paths
        .iter()
        .map(file)
        .filter(|file| file.module != "lib")
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let is_test = path.file_stem().is_some_and(|stem| stem == "tests");
        if path.is_dir() && !is_test {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") && !is_test {
            files.push(path);
        }
    }
}

/// The numbered lines of a file without comments and without what stands under `#[cfg(test)]`.
fn code(text: &str) -> Vec<(usize, String)> {
    let mut kept = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((at, line)) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            // rustfmt closes an item where it began: at the same depth.
            let end = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
            if lines.next().is_some_and(|(_, item)| !item.ends_with(';')) {
                lines.by_ref().find(|(_, line)| *line == end);
            }
        } else if !line.trim_start().starts_with("//") {
            kept.push((at, line.to_owned()));
        }
    }
    kept
}
