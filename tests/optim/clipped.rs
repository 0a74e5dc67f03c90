//! Clipping by value and by norm, alone and in a step.

use crate::{START, hill};
use approx::assert_relative_eq;
use wengert::optim::{Optimizer, Sgd, clip_norm, clip_value};

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
