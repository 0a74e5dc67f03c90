//! Expressions as text, with as few parentheses as they need.

use crate::program::emit::rust::literal::Literal;

/// How strongly an expression holds together; what holds less stands in parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Binding {
    /// `if`, and conditions that are joined.
    Loose,
    Comparison,
    Sum,
    Product,
    Sign,
    /// Names, calls, and numbers that are not negative.
    Tight,
}

/// An expression.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    pub(super) text: String,
    pub(super) binding: Binding,
    /// Whether it is a condition, of type `bool`.
    pub(super) condition: bool,
    /// Whether it is a number that is written out.
    literal: bool,
}

impl Expression {
    pub(super) fn new(text: String, binding: Binding) -> Self {
        Expression { text, binding, condition: false, literal: false }
    }

    pub(super) fn tight(text: impl Into<String>) -> Self {
        Self::new(text.into(), Binding::Tight)
    }

    pub(super) fn condition(text: String, binding: Binding) -> Self {
        Expression { condition: true, ..Self::new(text, binding) }
    }

    pub(super) fn constant(value: f64) -> Self {
        let binding = if value.is_sign_negative() { Binding::Sign } else { Binding::Tight };
        let literal = value.is_finite();
        let binding =
            if value == f64::NEG_INFINITY || value.is_nan() { Binding::Tight } else { binding };
        Expression { literal, ..Self::new(Literal(value).to_string(), binding) }
    }

    /// What is known by a name from now on.
    pub(super) fn named(self, name: String) -> Self {
        Expression { text: name, binding: Binding::Tight, literal: false, ..self }
    }

    /// The same as a number: 1 or 0 of a condition.
    pub(super) fn number(self) -> Self {
        if self.condition { Self::tight(format!("f64::from({})", self.text)) } else { self }
    }

    /// The same as a condition: whether a number is not 0.
    pub(super) fn holds(self) -> Self {
        if self.condition {
            return self;
        }
        Self::condition(format!("{} != 0.0", self.at_least(Binding::Sum)), Binding::Comparison)
    }

    /// The text of a number, in parentheses if it holds less together than that.
    pub(super) fn at_least(self, binding: Binding) -> String {
        let Expression { text, binding: own, .. } = self.number();
        if own < binding { format!("({text})") } else { text }
    }

    /// The text as what a method is called of.
    fn receiver(self) -> String {
        let text = if self.literal { format!("{}_f64", self.text) } else { String::new() };
        if text.is_empty() {
            return self.at_least(Binding::Tight);
        }
        if self.binding < Binding::Tight { format!("({text})") } else { text }
    }

    pub(super) fn negative(self) -> Self {
        Self::new(format!("-{}", self.at_least(Binding::Tight)), Binding::Sign)
    }

    /// `a + b`, or another operator that binds as that; from the left.
    pub(super) fn sum(self, operator: &str, other: Self) -> Self {
        if operator == "+" && other.binding < Binding::Product && self.binding >= Binding::Product {
            // What is a sum already comes first, so that it needs no parentheses.
            return other.sum(operator, self);
        }
        let (a, b) = (self.at_least(Binding::Sum), other.at_least(Binding::Product));
        Self::new(format!("{a} {operator} {b}"), Binding::Sum)
    }

    /// `a * b`, or another operator that binds as that; from the left.
    pub(super) fn product(self, operator: &str, other: Self) -> Self {
        if operator == "*" && other.binding == Binding::Product && self.binding > Binding::Product {
            return other.product(operator, self);
        }
        let (a, b) = (self.at_least(Binding::Product), other.at_least(Binding::Sign));
        Self::new(format!("{a} {operator} {b}"), Binding::Product)
    }

    pub(super) fn compared(self, operator: &str, other: Self) -> Self {
        let (a, b) = (self.at_least(Binding::Sum), other.at_least(Binding::Sum));
        Self::condition(format!("{a} {operator} {b}"), Binding::Comparison)
    }

    pub(super) fn method(self, name: &str, others: Vec<Self>) -> Self {
        Self::tight(format!("{}.{name}({})", self.receiver(), list(others)))
    }

    pub(super) fn call(name: &str, arguments: Vec<Self>) -> Self {
        Self::tight(format!("{name}({})", list(arguments)))
    }

    pub(super) fn choice(condition: Self, yes: Self, no: Self) -> Self {
        let [yes, no] = [yes, no].map(|branch| branch.number().text);
        Self::new(
            format!("if {} {{ {yes} }} else {{ {no} }}", condition.holds().text),
            Binding::Loose,
        )
    }
}

/// Arguments, each a number.
pub(super) fn list(arguments: Vec<Expression>) -> String {
    let texts: Vec<String> = arguments.into_iter().map(|argument| argument.number().text).collect();
    texts.join(", ")
}
