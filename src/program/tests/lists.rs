//! Functions of lists: each engine computes what the columns of the table say. Programs have forms of their own for
//! some, and are compared with the columns all the more.

use super::maker::Random;
use crate::op::{self, Extreme, List, nary};
use crate::program::{Columns, NonFinite, Program};
use crate::{Dual, Dual2, Objective, Scalar, Taylor, Var, gradient, hvp};

/// A function of a list by its name.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Of {
    Sum,
    Mean,
    Norm,
    LogSumExp,
    Max,
    Min,
    /// Of the first half with the second.
    Dot,
    /// The share of the first.
    Softmax,
}

const ALL: [Of; 8] =
    [Of::Sum, Of::Mean, Of::Norm, Of::LogSumExp, Of::Max, Of::Min, Of::Dot, Of::Softmax];

impl Of {
    fn of<T: Scalar>(self, x: &[T]) -> T {
        match self {
            Of::Sum => T::sum_of(x),
            Of::Mean => T::mean(x),
            Of::Norm => T::norm(x),
            Of::LogSumExp => T::log_sum_exp(x),
            Of::Max => T::max_of(x),
            Of::Min => T::min_of(x),
            Of::Dot => T::dot(&x[..x.len() / 2], &x[x.len() / 2..]),
            Of::Softmax => T::softmax(x)[0],
        }
    }

    /// Value and slopes by the columns.
    fn by_columns(self, x: &[f64]) -> (f64, Vec<f64>) {
        match self {
            Of::Sum => by_list(op::SumOf, x),
            Of::Mean => by_list(op::Mean, x),
            Of::Norm => by_list(op::Norm, x),
            Of::LogSumExp => by_list(op::LogSumExp, x),
            Of::Max => by_extreme(op::MaxOf, x),
            Of::Min => by_extreme(op::MinOf, x),
            Of::Dot => {
                let (a, b) = x.split_at(x.len() / 2);
                let value = nary::sum(a.iter().zip(b).map(|(a, b)| a * b));
                (value, b.iter().chain(a).copied().collect())
            }
            Of::Softmax => {
                let mut shares = x.to_vec();
                nary::softmax(&mut shares);
                let first = shares[0];
                let others: f64 = shares[1..].iter().sum();
                let slopes = shares.iter().enumerate();
                let slope = |(i, &y): (usize, &f64)| first * if i == 0 { others } else { -y };
                (first, slopes.map(slope).collect())
            }
        }
    }

    /// How many units in the last place value and slopes of a program may be from the columns: none where it has the
    /// same rounded operations. Its exponentials are other ones, and its shares are quotients of another sum.
    fn room(self) -> [f64; 2] {
        match self {
            Of::Sum | Of::Mean | Of::Norm | Of::Max | Of::Min | Of::Dot => [0.0; 2],
            Of::LogSumExp => [2.0, 4.0],
            Of::Softmax => [4.0, 8.0],
        }
    }
}

fn by_list<O: List>(entry: O, x: &[f64]) -> (f64, Vec<f64>) {
    let mut kept: Vec<f64> = Vec::new();
    let parts = entry.parts(x, |&x| x, &mut kept);
    let value = entry.value(parts);
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

struct Shifted(Of);

impl Objective for Shifted {
    fn at<T: Scalar>(&self, p: &[T], row: &[T]) -> T {
        if row.is_empty() {
            return self.0.of(p);
        }
        let x: Vec<T> = p.iter().zip(row).map(|(&p, &x)| p + x).collect();
        self.0.of(&x)
    }
}

/// The derivative along one of the numbers, and the value.
fn along<T: Scalar>(of: Of, x: &[f64], at: usize, moved: impl Fn(f64) -> T) -> T {
    let x: Vec<T> =
        x.iter().enumerate().map(|(i, &x)| if i == at { moved(x) } else { T::from(x) }).collect();
    of.of(&x)
}

#[test]
fn each_engine_computes_functions_of_lists_by_their_columns() {
    let mut random = Random(0x1157);
    for round in 0..150 {
        let len = [2, 2, 4, 4, 6, 6, 34][random.below(7)];
        let x = list(&mut random, len);
        for of in ALL {
            let (value, slopes) = of.by_columns(&x);
            let what = |engine| move |x: &[f64]| format!("{of:?} {engine}, {round}: {x:?}");
            let own = match of {
                // Each engine takes what the others come to in its own way.
                Of::Softmax => 4.0,
                _ => 0.0,
            };
            assert_near(of.of(&x), value, 0.0, || what("of numbers")(&x));
            let (found, by) = gradient(|x: &[Var]| of.of(x), &x);
            assert_near(found, value, 0.0, || what("of a tape")(&x));
            let zero = vec![0.0; len];
            let (twice, by_twice, _) = hvp(|x| of.of(x), &x, &zero).expect("one length");
            assert_near(twice, value, 0.0, || what("of a second tape")(&x));
            for (i, &slope) in slopes.iter().enumerate() {
                assert_near(by[i], slope, own, || what("slope of a tape")(&x));
                let moved = along(of, &x, i, Dual::<1>::variable);
                assert_near(moved.value(), value, 0.0, || what("forward")(&x));
                // At a tie forward mode takes the branch that it enters.
                if slopes.iter().any(|s| s.fract() != 0.0) && matches!(of, Of::Max | Of::Min) {
                    continue;
                }
                assert_near(by_twice[i], slope, own, || what("slope of a second tape")(&x));
                assert_near(moved.tangent(), slope, own, || what("slope forward")(&x));
                let second = along(of, &x, i, Dual2::<1>::variable).first();
                assert_near(second, slope, own, || what("slope of second order")(&x));
                let series = along(of, &x, i, Taylor::<1>::variable).derivative(1);
                assert_near(series, slope, own, || what("slope of a series")(&x));
            }
        }
    }
}

#[test]
fn programs_compute_functions_of_lists_as_their_columns_say() {
    let mut random = Random(0x715);
    for len in [2, 4, 6, 34] {
        for of in ALL {
            let objective = Shifted(of);
            let zeros = vec![0.0; len];
            let start = vec![0.25; len];
            let program = Program::record(&objective, &start, &[]).expect("a program").gradient();
            let of_rows = Program::record(&objective, &zeros, &start).expect("a program");
            let [value_room, slope_room] = of.room();
            let lists: Vec<Vec<f64>> = (0..60).map(|_| list(&mut random, len)).collect();
            let columns: Vec<Vec<f64>> =
                (0..len).map(|k| lists.iter().map(|list| list[k]).collect()).collect();
            let columns: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
            let data = Columns::new(&columns).expect("columns");
            let mut sweep = of_rows.jacobian().compile().non_finite(NonFinite::Take);
            let rows = sweep.run(&zeros, &data).expect("a run");
            let mut sweep = program.compile();
            for (row, x) in lists.iter().enumerate() {
                let (value, slopes) = of.by_columns(x);
                let what = |way: &str| format!("{of:?} {way}: {x:?}");
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
