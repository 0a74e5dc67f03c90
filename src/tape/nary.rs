//! Functions of many variables, each one statement.
//!
//! Where operands are single edges to evenly spaced statements, as a row of weights or a layer's
//! outputs are, their edges become a run, which the sweep goes over without indices. Finding out
//! takes one pass over the operands, the same that computes the partials.

use super::apart;
use super::core::{Core, Misuse, Number, give_links, give_numbers, take_links, take_numbers};
use super::parents::Parents;
use super::storage::{Index, Storage, TapeError};
use super::var::Var;
use crate::Real;
use crate::nary;
use crate::op::{Corner, Op};
use crate::scalar::Partials;
use smallvec::SmallVec;
use std::any::TypeId;
use std::panic::Location;

/// Watches whether operands are single edges to evenly spaced statements of one recording; or are
/// all constant, which is the spacing 0 from 0.
#[derive(Clone, Copy)]
struct Spacing {
    first: u64,
    stride: u64,
    number: u64,
    expected: u64,
    /// Has a bit set as soon as one operand does not fit.
    misfit: u64,
}

impl Spacing {
    /// From the first two operands.
    #[inline(always)]
    fn of<F: Real>(first: &Var<F>, second: &Var<F>) -> Self {
        let (expected, number) = (first.link().parents.bits(), first.number.bits());
        let stride = second.link().parents.bits().wrapping_sub(expected);
        Spacing { first: expected, stride, number, expected, misfit: 0 }
    }

    /// Whether it may be a run of this recording, or constant.
    #[inline(always)]
    fn suits(&self, number: Number) -> bool {
        // A single edge has no high half; a stride backwards has one.
        // A result after a variable differs in the upper bits too.
        let forward = self.first >> 32 == 0 && self.stride != 0 && self.stride < 1 << 29;
        self.is_constant() || forward && self.number == number.bits()
    }

    #[inline(always)]
    fn is_constant(&self) -> bool {
        self.first | self.stride == 0
    }

    #[inline(always)]
    fn check<F: Real>(&mut self, operand: &Var<F>) {
        self.misfit |= operand.link().parents.bits() ^ self.expected;
        self.misfit |= operand.number.bits() ^ self.number;
        self.expected = self.expected.wrapping_add(self.stride);
    }

    /// Adds the run to the statement that is written next.
    #[inline(always)]
    fn claim<F: Real>(
        &self,
        storage: &mut Storage<F>,
        len: usize,
        back: usize,
    ) -> Result<(), TapeError> {
        if self.is_constant() {
            return Ok(());
        }
        storage.push_run(Parents::place_in(self.first as u32), self.stride as u32, len, back)
    }
}

/// A function of many operands, from its value and the partial by each; one statement.
#[inline(always)]
#[track_caller]
fn write_wide<F: Real>(
    value: F,
    operands: impl ExactSizeIterator<Item = Var<F>> + Clone,
    slopes: impl ExactSizeIterator<Item = F> + Clone,
) -> Var<F> {
    let Some(number) = recording(operands.clone()) else { return Var::constant(value) };
    let run = Core::find(number)
        .ok()
        .and_then(|tape| write_run(tape, number, operands.clone(), slopes.clone()));
    match run {
        Some(index) => Var::statement(value, index, number),
        // Misuse comes to light here.
        None => write_links(value, operands.zip(slopes)),
    }
}

/// [`write_wide`] operand by operand.
#[inline(never)]
#[track_caller]
fn write_links<F: Real>(value: F, operands: impl Iterator<Item = (Var<F>, F)> + Clone) -> Var<F> {
    let mut varying = operands.filter(|(x, _)| !x.is_constant());
    let Some((first, _)) = varying.clone().next() else { return Var::constant(value) };
    if varying.clone().any(|(x, _)| x.number != first.number) {
        Misuse::Foreign.panic();
    }
    let mut links = take_links();
    links.extend(varying.by_ref().map(|(x, slope)| x.chained(x.value, slope).link()));
    let index = first.live_tape().write(|storage| storage.append(&mut links));
    give_links(links);
    Var::statement(value, index, first.number)
}

/// Writes a statement of one run, if the operands are one.
#[inline(always)]
fn write_run<F: Real>(
    tape: &Core<F>,
    number: Number,
    mut operands: impl ExactSizeIterator<Item = Var<F>> + Clone,
    slopes: impl Iterator<Item = F>,
) -> Option<Index> {
    let n = operands.len();
    let mut pair = operands.clone();
    let mut spacing = Spacing::of(&pair.next()?, &pair.next()?);
    if !spacing.suits(number) || spacing.is_constant() {
        return None;
    }
    tape.write_if(|storage| {
        let partials = storage.push_partials(n)?;
        for ((partial, x), slope) in partials.iter_mut().zip(&mut operands).zip(slopes) {
            spacing.check(&x);
            *partial = slope * x.partials[0];
        }
        if spacing.misfit != 0 {
            storage.pop_partials(n);
            return Ok(None);
        }
        spacing.claim(storage, n, n)?;
        storage.push(&[]).map(Some)
    })
}

/// The dot product of at least four pairs, if each side is a run or constant.
#[inline(always)]
fn dot_of_runs<F: Real, T: Copy + Into<Var<F>>>(a: &[Var<F>], b: &[T]) -> Option<Var<F>> {
    let [a0, a1, b0, b1]: [Var<F>; 4] = [a[0], a[1], b[0].into(), b[1].into()];
    let number = if a0.is_constant() { b0.number } else { a0.number };
    let (along_a, along_b) = (Spacing::of(&a0, &a1), Spacing::of(&b0, &b1));
    if !(along_a.suits(number) && along_b.suits(number)) {
        return None;
    }
    let (n, mut value) = (a.len(), F::zero());
    let index = Core::<F>::find(number).ok()?.write_if(|storage| {
        let (by_a, by_b) = storage.push_partials(2 * n)?.split_at_mut(n);
        let (dot, misfit) = fill_dot(a, b, by_a, by_b, along_a, along_b);
        value = dot;
        if misfit != 0 {
            storage.pop_partials(2 * n);
            return Ok(None);
        }
        along_a.claim(storage, n, 2 * n)?;
        along_b.claim(storage, n, n)?;
        storage.push(&[]).map(Some)
    })?;
    Some(Var::statement(value, index, number))
}

/// In one pass the dot product, its partials by both sides, and whether the spacings were right: the
/// second result is 0 if so.
#[inline(always)]
fn fill_dot<F: Real, T: Copy + Into<Var<F>>>(
    a: &[Var<F>],
    b: &[T],
    by_a: &mut [F],
    by_b: &mut [F],
    mut along_a: Spacing,
    mut along_b: Spacing,
) -> (F, u64) {
    let mut pair = |a: &Var<F>, b: &T, by_a: &mut F, by_b: &mut F| {
        let b: Var<F> = (*b).into();
        along_a.check(a);
        along_b.check(&b);
        *by_a = b.value * a.partials[0];
        *by_b = a.value * b.partials[0];
        a.value * b.value
    };
    // Four at a time, in the order of `nary::sum`.
    let mut parts = [F::zero(); 4];
    let (a, a_rest) = a.split_at(a.len() & !3);
    let (b, b_rest) = b.split_at(a.len());
    let (by_a, by_a_rest) = by_a.split_at_mut(a.len());
    let (by_b, by_b_rest) = by_b.split_at_mut(a.len());
    let slots = by_a.chunks_exact_mut(4).zip(by_b.chunks_exact_mut(4));
    for ((a, b), (by_a, by_b)) in a.chunks_exact(4).zip(b.chunks_exact(4)).zip(slots) {
        for k in 0..4 {
            parts[k] += pair(&a[k], &b[k], &mut by_a[k], &mut by_b[k]);
        }
    }
    let mut rest = F::zero();
    for ((a, b), (by_a, by_b)) in a_rest.iter().zip(b_rest).zip(by_a_rest.iter_mut().zip(by_b_rest))
    {
        rest += pair(a, b, by_a, by_b);
    }
    let dot = (parts[0] + parts[1]) + (parts[2] + parts[3]) + rest;
    (dot, along_a.misfit | along_b.misfit)
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
        write_wide(value, xs.iter().copied(), slopes)
    }

    /// See [`Scalar::dot`](crate::Scalar::dot).
    #[track_caller]
    pub fn dot<T: Copy + Into<Self> + 'static>(a: &[Self], b: &[T]) -> Self {
        nary::same_length(a.len(), b.len());
        if let (&[a0, a1], &[b0, b1]) = (a, b) {
            // Stays pending where it can.
            return a0 * b0.into() + a1 * b1.into();
        }
        // Another type's conversion might record, which must not happen halfway through a statement.
        let plain = [TypeId::of::<F>(), TypeId::of::<Self>()].contains(&TypeId::of::<T>());
        if !plain {
            let b: SmallVec<[Self; 16]> = b.iter().map(|&b| b.into()).collect();
            return Self::dot(a, &b[..]);
        }
        if a.len() >= 4
            && let Some(dot) = dot_of_runs(a, b)
        {
            return dot;
        }
        let a = a.iter().copied();
        let b = b.iter().map(|&b| -> Self { b.into() });
        let value = nary::sum(a.clone().zip(b.clone()).map(|(a, b)| a.value * b.value));
        let by_a = a.clone().zip(b.clone().map(|b| b.value));
        let by_b = b.zip(a.map(|a| a.value));
        write_links(value, by_a.chain(by_b))
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
            // Nothing equals NaN: the first NaN is the extreme. Else the slice is empty.
            [] => xs.iter().copied().find(|x| x.value.is_nan()).unwrap_or(Self::constant(value)),
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
