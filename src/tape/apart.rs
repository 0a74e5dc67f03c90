//! What is set apart in a statement of its own while recording: kinks, so that a rule can choose
//! their slopes later, and slopes that are not finite, so that no pending product multiplies them
//! by 0 (the sweep skips what has adjoint 0). Both are rare, and both are noted on the tape.

use super::core::{Core, Misuse, Number, Outcome};
use super::kink::Kink;
use super::parents::Parents;
use super::storage::{Index, Link};
use super::trouble::Trouble;
use super::var::Var;
use crate::Real;
use crate::op::{Binary, Corner, Op, Sides, Unary};
use smallvec::SmallVec;
use std::panic::Location;

type Caller = &'static Location<'static>;

/// Writes a row of one argument, given by the fields of its operand.
#[cold]
#[inline(never)]
pub(super) extern "C" fn unary<F: Real, O: Unary>(
    row: O,
    value: F,
    p: F,
    q: F,
    parents: Parents,
    number: Number,
    location: Caller,
) -> Outcome {
    let operand = Var::carrying(value, Link { partials: [p, q], parents }, number);
    let x = value.to_double();
    let y = row.value(x);
    match row.kink(x) {
        Some(corner) => kink(&[operand], O::OP, corner, location),
        None => steep(&[operand], O::OP, y, &[row.slope(x, y)], location),
    }
    .into()
}

/// Writes a row of two arguments, given by the fields of its operands.
#[cold]
#[inline(never)]
// Single numbers keep the operands in registers, see `write_one`.
#[allow(clippy::too_many_arguments)]
pub(super) extern "C" fn binary<F: Real, O: Binary>(
    row: O,
    a: F,
    p: F,
    q: F,
    parents: Parents,
    number: Number,
    b: F,
    r: F,
    s: F,
    others: Parents,
    theirs: Number,
    location: Caller,
) -> Outcome {
    let first = Var::carrying(a, Link { partials: [p, q], parents }, number);
    let second = Var::carrying(b, Link { partials: [r, s], parents: others }, theirs);
    let (a, b) = (a.to_double(), b.to_double());
    let y = row.value(a, b);
    match row.kink(a, b) {
        Some(corner) => kink(&[first, second], O::OP, corner, location),
        None => {
            let slopes = [row.slope_a(a, b, y), row.slope_b(a, b, y)];
            steep(&[first, second], O::OP, y, &slopes, location)
        }
    }
    .into()
}

/// Writes an operation whose value or slopes are not finite, and notes it if its operands are.
pub(super) fn steep<F: Real>(
    operands: &[Var<F>],
    op: Op,
    value: f64,
    slopes: &[f64],
    location: Caller,
) -> Result<Index, Misuse> {
    /// Later troubles mostly follow from the first ones.
    const MOST: usize = 64;
    let tape = shared_tape(operands)?;
    let mut links = SmallVec::<[Link<F>; 2]>::new();
    for (x, &slope) in operands.iter().zip(slopes).filter(|(x, _)| !x.is_constant()) {
        let partials = [F::from_double(slope), F::zero()];
        links.push(Link { partials, ..x.try_keep()?.link() });
    }
    let finite = operands.iter().all(|x| x.value.is_finite());
    if finite && tape.troubles.borrow().len() < MOST {
        let operands = operands.iter().map(|x| x.value.to_double()).collect();
        let slopes = SmallVec::from_slice(slopes);
        tape.troubles.borrow_mut().push(Trouble { op, operands, value, slopes, location });
    }
    Ok(tape.write(|storage| storage.push(&links)))
}

/// Writes a kink with an edge to each operand that varies, and notes it.
///
/// The slopes are those of the default convention: least magnitude for one operand, equal shares
/// for a tie, 0 for a tie with a constant and for the tip of a cone.
pub(super) fn kink<F: Real>(
    operands: &[Var<F>],
    op: Op,
    corner: Corner,
    location: Caller,
) -> Result<Index, Misuse> {
    let tape = shared_tape(operands)?;
    let mut links = SmallVec::<[Link<F>; 2]>::new();
    let mut values = SmallVec::<[f64; 2]>::new();
    for x in operands.iter().filter(|x| !x.is_constant()) {
        links.push(x.try_keep()?.link());
        values.push(x.value.to_double());
    }
    let (corner, slope) = match corner {
        Corner::Tie { greater } if links.len() < operands.len() => {
            // One of two slopes, as for a function of the variable alone.
            let [left, right] = if greater { [0.0, 1.0] } else { [1.0, 0.0] };
            let sides = Sides { left, right };
            (Corner::Sides(sides), sides.least())
        }
        Corner::Tie { .. } => (corner, (links.len() as f64).recip()),
        Corner::Sides(sides) => (corner, sides.least()),
        Corner::Apex => (corner, 0.0),
    };
    for link in &mut links {
        link.partials = [F::from_double(slope), F::zero()];
    }
    let statement = tape.write(|storage| storage.push(&links));
    let slopes = SmallVec::from_elem(slope, links.len());
    let kink = Kink { op, corner, location, operands: values, slopes, statement };
    tape.kinks.borrow_mut().push(kink);
    Ok(statement)
}

/// The tape of these operands, of which at least one varies.
fn shared_tape<F: Real>(operands: &[Var<F>]) -> Result<&'static Core<F>, Misuse> {
    let mut numbers = operands.iter().filter(|x| !x.is_constant()).map(|x| x.number);
    let number = numbers.next().unwrap_or(Number::NONE);
    if numbers.any(|other| other != number) {
        return Err(Misuse::Foreign);
    }
    Core::find(number)
}
