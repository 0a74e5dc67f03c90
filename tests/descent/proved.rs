//! What is called a minimum has no lower point, however far; and what rounding does not tell is not called so.

use crate::{Random, assert_consistent};
use wengert::Var;
use wengert::loss::{Loss, Quantile, mean_absolute_error};
use wengert::optim::{Certificate, KinkDescent};

fn minimize(x: &mut [f64], loss: impl FnMut(&[Var]) -> Var) -> Certificate {
    let found = KinkDescent::new().minimize(x, loss).expect("a loss that is bounded");
    assert_consistent(&found, x.len());
    found
}

/// Asks for the loss at many points, at distances from 1e-16 to 1e15 in units of 1: by how much any is lower than
/// the error allows.
fn worst_beyond(found: &Certificate, x: &[f64], loss: impl Fn(&[Var]) -> Var, seed: u64) -> f64 {
    let mut random = Random(seed);
    let mut worst = f64::NEG_INFINITY;
    for exponent in -16..=15 {
        for round in 0..60 {
            let direction = |random: &mut Random| match round % 3 {
                0 => random.normal(),
                1 => random.below(3) as f64 - 1.0,
                _ => f64::from(u8::from(random.below(x.len()) == 0)) * (random.unit() - 0.5),
            };
            let length = 10f64.powf(f64::from(exponent) + random.unit());
            let there: Vec<f64> = x.iter().map(|x| x + length * direction(&mut random)).collect();
            let lower = found.value() - found.error() - loss(&constants(&there)).value();
            worst = worst.max(lower);
        }
    }
    worst
}

fn constants(x: &[f64]) -> Vec<Var> {
    x.iter().map(|&x| Var::from(x)).collect()
}

/// The greatest of some linear functions, and the sum of the magnitudes.
fn greatest(p: &[Var], rows: &[(Vec<f64>, f64)]) -> Var {
    let fits = rows.iter().map(|(row, y)| Var::dot(p, row) - *y);
    Var::max_of(&fits.collect::<Vec<Var>>()) + p.iter().map(|p| p.abs()).sum::<Var>()
}

#[test]
fn a_slope_of_rounding_without_end_is_no_minimum() {
    // 0.7 + 0.3 - 1 is 0 in floating point and less in the numbers that are meant: down the second axis all falls.
    let tilt = |p: &[Var]| {
        let fits = [p[0] * 2.0 + p[1] * 0.7, -p[0] + p[1] * 0.7];
        Var::max_of(&fits) + (p[1] * 0.3) + (p[0].abs() - p[1]) + 3.0
    };
    for start in [[0.0, 0.0], [1.0, -5.0], [-3.0, 1e4]] {
        let found = minimize(&mut start.clone(), tilt);
        assert!(!found.is_minimum(), "{found}");
    }
    // Tenths as slopes, with a cost of 1 for each magnitude: many such losses are level but for rounding.
    let mut random = Random(247);
    let (mut certified, mut proved) = (0, 0);
    for case in 0..300 {
        let (n, k) = (1 + case % 4, 3 + random.below(9));
        let mut tenths = |n: usize| (random.below(2 * n + 1) as f64 - n as f64) / 10.0;
        let rows: Vec<(Vec<f64>, f64)> =
            (0..k).map(|_| ((0..n).map(|_| tenths(20)).collect(), tenths(30))).collect();
        let mut x: Vec<f64> = (0..n).map(|_| tenths(50)).collect();
        let Ok(found) = KinkDescent::new().minimize(&mut x, |p| greatest(p, &rows)) else {
            // It falls without end.
            continue;
        };
        certified += usize::from(found.is_certified());
        if found.is_minimum() {
            proved += 1;
            let beyond = worst_beyond(&found, &x, |p| greatest(p, &rows), case as u64);
            assert!(beyond <= 0.0, "{case}: {beyond:e}\n{found}");
        }
    }
    assert!(certified > 150 && proved > 100, "{certified} {proved}");
}

#[test]
fn a_level_stretch_that_ends_is_a_minimum_with_its_error() {
    // Between the two in the middle of an even number of data, and quantiles that fall between two.
    let mut random = Random(10);
    for case in 0..60 {
        let level = [0.5, 0.9, 0.3, 0.1][case % 4];
        let data: Vec<f64> = (0..10 * (1 + case % 3)).map(|_| random.laplace()).collect();
        let quantile = Quantile::new(level).expect("a level");
        let loss = |p: &[Var]| quantile.mean(data.iter().map(|&y| (p[0], y))).expect("sound data");
        let mut x = [random.normal()];
        let found = minimize(&mut x, loss);
        let least = data.iter().map(|y| loss(&[Var::from(*y)]).value());
        let least = least.fold(f64::INFINITY, f64::min);
        assert!(found.is_minimum(), "{case}\n{found}");
        assert!(found.value() - least <= found.error() && found.error() < 1e-11, "{case}\n{found}");
        assert!(worst_beyond(&found, &x, loss, case as u64) <= 0.0);
    }
}

#[test]
fn a_level_line_without_end_is_certified_and_not_called_a_minimum() {
    // The third column is the sum of the others.
    let mut random = Random(3);
    for case in 0..20 {
        let rows: Vec<([f64; 3], f64)> = (0..15)
            .map(|_| {
                let [a, b] = [random.normal(), random.normal()];
                ([a, b, a + b], random.laplace())
            })
            .collect();
        let fit = |p: &[Var]| {
            let fits = rows.iter().map(|(row, y)| (Var::dot(p, row), *y));
            mean_absolute_error(fits).expect("sound data")
        };
        let found = minimize(&mut [0.0; 3], fit);
        assert!(found.is_certified() && !found.is_minimum(), "{case}\n{found}");
        // Without that column it is proved.
        let own = minimize(&mut [0.0; 2], |p| fit(&[p[0], p[1], Var::from(0.0)]));
        assert!(own.is_minimum(), "{case}\n{own}");
        assert!((own.value() - found.value()).abs() < 1e-13, "{case}\n{found}");
    }
    // A column that nothing depends on leaves nothing to be proved.
    let found = minimize(&mut [1.0, 1.0], |p| (p[0] - 3.0).abs() + p[1] * 0.0);
    assert!(found.is_minimum(), "{found}");
}

#[test]
fn a_minimum_of_many_vertices_is_that_of_all_of_them_and_nothing_far_is_lower() {
    let mut random = Random(4);
    let mut proved = 0;
    for case in 0..200 {
        let (k, scale) = (4 + random.below(12), 10f64.powi(random.below(41) as i32 - 20));
        let units = [(), ()].map(|()| f64::from(random.below(101) as i32 - 50).exp2());
        let whole = case % 2 == 0;
        let mut number = || if whole { random.below(7) as f64 - 3.0 } else { random.normal() };
        let rows: Vec<([f64; 2], f64)> = (0..k).map(|_| ([number(), number()], number())).collect();
        let kind = case % 3;
        let loss = |z: &[Var]| {
            let fits = rows.iter().map(|(row, y)| Var::dot(z, row) - *y);
            let sum: Var = match kind {
                0 => fits.map(|r| r.abs()).sum(),
                1 => fits.map(|r| (r * 0.8).max(r * -0.2)).sum(),
                _ => fits.map(|r| (1.0 - r).relu()).sum(),
            };
            (sum + (z[0].abs() + z[1].abs()) * 0.01) * scale
        };
        let mut x = [0.0, 1.0 / units[1]];
        let found = KinkDescent::new()
            .minimize(&mut x, |p| loss(&[p[0] * units[0], p[1] * units[1]]))
            .expect("it is bounded");
        // The least of where two lines on which the loss bends meet.
        let lines = rows.iter().map(|(row, y)| (*row, if kind == 2 { y + 1.0 } else { *y }));
        let lines: Vec<_> = lines.chain([([1.0, 0.0], 0.0), ([0.0, 1.0], 0.0)]).collect();
        let mut least = f64::INFINITY;
        for (i, (a, y)) in lines.iter().enumerate() {
            for (b, z) in &lines[..i] {
                let whole = a[0] * b[1] - a[1] * b[0];
                if whole.abs() > 1e-9 {
                    let meet = [(y * b[1] - a[1] * z) / whole, (a[0] * z - y * b[0]) / whole];
                    least = least.min(loss(&meet.map(Var::from)).value());
                }
            }
        }
        proved += usize::from(found.is_minimum());
        assert!(found.value() - least <= found.error() + 1e-15 * least, "{case} {least}\n{found}");
        if found.is_minimum() {
            let z = [x[0] * units[0], x[1] * units[1]];
            assert!(worst_beyond(&found, &z, loss, case as u64) <= 0.0, "{case}\n{found}");
        }
    }
    assert!(proved >= 198, "{proved}");
}

#[test]
fn a_way_down_beyond_a_level_stretch_is_gone() {
    // Errors less a margin, whose magnitudes are level in places; from where the descent ended on a stretch, which leads on.
    let beyond = |rows: &[[f64; 3]], margin: f64, units: &[f64], start: &[f64], least: f64| {
        let loss = |p: &[Var]| -> Var {
            let z: Vec<Var> = p.iter().zip(units).map(|(p, unit)| *p * *unit).collect();
            let fits = rows.iter().map(|row| Var::dot(&z, &row[..z.len()]) - row[z.len()]);
            fits.map(|fit| (fit.abs() - margin).abs()).sum()
        };
        let found = minimize(&mut start.to_vec(), loss);
        assert!(!found.is_certified() || found.value() <= least + found.error(), "{found}");
    };
    let rows =
        [[1.0, 1.0, 2.0], [-1.0, 1.0, -3.0], [-1.0, 1.0, 2.0], [-3.0, 1.0, 3.0], [-1.0, 1.0, -1.0]];
    beyond(&rows, 0.02, &[10.0, 0.1], &[-0.3424416806164633, 1005.0503086270422], 8.92);
    // Two parameters, of which the sum of both matters up to where the first one alone does.
    for start in [[0.5, -0.5], [0.25, -0.25], [0.0, 0.0]] {
        let found = minimize(&mut start.to_vec(), |p| {
            let level = (p[0] + p[1]).abs() + 1.0;
            let step = (p[0].abs() - 2.0).relu();
            level.max(p[1] - 100.0) - step.min(Var::from(0.5))
        });
        assert!(!found.is_certified() || found.value() < 0.6, "{start:?}\n{found}");
    }
    // A unit of a network that is off for all data is level, until it is on.
    let data = [(1.0, 2.0), (2.0, 3.0), (3.0, 1.5)];
    let net = |p: &[Var]| -> Var {
        let unit = |t: f64| p[0] * (p[1] * t + p[2]).relu();
        data.iter().map(|&(t, y)| (unit(t) + p[3] - y).abs()).sum()
    };
    for start in [[0.6, -0.3, -1.5, 2.0], [-0.4, -0.2, -1.0, 2.0], [0.5, -1.0, -2.0, 1.9]] {
        let found = minimize(&mut start.to_vec(), net);
        assert!(!found.is_certified() || found.value() < 1.4, "{start:?}\n{found}");
    }
}

#[test]
fn a_saddle_of_parameters_in_unknown_units_is_no_minimum() {
    // Both factors and their slopes are 0 at the start; the cost of their sizes tells their units.
    let data = [(0.3, 2.6), (-0.6, 0.4), (1.0, -1.6), (2.0, -3.0)];
    for exponents in [[0, 0, 0], [-43, 50, 30], [49, -39, 6], [20, -60, -20]] {
        let units = exponents.map(|e| f64::from(e).exp2());
        let loss = |p: &[Var]| {
            let [w, u, b] = [p[0] * units[0], p[1] * units[1], p[2] * units[2]];
            let fit = |t: f64| b + w * (u * t).clamp(-1.0, 1.0);
            let errors = data.iter().map(|&(t, y)| (fit(t) - y).abs()).sum::<Var>();
            errors * 0.25 + (w.square() + u.square() + b.square()) * 1e-3
        };
        let found = minimize(&mut [0.0; 3], loss);
        let start = loss(&[0.0; 3].map(Var::from)).value();
        assert!(!found.is_certified() || found.value() < 0.8 * start, "{exponents:?}\n{found}");
    }
}
