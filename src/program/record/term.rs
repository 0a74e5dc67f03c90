//! The number that records a program: [`Term`].

use crate::program::error::{RecordError, SourceLine};
use crate::program::ir::graph::Id;
use crate::program::ir::operation::Operation;
use crate::program::record::{apply, apply_valued, fault, guard, meet, varies};
use std::cmp::Ordering;
use std::fmt;
use std::iter::{Product, Sum};
use std::marker::PhantomData;
use std::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign,
};
use std::panic::Location;

/// A number of a recording: what an [`Objective`](crate::program::Objective) computes with while it becomes a
/// [`Program`](crate::program::Program).
///
/// It has the value that the expression has at the point of the recording, and stands for the
/// expression itself. A comparison is recorded as a guard: the program refuses data for which it
/// would come out otherwise.
#[derive(Clone, Copy)]
pub struct Term {
    pub(crate) value: f64,
    pub(crate) node: Node,
    /// The recording is the thread's own.
    on_thread: PhantomData<*const ()>,
}

/// Where a term stands in its recording.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Node {
    Constant,
    Recorded { id: Id, recording: u64 },
}

impl Term {
    pub(crate) const fn constant(value: f64) -> Self {
        Self::new(value, Node::Constant)
    }

    pub(crate) const fn new(value: f64, node: Node) -> Self {
        Term { value, node, on_thread: PhantomData }
    }

    /// Notes a fault of the recording, which its maker will report.
    #[track_caller]
    pub(crate) fn fault(self, error: impl FnOnce(SourceLine) -> RecordError) {
        if let Node::Recorded { recording, .. } = self.node {
            fault(recording, error(Location::caller().into()));
        }
    }
}

impl From<f64> for Term {
    fn from(value: f64) -> Self {
        Term::constant(value)
    }
}

impl Default for Term {
    fn default() -> Self {
        Term::constant(0.0)
    }
}

impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Term").field(&self.value).finish()
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// All forms of one operator.
macro_rules! operator {
    ($Trait:ident $method:ident $Assign:ident $assign:ident) => {
        operator!(form $Trait $method Term, Term);
        operator!(form $Trait $method Term, f64);
        operator!(form $Trait $method f64, Term);
        operator!(assign $Assign $assign $method Term);
        operator!(assign $Assign $assign $method f64);
    };
    (form $Trait:ident $method:ident $Left:ty, $Right:ty) => {
        impl $Trait<$Right> for $Left {
            type Output = Term;
            #[track_caller]
            fn $method(self, other: $Right) -> Term {
                apply(Operation::$Trait, &[self.into(), other.into()])
            }
        }
    };
    (assign $Assign:ident $assign:ident $method:ident $Right:ty) => {
        impl $Assign<$Right> for Term {
            #[track_caller]
            fn $assign(&mut self, other: $Right) {
                *self = (*self).$method(other);
            }
        }
    };
}
operator!(Add add AddAssign add_assign);
operator!(Sub sub SubAssign sub_assign);
operator!(Mul mul MulAssign mul_assign);
operator!(Div div DivAssign div_assign);
operator!(Rem rem RemAssign rem_assign);

impl Neg for Term {
    type Output = Term;
    #[track_caller]
    fn neg(self) -> Term {
        apply(Operation::Neg, &[self])
    }
}

macro_rules! compared {
    ($Right:ty) => {
        impl PartialEq<$Right> for Term {
            #[track_caller]
            fn eq(&self, other: &$Right) -> bool {
                guard(Operation::Equal, *self, (*other).into())
            }
        }

        impl PartialOrd<$Right> for Term {
            #[track_caller]
            fn partial_cmp(&self, other: &$Right) -> Option<Ordering> {
                if guard(Operation::Equal, *self, (*other).into()) {
                    Some(Ordering::Equal)
                } else if self.lt(other) {
                    Some(Ordering::Less)
                } else {
                    self.gt(other).then_some(Ordering::Greater)
                }
            }
            #[track_caller]
            fn lt(&self, other: &$Right) -> bool {
                guard(Operation::Above, (*other).into(), *self)
            }
            #[track_caller]
            fn gt(&self, other: &$Right) -> bool {
                guard(Operation::Above, *self, (*other).into())
            }
            #[track_caller]
            fn le(&self, other: &$Right) -> bool {
                guard(Operation::AtLeast, (*other).into(), *self)
            }
            #[track_caller]
            fn ge(&self, other: &$Right) -> bool {
                guard(Operation::AtLeast, *self, (*other).into())
            }
        }
    };
}
compared!(Term);
compared!(f64);

impl Sum for Term {
    #[track_caller]
    fn sum<I: Iterator<Item = Term>>(terms: I) -> Term {
        sum_of(&terms.collect::<Vec<_>>())
    }
}

impl<'a> Sum<&'a Term> for Term {
    #[track_caller]
    fn sum<I: Iterator<Item = &'a Term>>(terms: I) -> Term {
        terms.copied().sum()
    }
}

impl Product for Term {
    #[track_caller]
    fn product<I: Iterator<Item = Term>>(factors: I) -> Term {
        let mut product = Term::constant(1.0);
        for factor in factors {
            product *= factor;
        }
        product
    }
}

impl<'a> Product<&'a Term> for Term {
    #[track_caller]
    fn product<I: Iterator<Item = &'a Term>>(factors: I) -> Term {
        factors.copied().product()
    }
}

/// The sum of a list; -0 if empty.
#[track_caller]
pub(crate) fn sum_of(terms: &[Term]) -> Term {
    match terms {
        [] => Term::constant(-0.0),
        _ => apply(Operation::Sum, terms),
    }
}

/// A longer table of computed numbers is not searched.
const LONGEST_CHOICE: usize = 4096;

/// The element of a table at an index: of neighbouring parameters by its place, of other numbers by
/// comparing the index with each.
#[track_caller]
pub(crate) fn gather(table: &[Term], index: Term) -> Term {
    meet(table, Some(index));
    let at = index.value as usize;
    let within = index.value >= 0.0 && index.value.fract() == 0.0 && at < table.len();
    if !within {
        index.fault(|line| RecordError::Index { index: index.value, len: table.len(), line });
        return Term::constant(f64::NAN);
    }
    let Node::Recorded { id, recording } = index.node else {
        return table[at];
    };
    if !varies(recording, id) {
        index.fault(|line| RecordError::IndexOfNoColumn { line });
        return Term::constant(f64::NAN);
    }
    match crate::program::record::parameters_from(table) {
        Some(base) => {
            let operation = Operation::Gather { base, len: table.len() as u32 };
            apply_valued(operation, &[index], table[at].value)
        }
        None if table.len() <= LONGEST_CHOICE => chosen(table, index),
        None => {
            index.fault(|line| RecordError::Table { line });
            Term::constant(f64::NAN)
        }
    }
}

/// The element of a table of any numbers, with a selection for each.
#[track_caller]
fn chosen(table: &[Term], index: Term) -> Term {
    let index = apply(Operation::Within { len: table.len() as u32 }, &[index]);
    // It is never taken, and keeps the index of a table of one number.
    let none = Term::constant(f64::NAN);
    let (others, last) = match table {
        [others @ .., last] if !others.is_empty() => (others, *last),
        _ => (table, none),
    };
    let mut chosen = last;
    for (at, &number) in others.iter().enumerate().rev() {
        let here = apply(Operation::Equal, &[index, Term::constant(at as f64)]);
        chosen = apply(Operation::Select, &[here, number, chosen]);
    }
    chosen
}
