//! Second derivatives along several directions: [`Dual2`].

use super::first::Dual;
use super::jet::{Jet, Local};
use super::lanes::{both, each, joined, scaled};
use crate::Real;
use crate::op::nary::tip_slopes;
use crate::op::{self, Binary, List, Many, Shares, Unary, arithmetic};
use smallvec::SmallVec;

/// A number with its first and second derivatives along `N` directions: value, gradient and Hessian,
/// computed forward.
///
/// It is to be had wherever a [`Dual`](crate::Dual) is, with the same values and gradients, and costs about
/// `1 + N + N²` plain evaluations. Second derivatives are those of the table's entries, closed forms that are
/// right to about 1e-10 in double precision and mostly to the last places.
///
/// # At kinks
///
/// One branch is taken for all orders, the one that the first direction along which the argument changes
/// enters, so `|x| |x|` has the second derivative 2 at 0. Where all first derivatives are 0 the second ones
/// decide, row by row; there a `Dual`, which has none, keeps to the default convention, so that gradients of the
/// two differ. The tip of a cone, as that of a norm, is along the first direction a straight line; of
/// the curvature across it, which is infinite, nothing is known, so the square of a norm has there only the
/// second derivative along that direction.
///
/// Of functions of the user's own, [`custom`](crate::Scalar::custom), only first derivatives are known: second
/// ones that depend on theirs are NaN.
///
/// ```
/// use wengert::Dual2;
/// let [x, y] = Dual2::seeds([2.0, 3.0]);
/// let z = x * x * y;
/// assert_eq!((z.value(), z.gradient()), (12.0, [12.0, 4.0]));
/// assert_eq!(z.hessian(), [[6.0, 4.0], [4.0, 0.0]]);
///
/// let x = Dual2::variable(0.0);
/// assert_eq!((x.abs() * x.abs()).second(), 2.0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Dual2<const N: usize = 1, F: Real = f64> {
    value: F,
    gradient: [F; N],
    /// Symmetric.
    hessian: [[F; N]; N],
}

impl<const N: usize, F: Real> Dual2<N, F> {
    /// The constant 0.
    pub const ZERO: Self = Self::new(F::UNITS[0], [F::UNITS[0]; N]);

    /// The constant 1.
    pub const ONE: Self = Self::new(F::UNITS[1], [F::UNITS[0]; N]);

    /// A number that changes by these slopes along straight lines.
    ///
    /// ```
    /// use wengert::Dual2;
    /// let x = Dual2::new(3.0, [1.0, 10.0]); // along two directions
    /// assert_eq!((x * x).hessian(), [[2.0, 20.0], [20.0, 200.0]]);
    /// ```
    #[inline(always)]
    pub const fn new(value: F, gradient: [F; N]) -> Self {
        Dual2 { value, gradient, hessian: [[F::UNITS[0]; N]; N] }
    }

    /// The variable that the direction of this number moves, with slope 1.
    ///
    /// # Panics
    /// If there are not so many directions.
    ///
    /// ```
    /// use wengert::Dual2;
    /// let y = Dual2::<2>::seed(2.0, 1).powi(3);
    /// assert_eq!(y.hessian(), [[0.0, 0.0], [0.0, 12.0]]);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn seed(value: F, direction: usize) -> Self {
        assert!(direction < N, "direction {direction} of a number with {N}");
        let mut gradient = [F::zero(); N];
        gradient[direction] = F::one();
        Self::new(value, gradient)
    }

    /// The `N` variables, each moved by a direction of its own.
    ///
    /// ```
    /// use wengert::Dual2;
    /// let [x, y] = Dual2::seeds([2.0, 5.0]);
    /// assert_eq!((x * y).hessian(), [[0.0, 1.0], [1.0, 0.0]]);
    /// ```
    #[inline(always)]
    pub fn seeds(values: [F; N]) -> [Self; N] {
        std::array::from_fn(|i| Self::seed(values[i], i))
    }

    /// The value.
    ///
    /// ```
    /// assert_eq!((wengert::Dual2::variable(3.0) * 2.0).value(), 6.0);
    /// ```
    #[inline(always)]
    pub fn value(self) -> F {
        self.value
    }

    /// The derivatives along the directions, in their order.
    ///
    /// ```
    /// use wengert::Dual2;
    /// let [x, y] = Dual2::seeds([2.0, 5.0]);
    /// assert_eq!((x * y).gradient(), [5.0, 2.0]);
    /// ```
    #[inline(always)]
    pub fn gradient(self) -> [F; N] {
        self.gradient
    }

    /// The second derivatives, along each two directions; symmetric.
    ///
    /// ```
    /// use wengert::Dual2;
    /// let [x, y] = Dual2::seeds([2.0, 0.0]);
    /// assert_eq!((x * y.exp()).hessian(), [[0.0, 1.0], [1.0, 2.0]]);
    /// ```
    #[inline(always)]
    pub fn hessian(self) -> [[F; N]; N] {
        self.hessian
    }

    /// What a function of the gradients adds to a Hessian, entry by entry.
    #[inline(always)]
    fn with_rows(mut self, row: impl Fn(usize, &[F; N]) -> [F; N]) -> Self {
        for (i, own) in self.hessian.iter_mut().enumerate() {
            *own = row(i, own);
        }
        self
    }

    /// With `curve · gᵢ gⱼ` added, of the gradient `g` of an argument.
    #[inline(always)]
    fn bent_by(self, g: &[F; N], curve: F) -> Self {
        if curve == F::zero() {
            return self;
        }
        self.with_rows(|i, own| {
            let products = each(g, |t| g[i] * t);
            both(own, &scaled(&products, curve), |sum, t| sum + t)
        })
    }

    /// With `curve · (gᵢ hⱼ + hᵢ gⱼ)` added, of the gradients of two arguments.
    #[inline(always)]
    fn twisted_by(self, g: &[F; N], h: &[F; N], curve: F) -> Self {
        if curve == F::zero() {
            return self;
        }
        self.with_rows(|i, own| {
            let products = joined((g[i], h), (h[i], g));
            both(own, &scaled(&products, curve), |sum, t| sum + t)
        })
    }
}

impl<F: Real> Dual2<1, F> {
    /// A variable, moved with slope 1 by the one direction.
    ///
    /// ```
    /// use wengert::Dual2;
    /// let y = Dual2::variable(3.0).powi(3);
    /// assert_eq!((y.value(), y.first(), y.second()), (27.0, 27.0, 18.0));
    /// ```
    #[inline(always)]
    pub fn variable(value: F) -> Self {
        Self::new(value, [F::one()])
    }

    /// The derivative along the one direction.
    ///
    /// ```
    /// use wengert::Dual2;
    /// assert_eq!(Dual2::variable(1.0).ln().first(), 1.0);
    /// ```
    #[inline(always)]
    pub fn first(self) -> F {
        self.gradient[0]
    }

    /// The second derivative along the one direction.
    ///
    /// ```
    /// use wengert::Dual2;
    /// assert_eq!(Dual2::variable(1.0).ln().second(), -1.0);
    /// ```
    #[inline(always)]
    pub fn second(self) -> F {
        self.hessian[0][0]
    }
}

impl<const N: usize, F: Real> Jet for Dual2<N, F> {
    type F = F;
    type Wide = Dual2<N, f64>;
    const ORDER: usize = 2;

    #[inline(always)]
    fn constant(value: F) -> Self {
        Self::new(value, [F::zero(); N])
    }
    #[inline(always)]
    fn here(&self) -> F {
        self.value
    }
    #[inline(always)]
    fn parts(&self) -> impl Iterator<Item = F> {
        let upper =
            self.hessian.into_iter().enumerate().flat_map(|(i, entry)| entry.into_iter().skip(i));
        self.gradient.into_iter().chain(upper)
    }
    #[inline(always)]
    fn widen(self) -> Dual2<N, f64> {
        Dual2 {
            value: self.value.to_double(),
            gradient: self.gradient.map(F::to_double),
            hessian: self.hessian.map(|entry| entry.map(F::to_double)),
        }
    }
    #[inline(always)]
    fn narrow(wide: Dual2<N, f64>, value: F) -> Self {
        let gradient = wide.gradient.map(F::from_double);
        let hessian = wide.hessian.map(|entry| entry.map(F::from_double));
        Dual2 { value, gradient, hessian }
    }
    #[inline(always)]
    fn shifted(self, value: F) -> Self {
        Dual2 { value, ..self }
    }
    #[inline(always)]
    fn chained(self, value: F, slope: F) -> Self {
        let gradient = scaled(&self.gradient, slope);
        Dual2 { value, gradient, ..self }.with_rows(|_, own| scaled(own, slope))
    }
    #[inline(always)]
    fn joined(self, other: Self, (value, by_self, by_other): (F, F, F)) -> Self {
        let gradient = joined((by_self, &self.gradient), (by_other, &other.gradient));
        let sum = Dual2 { value, gradient, ..self };
        sum.with_rows(|i, own| joined((by_self, own), (by_other, &other.hessian[i])))
    }
    #[inline(always)]
    fn plus(self, other: Self, value: F) -> Self {
        let gradient = both(&self.gradient, &other.gradient, |s, t| s + t);
        let sum = Dual2 { value, gradient, ..self };
        sum.with_rows(|i, own| both(own, &other.hessian[i], |s, t| s + t))
    }
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        let (value, by_self, by_other) = arithmetic::mul(self.value, other.value);
        let (g, h) = (&self.gradient, &other.gradient);
        let gradient = joined((by_self, g), (by_other, h));
        // In one pass.
        Dual2 { value, gradient, ..self }.with_rows(|i, own| {
            let straight = joined((by_self, own), (by_other, &other.hessian[i]));
            both(&straight, &joined((g[i], h), (h[i], g)), |sum, t| sum + t)
        })
    }
    /// From `y = a / b` and `b y = a`: `b y'' = a'' - y b'' - (b' y'ᵀ + y' b'ᵀ)`.
    #[inline(always)]
    fn over(self, other: Self) -> Self {
        let (value, by_self, by_other) = arithmetic::div(self.value, other.value);
        let quotient = self.joined(other, (value, by_self, by_other));
        let own = quotient.gradient;
        quotient.twisted_by(&other.gradient, &own, -by_self)
    }
    #[inline(always)]
    fn under(self, number: F) -> Self {
        let (value, by_number, slope) = arithmetic::div(number, self.value);
        let curve = -(slope * by_number) - slope * by_number;
        self.chained(value, slope).bent_by(&self.gradient, curve)
    }
    #[inline(always)]
    fn unary<O: Unary>(self, entry: O) -> Self {
        let (y, slope, curve, _) = self.local(entry);
        let [value, slope, curve] = [y, slope, curve].map(F::from_double);
        self.chained(value, slope).bent_by(&self.gradient, curve)
    }
    #[inline(always)]
    fn smooth<O: Binary>(self, other: Self, entry: O) -> Self {
        let (a, b) = (self.value.to_double(), other.value.to_double());
        let y = entry.value(a, b);
        // The slopes by what does not change lead nowhere, so they are not used.
        let kept = [self.is_level(), other.is_level()].map(|level| if level { 0.0 } else { 1.0 });
        let keep = |kept: f64, slope: f64| if kept == 0.0 { 0.0 } else { slope };
        let by_a = keep(kept[0], entry.slope_a(a, b, y));
        let by_b = keep(kept[1], entry.slope_b(a, b, y));
        let (twice_a, mixed, twice_b) = entry.curves(a, b, y);
        let curves =
            [keep(kept[0], twice_a), keep(kept[0] * kept[1], mixed), keep(kept[1], twice_b)];
        let [twice_a, mixed, twice_b] = curves.map(F::from_double);
        let [value, by_a, by_b] = [y, by_a, by_b].map(F::from_double);
        self.joined(other, (value, by_a, by_b))
            .bent_by(&self.gradient, twice_a)
            .twisted_by(&self.gradient, &other.gradient, mixed)
            .bent_by(&other.gradient, twice_b)
    }
    /// `Σ sᵢ xᵢ'' + Σ sᵢ' xᵢ'ᵀ` with the slopes `sᵢ`, of which the second sum is symmetric.
    fn many<O: Many>(xs: &[Self], entry: O) -> Self {
        let first = |x: &Self| Dual::new(x.value, x.gradient).widen();
        let moved: SmallVec<[Dual<N, f64>; 8]> = xs.iter().map(first).collect();
        let y = Jet::many(&moved, entry);
        let slopes = entry.slopes(&moved, y);
        let straight = xs.iter().zip(&slopes).map(|(&x, s)| (x, F::from_double(s.here())));
        let straight = Self::combined(straight, F::from_double(y.here()));
        let half = F::from_double(0.5);
        xs.iter().zip(&slopes).fold(straight, |sum, (x, s)| {
            sum.twisted_by(&x.gradient, &s.tangents().map(F::from_double), half)
        })
    }
    /// Along the first direction in which they move, `m`, the norm is a straight line, with the slopes
    /// `m / |m|`; where they all stand still, their second derivatives are the `m`.
    fn tip(xs: &[Self]) -> Self {
        let zero = Self::constant(F::zero());
        let part = |which, i: usize| xs[i].parts().nth(which).unwrap_or(F::zero());
        match tip_slopes(xs.len(), zero.parts().count(), part) {
            Some(slopes) => Self::combined(xs.iter().copied().zip(slopes), F::zero()),
            None => zero,
        }
    }
    /// `Σ sᵢ xᵢ'' + Σ wᵢ wᵢᵀ pᵢ / q`: see [`List`].
    #[inline(always)]
    fn list_at<O: List>(xs: &[Self], at: Local<'_, O, F>) -> Self {
        let terms = xs.iter().enumerate().map(|(i, &x)| (x, at.slope(i, x.value)));
        let mut sum = Self::combined(terms, at.value);
        if O::LINEAR {
            return sum;
        }
        let number = |x: &Self| Dual::new(x.value, x.gradient);
        let rate = sum.gradient;
        for (across, by) in Dual::turns(xs, number, at, || rate) {
            sum = sum.bent_by(&across, by);
        }
        sum
    }
    /// Each is `e^-ln Σ e^(xⱼ - xᵢ)`, whose derivatives do not cancel where it is nearly 1.
    fn shares<O: Shares>(xs: &[Self], _: O) -> Vec<Self> {
        let (zero, one) = (F::zero(), F::one());
        let mut kept: SmallVec<[F; 8]> = SmallVec::new();
        let at = Local::of(xs, Self::here, O::OF, &mut kept);
        let at = Local { value: zero, ..at };
        let share = |(own, &share): (&Self, &F)| {
            let apart = |x: &Self| x.joined(*own, (zero, one, -one));
            let apart: SmallVec<[Self; 8]> = xs.iter().map(apart).collect();
            let log = Self::list_at(&apart, at);
            log.chained(zero, -one).unary(op::Exp {}).chained(share, share)
        };
        xs.iter().zip(at.kept).map(share).collect()
    }
    /// The curve is not known, so second derivatives are NaN, but along what does not change.
    fn known(args: &[Self], value: F, partials: &[F]) -> Self {
        let straight = Self::combined(args.iter().copied().zip(partials.iter().copied()), value);
        args.iter().fold(straight, |sum, x| sum.bent_by(&x.gradient, F::nan()))
    }
}
