//! All that is asked of a piecewise linear entry of the table, in one step: its values, their sum over the
//! rows, its slopes, and in how many rows it has a kink.

use super::Map2;
use super::lanes::{Fold, Lanes};
use crate::op::vector::level::{Level, Work};
use crate::op::{Shape, Unary};
use crate::program::ir::entries::{UnaryKind, VisitUnary};
use crate::program::ir::operation::{unary_slope, unary_value};

/// What is asked for.
#[derive(Default)]
pub(crate) struct Asked<'a> {
    pub(crate) values: Option<&'a mut [f64]>,
    /// The lanes that the values are added to, and which of them the first row belongs to.
    pub(crate) sum: Option<(&'a mut Lanes, usize)>,
    pub(crate) slopes: Option<&'a mut [f64]>,
}

/// Gives what is asked for, and in how many of the rows there is a kink.
pub(crate) fn corner(level: Level, kind: UnaryKind, asked: Asked<'_>, x: &[f64]) -> u64 {
    kind.visit(CornerVisit { level, asked, x })
}

struct CornerVisit<'a, 'x> {
    level: Level,
    asked: Asked<'a>,
    x: &'x [f64],
}

impl VisitUnary for CornerVisit<'_, '_> {
    type Output = u64;
    fn visit<O: Unary>(self, entry: O) -> u64 {
        // Other entries have steps of their own, and no loop is compiled for them here.
        if const { matches!(O::SHAPE, Shape::Linear) } {
            self.run(entry)
        } else {
            unreachable!("{:?} is not piecewise linear", O::OP);
        }
    }
}

impl CornerVisit<'_, '_> {
    fn run<O: Unary>(self, entry: O) -> u64 {
        let CornerVisit { level, asked: Asked { values, sum, slopes }, x } = self;
        if let Some((lanes, from)) = sum {
            level.run(Fold { map: PlusValue(entry), lanes, from, rows: x });
        }
        let flags = (values.is_some(), slopes.is_some());
        let (values, slopes) = (values.unwrap_or_default(), slopes.unwrap_or_default());
        macro_rules! run {
            ($($value:literal $slope:literal,)+) => {
                match flags {
                    $(($value, $slope) => level.run(
                        CornerLoop::<O, $value, $slope> { entry, x, values, slopes },
                    ),)+
                }
            };
        }
        run! { false false, false true, true false, true true, }
    }
}

struct CornerLoop<'a, O, const VALUES: bool, const SLOPES: bool> {
    entry: O,
    x: &'a [f64],
    values: &'a mut [f64],
    slopes: &'a mut [f64],
}

impl<O: Unary, const VALUES: bool, const SLOPES: bool> Work for CornerLoop<'_, O, VALUES, SLOPES> {
    type Output = u64;
    #[inline(always)]
    fn run(self) -> u64 {
        let CornerLoop { entry, x, values, slopes } = self;
        let mut kinks = 0;
        let value = |x| unary_value(entry, x);
        // The slope of a straight piece does not depend on the value.
        let slope = |x| unary_slope(entry, x, x);
        match (VALUES, SLOPES) {
            (true, true) => {
                for ((&x, y), to) in x.iter().zip(values).zip(slopes) {
                    (*y, *to) = (value(x), slope(x));
                    kinks += u64::from(entry.kink(x).is_some());
                }
            }
            (true, false) => {
                for (&x, y) in x.iter().zip(values) {
                    *y = value(x);
                    kinks += u64::from(entry.kink(x).is_some());
                }
            }
            (false, true) => {
                for (&x, to) in x.iter().zip(slopes) {
                    *to = slope(x);
                    kinks += u64::from(entry.kink(x).is_some());
                }
            }
            (false, false) => {
                for &x in x {
                    kinks += u64::from(entry.kink(x).is_some());
                }
            }
        }
        kinks
    }
}

#[derive(Clone, Copy)]
struct PlusValue<O>(O);
impl<O: Unary> Map2 for PlusValue<O> {
    #[inline(always)]
    fn of(self, a: f64, x: f64) -> f64 {
        a + unary_value(self.0, x)
    }
}
