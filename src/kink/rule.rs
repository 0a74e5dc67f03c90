//! The rules by which slopes are chosen at kinks.

use super::KinkError;
use crate::op::{Corner, Engine, Sides};
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
    /// The convention of [`Var::backward`]. A kink of one operand has the slope of least magnitude.
    /// Variables that tie share the slope equally, and a variable that ties with a constant has
    /// slope 0. At the tip of a cone all slopes are 0. A `select` follows the branch that it took.
    #[default]
    Default,
    /// As if operands came from below: the left slope; at a tie as if each were less than those after
    /// it; at the tip of a cone `-1/√n` for each of `n`.
    Left,
    /// As if operands came from above: the right slope; at a tie as if each were greater than those
    /// after it; at the tip of a cone `1/√n`.
    Right,
    /// The first operand wins. At a tie the first operand that varies has slope 1, and so has the
    /// first operand at the tip of a cone; a `select` follows its first branch. A kink of one
    /// operand has the slope of greater magnitude, the right one of two that are equal (`abs`,
    /// `relu` and `clamp` have 1).
    First,
    /// As PyTorch 2.15.0 does: `abs` and `relu` 0, `leaky_relu` the slope below, `clamp` between numbers 0,
    /// equal shares at ties with constants too, `norm` and `atan2` 0, `hypot` NaN. For `max_of` and
    /// `min_of` it is `amax` and `amin`; those along a dimension choose one operand. Bounds of `clamp`
    /// that are tensors share with the argument, as `x.max(lo).min(hi)` does here.
    ///
    /// What holds for every engine: a function of two pieces of your own has the slope of the left one, as
    /// their `elu` has. And a slope of 0 passes nothing on here, but NaN there: of `norm` squared at the
    /// origin a rule gives 0 where the engine multiplies 0 by its NaN. Where an engine has several
    /// spellings of an operation, the page [`kinks`](crate::kinks) says which one a rule follows.
    PyTorch,
    /// As PyTorch 2.13.0 does: as [`Rule::PyTorch`], but `clamp` 1 at its ends. (From 2.14.1 on it is 0.)
    PyTorch2_13,
    /// As JAX 0.12.0.1 does: `abs` 1, `relu` 0, `leaky_relu` the slope above, `clamp` (`jnp.clip`) and all ties
    /// equal shares with constants too, so that `clamp` of equal bounds has ¼; `hypot`, `norm` and
    /// `atan2` NaN.
    Jax,
    /// As JAX up to 0.11.0 does, of which 0.10.2 was run: as [`Rule::Jax`], but `hypot` ½ each.
    Jax0_11,
    /// As CasADi 3.8.2 does where a function is spelled in its operations: `abs` (`fabs`) 0; ties share, with
    /// constants too, and so do `relu`, `leaky_relu` and `clamp`, which are made of `fmax` and `fmin`;
    /// `hypot`, `atan2` and `norm` NaN, but `norm` of one number 0. `max_of` and `min_of` are `mmax` and
    /// `mmin` of `SX`, a chain of pairs from the left: ¼, ¼, ½ for three. (Those of `MX` share equally.)
    CasADi,
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
    /// [`Rule::Directional`] along your own direction. Variables that are not named do not move.
    /// Where your direction does not decide a kink, the pseudo-random one does.
    Along(&'a [Var<F>], &'a [F]),
    /// No choice at all: if the gradient depends on one, the sweep fails with
    /// [`KinkError::Met`](super::KinkError::Met).
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
            Corner::Sides(sides) => SmallVec::from_elem(self.side(kink, sides), count),
            Corner::Tie { greater } => self.shares(kink, greater),
            Corner::Apex => self.tip(kink, count),
            Corner::Jump => SmallVec::from_elem(self.at_jump(kink), count),
            Corner::Branch { above } => branch(match self {
                Convention::Left => !above,
                Convention::Right => above,
                Convention::First => true,
                Convention::Engine(_) => false,
            }),
        }
    }

    fn side(self, kink: &Kink, sides: Sides) -> f64 {
        match self {
            Convention::Left => sides.left,
            Convention::Right => sides.right,
            Convention::First => sides.steepest(),
            // Two pieces of the user's own are what `elu` is: the right one where `x > at`, else the left.
            Convention::Engine(engine) => elsewhere(engine, kink).unwrap_or(sides.left),
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
            Convention::Engine(engine) => {
                let count = kink.tied().count();
                let mut slopes = SmallVec::from_elem(0.0, varies.len());
                tied.enumerate().for_each(|(place, i)| slopes[i] = engine.share(place, count));
                return slopes;
            }
        };
        one(winner, varies.len())
    }

    fn tip(self, kink: &Kink, count: usize) -> Slopes {
        let each = match self {
            Convention::Engine(engine) => elsewhere(engine, kink).unwrap_or(f64::NAN),
            Convention::Left => -(count as f64).sqrt().recip(),
            Convention::Right => (count as f64).sqrt().recip(),
            Convention::First => return one(Some(0), count),
        };
        SmallVec::from_elem(each, count)
    }

    /// No direction gives it a slope.
    fn at_jump(self, kink: &Kink) -> f64 {
        match self {
            Convention::Engine(engine) => elsewhere(engine, kink).unwrap_or(f64::NAN),
            Convention::Left | Convention::Right | Convention::First => 0.0,
        }
    }
}

/// What an engine gives by each operand at a bend or a tip, if it has the operation.
fn elsewhere(engine: Engine, kink: &Kink) -> Option<f64> {
    kink.op().elsewhere(engine, kink.operands(), kink.parameters())
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
