//! Roots and fixed points as functions of what they depend on: derivatives are those of closed forms.

use nalgebra::{DMatrix, DVector};
use wengert::program::{Program, RecordError, Residuals};
use wengert::{
    Dual, Dual2, Error, ImplicitError, Scalar, Tape, Taylor, Var, fixed_point, gradient_array,
    hessian, hvp, implicit, objective, residuals,
};

fn assert_close(name: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{name}");
    for (i, (x, y)) in got.iter().zip(expected).enumerate() {
        assert!((x - y).abs() <= tolerance * y.abs().max(1e-3), "{name}, {i}: {x} for {y}");
    }
}

/// Newton's method by plain numbers, from a start near the root.
fn solved(start: &[f64], p: &[f64], residuals: &impl Residuals) -> Vec<f64> {
    let mut x = start.to_vec();
    for _ in 0..60 {
        let n = x.len();
        let values = DVector::from_vec(residuals.at(&x, p));
        let slopes = DMatrix::from_fn(n, n, |i, j| {
            let seeded = |k: usize| Dual::<1>::new(x[k], [f64::from(u8::from(j == k))]);
            let xs: Vec<Dual> = (0..n).map(seeded).collect();
            let ps: Vec<Dual> = p.iter().map(|&p| p.into()).collect();
            residuals.at(&xs, &ps)[i].tangent()
        });
        let step = slopes.lu().solve(&values).expect("regular");
        x.iter_mut().zip(&step).for_each(|(x, step)| *x -= step);
    }
    x
}

#[test]
fn keplers_equation_has_both_derivatives_by_both_arguments() {
    let kepler = residuals!(|[anomaly], [mean, e]| [anomaly - e * anomaly.sin() - mean]);
    for (mean, e) in [(0.2, 0.1), (1.0, 0.3), (2.5, 0.9), (-0.7, 0.6), (0.01, 0.99)] {
        let x = solved(&[mean + e * f64::sin(mean)], &[mean, e], &kepler);
        let (sin, cos) = x[0].sin_cos();
        let rate = 1.0 / (1.0 - e * cos);
        let gradient = [rate, sin * rate];
        // By M: -e sin E E'³. By e: E' sin E differentiated once more.
        let by_mean = -e * sin * rate.powi(3);
        let mixed = rate * rate * cos + sin * by_mean;
        let by_e = 2.0 * rate * rate * sin * cos + sin * sin * by_mean;

        let (value, found) =
            gradient_array(|p| implicit(&x, &p, &kepler).expect("a root")[0], [mean, e]);
        assert_eq!(value.to_bits(), x[0].to_bits());
        assert_close("tape", &found, &gradient, 1e-13);
        let found = implicit(&x, &Dual::seeds([mean, e]), &kepler).expect("a root")[0];
        assert_eq!((found.value(), implicit(&x, &[mean, e], &kepler)), (x[0], Ok(x.clone())));
        assert_close("duals", &found.tangents(), &gradient, 1e-13);
        let found = implicit(&x, &Dual2::seeds([mean, e]), &kepler).expect("a root")[0];
        assert_close("gradient", &found.gradient(), &gradient, 1e-13);
        let closed = [by_mean, mixed, mixed, by_e];
        assert_close("Hessian", found.hessian().as_flattened(), &closed, 1e-11);
        let taped = hessian(|p| implicit(&x, p, &kepler).expect("a root")[0], &[mean, e]);
        assert_close("gradient on the tape", &taped.1, &gradient, 1e-13);
        assert_close("Hessian on the tape", &taped.2.concat(), &closed, 1e-11);
    }
}

/// `x₀ x₁ = p₀`, `x₁ x₂ = p₁`, `x₂ x₀ = p₂`.
fn products() -> impl Residuals {
    residuals!(|[a, b, c], [p, q, r]| [a * b - p, b * c - q, c * a - r])
}

/// Their positive solution.
fn solution<T: Scalar>(p: &[T]) -> [T; 3] {
    let [p, q, r] = [p[0], p[1], p[2]];
    [(p * r / q).sqrt(), (p * q / r).sqrt(), (q * r / p).sqrt()]
}

#[test]
fn a_system_of_three_has_the_derivatives_of_its_solution() {
    let p = [2.0, 3.0, 5.0];
    let x = solution(&p);
    let found = implicit(&x, &Dual2::seeds(p), &products()).expect("a root");
    for (found, expected) in found.into_iter().zip(solution(&Dual2::seeds(p))) {
        assert_close("gradient", &found.gradient(), &expected.gradient(), 1e-14);
        let hessians = [found.hessian(), expected.hessian()];
        assert_close("Hessian", hessians[0].as_flattened(), hessians[1].as_flattened(), 1e-13);
    }
    let taped = |p: &[_]| implicit(&x, p, &products()).expect("a root").into_iter().product();
    let (_, _, rows) = hessian(taped, &p);
    let expected = solution(&Dual2::seeds(p)).into_iter().product::<Dual2<3>>().hessian();
    assert_close("Hessian on the tape", &rows.concat(), expected.as_flattened(), 1e-13);
    let line = [1.0, -2.0, 0.5];
    let moved: Vec<_> =
        p.iter().zip(line).map(|(&p, t)| Taylor::new(p, [t, 0.0, 0.0, 0.0])).collect();
    let found = implicit(&x, &moved, &products()).expect("a root");
    for (found, expected) in found.into_iter().zip(solution(&moved)) {
        assert_close("series", &found.coefficients(), &expected.coefficients(), 1e-13);
    }
    let tape = Tape::new();
    let v = tape.vars(p);
    let before = tape.stats().statement_count;
    let found = implicit(&x, &v, &products()).expect("a root");
    // The residuals are each one edge, and each unknown is one statement over those.
    assert_eq!(tape.stats().statement_count - before, 3);
    for (found, expected) in found.into_iter().zip(solution(&Dual::seeds(p))) {
        assert_close("tape", &found.backward().wrt(v), &expected.tangents(), 1e-14);
    }
}

#[test]
fn scalar_roots_have_the_derivatives_of_roots() {
    let square = residuals!(|[x], [p]| [x * x - p]);
    let cube = residuals!(|[x], [p]| [x * x * x - p]);
    for p in [1e-300, 1e-9, 0.3, 1.0, 7.0, 1e200] {
        let p_series = Taylor::<5>::variable(p);
        let near = |a: Taylor<5>, b: Taylor<5>| {
            for k in 1..=3 {
                let (a, b) = (a.derivative(k), b.derivative(k));
                // Third derivatives overflow at the least arguments.
                let same = a == b || !(a.is_finite() && b.is_finite());
                assert!(same || ((a - b) / b).abs() < 1e-13, "{p}, order {k}: {a} for {b}");
            }
        };
        near(implicit(&[p.sqrt()], &[p_series], &square).expect("a root")[0], p_series.sqrt());
        near(implicit(&[p.cbrt()], &[p_series], &cube).expect("a root")[0], p_series.cbrt());
    }
}

/// `A x = b`, where the elements of `A` by rows and `b` are the arguments.
struct Linear;

impl Residuals for Linear {
    fn at<T: Scalar>(&self, x: &[T], p: &[T]) -> Vec<T> {
        let n = x.len();
        let (a, b) = p.split_at(n * n);
        a.chunks(n).zip(b).map(|(row, &b)| T::dot(row, x) - b).collect()
    }
}

#[test]
fn a_linear_system_has_the_adjoint_of_its_transpose() {
    for n in [1, 2, 5, 9] {
        // More than one chunk of directions at n = 9.
        let element = |i: usize, j: usize| ((i * 7 + j * 3) % 5) as f64 / 4.0;
        let a = DMatrix::from_fn(n, n, |i, j| element(i, j) + if i == j { 3.0 } else { 0.0 });
        let b = DVector::from_fn(n, |i, _| 1.0 - i as f64 / 3.0);
        let x = a.clone().lu().solve(&b).expect("regular");
        let p: Vec<f64> = a.transpose().iter().chain(&b).copied().collect();

        let tape = Tape::new();
        let v = tape.vars_from(&p);
        let found = implicit(x.as_slice(), &v, &Linear).expect("a root");
        let weights = DVector::from_fn(n, |i, _| 0.5 + i as f64);
        let output: Var = found.iter().zip(&weights).map(|(&x, &w)| x * w).sum();
        let slopes = output.backward().wrt(&v);
        // b̄ = A⁻ᵀ w, Ā = -b̄ xᵀ.
        let by_b = a.transpose().lu().solve(&weights).expect("regular");
        let by_a = -(&by_b * x.transpose());
        let expected: Vec<f64> = by_a.transpose().iter().chain(&by_b).copied().collect();
        assert_close("adjoint", &slopes, &expected, 1e-12);
    }
}

/// The price of a call by F. Black and M. Scholes, without interest.
fn call<T: Scalar>(spot: T, strike: T, time: T, volatility: T) -> T {
    let spread = volatility * time.sqrt();
    let d = (spot / strike).ln() / spread + spread / 2.0;
    spot * d.normal_cdf() - strike * (d - spread).normal_cdf()
}

#[test]
fn implied_volatility_has_the_derivatives_of_vega_and_volga() {
    struct Quoted {
        spot: f64,
        time: f64,
    }
    impl Residuals for Quoted {
        fn at<T: Scalar>(&self, x: &[T], p: &[T]) -> Vec<T> {
            vec![call(T::from(self.spot), p[1], T::from(self.time), x[0]) - p[0]]
        }
    }
    let (spot, time) = (100.0, 0.75);
    for (strike, volatility) in [(100.0, 0.2), (80.0, 0.35), (120.0, 0.15), (150.0, 0.6)] {
        let price = call(spot, strike, time, volatility);
        let quoted = Quoted { spot, time };
        let x = solved(&[volatility * 1.05], &[price, strike], &quoted);
        let spread = x[0] * time.sqrt();
        let d1 = (spot / strike).ln() / spread + spread / 2.0;
        let d2 = d1 - spread;
        let density = (-d1 * d1 / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let vega = spot * density * time.sqrt();
        let volga = vega * d1 * d2 / x[0];
        // C_K = -Φ(d₂).
        let expected = [1.0 / vega, Scalar::normal_cdf(d2) / vega];
        let (_, found) =
            gradient_array(|p| implicit(&x, &p, &quoted).expect("a root")[0], [price, strike]);
        assert_close("tape", &found, &expected, 1e-11);
        let p = [Dual2::variable(price), Dual2::from(strike)];
        let found = implicit(&x, &p, &quoted).expect("a root")[0];
        assert_close("price twice", &[found.second()], &[-volga / vega.powi(3)], 1e-9);
    }
}

#[test]
fn fixed_points_do_not_need_an_iteration_that_converges() {
    // x = p / x is iterated in vain: it jumps between two values.
    let map = residuals!(|[x], [p]| [p / x]);
    let found = fixed_point(&[3.0], &[Dual2::variable(9.0)], &map).expect("a fixed point")[0];
    let expected = [1.0 / 6.0, -1.0 / 108.0];
    assert_close("root", &[found.first(), found.second()], &expected, 1e-14);
    let taped = |p: &[_]| fixed_point(&[3.0], p, &map).expect("a fixed point")[0];
    let (_, first, second) = hvp(taped, &[9.0], &[1.0]).expect("of one length");
    assert_close("root on the tape", &[first[0], second[0]], &expected, 1e-14);
    let short = residuals!(|[x, y], [p]| [p * x * y]);
    let expected = ImplicitError::Count { what: "residuals", expected: 2, found: 1 };
    assert_eq!(fixed_point(&[0.0, 0.0], &[1.0], &short), Err(expected));
}

#[test]
fn units_change_no_bit() {
    let p = [0.2, 3.0, 5.0];
    let x = solution(&p);
    let plain = implicit(&x, &Dual::seeds(p), &products()).expect("a root");
    for power in [-300, -7, 9, 300] {
        let (unit, tiny) = (2f64.powi(power), 2f64.powi(power / 3));
        // Residuals in other units, by their own each.
        let scaled = residuals!((unit: f64) |[a, b, c], [p, q, r]| {
            [unit * (a * b - p), b * c - q, (c * a - r) / unit]
        });
        let found = implicit(&x, &Dual::seeds(p), &scaled).expect("a root");
        for (found, plain) in found.iter().zip(&plain) {
            assert_eq!(found.tangents(), plain.tangents(), "residuals by {unit:e}");
        }
        // Unknowns and arguments in other units: all the same ones, as their products are.
        let (x, p) = (x.map(|x| x * tiny), p.map(|p| p * tiny * tiny));
        let found = implicit(&x, &Dual::seeds(p), &products()).expect("a root");
        for (found, plain) in found.iter().zip(&plain) {
            assert_eq!(
                found.tangents(),
                plain.tangents().map(|t| t / tiny),
                "unknowns by {tiny:e}"
            );
        }
        let off = [x[0] * (1.0 + 1e-6), x[1], x[2]];
        let refused = implicit(&off, &p, &products());
        assert!(matches!(refused, Err(ImplicitError::NoRoot { unknown: 0, .. })), "{refused:?}");
    }
}

#[test]
fn a_root_at_zero_is_one_within_its_rounding() {
    // The difference of sums is 0 but for rounding: x = 2.8e-17 solves it in floating point.
    let sum = residuals!(|[x], [p, q, r]| [x + p + q - r]);
    let found = implicit(&[0.0], &Dual::seeds([0.1, 0.2, 0.3]), &sum).expect("a root");
    assert_eq!(found[0].tangents(), [-1.0, -1.0, 1.0]);
    let far = implicit(&[0.0], &[0.1, 0.2, 0.300_001], &sum);
    assert!(matches!(far, Err(ImplicitError::NoRoot { unknown: 0, .. })), "{far:?}");
}

#[test]
fn what_has_no_derivative_is_refused() {
    let double = residuals!(|[x], [p]| [x * x - p]);
    let singular = |column| Err(ImplicitError::Singular { column });
    assert_eq!(implicit(&[0.0], &[0.0], &double), singular(0));
    // The third unknown only enters by what the first two do.
    let tied = residuals!(|[a, b, c], [p]| [a + b + c - p, a - b, 3.0 * (a - b) + 0.0 * c]);
    assert_eq!(implicit(&[0.5, 0.5, 0.0], &[1.0], &tied), singular(2));
    let flat = residuals!(|[a, b], [p]| [a - p, a + 0.0 * b - p]);
    assert_eq!(implicit(&[1.0, 7.0], &[1.0], &flat), singular(1));

    let count = |what, expected, found| Err(ImplicitError::Count { what, expected, found });
    assert_eq!(implicit(&[1.0, 1.0], &[1.0], &double), count("unknowns", 1, 2));
    assert_eq!(implicit(&[1.0], &[1.0, 2.0], &double), count("arguments", 1, 2));
    let three = residuals!(|[a, b], [p]| [a - p, b - p, a - b]);
    assert_eq!(implicit(&[1.0, 1.0], &[1.0], &three), count("residuals", 2, 3));

    let odd = |x: f64, p: f64| implicit(&[x], &[p], &residuals!(|[x], [p]| [(x - p).sqrt()]));
    let what = |error| match error {
        Err(ImplicitError::NotFinite { what, index: 0, .. }) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(what(odd(f64::NAN, 1.0)), "unknown");
    assert_eq!(what(odd(1.0, f64::INFINITY)), "argument");
    assert_eq!(what(odd(0.0, 1.0)), "residual");
    assert_eq!(what(odd(1.0, 1.0)), "slope of residual");
    // The inverse of these slopes is beyond the greatest number.
    let faint = residuals!(|[x], [p]| [(x - p) * 1e-310]);
    assert_eq!(what(implicit(&[1.0], &[1.0], &faint)), "slope of unknown");
    assert_eq!(what(implicit(&[1.5], &[1.0], &faint)), "slope of unknown");
    let error = implicit(&[1.5], &[2.0], &double).map_err(Error::from).unwrap_err();
    assert!(matches!(error, Error::Implicit(ImplicitError::NoRoot { .. })), "{error}");
    assert_eq!(implicit::<f64>(&[], &[], &residuals!(|[]| Vec::new())), Ok(vec![]));
}

#[test]
fn a_program_refuses_to_freeze_the_derivative_of_a_root() {
    let loss = objective!(|[p]| {
        let square = residuals!(|[x], [p]| [x * x - p]);
        implicit(&[2.0], &[p], &square).expect("a root")[0]
    });
    let refused = Program::record(&loss, &[4.0], &[]).err();
    assert!(matches!(refused, Some(RecordError::ValueRead { .. })), "{refused:?}");
}
