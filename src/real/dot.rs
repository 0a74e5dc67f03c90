//! Graphs in the language of Graphviz: [`Dot`].

use std::fmt::Write;

/// The color of what a kink touches.
pub(crate) const KINK: &str = "#c83e2d";
/// The color of what is asked for.
pub(crate) const OUTPUT: &str = "#2166ac";

/// A directed graph, node by node and edge by edge.
///
/// The language is described at <https://graphviz.org/doc/info/lang.html>. Names and labels stand in quotes, where
/// only a quote and a backslash are more than themselves.
pub(crate) struct Dot {
    text: String,
}

impl Dot {
    pub(crate) fn new(name: &str) -> Self {
        let mut dot = Dot { text: String::new() };
        dot.line(format_args!("digraph {} {{", quoted(name)));
        dot.line(format_args!("  rankdir=BT;"));
        dot.line(format_args!("  node [shape=box, style=rounded, fontname=\"Helvetica\"];"));
        dot.line(format_args!("  edge [fontname=\"Helvetica\", fontsize=11];"));
        dot
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // A String takes everything.
        let _ = writeln!(self.text, "{line}");
    }

    /// A node, with a label of several lines.
    pub(crate) fn node(&mut self, id: &str, label: &str, attributes: &[(&str, &str)]) {
        self.line(format_args!("  {}{};", quoted(id), list(label, attributes)));
    }

    pub(crate) fn edge(&mut self, from: &str, to: &str, label: &str, attributes: &[(&str, &str)]) {
        let ends = format!("{} -> {}", quoted(from), quoted(to));
        self.line(format_args!("  {ends}{};", list(label, attributes)));
    }

    pub(crate) fn finish(mut self) -> String {
        self.text.push_str("}\n");
        self.text
    }
}

/// Attributes, the label before the others.
fn list(label: &str, attributes: &[(&str, &str)]) -> String {
    let label = (!label.is_empty()).then_some(("label", label));
    let all = label.iter().chain(attributes);
    let all: Vec<String> = all.map(|(name, value)| format!("{name}={}", quoted(value))).collect();
    if all.is_empty() { String::new() } else { format!(" [{}]", all.join(", ")) }
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_backslashes_and_lines_are_escaped() {
        assert_eq!(quoted("a \"b\" \\n\nc"), r#""a \"b\" \\n\nc""#);
        assert_eq!(list("", &[]), "");
        assert_eq!(list("x", &[("color", "red")]), r#" [label="x", color="red"]"#);
    }
}
