//! How an entry of the table is printed: as a method of `f64`, as one of its arguments, or as a call of a
//! function of its own.
//!
//! The function's body is put together from the columns of the entry as text, in the order of
//! [`unary_value`](crate::program::ir::operation::unary_value) and its like, which say what a program
//! computes.

use crate::op::{Binary, Corner, Many, Op, Text, Unary};
use crate::program::emit::rust::library::Rules;
use crate::program::emit::rust::literal::Literal;
use crate::program::emit::rust::tokens::mentions;
use crate::program::ir::entries::{BinaryKind, ManyKind, UnaryKind};
use crate::program::ir::entries::{VisitBinary, VisitMany, VisitUnary};
use crate::program::ir::operation::{Side, at_kink};

/// How an operation is printed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    /// The first argument's method, of the others.
    Method(String),
    /// One of the arguments.
    Argument(usize),
    /// A function of some of the arguments.
    Function { name: String, takes: Vec<usize> },
}

/// What a function gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Gives {
    Number,
    Condition,
}

/// The functions of entries, which a printed function calls.
#[derive(Debug, Default)]
pub(super) struct Functions {
    pub(super) text: String,
    pub(super) rules: Rules,
    names: Vec<String>,
}

/// The body of a function of an entry, and what it is called.
struct Body {
    op: Op,
    /// What follows the entry's name in that of the function.
    suffix: &'static str,
    doc: String,
    arguments: &'static [&'static str],
    /// What binds the parameters of the entry.
    bind: String,
    body: Option<String>,
    gives: Gives,
}

impl Functions {
    /// Their names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &name[..])
    }

    /// How the value of an entry of one argument is printed; `None` if there is no text of all that it calls.
    pub(super) fn unary_value(&mut self, kind: UnaryKind) -> Option<Form> {
        let entry = kind.visit(Written);
        let body = entry.near("value", "vector", &["x"]);
        self.form(entry.body("", "The value", body, Gives::Number))
    }

    /// The same of its slope, by argument and value.
    pub(super) fn unary_slope(&mut self, kind: UnaryKind) -> Option<Form> {
        let entry = kind.visit(Written);
        let smooth = entry.near("slope", "vector_slope", &["x", "y"]);
        let kinks = kind.kinks().into_iter().map(|(at, sides)| {
            let (at, least) = (Literal(at), Literal(sides.least()));
            format!("if x == {at} {{\n    return {least};\n}}\n")
        });
        let body = smooth.map(|smooth| kinks.chain([smooth]).collect());
        self.form(entry.body("_slope", "The slope", body, Gives::Number))
    }

    /// The same of whether it has a kink there.
    pub(super) fn unary_kink(&mut self, kind: UnaryKind) -> Option<Form> {
        let places = kind.kinks().into_iter().map(|(at, _)| format!("x == {}", Literal(at)));
        let places: Vec<String> = places.collect();
        let body = if places.is_empty() { "false".into() } else { places.join(" || ") };
        let entry = kind.visit(Written);
        self.form(entry.body("_kink", "Whether there is a kink", Some(body), Gives::Condition))
    }

    /// The same of the value of an entry of two arguments.
    pub(super) fn binary_value(&mut self, kind: BinaryKind) -> Option<Form> {
        struct Value;
        impl VisitBinary for Value {
            type Output = Body;
            fn visit<O: Binary>(self, _: O) -> Body {
                let body = either(O::TEXT, "vector", "value", &["a", "b"]);
                binary_body::<O>("", "The value", body, Gives::Number)
            }
        }
        let body = kind.visit(Value);
        self.form(body)
    }

    /// The same of its slope by one of them, from both and the value.
    pub(super) fn binary_slope(
        &mut self,
        kind: BinaryKind,
        side: Side,
        alone: bool,
    ) -> Option<Form> {
        struct Slope(Side, bool);
        impl VisitBinary for Slope {
            type Output = Body;
            fn visit<O: Binary>(self, _: O) -> Body {
                let Slope(side, alone) = self;
                let (vector, slope, suffix, doc) = match side {
                    Side::First => ("vector_slope_a", "slope_a", "_slope_a", "The slope by `a`"),
                    Side::Second => ("vector_slope_b", "slope_b", "_slope_b", "The slope by `b`"),
                };
                let all = ["a", "b", "y"];
                let smooth = either(O::TEXT, vector, slope, &all).and_then(|usual| {
                    let Some(rare) = column(O::TEXT, "rare") else { return Some(usual) };
                    let (rare, slope) =
                        (applied(rare, &all), applied(column(O::TEXT, slope)?, &all));
                    Some(format!("if {rare} {{ {slope} }} else {{ {usual} }}"))
                });
                let kink = match (O::CORNER, column(O::TEXT, "kink")) {
                    (Some(_), Some(kink)) => {
                        let (kink, least) =
                            (applied(kink, &["a", "b"]), Literal(at_kink::<O>(alone)));
                        format!("if {kink} {{\n    return {least};\n}}\n")
                    }
                    _ => String::new(),
                };
                let suffix = match (suffix, alone && matches!(O::CORNER, Some(Corner::Tie { .. })))
                {
                    ("_slope_a", true) => "_slope_a_alone",
                    ("_slope_b", true) => "_slope_b_alone",
                    (suffix, _) => suffix,
                };
                binary_body::<O>(suffix, doc, smooth.map(|smooth| kink + &smooth), Gives::Number)
            }
        }
        let body = kind.visit(Slope(side, alone));
        self.form(body)
    }

    /// The same of whether it has a kink there.
    pub(super) fn binary_kink(&mut self, kind: BinaryKind) -> Option<Form> {
        struct Kink;
        impl VisitBinary for Kink {
            type Output = Body;
            fn visit<O: Binary>(self, _: O) -> Body {
                let kink = column(O::TEXT, "kink").filter(|_| O::CORNER.is_some());
                let body = kink.map_or_else(|| "false".into(), |kink| applied(kink, &["a", "b"]));
                binary_body::<O>("_kink", "Whether there is a kink", Some(body), Gives::Condition)
            }
        }
        let body = kind.visit(Kink);
        self.form(body)
    }

    /// The same of the value of an entry of three arguments or of a list.
    pub(super) fn many_value(&mut self, kind: ManyKind) -> Option<Form> {
        struct Value;
        impl VisitMany for Value {
            type Output = Body;
            fn visit<O: Many>(self, _: O) -> Body {
                let arguments: &[&str] =
                    if O::ARITY.is_some() { &["a", "b", "c"] } else { &["xs"] };
                let text = column(O::TEXT, "value");
                // The table names the arguments as it likes.
                let names = text.and_then(|text| text.strip_prefix('|')?.split_once('|'));
                let bind = names.map_or(String::new(), |(names, _)| {
                    let names = names.split(',').map(str::trim).zip(arguments);
                    names
                        .filter(|(name, argument)| name != *argument)
                        .map(|(name, argument)| format!("let {name} = {argument};\n"))
                        .collect()
                });
                Body {
                    op: O::OP,
                    suffix: "",
                    doc: "The value".into(),
                    arguments,
                    bind,
                    body: names.map(|(_, body)| body.trim().into()),
                    gives: Gives::Number,
                }
            }
        }
        let body = kind.visit(Value);
        self.form(body)
    }

    /// The function with this body, which is printed unless it was, or what says the same shorter.
    fn form(
        &mut self,
        Body { op, suffix, doc, arguments, bind, body, gives }: Body,
    ) -> Option<Form> {
        let body = tidied(&body?);
        if bind.is_empty() {
            if let Some(at) = arguments.iter().position(|argument| *argument == body) {
                return Some(Form::Argument(at));
            }
            if let Some(name) = method(&body, arguments) {
                return Some(Form::Method(name));
            }
        }
        if !self.rules.need(&body) {
            return None;
        }
        let used = |name: &str| mentions(&body, name) || mentions(&bind, name);
        let takes: Vec<usize> = (0..arguments.len()).filter(|&at| used(arguments[at])).collect();
        let list: Vec<String> = takes
            .iter()
            .map(|&at| match arguments[at] {
                "xs" => "xs: &[f64]".to_owned(),
                argument => format!("{argument}: f64"),
            })
            .collect();
        let result = if gives == Gives::Number { "f64" } else { "bool" };
        let wanted = format!("{}{suffix}", op.name());
        // The same entry may be there with other parameters.
        let other = |n: usize| format!("{wanted}_{n}");
        let free = |name: &String| !self.names.contains(name);
        let name = Some(wanted.clone()).filter(free).or_else(|| (2..).map(other).find(free))?;
        self.names.push(name.clone());
        let lines = format!("{bind}{body}").replace('\n', "\n    ");
        self.text += &format!(
            "\n/// {doc} of `{}`.\npub fn {name}({}) -> {result} {{\n    {}\n}}\n",
            op.name(),
            list.join(", "),
            lines.replace("std::", "core::").trim_end(),
        );
        Some(Form::Function { name, takes })
    }
}

/// What is printed of an entry of one argument, as data: so nothing of that is compiled for each entry.
struct OneArgument {
    op: Op,
    text: Text,
    parameters: Text,
    values: [f64; 2],
    reach: f64,
}

struct Written;
impl VisitUnary for Written {
    type Output = OneArgument;
    fn visit<O: Unary>(self, entry: O) -> OneArgument {
        OneArgument {
            op: O::OP,
            text: O::TEXT,
            parameters: O::PARAMETERS,
            values: entry.parameters(),
            reach: O::REACH,
        }
    }
}

impl OneArgument {
    /// The form for loops within its reach, and the ordinary one beyond.
    fn near(&self, ordinary: &str, vector: &str, arguments: &[&str]) -> Option<String> {
        let usual = either(self.text, vector, ordinary, arguments)?;
        if self.reach == f64::INFINITY {
            return Some(usual);
        }
        let far = applied(column(self.text, ordinary)?, arguments);
        Some(format!("if x.abs() > {} {{ {far} }} else {{ {usual} }}", Literal(self.reach)))
    }

    fn body(&self, suffix: &'static str, doc: &str, body: Option<String>, gives: Gives) -> Body {
        let named = self.parameters.iter().zip(self.values);
        let used =
            named.filter(|((name, _), _)| body.as_ref().is_some_and(|body| mentions(body, name)));
        let bind = used.map(|((name, kind), value)| match *kind {
            "i32" => format!("let {name} = {value}_i32;\n"),
            _ => format!("let {name} = {};\n", Literal(value)),
        });
        let (op, bind) = (self.op, bind.collect());
        Body { op, suffix, doc: doc.into(), arguments: &["x", "y"], bind, body, gives }
    }
}

fn binary_body<O: Binary>(
    suffix: &'static str,
    doc: &str,
    body: Option<String>,
    gives: Gives,
) -> Body {
    let arguments = &["a", "b", "y"];
    Body { op: O::OP, suffix, doc: doc.into(), arguments, bind: String::new(), body, gives }
}

fn column(text: Text, name: &str) -> Option<&'static str> {
    text.iter().find(|(column, _)| *column == name).map(|(_, text)| *text)
}

/// A column's text as people write it: what a macro has handed on has spaces around each `::`.
fn tidied(text: &str) -> String {
    text.replace(" :: ", "::")
}

/// One column, or another where that is missing, of these arguments.
fn either(text: Text, first: &str, second: &str, arguments: &[&str]) -> Option<String> {
    let column = column(text, first).or_else(|| column(text, second))?;
    Some(applied(column, arguments))
}

/// A column of these arguments: a closure's body, whose arguments have these names, or a call of a function.
fn applied(column: &str, arguments: &[&str]) -> String {
    match column.strip_prefix('|').and_then(|closure| closure.split_once('|')) {
        Some((_, body)) => body.trim().to_owned(),
        None => format!("{column}({})", arguments.join(", ")),
    }
}

/// The method that the body calls of the first argument, and of the second if it has one.
fn method(body: &str, arguments: &[&str]) -> Option<String> {
    let called = body.strip_prefix(arguments[0])?.strip_prefix('.')?;
    let (name, list) = called.split_once('(')?;
    let plain = list == ")" || arguments.len() > 1 && list == format!("{})", arguments[1]);
    (plain && name.chars().all(|c| c.is_alphanumeric() || c == '_')).then(|| name.to_owned())
}
