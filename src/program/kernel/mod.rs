//! The loops of the block interpreter: one operation over a block of rows.
//!
//! Each loop is compiled for every [`Level`]. It does for each row what
//! [`evaluate`](crate::program::ir::operation::evaluate) does for one number, so that the bits depend neither on
//! the level nor on where blocks begin.

mod corner;
mod count;
mod cross;
mod dot;
mod emit;
mod lanes;
mod layer;
mod map;
mod moments;
mod near_zero;
mod sum;

pub(crate) use corner::{Asked, corner};
pub(crate) use count::count;
pub(crate) use cross::{CROSSED, Crossed, Tile, add_cross_moments};
pub(crate) use dot::{MOST, Start, SummandOf, add_number, add_terms, chained_products, together};
pub(crate) use emit::{NEIGHBOURS, Run, emit};
pub(crate) use lanes::{LANES, Lanes, add_rows, greater, max_rows, total};
pub(crate) use layer::{UNITS, layer};
pub(crate) use map::{frequent, map, value_and_slope};
pub(crate) use moments::{Common, MOMENTS, add_moments};
pub(crate) use sum::{neighbours, sums};

use crate::op::vector::level::{Level, Work};

/// An argument over a block: a number for each row, or the same for all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Arg<'a> {
    Rows(&'a [f64]),
    Same(f64),
}

/// A function of one number, as part of a loop.
pub(crate) trait Map1: Copy {
    fn of(self, x: f64) -> f64;
}

/// A function of two numbers.
pub(crate) trait Map2: Copy {
    fn of(self, a: f64, b: f64) -> f64;
}

/// A function of three numbers.
pub(crate) trait Map3: Copy {
    fn of(self, a: f64, b: f64, c: f64) -> f64;
}

struct Loop1<'a, M> {
    map: M,
    out: &'a mut [f64],
    x: &'a [f64],
}

impl<M: Map1> Work for Loop1<'_, M> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (out, &x) in self.out.iter_mut().zip(self.x) {
            *out = self.map.of(x);
        }
    }
}

struct Loop2<'a, M> {
    map: M,
    out: &'a mut [f64],
    a: Arg<'a>,
    b: Arg<'a>,
}

impl<M: Map2> Work for Loop2<'_, M> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Loop2 { map, out, a, b } = self;
        match (a, b) {
            (Arg::Rows(a), Arg::Rows(b)) => {
                for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
                    *out = map.of(a, b);
                }
            }
            (Arg::Rows(a), Arg::Same(b)) => {
                for (out, &a) in out.iter_mut().zip(a) {
                    *out = map.of(a, b);
                }
            }
            (Arg::Same(a), Arg::Rows(b)) => {
                for (out, &b) in out.iter_mut().zip(b) {
                    *out = map.of(a, b);
                }
            }
            (Arg::Same(a), Arg::Same(b)) => out.fill(map.of(a, b)),
        }
    }
}

struct Loop3<'a, M> {
    map: M,
    out: &'a mut [f64],
    args: [Arg<'a>; 3],
}

impl<M: Map3> Work for Loop3<'_, M> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Loop3 { map, out, args } = self;
        match args {
            [Arg::Rows(a), Arg::Rows(b), Arg::Rows(c)] => {
                for (((out, &a), &b), &c) in out.iter_mut().zip(a).zip(b).zip(c) {
                    *out = map.of(a, b, c);
                }
            }
            [Arg::Rows(a), Arg::Rows(b), Arg::Same(c)] => {
                for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
                    *out = map.of(a, b, c);
                }
            }
            [Arg::Rows(a), Arg::Same(b), Arg::Rows(c)] => {
                for ((out, &a), &c) in out.iter_mut().zip(a).zip(c) {
                    *out = map.of(a, b, c);
                }
            }
            [Arg::Same(a), Arg::Rows(b), Arg::Rows(c)] => {
                for ((out, &b), &c) in out.iter_mut().zip(b).zip(c) {
                    *out = map.of(a, b, c);
                }
            }
            args => {
                for (i, out) in out.iter_mut().enumerate() {
                    let [a, b, c] = args.map(|arg| arg.at(i));
                    *out = map.of(a, b, c);
                }
            }
        }
    }
}

impl Arg<'_> {
    /// The number in one row.
    #[inline(always)]
    pub(crate) fn at(self, row: usize) -> f64 {
        match self {
            Arg::Rows(rows) => rows[row],
            Arg::Same(x) => x,
        }
    }
}

/// Runs a loop of one argument.
pub(crate) fn loop1<M: Map1>(level: Level, map: M, out: &mut [f64], x: Arg<'_>) {
    match x {
        Arg::Rows(x) => level.run(Loop1 { map, out, x }),
        Arg::Same(x) => out.fill(map.of(x)),
    }
}

/// Runs a loop of two arguments.
pub(crate) fn loop2<M: Map2>(level: Level, map: M, out: &mut [f64], [a, b]: [Arg<'_>; 2]) {
    level.run(Loop2 { map, out, a, b });
}

/// Runs a loop of three arguments.
pub(crate) fn loop3<M: Map3>(level: Level, map: M, out: &mut [f64], args: [Arg<'_>; 3]) {
    level.run(Loop3 { map, out, args });
}
