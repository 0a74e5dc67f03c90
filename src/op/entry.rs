//! What an entry of the table is to its consumers.

use super::{Corner, Engine, Op, Sides};
use crate::op::nary;
use crate::op::scalar::Scalar;
use crate::real::Number;
use smallvec::SmallVec;

/// What a function is between its kinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Anything.
    Curved,
    /// Straight pieces: the slope depends on the argument alone, and its derivative is 0.
    Linear,
    /// Straight pieces with jumps between them.
    Jumps,
}

/// The columns of an entry as text: name and expression of each.
pub(crate) type Text = &'static [(&'static str, &'static str)];

/// An entry of one argument. `self` carries the parameters that are not differentiated.
pub(crate) trait Unary: Copy + Send + Sync + 'static {
    /// The entry's name.
    const OP: Op;
    /// Its columns as text; none of what stands in no table.
    const TEXT: Text = &[];
    /// The names of its parameters in that text, and their kinds.
    const PARAMETERS: Text = &[];
    /// What it is between its kinks.
    const SHAPE: Shape = Shape::Curved;
    /// Whether finite arguments always give a finite value and finite slopes, by construction of the entry.
    const TAME: bool = false;
    /// Whether there are kinks.
    const KINKED: bool = false;
    /// The function.
    fn value(self, x: f64) -> f64;
    /// Its derivative at `x`, where `y` is its value, away from kinks.
    fn slope(self, x: f64, y: f64) -> f64;
    /// [`Unary::value`] for loops over many numbers: see [`vector`](super::vector).
    #[inline(always)]
    fn vector_value(self, x: f64) -> f64 {
        self.value(x)
    }
    /// [`Unary::slope`] for loops over many numbers.
    #[inline(always)]
    fn vector_slope(self, x: f64, y: f64) -> f64 {
        self.slope(x, y)
    }
    /// The greatest magnitude that the two forms for loops are for. Beyond, [`slice`](super::vector::slice) takes
    /// the ordinary ones.
    const REACH: f64 = f64::INFINITY;
    /// The one-sided slopes, if `x` is a kink.
    #[inline(always)]
    fn kink(self, _x: f64) -> Option<Corner> {
        None
    }
    /// Whether `x` surely is no kink: not so of NaN, where there are kinks. One comparison tells.
    #[inline(always)]
    fn is_smooth(self, _x: f64) -> bool {
        true
    }
    /// The derivative of the slope, as an expression of argument, value and slope: 0 of an entry that
    /// is piecewise linear, at its kinks too.
    fn curve<S: Scalar>(self, _x: S, _y: S, _slope: S) -> S {
        S::from(0.0)
    }
    /// Where it has kinks, and the slopes on their sides. Of two at one place the first counts.
    fn kinks(self) -> Kinks {
        Kinks::new()
    }
    /// The second derivatives on the sides of the kinks, in their order; none if they are all 0.
    fn bends(self) -> Bends {
        Bends::new()
    }
    /// The slope that an engine gives at the kink `x`, if there are kinks.
    fn elsewhere(self, _engine: Engine, _x: f64) -> Option<f64> {
        None
    }
    /// The plain parameters, and 0 for those that there are not.
    fn parameters(self) -> [f64; 2];
    /// How far `x` lies above the nearest kink, and the slopes on its sides.
    fn nearest(self, x: f64) -> Option<(f64, Sides)> {
        nearer(self.kinks().into_iter().map(|(at, sides)| (x - at, sides)))
    }
}

/// The kinks of an entry of one argument.
pub(crate) type Kinks = SmallVec<[(f64, Sides); 2]>;

/// The second derivatives on the sides of the kinks of an entry of one argument.
pub(crate) type Bends = SmallVec<[Sides; 2]>;

/// The nearer of two kinks, the first of two equally near.
fn nearer(kinks: impl IntoIterator<Item = (f64, Sides)>) -> Option<(f64, Sides)> {
    kinks.into_iter().reduce(|near, other| if other.0.abs() < near.0.abs() { other } else { near })
}

/// An entry of three arguments, or of a list. It has no kinks.
pub(crate) trait Many: Copy {
    /// The entry's name.
    const OP: Op;
    /// Its columns as text.
    const TEXT: Text;
    /// How many arguments it takes; `None` of a list.
    const ARITY: Option<usize>;
    /// The function.
    fn value(self, xs: &[f64]) -> f64;
    /// Its derivatives by each argument, as expressions of all and the value: their own derivatives are the second
    /// ones.
    fn slopes<S: Scalar>(self, xs: &[S], y: S) -> Slopes<S>;
}

/// The slopes of an entry by each of its arguments.
pub(crate) type Slopes<S> = SmallVec<[S; 8]>;

/// An entry of a list in the caller's own precision, of which engines keep forms of their own: it is linear, or its
/// slopes `s` change by a [law](List::law).
///
/// ```text
/// q s' = p w        w = x' - a y'        y' = Σ s x'        Σ s' a = 0
/// ```
///
/// So `y''` is `Σ s x'' + Σ s' w`, of which the second sum is one of squares, `Σ w² p / q`: nothing cancels, and
/// derivatives of every order follow.
pub(crate) trait List: Copy {
    /// The entry's name.
    const OP: Op;
    /// Whether its slopes do not change.
    const LINEAR: bool = true;
    /// Whether value and slopes are made of a number for each of the list too.
    const KEEPS: bool = false;
    /// Whether it is the tip of a cone where it is 0.
    const TIP: bool = false;
    /// Whether slopes are shares of 1, and a number that is added to all adds to the value and changes none of them:
    /// then so does the change of one of them, and `x' - x'ₘ` stands for `x'` in `w`, where the slope `sₘ` is most.
    const SHIFTS: bool = false;
    /// What value and slopes are made of.
    type Parts<F: Number>: Copy;
    /// That of numbers, of which `kept` takes one for each if the entry keeps them.
    fn parts<F: Number, T>(
        self,
        xs: &[T],
        number: impl Fn(&T) -> F + Copy,
        kept: &mut (impl Extend<F> + AsMut<[F]>),
    ) -> Self::Parts<F>;
    /// The function, from what it is made of and the numbers again, which it need not look at.
    fn value<F: Number>(self, parts: Self::Parts<F>, xs: impl Iterator<Item = F> + Clone) -> F;
    /// Its slope by the number `x`, for which `own` was kept.
    fn slope<F: Number>(self, parts: Self::Parts<F>, x: F, own: impl FnOnce() -> F) -> F;
    /// `p`, `q` and `a` of an entry that is not linear, each of them 1, the slope or the value.
    #[inline(always)]
    fn law<T: Copy>(self, one: T, _slope: T, _value: T) -> [T; 3] {
        [one; 3]
    }
    /// Two factors of `q` here, which are in the range where their product is not.
    #[inline(always)]
    fn divisors<F: Number>(self, _parts: Self::Parts<F>) -> [F; 2] {
        [F::one(); 2]
    }
}

/// An entry that makes a list of a list: the slopes `y` of a [`List`] that [shifts](List::SHIFTS), keeps them, and
/// divides by nothing in its law. So it has no rules of its own: by that law, in which the value then has no part,
///
/// ```text
/// yᵢ' = p (xᵢ' - Σ yⱼ xⱼ')
/// ```
///
/// As an operation of one result it is the first of the list.
pub(crate) trait Shares: Copy {
    /// The entry whose slopes they are.
    type Of: List;
    /// The same.
    const OF: Self::Of;
}

/// An entry of two lists of one length: the [sum](nary::sum) of what it makes of each pair.
pub(crate) trait Pairs: Copy {
    /// What it makes of a pair, and the slopes of that, which are those of the whole.
    fn pair<F: Number>(self, a: F, b: F) -> (F, F, F);
    /// The function.
    #[inline(always)]
    fn value<F: Number>(self, pairs: impl ExactSizeIterator<Item = (F, F)>) -> F {
        nary::sum(pairs.map(|(a, b)| self.pair(a, b).0))
    }
}

/// An entry of a list that is one of its elements: the greatest, or the least. Where several are, it has a kink.
pub(crate) trait Extreme: Copy {
    /// The entry's name.
    const OP: Op;
    /// Whether it is the greatest.
    const GREATER: bool;
    /// The shape of its kinks.
    const CORNER: Corner = Corner::Tie { greater: Self::GREATER };
    /// The function.
    #[inline(always)]
    fn value<F: Number>(self, xs: impl Iterator<Item = F>) -> F {
        if Self::GREATER { nary::max(xs) } else { nary::min(xs) }
    }
}

/// An entry of two arguments.
pub(crate) trait Binary: Copy + Send + Sync + 'static {
    /// The entry's name.
    const OP: Op;
    /// Its columns as text; none of what stands in no table.
    const TEXT: Text = &[];
    /// What it is between its kinks.
    const SHAPE: Shape = Shape::Curved;
    /// The shape of its kinks, if there are any.
    const CORNER: Option<Corner> = None;
    /// Whether engines hand it the magnitude of the first argument, of which it is a function: then it has the
    /// kink of that.
    const OF_MAGNITUDE: bool = false;
    /// The function.
    fn value(self, a: f64, b: f64) -> f64;
    /// Its derivative by the first argument, where `y` is its value, away from kinks.
    fn slope_a(self, a: f64, b: f64, y: f64) -> f64;
    /// Its derivative by the second argument.
    fn slope_b(self, a: f64, b: f64, y: f64) -> f64;
    /// Whether the arguments are at a kink.
    #[inline(always)]
    fn is_kink(self, _a: f64, _b: f64) -> bool {
        false
    }
    /// What the function looks like there, if the arguments are at a kink.
    #[inline(always)]
    fn kink(self, a: f64, b: f64) -> Option<Corner> {
        if self.is_kink(a, b) { Self::CORNER } else { None }
    }
    /// The slope that an engine gives by each argument that takes part in a kink, if there are kinks.
    fn elsewhere(self, _engine: Engine) -> Option<f64> {
        None
    }
    /// [`Binary::value`] for loops over many numbers: see [`vector`](super::vector).
    #[inline(always)]
    fn vector_value(self, a: f64, b: f64) -> f64 {
        self.value(a, b)
    }
    /// [`Binary::slope_a`] for loops over many numbers.
    #[inline(always)]
    fn vector_slope_a(self, a: f64, b: f64, y: f64) -> f64 {
        self.slope_a(a, b, y)
    }
    /// [`Binary::slope_b`] for loops over many numbers.
    #[inline(always)]
    fn vector_slope_b(self, a: f64, b: f64, y: f64) -> f64 {
        self.slope_b(a, b, y)
    }
    /// Whether the two slopes for loops do not hold there, so that [`slice`](super::vector::slice) takes the
    /// ordinary ones.
    #[inline(always)]
    fn rare(self, _a: f64, _b: f64, _y: f64) -> bool {
        false
    }
    /// The second derivatives, as expressions of both arguments and the value: by the first
    /// argument twice, by both, and by the second twice. All are 0 of an entry that is piecewise linear,
    /// at its kinks too.
    fn curves<S: Scalar>(self, _a: S, _b: S, _y: S) -> (S, S, S) {
        let zero = S::from(0.0);
        (zero, zero, zero)
    }
}
