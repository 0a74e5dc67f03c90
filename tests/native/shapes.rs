//! Shapes that are repeated become loops, and have the bits of the interpreter and the derivatives of the closed form.

use wengert::objective;
use wengert::program::{Columns, Objective, Program};
use wengert::residuals;

fn at(n: usize) -> Vec<f64> {
    (0..n).map(|i| (i as f64 * 0.37).sin()).collect()
}

/// Asserts that native code gives the bits of the interpreter, at these parameters and with a NaN, an infinity
/// and zeros among them.
pub(crate) fn same_bits(program: &Program, x: &[f64]) {
    let (mut native, mut interpreted) =
        (program.compile_native().expect("native code"), program.compile());
    let mut bits = |x: &[f64]| {
        let found = native.run(x, &Columns::none()).expect("a run");
        let expected = interpreted.run(x, &Columns::none()).expect("a run");
        assert_eq!(found.output_count(), expected.output_count());
        for output in 0..found.output_count() {
            let pairs = found.output(output).iter().zip(expected.output(output));
            for (at, (a, b)) in pairs.enumerate() {
                assert!(
                    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
                    "{output}, {at}: {a:?}, not {b:?}"
                );
            }
        }
    };
    for odd in [f64::NAN, f64::INFINITY, 0.0, -0.0, 1e300] {
        let mut x = x.to_vec();
        let third = x.len() / 3;
        x[third] = odd;
        bits(&x);
    }
    bits(x);
}

/// The same of a gradient, which is returned after the value.
fn called(program: &Program, x: &[f64]) -> (f64, Vec<f64>) {
    same_bits(program, x);
    let mut gradient = vec![0.0; x.len()];
    let mut native = program.compile_native().expect("native code");
    let value = native.call(x, &mut gradient).expect("a run");
    (value, gradient)
}

fn gradient(objective: &impl Objective, x: &[f64]) -> Program {
    Program::record(objective, x, &[]).expect("a recording").gradient()
}

#[test]
fn rosenbrocks_valley_of_any_length() {
    let valley = objective!(|x| {
        let terms =
            x.windows(2).map(|p| (p[1] - p[0] * p[0]).square() * 100.0 + (p[0] - 1.0).square());
        terms.sum()
    });
    for n in (2..=40).chain([100, 1000, 10_000]) {
        let x = at(n);
        let (value, found) = called(&gradient(&valley, &x), &x);
        let (mut sum, mut expected) = (0.0, vec![0.0; n]);
        for i in 0..n - 1 {
            let (t, u) = (x[i + 1] - x[i] * x[i], x[i] - 1.0);
            sum += 100.0 * t * t + u * u;
            expected[i] += 2.0 * u - 400.0 * x[i] * t;
            expected[i + 1] += 200.0 * t;
        }
        assert!((value - sum).abs() <= 1e-13 * sum, "{n}: {value}, not {sum}");
        for (i, (a, b)) in found.iter().zip(&expected).enumerate() {
            assert!((a - b).abs() <= 1e-12, "{n}, {i}: {a}, not {b}");
        }
    }
}

/// Vectors that are computed window by window, and of which the next is made: of neighbours, of those far off, from
/// behind. What is read late may not have lost its memory to what was computed meanwhile.
#[test]
fn long_vectors_made_of_each_other() {
    for seed in 0..9 {
        let x = at([70, 700, 1500][seed as usize % 3]);
        let sweeps = objective!((seed: u64) |x| {
            let (n, mut random) = (x.len(), seed);
            let mut draw = |choices: u64| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (random >> 33) % choices
            };
            let (mut last, mut sum) = (x.to_vec(), x[0]);
            for _ in 0..2 + draw(3) {
                let (kind, shift) = (draw(6), [1, 2, 70, n / 2][draw(4) as usize]);
                let (from_behind, whole) = (draw(2) == 0, draw(2) == 0);
                let next: Vec<T> = (0..n)
                    .map(|i| {
                        let (a, b) = (last[i], last[(i + shift) % n]);
                        let c = if from_behind { last[n - 1 - i] } else { x[i] };
                        match kind {
                            0 => a * b + c,
                            1 => (a - c * 0.5).square() * 0.3,
                            2 => a.abs() * 0.5 + b * c,
                            3 => a * 0.3 - (b - c).abs() * a,
                            4 => (a * c).square() * 0.1 + a * 0.7,
                            _ => a / (b.square() + 1.0) - c,
                        }
                    })
                    .collect();
                let count = if whole { n } else { n / 3 };
                sum += next[..count].iter().map(|y| y.square()).sum::<T>();
                last = next;
            }
            sum
        });
        called(&gradient(&sweeps, &x), &x);
    }
}

/// `½ |A B|²` has the slopes `(A B) Bᵀ` and `Aᵀ (A B)`.
#[test]
fn products_of_matrices() {
    for n in [1, 2, 3, 5, 8, 13] {
        let half = objective!((n: usize) |x| {
            let (a, b) = x.split_at(n * n);
            let entries = (0..n * n).map(|at| {
                let (i, j) = (at / n, at % n);
                (0..n).map(|k| a[i * n + k] * b[k * n + j]).sum::<T>().square()
            });
            entries.sum::<T>() * 0.5
        });
        let x = at(2 * n * n);
        let (_, found) = called(&gradient(&half, &x), &x);
        let (a, b) = x.split_at(n * n);
        let sum = |f: &dyn Fn(usize) -> f64| (0..n).map(f).sum::<f64>();
        let c = |i: usize, j: usize| sum(&|k| a[i * n + k] * b[k * n + j]);
        for (at, found) in found.iter().enumerate() {
            let (i, j) = (at % (n * n) / n, at % n);
            let expected = match at < n * n {
                true => sum(&|k| c(i, k) * b[j * n + k]),
                false => sum(&|k| a[k * n + i] * c(k, j)),
            };
            assert!((found - expected).abs() <= 1e-12 * (1.0 + expected.abs()), "{n}, {at}");
        }
    }
}

/// A pendulum through time, pushed by the parameters: a step reads what the step before it wrote. The slopes are
/// those of the tangents that each push begins.
#[test]
fn steps_through_time() {
    let dt = 0.05;
    let swing = objective!((dt: f64) |push| {
        let (mut angle, mut speed, mut cost) = (push[0] * 0.0 + 0.3, push[0] * 0.0, push[0] * 0.0);
        for &u in push {
            speed += (u - angle.sin()) * dt;
            angle += speed * dt;
            cost += angle.square() + u.square() * 0.1;
        }
        cost
    });
    for n in [1, 2, 7, 50, 400] {
        let x = at(n);
        let (value, found) = called(&gradient(&swing, &x), &x);
        let run = |push: &[f64]| {
            let (mut angle, mut speed, mut cost) = (0.3_f64, 0.0, 0.0);
            // Where each push leads, in the linear approximation about the path.
            let mut ways: Vec<[f64; 2]> = Vec::new();
            let mut slopes = vec![0.0; push.len()];
            for (at, &u) in push.iter().enumerate() {
                for way in &mut ways {
                    way[1] -= way[0] * angle.cos() * dt;
                    way[0] += way[1] * dt;
                }
                ways.push([dt * dt, dt]);
                speed += (u - angle.sin()) * dt;
                angle += speed * dt;
                cost += angle * angle + u * u * 0.1;
                slopes[at] += 0.2 * u;
                slopes
                    .iter_mut()
                    .zip(&ways)
                    .for_each(|(slope, way)| *slope += 2.0 * angle * way[0]);
            }
            (cost, slopes)
        };
        let (cost, slopes) = run(&x);
        assert!((value - cost).abs() <= 1e-12 * cost.abs(), "{n}: {value}, not {cost}");
        for (at, (a, b)) in found.iter().zip(&slopes).enumerate() {
            assert!((a - b).abs() <= 1e-10 * (1.0 + b.abs()), "{n}, {at}: {a}, not {b}");
        }
    }
}

#[test]
fn hessians_and_jacobians() {
    let curved = objective!(|x| {
        let terms =
            x.windows(3).map(|p| (p[0] * p[1] - p[2].exp()).square() + p[1].abs() * p[2].relu());
        terms.sum()
    });
    let several =
        residuals!(|x| x.windows(2).map(|p| (p[0] * p[1]).tanh() - p[0]).collect::<Vec<_>>());
    for n in [3, 4, 9, 17, 30] {
        let x = at(n);
        let program = Program::record(&curved, &x, &[]).expect("a recording");
        same_bits(&program.clone().hessian(), &x);
        same_bits(&program.clone().gradient().hvp(), &[&x[..], &x[..]].concat());
        let program = Program::record_residuals(&several, &x, &[]).expect("a recording");
        same_bits(&program.clone().jacobian(), &x);
        same_bits(&program.gauss_newton(), &x);
    }
}
