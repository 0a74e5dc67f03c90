//! From the columns of the table to the markers of its entries.
//!
//! A new column has an arm here and an item in [`entry`](super::entry); those who do not ask for it do not
//! see it.

use super::engine::Engine::{CasADi, Jax, Jax0_11, PyTorch, PyTorch2_13};
use super::engine::{self, Engine};
use super::entry::Text;
use super::table::parameter;
use super::{
    Bends, Binary, Corner, Extreme, Kinks, List, Many, Op, Pairs, Shape, Shares, Sides, Slopes,
    Unary, for_each_op,
};
use super::{activation, arithmetic, curve, nary, rule, special, vector};
use crate::Scalar;
use crate::real::Number;
use std::f64::consts::{LN_2, LN_10};

/// Calls a column of the table, whose arguments get their types here.
#[inline(always)]
fn call<A, R>(column: impl FnOnce(A) -> R, a: A) -> R {
    column(a)
}
#[inline(always)]
fn call2<A, B, R>(column: impl FnOnce(A, B) -> R, a: A, b: B) -> R {
    column(a, b)
}
#[inline(always)]
fn call3<A, B, C, R>(column: impl FnOnce(A, B, C) -> R, a: A, b: B, c: C) -> R {
    column(a, b, c)
}

#[inline(always)]
fn call4<A, B, C, D, R>(column: impl FnOnce(A, B, C, D) -> R, a: A, b: B, c: C, d: D) -> R {
    column(a, b, c, d)
}

/// A column of an entry of one argument, as an item of its implementation of [`Unary`].
macro_rules! unary_column {
    (@fn $Unary:ident ($($param:ident : $kind:ident),*)
        $(#[$inline:meta])? $name:ident $(<$S:ident>)? ($($arg:ident : $type:ty),*) -> $result:ty { $($body:tt)* }
    ) => {
        $(#[$inline])?
        fn $name $(<$S: Scalar>)? (self $(, $arg: $type)*) -> $result {
            let $Unary { $($param),* } = self;
            $($body)*
        }
    };
    ($entry:tt $params:tt value: $column:expr) => {
        unary_column! { @fn $entry $params #[inline(always)] value(x: f64) -> f64 { call($column, x) } }
    };
    ($entry:tt $params:tt slope: $column:expr) => {
        unary_column! { @fn $entry $params #[inline(always)] slope(x: f64, y: f64) -> f64 { call2($column, x, y) } }
    };
    ($entry:tt $params:tt curve: $column:expr) => {
        unary_column! { @fn $entry $params curve<S>(x: S, y: S, slope: S) -> S { call3($column, x, y, slope) } }
    };
    ($entry:tt $params:tt kinks: $column:expr) => {
        const KINKED: bool = true;
        unary_column! { @fn $entry $params #[inline(always)] kink(x: f64) -> Option<Corner> {
            for (at, (left, right)) in $column.into_iter() {
                if x == at {
                    return Some(Corner::Sides(Sides { left, right }));
                }
            }
            None
        } }
        unary_column! { @fn $entry $params #[inline(always)] is_smooth(x: f64) -> bool {
            $column.into_iter().all(|(at, _)| x < at || at < x)
        } }
        unary_column! { @fn $entry $params kinks() -> Kinks {
            $column.into_iter().map(|(at, (left, right))| (at, Sides { left, right })).collect()
        } }
    };
    ($entry:tt $params:tt bends: $column:expr) => {
        unary_column! { @fn $entry $params bends() -> Bends {
            $column.into_iter().map(|(left, right)| Sides { left, right }).collect()
        } }
    };
    ($entry:tt $params:tt elsewhere: $column:expr) => {
        unary_column! { @fn $entry $params elsewhere(engine: Engine, x: f64) -> Option<f64> {
            call2($column, engine, x).into()
        } }
    };
    ($entry:tt $params:tt shape: $column:expr) => { const SHAPE: Shape = $column; };
    ($entry:tt $params:tt tame: $column:expr) => { const TAME: bool = $column; };
    ($entry:tt $params:tt vector: $column:expr) => {
        unary_column! { @fn $entry $params #[inline(always)] vector_value(x: f64) -> f64 { call($column, x) } }
    };
    ($entry:tt $params:tt vector_slope: $column:expr) => {
        unary_column! { @fn $entry $params #[inline(always)] vector_slope(x: f64, y: f64) -> f64 { call2($column, x, y) } }
    };
    ($entry:tt $params:tt reach: $column:expr) => { const REACH: f64 = $column; };
}

/// The same of an entry of two arguments.
macro_rules! binary_column {
    (value: $column:expr) => {
        #[inline(always)]
        fn value(self, a: f64, b: f64) -> f64 {
            call2($column, a, b)
        }
    };
    (slope_a: $column:expr) => {
        #[inline(always)]
        fn slope_a(self, a: f64, b: f64, y: f64) -> f64 {
            call3($column, a, b, y)
        }
    };
    (slope_b: $column:expr) => {
        #[inline(always)]
        fn slope_b(self, a: f64, b: f64, y: f64) -> f64 {
            call3($column, a, b, y)
        }
    };
    (curves: $column:expr) => {
        fn curves<S: Scalar>(self, a: S, b: S, y: S) -> (S, S, S) {
            call3($column, a, b, y)
        }
    };
    (kink: $column:expr) => {
        #[inline(always)]
        fn is_kink(self, a: f64, b: f64) -> bool {
            call2($column, a, b)
        }
    };
    (corner: $column:expr) => {
        const CORNER: Option<Corner> = Some($column);
    };
    (of_magnitude: $column:expr) => {
        const OF_MAGNITUDE: bool = $column;
    };
    (elsewhere: $column:expr) => {
        fn elsewhere(self, engine: Engine) -> Option<f64> {
            Some(call($column, engine))
        }
    };
    (shape: $column:expr) => {
        const SHAPE: Shape = $column;
    };
    (vector: $column:expr) => {
        #[inline(always)]
        fn vector_value(self, a: f64, b: f64) -> f64 {
            call2($column, a, b)
        }
    };
    (vector_slope_a: $column:expr) => {
        #[inline(always)]
        fn vector_slope_a(self, a: f64, b: f64, y: f64) -> f64 {
            call3($column, a, b, y)
        }
    };
    (vector_slope_b: $column:expr) => {
        #[inline(always)]
        fn vector_slope_b(self, a: f64, b: f64, y: f64) -> f64 {
            call3($column, a, b, y)
        }
    };
    (rare: $column:expr) => {
        #[inline(always)]
        fn rare(self, a: f64, b: f64, y: f64) -> bool {
            call3($column, a, b, y)
        }
    };
}

/// The same of an entry of three arguments.
macro_rules! three_column {
    (value: $column:expr) => {
        #[inline(always)]
        fn value(self, xs: &[f64]) -> f64 {
            call3($column, xs[0], xs[1], xs[2])
        }
    };
    (slopes: $column:expr) => {
        #[inline(always)]
        fn slopes<S: Scalar>(self, xs: &[S], y: S) -> Slopes<S> {
            let slopes: [S; 3] = call4($column, xs[0], xs[1], xs[2], y);
            slopes.into_iter().collect()
        }
    };
}

/// The same of an entry of a list.
macro_rules! list_column {
    (value: $column:expr) => {
        fn value(self, xs: &[f64]) -> f64 {
            call($column, xs)
        }
    };
    (slopes: $column:expr) => {
        fn slopes<S: Scalar>(self, xs: &[S], y: S) -> Slopes<S> {
            call2($column, xs, y)
        }
    };
}

/// The same of an entry of a list in the caller's own precision.
macro_rules! own_column {
    (parts: $Parts:ty = $column:expr) => {
        type Parts<F: Number> = $Parts;
        #[inline(always)]
        fn parts<F: Number, T>(
            self,
            xs: &[T],
            number: impl Fn(&T) -> F + Copy,
            kept: &mut (impl Extend<F> + AsMut<[F]>),
        ) -> $Parts {
            call3($column, xs, number, kept)
        }
    };
    (value: $column:expr) => {
        #[inline(always)]
        fn value<F: Number>(self, parts: Self::Parts<F>, xs: impl Iterator<Item = F> + Clone) -> F {
            call2($column, parts, xs)
        }
    };
    (slope: $column:expr) => {
        #[inline(always)]
        fn slope<F: Number>(self, parts: Self::Parts<F>, x: F, own: impl FnOnce() -> F) -> F {
            call3($column, parts, x, own)
        }
    };
    (law: $column:expr) => {
        const LINEAR: bool = false;
        #[inline(always)]
        fn law<T: Copy>(self, one: T, slope: T, value: T) -> [T; 3] {
            call3($column, one, slope, value)
        }
    };
    (divisors: $column:expr) => {
        #[inline(always)]
        fn divisors<F: Number>(self, parts: Self::Parts<F>) -> [F; 2] {
            call($column, parts)
        }
    };
    (keeps: $column:expr) => {
        const KEEPS: bool = $column;
    };
    (tip: $column:expr) => {
        const TIP: bool = $column;
    };
    (shifts: $column:expr) => {
        const SHIFTS: bool = $column;
    };
}

/// A macro that is an error which names the entry, where a column or a word that it needs is not among those that it has.
macro_rules! needed {
    ($d:tt $macro:ident $column:ident) => {
        #[allow(unused_macro_rules, reason = "no entry lacks anything")]
        macro_rules! $macro {
            ($d Entry:ident: $column $d($d rest:ident)*) => {};
            ($d Entry:ident: $d other:ident $d($d rest:ident)*) => {
                $macro! { $d Entry: $d($d rest)* }
            };
            ($d Entry:ident:) => {
                compile_error!(concat!(
                    "the entry `", stringify!($d Entry), "` needs `", stringify!($column), "`"
                ));
            };
        }
    };
}
needed!($ needs_domain domain);
needed!($ needs_ulp ulp);
needed!($ needs_example example);
needed!($ needs_value value);
needed!($ needs_slope slope);
needed!($ needs_slope_a slope_a);
needed!($ needs_slope_b slope_b);
needed!($ needs_slopes slopes);

/// The words that each entry needs.
macro_rules! needs_words {
    ($Entry:ident: $($word:ident)+) => {
        needs_domain! { $Entry: $($word)+ }
        needs_ulp! { $Entry: $($word)+ }
        needs_example! { $Entry: $($word)+ }
    };
}

/// A function of a list has one of the words that hold columns of lists, or it does not compile.
macro_rules! needs_columns {
    ($Other:ident (any): list $($rest:ident)*) => {};
    ($Other:ident (any): extreme $($rest:ident)*) => {};
    ($Other:ident (any): shares $($rest:ident)*) => {};
    ($Other:ident (any): pairs $($rest:ident)*) => {};
    ($Other:ident (any): $other:ident $($rest:ident)*) => {
        needs_columns! { $Other (any): $($rest)* }
    };
    ($Other:ident (any):) => {
        compile_error!(concat!(
            "the function of a list `", stringify!($Other), "` needs `list`, `extreme`, `shares` or `pairs`"
        ));
    };
    ($Other:ident $arity:tt: $($word:ident)*) => {};
}

/// What has no group of its own: its marker and columns, if it is an entry of a list or one of its elements.
macro_rules! other_row {
    ($Other:ident $name:literal;) => {};
    ($Other:ident $name:literal; list: {
        parts: $Parts:ty = $parts:expr,
        $($column:ident: $body:expr,)+
    }, $($rest:tt)*) => {
        needs_value! { $Other: $($column)+ }
        needs_slope! { $Other: $($column)+ }

        #[doc = concat!("The entry `", $name, "`.")]
        #[derive(Clone, Copy)]
        pub(crate) struct $Other;

        impl List for $Other {
            const OP: Op = Op::$Other;
            own_column! { parts: $Parts = $parts }
            $(own_column! { $column: $body })+
        }
    };
    ($Other:ident $name:literal; extreme: { greater: $greater:literal, }, $($rest:tt)*) => {
        #[doc = concat!("The entry `", $name, "`.")]
        #[derive(Clone, Copy)]
        pub(crate) struct $Other;

        impl Extreme for $Other {
            const OP: Op = Op::$Other;
            const GREATER: bool = $greater;
        }
    };
    ($Other:ident $name:literal; shares: { of: $Of:ident, }, $($rest:tt)*) => {
        #[doc = concat!("The entry `", $name, "`.")]
        #[derive(Clone, Copy)]
        pub(crate) struct $Other;

        const _: () = assert!($Of::SHIFTS && $Of::KEEPS, "shares are slopes that shift and are kept");

        impl Shares for $Other {
            type Of = $Of;
            const OF: $Of = $Of;
        }
    };
    ($Other:ident $name:literal; pairs: { of: $of:expr, }, $($rest:tt)*) => {
        #[doc = concat!("The entry `", $name, "`.")]
        #[derive(Clone, Copy)]
        pub(crate) struct $Other;

        impl Pairs for $Other {
            #[inline(always)]
            fn pair<F: Number>(self, a: F, b: F) -> (F, F, F) {
                call2($of, a, b)
            }
        }
    };
    ($Other:ident $name:literal; $word:ident: $text:tt, $($rest:tt)*) => {
        other_row! { $Other $name; $($rest)* }
    };
}

/// An entry of one argument: its marker, with the parameters as fields, and its columns.
macro_rules! unary_row {
    ($name:ident $Unary:ident ($($param:ident : $kind:ident),*) { $($column:ident: $body:expr,)+ }) => {
        #[doc = concat!("The entry `", stringify!($name), "`.")]
        #[derive(Clone, Copy)]
        pub(crate) struct $Unary { $(pub(crate) $param: parameter!(type $kind, f64)),* }

        // An entry need not use each parameter in each of its columns.
        #[allow(unused_variables)]
        impl Unary for $Unary {
            const OP: Op = Op::$Unary;
            const TEXT: Text = &[$((stringify!($column), stringify!($body))),+];
            const PARAMETERS: Text = &[$((stringify!($param), stringify!($kind))),*];
            fn parameters(self) -> [f64; 2] {
                let mut all = [0.0; 2];
                let own: &[f64] = &[$(f64::from(self.$param)),*];
                all[..own.len()].copy_from_slice(own);
                all
            }
            unary_columns! { $Unary ($($param : $kind),*) { $($column: $body,)+ } }
        }
    };
}

macro_rules! unary_columns {
    ($entry:ident $params:tt { $($column:ident: $body:expr,)+ }) => {
        $(unary_column! { $entry $params $column: $body })+
    };
}

macro_rules! emit_rows {
    (
        unary { $(
            $(#[doc = $doc:literal])+
            $unary:ident = $Unary:ident $params:tt {
                $($word:ident: $text:tt),+;
                $($column:ident: $body:expr,)+
            }
        )+ }
        binary { $(
            $(#[doc = $bdoc:literal])+
            $binary:ident = $Binary:ident {
                $($bword:ident: $btext:tt),+;
                $($bcolumn:ident: $bbody:expr,)+
            }
        )+ }
        three { $(
            $(#[doc = $tdoc:literal])+
            $three:ident = $Three:ident $named:tt {
                $($tword:ident: $ttext:tt),+;
                $($tcolumn:ident: $tbody:expr,)+
            }
        )+ }
        list { $(
            $(#[doc = $ldoc:literal])+
            $list:ident = $List:ident {
                $($lword:ident: $ltext:tt),+;
                $($lcolumn:ident: $lbody:expr,)+
            }
        )+ }
        others { $(
            $(#[doc = $odoc:literal])+
            $Other:ident { name: $oname:literal, arity: $arity:tt, apply: $apply:tt, $($oword:ident: $otext:tt,)+ }
        )+ }
    ) => {
        $(
            needs_words! { $Unary: $($word)+ }
            needs_value! { $Unary: $($column)+ }
            needs_slope! { $Unary: $($column)+ }
            unary_row! { $unary $Unary $params { $($column: $body,)+ } }
        )+
        $(
            needs_words! { $Binary: $($bword)+ }
            needs_value! { $Binary: $($bcolumn)+ }
            needs_slope_a! { $Binary: $($bcolumn)+ }
            needs_slope_b! { $Binary: $($bcolumn)+ }
            #[doc = concat!("The entry `", stringify!($binary), "`.")]
            #[derive(Clone, Copy)]
            pub(crate) struct $Binary;

            impl Binary for $Binary {
                const OP: Op = Op::$Binary;
                const TEXT: Text = &[$((stringify!($bcolumn), stringify!($bbody))),+];
                $(binary_column! { $bcolumn: $bbody })+
            }
        )+
        $(
            needs_words! { $Three: $($tword)+ }
            needs_value! { $Three: $($tcolumn)+ }
            needs_slopes! { $Three: $($tcolumn)+ }
            #[doc = concat!("The entry `", stringify!($three), "`.")]
            #[derive(Clone, Copy)]
            pub(crate) struct $Three;

            impl Many for $Three {
                const OP: Op = Op::$Three;
                const TEXT: Text = &[$((stringify!($tcolumn), stringify!($tbody))),+];
                const ARITY: Option<usize> = Some(3);
                $(three_column! { $tcolumn: $tbody })+
            }
        )+
        $(
            needs_words! { $List: $($lword)+ }
            needs_value! { $List: $($lcolumn)+ }
            needs_slopes! { $List: $($lcolumn)+ }
            #[doc = concat!("The entry `", stringify!($list), "`.")]
            #[derive(Clone, Copy)]
            pub(crate) struct $List;

            impl Many for $List {
                const OP: Op = Op::$List;
                const TEXT: Text = &[$((stringify!($lcolumn), stringify!($lbody))),+];
                const ARITY: Option<usize> = None;
                $(list_column! { $lcolumn: $lbody })+
            }
        )+
        $(
            needs_columns! { $Other $arity: $($oword)+ }
            other_row! { $Other $oname; $($oword: $otext,)+ }
        )+
    };
}
for_each_op!(emit_rows);
