//! The rules by which slopes are chosen at kinks.

use super::KinkError;
use super::engine::Engine;
use crate::op::{Corner, Op, Sides};
use crate::tape::{Kink, Slopes};
use crate::{Real, Var};
use smallvec::SmallVec;

/// How [`Var::backward_with`] chooses slopes at kinks. Away from kinks all rules agree.
///
/// All but [`Rule::Directional`] and [`Rule::Along`] are conventions: they choose for each operation
/// by itself, and where kinks are composed the result need not be a generalized gradient of the whole.
/// The page [`kinks`](crate::kinks) shows each rule on each spelling of the absolute value.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub enum Rule<'a, F: Real = f64> {
    /// That of [`Var::backward`]: the slope of least magnitude for one operand, equal shares at a
    /// tie of variables and 0 at one with a constant, 0 at the tip of a cone, and the branch taken.
    #[default]
    Default,
    /// As if operands came from below: the left slope; at a tie as if each were less than those after
    /// it; at the tip of a cone `-1/√n` for each of `n`.
    Left,
    /// As if operands came from above: the right slope; at a tie as if each were greater than those
    /// after it; at the tip of a cone `1/√n`.
    Right,
    /// The first wins: of a tie the first operand that varies, of a `select` the first branch, at the
    /// tip of a cone the first operand with slope 1. An operand alone wins over the constant that it
    /// meets: its slope is the greater in magnitude, and the right one of two alike (`abs`, `relu`
    /// and `clamp` 1).
    First,
    /// As PyTorch 2.15.0 does: `abs` and `relu` 0, `leaky_relu` the slope below, `clamp` 0 (1 up to
    /// 2.13.0), equal shares at ties with constants too, `norm` and `atan2` 0, `hypot` NaN. For `max_of` and `min_of` it is
    /// `amax` and `amin`; those along a dimension choose one operand.
    PyTorch,
    /// As JAX 0.10.2 does: `abs` 1, `relu` 0, `leaky_relu` the slope above, `clamp` and all ties equal
    /// shares with constants too, `hypot` ½ each, `norm` and `atan2` NaN.
    Jax,
    /// A true element of the generalized gradient, for any composition: every kink takes the branch
    /// that one direction enters, which is pseudo-random and always the same.
    ///
    /// Tangents along the direction are swept forward over the statements, each kink is locked to the
    /// slope on the side of its operand's tangent, and one reverse sweep uses the locked slopes. The
    /// gradient is then that of the one smooth piece which the direction enters: an element of the
    /// B-subdifferential and so of Clarke's, with probability one over directions. Without kinks it
    /// costs what [`Var::backward`] costs, else at most one forward sweep more.
    ///
    /// A kink whose operands' tangents do not differ is left unresolved, for then their gradients
    /// do not differ either, and whatever it chooses does not change the gradient. Exceptions are
    /// comparisons of what has no slope, as `x² > 0` at 0, and `atan2` at the origin, which is a
    /// jump; [`Gradient::kinks`](crate::Gradient::kinks) tells of them.
    ///
    /// S. Kakade and J. Lee, "Provably correct automatic subdifferentiation for qualified programs",
    /// NeurIPS 2018; K. Khan and P. Barton, "A vector forward mode of automatic differentiation for
    /// generalized derivative evaluation", Optimization Methods and Software 30(6), 2015.
    Directional,
    /// [`Rule::Directional`] along a direction of yours, which is 0 for variables not named. Where it
    /// leaves a kink unresolved, the pseudo-random one decides.
    Along(&'a [Var<F>], &'a [F]),
    /// None: [`KinkError::Met`](super::KinkError::Met) where the gradient depends on a choice.
    Error,
}

impl<F: Real> Rule<'_, F> {
    /// Whether it has no direction whose form is to be looked at.
    pub(super) fn needs_no_direction(self) -> bool {
        !matches!(self, Rule::Along(..))
    }

    /// Whether an output may be swept. Conventions carry NaN on, as [`Var::backward`] does; a rule that
    /// promises more refuses it.
    pub(super) fn admits(self, output: Var<F>) -> Result<(), KinkError> {
        match self {
            Rule::Directional | Rule::Along(..) | Rule::Error if output.value().is_nan() => {
                Err(KinkError::NotANumber)
            }
            _ => Ok(()),
        }
    }
}

/// A convention: what [`Rule`] says of a kink by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Convention {
    Left,
    Right,
    First,
    Engine(Engine),
}

impl Convention {
    /// The slopes at a kink that was met, by its operands.
    pub(super) fn slopes(self, kink: &Kink) -> Slopes {
        let count = kink.operands().len();
        match kink.corner() {
            Corner::Sides(sides) => SmallVec::from_elem(self.side(kink.op(), sides), count),
            Corner::Tie { greater } => self.shares(kink, greater),
            Corner::Apex => self.tip(kink.op(), count),
            Corner::Branch { above } => branch(match self {
                Convention::Left => !above,
                Convention::Right => above,
                Convention::First => true,
                Convention::Engine(_) => false,
            }),
        }
    }

    fn side(self, op: Op, sides: Sides) -> f64 {
        match self {
            Convention::Left => sides.left,
            Convention::Right => sides.right,
            Convention::First => sides.steepest(),
            Convention::Engine(engine) => engine.side(op, sides),
        }
    }

    fn shares(self, kink: &Kink, greater: bool) -> Slopes {
        let varies: SmallVec<[bool; 4]> = kink.statements().iter().map(Option::is_some).collect();
        let mut tied = kink.tied();
        let winner = match self {
            // The least is the first operand if each is less than those after it.
            Convention::Left if greater => tied.last(),
            Convention::Right if !greater => tied.last(),
            Convention::Left | Convention::Right => tied.next(),
            Convention::First => tied.find(|&i| varies[i]),
            Convention::Engine(_) => {
                let share = (tied.count() as f64).recip();
                let mut slopes = SmallVec::from_elem(0.0, varies.len());
                kink.tied().for_each(|i| slopes[i] = share);
                return slopes;
            }
        };
        one(winner, varies.len())
    }

    fn tip(self, op: Op, count: usize) -> Slopes {
        let each = match self {
            Convention::Engine(engine) => engine.tip(op),
            // No cone but a jump: no direction gives it a slope.
            _ if op == Op::Atan2 => 0.0,
            Convention::Left => -(count as f64).sqrt().recip(),
            Convention::Right => (count as f64).sqrt().recip(),
            Convention::First => return one(Some(0), count),
        };
        SmallVec::from_elem(each, count)
    }
}

/// Slope 1 for one operand.
pub(super) fn one(which: Option<usize>, count: usize) -> Slopes {
    let mut slopes = SmallVec::from_elem(0.0, count);
    if let Some(slope) = which.and_then(|which| slopes.get_mut(which)) {
        *slope = 1.0;
    }
    slopes
}

/// The slopes of a branch: by the comparison, by the first and by the second number.
pub(super) fn branch(holds: bool) -> Slopes {
    one(Some(if holds { 1 } else { 2 }), 3)
}
