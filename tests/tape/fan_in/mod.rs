//! Functions of many operands: variables in runs and in disorder, repeated, pending, constant.

#![allow(clippy::unwrap_used, reason = "tests")]

mod spaced;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use wengert::{Real, Tape, Var};

const LEAVES: usize = 30;

/// `c₀ + Σ cᵢ xᵢ` with at most two variables: what a pending result can be.
#[derive(Clone, Debug)]
struct Operand {
    constant: f64,
    terms: Vec<(usize, f64)>,
    keep: bool,
}

impl Operand {
    fn value(&self, x: &[f64]) -> f64 {
        self.terms.iter().fold(self.constant, |sum, &(i, c)| sum + x[i] * c)
    }

    fn recorded<F: Real>(&self, x: &[Var<F>]) -> Var<F> {
        if let ([(i, 1.0)], 0.0) = (self.terms.as_slice(), self.constant) {
            return x[*i];
        }
        let start = Var::from(F::from_double(self.constant));
        let sum = self.terms.iter().fold(start, |sum, &(i, c)| sum + x[i] * F::from_double(c));
        if self.keep { sum.keep() } else { sum }
    }
}

/// Quarters, so that sums of products are exact in both precisions.
fn quarters(most: i32) -> impl Strategy<Value = f64> {
    (-4 * most..=4 * most).prop_map(|n| f64::from(n) / 4.0)
}

fn operand() -> impl Strategy<Value = Operand> {
    let term = (0..LEAVES, quarters(3));
    (quarters(3), prop::collection::vec(term, 0..3), any::<bool>())
        .prop_map(|(constant, terms, keep)| Operand { constant, terms, keep })
}

fn leaf(i: usize) -> Operand {
    Operand { constant: 0.0, terms: vec![(i, 1.0)], keep: false }
}

/// Neighbouring variables, single ones in disorder, and results of all kinds, one after another.
fn operands() -> impl Strategy<Value = Vec<Operand>> {
    let run = (0..LEAVES, 0..LEAVES)
        .prop_map(|(from, n)| (from..LEAVES.min(from + n)).map(leaf).collect());
    let scaled = (0..LEAVES, quarters(2)).prop_map(|(from, c)| {
        (from..LEAVES)
            .map(|i| Operand {
                constant: 1.0,
                terms: vec![(i, c), ((i + 7) % LEAVES, 2.0)],
                keep: false,
            })
            .collect()
    });
    // Side by side on the tape, some the variable itself and some a result of it.
    let mixed = (0..LEAVES, prop::collection::vec(prop_oneof![Just(1.0), quarters(2)], LEAVES))
        .prop_map(|(from, slopes)| {
            (from..LEAVES).map(|i| Operand { terms: vec![(i, slopes[i])], ..leaf(i) }).collect()
        });
    let single = (0..LEAVES).prop_map(|i| vec![leaf(i)]);
    let any = operand().prop_map(|o| vec![o]);
    let part: BoxedStrategy<Vec<Operand>> = prop_oneof![run, scaled, mixed, single, any].boxed();
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

fn leaves() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(quarters(2), LEAVES)
}

/// `Σ slopes[k] ∂operand[k]/∂x`, and the sum of the magnitudes.
fn chain(operands: &[Operand], slopes: &[f64]) -> Vec<(f64, f64)> {
    let mut sums = vec![(0.0, 0.0); LEAVES];
    for (operand, slope) in operands.iter().zip(slopes) {
        for &(i, c) in &operand.terms {
            sums[i].0 += slope * c;
            sums[i].1 += (slope * c).abs();
        }
    }
    sums
}

/// Asserts value and gradient of `f` of the operands in one precision.
fn assert_gradient<F: Real>(
    operands: &[Operand],
    x: &[f64],
    f: impl Fn(&[Var<F>]) -> Var<F>,
    value: f64,
    slopes: &[f64],
) {
    let epsilon = F::epsilon().to_double();
    let tape = Tape::default();
    let single: Vec<F> = x.iter().map(|&x| F::from_double(x)).collect();
    let vars = tape.vars_from(&single);
    let recorded: Vec<Var<F>> = operands.iter().map(|o| o.recorded(&vars)).collect();
    let y = f(&recorded);
    let scale = operands.iter().map(|o| o.value(x).abs()).sum::<f64>() + value.abs();
    let got = y.value().to_double();
    assert!((got - value).abs() <= 16.0 * epsilon * scale || got == value, "{got} and {value}");
    let gradient = y.backward().wrt(&vars);
    for (i, (got, (slope, magnitude))) in gradient.iter().zip(chain(operands, slopes)).enumerate() {
        let (got, tolerance) = (got.to_double(), 256.0 * epsilon * magnitude);
        assert!((got - slope).abs() <= tolerance, "by {i}: {got} and {slope} ± {tolerance}");
    }
}

fn in_both<A, B>(operands: &[Operand], x: &[f64], f: A, g: B, value: f64, slopes: &[f64])
where
    A: Fn(&[Var]) -> Var,
    B: Fn(&[Var<f32>]) -> Var<f32>,
{
    assert_gradient(operands, x, f, value, slopes);
    assert_gradient(operands, x, g, value, slopes);
}

#[test]
fn a_variable_and_a_result_side_by_side_both_count() {
    let tape = Tape::new();
    let x = tape.vars_from(&[2.0, 3.0]);
    let result = (x[0] * x[1]).keep();
    let lists = [vec![x[0], result], vec![result, x[0]], vec![x[1], result]];
    for list in lists {
        let direct = f64::from(u8::from(list.contains(&x[0])));
        let slope = Var::sum_of(&list).backward().wrt(&x);
        assert_eq!(slope, [3.0 + direct, 2.0 + (1.0 - direct)]);
    }
}

/// So many cases, the same on each run.
fn fixed(cases: u32) -> Config {
    let rng_seed = RngSeed::Fixed(1964);
    Config { cases, rng_seed, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(fixed(400))]

    #[test]
    fn sums_and_means(list in operands(), x in leaves()) {
        let n = list.len();
        let total: f64 = list.iter().map(|o| o.value(&x)).sum();
        in_both(&list, &x, Var::sum_of, Var::sum_of, total, &vec![1.0; n]);
        in_both(&list, &x, |v| v.iter().sum(), |v| v.iter().sum(), total, &vec![1.0; n]);
        if n > 0 {
            let share = 1.0 / n as f64;
            in_both(&list, &x, Var::mean, Var::mean, total / n as f64, &vec![share; n]);
        }
    }

    #[test]
    fn dot_products(list in operands(), x in leaves(), turn in 0..40_usize) {
        let n = list.len();
        let values: Vec<f64> = list.iter().map(|o| o.value(&x)).collect();
        let at = |i: usize| (i * 7 + turn) % n.max(1);
        // With numbers.
        let numbers: Vec<f64> = (0..n).map(|i| f64::from(i as u32 % 9) - 4.0).collect();
        let single: Vec<f32> = numbers.iter().map(|&c| c as f32).collect();
        let value = values.iter().zip(&numbers).map(|(a, b)| a * b).sum();
        in_both(&list, &x, |v| Var::dot(v, &numbers), |v| Var::dot(v, &single), value, &numbers);
        // With the same operands in another order: Σ vᵢ v_at(i).
        let mut slopes = vec![0.0; n];
        for i in 0..n {
            slopes[i] += values[at(i)];
            slopes[at(i)] += values[i];
        }
        let value = (0..n).map(|i| values[i] * values[at(i)]).sum();
        fn turned<F: Real>(v: &[Var<F>], at: impl Fn(usize) -> usize) -> Var<F> {
            let other: Vec<Var<F>> = (0..v.len()).map(|i| v[at(i)]).collect();
            Var::dot(v, &other)
        }
        in_both(&list, &x, |v| turned(v, at), |v| turned(v, at), value, &slopes);
        // With themselves, as one list and as two.
        let slopes: Vec<f64> = values.iter().map(|v| 2.0 * v).collect();
        let value = values.iter().map(|v| v * v).sum();
        in_both(&list, &x, |v| Var::dot(v, v), |v| Var::dot(v, v), value, &slopes);
        in_both(&list, &x, |v| turned(v, |i| i), |v| turned(v, |i| i), value, &slopes);
    }

    #[test]
    fn norms(list in operands(), x in leaves()) {
        let values: Vec<f64> = list.iter().map(|o| o.value(&x)).collect();
        let norm = values.iter().map(|v| v * v).sum::<f64>().sqrt();
        let slopes: Vec<f64> =
            values.iter().map(|v| if norm == 0.0 { 0.0 } else { v / norm }).collect();
        in_both(&list, &x, Var::norm, Var::norm, norm, &slopes);
    }

    #[test]
    fn log_sum_exp_and_softmax(list in operands(), x in leaves()) {
        prop_assume!(!list.is_empty());
        let values: Vec<f64> = list.iter().map(|o| o.value(&x)).collect();
        let total: f64 = values.iter().map(|v| v.exp()).sum();
        let weights: Vec<f64> = values.iter().map(|v| v.exp() / total).collect();
        in_both(&list, &x, Var::log_sum_exp, Var::log_sum_exp, total.ln(), &weights);
        // Σ k softmaxₖ has the slopes wᵢ (i - Σ k wₖ).
        fn ranked<F: Real>(v: &[Var<F>]) -> Var<F> {
            let ranks: Vec<F> = (0..v.len()).map(|k| F::from_double(k as f64)).collect();
            Var::dot(&Var::softmax(v), &ranks)
        }
        let mean: f64 = weights.iter().enumerate().map(|(k, w)| k as f64 * w).sum();
        let slopes: Vec<f64> =
            weights.iter().enumerate().map(|(k, w)| w * (k as f64 - mean)).collect();
        let tape = Tape::new();
        let vars = tape.vars_from(&x);
        let recorded: Vec<Var> = list.iter().map(|o| o.recorded(&vars)).collect();
        let got = ranked(&recorded).backward().wrt(&vars);
        let scale = 64.0 * f64::EPSILON * (1.0 + mean) * list.len() as f64;
        for (got, (slope, _)) in got.iter().zip(chain(&list, &slopes)) {
            prop_assert!((got - slope).abs() <= scale, "{got} and {slope} ± {scale}");
        }
    }

    #[test]
    fn greatest_and_least(list in operands(), x in leaves()) {
        prop_assume!(!list.is_empty());
        let values: Vec<f64> = list.iter().map(|o| o.value(&x)).collect();
        for sign in [1.0, -1.0] {
            let most = values.iter().map(|v| sign * v).fold(f64::NEG_INFINITY, f64::max) * sign;
            let tied = |i: usize| values[i] == most;
            let ties = (0..list.len()).filter(|&i| tied(i)).count();
            let constant = (0..list.len()).any(|i| tied(i) && list[i].terms.is_empty());
            let share = if constant { 0.0 } else { 1.0 / ties as f64 };
            let slopes: Vec<f64> =
                (0..list.len()).map(|i| if tied(i) { share } else { 0.0 }).collect();
            if sign > 0.0 {
                in_both(&list, &x, Var::max_of, Var::max_of, most, &slopes);
            } else {
                in_both(&list, &x, Var::min_of, Var::min_of, most, &slopes);
            }
        }
    }

    #[test]
    fn wide_statements_feed_wide_statements(list in operands(), x in leaves(), n in 1..40_usize) {
        // A layer of n sums of the operands, each scaled, and the norm of the layer: the outputs of
        // a layer are neighbours on the tape.
        let values: Vec<f64> = list.iter().map(|o| o.value(&x)).collect();
        let total: f64 = values.iter().sum();
        let weights: Vec<f64> = (1..=n).map(|k| k as f64 / 4.0).collect();
        let sum: f64 = weights.iter().sum();
        let layer = |v: &[Var]| {
            let outputs: Vec<Var> =
                weights.iter().map(|&w| Var::dot(v, &vec![w; v.len()]).keep()).collect();
            Var::dot(&outputs, &outputs)
        };
        let squares: f64 = weights.iter().map(|w| w * w).sum();
        let tape = Tape::new();
        let vars = tape.vars_from(&x);
        let recorded: Vec<Var> = list.iter().map(|o| o.recorded(&vars)).collect();
        let y = layer(&recorded);
        let scale = squares * values.iter().map(|v| v.abs()).sum::<f64>().powi(2) + sum;
        prop_assert!((y.value() - squares * total * total).abs() <= 1e-13 * scale);
        let slopes = vec![2.0 * squares * total; list.len()];
        for (got, (slope, size)) in y.backward().wrt(&vars).iter().zip(chain(&list, &slopes)) {
            prop_assert!((got - slope).abs() <= 1e-12 * (size + squares), "{got} and {slope}");
        }
    }
}
