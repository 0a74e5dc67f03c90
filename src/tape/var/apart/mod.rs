//! What is set apart in a statement of its own while recording: kinks, so that a rule can choose
//! their slopes later, and slopes that are not finite, so that no pending product multiplies them
//! by 0 (the sweep skips what has adjoint 0). Both are rare, and both are noted on the tape.

use super::Var;
use crate::Real;
use crate::op::{Binary, Corner, Op, Shape, Sides, Unary};
use crate::real::Number;
use crate::tape::core::{Core, Misuse, Outcome, RecordingId};
use crate::tape::kink::Kink;
use crate::tape::storage::parents::Parents;
use crate::tape::storage::{Link, StatementId};
use crate::tape::trouble::Trouble;
use smallvec::SmallVec;
use std::panic::Location;

type Caller = &'static Location<'static>;

/// Writes an entry of one argument, given by the fields of its operand: one at its kink, or steep, or any
/// on a tape that is watched.
#[cold]
#[inline(never)]
pub(super) extern "C" fn unary<F: Real, O: Unary>(
    entry: O,
    value: F,
    p: F,
    q: F,
    parents: Parents,
    recording: RecordingId,
    location: Caller,
) -> Outcome {
    let operand = Var::carrying(value, Link { partials: [p, q], parents }, recording);
    let x = value.to_double();
    let y = entry.value(x);
    match O::SHAPE {
        Shape::Jumps => Core::<F>::note_jump(recording),
        Shape::Linear => {}
        Shape::Curved => Core::<F>::note_curved(recording),
    }
    let rises = |sides: Sides| sides.right >= sides.left;
    let (kinks, parameters) = (entry.kinks(), entry.parameters());
    let mut bends = kinks.iter().filter(|k| k.0.is_finite()).map(|k| rises(k.1));
    let alike = bends.next().is_none_or(|first| bends.all(|bend| bend == first));
    // A kink at a finite number has a value, but for a slope beside it that has none: 0 · ∞.
    if let Some(Corner::Sides(sides)) = entry.kink(x)
        && (F::from_double(y).is_finite() || !x.is_finite())
    {
        let met = Met {
            op: O::OP,
            corner: Corner::Sides(sides),
            distance: 0.0,
            alike,
            parameters,
            location,
        };
        return bend(operand, met, sides).into();
    }
    let slopes = [entry.slope(x, y)];
    let finite = F::from_double(y).is_finite() && F::from_double(slopes[0]).is_finite();
    match entry.nearest(x) {
        // On a tape that is not watched: beside a kink at NaN, as a bound of `clamp` may be.
        Some((distance, sides)) if finite || (O::TAME && recording.is_watched()) => {
            let distance = if recording.is_watched() { distance } else { f64::NAN };
            // A curved piece has another slope here than at its end.
            let corner = Corner::Sides(match O::SHAPE {
                Shape::Curved if distance < 0.0 => Sides { left: slopes[0], ..sides },
                Shape::Curved if distance > 0.0 => Sides { right: slopes[0], ..sides },
                Shape::Curved | Shape::Linear | Shape::Jumps => sides,
            });
            let met = Met { op: O::OP, corner, distance, alike, parameters, location };
            near_or_far(&[operand], met, &slopes)
        }
        None if finite => straight(&[operand], &slopes),
        _ => steep(&[operand], O::OP, y, &slopes, location),
    }
    .into()
}

/// Writes an entry of two arguments, given by the fields of its operands; see [`unary`].
#[cold]
#[inline(never)]
// Single numbers keep the operands in registers, see `write_one`.
#[allow(clippy::too_many_arguments)]
pub(super) extern "C" fn binary<F: Real, O: Binary>(
    entry: O,
    a: F,
    p: F,
    q: F,
    parents: Parents,
    recording: RecordingId,
    b: F,
    r: F,
    s: F,
    others: Parents,
    theirs: RecordingId,
    location: Caller,
) -> Outcome {
    let first = Var::carrying(a, Link { partials: [p, q], parents }, recording);
    let second = Var::carrying(b, Link { partials: [r, s], parents: others }, theirs);
    let operands = [first, second];
    let (a, b) = (a.to_double(), b.to_double());
    let y = entry.value(a, b);
    let slopes = [entry.slope_a(a, b, y), entry.slope_b(a, b, y)];
    let slopes = [(&first, slopes[0]), (&second, slopes[1])]
        .map(|(x, slope)| if x.is_constant() { 0.0 } else { slope });
    let finite = [y, slopes[0], slopes[1]].iter().all(|&x| F::from_double(x).is_finite());
    for recording in [recording, theirs] {
        match O::SHAPE {
            Shape::Jumps => Core::<F>::note_jump(recording),
            Shape::Linear => {}
            Shape::Curved => Core::<F>::note_curved(recording),
        }
    }
    match O::CORNER {
        Some(corner) if entry.kink(a, b).is_some() => {
            kink(&operands, Met::plain(O::OP, corner, 0.0, location), &slopes)
        }
        // What is watched and not steep.
        None if finite => straight(&operands, &slopes),
        Some(corner) if finite => {
            let distance = distance(&operands, corner);
            near_or_far(&operands, Met::plain(O::OP, corner, distance, location), &slopes)
        }
        _ => steep(&operands, O::OP, y, &slopes, location),
    }
    .into()
}

/// How far two or more operands are from a tie or a tip; `NaN` if the constants among them forbid it.
pub(super) fn distance<F: Real>(operands: &[Var<F>], corner: Corner) -> f64 {
    let values = operands.iter().map(|x| x.value.to_double());
    match corner {
        Corner::Apex | Corner::Jump => {
            let is_away = |x: &Var<F>| x.is_constant() && x.value != F::zero();
            if operands.iter().any(is_away) { f64::NAN } else { values.fold(0.0, f64::hypot) }
        }
        Corner::Tie { .. } | Corner::Sides(_) | Corner::Branch { .. } => {
            values.reduce(|a, b| a - b).unwrap_or(f64::NAN)
        }
    }
}

/// Writes an operation that has kinks: at one, or on a tape that is watched beside one.
pub(super) fn near_or_far<F: Real>(
    operands: &[Var<F>],
    met: Met,
    slopes: &[f64],
) -> Result<StatementId, Misuse> {
    let tape = shared_tape(operands)?;
    if met.distance == 0.0 || tape.is_near(met.distance) {
        let varying = operands.iter().zip(slopes).filter(|(x, _)| !x.is_constant());
        let slopes: SmallVec<[f64; 2]> = varying.map(|(_, &slope)| slope).collect();
        return kink(operands, met, &slopes);
    }
    straight(operands, slopes)
}

/// Writes an operation away from its kinks.
fn straight<F: Real>(operands: &[Var<F>], slopes: &[f64]) -> Result<StatementId, Misuse> {
    let tape = shared_tape(operands)?;
    let varying = operands.iter().zip(slopes).filter(|(x, _)| !x.is_constant());
    let links: SmallVec<[Link<F>; 2]> = varying
        .map(|(x, &slope)| match slope {
            // A flat piece passes nothing on, not even of an infinite partial.
            0.0 => Link { partials: [F::zero(); 2], ..x.link() },
            _ => x.chained(x.value, F::from_double(slope)).link(),
        })
        .collect();
    Ok(tape.write(|storage| storage.push(&links)))
}

/// Writes an operation whose value or slopes are not finite, and notes it if its operands are.
pub(super) fn steep<F: Real>(
    operands: &[Var<F>],
    op: Op,
    value: f64,
    slopes: &[f64],
    location: Caller,
) -> Result<StatementId, Misuse> {
    /// Later troubles mostly follow from the first ones.
    const MOST: usize = 64;
    let tape = shared_tape(operands)?;
    let finite = operands.iter().all(|x| x.value.is_finite());
    if finite && tape.troubles.borrow().len() < MOST {
        let operands = operands.iter().map(|x| x.value.to_double()).collect();
        let slopes = SmallVec::from_slice(slopes);
        tape.troubles.borrow_mut().push(Trouble { op, operands, value, slopes, location });
    }
    set_apart(operands, slopes.iter().map(|&slope| F::from_double(slope)))
}

/// Writes an operation with an edge to each operand that varies.
pub(in crate::tape) fn set_apart<F: Number>(
    operands: &[Var<F>],
    slopes: impl IntoIterator<Item = F>,
) -> Result<StatementId, Misuse> {
    let tape = shared_tape(operands)?;
    let mut links = SmallVec::<[Link<F>; 2]>::new();
    for (x, slope) in operands.iter().zip(slopes).filter(|(x, _)| !x.is_constant()) {
        links.push(Link { partials: [slope, F::zero()], ..x.try_keep()?.link() });
    }
    Ok(tape.write(|storage| storage.push(&links)))
}

/// What is known of a kink before its operands are.
#[derive(Clone, Copy)]
pub(super) struct Met {
    pub(super) op: Op,
    pub(super) corner: Corner,
    /// 0 at the kink itself.
    pub(super) distance: f64,
    /// See [`Kink`].
    pub(super) alike: bool,
    /// As those of a [`Kink`].
    pub(super) parameters: [f64; 2],
    pub(super) location: Caller,
}

impl Met {
    /// Of an operation without parameters and other kinks.
    pub(super) fn plain(op: Op, corner: Corner, distance: f64, location: Caller) -> Self {
        Met { op, corner, distance, alike: true, parameters: [0.0; 2], location }
    }
}

/// Writes a kink with an edge to each operand that varies, and notes it.
///
/// The slopes are those of the default convention: least magnitude for one operand, equal shares
/// for a tie, 0 for a tie with a constant and for the tip of a cone. Beside a kink they are the true
/// ones, which for a cone are those given, of the operands that vary.
pub(super) fn kink<F: Real>(
    operands: &[Var<F>],
    met: Met,
    slopes: &[f64],
) -> Result<StatementId, Misuse> {
    let tape = shared_tape(operands)?;
    let (met, operands) = taking_part(operands, met);
    let values: SmallVec<[f64; 2]> = operands.iter().map(|x| x.value.to_double()).collect();
    let slopes = match met.corner {
        Corner::Apex | Corner::Jump if met.distance != 0.0 => SmallVec::from_slice(slopes),
        _ => active_slopes(&operands, &values, met),
    };
    let mut statements = SmallVec::<[Option<StatementId>; 2]>::new();
    let mut links = SmallVec::<[Link<F>; 2]>::new();
    for (x, &slope) in operands.iter().zip(&slopes) {
        let x = x.try_keep()?;
        statements.push(x.own_statement());
        if !x.is_constant() {
            links.push(Link { partials: [F::from_double(slope), F::zero()], ..x.link() });
        }
    }
    let statement = tape.write(|storage| storage.push(&links));
    let Met { op, corner, distance, alike, parameters, location } = met;
    let operands = values;
    let kink = Kink {
        op,
        corner,
        distance,
        location,
        operands,
        alike,
        slopes,
        statements,
        statement,
        parameters,
    };
    tape.kinks.borrow_mut().push(kink);
    Ok(statement)
}

/// [`kink`] at a bend of one operand, as most are.
fn bend<F: Real>(x: Var<F>, met: Met, sides: Sides) -> Result<StatementId, Misuse> {
    let tape = Core::find(x.recording)?;
    let slope = sides.least();
    let mut kept = x;
    let statement = tape.write(|storage| {
        if x.own_statement().is_none() {
            kept = Var::statement(x.value, storage.push(&[x.link()])?, x.recording);
        }
        storage.push(&[Link { partials: [F::from_double(slope), F::zero()], ..kept.link() }])
    });
    let Met { op, corner, distance, alike, parameters, location } = met;
    tape.kinks.borrow_mut().push(Kink {
        op,
        corner,
        distance,
        location,
        alike,
        operands: SmallVec::from_buf_and_len([x.value.to_double(), 0.0], 1),
        slopes: SmallVec::from_buf_and_len([slope, 0.0], 1),
        statements: SmallVec::from_buf_and_len([kept.own_statement(), None], 1),
        statement,
        parameters,
    });
    Ok(statement)
}

/// The operands that take part in a kink, and its shape for them.
///
/// Where only one varies, a tie and the tip of a cone are kinks of a function of one variable. In a tie
/// of several variables those constants take part that are chosen before others.
fn taking_part<F: Real>(operands: &[Var<F>], mut met: Met) -> (Met, SmallVec<[Var<F>; 2]>) {
    let vary = |x: &&Var<F>| !x.is_constant();
    let varying: SmallVec<[Var<F>; 2]> = operands.iter().filter(vary).copied().collect();
    let alone = if let [x] = *varying { Some(x.value.to_double()) } else { None };
    match (met.corner, alone) {
        (Corner::Tie { greater }, Some(x)) if operands.len() > 1 => {
            let [left, right] = if greater { [0.0, 1.0] } else { [1.0, 0.0] };
            met.corner = Corner::Sides(Sides { left, right });
            let constant = extreme(operands.iter().filter(|x| x.is_constant()), greater);
            met.distance = if x == constant { 0.0 } else { x - constant };
            let ties = |x: &Var<F>| x.is_constant() && x.value.to_double() == constant;
            let place = operands.iter().position(|x| !x.is_constant()).unwrap_or(0);
            let [before, after] = [&operands[..place], &operands[place..]];
            met.parameters =
                [before, after].map(|part| part.iter().filter(|x| ties(x)).count() as f64);
            (met, varying)
        }
        (Corner::Tie { greater }, _) => {
            let best = extreme(operands.iter().filter(|x| x.is_constant()), greater);
            let keeps = |x: &&Var<F>| !x.is_constant() || x.value.to_double() == best;
            let kept = operands.iter().filter(keeps).copied().collect();
            (met, kept)
        }
        (Corner::Apex, Some(x)) => {
            met.corner = Corner::Sides(Sides { left: -1.0, right: 1.0 });
            met.distance = x;
            (met, varying)
        }
        (Corner::Apex | Corner::Jump, _) => (met, varying),
        (Corner::Sides(_) | Corner::Branch { .. }, _) => (met, SmallVec::from_slice(operands)),
    }
}

/// The greatest or least value.
fn extreme<'a, F: Real>(operands: impl Iterator<Item = &'a Var<F>>, greater: bool) -> f64 {
    let values = operands.map(|x| x.value.to_double());
    if greater {
        values.fold(f64::NEG_INFINITY, f64::max)
    } else {
        values.fold(f64::INFINITY, f64::min)
    }
}

/// The slopes of the default convention at a kink, the true ones beside it. Not for a cone beside its
/// tip.
fn active_slopes<F: Real>(operands: &[Var<F>], values: &[f64], met: Met) -> SmallVec<[f64; 2]> {
    match met.corner {
        Corner::Sides(sides) if met.distance < 0.0 => SmallVec::from_elem(sides.left, values.len()),
        Corner::Sides(sides) if met.distance > 0.0 => {
            SmallVec::from_elem(sides.right, values.len())
        }
        Corner::Sides(sides) => SmallVec::from_elem(sides.least(), values.len()),
        Corner::Tie { greater } => {
            let best = extreme(operands.iter(), greater);
            let tied = || operands.iter().zip(values).filter(|&(_, &value)| value == best);
            let constant = tied().any(|(x, _)| x.is_constant());
            let share = if constant { 0.0 } else { (tied().count() as f64).recip() };
            let slope = |(x, &value): (&Var<F>, &f64)| match value == best {
                true if x.is_constant() => 1.0,
                true => share,
                false => 0.0,
            };
            operands.iter().zip(values).map(slope).collect()
        }
        Corner::Apex | Corner::Jump => SmallVec::from_elem(0.0, values.len()),
        Corner::Branch { above } => {
            let holds = if above { met.distance > 0.0 } else { met.distance < 0.0 };
            SmallVec::from_slice(&if holds { [0.0, 1.0, 0.0] } else { [0.0, 0.0, 1.0] })
        }
    }
}

/// The tape of these operands, of which at least one varies.
fn shared_tape<F: Number>(operands: &[Var<F>]) -> Result<&'static Core<F>, Misuse> {
    let mut numbers = operands.iter().filter(|x| !x.is_constant()).map(|x| x.recording);
    let recording = numbers.next().unwrap_or(RecordingId::NONE);
    if numbers.any(|other| other != recording) {
        return Err(Misuse::Foreign);
    }
    Core::find(recording)
}

#[cfg(test)]
mod tests;
