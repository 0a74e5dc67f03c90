//! Programs that add to sums step by step, among what stands between such steps: squares, multiples, kinks met
//! exactly, lists.

#![allow(clippy::assign_op_pattern, reason = "a sum is grown as users write it")]

use proptest::prelude::*;
use wengert::{Dual, Real, Scalar};

pub(super) const LEAVES: usize = 6;
/// Variables, and one for a change that is made on the way.
pub(super) const LANES: usize = LEAVES + 1;
pub(super) const SUMS: usize = 3;

/// A step of a program over some factors, which are the variables at first, and some sums.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Adds the product of two factors, which may be one.
    Add(usize, usize, usize),
    Subtract(usize, usize, usize),
    /// The product stands on the left.
    AddTo(usize, usize, usize),
    /// Adds a multiple of a factor.
    Multiple(usize, f64, usize),
    /// Adds the product of a factor and the sum itself.
    AddOwn(usize, usize),
    /// Adds another sum, or the sum itself.
    AddSum(usize, usize),
    /// The first sum goes on from where the second is.
    Copy(usize, usize),
    Keep(usize),
    Shift(usize, f64),
    /// A factor becomes a function of a sum.
    Read(usize, usize),
    /// A sum becomes a function of itself.
    Bend(usize),
    /// Adds the square of the sum itself.
    AddSquare(usize),
    /// A sum becomes a multiple of its square.
    Square(usize, f64),
    /// A sum becomes a multiple of itself, which may be itself, its opposite or 0.
    Scale(usize, f64),
    /// The sum is taken away from a product.
    TakeFrom(usize, usize, usize),
    /// Adds the greater of a factor and its equal, so that whichever is followed the slopes are those of the factor.
    AddTie(usize, usize),
    /// Adds the sum of some factors.
    AddList(usize, usize),
    /// Adds the dot product of the first factors and the last.
    AddDot(usize, usize),
}

impl Step {
    /// The sum that it adds to.
    pub(super) fn grown(self) -> Option<usize> {
        match self {
            Step::Add(s, ..) | Step::Subtract(s, ..) | Step::AddTo(s, ..) => Some(s),
            Step::Multiple(s, ..) | Step::AddOwn(s, _) | Step::AddSum(s, _) => Some(s),
            Step::AddSquare(s) | Step::AddTie(s, ..) | Step::AddList(s, _) => Some(s),
            Step::AddDot(s, _) | Step::TakeFrom(s, ..) => Some(s),
            _ => None,
        }
    }
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (sum, factor, number) = (0..SUMS, 0..LEAVES, -2.0..2.0_f64);
    let product = (sum.clone(), factor.clone(), factor.clone());
    let step = prop_oneof![
        8 => product.clone().prop_map(|(s, a, b)| Step::Add(s, a, b)),
        2 => product.clone().prop_map(|(s, a, b)| Step::Subtract(s, a, b)),
        2 => product.clone().prop_map(|(s, a, b)| Step::AddTo(s, a, b)),
        1 => product.prop_map(|(s, a, b)| Step::TakeFrom(s, a, b)),
        1 => (sum.clone(), factor.clone()).prop_map(|(s, a)| Step::AddTie(s, a)),
        1 => sum.clone().prop_map(Step::AddSquare),
        1 => (sum.clone(), number.clone()).prop_map(|(s, x)| Step::Square(s, x / 4.0)),
        1 => (sum.clone(), prop::sample::select(vec![1.0, -1.0, 0.5, 0.0]))
            .prop_map(|(s, x)| Step::Scale(s, x)),
        1 => (sum.clone(), 0..=LEAVES).prop_map(|(s, n)| Step::AddList(s, n)),
        1 => (sum.clone(), 0..=LEAVES).prop_map(|(s, n)| Step::AddDot(s, n)),
        6 => (sum.clone(), number.clone(), factor.clone()).prop_map(|(s, c, a)| Step::Multiple(s, c, a)),
        1 => (sum.clone(), factor.clone()).prop_map(|(s, a)| Step::AddOwn(s, a)),
        1 => (sum.clone(), sum.clone()).prop_map(|(s, t)| Step::AddSum(s, t)),
        1 => (sum.clone(), sum.clone()).prop_map(|(s, t)| Step::Copy(s, t)),
        1 => sum.clone().prop_map(Step::Keep),
        1 => (sum.clone(), number).prop_map(|(s, c)| Step::Shift(s, c)),
        1 => (factor, sum.clone()).prop_map(|(a, s)| Step::Read(a, s)),
        1 => sum.prop_map(Step::Bend),
    ];
    prop::collection::vec(step, 0..60)
}

pub(super) fn numbers() -> impl Strategy<Value = [f64; LEAVES]> {
    prop::array::uniform6(-1.0..1.0_f64)
}

/// Where a program has come to.
pub(super) struct Machine<S> {
    pub(super) factors: [S; LEAVES],
    pub(super) sums: [S; SUMS],
}

impl<S> Machine<S> {
    /// Two of the sums begin as variables, one as a constant.
    pub(super) fn new<F: Real>(factors: [S; LEAVES]) -> Self
    where
        S: Scalar<F>,
    {
        Machine { factors, sums: [factors[0], factors[LEAVES - 1], S::ZERO] }
    }

    pub(super) fn step<F: Real>(&mut self, step: Step, keep: impl Fn(S) -> S)
    where
        S: Scalar<F>,
    {
        let Machine { factors: v, sums } = self;
        let c = F::from_double;
        match step {
            Step::Add(s, a, b) => sums[s] = sums[s] + v[a] * v[b],
            Step::Subtract(s, a, b) => sums[s] -= v[a] * v[b],
            Step::AddTo(s, a, b) => sums[s] = v[a] * v[b] + sums[s],
            Step::Multiple(s, x, a) => sums[s] += v[a] * c(x),
            Step::AddOwn(s, a) => sums[s] = sums[s] + v[a] * sums[s],
            Step::AddSum(s, t) => sums[s] = sums[s] + sums[t],
            Step::Copy(s, t) => sums[s] = sums[t],
            Step::Keep(s) => sums[s] = keep(sums[s]),
            Step::Shift(s, x) => sums[s] = sums[s] + c(x),
            Step::Read(a, s) => v[a] = sums[s].sin(),
            Step::Bend(s) => sums[s] = sums[s].tanh(),
            Step::AddSquare(s) => sums[s] = sums[s] + sums[s] * sums[s],
            Step::Square(s, x) => sums[s] = sums[s] * sums[s] * c(x),
            Step::Scale(s, x) => sums[s] *= c(x),
            Step::TakeFrom(s, a, b) => sums[s] = v[a] * v[b] - sums[s],
            Step::AddTie(s, a) => sums[s] = sums[s] + v[a].max(keep(v[a] + c(0.0))),
            Step::AddList(s, n) => sums[s] = sums[s] + S::sum_of(&v[..n]),
            Step::AddDot(s, n) => sums[s] = sums[s] + S::dot(&v[..n], &v[LEAVES - n..]),
        }
    }

    pub(super) fn value<F: Real>(&self) -> S
    where
        S: Scalar<F>,
    {
        self.sums.iter().copied().fold(S::ZERO, |total, sum| total + sum * sum)
    }
}

/// The value of a program in forward mode, and a bound of what it rounds: the greatest number and slope met
/// on the way. After a step the sum that it made may change by the last lane.
pub(super) fn forward(
    steps: &[Step],
    x: [f64; LEAVES],
    change: Option<(usize, usize)>,
) -> (Dual<LANES>, f64) {
    let mut machine = Machine::new(std::array::from_fn(|i| Dual::seed(x[i], i)));
    let mut most = 1.0_f64;
    for (at, &step) in steps.iter().enumerate() {
        machine.step(step, |x| x);
        if let Some((_, sum)) = change.filter(|&(changed, _)| changed == at) {
            machine.sums[sum] = machine.sums[sum] + Dual::seed(0.0, LEAVES);
        }
        for y in machine.sums.into_iter().chain(machine.factors) {
            let slopes = y.tangents().into_iter().map(f64::abs);
            most = slopes.fold(most.max(y.value().abs()), f64::max);
        }
    }
    let value: Dual<LANES> = machine.value();
    (value, most * most * steps.len() as f64)
}
