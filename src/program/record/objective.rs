//! An expression for every engine: [`Objective`], and the macro that writes one.

use crate::Scalar;

/// A loss written once, for plain numbers, for the tape and for programs.
///
/// It is a function of parameters and of one row of data; without data it is a function of the
/// parameters alone. [`objective!`](crate::objective) writes one from a closure-like form; a type
/// of your own can hold what else the loss needs:
///
/// ```
/// use wengert::{Objective, Scalar};
/// use wengert::loss::{Huber, Loss};
/// use wengert::program::Program;
///
/// /// The line `a x + b`, by Huber's loss.
/// struct Line(Huber);
/// impl Objective for Line {
///     fn at<T: Scalar>(&self, parameters: &[T], row: &[T]) -> T {
///         let (&[a, b], &[x, y]) = (parameters, row) else {
///             panic!("two parameters and two columns")
///         };
///         self.0.at(a * x + b, y)
///     }
/// }
/// let loss = Line(Huber::new(2.0)?);
/// assert_eq!(loss.at(&[1.0, 0.5], &[2.0, 2.0]), 0.125);
/// let program = Program::record(&loss, &[1.0, 0.5], &[2.0, 2.0])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Objective {
    /// The value. `T` is a plain number, a variable of the tape or a term of a program.
    ///
    /// ```
    /// use wengert::{Objective, objective};
    /// let loss = objective!(|[a], [x, y]| (a * x - y).abs());
    /// assert_eq!(loss.at(&[2.0], &[3.0, 5.0]), 1.0);
    /// ```
    fn at<T: Scalar>(&self, parameters: &[T], row: &[T]) -> T;

    /// How many parameters it takes, if that is fixed.
    ///
    /// ```
    /// use wengert::{Objective, objective};
    /// assert_eq!(objective!(|[a, b], [x]| a * x + b).parameter_count(), Some(2));
    /// ```
    fn parameter_count(&self) -> Option<usize> {
        None
    }

    /// How many columns a row has, if that is fixed.
    ///
    /// ```
    /// use wengert::{Objective, objective};
    /// assert_eq!(objective!(|w, [x]| w[0] * x).column_count(), Some(1));
    /// ```
    fn column_count(&self) -> Option<usize> {
        None
    }

    /// What the parameters are called, in their order, and what the columns; lists may be shorter.
    ///
    /// ```
    /// use wengert::{Objective, objective};
    /// assert_eq!(objective!(|[a, b], [x]| a * x + b).names(), [&["a", "b"][..], &["x"]]);
    /// ```
    fn names(&self) -> [&'static [&'static str]; 2] {
        [&[]; 2]
    }
}

/// Writes an [`Objective`] from a closure-like form: parameters, then columns, each as an array of
/// names or as one name for a slice.
///
/// A Rust closure is not generic, and an objective must be: it runs on plain numbers, on the tape
/// and as a program. So this is an item of its own, which sees constants and functions around it; in
/// it `T` is the number, as in `T::dot`. What it takes from the function around it, which must be
/// `Copy`, as numbers and what is borrowed are, stands before the bars, with its type.
///
/// ```
/// use wengert::{Objective, Scalar, Var, gradient, objective};
///
/// // The article's model, by absolute error.
/// let loss = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
/// assert_eq!(loss.at(&[-2.0, 30.0], &[1.0, 99.0]), 71.0); // on plain numbers
/// let at_one = |p: &[Var]| loss.at(p, &[1.0.into(), 99.0.into()]);
/// assert_eq!(gradient(at_one, &[-2.0, 30.0]).1, [-1.0, -1.0]); // on the tape
///
/// // A slice of parameters, no data.
/// let square = objective!(|w| w.iter().map(|w| w.square()).sum());
/// assert_eq!(square.at(&[3.0, 4.0], &[]), 25.0);
///
/// // Numbers on either side.
/// let area = objective!(|[length]| length * (100.0 - length));
/// assert_eq!(area.at(&[57.0], &[]), 2451.0);
///
/// // With a number from outside.
/// let width = 0.5;
/// let band = objective!((width: f64) |[a], [x]| ((a - x).abs() - width).relu());
/// assert_eq!(band.at(&[1.0], &[3.0]), 1.5);
///
/// // With numbers that are borrowed.
/// let weights = &vec![0.5, 2.0];
/// let score = objective!((weights: &[f64]) |p| T::dot(p, weights));
/// assert_eq!(score.at(&[4.0, 1.0], &[]), 4.0);
/// ```
#[macro_export]
macro_rules! objective {
    ($(($($name:ident : $Type:ty),+ $(,)?))? |$parameters:tt $(, $row:tt)?| $body:expr) => {
        $crate::expression!(
            Objective, T, $body, { $($($name: $Type),+)? }, $parameters, ($($row)?)
        )
    };
}

/// An item that implements a trait of expressions.
#[doc(hidden)]
#[macro_export]
macro_rules! expression {
    (
        $Trait:ident, $Value:ty, $body:expr, {}, $parameters:tt, $row:tt
    ) => {{
        #[derive(Clone, Copy)]
        struct Expression;
        $crate::expression!(impl $Trait, $Value, Expression, {}, $parameters, $row, $body);
        Expression
    }};
    (
        $Trait:ident, $Value:ty, $body:expr, { $($name:ident : $Type:ty),+ }, $parameters:tt, $row:tt
    ) => {{
        // Its types are parameters, so that what is borrowed needs no lifetime of a name.
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy)]
        struct Expression<$($name),+> {
            $($name: $name),+
        }
        $crate::expression!(
            impl $Trait, $Value, Expression, { $($name: $Type),+ }, $parameters, $row, $body
        );
        $(let $name: $Type = $name;)+
        Expression { $($name),+ }
    }};
    (
        impl $Trait:ident, $Value:ty, $Expression:ident, { $($name:ident : $Type:ty),* },
        $parameters:tt, ($($row:tt)?), $body:expr
    ) => {
        impl $crate::program::$Trait for $Expression<$($Type),*> {
            #[inline]
            fn at<T: $crate::Scalar>(&self, parameters: &[T], row: &[T]) -> $Value {
                // An expression need not use each of its names.
                $(#[allow(unused_variables)] let $name = self.$name;)*
                $crate::expression!(bind $parameters = parameters, "parameters");
                $($crate::expression!(bind $row = row, "columns");)?
                let _ = row;
                $body
            }
            fn parameter_count(&self) -> ::core::option::Option<usize> {
                $crate::expression!(count $parameters)
            }
            fn column_count(&self) -> ::core::option::Option<usize> {
                $crate::expression!(columns $($row)?)
            }
            fn names(&self) -> [&'static [&'static str]; 2] {
                [$crate::expression!(names $parameters), $crate::expression!(names $($row)?)]
            }
        }
    };
    (bind [$($name:ident),* $(,)?] = $list:ident, $what:literal) => {
        // An expression need not use each of its names.
        #[allow(unused_variables)]
        let &[$($name),*] = $list else {
            ::core::panic!(
                "the objective takes {} {}, but has {}",
                <[&str]>::len(&[$(::core::stringify!($name)),*]), $what, $list.len()
            )
        };
    };
    (bind $name:ident = $list:ident, $what:literal) => {
        let $name = $list;
    };
    (columns) => { ::core::option::Option::Some(0) };
    (columns $row:tt) => { $crate::expression!(count $row) };
    (count [$($name:ident),* $(,)?]) => {
        ::core::option::Option::Some(<[&str]>::len(&[$(::core::stringify!($name)),*]))
    };
    (count $name:ident) => { ::core::option::Option::None };
    (names [$($name:ident),* $(,)?]) => { &[$(::core::stringify!($name)),*] };
    (names $($name:ident)?) => { &[] };
}
