//! The entries. `for_each_op!(emit)` hands all of them to the macro `emit`, `for_each_signature!(emit)` their names
//! and parameters alone.
//!
//! An entry of one argument reads
//!
//! ```text
//! /// Documentation: what it is, its slope, edges, convention, source.
//! method = Marker(parameter: kind, ...) {
//!     domain: "where it is defined",
//!     ulp: bar on the slope,
//!     example: (x; parameters => value, slope),
//!     hint: "what to write where it overflows or divides by zero"; // optional
//!     value: |x| ...,
//!     slope: |x, y| ...,                 // y is the value
//!     kinks: [(at, (left slope, right slope)), ...],
//!     ...
//! }
//! ```
//!
//! First the words, in any order, up to a semicolon; then the columns, in any order. Of the words only the hint may be
//! missing, of the columns all but the value and the slopes. An entry that lacks what it needs does not compile, and
//! the error names the entry and what that is.
//!
//! | column | what it holds | without it |
//! | --- | --- | --- |
//! | `curve: \|x, y, s\|` | the second derivative; `s` is the slope | 0 |
//! | `kinks: [(at, (left, right))]` | where, and the slopes on both sides | none |
//! | `bends: [(left, right)]` | the second derivatives on both sides of each kink | 0 |
//! | `elsewhere: \|engine, x\|` | what other engines give at the kink `x` | no kinks |
//! | `shape: Shape::Linear` | what it is between its kinks | curved |
//! | `tame: true` | finite arguments give a finite value and slope | that is looked at |
//! | `vector: \|x\|` | the value in loops over many numbers | `value` |
//! | `vector_slope: \|x, y\|` | the slope in such loops | `slope` |
//! | `reach: bound` | both up to this `\|x\|`; beyond, `value` and `slope` again | all |
//!
//! What the vector forms must be is said in [`vector`](super::vector). A form that is a function stands there by
//! its name: the closure around a long one would be a function of its own, and that is compiled for the baseline
//! alone. A curve is an expression in any
//! [`Scalar`](crate::Scalar) `S`, which programs record: it chooses by `S::select`, not by `if`, and what
//! is longer than a line is in `curve`. A parameter's kind is `i32`, or `real` for a number in the
//! caller's precision.
//!
//! An entry of two arguments has no parameters. Its columns are `value: |a, b|`, `slope_a: |a, b, y|`,
//! `slope_b`, and
//!
//! | column | what it holds | without it |
//! | --- | --- | --- |
//! | `curves: \|a, b, y\|` | the second derivatives: by `a` twice, by both, by `b` twice | 0 |
//! | `kink: \|a, b\|`, `corner` | whether there is a kink, and its shape | none |
//! | `elsewhere: \|engine\|` | what other engines give there, by each argument that takes part | no kinks |
//! | `shape` | as above | curved |
//! | `vector`, `vector_slope_a`, `vector_slope_b` | as above | as above |
//! | `rare: \|a, b, y\|` | where those slopes do not hold | nowhere |
//!
//! An entry of three arguments names the second and the third, `method = Marker(b, c)`, and its columns are
//! `value: |a, b, c|` and `slopes: |a, b, c, y|`, an array. An entry of a list has `value: |xs|` of a slice and
//! `slopes: |xs, y|`, as many as numbers. Slopes are expressions in any [`Scalar`](crate::Scalar), as curves are:
//! so the second derivatives, and all beyond, are those of the slopes, and no column holds them. Both
//! kinds are smooth inside their domains; what has kinks is composed of entries that have them.
//!
//! Value, slopes, kinks and their vector forms are printed as text, too, in functions of `x` and `y`, or of
//! `a`, `b` and `y`: so their arguments have these names, or `_`. A file of rules that they call stands in `text`.
//!
//! Then come the operations that have no group: operators, choices, and functions of lists with kinks, with
//! several results, or in the caller's own precision. They have a name, a number of arguments, the words `ulp` and
//! `hint`, and their rules in `arithmetic`, in `nary` and in the engines. A function of a list in the caller's own
//! precision is an entry by the word `list`, whose columns are
//!
//! | column | what it holds | without it |
//! | --- | --- | --- |
//! | `parts: type = \|xs, number, kept\|` | what value and slopes are made of; it comes first | |
//! | `value: \|parts, xs\|` | the value, which may look at the numbers again | |
//! | `slope: \|parts, x, own\|` | the slope by `x`; `own()` is what was kept for it | |
//! | `law: \|one, slope, value\|` | how slopes change, see [`List`](super::List) | not at all |
//! | `divisors: \|parts\|` | two factors of what the law divides by | 1 |
//! | `keeps: true` | a number is kept for each of the list | none is |
//! | `shifts: true` | a number that is added to all adds to the value | that is not so |
//! | `tip: true` | where it is 0, it is the tip of a cone | it has no kinks |
//!
//! One that is an element of its list has the word `extreme`, which says whether it is the `greater` one. Where several
//! are, it has a kink. One that makes a list, the slopes of another entry, has the word `shares`, which names that one;
//! its own slopes follow from the law. A sum over pairs of two lists has the word `pairs`, with the rule of a pair. A
//! function of a list without one of these words does not compile.
//!
//! Plain numbers, forward mode and both tapes compute lists from these columns, but for the runs of a dot product on a
//! tape, which are swept as vectors. Programs record lists as sums, products and quotients that are vector code over
//! rows and may be joined with others. A test compares what all of them compute with the columns. It takes its list of
//! operations from the table.

mod activation;
mod binary;
mod many;
mod others;
mod signature;
mod special;
pub(crate) mod text;
mod unary;

pub(crate) use activation::with_activation;
pub(crate) use binary::with_binary;
pub(crate) use many::with_many;
pub(crate) use others::with_others;
pub(crate) use special::with_special;
pub(crate) use unary::with_unary;

macro_rules! for_each_op {
    ($emit:ident) => {
        $crate::op::table::with_unary! { $emit }
    };
}
pub(crate) use for_each_op;
pub(crate) use signature::for_each_signature;

/// A parameter of an entry by its kind: its type among numbers of a type, and how it becomes one that the entry
/// takes, and comes from an `f64`.
macro_rules! parameter {
    (type i32, $F:ty) => {
        i32
    };
    (type real, $F:ty) => {
        $F
    };
    (take i32, $param:ident) => {
        $param
    };
    (take real, $param:ident) => {
        $crate::Real::to_double($param)
    };
    (give i32, $number:expr) => {
        $number as i32
    };
    (give real, $number:expr) => {
        $crate::Real::from_double($number)
    };
}
pub(crate) use parameter;

/// One of the words of an entry: the domain, the bar, the hint, or what the example is made into.
macro_rules! word {
    (domain; domain: $text:tt, $($rest:tt)*) => { $text };
    (ulp; ulp: $text:tt, $($rest:tt)*) => { stringify!($text) };
    (bar; ulp: $text:tt, $($rest:tt)*) => { $text as f64 };
    (hint; hint: $text:tt, $($rest:tt)*) => { Some($text) };
    (hint;) => { None };
    (
        unary $method:ident;
        example: ($x:literal $(; $($param:literal),+)? => $y:literal, $slope:literal),
        $($rest:tt)*
    ) => {
        concat!(
            "let x = tape.var(", stringify!($x), ");\n",
            "let y: Var = x.", stringify!($method), "(", $(stringify!($($param),+),)? ");\n",
            "assert_relative_eq!(y.value(), ", stringify!($y), ", max_relative = 1e-15);\n",
            "assert_relative_eq!(y.backward().wrt(x), ", stringify!($slope), ", max_relative = 1e-15);"
        )
    };
    (
        binary $method:ident;
        example: ($a:literal, $b:literal => $y:literal, $by_a:literal, $by_b:literal),
        $($rest:tt)*
    ) => {
        concat!(
            "let [a, b] = tape.vars([", stringify!($a), ", ", stringify!($b), "]);\n",
            "let y: Var = a.", stringify!($method), "(b);\n",
            "assert_relative_eq!(y.value(), ", stringify!($y), ", max_relative = 1e-15);\n",
            "let [by_a, by_b] = y.backward().wrt([a, b]);\n",
            "assert_relative_eq!(by_a, ", stringify!($by_a), ", max_relative = 1e-15);\n",
            "assert_relative_eq!(by_b, ", stringify!($by_b), ", max_relative = 1e-15);"
        )
    };
    (
        three $method:ident;
        example: ($a:literal, $b:literal, $c:literal => $y:literal, $($slope:literal),+),
        $($rest:tt)*
    ) => {
        concat!(
            "let [a, b, c] = tape.vars([", stringify!($a), ", ", stringify!($b), ", ", stringify!($c), "]);\n",
            "let y: Var = a.", stringify!($method), "(b, c);\n",
            "assert_relative_eq!(y.value(), ", stringify!($y), ", max_relative = 1e-15);\n",
            "let slopes = y.backward().wrt([a, b, c]);\n",
            "assert_relative_eq!(slopes[..], [", $(stringify!($slope), ", ",)+ "][..], max_relative = 1e-15);"
        )
    };
    (
        list $method:ident;
        example: ($xs:tt => $y:expr, $slopes:tt),
        $($rest:tt)*
    ) => {
        concat!(
            "let xs = tape.vars(", stringify!($xs), ");\n",
            "let y = Var::", stringify!($method), "(&xs);\n",
            "assert_relative_eq!(y.value(), ", stringify!($y), ", max_relative = 1e-15);\n",
            "let slopes = y.backward().wrt(xs);\n",
            "assert_relative_eq!(slopes[..], ", stringify!($slopes), "[..], max_relative = 1e-15);"
        )
    };
    ($($want:ident)+; $other:ident: $text:tt, $($rest:tt)*) => {
        $crate::op::table::word!($($want)+; $($rest)*)
    };
}
pub(crate) use word;
