//! Nodes replaced by equal ones that are cheaper, as they are added.

use crate::op::nary;
use crate::program::ir::entries::UnaryKind;
use crate::program::ir::graph::{Graph, Id, LineId};
use crate::program::ir::operation::{Operation, Reduction};

impl Graph {
    /// What a node is the negative of.
    fn negated(&self, id: Id) -> Option<Id> {
        matches!(self.operation(id), Operation::Neg).then(|| self.args(id)[0])
    }

    fn is_constant(&self, id: Id, value: f64) -> bool {
        self.constant_value(id).is_some_and(|x| x.to_bits() == value.to_bits())
    }

    /// An equal node that is cheaper. These are patterns that are looked for: what fits none stays as it is.
    pub(super) fn simplified(
        &mut self,
        operation: Operation,
        args: &[Id],
        line: Option<LineId>,
    ) -> Option<Id> {
        use Operation::*;
        match (operation, args) {
            (Neg, &[x]) => self.negated(x),
            (Add, &[a, b]) => {
                for (x, y) in [(a, b), (b, a)] {
                    if self.is_constant(y, -0.0) {
                        return Some(x);
                    }
                    if let Some(y) = self.negated(y) {
                        return Some(self.push(Sub, &[x, y], line));
                    }
                }
                None
            }
            (Sub, &[a, b]) if self.is_constant(b, 0.0) => Some(a),
            (Sub, &[a, b]) => self.negated(b).map(|b| self.push(Add, &[a, b], line)),
            (Mul | Chain(_), &[a, b]) => self.simplified_product(operation, [a, b], line),
            (Div, &[a, b]) if self.is_constant(b, 1.0) => Some(a),
            (Div, &[a, b]) => {
                let inverse = self.constant_value(b).and_then(exact_reciprocal)?;
                let inverse = self.constant(inverse);
                Some(self.push(Mul, &[a, inverse], line))
            }
            (Select, &[_, yes, no]) if yes == no => Some(yes),
            (Select, &[condition, yes, no]) => {
                let condition = self.constant_value(condition)?;
                Some(if condition != 0.0 { yes } else { no })
            }
            (Sum, &[]) => Some(self.constant(0.0)),
            (Sum | MaxOf, &[x]) => Some(x),
            (Sum, &[a, b]) => Some(self.push(Add, &[a, b], line)),
            (Sum, &[a, b, c]) => {
                let ab = self.push(Add, &[a, b], line);
                Some(self.push(Add, &[ab, c], line))
            }
            (Sum, args) if args.len() > nary::IN_TURN => Some(self.tree(args, line)),
            (Unary(UnaryKind::Powi { n }), &[x]) => self.power(x, n, line),
            // A piecewise linear slope does not ask for the value.
            (UnarySlope(kind), &[x, y]) if kind.is_linear() && x != y => {
                Some(self.push(operation, &[x, x], line))
            }
            (Reduce(Reduction::Sum), &[x]) if !self.is_varying(x) => {
                let rows = self.push(Rows, &[], None);
                Some(self.push(Mul, &[rows, x], line))
            }
            (Reduce(Reduction::Max), &[x]) if !self.is_varying(x) => Some(x),
            _ => None,
        }
    }

    /// The same for a product, be it with an adjoint or not.
    fn simplified_product(
        &mut self,
        operation: Operation,
        [a, b]: [Id; 2],
        line: Option<LineId>,
    ) -> Option<Id> {
        for (x, y) in [(a, b), (b, a)] {
            if self.is_constant(y, 1.0) {
                return Some(x);
            }
            if self.is_constant(y, -1.0) {
                return Some(self.push(Operation::Neg, &[x], line));
            }
        }
        if let (Some(a), Some(b)) = (self.negated(a), self.negated(b)) {
            return Some(self.push(operation, &[a, b], line));
        }
        // With a constant that is finite and not 0 it is a product like others.
        let plain = [a, b]
            .into_iter()
            .any(|x| self.constant_value(x).is_some_and(|x| x.is_finite() && x != 0.0));
        (operation != Operation::Mul && plain).then(|| self.push(Operation::Mul, &[a, b], line))
    }

    /// A small integer power as products, in the order of the entry.
    fn power(&mut self, x: Id, n: i32, line: Option<LineId>) -> Option<Id> {
        // The first power stays: its slope is NaN at NaN, that of `x` is 1.
        if !(2..=5).contains(&n) {
            return None;
        }
        let square = self.push(Operation::Mul, &[x, x], line);
        Some(match n {
            2 => square,
            3 => self.push(Operation::Mul, &[x, square], line),
            _ => {
                let fourth = self.push(Operation::Mul, &[square, square], line);
                if n == 4 { fourth } else { self.push(Operation::Mul, &[x, fourth], line) }
            }
        })
    }
}

/// `1 / c` where that is exact, so that a quotient by `c` is a product with it, bit by bit.
fn exact_reciprocal(c: f64) -> Option<f64> {
    let inverse = c.recip();
    let power_of_two = c.is_normal() && c.to_bits() & ((1 << 52) - 1) == 0;
    (power_of_two && inverse.is_normal()).then_some(inverse)
}
