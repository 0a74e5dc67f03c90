//! Norms beyond the range of numbers, in clipping and in steps that divide by them; limits that are none.

use std::panic::catch_unwind;
use wengert::Real;
use wengert::optim::{Optimizer, Sgd, StepSize, clip_norm, clip_value};

/// Numbers between -1 and 1, none near 0.
fn numbers(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..n)
        .map(|_| {
            let size = 0.25 + 0.75 * next();
            if next() < 0.5 { -size } else { size }
        })
        .collect()
}

/// The vector of length 1 in its direction, in double precision.
fn unit(direction: &[f64]) -> Vec<f64> {
    let norm = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
    direction.iter().map(|x| x / norm).collect()
}

#[track_caller]
fn assert_close<F: Real>(got: &[F], want: &[f64]) {
    // The sum of the squares has an error of its own.
    let tolerance = F::epsilon().to_double() * (8.0 + (want.len() as f64).sqrt());
    let spacing = 4.0 * (F::epsilon() * F::min_positive_value()).to_double();
    for (got, want) in got.iter().zip(want) {
        let got = got.to_double();
        assert!((got - want).abs() <= tolerance * want.abs() + spacing, "{got}, not {want}");
    }
}

/// The exponents of two from the least normal number to the greatest, a few at each end and between.
fn exponents<F: Real>() -> Vec<i32> {
    let least = F::min_positive_value().to_double().log2() as i32;
    let ends = [0, 1, 2, 5, 20, 50, -least / 2 - 1, -least / 2];
    ends.iter().flat_map(|by| [least + 2 + by, -least - by]).collect()
}

/// The numbers times a power of two, which may be beyond the range of doubles halfway.
fn scaled<F: Real>(numbers: &[f64], exponent: i32) -> Vec<F> {
    let half = 2f64.powi(exponent / 2);
    let rest = 2f64.powi(exponent - exponent / 2);
    numbers.iter().map(|x| F::from_double(x * half * rest)).collect()
}

fn clips_and_steps_are_right_over_the_whole_range<F: Real>() {
    for n in [1, 2, 3, 4, 5, 17, 100] {
        for (seed, exponent) in (0..).zip(exponents::<F>()) {
            let direction = numbers(n, seed);
            let direction: Vec<f64> =
                direction.iter().map(|&x| F::from_double(x).to_double()).collect();
            let (gradient, unit) = (scaled::<F>(&direction, exponent), unit(&direction));
            let one = F::one();

            let mut clipped = gradient.clone();
            let limit = one.min(gradient[0].abs() / F::from_double(4.0));
            let norm = clip_norm(&mut clipped, limit);
            assert!(norm > limit);
            let want: Vec<f64> = unit.iter().map(|x| x * limit.to_double()).collect();
            assert_close(&clipped, &want);

            let zeros = || vec![F::zero(); n];
            let down: Vec<f64> = unit.iter().map(|x| -x).collect();
            let mut x = zeros();
            let mut sgd =
                Sgd::with_step_size(StepSize::constant(one).normalized()).build().unwrap();
            let step = sgd.step(&mut x, one, &gradient).unwrap();
            assert_eq!(step.gradient_norm, norm);
            assert_close(&x, &down);

            // The gap is as great as the slopes, so that a step has length 1 or so.
            let gap = gradient[0].abs();
            let length = direction[0].abs() / direction.iter().map(|x| x * x).sum::<f64>().sqrt();
            let want: Vec<f64> = down.iter().map(|x| x * length).collect();
            for rule in [StepSize::polyak(F::zero()), StepSize::target_level(gap)] {
                let mut x = zeros();
                let mut sgd = Sgd::with_step_size(rule).build().unwrap();
                sgd.step(&mut x, gap, &gradient).unwrap();
                assert_close(&x, &want);
            }

            let mut x = zeros();
            let mut sgd = Sgd::builder(one).clip_norm(limit).build().unwrap();
            assert!(sgd.step(&mut x, one, &gradient).unwrap().clipped);
            assert_eq!(x, clipped.iter().map(|&g| -g).collect::<Vec<F>>());
        }
    }
}

#[test]
fn clips_and_steps_are_right_over_the_whole_range_of_doubles() {
    clips_and_steps_are_right_over_the_whole_range::<f64>();
}

#[test]
fn clips_and_steps_are_right_over_the_whole_range_of_single_precision() {
    clips_and_steps_are_right_over_the_whole_range::<f32>();
}

fn any_norm_is_clipped_at_any_lesser_one<F: Real>() {
    for n in [1, 3, 17] {
        for (seed, from) in (0..).zip(exponents::<F>()) {
            let gradient = scaled::<F>(&numbers(n, seed), from);
            let down: Vec<f64> =
                scaled::<F>(&numbers(n, seed), 0).iter().map(|x| x.to_double()).collect();
            for to in exponents::<F>().into_iter().filter(|&to| to < from - 2) {
                let limit = scaled::<F>(&[1.5], to)[0];
                let mut clipped = gradient.clone();
                clip_norm(&mut clipped, limit);
                let want: Vec<f64> = unit(&down).iter().map(|x| x * limit.to_double()).collect();
                assert_close(&clipped, &want);
            }
        }
    }
}

#[test]
fn any_norm_is_clipped_at_any_lesser_one_in_both_precisions() {
    any_norm_is_clipped_at_any_lesser_one::<f64>();
    any_norm_is_clipped_at_any_lesser_one::<f32>();
}

#[test]
fn two_great_slopes_are_clipped() {
    let mut single = [3e38_f32, 3e38];
    assert_eq!(clip_norm(&mut single, 1.0), f32::INFINITY);
    assert_close(&single, &[0.5_f64.sqrt(); 2]);
    let mut double = [1.5e308, -1.5e308];
    assert_eq!(clip_norm(&mut double, 1.0), f64::INFINITY);
    assert_close(&double, &[0.5_f64.sqrt(), -(0.5_f64.sqrt())]);
    // To a length far from 1, either way.
    let mut far = [3e38_f32, 3e38];
    clip_norm(&mut far, 1e38);
    assert_close(&far, &[1e38_f32.to_double() * 0.5_f64.sqrt(); 2]);
    clip_norm(&mut far, 1e-37);
    assert_close(&far, &[1e-37_f32.to_double() * 0.5_f64.sqrt(); 2]);
}

#[test]
fn a_million_great_slopes_are_clipped() {
    let mut single = vec![1e36_f32; 1_000_000];
    assert_eq!(clip_norm(&mut single, 1.0), f32::INFINITY);
    assert!(single.iter().all(|g| (g - 1e-3).abs() <= 1e-9));
    let mut double = vec![1e306; 1_000_000];
    assert_eq!(clip_norm(&mut double, 1.0), f64::INFINITY);
    assert!(double.iter().all(|g| (g - 1e-3).abs() <= 1e-15));
}

#[test]
fn limits_that_are_none_are_refused_at_the_callers_line() {
    for limit in [-1.0, f64::NAN, -5e-324, f64::NEG_INFINITY] {
        let by_value = catch_unwind(|| clip_value(&mut [1.0, -2.0], limit)).unwrap_err();
        let by_norm = catch_unwind(|| clip_norm(&mut [1.0, -2.0], limit)).unwrap_err();
        for (what, panic) in [("value", by_value), ("norm", by_norm)] {
            let text = panic.downcast_ref::<String>().unwrap();
            let shown = if limit == -5e-324 { "-5e-324".into() } else { limit.to_string() };
            assert_eq!(*text, format!("a gradient cannot be clipped at the {what} {shown}"));
        }
    }
    // 0 leaves nothing, and infinity all.
    for (limit, left) in [(0.0, [0.0, 0.0]), (f64::INFINITY, [1.0, -2.0])] {
        let mut g = [1.0, -2.0];
        clip_value(&mut g, limit);
        assert_eq!(g, left);
        let mut g = [1.0, -2.0];
        clip_norm(&mut g, limit);
        assert_eq!(g, left);
    }
}
