//! Functions of many variables, each one statement.
//!
//! Where operands are single edges to evenly spaced statements, as a row of weights or a layer's
//! outputs are, their edges become a run, which the sweep goes over without indices. Finding out
//! takes one pass over the operands, the same that computes the partials.

use super::apart;
use super::core::{Core, Misuse, Number, give_links, give_numbers, take_links, take_numbers};
use super::storage::{Link, Storage, TapeError};
use super::var::Var;
use crate::Real;
use crate::nary;
use crate::op::{Corner, Op};
use crate::scalar::Partials;
use smallvec::SmallVec;
use std::panic::Location;

/// Watches whether operands are single edges to evenly spaced statements of one recording.
struct Spacing {
    expected: u64,
    stride: u64,
    number: u64,
    /// Has a bit set as soon as one operand does not fit.
    misfit: u64,
}

impl Spacing {
    /// From the first two operands.
    #[inline(always)]
    fn of<F: Real>(first: &Var<F>, second: &Var<F>, number: Number) -> Self {
        let expected = first.parents.bits();
        let stride = second.parents.bits().wrapping_sub(expected);
        // A single edge has no high half; a stride backwards has one.
        Spacing { expected, stride, number: number.bits(), misfit: (expected | stride) >> 32 }
    }

    #[inline(always)]
    fn check<F: Real>(&mut self, operand: &Var<F>) {
        self.misfit |= operand.parents.bits() ^ self.expected;
        self.misfit |= operand.number.bits() ^ self.number;
        self.expected = self.expected.wrapping_add(self.stride);
    }
}

/// A statement of many edges that is being written. Dropped before its end, as by a panic, it takes
/// its runs with it.
struct Wide<'a, F: Real> {
    storage: &'a mut Storage<F>,
    number: Number,
    links: Vec<Link<F>>,
}

impl<F: Real> Wide<'_, F> {
    /// Adds the dependence on operands, with the partial by each.
    #[inline(always)]
    #[track_caller]
    fn depend(
        &mut self,
        operands: impl ExactSizeIterator<Item = Var<F>> + Clone,
        slopes: impl ExactSizeIterator<Item = F> + Clone,
    ) -> Result<(), TapeError> {
        let mut ends = operands.clone();
        if let (Some(first), Some(second)) = (ends.next(), ends.next()) {
            let mut spacing = Spacing::of(&first, &second, self.number);
            if first.is_constant() && second.is_constant() {
                if operands.clone().all(|x| x.is_constant()) {
                    return Ok(());
                }
            } else if spacing.misfit == 0
                && spacing.stride != 0
                && let Some(base) = first.parents.iter().next()
            {
                let partials = self.storage.push_run(base, spacing.stride as u32, slopes.len())?;
                for ((partial, x), slope) in partials.iter_mut().zip(operands.clone()).zip(slopes.clone()) {
                    spacing.check(&x);
                    *partial = slope * x.partials[0];
                }
                if spacing.misfit == 0 {
                    return Ok(());
                }
                self.storage.pop_run();
            }
        }
        self.depend_singly(operands.zip(slopes));
        Ok(())
    }

    /// [`Wide::depend`] operand by operand.
    #[inline(never)]
    #[track_caller]
    fn depend_singly(&mut self, operands: impl Iterator<Item = (Var<F>, F)>) {
        if self.links.capacity() == 0 {
            self.links = take_links();
        }
        for (x, slope) in operands {
            if x.is_constant() {
                continue;
            }
            if x.number != self.number {
                Misuse::Foreign.panic();
            }
            self.links.push(x.chained(x.value, slope).link());
        }
    }
}

impl<F: Real> Drop for Wide<'_, F> {
    #[inline(always)]
    fn drop(&mut self) {
        self.storage.abandon_runs();
        if self.links.capacity() != 0 {
            give_links(std::mem::take(&mut self.links));
        }
    }
}

/// Writes a statement of many edges, which `depend` adds, for a value. Without a recording, that of
/// an operand that varies, the value is a constant.
#[inline(always)]
#[track_caller]
fn write_wide<F: Real>(
    value: F,
    recording: Option<Number>,
    depend: impl FnOnce(&mut Wide<'_, F>) -> Result<(), TapeError>,
) -> Var<F> {
    let Some(number) = recording else { return Var::constant(value) };
    let tape = Core::<F>::find(number).unwrap_or_else(|misuse| misuse.panic());
    let index = tape.write(|storage| {
        let mut wide = Wide { storage, number, links: Vec::new() };
        depend(&mut wide)?;
        wide.storage.append(&mut wide.links)
    });
    Var::statement(value, index, number)
}

/// The recording of the first operand that varies.
#[inline(always)]
fn recording<F: Real>(mut operands: impl Iterator<Item = Var<F>>) -> Option<Number> {
    operands.find(|x| !x.is_constant()).map(|x| x.number)
}

/// The values of operands.
#[inline(always)]
fn values<F: Real>(xs: &[Var<F>]) -> impl ExactSizeIterator<Item = F> + Clone {
    xs.iter().map(|x| x.value)
}

impl<F: Real> Var<F> {
    /// See [`Scalar::sum_of`](crate::Scalar::sum_of).
    #[track_caller]
    pub fn sum_of(xs: &[Self]) -> Self {
        Self::wide(xs, nary::sum(values(xs)), xs.iter().map(|_| F::one()))
    }

    /// See [`Scalar::mean`](crate::Scalar::mean).
    #[track_caller]
    pub fn mean(xs: &[Self]) -> Self {
        let n = F::from_double(xs.len() as f64);
        Self::wide(xs, nary::sum(values(xs)) / n, xs.iter().map(|_| n.recip()))
    }

    /// A function of a slice, from its value and its partial by each operand.
    #[track_caller]
    fn wide(xs: &[Self], value: F, slopes: impl ExactSizeIterator<Item = F> + Clone) -> Self {
        let operands = xs.iter().copied();
        write_wide(value, recording(operands.clone()), |wide| wide.depend(operands, slopes))
    }

    /// See [`Scalar::dot`](crate::Scalar::dot).
    #[track_caller]
    pub fn dot<T: Copy + Into<Self>>(a: &[Self], b: &[T]) -> Self {
        nary::same_length(a.len(), b.len());
        let a = a.iter().copied();
        let b = b.iter().map(|&b| -> Self { b.into() });
        let value = nary::sum(a.clone().zip(b.clone()).map(|(a, b)| a.value * b.value));
        let number = recording(a.clone()).or_else(|| recording(b.clone()));
        write_wide(value, number, |wide| {
            wide.depend(a.clone(), b.clone().map(|b| b.value))?;
            wide.depend(b, a.map(|a| a.value))
        })
    }

    /// See [`Scalar::norm`](crate::Scalar::norm).
    #[track_caller]
    pub fn norm(xs: &[Self]) -> Self {
        let norm = nary::norm(values(xs));
        if norm == F::zero() {
            return Self::kink(xs, Op::Norm, Corner::Apex, norm);
        }
        Self::wide(xs, norm, values(xs).map(move |x| nary::norm_slope(x, norm)))
    }

    /// See [`Scalar::max_of`](crate::Scalar::max_of).
    #[track_caller]
    pub fn max_of(xs: &[Self]) -> Self {
        Self::extreme_of(xs, nary::max(values(xs)), true)
    }

    /// See [`Scalar::min_of`](crate::Scalar::min_of).
    #[track_caller]
    pub fn min_of(xs: &[Self]) -> Self {
        Self::extreme_of(xs, -nary::max(values(xs).map(|x| -x)), false)
    }

    /// The operand of the greatest (or least) value; where several tie, a kink of those.
    #[track_caller]
    fn extreme_of(xs: &[Self], value: F, greater: bool) -> Self {
        let tied: SmallVec<[Self; 4]> = xs.iter().copied().filter(|x| x.value == value).collect();
        match *tied {
            // NaN, or an empty slice.
            [] => Self::constant(value),
            [only] => only,
            _ => {
                let op = if greater { Op::MaxOf } else { Op::MinOf };
                Self::kink(&tied, op, Corner::Tie { greater }, value)
            }
        }
    }

    #[track_caller]
    fn kink(operands: &[Self], op: Op, corner: Corner, value: F) -> Self {
        let Some(number) = recording(operands.iter().copied()) else {
            return Self::constant(value);
        };
        match apart::kink(operands, op, corner, Location::caller()) {
            Ok(index) => Self::statement(value, index, number),
            Err(misuse) => misuse.panic(),
        }
    }

    /// See [`Scalar::log_sum_exp`](crate::Scalar::log_sum_exp).
    #[track_caller]
    pub fn log_sum_exp(xs: &[Self]) -> Self {
        Self::with_softmax(xs, |_, log_sum| log_sum)
    }

    /// See [`Scalar::softmax`](crate::Scalar::softmax).
    #[track_caller]
    pub fn softmax(xs: &[Self]) -> Vec<Self> {
        Self::with_softmax(xs, |weights, s| {
            // yᵢ = e^(xᵢ - s) with s = ln Σ e^xⱼ: by xᵢ it is yᵢ, by s it is -yᵢ.
            xs.iter().zip(weights).map(|(&x, &y)| x.joined(s, (y, y, -y))).collect()
        })
    }

    /// Hands on the softmax of the values and the logarithm of the sum of their exponentials.
    #[track_caller]
    fn with_softmax<R>(xs: &[Self], f: impl FnOnce(&[F], Self) -> R) -> R {
        let mut weights: Vec<F> = take_numbers();
        weights.extend(values(xs));
        let log_sum = nary::softmax(&mut weights);
        let result = f(&weights, Self::wide(xs, log_sum, weights.iter().copied()));
        give_numbers(weights);
        result
    }

    /// See [`Scalar::custom_slice`](crate::Scalar::custom_slice).
    #[track_caller]
    pub fn custom_slice(
        name: &'static str,
        args: &[Self],
        rule: impl FnOnce(&[F]) -> (F, Partials<F>),
    ) -> Self {
        let xs: SmallVec<[F; 8]> = values(args).collect();
        let (value, partials) = rule(&xs);
        nary::one_partial_each(name, args.len(), partials.len());
        let finite = |x: &F| x.is_finite();
        if !(finite(&value) && partials.iter().all(finite))
            && let Some(number) = recording(args.iter().copied())
        {
            let slopes: SmallVec<[f64; 8]> = partials.iter().map(|p| p.to_double()).collect();
            let op = Op::Custom(name);
            let caller = Location::caller();
            return match apart::steep(args, op, value.to_double(), &slopes, caller) {
                Ok(index) => Self::statement(value, index, number),
                Err(misuse) => misuse.panic(),
            };
        }
        match *args {
            [x] => x.chained(value, partials[0]),
            [a, b] => a.joined(b, (value, partials[0], partials[1])),
            _ => Self::wide(args, value, partials.iter().copied()),
        }
    }
}
