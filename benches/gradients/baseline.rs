//! A tape with one node for each operation, as tapes are usually written: what pending edges save
//! is measured against it.

use crate::loss::Number;
use std::cell::RefCell;
use std::iter::Sum;
use std::ops::{Add, Div, Mul, Sub};

/// An operation's partials by its operands, and where those are. An operand that is not there has
/// partial 0.
#[derive(Clone, Copy)]
struct Node {
    partials: [f64; 2],
    parents: [u32; 2],
}

/// The operations, in the order of recording.
#[derive(Default)]
pub(crate) struct Nodes(RefCell<Vec<Node>>);

/// A number on the tape.
#[derive(Clone, Copy)]
pub(crate) struct Noted {
    value: f64,
    index: u32,
    nodes: &'static Nodes,
}

impl Nodes {
    /// A tape for the rest of the process, so that a number on it may be kept anywhere.
    pub(crate) fn leak() -> &'static Self {
        Box::leak(Box::default())
    }

    fn push(&'static self, value: f64, partials: [f64; 2], parents: [u32; 2]) -> Noted {
        let mut nodes = self.0.borrow_mut();
        let index = nodes.len() as u32;
        nodes.push(Node { partials, parents });
        Noted { value, index, nodes: self }
    }

    /// Forgets the operations and keeps the memory.
    pub(crate) fn clear(&self) {
        self.0.borrow_mut().clear();
    }

    /// An independent variable.
    pub(crate) fn leaf(&'static self, value: f64) -> Noted {
        self.push(value, [0.0; 2], [0; 2])
    }
}

impl Noted {
    #[inline(always)]
    fn unary(self, value: f64, slope: f64) -> Self {
        self.nodes.push(value, [slope, 0.0], [self.index; 2])
    }

    #[inline(always)]
    fn binary(self, other: Self, value: f64, slopes: [f64; 2]) -> Self {
        self.nodes.push(value, slopes, [self.index, other.index])
    }

    /// Writes the derivatives by the first numbers on the tape, the leaves, and returns the value.
    pub(crate) fn backward(self, adjoints: &mut Vec<f64>, gradient: &mut [f64]) -> f64 {
        let nodes = self.nodes.0.borrow();
        adjoints.clear();
        adjoints.resize(nodes.len(), 0.0);
        adjoints[self.index as usize] = 1.0;
        for (i, node) in nodes.iter().enumerate().rev() {
            let adjoint = adjoints[i];
            if adjoint != 0.0 {
                adjoints[node.parents[0] as usize] += node.partials[0] * adjoint;
                adjoints[node.parents[1] as usize] += node.partials[1] * adjoint;
            }
        }
        gradient.copy_from_slice(&adjoints[..gradient.len()]);
        self.value
    }
}

impl Number for Noted {
    #[inline]
    fn abs(self) -> Self {
        let sign = f64::from(i8::from(self.value > 0.0) - i8::from(self.value < 0.0));
        self.unary(self.value.abs(), sign)
    }

    #[inline]
    fn relu(self) -> Self {
        self.unary(self.value.max(0.0), if self.value > 0.0 { 1.0 } else { 0.0 })
    }
}

macro_rules! operator {
    ($Trait:ident $method:ident, |$a:ident, $b:ident| $value:expr, $slopes:expr) => {
        impl $Trait for Noted {
            type Output = Noted;
            #[inline]
            fn $method(self, other: Noted) -> Noted {
                let ($a, $b) = (self.value, other.value);
                self.binary(other, $value, $slopes)
            }
        }
        impl $Trait<f64> for Noted {
            type Output = Noted;
            #[inline]
            fn $method(self, $b: f64) -> Noted {
                let $a = self.value;
                self.unary($value, $slopes[0])
            }
        }
    };
}
operator!(Add add, |a, b| a + b, [1.0, 1.0]);
operator!(Sub sub, |a, b| a - b, [1.0, -1.0]);
operator!(Mul mul, |a, b| a * b, [b, a]);
operator!(Div div, |a, b| a / b, [b.recip(), -a / (b * b)]);

impl Sum for Noted {
    /// Of at least one number, for there is no tape for the zero.
    fn sum<I: Iterator<Item = Noted>>(mut terms: I) -> Self {
        let Some(first) = terms.next() else { panic!("a sum of no terms has no tape") };
        terms.fold(first, |sum, term| sum + term)
    }
}
