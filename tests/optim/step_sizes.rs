//! Step sizes follow their formulas and recurrences, and arrive.

use approx::assert_relative_eq;
use wengert::optim::{Best, OptimError, Optimizer, Sgd, SgdBuilder, StepSize};

/// A convex function with kinks, minimum 0 at (1, 2), and a subgradient by hand.
fn valley(x: &[f64]) -> (f64, Vec<f64>) {
    let (u, v) = (x[0] - 1.0, x[1] - 2.0);
    let sign = |t: f64| if t == 0.0 { 0.0 } else { t.signum() };
    let value = u.abs() + 3.0 * (u + v).abs();
    (value, vec![sign(u) + 3.0 * sign(u + v), 3.0 * sign(u + v)])
}

/// The step sizes of the first steps from (9, -4).
fn sizes(builder: SgdBuilder, steps: usize) -> Vec<(f64, f64, f64)> {
    let mut sgd = builder.build().unwrap();
    let mut x = [9.0, -4.0];
    (0..steps)
        .map(|_| {
            let (value, slope) = valley(&x);
            let norm = slope.iter().map(|g| g * g).sum::<f64>().sqrt();
            let size = sgd.step(&mut x, value, &slope).unwrap().size;
            (size, value, norm)
        })
        .collect()
}

#[test]
fn step_sizes_follow_their_formulas() {
    type Formula = fn(k: f64, value: f64, norm: f64) -> f64;
    let table: [(StepSize, Formula); 7] = [
        (StepSize::constant(0.3), |_, _, _| 0.3),
        (StepSize::decaying(0.3, 0.5), |k, _, _| 0.3 / k.sqrt()),
        (StepSize::decaying(0.3, 1.0), |k, _, _| 0.3 / k),
        (StepSize::geometric(0.3, 0.9), |k, _, _| 0.3 * 0.9f64.powf(k - 1.0)),
        (StepSize::constant(0.3).normalized(), |_, _, norm| 0.3 / norm),
        (StepSize::geometric(0.3, 0.9).normalized(), |k, _, n| 0.3 * 0.9f64.powf(k - 1.0) / n),
        (StepSize::polyak(-0.5), |_, value, norm| (value + 0.5) / (norm * norm)),
    ];
    for (step_size, formula) in table {
        for (i, (size, value, norm)) in
            sizes(Sgd::with_step_size(step_size), 40).into_iter().enumerate()
        {
            let expected = formula(i as f64 + 1.0, value, norm);
            assert_relative_eq!(size, expected, max_relative = 1e-13);
        }
    }
}

#[test]
fn target_level_steps_follow_their_recurrence() {
    for (shrink, grow, floor) in [(0.95, 2.0, 0.0), (0.5, 1.0, 0.1), (0.7, 1.5, 0.01)] {
        let rule = StepSize::target_level_with(4.0, shrink, grow, floor);
        let (mut gap, mut best, mut success) = (4.0, f64::INFINITY, None);
        let (mut grown, mut shrunk) = (0, 0);
        for (size, value, norm) in sizes(Sgd::with_step_size(rule), 60) {
            match success {
                None => {}
                Some(bound) if value <= bound => {
                    gap *= grow;
                    grown += 1;
                }
                Some(_) => {
                    gap = f64::max(gap * shrink, floor);
                    shrunk += 1;
                }
            }
            best = f64::min(best, value);
            success = Some(best - gap / 2.0);
            assert_relative_eq!(size, (value - (best - gap)) / (norm * norm), max_relative = 1e-12);
        }
        assert!(grown > 0 && shrunk > 0);
    }
}

#[test]
fn factors_are_a_change_of_scale_under_every_rule() {
    let rules = [
        StepSize::constant(0.03),
        StepSize::decaying(1.0, 0.5).normalized(),
        StepSize::polyak(0.0),
        StepSize::target_level(3.0),
    ];
    let factors = [4.0, 0.25];
    for rule in rules {
        for momentum in [0.0, 0.5] {
            let builder = Sgd::with_step_size(rule).momentum(momentum);
            let mut scaled = builder.clone().factors(&factors).build().unwrap();
            let mut plain = builder.build().unwrap();
            let mut x = [9.0, -4.0];
            // The same point in coordinates y = x / √s, where the slope is √s times that in x.
            let roots = factors.map(f64::sqrt);
            let mut y = [x[0] / roots[0], x[1] / roots[1]];
            for _ in 0..25 {
                let (value, slope) = valley(&x);
                scaled.step(&mut x, value, &slope).unwrap();
                let (value, slope) = valley(&[y[0] * roots[0], y[1] * roots[1]]);
                plain.step(&mut y, value, &[slope[0] * roots[0], slope[1] * roots[1]]).unwrap();
                let back = [y[0] * roots[0], y[1] * roots[1]];
                assert_relative_eq!(x[..], back[..], max_relative = 1e-9, epsilon = 1e-9);
            }
        }
    }
}

#[test]
fn polyak_steps_never_lead_away_from_the_minimum_and_arrive() {
    let mut sgd = Sgd::with_step_size(StepSize::polyak(0.0)).build().unwrap();
    let mut x = [9.0, -4.0];
    let distance = |x: &[f64]| (x[0] - 1.0).hypot(x[1] - 2.0);
    let mut before = distance(&x);
    for _ in 0..1000 {
        let (value, slope) = valley(&x);
        sgd.step(&mut x, value, &slope).unwrap();
        assert!(distance(&x) <= before * (1.0 + 1e-15));
        before = distance(&x);
    }
    assert!(before < 1e-9, "{before}");
}

#[test]
fn polyak_steps_climb_to_a_known_maximum() {
    let mut sgd = Sgd::with_step_size(StepSize::polyak(7.0)).maximize(true).build().unwrap();
    let mut x = [9.0, -4.0];
    for _ in 0..1000 {
        let (value, slope) = valley(&x);
        sgd.step(&mut x, 7.0 - value, &[-slope[0], -slope[1]]).unwrap();
    }
    assert_relative_eq!(x[..], [1.0, 2.0][..], max_relative = 1e-9);
}

#[test]
fn target_level_steps_find_a_minimum_nobody_told_them() {
    for (gap, maximize) in [(0.01, false), (1.0, false), (100.0, false), (1.0, true)] {
        let rule = StepSize::target_level(gap);
        let mut sgd = Sgd::with_step_size(rule).maximize(maximize).build().unwrap();
        let mut best = if maximize { Best::maximum() } else { Best::minimum() };
        let mut x = [9.0, -4.0];
        let sign = if maximize { -1.0 } else { 1.0 };
        for _ in 0..3000 {
            let (value, slope) = valley(&x);
            best.observe(&x, sign * value);
            sgd.step(&mut x, sign * value, &[sign * slope[0], sign * slope[1]]).unwrap();
        }
        assert_relative_eq!(best.values(), &[1.0, 2.0][..], max_relative = 1e-8);
    }
}

#[test]
fn rules_with_a_norm_stay_where_there_is_no_slope() {
    for rule in
        [StepSize::constant(1.0).normalized(), StepSize::polyak(0.0), StepSize::target_level(1.0)]
    {
        let mut sgd = Sgd::with_step_size(rule).build().unwrap();
        let mut x = [1.0, 2.0];
        assert_eq!(sgd.step(&mut x, 3.0, &[0.0, 0.0]).unwrap().size, 0.0);
        assert_eq!(x, [1.0, 2.0]);
    }
}

#[test]
fn a_loss_at_its_optimum_up_to_rounding_is_a_step_of_size_zero() {
    let mut sgd = Sgd::with_step_size(StepSize::polyak(74.723117649471)).build().unwrap();
    assert_eq!(sgd.step(&mut [1.0], 74.723117649470, &[1.0]).unwrap().size, 0.0);
    let refused = sgd.step(&mut [1.0], 74.7, &[1.0]);
    let expected = OptimError::BeyondOptimum { value: 74.7, optimum: 74.723117649471 };
    assert_eq!(refused, Err(expected));
}
