//! Stochastic gradient descent against recurrences written out here.

use crate::{START, hill};
use approx::assert_relative_eq;
use wengert::gradient;
use wengert::optim::{Optimizer, Sgd, SgdBuilder, StepSize};

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
