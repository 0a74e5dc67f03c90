//! A verdict is never wrong: nothing that has converged can be lowered.

use crate::linear_problem;
use wengert::optim::least_squares::{Fit, LeastSquares, Robust};
use wengert::optim::{Bounds, Stopped};

fn fitted(start: &[f64], problem: impl FnMut(&[f64]) -> (Vec<f64>, Vec<f64>)) -> Fit {
    LeastSquares::new().fit(&mut start.to_vec(), problem).expect("a good start")
}

/// That a fit found the least cost, or says that it has not converged.
fn assert_honest(fit: &Fit, least: f64) {
    let cost = fit.residuals().iter().map(|r| r * r / 2.0).sum::<f64>();
    let ending = fit.ending();
    let is_least = cost <= least * (1.0 + 1e-7) + 1e-24;
    assert!(is_least || !ending.is_converged(), "{ending}: {:?} {cost}", fit.parameters());
}

/// And that it did find it.
fn assert_found(fit: &Fit, least: f64) {
    assert_honest(fit, least);
    assert!(fit.ending().is_converged(), "{}: {:?}", fit.ending(), fit.parameters());
}

#[test]
fn a_long_step_from_where_it_is_flat_is_no_end() {
    for start in [-7.0, -6.2, -5.0, -3.0, 7.5, 9.0] {
        let fit = fitted(&[start], |p| {
            let e = (-(p[0] - 1.0).powi(2)).exp();
            (vec![e - 1.2, 1.0], vec![-2.0 * (p[0] - 1.0) * e, 0.0])
        });
        assert_honest(&fit, 0.52);
    }
}

#[test]
fn a_column_that_has_become_small_beside_its_past_counts() {
    for start in [20.0, 36.0, 50.0, 100.0, 300.0] {
        let exponential =
            |p: &[f64]| (vec![p[0].exp() - 1.0, p[1] - 1.0], vec![p[0].exp(), 0.0, 0.0, 1.0]);
        assert_found(&fitted(&[start, 0.0], exponential), 0.0);
    }
    for start in [1e4, 1e8, 1e15, 1e40] {
        let cubic = |p: &[f64]| {
            (vec![p[0].powi(3) - 1.0, p[1] - 1.0], vec![3.0 * p[0] * p[0], 0.0, 0.0, 1.0])
        };
        assert_found(&fitted(&[start, 0.0], cubic), 0.0);
    }
}

#[test]
fn a_short_radius_is_no_end() {
    for start in [1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0] {
        let fit = fitted(&[1.0, start], |p| {
            (vec![p[0] - 3.0, p[1].cosh() + 1.0], vec![1.0, 0.0, 0.0, p[1].sinh()])
        });
        assert_honest(&fit, 2.0);
    }
}

#[test]
fn slopes_of_the_wrong_sign_are_no_end() {
    for offset in [0.0, 1.0, 1e3] {
        let fit = fitted(&[5.0], |p| (vec![p[0] - 1.0, offset], vec![-1.0, 0.0]));
        assert_eq!((fit.ending(), fit.parameters()), (Stopped::Stalled, &[5.0][..]), "{offset}");
        assert!(fit.evaluation_count() < 100);
    }
}

#[test]
fn slow_ends_are_gone_to() {
    // K. Madsen's: (x + 1, λ x² + x - 1) has its minimum at 0 for λ < 1, where Gauss and Newton's steps take λ
    // of the way and turn around.
    for lambda in [0.5, 0.9, 0.96, 0.99, -0.5, -0.99, -2.0, -10.0, -100.0] {
        let fit = fitted(&[0.3], |p| {
            (
                vec![p[0] + 1.0, lambda * p[0] * p[0] + p[0] - 1.0],
                vec![1.0, 2.0 * lambda * p[0] + 1.0],
            )
        });
        let (x, count) = (fit.parameters()[0], fit.evaluation_count());
        assert!(fit.ending().is_converged(), "{lambda}: {} {x:e}", fit.ending());
        assert!(x.abs() < 1e-9 && count < 3000, "{lambda}: {x:e}, {} after {count}", fit.ending());
    }
}

#[test]
fn residuals_that_vanish_from_a_great_height_are_seen() {
    // e^x - 1 from where it is 10^173: squares of the end vanish beside those of the start.
    let fit = fitted(&[400.0], |p| (vec![p[0].exp() - 1.0], vec![p[0].exp()]));
    assert_found(&fit, 0.0);
    let fit = fitted(&[400.0], |p| (vec![p[0].exp() - 1.0, 2.0], vec![p[0].exp(), 0.0]));
    assert_found(&fit, 2.0);
}

#[test]
fn a_singular_matrix_ends_at_its_least_squares() {
    let (a, b) = ([0.0, 1.0, 0.0, 2.0, 4.0, 4.0, -4.0, 3.0, -8.0], [2.0, -4.0, 4.0]);
    let fit = fitted(&[0.0; 3], linear_problem(&a, &b));
    // By the normal equations of the first two columns, 20 a - 4 b = -24 and -4 a + 26 b = -2: Σ r² is
    // 36 + 24 a + 2 b.
    assert_found(&fit, (36.0 - (24.0 * 632.0 + 2.0 * 136.0) / 504.0) / 2.0);
}

/// From 0 up to 1, without a pattern.
pub(crate) struct Drawn(pub(crate) u64);

impl Drawn {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / 2.0_f64.powi(53)
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }

    pub(crate) fn among(&mut self, n: usize) -> usize {
        (self.next() * n as f64) as usize
    }
}

/// A curve in two parameters, with its slopes by them.
fn curve(kind: usize, a: f64, b: f64, t: f64) -> [f64; 3] {
    match kind {
        0 => [a * (b * t).exp(), (b * t).exp(), a * t * (b * t).exp()],
        1 => [a * (b * t).sin(), (b * t).sin(), a * t * (b * t).cos()],
        2 => [a * t / (1.0 + b * b * t), t / (1.0 + b * b * t), {
            -2.0 * a * b * t * t / (1.0 + b * b * t).powi(2)
        }],
        3 => [a * a * t + b.powi(3), 2.0 * a * t, 3.0 * b * b],
        4 => {
            let e = (-(t - b).powi(2)).exp();
            [a * e, e, 2.0 * a * (t - b) * e]
        }
        5 => [(a * t).tanh() + b, t / (a * t).cosh().powi(2), 1.0],
        _ => [(a - b * b) * t + b, t, 1.0 - 2.0 * b * t],
    }
}

fn loss(of: Option<Robust>, r: f64) -> f64 {
    match of {
        None => r * r / 2.0,
        Some(Robust::Huber(c)) if r.abs() <= c => r * r / 2.0,
        Some(Robust::Huber(c)) => c * r.abs() - c * c / 2.0,
        Some(Robust::SoftL1(c)) => c * c * (r / c).powi(2) / ((1.0 + (r / c).powi(2)).sqrt() + 1.0),
        Some(Robust::Cauchy(c)) => c * c / 2.0 * (r / c).powi(2).ln_1p(),
        Some(other) => panic!("{other:?}"),
    }
}

/// The least cost that steps along random ways lead down to.
pub(crate) fn searched(
    cost: &dyn Fn([f64; 2]) -> f64,
    from: [f64; 2],
    sizes: [f64; 2],
    draw: &mut Drawn,
) -> f64 {
    let (mut at, mut least) = (from, cost(from));
    let mut reach = 1e-3;
    while reach > 1e-9 {
        let mut is_lower = false;
        for _ in 0..24 {
            let way = [draw.between(-1.0, 1.0), draw.between(-1.0, 1.0)];
            let to = [0, 1].map(|j| at[j] + reach * way[j].powi(3) * sizes[j]);
            let value = cost(to);
            if value < least {
                (at, least, is_lower) = (to, value, true);
            }
        }
        if !is_lower {
            reach *= 0.25;
        }
    }
    least
}

#[test]
fn nothing_that_has_converged_is_lowered_by_a_search() {
    let mut draw = Drawn(0x2545_f491_4f6c_dd1d);
    let (mut converged, mut wrong) = (0, Vec::new());
    const CASES: usize = 600;
    for case in 0..CASES {
        let kind = draw.among(7);
        let [a, b, c, d] = [(); 4].map(|()| draw.between(-2.0, 2.0));
        let noise = [0.0, 1e-3, 0.3, 3.0][draw.among(4)];
        let points: Vec<[f64; 2]> = (0..6)
            .map(|i| {
                let t = f64::from(i) / 2.0 - 1.0;
                [t, curve(kind, a, b, t)[0] + noise * draw.between(-1.0, 1.0)]
            })
            .collect();
        let units = [(); 2].map(|()| [1.0, 1e10, 1e-10, 7e-3][draw.among(4)]);
        let of_residual = [1.0, 1e10, 1e-10][draw.among(3)];
        let scale = of_residual * draw.between(0.01, 2.0);
        let robust = [
            None,
            Some(Robust::Huber(scale)),
            Some(Robust::SoftL1(scale)),
            Some(Robust::Cauchy(scale)),
        ][draw.among(4)];
        let start = [c * units[0], d * units[1]];
        let (lower, upper): (Vec<f64>, Vec<f64>) = match draw.among(2) {
            0 => (vec![f64::NEG_INFINITY; 2], vec![f64::INFINITY; 2]),
            _ => (0..2)
                .map(|j| {
                    let side = |by: f64| start[j] + by * units[j];
                    (side(-draw.between(0.0, 2.0)), side(draw.between(0.0, 2.0)))
                })
                .unzip(),
        };
        let bounds = Bounds::new(&lower, &upper).unwrap();
        let mut builder = LeastSquares::builder().within(bounds.clone());
        if let Some(robust) = robust {
            builder = builder.robust(robust);
        }
        let at = |p: &[f64], t: f64| curve(kind, p[0] / units[0], p[1] / units[1], t);
        let residual = |p: &[f64], [t, y]: [f64; 2]| of_residual * (at(p, t)[0] - y);
        let mut x = start;
        let fit = builder.build().unwrap().fit(&mut x, |p: &[f64]| {
            let slopes = |&[t, _]: &[f64; 2]| {
                let [_, by_a, by_b] = at(p, t);
                [of_residual * by_a / units[0], of_residual * by_b / units[1]]
            };
            let residuals = points.iter().map(|&point| residual(p, point)).collect();
            (residuals, points.iter().flat_map(slopes).collect())
        });
        let fit = fit.unwrap();
        if !fit.ending().is_converged() {
            continue;
        }
        converged += 1;
        let cost = |p: [f64; 2]| match bounds.contains(&p) {
            true => points.iter().map(|&point| loss(robust, residual(&p, point))).sum::<f64>(),
            false => f64::INFINITY,
        };
        let sizes = [0, 1].map(|j| x[j].abs().max(units[j]));
        let (found, least) = (cost(x), searched(&cost, x, sizes, &mut draw));
        // Residuals of responses of about 1 are known to some 1e-15.
        let blurred = (1e-14 * of_residual).powi(2);
        if least < found * (1.0 - 1e-7) - blurred {
            let evaluations = fit.evaluation_count();
            wrong.push(format!(
                "{case} {kind} {robust:?} {}: {found:e}, not {least:e}, after {evaluations} at {:?}",
                fit.ending(),
                [x[0] / units[0], x[1] / units[1]]
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {converged}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(10 * converged > 9 * CASES, "{converged}");
}
