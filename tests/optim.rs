//! Optimizers against recurrences written out here, and their refusals.

// Every line of this file is a test, those outside of test functions too.
#![allow(clippy::unwrap_used)]

use approx::assert_relative_eq;
use wengert::gradient;
use wengert::optim::{
    Best, OptimError, Optimizer, Sgd, SgdBuilder, StepSize, clip_norm, clip_value,
};

/// A smooth function that is not separable, with its gradient by hand.
fn hill(x: &[f64]) -> (f64, Vec<f64>) {
    let value = x[0].sin() * x[1] + 0.5 * x[2] * x[2] + x[0] * x[2];
    (value, vec![x[0].cos() * x[1] + x[2], x[0].sin(), x[2] + x[0]])
}

const START: [f64; 3] = [0.7, -1.2, 0.4];

/// PyTorch's options, as its documentation names them.
#[derive(Clone, Copy, Debug)]
struct Options {
    momentum: f64,
    dampening: f64,
    nesterov: bool,
    weight_decay: f64,
    maximize: bool,
}

impl Options {
    fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for (momentum, dampening, nesterov) in [
            (0.0, 0.0, false),
            (0.5, 0.0, false),
            (0.9, 0.0, true),
            (0.9, 0.3, false),
            (0.9, -1.0, false),
        ] {
            for weight_decay in [0.0, 0.1] {
                for maximize in [false, true] {
                    all.push(Options { momentum, dampening, nesterov, weight_decay, maximize });
                }
            }
        }
        all
    }

    fn builder(self, step_size: StepSize) -> SgdBuilder {
        Sgd::with_step_size(step_size)
            .momentum(self.momentum)
            .dampening(self.dampening)
            .nesterov(self.nesterov)
            .weight_decay(self.weight_decay)
            .maximize(self.maximize)
    }
}

/// The algorithm box of `torch.optim.SGD`, over whole vectors.
fn reference_trajectory(o: Options, lr: f64, factors: &[f64], steps: usize) -> Vec<Vec<f64>> {
    let mut theta = START.to_vec();
    let mut buffer: Option<Vec<f64>> = None;
    let mut trajectory = Vec::new();
    for _ in 0..steps {
        let mut g = hill(&theta).1;
        if o.maximize {
            g = g.iter().map(|g| -g).collect();
        }
        if o.weight_decay != 0.0 {
            g = g.iter().zip(&theta).map(|(g, t)| g + o.weight_decay * t).collect();
        }
        if o.momentum != 0.0 {
            let b: Vec<f64> = match &buffer {
                None => g.clone(),
                Some(b) => {
                    let enter = 1.0 - o.dampening;
                    b.iter().zip(&g).map(|(b, g)| o.momentum * b + enter * g).collect()
                }
            };
            g = if o.nesterov {
                g.iter().zip(&b).map(|(g, b)| g + o.momentum * b).collect()
            } else {
                b.clone()
            };
            buffer = Some(b);
        }
        for ((t, g), s) in theta.iter_mut().zip(&g).zip(factors) {
            *t -= lr * s * g;
        }
        trajectory.push(theta.clone());
    }
    trajectory
}

#[test]
fn every_trajectory_is_that_of_the_documented_recurrence() {
    for options in Options::all() {
        for factors in [[1.0, 1.0, 1.0], [0.5, 3.0, 0.0]] {
            let mut builder = options.builder(StepSize::constant(0.05));
            if factors != [1.0; 3] {
                builder = builder.factors(&factors);
            }
            let mut sgd = builder.build().unwrap();
            let mut x = START;
            for expected in reference_trajectory(options, 0.05, &factors, 30) {
                let (value, slope) = hill(&x);
                sgd.step(&mut x, value, &slope).unwrap();
                assert_relative_eq!(x[..], expected[..], max_relative = 1e-13, epsilon = 1e-14);
            }
            assert_eq!(sgd.step_count(), 30, "{options:?}");
        }
    }
}

#[test]
fn momentum_steps_worked_by_hand() {
    // f = x² from 1 with learning rate 0.1 and momentum 0.9.
    let run = |nesterov| {
        let mut sgd = Sgd::builder(0.1).momentum(0.9).nesterov(nesterov).build().unwrap();
        let mut x = [1.0_f64];
        std::iter::repeat_with(|| {
            let (value, slope) = (x[0] * x[0], [2.0 * x[0]]);
            sgd.step(&mut x, value, &slope).unwrap();
            x[0]
        })
        .take(3)
        .collect::<Vec<_>>()
    };
    assert_relative_eq!(run(false)[..], [0.8, 0.46, 0.062][..], max_relative = 1e-14);
    // b: 2, 3.04, 3.1808; d: 3.8, 3.976, 3.30752.
    assert_relative_eq!(run(true)[..], [0.62, 0.2224, -0.108352][..], max_relative = 1e-13);
}

#[test]
fn maximizing_is_minimizing_the_negative_to_the_bit() {
    for options in Options::all().into_iter().filter(|o| o.maximize) {
        let down = Options { maximize: false, ..options };
        let sizes = [StepSize::constant(0.05), StepSize::decaying(0.1, 0.5).normalized()];
        for size in sizes {
            let mut up = options.builder(size).build().unwrap();
            let mut down = down.builder(size).build().unwrap();
            let (mut x, mut y) = (START, START);
            for _ in 0..20 {
                let (value, slope) = hill(&x);
                up.step(&mut x, value, &slope).unwrap();
                let (value, slope) = hill(&y);
                let negative: Vec<f64> = slope.iter().map(|g| -g).collect();
                down.step(&mut y, -value, &negative).unwrap();
                assert_eq!(x, y);
            }
        }
    }
}

#[test]
fn maximizing_with_momentum_goes_up() {
    for (momentum, nesterov) in [(0.0, false), (0.5, false), (0.5, true)] {
        let mut sgd = Sgd::builder(0.05)
            .momentum(momentum)
            .nesterov(nesterov)
            .maximize(true)
            .build()
            .unwrap();
        let mut x = [57.0_f64];
        let mut before = f64::NEG_INFINITY;
        for _ in 0..5 {
            let (area, slope) = gradient(|l| l[0] * (100.0 - l[0]), &x);
            assert!(area > before);
            before = area;
            sgd.step(&mut x, area, &slope).unwrap();
        }
        assert!(x[0] < 57.0 && x[0] > 50.0);
    }
}

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

#[test]
fn contradictory_and_meaningless_options_are_refused() {
    let lr = || Sgd::builder(0.1);
    let polyak = || Sgd::with_step_size(StepSize::polyak(0.0));
    let with = |rule| Sgd::<f64>::with_step_size(rule);
    let refused = [
        (lr().nesterov(true), "nesterov"),
        (lr().momentum(0.9).dampening(0.1).nesterov(true), "nesterov"),
        (lr().dampening(0.1), "dampening"),
        (polyak().weight_decay(0.1), "weight decay"),
        (polyak().clip_norm(1.0), "clipping"),
        (with(StepSize::target_level(1.0)).clip_value(1.0), "clipping"),
        (with(StepSize::polyak(0.0).normalized()), "Polyak's step size"),
        (Sgd::builder(-0.1), "learning rate"),
        (Sgd::builder(0.0), "learning rate"),
        (Sgd::builder(f64::NAN), "learning rate"),
        (Sgd::builder(f64::INFINITY), "learning rate"),
        (lr().momentum(-0.1), "momentum"),
        (lr().momentum(f64::NAN), "momentum"),
        (lr().momentum(0.5).dampening(f64::INFINITY), "dampening"),
        (lr().weight_decay(-1e-9), "weight decay"),
        (lr().weight_decay(f64::NAN), "weight decay"),
        (lr().clip_norm(0.0), "norm to clip at"),
        (lr().clip_norm(f64::NAN), "norm to clip at"),
        (lr().clip_value(-1.0), "value to clip at"),
        (lr().factors(&[1.0, -1.0]), "factor of a learning rate"),
        (lr().factors(&[f64::NAN]), "factor of a learning rate"),
        (with(StepSize::decaying(-1.0, 0.5)), "first step size"),
        (with(StepSize::decaying(1.0, -0.5)), "power of decay"),
        (with(StepSize::geometric(1.0, 1.0)), "ratio"),
        (with(StepSize::geometric(1.0, 0.0)), "ratio"),
        (with(StepSize::polyak(f64::NAN)), "optimum"),
        (with(StepSize::target_level(0.0)), "gap"),
        (with(StepSize::target_level_with(1.0, 1.0, 2.0, 0.0)), "shrink"),
        (with(StepSize::target_level_with(1.0, 0.9, 0.9, 0.0)), "grow"),
        (with(StepSize::target_level_with(1.0, 0.9, 2.0, -1.0)), "floor"),
    ];
    for (builder, option) in refused {
        let message = builder.build().unwrap_err().to_string();
        assert!(message.starts_with(option), "{message}");
    }
    for allowed in [
        lr().momentum(0.9).nesterov(true),
        lr().momentum(0.9).dampening(0.9),
        lr().momentum(1.0),
        lr().clip_norm(1.0).clip_value(2.0).weight_decay(0.1),
        polyak().momentum(0.5).maximize(true),
    ] {
        assert!(allowed.build().is_ok());
    }
}

#[test]
fn a_refused_step_leaves_parameters_and_state_untouched() {
    let rules =
        [StepSize::constant(0.05), StepSize::decaying(0.1, 0.5), StepSize::target_level(1.0)];
    for rule in rules {
        let builder = Sgd::with_step_size(rule).momentum(0.9);
        let mut tried = builder.clone().build().unwrap();
        let mut spared = builder.build().unwrap();
        let (mut x, mut y) = (START, START);
        for _ in 0..5 {
            let (value, slope) = hill(&x);
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                for i in 0..3 {
                    let mut spoiled = slope.clone();
                    spoiled[i] = bad;
                    match tried.step(&mut x, value, &spoiled) {
                        Err(OptimError::NonFiniteGradient { place, value }) => {
                            assert_eq!(place.index, i);
                            assert_eq!(value.to_bits(), bad.to_bits());
                        }
                        other => panic!("{other:?}"),
                    }
                    let mut lost = x;
                    lost[i] = bad;
                    match tried.step(&mut lost, value, &slope) {
                        Err(OptimError::NonFiniteParameter { place, .. }) => {
                            assert_eq!(place.index, i);
                        }
                        other => panic!("{other:?}"),
                    }
                }
                let refused = tried.step(&mut x, bad, &slope);
                assert!(matches!(refused, Err(OptimError::NonFiniteValue { .. })));
            }
            let short = tried.step(&mut x, value, &slope[..2]);
            let expected = OptimError::GradientLength { expected: 3, found: 2 };
            assert_eq!(short, Err(expected));
            assert_eq!(x, y);
            assert_eq!(tried.step_count(), spared.step_count());
            assert_eq!(tried.momentum_buffer(), spared.momentum_buffer());

            tried.step(&mut x, value, &slope).unwrap();
            spared.step(&mut y, value, &slope).unwrap();
            assert_eq!(x, y);
        }
        let other = tried.step(&mut x[..2], 1.0, &[1.0, 1.0]);
        assert_eq!(other, Err(OptimError::ParameterCount { expected: 3, found: 2 }));
    }
}

#[test]
fn a_step_that_would_overflow_is_refused() {
    let mut sgd = Sgd::builder(10.0).momentum(0.9).build().unwrap();
    let mut x = [1.0, 2.0];
    match sgd.step(&mut x, 0.0, &[1.0, 1e308]) {
        Err(OptimError::Overflow { place, from, to }) => {
            assert_eq!((place.index, from, to), (1, 2.0, f64::NEG_INFINITY));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!((x, sgd.step_count(), sgd.momentum_buffer()), ([1.0, 2.0], 0, &[][..]));
}

#[test]
fn reset_begins_anew() {
    let rules = [StepSize::decaying(0.1, 0.5), StepSize::target_level(1.0)];
    for rule in rules {
        let mut sgd = Sgd::with_step_size(rule).momentum(0.9).build().unwrap();
        let mut run = || {
            let mut x = START;
            for _ in 0..10 {
                let (value, slope) = hill(&x);
                sgd.step(&mut x, value, &slope).unwrap();
            }
            sgd.reset();
            x
        };
        assert_eq!(run(), run());
    }
}

#[test]
fn clipping_by_norm_keeps_the_direction_and_bounds_the_length() {
    let cases: [[f64; 3]; 4] =
        [[3.0, -4.0, 12.0], [3e200, -4e200, 12e200], [3e-200, -4e-200, 12e-200], [0.0; 3]];
    for g in cases {
        let norm = 13.0 * (g[0] / 3.0);
        for bound in [norm * 0.1, norm * 2.0] {
            let mut clipped = g;
            assert_relative_eq!(
                clip_norm(&mut clipped, bound),
                norm,
                max_relative = 1e-15,
                epsilon = 0.0
            );
            let factor = if norm > bound { 0.1 } else { 1.0 };
            let expected = g.map(|g| g * factor);
            assert_relative_eq!(clipped[..], expected[..], max_relative = 1e-14, epsilon = 0.0);
        }
    }
    let mut g = [f64::NAN, 1.0];
    assert!(clip_norm(&mut g, 0.5).is_nan() && g[1] == 1.0);
}

#[test]
fn clipping_by_value_bounds_each_entry() {
    let mut g = [3.0, -3.0, 0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    clip_value(&mut g, 1.0);
    assert_eq!(&g[..3], [1.0, -1.0, 0.5]);
    assert!(g[3].is_nan());
    assert_eq!(&g[4..], [1.0, -1.0]);
}

#[test]
fn a_clipping_optimizer_steps_as_if_the_gradient_had_been_clipped_before() {
    let (bound, max_norm) = (0.8, 1.0);
    let builder = Sgd::builder(0.1).momentum(0.9).weight_decay(0.1).maximize(true);
    let clipping = builder.clone().clip_value(bound).clip_norm(max_norm);
    let (mut clipping, mut plain) = (clipping.build().unwrap(), builder.build().unwrap());
    let (mut x, mut y) = (START, START);
    let mut clipped = 0;
    for _ in 0..40 {
        let (value, mut slope) = hill(&x);
        clipped += u32::from(clipping.step(&mut x, value, &slope).unwrap().clipped);
        clip_value(&mut slope, bound);
        clip_norm(&mut slope, max_norm);
        plain.step(&mut y, value, &slope).unwrap();
        assert_eq!(x, y);
    }
    assert!(clipped > 0);
}

#[test]
fn single_precision_follows_double() {
    let rule = StepSize::decaying(0.1_f32, 0.5);
    let mut single = Sgd::with_step_size(rule).momentum(0.9).build().unwrap();
    let mut double =
        Sgd::with_step_size(StepSize::decaying(0.1, 0.5)).momentum(0.9).build().unwrap();
    let (mut x, mut y) = (START.map(|x| x as f32), START);
    for _ in 0..20 {
        let (value, slope) = hill(&y);
        double.step(&mut y, value, &slope).unwrap();
        let slope: Vec<f32> = slope.iter().map(|&g| g as f32).collect();
        single.step(&mut x, value as f32, &slope).unwrap();
    }
    for (x, y) in x.into_iter().zip(y) {
        assert_relative_eq!(f64::from(x), y, max_relative = 1e-4);
    }
}
