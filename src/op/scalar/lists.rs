//! The functions of lists of numbers, for [`Scalar`](crate::Scalar).

macro_rules! list_methods {
    () => {
        /// Sum of a slice; 0 if empty. One statement on a tape.
        ///
        /// As std's sums it begins with -0, the number that changes no other: the sum of one number
        /// is that number, be it -0, and the sum of nothing is -0, which equals 0.
        ///
        /// ```
        /// use wengert::Scalar;
        /// assert_eq!(f64::sum_of(&[1.0, 2.0, 4.0]), 7.0);
        /// ```
        fn sum_of(xs: &[Self]) -> Self;

        /// Arithmetic mean of a slice; NaN if empty. One statement on a tape.
        ///
        /// It is the sum over the count, so that it is infinite where the sum is beyond the range.
        ///
        /// ```
        /// use wengert::Scalar;
        /// assert_eq!(f64::mean(&[1.0, 2.0, 6.0]), 3.0);
        /// ```
        fn mean(xs: &[Self]) -> Self;

        /// Dot product `Σ aᵢ bᵢ`; 0 if empty. Begins as [`Scalar::sum_of`] does. Either side may be plain numbers. One statement on
        /// a tape, which keeps runs of neighbouring variables as ranges, so that the reverse
        /// sweep over them is vector code.
        ///
        /// # Panics
        /// If the lengths differ; [`Scalar::try_dot`] says so instead.
        ///
        /// ```
        /// use wengert::Scalar;
        /// assert_eq!(f64::dot(&[1.0, 2.0], &[3.0, 4.0]), 11.0);
        /// ```
        fn dot<T: Copy + Into<Self> + 'static>(a: &[Self], b: &[T]) -> Self;

        /// [`Scalar::dot`], with an error where the lengths differ.
        ///
        /// # Errors
        /// If the lengths differ.
        ///
        /// ```
        /// use wengert::Scalar;
        /// assert_eq!(f64::try_dot(&[1.0, 2.0], &[3.0, 4.0])?, 11.0);
        /// assert!(f64::try_dot(&[1.0, 2.0], &[3.0]).is_err());
        /// # Ok::<(), wengert::LengthError>(())
        /// ```
        #[track_caller]
        fn try_dot<T: Copy + Into<Self> + 'static>(
            a: &[Self],
            b: &[T],
        ) -> Result<Self, LengthError> {
            LengthError::check(a.len(), b.len())?;
            Ok(Self::dot(a, b))
        }

        /// Euclidean norm `√Σ xᵢ²`, scaled so that it neither overflows nor underflows unduly.
        /// Slopes `xᵢ / norm`; all 0 at the origin.
        ///
        /// ```
        /// use wengert::Scalar;
        /// assert_eq!(f64::norm(&[3.0, 4.0]), 5.0);
        /// ```
        fn norm(xs: &[Self]) -> Self;

        /// The greatest of a slice, `-∞` if empty; NaN if any is NaN. Ties share the slope
        /// equally; a tie with a constant has slope 0.
        ///
        /// ```
        /// use wengert::Scalar;
        /// assert_eq!(f64::max_of(&[3.0, 4.0, -1.0]), 4.0);
        /// ```
        fn max_of(xs: &[Self]) -> Self;

        /// The least of a slice, `+∞` if empty; NaN if any is NaN. Ties as in
        /// [`Scalar::max_of`].
        ///
        /// ```
        /// use wengert::Scalar;
        /// assert_eq!(f64::min_of(&[3.0, 4.0, -1.0]), -1.0);
        /// ```
        fn min_of(xs: &[Self]) -> Self;

        /// The numbers of a slice in ascending order; all NaN if any is NaN.
        ///
        /// Each is one of them, with its slope. Those that tie meet kinks of [`Scalar::max`] and
        /// [`Scalar::min`], which share their slopes.
        ///
        /// Without ties, a tape sorts the variables and writes nothing. With ties, and in a program,
        /// whose order is that of each row, `n` numbers are sorted by about `n (log₂ n)² / 4` pairs of
        /// a minimum and a maximum: 1,100 pairs of 100 numbers, 25,000 of 1000.
        ///
        /// ```
        /// use wengert::{Scalar, gradient_array};
        /// assert_eq!(f64::sorted(&[3.0, 1.0, 2.0]), [1.0, 2.0, 3.0]);
        /// // The range without the greatest and the least.
        /// let trimmed = |x: [wengert::Var; 4]| {
        ///     let x = Scalar::sorted(&x[..]);
        ///     x[2] - x[1]
        /// };
        /// let (value, slopes) = gradient_array(trimmed, [5.0, 2.0, 9.0, -1.0]);
        /// assert_eq!((value, slopes), (3.0, [1.0, -1.0, 0.0, 0.0]));
        /// ```
        fn sorted(xs: &[Self]) -> Vec<Self>;

        /// The quantile of a slice: the least at level 0, the greatest at 1, and between two ranks
        /// of the sorted list, which lie `1 / (n - 1)` apart, on the line from one to the other.
        /// NaN if empty, or if any is NaN. Slopes, kinks and cost are those of [`Scalar::sorted`],
        /// with two differences: a tape looks for ties at these ranks alone, and a program makes
        /// only the exchanges that lead to them, and counts each tie that it meets on the way. The
        /// mean of two numbers that tie with no third has no kink.
        ///
        /// # Panics
        /// If the level is not between 0 and 1; [`Scalar::try_quantile_of`] says so instead.
        ///
        /// ```
        /// use wengert::Scalar;
        /// assert_eq!(f64::quantile_of(&[4.0, 1.0, 2.0], 0.75), 3.0);
        /// ```
        #[track_caller]
        fn quantile_of(xs: &[Self], level: F) -> Self;

        /// [`Scalar::quantile_of`], with an error where the level is none.
        ///
        /// # Errors
        /// If the level is not between 0 and 1.
        ///
        /// ```
        /// use wengert::{ListError, Scalar};
        /// assert_eq!(f64::try_quantile_of(&[4.0, 1.0, 2.0], 0.75)?, 3.0);
        /// assert!(f64::try_quantile_of(&[4.0, 1.0, 2.0], 75.0).is_err());
        /// # Ok::<(), ListError>(())
        /// ```
        #[track_caller]
        fn try_quantile_of(xs: &[Self], level: F) -> Result<Self, ListError> {
            ListError::level(level)?;
            Ok(Self::quantile_of(xs, level))
        }

        /// The median of a slice, its [quantile](Scalar::quantile_of) of level ½: the middle one, or
        /// the mean of the two in the middle.
        ///
        /// ```
        /// use wengert::{Scalar, Tape, Var};
        /// assert_eq!(f64::median_of(&[4.0, 1.0, 2.0]), 2.0);
        /// let tape = Tape::new();
        /// let x = tape.vars([4.0, 1.0, 1.0]);
        /// let tied = Var::median_of(&x).backward();
        /// assert!(!tied.is_classical()?); // it is the greater of two equal numbers
        /// # Ok::<(), wengert::KinkError>(())
        /// ```
        #[track_caller]
        fn median_of(xs: &[Self]) -> Self {
            Self::quantile_of(xs, F::from_double(0.5))
        }

        /// `ln Σ e^xᵢ` without overflow; `-∞` if empty. Slopes: the softmax of `xs`. Near its zeros, where the
        /// greatest number and a logarithm cancel, the value keeps its digits, at the cost of some more exponentials.
        ///
        /// ```
        /// use wengert::Scalar;
        /// assert_eq!(f64::log_sum_exp(&[1000.0, 1000.0]), 1000.0 + 2f64.ln());
        /// let half = 0.5_f64.ln(); // rounded, so that the two halves come to a little more than 1
        /// assert_eq!(f64::log_sum_exp(&[half, half]), 2.3190468138462996e-17);
        /// ```
        fn log_sum_exp(xs: &[Self]) -> Self;

        /// `yᵢ = e^xᵢ / Σ e^xⱼ` for each `i`, without overflow. Slopes `yᵢ (1 - yᵢ)` by `xᵢ` and
        /// `-yᵢ yⱼ` by the others; `n` statements of `n` edges on a tape. For a loss,
        /// [`Scalar::log_sum_exp`] is cheaper and more accurate.
        ///
        /// ```
        /// use wengert::Scalar;
        /// assert_eq!(f64::softmax(&[1.0, 1.0]), [0.5, 0.5]);
        /// ```
        fn softmax(xs: &[Self]) -> Vec<Self>;
    };
}
pub(crate) use list_methods;
