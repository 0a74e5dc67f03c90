//! What is certified does not depend on units, and holds.

use crate::{Random, assert_consistent};
use wengert::optim::{Certificate, Ending, KinkDescent};
use wengert::{Scalar, Var};

fn minimize(x: &mut [f64], loss: impl FnMut(&[Var]) -> Var) -> Certificate {
    KinkDescent::new().minimize(x, loss).expect("a finite loss that is bounded")
}

fn assert_near(x: &[f64], right: &[f64], share: f64, found: &Certificate) {
    for (x, right) in x.iter().zip(right) {
        assert!((x - right).abs() <= share * right.abs(), "{x:e} for {right:e}\n{found}");
    }
}

#[test]
fn a_loss_in_great_units_is_minimised_all_the_way() {
    for scale in [1.0, 1e-300, 1e-30, 1e8, 1e10, 1e12, 1e14, 1e16, 1e300] {
        for start in [[0.0, 0.0], [1.0, 2.0]] {
            let mut x = start;
            let found = minimize(&mut x, |p| ((p[0] - 3.0).powi(2) + (p[1] - p[0]).abs()) * scale);
            assert!(found.is_certified(), "{scale:e} {start:?} {x:?}\n{found}");
            assert_near(&x, &[3.0, 3.0], 1e-8, &found);
            assert!(found.value() <= 1e-14 * scale, "{scale:e} {start:?} {x:?}\n{found}");
        }
    }
}

#[test]
fn an_exponential_curve_is_fitted_in_any_units() {
    for exponent in [0, 3, -3, -12, -18, -24, -30, -150, 150] {
        let s = 10f64.powi(exponent);
        let times: Vec<f64> = (0..30).map(|i| 0.1 * f64::from(i)).collect();
        let y: Vec<f64> = times
            .iter()
            .enumerate()
            .map(|(i, t)| 2.0 * s * (-1.3 * t).exp() + if i == 7 { 0.5 * s } else { 0.0 })
            .collect();
        let mut x = [0.5 * s, -0.5];
        let found = minimize(&mut x, |p| {
            let fits = times.iter().map(|&t| p[0] * (p[1] * t).exp());
            fits.zip(&y).map(|(fit, &y)| (fit - y).abs()).sum()
        });
        assert!(found.is_certified(), "{s:e} {x:?}\n{found}");
        assert_near(&x, &[2.0 * s, -1.3], 1e-9, &found);
    }
}

#[test]
fn a_median_is_that_of_the_data_in_any_units() {
    for exponent in -300..=300 {
        let s = 1.6 * 10f64.powi(exponent);
        let data = [1.0, 2.0, 3.5, 20.0, 50.0].map(|y| y * s);
        let mut x = [0.0];
        let found = minimize(&mut x, |p| data.iter().map(|&y| (p[0] - y).abs()).sum());
        assert!(found.is_minimum() && x == [3.5 * s], "{s:e} {x:?}\n{found}");
    }
}

#[test]
fn least_squares_of_great_numbers_end_at_their_solution() {
    for s in [1.0, 1e-8, 1e8, 1e-100, 1e100, 1e-150, 1e150] {
        let points = [(1.0, 8.0), (2.0, 11.0), (3.0, 14.0), (4.0, 18.0)].map(|(x, y)| (x, y * s));
        let mut x = [0.0; 2];
        let found =
            minimize(&mut x, |p| points.iter().map(|&(x, y)| (p[0] * x + p[1] - y).powi(2)).sum());
        assert!(found.is_certified() && !found.is_minimum(), "{s:e} {x:?}\n{found}");
        assert_near(&x, &[3.3 * s, 4.5 * s], 1e-7, &found);
    }
}

#[test]
fn a_line_by_absolute_error_is_that_of_units_of_one() {
    let points = [(1.0, 8.0), (2.0, 11.0), (3.0, 14.0), (4.0, 90.0)];
    let powers = [-155, -150, -129, -104, -100, -50, -20, -9, 0, 9, 20, 50, 100, 104, 150, 155];
    for column in powers {
        for target in powers {
            if i32::abs(target - column) < 300 {
                let (s, t) = (10f64.powi(column), 10f64.powi(target));
                let mut x = [0.0; 2];
                let found = minimize(&mut x, |p| {
                    points.iter().map(|&(x, y)| (p[0] * (x * s) + p[1] - y * t).abs()).sum()
                });
                assert!(found.is_minimum(), "{column} {target} {x:?}\n{found}");
                assert_near(&x, &[3.0 * t / s, 5.0 * t], 1e-12, &found);
            }
        }
    }
}

/// `½ Σ (p - y)² + λ Σ |pᵢ₊₁ - pᵢ|`.
fn fused_lasso<T: Scalar>(p: &[T], y: &[f64], lambda: f64) -> T {
    let fits = p.iter().zip(y).map(|(&p, &y)| (p - y) * (p - y)).sum::<T>() * 0.5;
    fits + p.windows(2).map(|p| (p[1] - p[0]).abs()).sum::<T>() * lambda
}

#[test]
fn a_fused_lasso_of_small_data_is_that_of_great_ones() {
    let y = [1.0, 1.2, 0.9, 3.0, 3.3, 2.9, 0.4, 0.1];
    let mut own = [0.0; 8];
    let found = minimize(&mut own, |p| fused_lasso(p, &y, 0.3));
    assert!(found.is_certified(), "{found}");
    for s in [1e-12, 1e-8, 1e-4, 1e4, 1e8, 1e100, 1e-100] {
        let data = y.map(|y| y * s);
        let mut x = [0.0; 8];
        let found = minimize(&mut x, |p| fused_lasso(p, &data, 0.3 * s));
        assert!(found.is_certified(), "{s:e} {x:?}\n{found}");
        assert_near(&x, &own.map(|x| x * s), 1e-7, &found);
    }
}

#[test]
fn a_quantile_near_an_end_is_the_extreme_point() {
    let mut random = Random(14);
    let data: Vec<f64> = (0..100).map(|_| random.normal()).collect();
    let least = data.iter().copied().fold(f64::INFINITY, f64::min);
    let most = data.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for exponent in [3, 6, 9, 12, 13, 14, 15, 16, 17, 20, 50] {
        let q = 10f64.powi(-exponent);
        // Of errors above and below the slopes are q and 1 - q, or the other way round.
        for (above, below, right) in [(q, 1.0 - q, least), (1.0 - q, q, most)] {
            let mut x = [0.0];
            let found = minimize(&mut x, |p| {
                let each = data.iter().map(|&y| {
                    let error = y - p[0];
                    (error * above).max(error * -below)
                });
                each.sum::<Var>() / 100.0
            });
            // `1 - q` is rounded: that it is the shallow side of a steep slope is seen as long as it is not
            // lost in its terms.
            let is_told = above == q || exponent <= 14;
            assert!(found.is_certified(), "{q:e} {x:?} {right}\n{found}");
            assert!(found.is_minimum() || !is_told, "{q:e} {x:?} {right}\n{found}");
            assert_near(&x, &[right], 1e-15, &found);
        }
    }
}

#[test]
fn what_is_no_minimum_is_not_certified() {
    type Case = (&'static str, fn(&[Var]) -> Var, Vec<f64>);
    let cases: [Case; 3] = [
        ("a maximum", |x| -(x[0] * x[0]), vec![0.0]),
        ("a saddle", |x| x[0] * x[0] - x[1] * x[1], vec![0.0, 0.0]),
        ("a product", |x| x[0] * x[1], vec![0.0, 0.0]),
    ];
    for (name, loss, start) in cases {
        for scale in [1.0, 1e-200, 1e-20, 1e20, 1e200] {
            let mut x = start.clone();
            let found = minimize(&mut x, |x| loss(x) * scale);
            assert!(!found.is_certified() && !found.is_minimum(), "{name} {scale:e}\n{found}");
            assert_eq!(found.ending(), Ending::CurvesDown, "{name} {scale:e}\n{found}");
        }
    }
}

#[test]
fn a_maximum_or_saddle_is_left_where_that_leads_to_a_minimum() {
    type Case = (fn(&[Var]) -> Var, Vec<f64>, f64);
    let cases: [Case; 4] = [
        (|x| (x[0] * x[0] - 1.0).powi(2), vec![0.0], 0.0),
        (|x| x[0].abs() + x[1].cos(), vec![3.0, 0.0], -1.0),
        (|x| x[0].powi(4) - x[0] * x[1] + x[1].powi(4), vec![0.0, 0.0], -0.125),
        (|x| (x[0] - x[1]).abs() + (x[0] * 3.0).sin() + x[1] * x[1], vec![0.0, 0.0], f64::NAN),
    ];
    for (loss, start, least) in cases {
        let mut x = start.clone();
        let found = minimize(&mut x, loss);
        assert!(found.is_certified(), "{x:?}\n{found}");
        assert!(least.is_nan() || (found.value() - least).abs() < 1e-12, "{x:?}\n{found}");
    }
}

/// Losses that end at points which are no minima where a search is careless, with their starts.
#[test]
fn nothing_is_certified_above_a_minimum_by_more_than_its_error() {
    type Case = (fn(&[Var]) -> Var, Vec<f64>, f64);
    let mut cases: Vec<Case> = vec![
        // What the unit of a start at 0 does not tell.
        (|x| x[0] * x[0] + (x[0] * 1e6).cos(), vec![0.0], -0.999_999_99),
        // A way down along a parabola only.
        (
            |x| {
                let square = x[0] * x[0];
                (x[1] - square) * (x[1] - square * 3.0) + x[0].powi(6) + x[1].powi(6)
            },
            vec![0.0, 0.0],
            -1e-3,
        ),
        // A jump.
        (|x| x[0].floor() + x[0].abs(), vec![3.0], -1.0),
        (|x| (x[0] % 2.0) + x[0].abs() * 0.1, vec![5.0], -1.0),
    ];
    for start in [2e15, 4e15, 1e18, 1e20, -3e16] {
        let median: fn(&[Var]) -> Var =
            |x| [1.0, 2.0, 3.5, 20.0, 50.0].iter().map(|&y| (x[0] - y).abs()).sum();
        cases.push((median, vec![start], 67.0));
        cases.push((|x| (x[0] - 1.0).abs() + x[0].abs() * 0.5, vec![start], 0.5));
    }
    for start in [1e3, 1e6, 1e8, 1e10, 1e12] {
        cases.push((|x| (x[0] * x[0] - 1.0).powi(2), vec![start], 0.0));
        cases.push((|x| (x[0] - 0.1).powi(4), vec![start], 0.0));
        cases.push((|x| x[0] * x[0] + x[0].powi(4), vec![start], 0.0));
        cases.push((
            |x| (x[1] - x[0] * x[0]).powi(2) * 100.0 + (1.0 - x[0]).powi(2),
            vec![-start, -start],
            0.0,
        ));
    }
    for unit in [0, 20, 30, 60, 100] {
        let crest: [fn(&[Var]) -> Var; 5] = [
            |x| (x[0].powi(2) - 1.0).powi(2),
            |x| ((x[0] * 2f64.powi(20)).powi(2) - 1.0).powi(2),
            |x| ((x[0] * 2f64.powi(30)).powi(2) - 1.0).powi(2),
            |x| ((x[0] * 2f64.powi(60)).powi(2) - 1.0).powi(2),
            |x| ((x[0] * 2f64.powi(100)).powi(2) - 1.0).powi(2),
        ];
        cases.push((
            crest[[0, 20, 30, 60, 100].iter().position(|&u| u == unit).unwrap()],
            vec![0.0],
            0.0,
        ));
    }
    for (at, (loss, start, least)) in cases.into_iter().enumerate() {
        let mut x = start.clone();
        let found = minimize(&mut x, loss);
        let off = found.value() - least;
        assert!(
            !found.is_certified() || off <= found.error(),
            "{at} {start:?} {x:?} {off:e}\n{found}"
        );
    }
}

#[test]
fn parameters_that_the_loss_does_not_tell_apart_leave_a_curved_one_level() {
    let points = [(1.0, 1.0), (2.0, 4.0), (3.0, 9.0)];
    let mut x = [1.0, 2.0, 3.0];
    let found = minimize(&mut x, |x| {
        points.iter().map(|&(t, y)| (x[0] * t + x[1] * t + x[2] - y).powi(2)).sum()
    });
    assert!((found.value() - 2.0 / 3.0).abs() < 1e-14, "{x:?}\n{found}");
    assert!(!found.is_certified() && found.to_string().contains("level around"), "{found}");
    // One that nothing depends on is no part of it.
    let mut x = [1.0, 2.0];
    let found = minimize(&mut x, |x| (x[0] - 3.0).powi(2) + x[0].exp());
    assert!(found.is_certified() && x[1] == 2.0, "{x:?}\n{found}");
}

#[test]
fn a_valley_is_followed_to_its_end_in_any_units() {
    for scale in [1e-300, 1e-30, 1e-9, 1e-3, 1.0, 1e9, 1e100] {
        let mut x = [-1.2, 1.0];
        let found = minimize(&mut x, |x| {
            ((x[1] - x[0] * x[0]).powi(2) * 100.0 + (1.0 - x[0]).powi(2)) * scale
        });
        assert!(found.is_certified(), "{scale:e} {x:?}\n{found}");
        assert_near(&x, &[1.0, 1.0], 1e-6, &found);
    }
}

#[test]
fn a_step_that_is_too_long_is_shortened() {
    for start in [1.0, 5.0, 25.0] {
        let mut x = [start];
        let found = minimize(&mut x, |x| (x[0] * x[0]).exp());
        assert!(found.is_certified() && x[0].abs() < 1e-6, "{start} {x:?}\n{found}");
    }
    // Sums of exponentials, whose first steps overflow.
    for start in [[-3.0, 2.0], [5.0, 5.0], [20.0, -200.0], [600.0, 0.0]] {
        let mut x = start;
        let found = minimize(&mut x, |x| {
            (x[0] + x[1] * 3.0 - 0.1).exp() + (x[0] - x[1] * 3.0 - 0.1).exp() + (-x[0] - 0.1).exp()
        });
        assert!(found.is_certified(), "{start:?} {x:?}\n{found}");
        assert_near(&x, &[-0.5 * std::f64::consts::LN_2], 1e-6, &found);
        assert!(x[1].abs() < 1e-6 && (found.value() - 2.559_266_696_658_216).abs() < 1e-9);
    }
}

/// Losses of three kinds: linear, curved, nested.
fn loss(kind: usize, seed: u64, p: &[Var]) -> Var {
    let mut random = Random(seed);
    let mut residuals = |p: &[Var]| -> Vec<Var> {
        let row = |random: &mut Random| -> Var {
            p.iter().map(|&p| p * random.normal()).sum::<Var>() + 3.0 * random.normal()
        };
        (0..4 * p.len()).map(|_| row(&mut random)).collect()
    };
    match kind {
        0 => residuals(p).into_iter().map(|r| r.abs()).sum(),
        1 => {
            let fits = residuals(p).into_iter().map(|r| r * r).sum::<Var>();
            fits + p.iter().map(|p| p.abs()).sum::<Var>() * 3.0
        }
        2 => residuals(p).into_iter().map(|r| (r.abs() - 1.0).abs()).sum(),
        _ => Var::max_of(&residuals(p).into_iter().map(|r| r.abs()).collect::<Vec<_>>()),
    }
}

#[test]
fn powers_of_two_change_no_bit_of_an_answer() {
    let mut random = Random(500);
    for case in 0..48 {
        let (kind, n) = (case % 4, 1 + case / 4 % 5);
        let start: Vec<f64> = (0..n).map(|_| 3.0 * random.normal()).collect();
        let mut ended = |by: i32, of: i32| {
            let times = |e: i32| f64::from(e).exp2();
            let mut power =
                || times((random.unit() * f64::from(of)) as i32 * [1, -1][random.below(2)]);
            let units: Vec<f64> = (0..n).map(|_| power()).collect();
            let mut x: Vec<f64> = start.iter().zip(&units).map(|(x, unit)| x / unit).collect();
            let found = minimize(&mut x, |p| {
                let p: Vec<Var> = p.iter().zip(&units).map(|(&p, &unit)| p * unit).collect();
                loss(kind, case as u64, &p) * times(by)
            });
            x.iter_mut().zip(&units).for_each(|(x, unit)| *x *= unit);
            let least: Vec<f64> =
                found.least().iter().zip(&units).map(|(g, unit)| g / unit / times(by)).collect();
            let verdicts = (found.is_certified(), found.is_minimum(), found.is_exact());
            (
                x,
                found.value() / times(by),
                verdicts,
                least,
                found.move_count(),
                found.recording_count(),
            )
        };
        let own = ended(0, 0);
        for (by, of) in
            [(-50, 0), (50, 0), (-500, 0), (500, 0), (0, 50), (0, 500), (50, 50), (-400, 300)]
        {
            assert_eq!(ended(by, of), own, "{case}: {by} {of}");
        }
    }
}

#[test]
fn no_step_of_any_length_is_lower_than_what_is_certified_by_more_than_its_error() {
    let mut random = Random(77);
    let mut certified = [0; 4];
    for case in 0..160 {
        let (kind, n) = (case % 4, 1 + case / 4 % 4);
        let unit = 10f64.powi(random.below(41) as i32 - 20);
        let scale = 10f64.powi(random.below(61) as i32 - 30);
        let value = |x: &[f64]| {
            let own: Vec<Var> = x.iter().map(|x| Var::from(x / unit)).collect();
            loss(kind, case as u64, &own).value() * scale
        };
        let mut x: Vec<f64> = (0..n).map(|_| 3.0 * random.normal() * unit).collect();
        let found = minimize(&mut x, |p| {
            let own: Vec<Var> = p.iter().map(|&p| p / unit).collect();
            loss(kind, case as u64, &own) * scale
        });
        assert_consistent(&found, n);
        if !found.is_certified() {
            continue;
        }
        certified[kind] += 1;
        // Of the others a minimum may be a local one.
        let reach = if found.is_minimum() || kind == 1 { 12 } else { 0 };
        for exponent in -12..=reach {
            for _ in 0..8 {
                let step = 10f64.powf(f64::from(exponent) * 0.5 - 1.0 - random.unit());
                let step = if reach == 0 { step * 1e-6 } else { step };
                let there: Vec<f64> = x.iter().map(|x| x + step * unit * random.normal()).collect();
                let lower = found.value() - value(&there);
                assert!(lower <= found.error(), "{case}: {lower:e} {:e}\n{found}", found.error());
            }
        }
    }
    assert!(certified.iter().all(|&n| n >= 38), "{certified:?}");
}
