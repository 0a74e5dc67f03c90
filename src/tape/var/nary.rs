//! Functions of many variables, each one statement.
//!
//! Where neighbours in a list of operands are single edges to evenly spaced statements, as those of a
//! row of weights or of a layer's outputs are, their edges become a run, which the sweep goes over
//! without indices.

use super::Var;
use crate::Real;
use crate::op::nary;
use crate::op::scalar::Partials;
use crate::op::{self, Corner, Extreme, List, Many, Op, Shares};
use crate::real::Number;
use crate::tape::core::{Core, Misuse, RecordingId};
use crate::tape::pool::{give_numbers, take_numbers};
use crate::tape::storage::runs::Spacing;
use crate::tape::storage::{Storage, TapeError};
use crate::tape::var::apart::{self, Met};
use smallvec::SmallVec;
use std::panic::Location;

/// Why a statement is not written.
pub(in crate::tape) enum Halt {
    Misuse(Misuse),
    Tape(TapeError),
}

impl From<TapeError> for Halt {
    fn from(error: TapeError) -> Self {
        Halt::Tape(error)
    }
}

/// Adds the dependence on operands, of which `var` makes variables, to the statement that is being written;
/// `slope(i, x)` is the partial by the `i`-th, `x`.
#[inline(always)]
pub(in crate::tape) fn depend<F: Number, T: Copy>(
    storage: &mut Storage<F>,
    recording: RecordingId,
    operands: &[T],
    var: impl Fn(T) -> Var<F> + Copy,
    slope: impl Fn(usize, F) -> F,
) -> Result<(), Halt> {
    storage.make_room(operands.len())?;
    let mut rest = operands;
    while let &[x, ..] = rest {
        let i = operands.len() - rest.len();
        let x = var(x);
        let Some((spacing, len)) = run(rest, recording, var) else {
            rest = &rest[1..];
            if x.recording == recording {
                storage.add_link(x.chained(x.value, slope(i, x.value)).link());
            } else if !x.is_constant() {
                return Err(Halt::Misuse(Misuse::Foreign));
            }
            continue;
        };
        let (own, after) = rest.split_at(len);
        let statement = storage.next();
        let room = storage.room_for_run(own.len())?;
        for ((k, &x), partial) in own.iter().enumerate().zip(room) {
            let x = var(x);
            *partial = slope(i + k, x.value) * x.partials[0];
        }
        storage.runs().push(statement, spacing, own.len());
        rest = after;
    }
    Ok(())
}

/// The spacing and the length of the run that operands begin with.
#[inline(always)]
fn run<F: Number, T: Copy>(
    operands: &[T],
    recording: RecordingId,
    var: impl Fn(T) -> Var<F>,
) -> Option<(Spacing, usize)> {
    /// Shorter runs cost more than their links.
    const SHORTEST: usize = 3;
    let &[first, second, _, ..] = operands else { return None };
    let spacing = Spacing::of(var(first).parents, var(second).parents)?;
    let mut expected = spacing.expected(0);
    let fits = |&&x: &&T| {
        let x = var(x);
        let fits = x.parents.derived().bits() == expected && x.recording == recording;
        expected += spacing.step();
        fits
    };
    let len = operands.iter().take_while(fits).count();
    (len >= SHORTEST).then_some((spacing, len))
}

/// Writes a statement with what `depend` adds, for a value. Without a recording, that of an operand
/// that varies, the value is a constant.
#[inline(always)]
#[track_caller]
pub(in crate::tape) fn write_wide<F: Number>(
    value: F,
    recording: Option<RecordingId>,
    depend: impl FnOnce(&mut Storage<F>, RecordingId) -> Result<(), Halt>,
) -> Var<F> {
    let Some(recording) = recording else { return Var::constant(value) };
    let written = Core::<F>::find(recording).map_err(Halt::Misuse).and_then(|tape| {
        tape.change(|storage| {
            let written = depend(storage, recording).and_then(|()| Ok(storage.close()?));
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
        Ok(index) => Var::statement(value, index, recording),
        Err(Halt::Misuse(misuse)) => misuse.panic(),
        Err(Halt::Tape(failure)) => panic!("{failure}"),
    }
}

/// A function of a list, from its value and its partial by each operand, see [`depend`].
#[inline(always)]
#[track_caller]
pub(crate) fn wide<F: Number, T: Copy>(
    xs: &[T],
    var: impl Fn(T) -> Var<F> + Copy,
    value: F,
    slope: impl Fn(usize, F) -> F,
) -> Var<F> {
    write_wide(value, recording(xs, var), |storage, recording| {
        depend(storage, recording, xs, var, slope)
    })
}

/// A function of a few or of many, from its value and its partial by each.
#[inline(always)]
#[track_caller]
pub(crate) fn combined<F: Number>(xs: &[Var<F>], value: F, partials: &[F]) -> Var<F> {
    match *xs {
        [x] => x.chained(value, partials[0]),
        [a, b] => a.joined(b, (value, partials[0], partials[1])),
        _ => wide(xs, itself, value, |i, _| partials[i]),
    }
}

/// Those of the operands of a function that vary, and its partials by them.
pub(crate) fn varying<F: Number>(
    xs: &[Var<F>],
    partials: impl IntoIterator<Item = F>,
) -> (SmallVec<[Var<F>; 8]>, SmallVec<[F; 8]>) {
    xs.iter().copied().zip(partials).filter(|(x, _)| !x.is_constant()).unzip()
}

/// The recording of the first operand that varies.
#[inline(always)]
pub(in crate::tape) fn recording<F: Number, T: Copy>(
    operands: &[T],
    var: impl Fn(T) -> Var<F>,
) -> Option<RecordingId> {
    let mut operands = operands.iter().map(|&x| var(x));
    operands.find(|x| !x.is_constant()).map(|x| x.recording)
}

/// Panics at the caller's line if variables of two recordings meet in a list.
///
/// What writes a statement finds that out as it goes over its operands; this is for what only chooses
/// one of them.
#[inline(always)]
#[track_caller]
pub(crate) fn meet<F: Number>(xs: &[Var<F>]) {
    // That of all that vary, if it is but one: constants have none.
    let common = xs.iter().fold(0, |bits, x| bits | x.recording.bits());
    let odd = |x: &Var<F>| x.recording.bits() != common && !x.is_constant();
    if xs.iter().any(odd) {
        Misuse::Foreign.panic();
    }
}

/// Notes that a function of a list is not piecewise linear, on a tape that is watched.
#[inline(always)]
#[track_caller]
pub(in crate::tape) fn note_curved<F: Number, T: Copy>(operands: &[T], var: impl Fn(T) -> Var<F>) {
    if let Some(recording) = recording(operands, var) {
        Core::<F>::note_curved_here(recording);
    }
}

/// The values of operands.
#[inline(always)]
fn values<F: Real>(xs: &[Var<F>]) -> impl ExactSizeIterator<Item = F> + Clone {
    xs.iter().map(|x| x.value)
}

/// A variable as it is.
#[inline(always)]
pub(in crate::tape) fn itself<F>(x: Var<F>) -> Var<F> {
    x
}

/// An entry of a list in the precision of the numbers, which has no tip.
#[inline(always)]
#[track_caller]
pub(crate) fn list<F: Number, T: Copy, O: List>(
    xs: &[T],
    var: impl Fn(T) -> Var<F> + Copy,
    entry: O,
) -> Var<F> {
    if !O::LINEAR {
        note_curved(xs, var);
    }
    let mut kept: Vec<F> = if O::KEEPS { take_numbers() } else { Vec::new() };
    let parts = entry.parts(xs, |&x| var(x).value, &mut kept);
    let value = entry.value(parts, xs.iter().map(|&x| var(x).value));
    let slope = |i: usize, x| entry.slope(parts, x, || kept[i]);
    let result = wide(xs, var, value, slope);
    if O::KEEPS {
        give_numbers(kept);
    }
    result
}

/// The slopes of an entry of a list that shifts, and keeps them.
#[inline(always)]
#[track_caller]
pub(crate) fn shares<F: Number, T: Copy, O: Shares>(
    xs: &[T],
    var: impl Fn(T) -> Var<F> + Copy,
    _: O,
) -> Vec<Var<F>> {
    note_curved(xs, var);
    let mut kept: Vec<F> = take_numbers();
    let parts = O::OF.parts(xs, |&x| var(x).value, &mut kept);
    for (own, &x) in kept.iter_mut().zip(xs) {
        *own = O::OF.slope(parts, var(x).value, || *own);
    }
    let y = &kept[..];
    let mut result = Vec::with_capacity(xs.len());
    for i in 0..xs.len() {
        // 1 - yᵢ, without cancelling where yᵢ is nearly 1.
        let others = if y[i] > F::still(0.5) {
            let [before, after] = [&y[..i], &y[i + 1..]];
            F::zero() + nary::sum_of(before, |&y| y) + nary::sum_of(after, |&y| y)
        } else {
            F::one() - y[i]
        };
        let [p, _, _] = O::OF.law(F::one(), y[i], F::one());
        let slope = |j, _| if i == j { p * others } else { -p * y[j] };
        result.push(wide(xs, var, y[i], slope));
    }
    give_numbers(kept);
    result
}

impl<F: Real> Var<F> {
    /// See [`Scalar::sum_of`](crate::Scalar::sum_of).
    #[track_caller]
    pub fn sum_of(xs: &[Self]) -> Self {
        list(xs, itself, op::SumOf)
    }

    /// See [`Scalar::mean`](crate::Scalar::mean).
    #[track_caller]
    pub fn mean(xs: &[Self]) -> Self {
        list(xs, itself, op::Mean)
    }

    /// See [`Scalar::norm`](crate::Scalar::norm).
    #[track_caller]
    pub fn norm(xs: &[Self]) -> Self {
        Self::cone(xs, op::Norm)
    }

    /// An entry of a list in the precision of the numbers that has a tip: a kink there, and near it on a tape that is
    /// watched.
    #[inline(always)]
    #[track_caller]
    fn cone<O: List>(xs: &[Self], entry: O) -> Self {
        if !O::LINEAR {
            note_curved(xs, itself);
        }
        let mut kept: Vec<F> = Vec::new();
        let parts = entry.parts(xs, |x| x.value, &mut kept);
        let value = entry.value(parts, values(xs));
        if value == F::zero() {
            return Self::kink(xs, O::OP, Corner::Apex, value, 0.0, &[]);
        }
        if recording(xs, itself).is_some_and(RecordingId::is_watched)
            && let Some(kink) = Self::near_tip(xs, entry, parts, &kept, value)
        {
            return kink;
        }
        wide(xs, itself, value, |i, x| entry.slope(parts, x, || kept[i]))
    }

    /// The kink that the tip of an entry of a list is, if it is near.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn near_tip<O: List>(
        xs: &[Self],
        entry: O,
        parts: O::Parts<F>,
        kept: &[F],
        value: F,
    ) -> Option<Self> {
        let distance = apart::distance(xs, Corner::Apex);
        if !(value.is_finite() && Self::is_near(xs, distance)) {
            return None;
        }
        let varying = xs.iter().enumerate().filter(|(_, x)| !x.is_constant());
        let slope = |(i, x): (usize, &Self)| entry.slope(parts, x.value, || kept[i]).to_double();
        let slopes: SmallVec<[f64; 8]> = varying.map(slope).collect();
        Some(Self::kink(xs, O::OP, Corner::Apex, value, distance, &slopes))
    }

    /// See [`Scalar::max_of`](crate::Scalar::max_of).
    #[track_caller]
    pub fn max_of(xs: &[Self]) -> Self {
        Self::extreme_of(xs, op::MaxOf)
    }

    /// See [`Scalar::min_of`](crate::Scalar::min_of).
    #[track_caller]
    pub fn min_of(xs: &[Self]) -> Self {
        Self::extreme_of(xs, op::MinOf)
    }

    /// The operand of the greatest (or least) value; where several tie, a kink of those.
    #[track_caller]
    fn extreme_of<O: Extreme>(xs: &[Self], entry: O) -> Self {
        let value = entry.value(values(xs));
        // Mostly they are all of one recording, or all constants.
        if xs.iter().any(|x| x.recording != xs[0].recording) {
            meet(xs);
        }
        if recording(xs, itself).is_some_and(RecordingId::is_watched) {
            return Self::watched_extreme_of::<O>(xs, value);
        }
        let tied = nary::extremes(xs, value, |x| x.value);
        match *tied {
            [] => Self::constant(value),
            [only] => only,
            _ => Self::kink(&tied, O::OP, O::CORNER, value, 0.0, &[]),
        }
    }

    /// [`Var::extreme_of`] on a tape that is watched: a kink of those that tie and those near them.
    #[cold]
    #[track_caller]
    fn watched_extreme_of<O: Extreme>(xs: &[Self], value: F) -> Self {
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
        Self::kink(&tied, O::OP, O::CORNER, value, distance, &[])
    }

    /// Whether a kink of these operands, on a tape that is watched, is near.
    fn is_near(xs: &[Self], distance: f64) -> bool {
        recording(xs, itself).is_some_and(|recording| {
            Core::<F>::find(recording).is_ok_and(|tape| tape.is_near(distance))
        })
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
        let Some(recording) = recording(operands, itself) else {
            return Self::constant(value);
        };
        let met = Met::plain(op, corner, distance, Location::caller());
        match apart::kink(operands, met, slopes) {
            Ok(index) => Self::statement(value, index, recording),
            Err(misuse) => misuse.panic(),
        }
    }

    /// See [`Scalar::log_sum_exp`](crate::Scalar::log_sum_exp).
    #[track_caller]
    pub fn log_sum_exp(xs: &[Self]) -> Self {
        list(xs, itself, op::LogSumExp)
    }

    /// See [`Scalar::softmax`](crate::Scalar::softmax).
    #[track_caller]
    pub fn softmax(xs: &[Self]) -> Vec<Self> {
        shares(xs, itself, op::Softmax)
    }

    /// See [`Scalar::custom_slice`](crate::Scalar::custom_slice).
    #[track_caller]
    pub fn custom_slice(
        name: &'static str,
        args: &[Self],
        rule: impl FnOnce(&[F]) -> (F, Partials<F>),
    ) -> Self {
        note_curved(args, itself);
        let xs: SmallVec<[F; 8]> = values(args).collect();
        let (value, partials) = rule(&xs);
        nary::one_partial_each(name, args.len(), partials.len());
        let finite = |x: &F| x.is_finite();
        if !(finite(&value) && partials.iter().all(finite)) {
            let slopes: SmallVec<[f64; 8]> = partials.iter().map(|p| p.to_double()).collect();
            return Self::steep(args, Op::Custom(name), value, &slopes);
        }
        combined(args, value, &partials)
    }

    /// An entry of three arguments or of a list.
    #[track_caller]
    pub(in crate::tape) fn many<O: Many>(xs: &[Self], entry: O) -> Self {
        note_curved(xs, itself);
        let numbers: SmallVec<[f64; 8]> = values(xs).map(F::to_double).collect();
        let y = entry.value(&numbers);
        let slopes = entry.slopes(&numbers, y);
        let value = F::from_double(y);
        let (varying, partials) = varying(xs, slopes.iter().map(|&slope| F::from_double(slope)));
        if value.is_finite() && partials.iter().all(|partial| partial.is_finite()) {
            return combined(&varying, value, &partials);
        }
        Self::steep(xs, O::OP, value, &slopes)
    }

    /// A function whose value or partials are not finite.
    #[cold]
    #[track_caller]
    fn steep(xs: &[Self], op: Op, value: F, slopes: &[f64]) -> Self {
        let Some(recording) = recording(xs, itself) else { return Self::constant(value) };
        match apart::steep(xs, op, value.to_double(), slopes, Location::caller()) {
            Ok(index) => Self::statement(value, index, recording),
            Err(misuse) => misuse.panic(),
        }
    }
}
