//! Functions of the user's own, for [`Scalar`](crate::Scalar).

use crate::Real;
use crate::op::Sides;

macro_rules! custom_methods {
    () => {
        /// A function of your own: from the values of its arguments, `rule` gives its value and
        /// its partial by each. `name` appears in reports.
        ///
        /// ```
        /// use wengert::{Scalar, gradient_array};
        /// fn softsign<T: Scalar>(x: T) -> T {
        ///     T::custom("softsign", [x], |[x]| {
        ///         let d = 1.0 + x.abs();
        ///         (x / d, [1.0 / (d * d)])
        ///     })
        /// }
        /// assert_eq!(softsign(1.0), 0.5);
        /// assert_eq!(gradient_array(|[x]| softsign(x), [1.0]), (0.5, [0.25]));
        /// ```
        fn custom<const N: usize>(
            name: &'static str,
            args: [Self; N],
            rule: impl FnOnce([F; N]) -> (F, [F; N]),
        ) -> Self;

        /// A function of your own with a kink: two smooth pieces that meet at `at`, each giving
        /// its value and slope. At the kink all rules apply, the default being the slope of least
        /// magnitude.
        ///
        /// ```
        /// use wengert::{Rule, Scalar, Tape};
        /// fn elu<T: Scalar>(x: T) -> T {
        ///     T::custom_pieces("elu", x, 0.0, |x| (2.0 * x.exp_m1(), 2.0 * x.exp()), |x| (x, 1.0))
        /// }
        /// let tape = Tape::new();
        /// let x = tape.var(0.0);
        /// let y = elu(x);
        /// assert_eq!(y.backward().wrt(x), 1.0);
        /// assert_eq!(y.backward_with(Rule::Left)?.wrt(x), 2.0);
        /// # Ok::<(), wengert::KinkError>(())
        /// ```
        #[track_caller]
        fn custom_pieces(
            name: &'static str,
            x: Self,
            at: F,
            left: impl Fn(F) -> (F, F),
            right: impl Fn(F) -> (F, F),
        ) -> Self {
            let one = |(value, slope)| (value, [slope]);
            if x < at {
                Self::custom(name, [x], |[x]| one(left(x)))
            } else {
                Self::custom(name, [x], |[x]| one(right(x)))
            }
        }

        /// [`Scalar::custom`] for a list of arguments whose length is known only at run time.
        ///
        /// # Panics
        /// If `rule` does not give one partial for each argument.
        ///
        /// ```
        /// use wengert::Scalar;
        /// let product = f64::custom_slice("product", &[2.0, 3.0], |x| {
        ///     (x[0] * x[1], [x[1], x[0]].into_iter().collect())
        /// });
        /// assert_eq!(product, 6.0);
        /// ```
        fn custom_slice(
            name: &'static str,
            args: &[Self],
            rule: impl FnOnce(&[F]) -> (F, Partials<F>),
        ) -> Self;
    };
}
pub(crate) use custom_methods;

/// Value and slope at `x` of two pieces that meet at `at`; at the kink the slopes on both sides too, if nothing
/// there is infinite or NaN. The kink itself counts as of the right piece.
pub(crate) fn pieces<F: Real>(
    x: F,
    at: F,
    left: impl Fn(F) -> (F, F),
    right: impl Fn(F) -> (F, F),
) -> (F, F, Option<Sides>) {
    if x < at {
        let (value, slope) = left(x);
        return (value, slope, None);
    }
    let (value, slope) = right(x);
    if x != at {
        return (value, slope, None);
    }
    let (_, other) = left(at);
    let finite = [value, slope, other].iter().all(|x| x.is_finite());
    let sides = Sides { left: other.to_double(), right: slope.to_double() };
    (value, slope, finite.then_some(sides))
}
