//! The table of elementary functions: one row an operation.
//!
//! The private `table` holds the rows, `rule` and `special` the formulas too long for a row. From
//! a row come a marker type (`Sin`), a name in the enum [`Op`], and the method of
//! [`Scalar`] with its documentation, and through it every engine. Rows are
//! written for `f64`; single precision rounds their results. The arithmetic operators, which must
//! run in the caller's own precision, are in `arithmetic`.

pub(crate) mod arithmetic;
mod corner;
mod curve;
mod engine;
mod row;
mod rule;
mod special;
pub(crate) mod table;
pub(crate) mod vector;

pub(crate) use arithmetic::Quotient;
pub use corner::{Corner, Sides};
pub(crate) use engine::Engine;
pub(crate) use row::{Binary, Kinks, Unary};
pub(crate) use table::for_each_op;

use crate::scalar::Scalar;
use engine::Engine::{CasADi, Jax, Jax0_11, PyTorch, PyTorch2_13};
use smallvec::smallvec;
use std::f64::consts::{LN_2, LN_10};

macro_rules! parameter {
    (type i32) => {
        i32
    };
    (type real) => {
        f64
    };
    (parse i32, $text:expr) => {
        $text as i32
    };
    (parse real, $text:expr) => {
        F::from_double($text)
    };
}

macro_rules! emit_rows {
    (
        unary { $(
            $(#[doc = $doc:literal])+
            $unary:ident = $Unary:ident ( $($param:ident : $kind:ident),* ) {
                domain: $domain:literal,
                value: |$x:pat_param| $value:expr,
                slope: |$sx:pat_param, $sy:pat_param| $slope:expr,
                $(curve: |$cx:pat_param, $cy:pat_param, $cs:pat_param| $curve:expr,)?
                $(vector: |$vx:pat_param| $vvalue:expr,)?
                $(vector_slope: |$vsx:pat_param, $vsy:pat_param| $vslope:expr,)?
                $(reach: $reach:expr,)?
                $(
                    kinks: { $($at:expr => ($left:expr, $right:expr)),+ },
                    elsewhere: |$engine:pat_param, $ex_at:pat_param| $elsewhere:expr,
                )?
                ulp: $ulp:literal,
                example: $ex:literal ( $($ep:literal),* ) => $ey:literal, $es:literal,
                $(hint: $hint:literal,)?
            }
        )+ }
        binary { $(
            $(#[doc = $bdoc:literal])+
            $binary:ident = $Binary:ident {
                domain: $bdomain:literal,
                value: |$a:pat_param, $b:pat_param| $bvalue:expr,
                slopes: |$da:pat_param, $db:pat_param, $dy:pat_param| ($slope_a:expr, $slope_b:expr),
                $(curves: |$ca:pat_param, $cb:pat_param, $cy2:pat_param| $curves:expr,)?
                $(vector: |$va:pat_param, $vb:pat_param| $vbvalue:expr,)?
                $(vector_slopes: |$vda:pat_param, $vdb:pat_param, $vdy:pat_param| ($vslope_a:expr, $vslope_b:expr),)?
                $(rare: |$ra:pat_param, $rb:pat_param, $ry:pat_param| $rare:expr,)?
                $(
                    kink: |$ka:pat_param, $kb:pat_param| $when:expr => $corner:expr,
                    elsewhere: |$bengine:pat_param| $belsewhere:expr,
                )?
                ulp: $bulp:literal,
                example: ($exa:literal, $exb:literal) => $bey:literal, ($bea:literal, $beb:literal),
                $(hint: $bhint:literal,)?
            }
        )+ }
    ) => {
        $(
            #[doc = concat!("The row `", stringify!($unary), "`.")]
            #[derive(Clone, Copy)]
            pub(crate) struct $Unary { $(pub(crate) $param: parameter!(type $kind)),* }

            // A row need not use each parameter in each of its columns.
            #[allow(unused_variables)]
            impl Unary for $Unary {
                const OP: Op = Op::$Unary;
                // The functions with kinks are piecewise linear, and those alone. A parameter may be so
                // great that a slope or a value is not finite.
                const TAME: bool =
                    Self::KINKED && <[&str]>::is_empty(&[$(stringify!($param)),*]);
                const KINKED: bool = !<[&str]>::is_empty(&[$($(stringify!($left)),+)?]);
                #[inline(always)]
                fn value(self, $x: f64) -> f64 {
                    let $Unary { $($param),* } = self;
                    $value
                }
                #[inline(always)]
                fn slope(self, $sx: f64, $sy: f64) -> f64 {
                    let $Unary { $($param),* } = self;
                    $slope
                }
                fn curve<S: Scalar>(self, x: S, y: S, slope: S) -> S {
                    let $Unary { $($param),* } = self;
                    let column: &[S] = &[$({
                        let ($cx, $cy, $cs) = (x, y, slope);
                        $curve
                    })?];
                    column.first().copied().unwrap_or_else(|| S::from(0.0))
                }
                $(
                    #[inline(always)]
                    fn vector_value(self, $vx: f64) -> f64 {
                        $vvalue
                    }
                )?
                $(
                    #[inline(always)]
                    fn vector_slope(self, $vsx: f64, $vsy: f64) -> f64 {
                        $vslope
                    }
                )?
                $(const REACH: f64 = $reach;)?
                #[inline(always)]
                fn kink(self, x: f64) -> Option<Corner> {
                    let $Unary { $($param),* } = self;
                    $($(if x == $at {
                        return Some(Corner::Sides(Sides { left: $left, right: $right }));
                    })+)?
                    None
                }
                #[inline(always)]
                fn is_smooth(self, x: f64) -> bool {
                    let $Unary { $($param),* } = self;
                    $($((x < $at || $at < x) &&)+)? true
                }
                fn kinks(self) -> Kinks {
                    let $Unary { $($param),* } = self;
                    smallvec![$($(($at, Sides { left: $left, right: $right })),+)?]
                }
                fn elsewhere(self, engine: Engine, x: f64) -> Option<f64> {
                    let $Unary { $($param),* } = self;
                    $({
                        let ($engine, $ex_at) = (engine, x);
                        return Some($elsewhere);
                    })?
                    #[allow(unreachable_code)]
                    None
                }
                fn parameters(self) -> [f64; 2] {
                    let mut all = [0.0; 2];
                    let own: &[f64] = &[$(f64::from(self.$param)),*];
                    all[..own.len()].copy_from_slice(own);
                    all
                }
            }
        )+
        $(
            #[doc = concat!("The row `", stringify!($binary), "`.")]
            #[derive(Clone, Copy)]
            pub(crate) struct $Binary;

            // A row need not use each argument in each of its columns.
            #[allow(unused_variables)]
            impl Binary for $Binary {
                const OP: Op = Op::$Binary;
                #[allow(unused_assignments, unused_mut)]
                const CORNER: Option<Corner> = {
                    let mut corner = None;
                    $(corner = Some($corner);)?
                    corner
                };
                #[inline(always)]
                fn value(self, $a: f64, $b: f64) -> f64 {
                    $bvalue
                }
                #[inline(always)]
                fn slope_a(self, $da: f64, $db: f64, $dy: f64) -> f64 {
                    $slope_a
                }
                #[inline(always)]
                fn slope_b(self, $da: f64, $db: f64, $dy: f64) -> f64 {
                    $slope_b
                }
                $(
                    fn curves<S: Scalar>(self, $ca: S, $cb: S, $cy2: S) -> (S, S, S) {
                        $curves
                    }
                )?
                $(
                    #[inline(always)]
                    fn vector_value(self, $va: f64, $vb: f64) -> f64 {
                        $vbvalue
                    }
                )?
                $(
                    #[inline(always)]
                    fn vector_slope_a(self, $vda: f64, $vdb: f64, $vdy: f64) -> f64 {
                        $vslope_a
                    }
                    #[inline(always)]
                    fn vector_slope_b(self, $vda: f64, $vdb: f64, $vdy: f64) -> f64 {
                        $vslope_b
                    }
                )?
                $(
                    #[inline(always)]
                    fn rare(self, $ra: f64, $rb: f64, $ry: f64) -> bool {
                        $rare
                    }
                )?
                #[inline(always)]
                fn kink(self, a: f64, b: f64) -> Option<Corner> {
                    $({
                        let ($ka, $kb) = (a, b);
                        if $when {
                            return Some($corner);
                        }
                    })?
                    None
                }
                fn elsewhere(self, engine: Engine) -> Option<f64> {
                    $({
                        let $bengine = engine;
                        return Some($belsewhere);
                    })?
                    #[allow(unreachable_code)]
                    None
                }
            }
        )+

        /// The name of an operation: a row of the table, or what else can meet a kink or leave the
        /// finite numbers.
        ///
        /// ```
        /// use wengert::{Tape, op::Op};
        /// let tape = Tape::new();
        /// let root = tape.var(0.0).sqrt();
        /// assert_eq!(tape.troubles()[0].op(), Op::Sqrt); // an infinite slope
        /// assert_eq!(Op::Sqrt.apply(&[9.0], &[]), Some(3.0));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Op {
            $(#[doc = concat!("[`Scalar::", stringify!($unary), "`]")] $Unary,)+
            $(#[doc = concat!("[`Scalar::", stringify!($binary), "`]")] $Binary,)+
            /// The operator `/`.
            Div,
            /// [`Scalar::max_of`]
            MaxOf,
            /// [`Scalar::min_of`]
            MinOf,
            /// [`Scalar::norm`]
            Norm,
            /// [`Scalar::select`]
            Select,
            /// A function that the user defined, [`Scalar::custom`].
            Custom(&'static str),
        }

        impl Op {
            /// The rows of the table, in its order.
            ///
            /// ```
            /// use wengert::op::Op;
            /// assert!(Op::ROWS.contains(&Op::Tanh));
            /// ```
            pub const ROWS: &'static [Op] = &[$(Op::$Unary,)+ $(Op::$Binary,)+];

            /// The name of the method, or the sign of the operator.
            ///
            /// ```
            /// use wengert::op::Op;
            /// assert_eq!(Op::LogAddExp.name(), "log_add_exp");
            /// ```
            pub fn name(self) -> &'static str {
                match self {
                    $(Op::$Unary => stringify!($unary),)+
                    $(Op::$Binary => stringify!($binary),)+
                    Op::Div => "/",
                    Op::MaxOf => "max_of",
                    Op::MinOf => "min_of",
                    Op::Norm => "norm",
                    Op::Select => "select",
                    Op::Custom(name) => name,
                }
            }

            /// How many differentiable arguments and how many plain parameters a row takes;
            /// `None` for what is not a row.
            ///
            /// ```
            /// use wengert::op::Op;
            /// assert_eq!(Op::Hypot.arity(), Some((2, 0)));
            /// assert_eq!(Op::Clamp.arity(), Some((1, 2)));
            /// ```
            pub fn arity(self) -> Option<(usize, usize)> {
                match self {
                    $(Op::$Unary => Some((1, <[&str]>::len(&[$(stringify!($param)),*]))),)+
                    $(Op::$Binary => Some((2, 0)),)+
                    _ => None,
                }
            }

            /// The bar on a row's slopes, in units in the last place; `None` for what is not a row.
            ///
            /// ```
            /// use wengert::op::Op;
            /// assert_eq!(Op::Exp.ulps(), Some(1.0));
            /// ```
            pub fn ulps(self) -> Option<f64> {
                match self {
                    $(Op::$Unary => Some($ulp as f64),)+
                    $(Op::$Binary => Some($bulp as f64),)+
                    _ => None,
                }
            }

            /// What to write instead where this operation leaves the finite numbers.
            ///
            /// ```
            /// use wengert::op::Op;
            /// assert!(Op::Sqrt.hint().is_some());
            /// ```
            pub fn hint(self) -> Option<&'static str> {
                match self {
                    $($(Op::$Unary => Some($hint),)?)+
                    $($(Op::$Binary => Some($bhint),)?)+
                    Op::Div => Some("keep the divisor away from 0"),
                    _ => None,
                }
            }

            /// The slope that an engine gives by each operand at a kink of one or at the tip of a cone, of
            /// an operation with these parameters; `None` of what has no kinks, or no counterpart there.
            ///
            /// Of `max_of` and `min_of` the parameters say how many constants that tie with the operand
            /// stand before it and after it.
            pub(crate) fn elsewhere(
                self,
                engine: Engine,
                operands: &[f64],
                parameters: [f64; 2],
            ) -> Option<f64> {
                match self {
                    $(Op::$Unary => {
                        let mut _next = parameters.into_iter();
                        $(let $param = _next.next()? as parameter!(type $kind);)*
                        $Unary { $($param),* }.elsewhere(engine, *operands.first()?)
                    })+
                    $(Op::$Binary => $Binary.elsewhere(engine),)+
                    Op::MaxOf | Op::MinOf => {
                        let [before, after] = parameters.map(|count| count as usize);
                        Some(engine.share(before, before + 1 + after))
                    }
                    Op::Norm => Some(engine.norm(operands.len())),
                    Op::Div | Op::Select | Op::Custom(_) => None,
                }
            }

            /// Applies a row by name: `args` are its differentiable arguments, `parameters` the
            /// plain ones. `None` if this is no row or the numbers of arguments do not fit.
            ///
            /// ```
            /// use wengert::op::Op;
            /// assert_eq!(Op::Abs.apply(&[-2.0], &[]), Some(2.0));
            /// assert_eq!(Op::Clamp.apply(&[-2.0], &[0.0, 1.0]), Some(0.0));
            /// assert_eq!(Op::Abs.apply(&[1.0, 2.0], &[]), None);
            /// ```
            #[track_caller]
            pub fn apply<F: crate::Real, S: Scalar<F>>(self, args: &[S], parameters: &[f64]) -> Option<S> {
                match (self, args, parameters) {
                    $((Op::$Unary, &[x], &[$($param),*]) => {
                        Some(x.$unary($(parameter!(parse $kind, $param)),*))
                    })+
                    $((Op::$Binary, &[a, b], &[]) => Some(a.$binary(b)),)+
                    _ => None,
                }
            }
        }
    };
}
for_each_op!(emit_rows);
