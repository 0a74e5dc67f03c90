//! The names of the operations: [`Op`].

use super::table::{parameter, word};
use super::{Binary, Engine, Unary, for_each_op};
use crate::Scalar;

macro_rules! others {
    (arity (any)) => {
        None
    };
    (arity ($count:literal)) => {
        Some(($count, 0))
    };
    (apply $args:ident; $pattern:pat $(if $fits:expr)? => $result:expr) => {
        match $args {
            $pattern $(if $fits)? => Some($result),
            _ => None,
        }
    };
}

macro_rules! emit_names {
    (
        unary { $(
            $(#[doc = $doc:literal])+
            $unary:ident = $Unary:ident ( $($param:ident : $kind:ident),* ) {
                $($word:ident: $text:tt),+;
                $($rest:tt)*
            }
        )+ }
        binary { $(
            $(#[doc = $bdoc:literal])+
            $binary:ident = $Binary:ident {
                $($bword:ident: $btext:tt),+;
                $($brest:tt)*
            }
        )+ }
        three { $(
            $(#[doc = $tdoc:literal])+
            $three:ident = $Three:ident $named:tt {
                $($tword:ident: $ttext:tt),+;
                $($trest:tt)*
            }
        )+ }
        list { $(
            $(#[doc = $ldoc:literal])+
            $list:ident = $List:ident {
                $($lword:ident: $ltext:tt),+;
                $($lrest:tt)*
            }
        )+ }
        others { $(
            $(#[doc = $odoc:literal])+
            $Other:ident { name: $oname:literal, arity: $arity:tt, apply: ($($apply:tt)+), $($oword:ident: $otext:tt,)+ }
        )+ }
    ) => {
        /// The name of an operation.
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
            $(#[doc = concat!("[`Scalar::", stringify!($three), "`]")] $Three,)+
            $(#[doc = concat!("[`Scalar::", stringify!($list), "`]")] $List,)+
            $($(#[doc = $odoc])+ $Other,)+
            /// A function that the user defined, [`Scalar::custom`].
            Custom(&'static str),
        }

        impl Op {
            /// The functions of one and of two arguments, in the table's order.
            ///
            /// ```
            /// use wengert::op::Op;
            /// assert!(Op::ENTRIES.contains(&Op::Tanh));
            /// ```
            pub const ENTRIES: &'static [Op] = &[$(Op::$Unary,)+ $(Op::$Binary,)+];

            /// The functions of three arguments and of lists, the operators, and choices.
            ///
            /// ```
            /// use wengert::op::Op;
            /// assert!(Op::OTHERS.contains(&Op::LogSumExp));
            /// ```
            pub const OTHERS: &'static [Op] =
                &[$(Op::$Three,)+ $(Op::$List,)+ $(Op::$Other,)+];

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
                    $(Op::$Three => stringify!($three),)+
                    $(Op::$List => stringify!($list),)+
                    $(Op::$Other => $oname,)+
                    Op::Custom(name) => name,
                }
            }

            /// How many differentiable arguments and how many plain parameters it takes; `None` for
            /// a function of a list, which takes any number.
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
                    $(Op::$Three => Some((3, 0)),)+
                    $(Op::$List => None,)+
                    $(Op::$Other => others!(arity $arity),)+
                    Op::Custom(_) => None,
                }
            }

            /// The bar on the error of its slopes, in units in the last place; `None` for a
            /// function of your own.
            ///
            /// ```
            /// use wengert::op::Op;
            /// assert_eq!(Op::Exp.ulps(), Some(1.0));
            /// ```
            pub fn ulps(self) -> Option<f64> {
                match self {
                    $(Op::$Unary => Some(word!(bar; $($word: $text,)+)),)+
                    $(Op::$Binary => Some(word!(bar; $($bword: $btext,)+)),)+
                    $(Op::$Three => Some(word!(bar; $($tword: $ttext,)+)),)+
                    $(Op::$List => Some(word!(bar; $($lword: $ltext,)+)),)+
                    $(Op::$Other => Some(word!(bar; $($oword: $otext,)+)),)+
                    Op::Custom(_) => None,
                }
            }

            /// What to write instead where this operation gives an infinity or NaN.
            ///
            /// ```
            /// use wengert::op::Op;
            /// assert!(Op::Sqrt.hint().is_some());
            /// ```
            pub fn hint(self) -> Option<&'static str> {
                match self {
                    $(Op::$Unary => word!(hint; $($word: $text,)+),)+
                    $(Op::$Binary => word!(hint; $($bword: $btext,)+),)+
                    $(Op::$Three => word!(hint; $($tword: $ttext,)+),)+
                    $(Op::$List => word!(hint; $($lword: $ltext,)+),)+
                    $(Op::$Other => word!(hint; $($oword: $otext,)+),)+
                    Op::Custom(_) => None,
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
                        $(let $param = _next.next()? as parameter!(type $kind, f64);)*
                        super::$Unary { $($param),* }.elsewhere(engine, *operands.first()?)
                    })+
                    $(Op::$Binary => super::$Binary.elsewhere(engine),)+
                    $(Op::$Three => None,)+
                    $(Op::$List => None,)+
                    Op::MaxOf | Op::MinOf => {
                        let [before, after] = parameters.map(|count| count as usize);
                        Some(engine.share(before, before + 1 + after))
                    }
                    Op::Norm => Some(engine.norm(operands.len())),
                    Op::Neg | Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Rem | Op::MulAdd => None,
                    Op::SumOf | Op::Mean | Op::Dot | Op::LogSumExp | Op::Softmax => None,
                    Op::Select | Op::Custom(_) => None,
                }
            }

            /// Applies an operation by name: `args` are its differentiable arguments, `parameters`
            /// the plain ones. `None` if it takes another number of arguments or parameters, or is
            /// a function of your own. A dot product takes the numbers of one side and then those
            /// of the other. A softmax gives its first share. A choice gives the second argument
            /// where the first is above 0, else the third.
            ///
            /// ```
            /// use wengert::op::Op;
            /// assert_eq!(Op::Abs.apply(&[-2.0], &[]), Some(2.0));
            /// assert_eq!(Op::Clamp.apply(&[-2.0], &[0.0, 1.0]), Some(0.0));
            /// assert_eq!(Op::Abs.apply(&[1.0, 2.0], &[]), None);
            /// ```
            #[track_caller]
            pub fn apply<F: crate::Real, S: Scalar<F>>(self, args: &[S], parameters: &[f64]) -> Option<S> {
                // A list that does not fit has no result.
                #[allow(unreachable_patterns)]
                match self {
                    $(Op::$Unary => match (args, parameters) {
                        (&[x], &[$($param),*]) => Some(x.$unary($(parameter!(give $kind, $param)),*)),
                        _ => None,
                    },)+
                    _ if !parameters.is_empty() => None,
                    $(Op::$Binary => match args {
                        &[a, b] => Some(a.$binary(b)),
                        _ => None,
                    },)+
                    $(Op::$Three => match args {
                        &[a, b, c] => Some(a.$three(b, c)),
                        _ => None,
                    },)+
                    $(Op::$List => Some(S::$list(args)),)+
                    $(Op::$Other => others!(apply args; $($apply)+),)+
                    Op::Custom(_) => None,
                }
            }
        }
    };
}
for_each_op!(emit_names);
