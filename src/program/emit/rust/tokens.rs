//! Words and paths in Rust text.

use std::collections::HashSet;

/// Whether a character can stand in a name.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The paths in a text, but for names of methods and fields, and for comments.
pub(super) fn paths(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let mut found: Vec<Vec<&str>> = Vec::new();
    for line in text.lines() {
        let code = line.split_once("//").map_or(line, |(code, _)| code);
        let (mut last, mut at) = ("", 0);
        while at < code.len() {
            let rest = &code[at..];
            let is_name = rest.starts_with(|c: char| c.is_alphabetic() || c == '_');
            let end = rest.find(|c| is_word(c) != is_word_first(rest)).unwrap_or(rest.len());
            let token = &rest[..end];
            let follows_dot = last.ends_with('.') && !last.ends_with("..");
            if is_name && last.ends_with("::") && !found.is_empty() {
                if let Some(path) = found.last_mut() {
                    path.push(token);
                }
            } else if is_name && !follows_dot {
                found.push(vec![token]);
            }
            (last, at) = (token, at + end);
        }
    }
    found.into_iter()
}

fn is_word_first(text: &str) -> bool {
    text.starts_with(is_word)
}

/// Whether a name stands in a text, other than as a method or field.
pub(super) fn mentions(text: &str, name: &str) -> bool {
    paths(text).any(|path| path[0] == name)
}

/// The text with one word in the place of another.
pub(super) fn replace_words(text: &str, word: &str, by: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let first = is_word_first(rest);
        let end = rest.find(|c| is_word(c) != first).unwrap_or(rest.len());
        out.push_str(if &rest[..end] == word { by } else { &rest[..end] });
        rest = &rest[end..];
    }
    out
}

/// Methods of `f64` that are in `std` and not in `core`.
const OF_STD: [&str; 34] = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "cos",
    "cosh",
    "div_euclid",
    "exp",
    "exp2",
    "exp_m1",
    "floor",
    "fract",
    "hypot",
    "ln",
    "ln_1p",
    "log",
    "log10",
    "log2",
    "mul_add",
    "powf",
    "powi",
    "rem_euclid",
    "round",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "trunc",
];

/// Those of them that a text calls, each once.
pub(super) fn methods_of_std(text: &str) -> Vec<&'static str> {
    let code = text.lines().filter_map(|line| line.split("//").next());
    let called: HashSet<&str> = code
        .flat_map(|code| code.split('.').skip(1))
        .filter_map(|after| after.split_once('(').map(|(name, _)| name))
        .collect();
    OF_STD.into_iter().filter(|name| called.contains(name)).collect()
}
