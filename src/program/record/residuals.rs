//! Several expressions at once, for every engine: [`Residuals`], and the macro that writes them.

use crate::Scalar;

/// Several values of the same parameters and row: the residuals of a model, as least squares takes them.
///
/// [`residuals!`](crate::residuals) writes one from a closure-like form; a type of your own can hold what
/// else is needed.
///
/// ```
/// use wengert::{Scalar, program::{Program, Residuals}};
///
/// /// A sum of exponentials, of as many as there are pairs of parameters, at these times.
/// struct Decay(Vec<(f64, f64)>);
/// impl Residuals for Decay {
///     fn at<T: Scalar>(&self, parameters: &[T], _: &[T]) -> Vec<T> {
///         let model = |t: f64| parameters.chunks(2).map(|p| p[0] * (p[1] * -t).exp()).sum::<T>();
///         self.0.iter().map(|&(t, y)| model(t) - y).collect()
///     }
/// }
/// let decay = Decay(vec![(0.0, 3.0), (1.0, 1.0)]);
/// assert_eq!(decay.at(&[2.0, 0.0], &[]), [-1.0, 1.0]);
/// let program = Program::record_residuals(&decay, &[2.0, 0.0], &[])?;
/// # Ok::<(), wengert::program::RecordError>(())
/// ```
pub trait Residuals {
    /// The values. `T` is a plain number, a variable of the tape or a term of a program.
    ///
    /// ```
    /// use wengert::{program::Residuals, residuals};
    /// assert_eq!(residuals!(|[a], [x]| [a - x, a * x]).at(&[2.0], &[3.0]), [-1.0, 6.0]);
    /// ```
    fn at<T: Scalar>(&self, parameters: &[T], row: &[T]) -> Vec<T>;

    /// How many parameters they take, if that is fixed.
    ///
    /// ```
    /// use wengert::{program::Residuals, residuals};
    /// assert_eq!(residuals!(|[a, b], [x]| [a - x, b * x]).parameter_count(), Some(2));
    /// ```
    fn parameter_count(&self) -> Option<usize> {
        None
    }

    /// How many columns a row has, if that is fixed.
    ///
    /// ```
    /// use wengert::{program::Residuals, residuals};
    /// assert_eq!(residuals!(|[a], [x]| [a - x, a * x]).column_count(), Some(1));
    /// ```
    fn column_count(&self) -> Option<usize> {
        None
    }

    /// What the parameters are called, in their order, and what the columns; lists may be shorter.
    ///
    /// ```
    /// use wengert::{program::Residuals, residuals};
    /// assert_eq!(residuals!(|[a], [x]| [a - x, a * x]).names(), [&["a"][..], &["x"]]);
    /// ```
    fn names(&self) -> [&'static [&'static str]; 2] {
        [&[]; 2]
    }
}

/// Writes [`Residuals`](crate::program::Residuals) in the form of [`objective!`](crate::objective): the
/// expression is an array, or a `Vec`, of `T`.
///
/// ```
/// use wengert::{program::Residuals, residuals};
/// let powell = residuals!(|[a, b]| [1e4 * a * b - 1.0, (-a).exp() + (-b).exp() - 1.0001]);
/// assert_eq!(powell.at(&[0.0, 0.0], &[]), [-1.0, 0.9999]);
///
/// let times = &[1.0, 2.0, 3.0];
/// let growth = residuals!((times: &[f64; 3]) |[a]| times.map(|t| (a * t).exp()).to_vec());
/// assert_eq!(growth.at(&[0.0], &[]), [1.0; 3]);
/// ```
#[macro_export]
macro_rules! residuals {
    ($(($($name:ident : $Type:ty),+ $(,)?))? |$parameters:tt $(, $row:tt)?| $body:expr) => {
        $crate::expression!(
            Residuals, ::std::vec::Vec<T>, ::std::vec::Vec::from($body),
            { $($($name: $Type),+)? }, $parameters, ($($row)?)
        )
    };
}
