//! Functions of many variables, each one statement.
//!
//! Where neighbours in a list of operands are single edges to evenly spaced statements, as those of a
//! row of weights or of a layer's outputs are, their edges become a run, which the sweep goes over
//! without indices.

use super::apart::{self, Met};
use super::core::{Core, Misuse, Number, give_numbers, take_numbers};
use super::storage::{Index, Link, Storage, TapeError};
use super::var::Var;
use crate::Real;
use crate::nary;
use crate::op::{Corner, Op};
use crate::scalar::Partials;
use smallvec::SmallVec;
use std::any::TypeId;
use std::panic::Location;

/// Why a statement is not written.
enum Halt {
    Misuse(Misuse),
    Tape(TapeError),
}

impl From<TapeError> for Halt {
    fn from(error: TapeError) -> Self {
        Halt::Tape(error)
    }
}

/// Adds the dependence on operands to the statement that is being written; `slope(i)` is the partial
/// by the `i`-th.
#[inline(always)]
fn depend<F: Real, T: Copy + Into<Var<F>>>(
    storage: &mut Storage<F>,
    number: Number,
    operands: &[T],
    slope: impl Fn(usize) -> F,
) -> Result<(), Halt> {
    /// Shorter runs cost more than their links.
    const SHORTEST: usize = 3;
    storage.make_room(operands.len())?;
    let mut i = 0;
    while i < operands.len() {
        let x: Var<F> = operands[i].into();
        if x.is_constant() {
            i += 1;
            continue;
        }
        if x.number != number {
            return Err(Halt::Misuse(Misuse::Foreign));
        }
        let (stride, len) = run_length(&operands[i..], number);
        if len < SHORTEST {
            storage.add_link(x.chained(x.value, slope(i)).link());
            i += 1;
            continue;
        }
        let partials = storage.add_run(x.parents.place(0), stride, len)?;
        for (k, (partial, &x)) in partials.iter_mut().zip(&operands[i..]).enumerate() {
            let x: Var<F> = x.into();
            *partial = slope(i + k) * x.partials[0];
        }
        i += len;
    }
    Ok(())
}

/// Adds the dependence of a dot product on both its sides, pair by pair.
#[inline(always)]
fn depend_in_pairs<F: Real, T: Copy + Into<Var<F>>>(
    storage: &mut Storage<F>,
    number: Number,
    a: &[Var<F>],
    b: &[T],
) -> Result<(), Halt> {
    storage.make_room(2 * a.len())?;
    for (a, &b) in a.iter().zip(b) {
        let b: Var<F> = b.into();
        let (own, others) = (a.parents.derived(), b.parents.derived());
        if a.number == number
            && b.number == number
            && own != others
            && let Some(parents) = own.pair(others)
        {
            let partials = [a.partials[0] * b.value, b.partials[0] * a.value];
            storage.add_link(Link { partials, parents });
            continue;
        }
        for (x, slope) in [(*a, b.value), (b, a.value)] {
            if x.number == number {
                storage.add_link(x.chained(x.value, slope).link());
            } else if !x.is_constant() {
                return Err(Halt::Misuse(Misuse::Foreign));
            }
        }
    }
    Ok(())
}

/// The stride and the length of the run that operands begin with.
#[inline(always)]
fn run_length<F: Real, T: Copy + Into<Var<F>>>(operands: &[T], number: Number) -> (u32, usize) {
    let Some(mut spacing) = Spacing::of(operands, number) else { return (0, 1) };
    let fits = |&&x: &&T| {
        spacing.check(&x.into());
        spacing.misfit == 0
    };
    let len = operands.iter().take_while(fits).count();
    (spacing.stride as u32, len)
}

/// Watches whether operands are single edges to evenly spaced statements of one recording.
#[derive(Clone, Copy)]
struct Spacing {
    expected: u64,
    stride: u64,
    number: Number,
    /// Has a bit set as soon as one operand does not fit.
    misfit: u64,
}

impl Spacing {
    /// The spacing of the first two, if they may begin a run.
    #[inline(always)]
    fn of<F: Real, T: Copy + Into<Var<F>>>(operands: &[T], number: Number) -> Option<Self> {
        let &[first, second, ..] = operands else { return None };
        let [first, second] = [first, second].map(|x| x.into().parents.derived().bits());
        let stride = second.wrapping_sub(first);
        // Two edges have a high half; a result after a variable differs in the upper bits.
        let forward = first >> 32 == 0 && stride != 0 && stride < u64::from(Index::END);
        forward.then_some(Spacing { expected: first, stride, number, misfit: 0 })
    }

    #[inline(always)]
    fn check<F: Real>(&mut self, operand: &Var<F>) {
        self.misfit |= operand.parents.derived().bits() ^ self.expected;
        self.misfit |= operand.number.bits() ^ self.number.bits();
        self.expected = self.expected.wrapping_add(self.stride);
    }
}

/// The dot product of two runs, in one pass over both; `None` if they are not.
#[inline(always)]
fn dot_of_runs<F: Real, T: Copy + Into<Var<F>>>(a: &[Var<F>], b: &[T]) -> Option<Var<F>> {
    let (n, number) = (a.len(), a[0].number);
    let (along_a, along_b) = (Spacing::of(a, number)?, Spacing::of(b, number)?);
    Core::<F>::find(number).ok()?.change(|storage| {
        storage.add_run(a[0].parents.place(0), along_a.stride as u32, n).ok()?;
        storage.add_run(b[0].into().parents.place(0), along_b.stride as u32, n).ok()?;
        let (by_a, by_b) = storage.last_partials(2 * n).split_at_mut(n);
        let (value, misfit) = fill_dot(a, b, by_a, by_b, along_a, along_b);
        let index = if misfit == 0 { storage.close().ok() } else { None };
        if index.is_none() {
            storage.abandon();
        }
        Some(Var::statement(value, index?, number))
    })
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
        for (k, part) in parts.iter_mut().enumerate() {
            *part += pair(&a[k], &b[k], &mut by_a[k], &mut by_b[k]);
        }
    }
    let mut rest = F::zero();
    let slots = by_a_rest.iter_mut().zip(by_b_rest);
    for ((a, b), (by_a, by_b)) in a_rest.iter().zip(b_rest).zip(slots) {
        rest += pair(a, b, by_a, by_b);
    }
    let dot = (parts[0] + parts[1]) + (parts[2] + parts[3]) + rest;
    (dot, along_a.misfit | along_b.misfit)
}

/// Writes a statement with what `depend` adds, for a value. Without a recording, that of an operand
/// that varies, the value is a constant.
#[inline(always)]
#[track_caller]
fn write_wide<F: Real>(
    value: F,
    recording: Option<Number>,
    depend: impl FnOnce(&mut Storage<F>, Number) -> Result<(), Halt>,
) -> Var<F> {
    let Some(number) = recording else { return Var::constant(value) };
    let written = Core::<F>::find(number).map_err(Halt::Misuse).and_then(|tape| {
        tape.change(|storage| {
            let written = depend(storage, number).and_then(|()| Ok(storage.close()?));
            if written.is_err() {
                storage.abandon();
            }
            written
        })
        .or_else(|halt| match halt {
            Halt::Tape(failure) => Ok(tape.fail(failure)),
            misuse => Err(misuse),
        })
    });
    match written {
        Ok(index) => Var::statement(value, index, number),
        Err(Halt::Misuse(misuse)) => misuse.panic(),
        Err(Halt::Tape(failure)) => panic!("{failure}"),
    }
}

/// A function of a list, from its value and its partial by each operand.
#[inline(always)]
#[track_caller]
fn wide<F: Real>(xs: &[Var<F>], value: F, slope: impl Fn(usize) -> F) -> Var<F> {
    write_wide(value, recording(xs), |storage, number| depend(storage, number, xs, slope))
}

/// The recording of the first operand that varies.
#[inline(always)]
fn recording<F: Real, T: Copy + Into<Var<F>>>(operands: &[T]) -> Option<Number> {
    let mut operands = operands.iter().map(|&x| -> Var<F> { x.into() });
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
        wide(xs, nary::sum(values(xs)), |_| F::one())
    }

    /// See [`Scalar::mean`](crate::Scalar::mean).
    #[track_caller]
    pub fn mean(xs: &[Self]) -> Self {
        let n = F::from_double(xs.len() as f64);
        wide(xs, nary::sum(values(xs)) / n, |_| n.recip())
    }

    /// See [`Scalar::dot`](crate::Scalar::dot).
    #[track_caller]
    pub fn dot<T: Copy + Into<Self> + 'static>(a: &[Self], b: &[T]) -> Self {
        nary::same_length(a.len(), b.len());
        // Another type's conversion might record, which must not happen halfway through a statement.
        if ![TypeId::of::<F>(), TypeId::of::<Self>()].contains(&TypeId::of::<T>()) {
            let b: SmallVec<[Self; 16]> = b.iter().map(|&b| b.into()).collect();
            return Self::dot(a, &b[..]);
        }
        // Short ones stay pending where they can.
        if let (&[a], &[b]) = (a, b) {
            return a * b.into();
        }
        if let (&[a0, a1], &[b0, b1]) = (a, b) {
            return a0 * b0.into() + a1 * b1.into();
        }
        /// A shorter dot product's runs cost more than a link for each pair.
        const SHORTEST: usize = 8;
        if a.len() >= SHORTEST
            && let Some(dot) = dot_of_runs(a, b)
        {
            return dot;
        }
        let value = nary::sum(a.iter().zip(b).map(|(a, &b)| a.value * b.into().value));
        write_wide(value, recording(a).or_else(|| recording(b)), |storage, number| {
            if a.len() < SHORTEST {
                return depend_in_pairs(storage, number, a, b);
            }
            depend(storage, number, a, |i| b[i].into().value)?;
            depend(storage, number, b, |i| a[i].value)
        })
    }

    /// See [`Scalar::norm`](crate::Scalar::norm).
    #[track_caller]
    pub fn norm(xs: &[Self]) -> Self {
        let norm = nary::Norm::of(values(xs));
        if norm.value() == F::zero() {
            return Self::kink(xs, Op::Norm, Corner::Apex, norm.value(), 0.0, &[]);
        }
        if recording(xs).is_some_and(Number::is_watched) && norm.value().is_finite() {
            let distance = apart::distance(xs, Corner::Apex);
            if Self::is_near(xs, distance) {
                let varying = xs.iter().filter(|x| !x.is_constant());
                let slopes = varying.map(|x| norm.slope(x.value).to_double());
                let slopes: SmallVec<[f64; 8]> = slopes.collect();
                return Self::kink(xs, Op::Norm, Corner::Apex, norm.value(), distance, &slopes);
            }
        }
        wide(xs, norm.value(), |i| norm.slope(xs[i].value))
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
        if recording(xs).is_some_and(Number::is_watched) {
            return Self::watched_extreme_of(xs, value, greater);
        }
        let tied: SmallVec<[Self; 4]> = xs.iter().copied().filter(|x| x.value == value).collect();
        match *tied {
            // Nothing equals NaN: the first NaN is the extreme. Else the slice is empty.
            [] => xs.iter().copied().find(|x| x.value.is_nan()).unwrap_or(Self::constant(value)),
            [only] => only,
            _ => {
                let op = if greater { Op::MaxOf } else { Op::MinOf };
                Self::kink(&tied, op, Corner::Tie { greater }, value, 0.0, &[])
            }
        }
    }

    /// [`Var::extreme_of`] on a tape that is watched: a kink of those that tie and those near them.
    #[cold]
    #[track_caller]
    fn watched_extreme_of(xs: &[Self], value: F, greater: bool) -> Self {
        let away = |x: &Self| (value - x.value).to_double();
        let is_chosen = |x: &&Self| x.value == value;
        let near = |x: &Self| x.value == value || Self::is_near(xs, away(x));
        let tied: SmallVec<[Self; 4]> = xs.iter().copied().filter(near).collect();
        if tied.len() < 2 {
            let nan = xs.iter().copied().find(|x| x.value.is_nan());
            return tied.first().copied().or(nan).unwrap_or(Self::constant(value));
        }
        // Constants tie with variables, not with each other.
        let constant = tied.iter().filter(is_chosen).any(|x| x.is_constant());
        let varying = tied.iter().filter(is_chosen).filter(|x| !x.is_constant()).count();
        let gaps = tied.iter().filter(|x| !is_chosen(x)).map(|x| away(x).abs());
        let several = varying + usize::from(constant) > 1;
        let distance = if several { 0.0 } else { gaps.fold(f64::INFINITY, f64::min) };
        let op = if greater { Op::MaxOf } else { Op::MinOf };
        Self::kink(&tied, op, Corner::Tie { greater }, value, distance, &[])
    }

    /// Whether a kink of these operands, on a tape that is watched, is near.
    fn is_near(xs: &[Self], distance: f64) -> bool {
        recording(xs)
            .is_some_and(|number| Core::<F>::find(number).is_ok_and(|tape| tape.is_near(distance)))
    }

    #[track_caller]
    fn kink(
        operands: &[Self],
        op: Op,
        corner: Corner,
        value: F,
        distance: f64,
        slopes: &[f64],
    ) -> Self {
        let Some(number) = recording(operands) else {
            return Self::constant(value);
        };
        let met = Met { op, corner, distance, location: Location::caller() };
        match apart::kink(operands, met, slopes) {
            Ok(index) => Self::statement(value, index, number),
            Err(misuse) => misuse.panic(),
        }
    }

    /// See [`Scalar::log_sum_exp`](crate::Scalar::log_sum_exp).
    #[track_caller]
    pub fn log_sum_exp(xs: &[Self]) -> Self {
        let mut weights: Vec<F> = take_numbers();
        weights.extend(values(xs));
        let value = nary::softmax(&mut weights);
        let result = wide(xs, value, |i| weights[i]);
        give_numbers(weights);
        result
    }

    /// See [`Scalar::softmax`](crate::Scalar::softmax).
    #[track_caller]
    pub fn softmax(xs: &[Self]) -> Vec<Self> {
        let mut weights: Vec<F> = take_numbers();
        weights.extend(values(xs));
        nary::softmax(&mut weights);
        let y = &weights[..];
        let mut result = Vec::with_capacity(xs.len());
        for i in 0..xs.len() {
            // 1 - yᵢ, without cancelling where yᵢ is nearly 1.
            let others = if y[i] > F::from_double(0.5) {
                nary::sum(y[..i].iter().copied()) + nary::sum(y[i + 1..].iter().copied())
            } else {
                F::one() - y[i]
            };
            let slope = |j| if i == j { y[i] * others } else { -y[i] * y[j] };
            result.push(wide(xs, y[i], slope));
        }
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
            && let Some(number) = recording(args)
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
            _ => wide(args, value, |i| partials[i]),
        }
    }
}
