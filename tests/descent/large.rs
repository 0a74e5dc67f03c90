//! Many parameters: minima against dynamic programming and against small problems hidden in a large one,
//! and certificates checked from the data.

use crate::{Random, assert_consistent};
use wengert::loss::{Loss, Quantile, mean_absolute_error};
use wengert::optim::{Certificate, KinkDescent, OptimError};
use wengert::{Scalar, Var};

/// `Σ wᵢ |pᵢ - yᵢ| + λ Σ |pᵢ₊₁ - pᵢ|`.
fn variation<T: Scalar>(p: &[T], y: &[f64], w: &[f64], lambda: f64) -> T {
    let fits = p.iter().zip(y).zip(w).map(|((&p, &y), &w)| (p - y).abs() * w).sum::<T>();
    fits + p.windows(2).map(|p| (p[1] - p[0]).abs()).sum::<T>() * lambda
}

/// Its minimum, over values of `y`: among the minima there is one of these.
fn least_variation(y: &[f64], w: &[f64], lambda: f64) -> f64 {
    let mut values = y.to_vec();
    values.sort_by(f64::total_cmp);
    values.dedup();
    // The least cost up to here, by the value here.
    let mut cost = vec![0.0; values.len()];
    for (y, w) in y.iter().zip(w) {
        for v in 1..values.len() {
            cost[v] = f64::min(cost[v], cost[v - 1] + lambda * (values[v] - values[v - 1]));
        }
        for v in (1..values.len()).rev() {
            cost[v - 1] = f64::min(cost[v - 1], cost[v] + lambda * (values[v] - values[v - 1]));
        }
        cost.iter_mut().zip(&values).for_each(|(cost, v)| *cost += w * (v - y).abs());
    }
    cost.into_iter().fold(f64::INFINITY, f64::min)
}

/// Data of many kinds: in general position, with ties, all equal, in a line.
fn series(random: &mut Random, kind: usize, n: usize) -> Vec<f64> {
    let mut walk = 0.0;
    let mut next = |i: usize| match kind {
        0 => random.normal(),
        1 => {
            walk += random.normal();
            walk
        }
        2 => (2.0 * random.normal()).round(),
        3 => 1.5,
        4 => i as f64,
        5 => (i % 3) as f64,
        _ => (7 * i / n % 3) as f64 + 0.3 * random.normal(),
    };
    (0..n).map(&mut next).collect()
}

/// It is a minimum, and adds up.
fn assert_proved(found: &Certificate, n: usize) {
    assert!(found.is_minimum(), "{found}");
    assert_adds_up(found, n);
}

/// 0 is the rest and the kinks' slopes times their rows, by entries.
fn assert_adds_up(found: &Certificate, n: usize) {
    assert!(found.is_certified() && found.no_way_down(), "{found}");
    let (mut sum, mut size) = (found.rest().to_vec(), vec![0.0; n]);
    for kink in found.kinks() {
        let sides = [kink.sides().left, kink.sides().right];
        assert!(sides[0] <= kink.slope() && kink.slope() <= sides[1]);
        for (j, a) in kink.entries() {
            sum[j] += kink.weight() * kink.slope() * a;
            size[j] += (kink.weight() * a).abs();
        }
    }
    for ((sum, size), rest) in sum.iter().zip(size).zip(found.rest()) {
        assert!(sum.abs() <= 1e-11 * (size + rest.abs()), "{sum}\n{found}");
    }
}

#[test]
fn a_total_variation_ends_at_the_minimum_of_dynamic_programming() {
    let mut random = Random(12);
    for case in 0..120 {
        let n = [16, 17, 30, 64, 150][case % 5];
        let y = series(&mut random, case % 7, n);
        let w: Vec<f64> = match case % 3 {
            0 => vec![1.0; n],
            1 => (0..n).map(|_| random.below(3) as f64).collect(),
            _ => (0..n).map(|_| random.unit()).collect(),
        };
        let lambda = [0.5, 1.0, 0.05, 7.0][case % 4];
        let mut x: Vec<f64> = (0..n).map(|_| random.normal()).collect();
        let found = KinkDescent::new().minimize(&mut x, |p| variation(p, &y, &w, lambda)).unwrap();
        let least = least_variation(&y, &w, lambda);
        let off = (found.value() - least).abs();
        assert!(off <= 1e-13 * n as f64 * (1.0 + least), "{case}: {off}\n{found}");
        assert_proved(&found, n);
        assert!(found.recording_count() <= 6 && found.move_count() < 20 * n, "{case}\n{found}");
        if n <= 30 {
            assert_consistent(&found, n);
        }
    }
}

#[test]
fn thousands_of_parameters_take_seconds() {
    // Sized down where nothing is optimised.
    let n = if cfg!(debug_assertions) { 1_000 } else { 10_000 };
    let mut random = Random(4);
    for kind in [0, 1, 2] {
        let y = series(&mut random, kind, n);
        let w = vec![1.0; n];
        let mut x = vec![0.0; n];
        let start = std::time::Instant::now();
        let found = KinkDescent::new().minimize(&mut x, |p| variation(p, &y, &w, 0.5)).unwrap();
        println!("kind {kind}: {:?}, {} steps", start.elapsed(), found.move_count());
        assert_proved(&found, n);
        let least = least_variation(&y, &w, 0.5);
        assert!((found.value() - least).abs() <= 1e-12 * least, "{least}\n{found}");
    }
}

/// Medians in a few parameters each, `Σ w ρ(a · z - b)` in pairs `z`, with the level `q`.
struct Pairs {
    q: f64,
    pairs: Vec<Vec<([f64; 2], f64, f64)>>,
}

impl Pairs {
    fn random(random: &mut Random, count: usize) -> Self {
        let mut whole = |n: usize| random.below(2 * n + 1) as f64 - n as f64;
        let pair = |whole: &mut dyn FnMut(usize) -> f64| {
            // The parameters themselves see to it that there is a minimum at a vertex.
            let mut rows = vec![([1.0, 0.0], whole(2), 0.25), ([0.0, 1.0], whole(2), 0.25)];
            for _ in 0..5 {
                rows.push(([whole(2), whole(2)], whole(3), 1.0));
            }
            let twice = rows[3];
            rows.push(twice);
            rows
        };
        let pairs = (0..count).map(|_| pair(&mut whole)).collect();
        Pairs { q: [0.5, 0.25, 0.9][count % 3], pairs }
    }

    fn pair<T: Scalar>(&self, rows: &[([f64; 2], f64, f64)], z: [T; 2]) -> T {
        let fits = rows.iter().map(|(a, b, w)| (T::dot(&z, a), *b, *w));
        let sum = Quantile::new(self.q).and_then(|loss| loss.weighted_sum(fits));
        sum.expect("sound data")
    }

    fn least(&self) -> f64 {
        let least = |rows: &Vec<([f64; 2], f64, f64)>| {
            let mut least = f64::INFINITY;
            for (i, (a, b, _)) in rows.iter().enumerate() {
                for (c, d, _) in &rows[..i] {
                    let det = a[0] * c[1] - a[1] * c[0];
                    if det != 0.0 {
                        let z = [(b * c[1] - a[1] * d) / det, (a[0] * d - b * c[0]) / det];
                        least = least.min(self.pair(rows, z));
                    }
                }
            }
            least
        };
        self.pairs.iter().map(least).sum()
    }
}

#[test]
fn small_medians_mixed_into_a_large_one_end_at_the_sum_of_their_minima() {
    let mut random = Random(31);
    for case in 0..60 {
        let count = 8 + case % 9;
        let problem = Pairs::random(&mut random, count);
        let n = 2 * count;
        // z = T x, where T is a product of shears by whole numbers: its inverse is of whole numbers too.
        let shears: Vec<(usize, usize, f64)> = (0..n + case % 3 * n)
            .map(|_| (random.below(n), random.below(n), random.below(3) as f64 - 1.0))
            .filter(|(i, j, _)| i != j)
            .collect();
        let mut mix: Vec<Vec<f64>> =
            (0..n).map(|i| (0..n).map(|j| f64::from(i == j)).collect()).collect();
        for &(i, j, by) in &shears {
            let other = mix[j].clone();
            mix[i].iter_mut().zip(other).for_each(|(a, b)| *a += by * b);
        }
        let mut x: Vec<f64> = (0..n).map(|_| random.normal()).collect();
        let found = KinkDescent::new()
            .minimize(&mut x, |x| {
                let row = |a: [f64; 2], at: usize| -> Vec<f64> {
                    (0..n).map(|j| a[0] * mix[2 * at][j] + a[1] * mix[2 * at + 1][j]).collect()
                };
                let loss = Quantile::new(problem.q).unwrap();
                let pairs = problem.pairs.iter().enumerate();
                let rows = pairs.flat_map(|(at, rows)| rows.iter().map(move |row| (at, *row)));
                let fits = rows.map(|(at, (a, b, w))| (Var::dot(x, &row(a, at)), b, w));
                loss.weighted_sum(fits).unwrap()
            })
            .unwrap();
        let least = problem.least();
        let off = (found.value() - least).abs();
        assert!(off <= 1e-10 * (1.0 + least), "{case}: {off}, {least}\n{found}");
        assert_proved(&found, n);
        assert_consistent(&found, n);
    }
}

/// A design with columns that repeat others, are sums of others, or 0.
fn design(random: &mut Random, k: usize, n: usize, fault: usize) -> Vec<Vec<f64>> {
    let row = |_| {
        let mut row: Vec<f64> = (0..n).map(|_| random.normal()).collect();
        row[0] = 1.0;
        match fault {
            0 => (row[4], row[n - 1]) = (0.0, row[1]),
            1 => row[3] = row[1] - 2.0 * row[2],
            2 => row.iter_mut().for_each(|a| *a = a.round()),
            3 => row.iter_mut().skip(5).for_each(|a| *a = 0.0),
            _ => {}
        }
        row
    };
    (0..k).map(row).collect()
}

#[test]
fn columns_that_depend_on_others_change_no_minimum() {
    let mut random = Random(77);
    for case in 0..24 {
        let (k, n) = (60 + case, 18 + case % 5);
        let rows = design(&mut random, k, n, case % 4);
        let y: Vec<f64> = rows.iter().map(|row| row[0] - row[2] + random.laplace()).collect();
        let mae = |p: &[Var], columns: &[usize]| {
            let fits = rows.iter().zip(&y).map(|(row, &y)| {
                let own: Vec<f64> = columns.iter().map(|&j| row[j]).collect();
                (Var::dot(p, &own), y)
            });
            mean_absolute_error(fits).unwrap()
        };
        let all: Vec<usize> = (0..n).collect();
        let own: Vec<usize> = match case % 4 {
            0 => (0..n - 1).filter(|j| *j != 4).collect(),
            1 => (0..n).filter(|j| *j != 3).collect(),
            2 => all.clone(),
            _ => (0..5).collect(),
        };
        let (mut x, mut bare) = (vec![0.25; n], vec![-3.0; own.len()]);
        let found = KinkDescent::new().minimize(&mut x, |p| mae(p, &all)).unwrap();
        let other = KinkDescent::new().minimize(&mut bare, |p| mae(p, &own)).unwrap();
        assert!((found.value() - other.value()).abs() < 1e-12, "{case}\n{found}\n{other}");
        assert!(other.is_exact(), "{other}");
        assert_adds_up(&found, n);
        // A way on which the data are level has no end, and rounding does not tell that it is level.
        assert_eq!(found.is_minimum(), case % 4 > 1, "{case}\n{found}");
        assert!(other.is_minimum(), "{case}\n{other}");
    }
}

#[test]
fn a_thousand_rows_of_two_hundred_are_certified() {
    let (k, n) = if cfg!(debug_assertions) { (250, 50) } else { (1_000, 200) };
    let mut random = Random(200);
    for draw in 0..if cfg!(debug_assertions) { 3 } else { 20 } {
        let rows = design(&mut random, k, n, 9);
        let y: Vec<f64> = rows.iter().map(|row| row[0] - row[2] + random.laplace()).collect();
        let mut x = vec![0.0; n];
        let start = std::time::Instant::now();
        let found = KinkDescent::new()
            .minimize(&mut x, |p| {
                let fits = rows.iter().map(|row| Var::dot(p, row));
                mean_absolute_error(fits.zip(y.iter().copied())).unwrap()
            })
            .unwrap();
        println!("draw {draw}: {:?}, {} steps", start.elapsed(), found.move_count());
        assert_proved(&found, n);
        // From the data alone.
        let mut sum = vec![0.0; n];
        let mut met = 0;
        for (row, y) in rows.iter().zip(&y) {
            let error = row.iter().zip(&x).map(|(a, x)| a * x).sum::<f64>() - y;
            if error.abs() > 1e-10 {
                sum.iter_mut().zip(row).for_each(|(s, a)| *s += error.signum() * a);
            } else {
                met += 1;
            }
        }
        for kink in found.kinks() {
            assert!(rows.iter().any(|row| row == kink.row()));
            sum.iter_mut().zip(kink.row()).for_each(|(s, a)| *s += kink.slope() * a);
        }
        assert!(met == n && found.kinks().len() == n, "{met}\n{found}");
        assert!(sum.iter().all(|s| s.abs() < 1e-11 * k as f64), "{sum:?}");
    }
}

#[test]
fn a_fall_without_end_is_refused_and_flat_ways_are_not() {
    // Each parameter on its own: left of its kink it falls, is flat, or rises to the left.
    let slopes = |at: f64| move |x: Var| (x - 2.0).relu() + x * at;
    let start = [1.0; 20];
    let mut x = start;
    let error = KinkDescent::new()
        .minimize(&mut x, |x| x.iter().map(|&x| slopes(0.5)(x)).sum::<Var>())
        .unwrap_err();
    assert!(matches!(error, OptimError::Unbounded { .. }), "{error}");
    assert_eq!(x, start);
    let found = KinkDescent::new()
        .minimize(&mut x, |x| x.iter().map(|&x| slopes(0.0)(x)).sum::<Var>())
        .unwrap();
    assert!(found.is_exact() && found.value() == 0.0 && x == start, "{found}");
    let found = KinkDescent::new()
        .minimize(&mut x, |x| x.iter().map(|&x| slopes(-0.5)(x)).sum::<Var>())
        .unwrap();
    assert!(found.is_exact() && x == [2.0; 20], "{x:?}\n{found}");
}

#[test]
fn pieces_that_are_made_when_asked_for_have_the_least_gradient_as_their_mean() {
    let y: Vec<f64> = (0..20).map(|i| f64::from(i * i % 7)).collect();
    let w = vec![1.0; 20];
    let mut x = [0.0; 20];
    let found = KinkDescent::new().minimize(&mut x, |p| variation(p, &y, &w, 0.4)).unwrap();
    let again = found.clone();
    assert!(found.pieces().len() > 1);
    assert_eq!(found, again);
    assert_consistent(&found, 20);
}

#[test]
fn powers_of_two_change_no_bit() {
    let mut random = Random(2048);
    for case in 0..6 {
        let n = 16 + 2 * case;
        let rows = design(&mut random, 5 * n, n, [2, 9][case % 2]);
        let y: Vec<f64> = rows.iter().map(|row| row[0] - row[2] + random.laplace()).collect();
        let start: Vec<f64> = (0..n).map(|_| random.normal()).collect();
        let mut ended = |loss: i32, column: i32| {
            let times = |e: i32| f64::from(e).exp2();
            let units: Vec<f64> = (0..n)
                .map(|_| {
                    times((random.unit() * f64::from(column)) as i32 * [1, -1][random.below(2)])
                })
                .collect();
            let mut x: Vec<f64> = start.iter().zip(&units).map(|(x, unit)| x / unit).collect();
            let found = KinkDescent::new()
                .minimize(&mut x, |p| {
                    let p: Vec<Var> = p.iter().zip(&units).map(|(&p, &unit)| p * unit).collect();
                    let fits = rows.iter().zip(&y).map(|(row, &y)| (Var::dot(&p, row) - y).abs());
                    (fits.sum::<Var>() + variation(&p, &y, &vec![0.25; n], 0.5)) * times(loss)
                })
                .unwrap();
            assert_proved(&found, n);
            x.iter_mut().zip(&units).for_each(|(x, unit)| *x *= unit);
            (x, found.value() / times(loss), found.move_count())
        };
        let own = ended(0, 0);
        for (loss, column) in [(-50, 0), (500, 0), (0, 40), (-500, 300)] {
            assert_eq!(ended(loss, column), own, "{case}: {loss} {column}");
        }
    }
}
