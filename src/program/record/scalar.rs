//! [`Scalar`] for [`Term`]: what a loss asks of a number, as operations of a program.

use crate::op::nary;
use crate::op::nary::order;
use crate::op::scalar::{Partials, Scalar};
use crate::op::table::parameter;
use crate::op::{self, Many, for_each_signature};
use crate::program::error::RecordError;
use crate::program::ir::operation::{Division, Operation};
use crate::program::record::term::{Term, gather, sum_of};
use crate::program::record::{all_but_one, apply, meet, on_one_line};

/// The outcome of a comparison, as [`Scalar::select`] takes it: recorded, no guard.
#[derive(Clone, Copy, Debug)]
pub struct TermMask(Term);

macro_rules! emit_methods {
    (
        unary { $($unary:ident = $Unary:ident ( $($param:ident : $kind:ident),* );)+ }
        binary { $($binary:ident = $Binary:ident;)+ }
        three { $($three:ident = $Three:ident ( $second:ident, $third:ident );)+ }
        list { $($list:ident = $List:ident;)+ }
    ) => {
        impl Scalar for Term {
            type Mask = TermMask;
            const ZERO: Self = Term::constant(0.0);
            const ONE: Self = Term::constant(1.0);
            const ORDER: usize = 1;

            /// The value at the point of the recording. The recording then fails: a program cannot
            /// follow what is computed from it.
            #[track_caller]
            fn value(self) -> f64 {
                self.fault(|line| RecordError::ValueRead { line });
                self.value
            }
            fn peek(self) -> f64 {
                self.value
            }
            $(
                #[track_caller]
                fn $unary(self $(, $param: parameter!(type $kind, f64))*) -> Self {
                    apply(Operation::Unary(op::$Unary { $($param),* }.into()), &[self])
                }
            )+
            $(
                #[track_caller]
                fn $binary(self, other: impl Into<Self>) -> Self {
                    let of_magnitude = <op::$Binary as op::Binary>::OF_MAGNITUDE;
                    let first = if of_magnitude { Scalar::abs(self) } else { self };
                    apply(Operation::Binary(op::$Binary.into()), &[first, other.into()])
                }
            )+
            $(
                #[track_caller]
                fn $three(self, $second: impl Into<Self>, $third: impl Into<Self>) -> Self {
                    let args = [self, $second.into(), $third.into()];
                    apply(Operation::Many(op::$Three.into()), &args)
                }
            )+
            $(
                #[track_caller]
                fn $list(xs: &[Self]) -> Self {
                    match xs {
                        [] => Term::constant(op::$List.value(&[])),
                        _ => apply(Operation::Many(op::$List.into()), xs),
                    }
                }
            )+
            #[track_caller]
            fn sin_cos(self) -> (Self, Self) {
                (self.sin(), self.cos())
            }
            #[track_caller]
            fn mul_add(self, factor: impl Into<Self>, term: impl Into<Self>) -> Self {
                apply(Operation::MulAdd, &[self, factor.into(), term.into()])
            }
            #[track_caller]
            fn above(self, bound: impl Into<Self>) -> TermMask {
                TermMask(apply(Operation::Above, &[self, bound.into()]))
            }
            #[track_caller]
            fn below(self, bound: impl Into<Self>) -> TermMask {
                TermMask(apply(Operation::Above, &[bound.into(), self]))
            }
            #[track_caller]
            fn select(TermMask(mask): TermMask, yes: Self, no: Self) -> Self {
                apply(Operation::Select, &[mask, yes, no])
            }
            #[track_caller]
            fn select_here(
                TermMask(mask): TermMask,
                yes: impl FnOnce() -> Self,
                no: impl FnOnce() -> Self,
            ) -> Self {
                on_one_line(&[mask], || Self::select(TermMask(mask), yes(), no()))
            }
            #[track_caller]
            fn gather(table: &[Self], index: Self) -> Self {
                gather(table, index)
            }
            // The columns of lists compute at once with numbers that are there. A program has them later, and one a
            // node, so it has operations for the parts of which values and slopes are made, the exponentials
            // among them as its loops have them. How near they are to the columns is a test.
            #[track_caller]
            fn sum_of(xs: &[Self]) -> Self {
                sum_of(xs)
            }
            #[track_caller]
            fn total(terms: impl Iterator<Item = Self>) -> Self {
                let mut all = Vec::new();
                // Asked for here, they are on the caller's line, as they are not by `collect`.
                for term in terms {
                    all.push(term);
                }
                sum_of(&all)
            }
            #[track_caller]
            fn mean(xs: &[Self]) -> Self {
                sum_of(xs) / xs.len() as f64
            }
            #[track_caller]
            fn dot<T: Copy + Into<Self> + 'static>(a: &[Self], b: &[T]) -> Self {
                nary::same_length(a.len(), b.len());
                let mut products = Vec::with_capacity(a.len());
                for (&a, &b) in a.iter().zip(b) {
                    products.push(a * b.into());
                }
                sum_of(&products)
            }
            #[track_caller]
            fn norm(xs: &[Self]) -> Self {
                match xs {
                    [] => Term::constant(0.0),
                    _ => apply(Operation::Norm, xs),
                }
            }
            #[track_caller]
            fn max_of(xs: &[Self]) -> Self {
                match xs {
                    [] => Term::constant(f64::NEG_INFINITY),
                    _ => apply(Operation::MaxOf, xs),
                }
            }
            #[track_caller]
            fn min_of(xs: &[Self]) -> Self {
                on_one_line(xs, || -Self::max_of(&xs.iter().map(|&x| -x).collect::<Vec<_>>()))
            }
            #[track_caller]
            fn sorted(xs: &[Self]) -> Vec<Self> {
                on_one_line(xs, || sorted(xs))
            }
            #[track_caller]
            fn quantile_of(xs: &[Self], level: f64) -> Self {
                let (at, share) = order::quantile(xs.len().max(1), level);
                on_one_line(xs, || {
                    let sorted = sorted(xs);
                    let between = order::between(&sorted, at, share);
                    match share {
                        0.5 => mean_of_two(xs, [sorted[at], sorted[at + 1]], between),
                        _ => between,
                    }
                })
            }
            #[track_caller]
            fn log_sum_exp(xs: &[Self]) -> Self {
                if xs.is_empty() {
                    return Term::constant(f64::NEG_INFINITY);
                }
                on_one_line(xs, || {
                    let (parts, most) = exponentials(xs);
                    let total = sum_of(&parts);
                    let args: Vec<Term> = [total].iter().chain(xs).chain(&parts).copied().collect();
                    let value = most + apply(Operation::LogSum, &args);
                    let args: Vec<Term> = [value, most].iter().chain(xs).copied().collect();
                    apply(Operation::LogSumExp, &args)
                })
            }
            #[track_caller]
            fn softmax(xs: &[Self]) -> Vec<Self> {
                if xs.is_empty() {
                    return Vec::new();
                }
                on_one_line(xs, || {
                    let (parts, _) = exponentials(xs);
                    let total = sum_of(&parts);
                    let others = all_but_one(&parts);
                    let share = Operation::Share(Division::Quotient);
                    let share = |(&part, others)| apply(share, &[part, total, others]);
                    parts.iter().zip(others).map(share).collect()
                })
            }
            #[track_caller]
            fn custom<const N: usize>(
                name: &'static str,
                args: [Self; N],
                rule: impl FnOnce([f64; N]) -> (f64, [f64; N]),
            ) -> Self {
                refuse(name, &args);
                Term::constant(rule(args.map(Self::peek)).0)
            }
            #[track_caller]
            fn custom_slice(
                name: &'static str,
                args: &[Self],
                rule: impl FnOnce(&[f64]) -> (f64, Partials<f64>),
            ) -> Self {
                refuse(name, args);
                let values: Vec<f64> = args.iter().map(|x| x.value).collect();
                Term::constant(rule(&values).0)
            }
        }
    };
}
for_each_signature!(emit_methods);

/// The terms in ascending order, by exchanges. As they pass over NaN, it comes in at the end.
fn sorted(xs: &[Term]) -> Vec<Term> {
    if xs.len() < 2 {
        return xs.to_vec();
    }
    let mut sorted = order::exchanged(xs, |a, b| (a.min(b), b.max(a)));
    let most = apply(Operation::Detach, &[Term::max_of(xs)]);
    let numbers = apply(Operation::Equal, &[most, most]);
    for x in &mut sorted {
        *x = apply(Operation::Select, &[numbers, *x, *x * most]);
    }
    sorted
}

/// The mean of two neighbours of a sorted list, `between`. Where they are equal, and no third is, it is
/// smooth, which the minimum and the maximum that they are do not know: then it is the mean of these two.
fn mean_of_two(xs: &[Term], [below, above]: [Term; 2], between: Term) -> Term {
    let (zero, half) = (Term::constant(0.0), Term::constant(0.5));
    let is_it: Vec<Term> = xs.iter().map(|&x| apply(Operation::Equal, &[x, below])).collect();
    let tied =
        is_it.iter().zip(xs).map(|(&it, &x)| apply(Operation::Select, &[it, x * half, zero]));
    let two = apply(Operation::Equal, &[sum_of(&is_it), Term::constant(2.0)]);
    let equal = apply(Operation::Equal, &[below, above]);
    let mean = apply(Operation::Select, &[two, tied.sum(), between]);
    apply(Operation::Select, &[equal, mean, between])
}

/// `e^(xᵢ - m)` and `m`, the greatest. Both may be differentiated with `m` as a constant: what they
/// serve for does not depend on it.
fn exponentials(xs: &[Term]) -> (Vec<Term>, Term) {
    let most = apply(Operation::Detach, &[Term::max_of(xs)]);
    (xs.iter().map(|&x| apply(Operation::ExpShift, &[x, most])).collect(), most)
}

/// Notes that a function of the user's own cannot be recorded, unless it is of constants.
#[track_caller]
fn refuse(name: &'static str, args: &[Term]) {
    meet(args, None);
    for arg in args {
        arg.fault(|line| RecordError::Custom { name, line });
    }
}
