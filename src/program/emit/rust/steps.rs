//! From nodes to expressions.

use crate::op;
use crate::program::emit::rust::expression::{Binding, Expression, list};
use crate::program::emit::rust::form::{Form, Functions};
use crate::program::emit::rust::support::Support;
use crate::program::emit::rust::{EmitError, facts::Facts};
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::{Division, Gate, Operation};
use std::collections::{BTreeSet, HashMap};

/// How operations are printed, and which functions that takes.
#[derive(Debug, Default)]
pub(super) struct Forms {
    forms: HashMap<Operation, Form>,
    pub(super) functions: Functions,
    pub(super) support: BTreeSet<Support>,
}

impl Forms {
    /// Finds out how a node is printed, and what of the support it calls; returns the arguments that are
    /// printed.
    pub(super) fn prepare(
        &mut self,
        graph: &Graph,
        facts: &Facts,
        id: Id,
    ) -> Result<Vec<Id>, EmitError> {
        use Operation::*;
        let (operation, args) = (graph.operation(id), graph.args(id));
        let support = match operation {
            Chain(gate) if !facts.is_plain(graph, id) => Some(chain(gate)),
            ChainDot(gate) => Some(chain(gate)),
            Gather { .. } | Within { .. } => Some(Support::Index),
            RemSlope => Some(Support::RemSlope),
            MaxOf => Some(Support::MaxOf),
            Norm | NormScale | NormRoot | NormSlope => Some(Support::Norm),
            ExpShift => Some(Support::ExpShift),
            LogSumExp => Some(Support::LogSumExp),
            // What operators and methods of a number compute, and what is printed elsewhere.
            Constant(_) | Parameter(_) | Column(_) | Rows | Reduce(_) | Detach | Chain(_) => None,
            Neg | Add | Sub | Mul | Div | Rem | MulAdd | ProductPlus | Share(_) => None,
            Above | AtLeast | Equal | Select | Sum | Dot | FusedDot => None,
            // Entries of the table have functions of their own.
            Unary(_) | UnarySlope(_) | UnaryKink(_) | Many(_) | LogSum => None,
            Binary(_) | BinaryKink(_) => None,
            BinarySlope { .. } => None,
        };
        if let Some(support) = support
            && self.support.insert(support)
        {
            self.functions.rules.need(&support.text());
        }
        if !self.forms.contains_key(&of_entry(operation)) {
            let functions = &mut self.functions;
            let form = match operation {
                Unary(kind) => functions.unary_value(kind),
                UnarySlope(kind) => functions.unary_slope(kind),
                UnaryKink(kind) => functions.unary_kink(kind),
                Binary(kind) => functions.binary_value(kind),
                BinarySlope { kind, side, alone } => functions.binary_slope(kind, side, alone),
                BinaryKink(kind) => functions.binary_kink(kind),
                Many(kind) => functions.many_value(kind),
                LogSum => functions.unary_value(op::Ln {}.into()),
                Constant(_) | Parameter(_) | Column(_) | Rows | Reduce(_) | Detach => {
                    return Ok(args.to_vec());
                }
                Gather { .. } | Within { .. } => return Ok(args.to_vec()),
                Neg | Add | Sub | Mul | Div | Rem | RemSlope | MulAdd | ProductPlus | Chain(_)
                | Share(_) | Above | AtLeast | Equal | Select | Sum | Dot | FusedDot
                | ChainDot(_) | MaxOf | Norm | NormScale | NormRoot | NormSlope | ExpShift
                | LogSumExp => {
                    return Ok(args.to_vec());
                }
            };
            let form = form.ok_or_else(|| EmitError::Operation {
                operation: crate::program::ir::display::Head(operation).to_string(),
                line: graph.line(id).cloned(),
            })?;
            self.forms.insert(of_entry(operation), form);
        }
        Ok(match &self.forms[&of_entry(operation)] {
            Form::Argument(at) => vec![args[*at]],
            Form::Function { takes, .. } if !matches!(operation, Many(_)) => {
                takes.iter().map(|&at| args[at]).collect()
            }
            Form::Function { .. } => args.to_vec(),
            Form::Method(_) => match operation {
                Binary(_) | Many(_) => args.to_vec(),
                _ => args[..1].to_vec(),
            },
        })
    }

    /// The expression of a node, from those of its arguments.
    pub(super) fn expression(
        &self,
        graph: &Graph,
        facts: &Facts,
        id: Id,
        mut of: impl FnMut(Id) -> Expression,
    ) -> Expression {
        use Operation::*;
        let (operation, args) = (graph.operation(id), graph.args(id));
        let mut arg = |at: usize| of(args[at]);
        match operation {
            Constant(bits) => Expression::constant(bits.into()),
            Parameter(_) | Column(_) | Rows | Reduce(_) | Detach => arg(0),
            Gather { base, len } => {
                let index = format!("index({}, {len})?", arg(0).number().text);
                let base = if base == 0 { String::new() } else { format!("{base} + ") };
                Expression::tight(format!("p[{base}{index}]"))
            }
            Within { len } => {
                Expression::tight(format!("within({}, {len})?", arg(0).number().text))
            }
            Neg => arg(0).negative(),
            Add => arg(0).sum("+", arg(1)),
            Sub => arg(0).sum("-", arg(1)),
            Mul => arg(0).product("*", arg(1)),
            Div | Share(Division::Quotient) => arg(0).product("/", arg(1)),
            Share(Division::Reciprocal) => {
                let inverse = Expression::constant(1.0).product("/", arg(1));
                arg(0).product("*", inverse)
            }
            Rem => arg(0).product("%", arg(1)),
            RemSlope => Expression::call("rem_slope", vec![arg(0), arg(1)]),
            MulAdd => arg(0).method("mul_add", vec![arg(1), arg(2)]),
            ProductPlus => arg(0).product("*", arg(1)).sum("+", arg(2)),
            Chain(gate) => {
                let (a, b) = (arg(0), arg(1));
                if facts.is_plain(graph, id) { a.product("*", b) } else { chained(gate, a, b) }
            }
            Above => arg(0).compared(">", arg(1)),
            AtLeast => arg(0).compared(">=", arg(1)),
            Equal => arg(0).compared("==", arg(1)),
            Select => Expression::choice(arg(0), arg(1), arg(2)),
            Sum => added(args.iter().map(|&id| of(id))),
            Dot => added(args.as_chunks::<2>().0.iter().map(|&[a, b]| of(a).product("*", of(b)))),
            ChainDot(gate) => {
                added(args.as_chunks::<2>().0.iter().map(|&[a, b]| chained(gate, of(a), of(b))))
            }
            FusedDot => {
                let first = arg(0).product("*", arg(1));
                args.as_chunks::<2>().0[1..]
                    .iter()
                    .fold(first, |sum, &[a, b]| of(a).method("mul_add", vec![of(b), sum]))
            }
            MaxOf => Expression::call("max_of", vec![slice(args.iter().map(|&id| of(id)))]),
            Norm => Expression::call("norm", vec![slice(args.iter().map(|&id| of(id)))]),
            NormScale | NormRoot => {
                let name = if operation == NormScale { "norm_scale" } else { "norm_root" };
                let norm = arg(0);
                Expression::call(name, vec![norm, slice(args[1..].iter().map(|&id| of(id)))])
            }
            NormSlope => Expression::call("norm_slope", vec![arg(0), arg(1), arg(2)]),
            ExpShift => Expression::call("exp_shift", vec![arg(0), arg(1)]),
            LogSumExp => {
                let (value, most) = (arg(0), arg(1));
                let numbers = slice(args[2..].iter().map(|&id| of(id)));
                Expression::call("log_sum_exp", vec![value, most, numbers])
            }
            Unary(_)
            | UnarySlope(_)
            | UnaryKink(_)
            | Binary(_)
            | BinarySlope { .. }
            | BinaryKink(_)
            | Many(_)
            | LogSum => self.entry(operation, args, of),
        }
    }

    fn entry(
        &self,
        operation: Operation,
        args: &[Id],
        mut of: impl FnMut(Id) -> Expression,
    ) -> Expression {
        use Operation::*;
        let form = &self.forms[&of_entry(operation)];
        let expression = match form {
            Form::Argument(at) => of(args[*at]),
            Form::Method(name) => {
                let x = of(args[0]);
                let others = if let Binary(_) = operation { &args[1..] } else { &[] };
                let others = others.iter().map(|&id| of(id)).collect();
                x.method(name, others)
            }
            Form::Function { name, .. } if matches!(operation, Many(kind) if kind.arity().is_none()) => {
                Expression::call(name, vec![slice(args.iter().map(|&id| of(id)))])
            }
            Form::Function { name, takes } => {
                Expression::call(name, takes.iter().map(|&at| of(args[at])).collect())
            }
        };
        if operation.is_mask() {
            Expression::condition(expression.text, Binding::Tight)
        } else {
            expression
        }
    }
}

/// The operation by which the form of another is known.
fn of_entry(operation: Operation) -> Operation {
    match operation {
        Operation::LogSum => Operation::Unary(op::Ln {}.into()),
        operation => operation,
    }
}

fn chain(gate: Gate) -> Support {
    match gate {
        Gate::First => Support::Chain,
        Gate::Either => Support::Along,
    }
}

fn chained(gate: Gate, a: Expression, b: Expression) -> Expression {
    let name = match gate {
        Gate::First => "chain",
        Gate::Either => "along",
    };
    Expression::call(name, vec![a, b])
}

/// A sum, one term after the other; a long one over several lines.
fn added(terms: impl Iterator<Item = Expression>) -> Expression {
    const LINE: usize = 90;
    let mut width = 0;
    let sum = terms.reduce(|sum, term| {
        let term = term.at_least(Binding::Product);
        let sum = sum.at_least(Binding::Sum);
        width = if width == 0 { sum.len() } else { width } + term.len() + 3;
        let separator = if width > LINE { "\n    + " } else { " + " };
        width = if width > LINE { term.len() + 6 } else { width };
        Expression::new(format!("{sum}{separator}{term}"), Binding::Sum)
    });
    sum.unwrap_or_else(|| Expression::constant(0.0))
}

fn slice(numbers: impl Iterator<Item = Expression>) -> Expression {
    Expression::tight(format!("&[{}]", list(numbers.collect())))
}
