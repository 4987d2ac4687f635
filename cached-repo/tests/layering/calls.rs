//! Which file calls methods of which other: an inherent method needs no import, so a knot could hide behind it.
//!
//! A call is followed where it starts at `self` and goes through fields: `self.reader.l1.probe(..)`. The type of a field is the
//! one that its declaration names, through `Arc`, `Option` and the like.

use super::{File, first_word};
use std::collections::{BTreeMap, BTreeSet};

/// A type: the file that declares it, and its name.
type Declared = (String, String);

/// The fields of a type, with the names in their types.
type Fields = BTreeMap<String, Vec<String>>;

/// A call: the files of the caller and of the method.
pub(crate) type Call = (String, String);

/// The declarations and methods of all files.
#[derive(Default)]
pub(crate) struct Types {
    /// Where types of a name are declared.
    structs: BTreeMap<String, Vec<(String, Fields)>>,
    /// In which file each inherent method of a type stands.
    methods: BTreeMap<Declared, BTreeMap<String, String>>,
    /// Bodies of `impl` blocks, with their types and files.
    bodies: Vec<(Declared, String, String)>,
}

impl Types {
    pub(crate) fn of(files: &[File]) -> Self {
        let mut types = Self::default();
        let each = files.iter().map(|file| (file, items(file)));
        let each: Vec<_> = each.collect();
        for (file, items) in &each {
            for (name, fields) in items.iter().filter_map(|item| structure(item)) {
                let declared = types.structs.entry(name).or_default();
                declared.push((file.path.clone(), fields));
            }
        }
        for (file, items) in &each {
            for item in items.iter().filter(|item| item.starts_with("impl")) {
                types.add_impl(&file.path, item);
            }
        }
        types
    }

    fn add_impl(&mut self, path: &str, item: &str) {
        let Some((header, body)) = item.split_once('{') else {
            return;
        };
        let of_trait = header.rsplit_once(" for ").map(|(_, subject)| subject);
        let subject = of_trait.unwrap_or_else(|| without_generics(&header["impl".len()..]));
        let Some(own) = self.resolve(&first_word(subject.trim()), path) else {
            return;
        };
        if of_trait.is_none() {
            let methods = self.methods.entry(own.clone()).or_default();
            methods.extend(functions(body).map(|name| (name, path.to_owned())));
        }
        self.bodies.push((own, path.to_owned(), squeezed(body)));
    }

    /// The type of this name that a file means: its own, else the one of its folder, else the one of its module, else the only one.
    fn resolve(&self, name: &str, path: &str) -> Option<Declared> {
        let declared = self.structs.get(name)?;
        let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let module = |path: &str| path.split('/').next().map(str::to_owned);
        let only = |near: &dyn Fn(&str) -> bool| {
            let mut found = declared.iter().filter(|(file, _)| near(file));
            let (first, _) = found.next()?;
            found
                .next()
                .is_none()
                .then(|| (first.clone(), name.to_owned()))
        };
        only(&|it| it == path)
            .or_else(|| only(&|it| folder(it) == folder(path)))
            .or_else(|| only(&|it| module(it) == module(path)))
            .or_else(|| only(&|_| true))
    }

    fn field(&self, (path, name): &Declared, field: &str) -> Option<Declared> {
        let mut declared = self.structs.get(name)?.iter();
        let (_, fields) = declared.find(|(file, _)| file == path)?;
        let names = fields.get(field)?;
        names.iter().find_map(|name| self.resolve(name, path))
    }

    /// All calls between files.
    pub(crate) fn calls(&self) -> BTreeSet<Call> {
        let each = self.bodies.iter();
        each.flat_map(|(own, path, body)| {
            let chains = body.split("self.").skip(1);
            let callees = chains.filter_map(|chain| self.callee(own, chain));
            let others = callees.filter(move |to| to != path);
            others.map(|to| (path.clone(), to))
        })
        .collect()
    }

    /// The file of the method that a chain of fields ends with.
    fn callee(&self, own: &Declared, chain: &str) -> Option<String> {
        let (mut at, mut rest) = (own.clone(), chain);
        loop {
            let word = first_word(rest);
            rest = &rest[word.len()..];
            if rest.starts_with('(') {
                return self.methods.get(&at)?.get(&word).cloned();
            }
            at = self.field(&at, &word)?;
            rest = rest.strip_prefix('.')?;
        }
    }

    /// The files in which the inherent methods of each type stand.
    pub(crate) fn spread(&self) -> impl Iterator<Item = (&Declared, BTreeSet<&String>)> {
        let types = self.methods.iter();
        types.map(|(declared, methods)| (declared, methods.values().collect()))
    }
}

/// The items of a file that begin at its margin, each to its closing brace.
fn items(file: &File) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    let mut open = false;
    for (_, line) in &file.code {
        if !open && !line.is_empty() && !line.starts_with([' ', '}', ')', '#']) {
            items.push(String::new());
            open = true;
        }
        if let (true, Some(item)) = (open, items.last_mut()) {
            item.push_str(line);
            item.push('\n');
        }
        open &= !(line.starts_with('}') || line.ends_with(';') && !line.starts_with(' '));
    }
    items
}

/// The name and the fields of a `struct`.
fn structure(item: &str) -> Option<(String, Fields)> {
    let (before, tail) = item.split_once("struct ")?;
    let (_, body) = tail.split_once(['{', ';', '('])?;
    if before.contains(['{', '=', '!']) {
        return None;
    }
    let fields = body.lines().filter_map(|line| {
        let (field, named) = line.trim().split_once(": ")?;
        let field = field.rsplit(' ').next()?;
        Some((field.to_owned(), words(named)))
    });
    Some((first_word(tail), fields.collect()))
}

/// The names in a type that may be those of types.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let types = words.filter(|word| word.starts_with(char::is_uppercase));
    types.map(str::to_owned).collect()
}

/// The names of the functions of an `impl` block.
fn functions(body: &str) -> impl Iterator<Item = String> {
    let lines = body.lines().filter(|line| !line.starts_with("        "));
    lines.filter_map(|line| Some(first_word(line.split_once("fn ")?.1)))
}

/// The code without white space, so that a chain of calls is in one piece.
fn squeezed(body: &str) -> String {
    body.split_whitespace().collect::<Vec<_>>().join("")
}

/// What follows the generic parameters of an `impl`.
fn without_generics(header: &str) -> &str {
    let mut depth = 0;
    for (at, letter) in header.char_indices() {
        match letter {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &header[if letter == '>' { at + 1 } else { at }..];
        }
    }
    header
}

#[test]
fn a_call_through_fields_is_found_in_the_file_of_its_method() {
    let file = |path: &str, text: &str| File {
        path: path.to_owned(),
        module: "a".to_owned(),
        length: 0,
        code: (1..).zip(text.lines().map(str::to_owned)).collect(),
    };
    let files = [
        file(
            "a/top.rs",
            "pub(super) struct Top {\n    pub(super) middle: Option<Arc<Middle>>,\n}\n\nimpl Top {\n    \
             fn go(&self) {\n        self.middle\n            .low\n            .work(1);\n    }\n}",
        ),
        file(
            "a/low.rs",
            "struct Middle {\n    low: Low,\n}\n\nstruct Low;\n\nimpl Low {\n    fn rest(&self) {}\n}",
        ),
        file(
            "a/more.rs",
            "impl<T: Any> Low {\n    fn work(&self, by: u8) {\n        self.rest();\n    }\n}",
        ),
    ];
    let types = Types::of(&files);
    let call = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let expected = [call("a/more.rs", "a/low.rs"), call("a/top.rs", "a/more.rs")];
    assert_eq!(types.calls(), BTreeSet::from(expected));
    let spread: Vec<_> = types
        .spread()
        .map(|((_, name), files)| (name.as_str(), files.len()))
        .collect();
    assert_eq!(spread, [("Low", 2), ("Top", 1)]);
}
