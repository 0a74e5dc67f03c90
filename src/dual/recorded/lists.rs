//! Functions of lists of [`Var2`].

use super::var::Var2;
use crate::dual::Jet;
use crate::dual::jet::Local;
use crate::dual::lanes::scaled;
use crate::op::nary;
use crate::op::nary::order::{ascending, between, exchanged, quantile};
use crate::op::scalar::{Partials, pieces};
use crate::op::{self, Extreme, List, Many};
use crate::real::Number;
use crate::tape::nary::{meet, wide};
use crate::tape::{Var, dot, nary as lists};
use crate::{Dual, Real};
use num_traits::Float;
use smallvec::SmallVec;
use std::cmp::Ordering;

/// The variable of the tape.
#[inline(always)]
pub(super) fn inner<const N: usize, F: Real>(x: Var2<N, F>) -> Var<Dual<N, F>> {
    x.0
}

impl<const N: usize, F: Real> Var2<N, F> {
    /// A function of numbers from its value and its slopes, which do not change.
    #[track_caller]
    pub(super) fn straight(xs: &[Self], value: F, slope: impl Fn(usize) -> F) -> Self {
        let terms = xs.iter().enumerate().map(|(i, x)| (x.number(), slope(i)));
        let number = Dual::combined(terms, value);
        Var2(wide(xs, inner, number, |i, _| Dual::from(slope(i))))
    }

    /// Panics at the caller's line if variables of two recordings meet.
    #[track_caller]
    pub(super) fn meet(xs: &[Self]) {
        let xs: SmallVec<[Var<Dual<N, F>>; 8]> = xs.iter().map(|x| x.0).collect();
        meet(&xs);
    }

    /// See [`Scalar::sum_of`](crate::Scalar::sum_of).
    #[track_caller]
    pub fn sum_of(xs: &[Self]) -> Self {
        Var2(lists::list(xs, inner, op::SumOf))
    }

    /// See [`Scalar::mean`](crate::Scalar::mean).
    #[track_caller]
    pub fn mean(xs: &[Self]) -> Self {
        Var2(lists::list(xs, inner, op::Mean))
    }

    /// See [`Scalar::dot`](crate::Scalar::dot).
    #[inline(always)]
    #[track_caller]
    pub fn dot<T: Copy + Into<Self> + 'static>(a: &[Self], b: &[T]) -> Self {
        use std::any::TypeId;
        nary::same_length(a.len(), b.len());
        // Another type's conversion might record, which must not happen halfway through a statement.
        if ![TypeId::of::<F>(), TypeId::of::<Self>()].contains(&TypeId::of::<T>()) {
            let b: SmallVec<[Self; 16]> = b.iter().map(|&b| b.into()).collect();
            return Self::dot(a, &b[..]);
        }
        Var2(dot::short(a, b, inner, |x: T| inner(x.into())))
    }

    /// An entry of a list in the precision of the numbers that has a tip. Its slopes are not computed as numbers that
    /// change are, whose squares might leave the range.
    #[track_caller]
    fn cone<O: List>(xs: &[Self], entry: O) -> Self {
        let mut kept: SmallVec<[F; 8]> = SmallVec::new();
        let at = Local::of(xs, |x| x.value(), entry, &mut kept);
        if at.value == F::zero() {
            return Self::tip(xs, at.value);
        }
        let terms = xs.iter().enumerate().map(|(i, x)| (x.number(), at.slope(i, x.value())));
        let number = Dual::combined(terms, at.value);
        let turns = Dual::turns(xs, |x| x.number(), at, || number.tangents());
        let turned = |(i, (across, by)): (usize, ([F; N], F))| {
            Dual::new(at.slope(i, xs[i].value()), scaled(&across, by))
        };
        let slopes: SmallVec<[Dual<N, F>; 8]> = turns.enumerate().map(turned).collect();
        Var2(wide(xs, inner, number, |i, _| slopes[i]))
    }

    /// See [`Scalar::norm`](crate::Scalar::norm).
    #[track_caller]
    pub fn norm(xs: &[Self]) -> Self {
        Self::cone(xs, op::Norm)
    }

    /// See [`Scalar::max_of`](crate::Scalar::max_of).
    #[track_caller]
    pub fn max_of(xs: &[Self]) -> Self {
        Self::extreme(xs, op::MaxOf)
    }

    /// See [`Scalar::min_of`](crate::Scalar::min_of).
    #[track_caller]
    pub fn min_of(xs: &[Self]) -> Self {
        Self::extreme(xs, op::MinOf)
    }

    /// The greatest or the least of a list.
    #[track_caller]
    fn extreme<O: Extreme>(xs: &[Self], entry: O) -> Self {
        Self::meet(xs);
        let value = entry.value(xs.iter().map(|x| x.value()));
        let tied = nary::extremes(xs, value, |x| x.value());
        match *tied {
            [] => Self::from(value),
            [x] => x,
            _ => Self::foremost(&tied, O::GREATER, value),
        }
    }

    /// See [`Scalar::sorted`](crate::Scalar::sorted).
    #[track_caller]
    pub fn sorted(xs: &[Self]) -> Vec<Self> {
        Self::meet(xs);
        if let Some(&nan) = xs.iter().find(|x| x.value().is_nan()) {
            return vec![nan; xs.len()];
        }
        let mut sorted = xs.to_vec();
        sorted.sort_by(|a, b| {
            let order = ascending(a.value(), b.value());
            order.then_with(|| a.leads(b))
        });
        let tied = |pair: &&[Self]| pair[0].value() == pair[1].value();
        if let Some(varying) =
            sorted.windows(2).find(tied).and_then(|pair| pair.iter().find(|x| !x.is_constant()))
        {
            varying.0.note_decided();
        }
        // Of those that the direction does not part each exchange shares, as by the default convention.
        let alike = |pair: &[Self]| {
            pair[0].value() == pair[1].value()
                && !(pair[0].is_constant() && pair[1].is_constant())
                && pair[0].leads(&pair[1]) == Ordering::Equal
        };
        if sorted.windows(2).any(alike) {
            sorted = exchanged(xs, |a, b| (a.min(b), b.max(a)));
        }
        // Of zeros of both signs the place is by the plain order.
        let plain: Vec<F> = xs.iter().map(|x| x.value()).collect();
        let plain = nary::order::sorted(&plain);
        sorted.into_iter().zip(plain).map(|(x, value)| x.shifted(value)).collect()
    }

    /// See [`Scalar::quantile_of`](crate::Scalar::quantile_of).
    #[track_caller]
    pub fn quantile_of(xs: &[Self], level: F) -> Self {
        let (at, share) = quantile(xs.len().max(1), level);
        between(&Self::sorted(xs), at, share)
    }

    /// See [`Scalar::log_sum_exp`](crate::Scalar::log_sum_exp).
    #[track_caller]
    pub fn log_sum_exp(xs: &[Self]) -> Self {
        Var2(lists::list(xs, inner, op::LogSumExp))
    }

    /// See [`Scalar::softmax`](crate::Scalar::softmax).
    #[track_caller]
    pub fn softmax(xs: &[Self]) -> Vec<Self> {
        lists::shares(xs, inner, op::Softmax).into_iter().map(Var2).collect()
    }

    /// A function of your own; see [`Scalar::custom`](crate::Scalar::custom).
    #[track_caller]
    pub fn custom<const M: usize>(
        _: &'static str,
        args: [Self; M],
        rule: impl FnOnce([F; M]) -> (F, [F; M]),
    ) -> Self {
        let (value, partials) = rule(args.map(Self::value));
        Self::known(&args, value, &partials)
    }

    /// A function of your own of two pieces; see [`Scalar::custom_pieces`](crate::Scalar::custom_pieces).
    #[track_caller]
    pub fn custom_pieces(
        _: &'static str,
        x: Self,
        at: F,
        left: impl Fn(F) -> (F, F),
        right: impl Fn(F) -> (F, F),
    ) -> Self {
        let (value, mut slope, sides) = pieces(x.value(), at, left, right);
        if let Some(sides) = sides {
            slope = F::from_double(sides.towards(x.leads(&Self::ZERO)));
            x.0.note_decided();
        }
        Self::known(&[x], value, &[slope])
    }

    /// A function of your own of a list; see [`Scalar::custom_slice`](crate::Scalar::custom_slice).
    #[track_caller]
    pub fn custom_slice(
        name: &'static str,
        args: &[Self],
        rule: impl FnOnce(&[F]) -> (F, Partials<F>),
    ) -> Self {
        let xs: SmallVec<[F; 8]> = args.iter().map(|x| x.value()).collect();
        let (value, partials) = rule(&xs);
        nary::one_partial_each(name, args.len(), partials.len());
        Self::known(args, value, &partials)
    }

    /// An entry of three arguments or of a list.
    #[track_caller]
    pub(super) fn many<O: Many>(xs: &[Self], entry: O) -> Self {
        let moved = xs.iter().map(|x| Number::widen(x.number()));
        let moved: SmallVec<[Dual<N, f64>; 8]> = moved.collect();
        let y = Jet::many(&moved, entry);
        let slopes = entry.slopes(&moved, y).into_iter().map(Number::narrow);
        let xs: SmallVec<[Var<Dual<N, F>>; 8]> = xs.iter().map(|x| x.0).collect();
        let (varying, slopes) = lists::varying(&xs, slopes);
        let value: Dual<N, F> = Number::narrow(y);
        Var2(if value.is_finite() && slopes.iter().all(|slope| slope.is_finite()) {
            lists::combined(&varying, value, &slopes)
        } else {
            Var::set_apart(&varying, value, &slopes)
        })
    }

    /// A function of which only value and partials are known: how those change is NaN, unless no argument does.
    #[track_caller]
    fn known(args: &[Self], value: F, partials: &[F]) -> Self {
        let numbers: SmallVec<[Dual<N, F>; 8]> = args.iter().map(|x| x.number()).collect();
        let number = Dual::known(&numbers, value, partials);
        let unknown = |i: usize| {
            let moved = numbers.iter().any(|x| x.tangents()[i] != F::zero());
            if moved { F::nan() } else { F::zero() }
        };
        let change: [F; N] = std::array::from_fn(unknown);
        let slopes: SmallVec<[Dual<N, F>; 8]> =
            partials.iter().map(|&partial| Dual::new(partial, change)).collect();
        if value.is_finite() && partials.iter().all(|partial| partial.is_finite()) {
            return Var2(wide(args, inner, number, |i, _| slopes[i]));
        }
        let args: SmallVec<[Var<Dual<N, F>>; 8]> = args.iter().map(|x| x.0).collect();
        Var2(Var::set_apart(&args, number, &slopes))
    }
}
