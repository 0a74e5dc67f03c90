//! Names of Rust: valid, and each once.

use crate::program::emit::rust::EmitError;
use std::collections::HashSet;

/// Words that cannot be names, of all editions.
const KEYWORDS: [&str; 53] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "Self", "static", "struct", "super", "trait", "true", "try", "type",
    "typeof", "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// What a printed text has names for itself, or takes from `core`.
const TAKEN: [&str; 10] =
    ["f64", "f32", "usize", "u64", "bool", "i32", "str", "core", "std", "assert"];

/// Values that every module has: as a pattern they are no new name, and a function hides them.
const VARIANTS: [&str; 4] = ["Ok", "Err", "Some", "None"];

/// An error unless it can be the name of a printed function, in ASCII.
pub(super) fn of_function(name: &str) -> Result<(), EmitError> {
    let mut characters = name.chars();
    let valid = characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.chars().any(|c| c != '_');
    let found = name.to_owned();
    match name {
        _ if !valid => Err(EmitError::Name { found }),
        _ if KEYWORDS.contains(&name) => Err(EmitError::Keyword { found }),
        _ if VARIANTS.contains(&name) => Err(EmitError::Variant { found }),
        _ => Ok(()),
    }
}

/// Names that are taken.
#[derive(Debug)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// How many have a number.
    numbered: usize,
}

impl Names {
    pub(super) fn new(taken: impl IntoIterator<Item = String>) -> Self {
        let fixed = TAKEN.iter().chain(&VARIANTS).map(|&name| name.to_owned());
        Names { taken: fixed.chain(taken).collect(), numbered: 0 }
    }

    /// A name as near to the wanted one as can be.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        let valid = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let name: String = wanted.chars().map(valid).collect();
        let mut name = name.trim_matches('_').to_owned();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name.insert_str(0, "x_");
        }
        if KEYWORDS.contains(&&name[..]) {
            name.push('_');
        }
        let free = |name: &String| !self.taken.contains(name);
        let other = |n: usize| format!("{name}_{n}");
        let name = Some(name.clone()).filter(free).or_else(|| (2..).map(other).find(free));
        let name = name.unwrap_or_default();
        self.taken.insert(name.clone());
        name
    }

    /// A name for a step.
    pub(super) fn step(&mut self) -> String {
        self.numbered += 1;
        let name = format!("t{}", self.numbered);
        self.take(&name)
    }
}
