//! The rules of the table as text: those that a printed function calls, and all that these call in turn.
//!
//! ```text
//! cut the text of each module into items and imports
//! to need a text: for each path in it
//!     resolve the path as the compiler would
//!     of an item: need its text, in its module
//! ```
//!
//! An item is what begins at the margin; the sources are formatted, so it ends where all its brackets are
//! closed. Items of a type parameter are printed for `f64`.

use crate::op::table::text::MODULES;
use crate::program::emit::rust::tokens::{methods_of_std, paths, replace_words};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::LazyLock;

/// A piece of a module at the margin.
struct Item {
    text: Cow<'static, str>,
}

/// What a name stands for that a module imports.
struct Import {
    /// From the root of the rules, or, if it begins with `std`, from there.
    path: Vec<&'static str>,
    public: bool,
}

struct Module {
    path: &'static [&'static str],
    items: Vec<Item>,
    /// The items of each name: a type and what is implemented for it.
    named: BTreeMap<&'static str, Vec<usize>>,
    imports: BTreeMap<&'static str, Import>,
}

static LIBRARY: LazyLock<Vec<Module>> =
    LazyLock::new(|| MODULES.iter().map(|&(path, text)| Module::of(path, text)).collect());

impl Module {
    fn of(path: &'static [&'static str], text: &'static str) -> Self {
        let mut module =
            Module { path, items: Vec::new(), named: BTreeMap::new(), imports: BTreeMap::new() };
        let mut rest = text;
        while let Some((item, after)) = first_item(rest) {
            rest = after;
            let is_code = |line: &&str| !line.is_empty() && !line.starts_with(['/', '#']);
            let code = item.lines().find(is_code);
            let Some(code) = code else { continue };
            let words: Vec<&'static str> = code
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .filter(|word| !word.is_empty())
                .collect();
            let public = words[0] == "pub";
            let of = |keyword: &str| words.iter().position(|&word| word == keyword);
            if item.contains("#[cfg(test)]") || code.ends_with(';') && of("mod").is_some() {
                continue;
            }
            if code.starts_with("impl") {
                let name = words[if words[1] == "F" { 3 } else { 1 }];
                module.add(name, item);
            } else if let Some(list) = item.split_once("use ").filter(|_| of("use").is_some()) {
                let list = list.1.trim_end().trim_end_matches(';');
                let mut add = |path: Vec<&'static str>| {
                    if let Some(&name) = path.last() {
                        let path = module.absolute(path);
                        module.imports.insert(name, Import { path, public });
                    }
                };
                expand(&mut Vec::new(), list, &mut add);
            } else if let Some(at) =
                ["fn", "struct", "enum", "trait", "const"].into_iter().find_map(of)
            {
                module.add(words[at + 1], item);
            }
        }
        module
    }

    fn add(&mut self, name: &'static str, text: &'static str) {
        self.named.entry(name).or_default().push(self.items.len());
        self.items.push(Item { text: printed(text) });
    }

    /// A path that stands in this module, from the root of the rules.
    fn absolute(&self, path: Vec<&'static str>) -> Vec<&'static str> {
        match path[..] {
            ["std", ..] => path,
            ["crate", "op", ref rest @ ..] => rest.to_vec(),
            ["crate", ..] => path,
            _ => {
                let up = path.iter().take_while(|&&name| name == "super").count();
                let base = &self.path[..self.path.len().saturating_sub(up)];
                base.iter().chain(&path[up..]).copied().collect()
            }
        }
    }
}

/// The first item of a text, with the comments and attributes before it, and what follows it.
fn first_item(text: &'static str) -> Option<(&'static str, &'static str)> {
    let text = text.trim_start_matches('\n');
    let (mut end, mut depth) = (0, 0_i32);
    for line in text.split_inclusive('\n') {
        end += line.len();
        let line = line.trim_end();
        if depth == 0 && line.is_empty() {
            // Words between items, as headings.
            return Some((&text[..end], &text[end..]));
        }
        let code = line.split_once("//").map_or(line, |(code, _)| code).trim_end();
        depth += code.matches(['{', '(', '[']).count() as i32;
        depth -= code.matches(['}', ')', ']']).count() as i32;
        if depth == 0 && code.ends_with(['}', ';']) {
            return Some((&text[..end], &text[end..]));
        }
    }
    (!text.is_empty()).then_some((text, ""))
}

/// The paths of `a::{b, c::{d}}`.
fn expand(
    before: &mut Vec<&'static str>,
    list: &'static str,
    add: &mut impl FnMut(Vec<&'static str>),
) {
    let mut rest = list.trim();
    let depth = before.len();
    loop {
        let end = rest.find(['{', ',']).unwrap_or(rest.len());
        let names = rest[..end].split("::").map(str::trim).filter(|name| !name.is_empty());
        before.extend(names);
        if rest[end..].starts_with('{') {
            let mut open = 0_i32;
            let close = rest[end..].find(|c| {
                open += i32::from(c == '{') - i32::from(c == '}');
                open == 0
            });
            let close = end + close.unwrap_or(rest.len() - end - 1);
            expand(before, &rest[end + 1..close], add);
            rest = rest[close + 1..].trim_start();
        } else {
            if before.len() > depth {
                add(before.clone());
            }
            rest = &rest[end..];
        }
        before.truncate(depth);
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None => return,
        }
    }
}

/// An item as it is printed: seen from all modules, of `core`, for `f64`.
fn printed(text: &'static str) -> Cow<'static, str> {
    let mut text = Cow::Borrowed(text);
    for hidden in ["pub(super)", "pub(crate)", "pub(in crate::op)"] {
        if text.contains(hidden) {
            text = text.replace(hidden, "pub").into();
        }
    }
    if text.contains("std::") {
        text = text.replace("std::", "core::").into();
    }
    for (parameter, name) in [("<F: Number>", "F"), ("<S: Scalar>", "S")] {
        if text.contains(parameter) {
            text = replace_words(&text.replace(parameter, ""), name, "f64")
                .replace("f64::one()", "1.0")
                .into();
        }
    }
    text
}

/// What a path leads to.
enum Found {
    Item(usize, &'static str),
    /// Something of the language, of `core`, or of the text itself.
    Other,
    /// Something that no text is known of.
    Missing,
}

/// The rules that are needed.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// Modules and the places of items in them.
    items: BTreeSet<(usize, usize)>,
    /// Modules and the names that they import.
    imports: BTreeSet<(usize, &'static str)>,
}

impl Rules {
    /// Adds what a column of the table calls; whether there is a text of all of it.
    pub(super) fn need(&mut self, column: &str) -> bool {
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut needed = paths(column).all(|path| self.follow(None, &path, &mut open));
        while let Some((module, item)) = open.pop() {
            let text = &LIBRARY[module].items[item].text;
            needed &= paths(text).all(|path| self.follow(Some(module), &path, &mut open));
        }
        needed
    }

    fn follow(
        &mut self,
        from: Option<usize>,
        path: &[&str],
        open: &mut Vec<(usize, usize)>,
    ) -> bool {
        match self.resolve(from, path) {
            Found::Item(module, name) => {
                for &item in &LIBRARY[module].named[name] {
                    if self.items.insert((module, item)) {
                        open.push((module, item));
                    }
                }
                true
            }
            Found::Other => true,
            Found::Missing => false,
        }
    }

    /// What a path in a module is, or in the columns of the table.
    fn resolve(&mut self, from: Option<usize>, path: &[&str]) -> Found {
        let (base, path) = match (from, path) {
            (_, ["core" | "std", ..] | []) => return Found::Other,
            (Some(module), ["super", rest @ ..]) => {
                let path = LIBRARY[module].path;
                (&path[..path.len() - 1], rest)
            }
            (Some(module), path) => (LIBRARY[module].path, path),
            (None, path) => (&[][..], path),
        };
        let module = LIBRARY.iter().position(|module| module.path == base);
        let Some((&name, rest)) = path.split_first() else { return Found::Missing };
        let child = LIBRARY.iter().position(|module| {
            module.path.split_last().is_some_and(|(last, before)| *last == name && before == base)
        });
        if let Some(at) = module {
            let module = &LIBRARY[at];
            if let Some((name, _)) = module.named.get_key_value(name) {
                return Found::Item(at, name);
            }
            if let Some((name, Import { path, .. })) = module.imports.get_key_value(name) {
                self.imports.insert((at, name));
                return match path[..] {
                    ["std", ..] => Found::Other,
                    ["crate", ..] => Found::Missing,
                    _ => {
                        let whole: Vec<&str> = path.iter().chain(rest).copied().collect();
                        self.resolve(None, &whole)
                    }
                };
            }
        }
        match child {
            Some(child) if !rest.is_empty() => self.resolve(Some(child), rest),
            Some(_) => Found::Other,
            // A path into another crate.
            None if !rest.is_empty() && !LANGUAGE.contains(&name) => {
                if name.starts_with(char::is_lowercase) { Found::Missing } else { Found::Other }
            }
            None => Found::Other,
        }
    }

    /// Prints the modules.
    pub(super) fn write(&self, out: &mut String, indent: usize) {
        self.write_below(out, indent, &[]);
    }

    /// The text of what is needed below a module.
    fn texts(&self, base: &[&str]) -> impl Iterator<Item = &str> {
        let below = self.items.iter().filter(move |&&(of, _)| LIBRARY[of].path.starts_with(base));
        below.map(|&(of, item)| &*LIBRARY[of].items[item].text)
    }

    fn write_below(&self, out: &mut String, indent: usize, base: &[&str]) {
        let indented = "    ".repeat(indent);
        if !base.is_empty() && self.texts(base).any(|text| !methods_of_std(text).is_empty()) {
            let _ = writeln!(out, "{indented}{TRAITS}");
        }
        if let Some(at) = LIBRARY.iter().position(|module| module.path == base) {
            let module = &LIBRARY[at];
            for &(_, name) in self.imports.iter().filter(|&&(of, _)| of == at) {
                let Import { path, public } = &module.imports[name];
                let public = if *public { "pub " } else { "" };
                let up = match path[..] {
                    ["std", ..] => "core::".to_owned(),
                    _ => "super::".repeat(base.len()),
                };
                let path = path.strip_prefix(&["std"]).unwrap_or(path).join("::");
                let _ = writeln!(out, "{indented}{public}use {up}{path};");
            }
            for &(_, item) in self.items.iter().filter(|&&(of, _)| of == at) {
                out.push('\n');
                for line in module.items[item].text.lines() {
                    let indented = if line.is_empty() { "" } else { &indented };
                    let _ = writeln!(out, "{indented}{line}");
                }
            }
        }
        for module in LIBRARY.iter() {
            let Some((name, before)) = module.path.split_last() else { continue };
            if before == base && self.texts(module.path).next().is_some() {
                let _ = writeln!(out, "\n{indented}pub mod {name} {{");
                self.write_below(out, indent + 1, module.path);
                let _ = writeln!(out, "{indented}}}");
            }
        }
    }
}

/// What hands on traits, whose methods `f64` has without `std`, from the module of the function.
pub(super) const TRAITS: &str = "use super::*;";

/// Types whose paths begin with a small letter.
const LANGUAGE: [&str; 5] = ["f64", "u64", "i32", "usize", "self"];
