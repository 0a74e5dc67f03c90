//! Functions of lists: each engine computes what the columns of the table say. Programs have forms of their own for
//! some, and are compared with the columns all the more.

use super::maker::Random;
use crate::op::{self, Extreme, List, Op, Pairs, Shares, for_each_op};
use crate::program::{Columns, NonFinite, Program};
use crate::{Dual, Dual2, Objective, Scalar, Taylor, Var, gradient, hvp};

/// Value and slopes by the columns that an operation has.
macro_rules! by_word {
    ($Other:ident $x:ident;) => {
        None
    };
    ($Other:ident $x:ident; list $($rest:ident)*) => {
        Some(by_list(op::$Other, $x))
    };
    ($Other:ident $x:ident; extreme $($rest:ident)*) => {
        Some(by_extreme(op::$Other, $x))
    };
    ($Other:ident $x:ident; shares $($rest:ident)*) => {
        Some(by_shares(op::$Other, $x))
    };
    ($Other:ident $x:ident; pairs $($rest:ident)*) => {
        Some(by_pairs(op::$Other, $x))
    };
    ($Other:ident $x:ident; $word:ident $($rest:ident)*) => {
        by_word!($Other $x; $($rest)*)
    };
}

macro_rules! emit_by_columns {
    (
        unary { $($unary:tt)* }
        binary { $($binary:tt)* }
        three { $($three:tt)* }
        list { $($list:tt)* }
        others { $(
            $(#[doc = $doc:literal])+
            $Other:ident { name: $name:literal, arity: $arity:tt, apply: $apply:tt, $($word:ident: $text:tt,)+ }
        )+ }
    ) => {
        /// Value and slopes by the columns of a function of a list in the caller's own precision.
        fn by_columns(op: Op, x: &[f64]) -> Option<(f64, Vec<f64>)> {
            match op {
                $(Op::$Other => by_word!($Other x; $($word)+),)+
                _ => None,
            }
        }
    };
}
for_each_op!(emit_by_columns);

/// The functions of lists in the caller's own precision.
fn all() -> Vec<Op> {
    Op::OTHERS.iter().copied().filter(|&op| by_columns(op, &[1.0, 2.0]).is_some()).collect()
}

fn of<T: Scalar>(op: Op, x: &[T]) -> T {
    op.apply(x, &[]).expect("a function of a list")
}

/// How many units in the last place value and slopes of a program may be from the columns: none where it has the
/// same rounded operations. Its exponentials are other ones, and its shares are quotients of another sum.
fn room(op: Op) -> [f64; 2] {
    match op {
        Op::LogSumExp => [2.0, 4.0],
        Op::Softmax => [4.0, 8.0],
        _ => [0.0; 2],
    }
}

fn by_list<O: List>(entry: O, x: &[f64]) -> (f64, Vec<f64>) {
    let mut kept: Vec<f64> = Vec::new();
    let parts = entry.parts(x, |&x| x, &mut kept);
    let value = entry.value(parts, x.iter().copied());
    if O::TIP && value == 0.0 {
        return (value, vec![0.0; x.len()]);
    }
    let slope = |(i, &x): (usize, &f64)| entry.slope(parts, x, || kept[i]);
    (value, x.iter().enumerate().map(slope).collect())
}

fn by_extreme<O: Extreme>(entry: O, x: &[f64]) -> (f64, Vec<f64>) {
    let value = entry.value(x.iter().copied());
    let count = x.iter().filter(|&&x| x == value).count() as f64;
    (value, x.iter().map(|&x| if x == value { 1.0 / count } else { 0.0 }).collect())
}

/// The first share.
fn by_shares<O: Shares>(_: O, x: &[f64]) -> (f64, Vec<f64>) {
    let (_, y) = by_list(O::OF, x);
    let [p, _, _] = O::OF.law(1.0, y[0], 1.0);
    let others: f64 = y[1..].iter().sum();
    let slope = |(i, &y): (usize, &f64)| p * if i == 0 { others } else { -y };
    (y[0], y.iter().enumerate().map(slope).collect())
}

/// Of the first half with the second.
fn by_pairs<O: Pairs>(entry: O, x: &[f64]) -> (f64, Vec<f64>) {
    let (a, b) = x.split_at(x.len() / 2);
    let pairs = || a.iter().copied().zip(b.iter().copied());
    let first = pairs().map(|(a, b)| entry.pair(a, b).1);
    let second = pairs().map(|(a, b)| entry.pair(a, b).2);
    (entry.value(pairs()), first.chain(second).collect())
}

/// Random, equal, dominated, near overflow, and subnormal, no two at 0.
fn list(random: &mut Random, len: usize) -> Vec<f64> {
    let unit = |random: &mut Random| random.below(1 << 20) as f64 / f64::from(1 << 19) - 1.0 + 1e-9;
    let scale = [1.0, 30.0, 1e-3, 700.0, 1.7e308, 1e160, 1e-160, 4e-308, 1e-320][random.below(9)];
    let kind = random.below(6);
    let one = unit(random) * scale;
    let mut list: Vec<f64> = (0..len)
        .map(|_| match kind {
            0 => one,
            1 => unit(random) * scale * [1.0, 1e-8, 1e-300][random.below(3)],
            _ => unit(random) * scale,
        })
        .collect();
    // What a sum of a parameter and a number makes of -0 is 0.
    list.iter_mut().filter(|x| **x == 0.0).for_each(|x| *x = 5e-324);
    list
}

/// Asserts that two numbers are as near as that.
fn assert_near(got: f64, want: f64, ulps: f64, what: impl Fn() -> String) {
    let unit = (want.abs() * f64::EPSILON).max(5e-324);
    let near = got == want || got.is_nan() && want.is_nan() || (got - want).abs() <= ulps * unit;
    assert!(near, "{got:e}, not {want:e}: {}", what());
}

struct Shifted(Op);

impl Objective for Shifted {
    fn at<T: Scalar>(&self, p: &[T], row: &[T]) -> T {
        if row.is_empty() {
            return of(self.0, p);
        }
        let x: Vec<T> = p.iter().zip(row).map(|(&p, &x)| p + x).collect();
        of(self.0, &x)
    }
}

/// The derivative along one of the numbers, and the value.
fn along<T: Scalar>(op: Op, x: &[f64], at: usize, moved: impl Fn(f64) -> T) -> T {
    let x: Vec<T> =
        x.iter().enumerate().map(|(i, &x)| if i == at { moved(x) } else { T::from(x) }).collect();
    of(op, &x)
}

#[test]
fn every_function_of_lists_has_columns() {
    let of_lists = Op::OTHERS.iter().filter(|op| op.arity().is_none() && **op != Op::Variance);
    assert_eq!(of_lists.copied().collect::<Vec<Op>>(), all());
}

#[test]
fn each_engine_computes_functions_of_lists_by_their_columns() {
    let mut random = Random(0x1157);
    for round in 0..150 {
        let len = [2, 2, 4, 4, 6, 6, 34][random.below(7)];
        let x = list(&mut random, len);
        for op in all() {
            let (value, slopes) = by_columns(op, &x).expect("columns");
            let what = |engine| move |x: &[f64]| format!("{op:?} {engine}, {round}: {x:?}");
            let own = match op {
                // Each engine takes what the others come to in its own way.
                Op::Softmax => 4.0,
                _ => 0.0,
            };
            assert_near(of(op, &x), value, 0.0, || what("of numbers")(&x));
            let (found, by) = gradient(|x: &[Var]| of(op, x), &x);
            assert_near(found, value, 0.0, || what("of a tape")(&x));
            let zero = vec![0.0; len];
            let (twice, by_twice, _) = hvp(|x| of(op, x), &x, &zero).expect("one length");
            assert_near(twice, value, 0.0, || what("of a second tape")(&x));
            for (i, &slope) in slopes.iter().enumerate() {
                assert_near(by[i], slope, own, || what("slope of a tape")(&x));
                let moved = along(op, &x, i, Dual::<1>::variable);
                assert_near(moved.value(), value, 0.0, || what("forward")(&x));
                // At a tie forward mode takes the branch that it enters.
                if slopes.iter().any(|s| s.fract() != 0.0) && matches!(op, Op::MaxOf | Op::MinOf) {
                    continue;
                }
                assert_near(by_twice[i], slope, own, || what("slope of a second tape")(&x));
                assert_near(moved.tangent(), slope, own, || what("slope forward")(&x));
                let second = along(op, &x, i, Dual2::<1>::variable).first();
                assert_near(second, slope, own, || what("slope of second order")(&x));
                let series = along(op, &x, i, Taylor::<1>::variable).derivative(1);
                assert_near(series, slope, own, || what("slope of a series")(&x));
            }
        }
    }
}

#[test]
fn programs_compute_functions_of_lists_as_their_columns_say() {
    let mut random = Random(0x715);
    for len in [2, 4, 6, 34] {
        for op in all() {
            let objective = Shifted(op);
            let zeros = vec![0.0; len];
            let start = vec![0.25; len];
            let program = Program::record(&objective, &start, &[]).expect("a program").gradient();
            let of_rows = Program::record(&objective, &zeros, &start).expect("a program");
            let [value_room, slope_room] = room(op);
            let lists: Vec<Vec<f64>> = (0..60).map(|_| list(&mut random, len)).collect();
            let columns: Vec<Vec<f64>> =
                (0..len).map(|k| lists.iter().map(|list| list[k]).collect()).collect();
            let columns: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
            let data = Columns::new(&columns).expect("columns");
            let mut sweep = of_rows.jacobian().compile().non_finite(NonFinite::Take);
            let rows = sweep.run(&zeros, &data).expect("a run");
            let mut sweep = program.compile();
            for (row, x) in lists.iter().enumerate() {
                let (value, slopes) = by_columns(op, x).expect("columns");
                let what = |way: &str| format!("{op:?} {way}: {x:?}");
                let at_point = sweep.run(x, &Columns::none()).expect("a run");
                assert_near(at_point.value(), value, value_room, || what("at a point"));
                assert_near(rows.residuals()[row], value, value_room, || what("of a row"));
                let by_row = rows.jacobian();
                for (i, &slope) in slopes.iter().enumerate() {
                    let got = at_point.gradient()[i];
                    assert_near(got, slope, slope_room, || what("slope at a point"));
                    let got = by_row.row(row)[i];
                    assert_near(got, slope, slope_room, || what("slope of a row"));
                }
            }
        }
    }
}
