//! Losses that are curved between their kinks, nest them, or are not convex.

use crate::{Random, assert_consistent};
use wengert::Var;
use wengert::optim::KinkDescent;

type Case = (&'static str, fn(&[Var]) -> Var, Vec<f64>, f64);

/// Problems of the literature with their minima: L. Lukšan and J. Vlček, "Test problems for nonsmooth
/// unconstrained and linearly constrained optimization", Technical report 798, Prague 2000; M.
/// Gürbüzbalaban and M. L. Overton, "On Nesterov's nonsmooth Chebyshev-Rosenbrock functions", Nonlinear
/// Analysis 75, 2012, which has 2ⁿ⁻¹ - 1 stationary points that are no minima.
#[rustfmt::skip]
fn problems() -> Vec<Case> {
    vec![
        ("crescent", |x| {
            let s = x[0] * x[0] + (x[1] - 1.0).powi(2);
            (s + x[1] - 1.0).max(-s + x[1] + 1.0)
        }, vec![-1.5, 2.0], 0.0),
        ("CB2", |x| Var::max_of(&[
            x[0].powi(2) + x[1].powi(4),
            (2.0 - x[0]).powi(2) + (2.0 - x[1]).powi(2),
            (x[1] - x[0]).exp() * 2.0,
        ]), vec![1.0, -0.1], 1.952_224_493_9),
        ("DEM", |x| Var::max_of(&[
            x[0] * 5.0 + x[1],
            x[0] * -5.0 + x[1],
            x[0] * x[0] + x[1] * x[1] + x[1] * 4.0,
        ]), vec![1.0, 1.0], -3.0),
        ("QL", |x| {
            let q = x[0] * x[0] + x[1] * x[1];
            Var::max_of(&[q, q + (x[0] * -4.0 - x[1] + 4.0) * 10.0, q + (-x[0] - x[1] * 2.0 + 6.0) * 10.0])
        }, vec![-1.0, 5.0], 7.2),
        ("LQ", |x| (-x[0] - x[1]).max(-x[0] - x[1] + x[0] * x[0] + x[1] * x[1] - 1.0),
            vec![-0.5, -0.5], -std::f64::consts::SQRT_2),
        ("Mifflin 1", |x| (x[0] * x[0] + x[1] * x[1] - 1.0).relu() * 20.0 - x[0], vec![0.8, 0.6], -1.0),
        ("Mifflin 2", |x| {
            let s = x[0] * x[0] + x[1] * x[1] - 1.0;
            s * 2.0 + s.abs() * 1.75 - x[0]
        }, vec![-1.0, -1.0], -1.0),
        ("Wolfe", |x| {
            let (a, b) = (x[0], x[1]);
            if a >= b.value().abs() {
                (a * a * 9.0 + b * b * 16.0).sqrt() * 5.0
            } else if a > 0.0 {
                a * 9.0 + b.abs() * 16.0
            } else {
                a * 9.0 + b.abs() * 16.0 - a.powi(9)
            }
        }, vec![3.0, 2.0], -8.0),
        ("Rosen-Suzuki", |x| {
            let square: Vec<Var> = x.iter().map(|&x| x * x).collect();
            let f = square[0] + square[1] + square[2] * 2.0 + square[3]
                - x[0] * 5.0 - x[1] * 5.0 - x[2] * 21.0 + x[3] * 7.0;
            let g = [
                square[0] + square[1] + square[2] + square[3] + x[0] - x[1] + x[2] - x[3] - 8.0,
                square[0] + square[1] * 2.0 + square[2] + square[3] * 2.0 - x[0] - x[3] - 10.0,
                square[0] * 2.0 + square[1] + square[2] + x[0] * 2.0 - x[1] - x[3] - 5.0,
            ];
            Var::max_of(&[f, f + g[0] * 10.0, f + g[1] * 10.0, f + g[2] * 10.0])
        }, vec![0.0; 4], -44.0),
        ("MAXQ", |x| Var::max_of(&x.iter().map(|&x| x * x).collect::<Vec<_>>()),
            (1..=20).map(|i| f64::from(if i <= 10 { i } else { -i })).collect(), 0.0),
        ("MAXL", |x| Var::max_of(&x.iter().map(|&x| x.abs()).collect::<Vec<_>>()),
            (1..=20).map(|i| f64::from(if i <= 10 { i } else { -i })).collect(), 0.0),
        ("Goffin", |x| Var::max_of(x) * 20.0 - x.iter().sum::<Var>(),
            (0..20).map(|i| f64::from(i) - 9.5).collect(), 0.0),
        ("active faces", |x| {
            let g = |y: Var| y.abs().ln_1p();
            let mut all: Vec<Var> = x.iter().map(|&x| g(x)).collect();
            all.push(g(-x.iter().sum::<Var>()));
            Var::max_of(&all)
        }, vec![1.0; 10], 0.0),
        ("chained crescent", |x| {
            let (mut a, mut b) = (Var::from(0.0), Var::from(0.0));
            for w in x.windows(2) {
                let s = w[0] * w[0] + (w[1] - 1.0).powi(2);
                a += s + w[1] - 1.0;
                b += -s + w[1] + 1.0;
            }
            a.max(b)
        }, vec![-1.5, 2.0, -1.5, 2.0, -1.5, 2.0], 0.0),
        ("Chebyshev-Rosenbrock, curved", |x|
            (x[0] - 1.0).powi(2) * 0.25 + (x[1] - x[0].powi(2) * 2.0 + 1.0).abs(), vec![-1.5, 2.0], 0.0),
        ("Chebyshev-Rosenbrock, linear", |x| {
            let first = (x[0] - 1.0).abs() * 0.25;
            x.windows(2).fold(first, |sum, w| sum + (w[1] - w[0].abs() * 2.0 + 1.0).abs())
        }, vec![-0.7, 0.3, 0.2, -0.8, 0.1], 0.0),
        ("Rosenbrock", |x| (x[1] - x[0] * x[0]).powi(2) * 100.0 + (1.0 - x[0]).powi(2),
            vec![-1.2, 1.0], 0.0),
        ("lasso", |x| (x[0] - 3.0).powi(2) + (x[1] - 0.2).powi(2) + x[0].abs() + x[1].abs(),
            vec![9.0, 9.0], 2.79),
        ("nested absolute values", |x| ((x[0].abs() - 1.0).abs() - 0.5).abs(), vec![3.3], 0.0),
        ("a tip among distances", |x| {
            let towns = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (-1.0, -1.0)];
            towns.iter().map(|&(a, b)| (x[0] - a).hypot(x[1] - b)).sum()
        }, vec![3.0, 2.0], 2.0 + std::f64::consts::SQRT_2),
        ("distances", |x| {
            let towns = [(0.0, 0.0), (4.0, 0.0), (0.0, 3.0)];
            towns.iter().map(|&(a, b)| Var::norm(&[x[0] - a, x[1] - b])).sum()
        }, vec![3.0, 2.0], 6.766_432_567_522_308),
        ("two kinks in a row", |x| (x[0] - 2.0).abs() - x[0].clamp(-1.0, 1.0) * 3.0, vec![-40.0], -3.0),
        ("off a concave kink", |x| x[0] * x[0] - x[0].abs(), vec![0.0], -0.25),
    ]
}

#[test]
fn problems_of_the_literature_end_certified_at_their_minima() {
    let mut hidden = Vec::new();
    for (name, loss, start, least) in problems() {
        let mut x = start;
        let found = KinkDescent::new().minimize(&mut x, loss).unwrap();
        println!("{name}: {} recordings, {} steps", found.recording_count(), found.move_count());
        // Where terms of size 1 cancel to their last places, rounding may hide whether a way leads down.
        if !found.is_certified() && (found.value() - least).abs() < 1e-14 {
            hidden.push(name);
            continue;
        }
        assert!(found.is_certified(), "{name} {x:?}\n{found}");
        assert!((found.value() - least).abs() < 1e-9, "{name} {x:?}\n{found}");
        assert_consistent(&found, x.len());
    }
    assert!(hidden.len() <= 2, "{hidden:?}");
}

#[test]
fn in_whatever_units_the_parameters_are_the_problems_end_at_their_minima() {
    let mut random = Random(8);
    for (name, loss, start, least) in problems() {
        let mut unit = || 10f64.powi(random.below(13) as i32 - 6);
        let units: Vec<f64> = start.iter().map(|_| unit()).collect();
        let mut x: Vec<f64> = start.iter().zip(&units).map(|(x, unit)| x / unit).collect();
        let found = KinkDescent::new()
            .minimize(&mut x, |x: &[Var]| {
                let own = x.iter().zip(&units).map(|(&x, unit)| x * *unit);
                loss(&own.collect::<Vec<_>>())
            })
            .unwrap();
        assert!((found.value() - least).abs() < 1e-9, "{name} {units:?}\n{found}");
        // The tolerance is one of slopes, which are as much steeper.
        let steepest = units.iter().copied().fold(1.0, f64::max);
        assert!(found.is_exact() || found.norm() <= 1e-8 * steepest, "{name} {units:?}\n{found}");
    }
}

/// A random function of nested kinks, bounded below.
fn nested(seed: u64, x: &[Var]) -> Var {
    let mut random = Random(seed);
    let mut affine = |x: &[Var]| -> Var {
        x.iter().map(|&x| x * random.normal()).sum::<Var>() + random.normal()
    };
    let first: Vec<Var> = (0..4).map(|_| affine(x).abs()).collect();
    let second: Vec<Var> = (0..3).map(|_| affine(&first).relu()).collect();
    let third = affine(&second).max(affine(&first)).min(affine(x));
    third.abs() + x.iter().map(|x| x.abs()).sum::<Var>() * 0.1
}

#[test]
fn where_random_nested_kinks_end_nothing_nearby_is_lower() {
    let mut random = Random(11);
    for seed in 0..150 {
        let loss = |x: &[Var]| nested(seed, x);
        let mut x: Vec<f64> = (0..3).map(|_| random.normal() * 2.0).collect();
        let found = KinkDescent::new().minimize(&mut x, loss).unwrap();
        assert!(found.is_certified(), "{seed} {x:?}\n{found}");
        assert_consistent(&found, 3);
        for _ in 0..300 {
            let near: Vec<Var> = x.iter().map(|x| Var::from(x + 1e-5 * random.normal())).collect();
            let value = loss(&near).value();
            assert!(value >= found.value() - 1e-12, "{seed} {x:?}: {value}\n{found}");
        }
    }
}

#[test]
fn an_absolute_error_of_an_exponential_curve_is_fitted_to_its_kinks() {
    let mut random = Random(2);
    let data: Vec<(f64, f64)> = (0..80)
        .map(|i| f64::from(i) / 20.0)
        .map(|t| (t, 3.0 * (-0.7 * t).exp() + 0.2 * random.laplace()))
        .collect();
    let loss = |p: &[Var]| {
        data.iter().map(|&(t, y)| (p[0] * (p[1] * t).exp() - y).abs()).sum::<Var>() / 80.0
    };
    let mut x = [1.0, 0.0];
    let found = KinkDescent::new().minimize(&mut x, loss).unwrap();
    assert!(found.is_certified() && found.kinks().len() == 2, "{x:?}\n{found}");
    assert!((x[0] - 3.0).abs() < 0.3 && (x[1] + 0.7).abs() < 0.1, "{x:?}");
    for _ in 0..500 {
        let near = x.map(|x| Var::from(x * (1.0 + 1e-3 * random.normal())));
        assert!(loss(&near).value() > found.value());
    }
}

#[test]
fn a_look_at_the_curvature_may_lead_to_a_point_with_fewer_kinks() {
    // Of a branch that is not taken no kink is told.
    let branch = |z: Var, delta: f64| {
        let a = z.abs();
        Var::select(a.above(delta), a * delta - 0.5 * delta * delta, z.square() * 0.5)
    };
    let units = [13028210801.144747, 8.954979067630995e16];
    let mut x = [-6924770.697234779, -1.1836788337593808e20];
    let found = KinkDescent::new()
        .minimize(&mut x, |p| {
            let q = [p[0] * (1.0 / units[0]), p[1] * (1.0 / units[1])];
            let line = |a: f64, b: f64, c: f64| Var::from(c) + q[0] * a + q[1] * b;
            let step = line(1.4497451915463553, 0.5369221477551855, 0.3889709081030156).tanh();
            let far = line(-1.7303567864763492, 0.5104971256691075, 1.9142372052653616);
            let near = line(0.6893249157832944, 0.38881107366471596, 0.0);
            let rise = line(1.5011925652638407, -0.759674126935515, 0.0).tanh();
            let one = line(0.10686842042118323, -0.4219968352260012, 0.0);
            let other = line(0.907740567158187, 0.2917402516587229, 0.5842645631111629);
            let sum = Var::from(0.0)
                + step * -0.05340275007518867
                + branch(far, 0.28523086511506035) * 0.051531745654804055
                + branch(near, 0.014679662514518929) * 2.9992050049519667e-6
                + rise * 0.001551178237304255
                + (one * other).abs() * 0.2242074080757803;
            (sum + (q[0].square() + q[1].square()) * 2.9830736127932094e-6) * 8388608.0
        })
        .expect("it is bounded");
    assert!(found.value().is_finite(), "{found}");
}

/// Far from its minimum a sum of exponentials has slopes that differ by hundreds of orders of magnitude. The first is of S.
/// Boyd and L. Vandenberghe, "Convex Optimization", Cambridge 2004, §9.3.
#[test]
fn sums_of_exponentials_are_certified_at_their_minima_from_wherever_they_begin() {
    let logarithm = 8_f64.ln() * 0.5 - 0.1;
    type Loss = fn(&[Var]) -> Var;
    let losses: [(&str, Loss, f64); 3] = [
        (
            "exponentials",
            |x| {
                let [a, b] = [x[0] + x[1] * 3.0 - 0.1, x[0] - x[1] * 3.0 - 0.1];
                a.exp() + b.exp() + (-x[0] - 0.1).exp()
            },
            logarithm.exp(),
        ),
        (
            "their logarithm",
            |x| {
                let [a, b] = [x[0] + x[1] * 3.0 - 0.1, x[0] - x[1] * 3.0 - 0.1];
                Var::log_sum_exp(&[a, b, -x[0] - 0.1])
            },
            logarithm,
        ),
        ("cosines", |x| (x[0] + x[1]).cosh() + (x[0] - x[1] * 2.0 - 1.0).cosh(), 2.0),
    ];
    for (name, loss, least) in losses {
        let mut count = 0;
        for a in [-600.0, -100.0, -30.0, 0.5, 100.0, 600.0] {
            for b in [-300.0, -100.0, -20.0, 0.7, 3.0, 100.0, 300.0] {
                let mut x = [a, b];
                let Ok(found) = KinkDescent::new().minimize(&mut x, loss) else {
                    // The loss there is beyond all numbers.
                    assert!(a.abs() + 3.0 * b.abs() > 700.0, "{name} {a} {b}");
                    continue;
                };
                assert!(found.is_certified(), "{name} {a} {b}: {x:?}\n{found}");
                assert!((found.value() - least).abs() <= 1e-9, "{name} {a} {b}: {x:?}\n{found}");
                count += 1;
            }
        }
        assert!(count >= 20, "{name}: only {count}");
    }
}
