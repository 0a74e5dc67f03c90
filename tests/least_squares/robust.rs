//! Robust losses against weights that are reckoned anew until nothing changes.

use wengert::optim::least_squares::{LeastSquares, Robust};

/// A line with noise, and some points far off on one side.
fn points() -> Vec<(f64, f64)> {
    let noise = crate::whole_numbers(40, 5);
    let point = |i: usize| {
        let x = i as f64 / 4.0;
        let off = if i % 9 == 4 { 25.0 + x } else { 0.0 };
        (x, 2.0 - 0.5 * x + noise[i] / 16.0 + off)
    };
    (0..40).map(point).collect()
}

fn problem(points: &[(f64, f64)]) -> impl FnMut(&[f64]) -> (Vec<f64>, Vec<f64>) {
    move |p| {
        let residuals = points.iter().map(|&(x, y)| p[0] + p[1] * x - y).collect();
        (residuals, points.iter().flat_map(|&(x, _)| [1.0, x]).collect())
    }
}

/// `ψ(r) / r`.
fn weight(of: Robust, r: f64) -> f64 {
    match of {
        Robust::Huber(c) => (c / r.abs()).min(1.0),
        Robust::SoftL1(c) => 1.0 / (1.0 + (r / c).powi(2)).sqrt(),
        Robust::Cauchy(c) => 1.0 / (1.0 + (r / c).powi(2)),
        other => panic!("{other:?}"),
    }
}

/// Lines of least weighted squares, from a line, weights anew at each, until nothing changes.
fn reweighted(of: Robust, points: &[(f64, f64)], mut line: [f64; 2]) -> [f64; 2] {
    for _ in 0..20_000 {
        let [mut s, mut sx, mut sxx, mut sy, mut sxy] = [0.0; 5];
        for &(x, y) in points {
            let w = weight(of, line[0] + line[1] * x - y);
            (s, sx, sxx, sy, sxy) =
                (s + w, sx + w * x, sxx + w * x * x, sy + w * y, sxy + w * x * y);
        }
        let whole = s * sxx - sx * sx;
        line = [(sxx * sy - sx * sxy) / whole, (s * sxy - sx * sy) / whole];
    }
    line
}

#[test]
fn fits_are_fixed_points_of_reweighting() {
    let points = points();
    let mut plain = [0.0, 0.0];
    LeastSquares::new().fit(&mut plain, problem(&points)).unwrap();
    for scale in [0.25, 1.0, 8.0] {
        for of in [Robust::Huber(scale), Robust::SoftL1(scale), Robust::Cauchy(scale)] {
            let mut line = [2.0, -0.5];
            let fitter = LeastSquares::builder().robust(of).build().unwrap();
            let fit = fitter.fit(&mut line, problem(&points)).unwrap();
            let want = reweighted(of, &points, line);
            let (ending, n) = (fit.ending(), fit.evaluation_count());
            assert!(ending.is_converged() && n < 200, "{of:?}: {ending}, {n}");
            for (x, want) in line.iter().zip(want) {
                assert!((x - want).abs() <= 1e-10 * (1.0 + want.abs()), "{of:?}: {x}, not {want}");
            }
            // From elsewhere too, where the loss is convex.
            if !matches!(of, Robust::Cauchy(_)) {
                let mut other = plain;
                fitter.fit(&mut other, problem(&points)).unwrap();
                approx::assert_relative_eq!(&other[..], &line[..], max_relative = 1e-9);
            }
            assert!((line[0] - 2.0).abs() < (plain[0] - 2.0).abs());
        }
    }
}

#[test]
fn a_wide_scale_is_least_squares() {
    let points = points();
    let mut plain = [0.0, 0.0];
    let squares = LeastSquares::new().fit(&mut plain, problem(&points)).unwrap();
    let robust = LeastSquares::builder().robust(Robust::Huber(1e6)).build().unwrap();
    let mut line = [0.0, 0.0];
    let fit = robust.fit(&mut line, problem(&points)).unwrap();
    assert_eq!(line, plain);
    assert_eq!(fit.covariance().unwrap(), squares.covariance().unwrap());
}

#[test]
fn the_covariance_is_hubers() {
    let points = points();
    let c = 1.0;
    let fitter = LeastSquares::builder().robust(Robust::Huber(c)).build().unwrap();
    let fit = fitter.fit(&mut [2.0, -0.5], problem(&points)).unwrap();
    // Slopes are r within and ±c beyond; they bend within alone.
    let squares: f64 = fit.residuals().iter().map(|r| r.abs().min(c).powi(2)).sum();
    let n = points.len() as f64;
    let within = fit.residuals().iter().filter(|r| r.abs() <= c).count() as f64 / n;
    let [sx, sxx] = [1, 2].map(|power| points.iter().map(|p| p.0.powi(power)).sum::<f64>());
    let of_slope = n / (n * sxx - sx * sx);
    let want = squares / (n - 2.0) / (within * within) * of_slope;
    approx::assert_relative_eq!(fit.covariance().unwrap()[1][1], want, max_relative = 1e-12);
}

#[test]
fn a_scale_beyond_which_most_lie_tells_no_errors() {
    let fitter = LeastSquares::builder().robust(Robust::Cauchy(1e-3)).build().unwrap();
    let fit = fitter.fit(&mut [0.5], |_: &[f64]| (vec![1.0, -1.0], vec![1.0, 1.0])).unwrap();
    let refused = fit.covariance().unwrap_err().to_string();
    assert!(refused.contains("bends downwards"), "{refused}");
}

#[test]
fn residuals_beyond_the_reach_of_a_scale_are_refused_and_wide_scales_are_not() {
    let of = |robust: fn(f64) -> Robust, scale: f64| {
        let fitter = LeastSquares::builder().robust(robust(scale)).build().unwrap();
        fitter.fit(&mut [0.0], |p: &[f64]| (vec![p[0] - 1.0, p[0] - 4.0], vec![1.0; 2]))
    };
    for robust in [Robust::Huber, Robust::SoftL1, Robust::Cauchy] {
        let refused = of(robust, 1e-160).unwrap_err().to_string();
        let text =
            "residual 0 is -1 at the start, too far beyond the scale 1e-160 of the robust loss";
        assert_eq!(refused, text);
        for scale in [1e100, 1e160, 1e300] {
            let fit = of(robust, scale).unwrap();
            approx::assert_relative_eq!(fit.parameters()[0], 2.5, max_relative = 1e-15);
            assert!(fit.ending().is_converged() && fit.cost() == 2.25, "{scale:e}");
        }
        let fit = of(robust, 1e-140).unwrap();
        assert!(fit.cost().is_finite() && fit.cost() > 0.0, "{}", fit.cost());
    }
}
