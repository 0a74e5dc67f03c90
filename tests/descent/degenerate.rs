//! Data that no general position saves: each minimum is compared with the least of all vertices.

use crate::{Random, assert_consistent};
use wengert::loss::{AbsoluteError, EpsilonInsensitive, Hinge, Loss, Quantile};
use wengert::optim::{Certificate, KinkDescent};
use wengert::{Scalar, Var};

const N: usize = 3;

/// A row, its target and its weight.
type Row = ([f64; N], f64, f64);

struct Problem {
    loss: usize,
    rows: Vec<Row>,
    /// The units of the parameters, and how much their sizes cost.
    units: [f64; N],
    cost: f64,
}

impl Problem {
    fn value<T: Scalar>(&self, x: &[T]) -> T {
        let fits = self.rows.iter().map(|(row, y, w)| (T::dot(x, row), *y, *w));
        let sum = match self.loss {
            0 => AbsoluteError.weighted_sum(fits),
            1 => Quantile::new(0.05).and_then(|loss| loss.weighted_sum(fits)),
            2 => EpsilonInsensitive::new(0.5).and_then(|loss| loss.weighted_sum(fits)),
            3 => Hinge.weighted_sum(fits),
            _ => Ok(T::max_of(&fits.map(|(fit, y, _)| (fit - y).abs()).collect::<Vec<T>>())),
        };
        let sizes = x.iter().zip(self.units).map(|(&x, unit)| (x * unit).abs()).sum::<T>();
        sum.expect("sound data") + sizes * self.cost
    }

    /// The planes on which the loss bends, in the same units for all parameters: `a · x = b`.
    fn planes(&self) -> Vec<([f64; N], f64)> {
        let mut planes: Vec<_> =
            (0..N).map(|j| (std::array::from_fn(|i| f64::from(i == j)), 0.0)).collect();
        let own: Vec<([f64; N], f64)> = self
            .rows
            .iter()
            .map(|(row, y, _)| (std::array::from_fn(|j| row[j] / self.units[j]), *y))
            .collect();
        for &(a, y) in &own {
            match self.loss {
                2 => planes.extend([(a, y - 0.5), (a, y + 0.5)]),
                3 => planes.push((a, y)),
                4 => {
                    planes.push((a, y));
                    // Where two errors are of the same size.
                    for &(b, z) in &own {
                        planes.push((std::array::from_fn(|j| a[j] - b[j]), y - z));
                        planes.push((std::array::from_fn(|j| a[j] + b[j]), y + z));
                    }
                }
                _ => planes.push((a, y)),
            }
        }
        planes.dedup();
        planes
    }

    /// The least loss among the points where three planes meet. The cost of the parameters' sizes sees to
    /// it that one of them is a minimum.
    fn least_of_vertices(&self) -> f64 {
        let planes = self.planes();
        let mut least = f64::INFINITY;
        for (i, p) in planes.iter().enumerate() {
            for (j, q) in planes[..i].iter().enumerate() {
                for r in &planes[..j] {
                    if let Some(z) = meet([p, q, r]) {
                        let x: [f64; N] = std::array::from_fn(|j| z[j] / self.units[j]);
                        least = least.min(self.value(&x));
                    }
                }
            }
        }
        least
    }
}

/// Cramer's rule.
fn meet(planes: [&([f64; N], f64); 3]) -> Option<[f64; N]> {
    let det = |m: [[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let rows = planes.map(|plane| plane.0);
    let whole = det(rows);
    (whole.abs() > 1e-9).then(|| {
        std::array::from_fn(|j| {
            let mut rows = rows;
            rows.iter_mut().zip(planes).for_each(|(row, plane)| row[j] = plane.1);
            det(rows) / whole
        })
    })
}

/// Small whole numbers, which tie often; with what is wrong with them.
fn problem(random: &mut Random, loss: usize, fault: usize) -> Problem {
    let k = if fault == 1 { 1 } else { 2 + random.below(5) };
    let mut whole = |n: usize| random.below(2 * n + 1) as f64 - n as f64;
    let mut rows: Vec<Row> = (0..k).map(|_| ([1.0, whole(2), whole(2)], whole(3), 1.0)).collect();
    let first = rows[0];
    let mut units = [1.0; N];
    for (i, (row, y, w)) in rows.iter_mut().enumerate() {
        match fault {
            2 => (*row, *y) = (first.0, if i % 2 == 0 { first.1 } else { *y }), // repeated rows
            3 => row[2] = 2.0 * row[1] - row[0],                                // collinear columns
            4 => row[1] = 0.0,                                                  // a column of zeros
            5 => *w = f64::from(i % 2 == 0),                                    // weights of zero
            6 => *y = 1.0,                                                      // equal targets
            7 => *row = [0.0; N],                                               // no data at all
            _ => {}
        }
        if loss == 3 {
            *y = if *y > 0.0 { 1.0 } else { -1.0 };
        }
    }
    if fault >= 8 {
        units = std::array::from_fn(|_| 10f64.powi(random.below(17) as i32 - 8));
        for (row, ..) in &mut rows {
            row.iter_mut().zip(units).for_each(|(a, unit)| *a *= unit);
        }
    }
    let cost = [0.01, 0.25, 1.0][random.below(3)];
    Problem { loss, rows, units, cost }
}

#[test]
fn degenerate_data_end_at_the_least_of_all_vertices_whatever_the_units() {
    let mut random = Random(1964);
    let mut unproved = 0;
    for case in 0..1000 {
        let problem = problem(&mut random, case % 5, case / 5 % 10);
        let mut x: Vec<f64> = (0..N).map(|j| random.normal() * 3.0 / problem.units[j]).collect();
        if case % 7 == 0 {
            x.fill(0.0);
        }
        let found = KinkDescent::new().minimize(&mut x, |x: &[Var]| problem.value(x)).unwrap();
        let least = problem.least_of_vertices();
        let off = (found.value() - least).abs();
        assert!(off <= 1e-11 * (1.0 + least), "{case}: {off}, {x:?}\n{found}");
        // Where greatest errors tie in many ways, the proof that they rise is not always found.
        assert!(found.is_certified() && found.no_way_down(), "{case}\n{found}");
        assert!(found.is_minimum() || problem.loss == 4, "{case}\n{found}");
        unproved += usize::from(!found.is_minimum());
        assert!(found.recording_count() <= 8 && found.move_count() < 100, "{case}\n{found}");
        if problem.units == [1.0; N] {
            assert_consistent(&found, N);
        }
    }
    assert!(unproved <= 20, "{unproved}");
}

#[test]
fn a_far_origin_makes_the_rows_nearly_parallel_and_the_minimum_is_the_same() {
    let mut random = Random(6);
    for case in 0..60 {
        let rows: Vec<([f64; 2], f64)> =
            (0..20).map(|_| ([1.0, random.normal()], random.laplace())).collect();
        let level = [0.5, 0.05, 0.9][case % 3];
        let fit = |far: f64| {
            let quantile = Quantile::new(level).unwrap();
            let mut x = [0.0, 0.0];
            let found = KinkDescent::new()
                .minimize(&mut x, |p: &[Var]| {
                    let fits = rows.iter().map(|(row, y)| (p[0] + p[1] * (row[1] + far), *y));
                    quantile.sum(fits).unwrap()
                })
                .unwrap();
            assert!(found.is_exact() && found.move_count() < 100, "{case} {far}\n{found}");
            found.value()
        };
        let (near, far) = (fit(0.0), fit(1e6));
        assert!((near - far).abs() < 1e-7, "{case}: {near} {far}");
    }
}

/// The least greatest error of a linear model whose columns are those of the rows, over and over, each
/// `times` as large.
fn greatest_error(rows: &[([f64; N], f64)], start: &[f64], times: &[f64]) -> Certificate {
    let mut x: Vec<f64> = start.to_vec();
    let loss = |x: &[Var]| {
        let fit = |row: &[f64; N]| {
            let columns = x.iter().zip(times).zip(row.iter().cycle());
            columns.map(|((&x, times), a)| x * (a * times)).sum::<Var>()
        };
        Var::max_of(&rows.iter().map(|(row, y)| (fit(row) - *y).abs()).collect::<Vec<Var>>())
    };
    KinkDescent::new().minimize(&mut x, loss).expect("sound data")
}

#[test]
fn the_greatest_error_is_least_whatever_the_units_and_with_columns_repeated() {
    let mut random = Random(12);
    for case in 0..200 {
        let rows: Vec<([f64; N], f64)> =
            (0..30).map(|_| (std::array::from_fn(|_| random.normal()), random.laplace())).collect();
        let plain = greatest_error(&rows, &[0.0; N], &[1.0; N]);
        assert!(plain.is_minimum(), "{case}\n{plain}");
        let units: [f64; N] = std::array::from_fn(|_| 10f64.powi(random.below(17) as i32 - 8));
        let repeated = [1.0, 1.0, 1.0, 3.0, -0.5];
        for times in [&units[..], &repeated] {
            let start: Vec<f64> = times.iter().map(|_| random.normal() * 1e6).collect();
            let found = greatest_error(&rows, &start, times);
            let off = (found.value() - plain.value()).abs();
            assert!(off <= 1e-6 * plain.value(), "{case} {times:?}: {off}\n{found}");
            assert!(found.is_exact() && found.move_count() < 200, "{case} {times:?}\n{found}");
        }
    }
}
