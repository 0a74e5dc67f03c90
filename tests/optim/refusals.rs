//! What is refused leaves everything as it was.

use crate::{START, hill};
use wengert::optim::{OptimError, Optimizer, Sgd, StepSize};

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
