//! From the columns of the table to the markers of its entries.
//!
//! A new column has an arm here and an item in [`entry`](super::entry); those who do not ask for it do not
//! see it.

use super::engine::Engine::{CasADi, Jax, Jax0_11, PyTorch, PyTorch2_13};
use super::engine::{self, Engine};
use super::entry::Text;
use super::table::parameter;
use super::{Bends, Binary, Corner, Kinks, Many, Op, Shape, Sides, Slopes, Unary, for_each_op};
use super::{activation, curve, rule, special, vector};
use crate::Scalar;
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
        $(unary_row! { $unary $Unary $params { $($column: $body,)+ } })+
        $(
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
    };
}
for_each_op!(emit_rows);
