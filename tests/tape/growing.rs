//! Numbers that others are added to in a loop: each step is a statement onto the one before, and any of them
//! may be read, copied, kept, or grown twice.

#![allow(clippy::assign_op_pattern, reason = "a sum is grown as users write it")]

use super::steps::{LANES, LEAVES, Machine, Step, forward, numbers, steps};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use wengert::{Dual, Rule, Tape, Var, hvp, jacobian};

fn fixed(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(15), failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(fixed(500))]

    #[test]
    fn a_growing_sum_has_the_gradient_of_forward_mode(steps in steps(), x in numbers()) {
        let (expected, size) = forward(&steps, x, None);
        prop_assume!(size.is_finite());
        let tape = Tape::new();
        let vars = tape.vars(x);
        let mut machine = Machine::new(vars);
        steps.iter().for_each(|&step| machine.step(step, Var::keep));
        let y: Var = machine.value();
        prop_assert_eq!(y.value().to_bits(), expected.value().to_bits());
        let g = y.backward();
        for (got, slope) in g.wrt(vars).into_iter().zip(expected.tangents()) {
            prop_assert!((got - slope).abs() <= 1e-13 * size, "{got} and {slope} of {size}");
        }
        prop_assert!(g == y.backward(), "a second sweep");
        let twice = tape.backward([(y, 1.0), (machine.sums[0], 0.0), (y, 1.0)]);
        for (got, slope) in twice.wrt(vars).into_iter().zip(expected.tangents()) {
            prop_assert!((got - 2.0 * slope).abs() <= 2e-13 * size, "{got} and twice {slope}");
        }
    }

    #[test]
    fn every_step_of_a_growing_sum_has_its_own_derivative(
        steps in steps(),
        x in numbers(),
        pick in any::<prop::sample::Index>(),
    ) {
        let tape = Tape::new();
        let mut machine = Machine::new(tape.vars(x));
        let mut written = Vec::new();
        for (at, &step) in steps.iter().enumerate() {
            let before = tape.stats().statement_count;
            machine.step(step, Var::keep);
            // A statement of this step, which no other number leads to yet.
            if let Some(sum) = step.grown().filter(|_| tape.stats().statement_count > before) {
                written.push((at, sum, machine.sums[sum]));
            }
        }
        let g = machine.value::<f64>().backward();
        written.retain(|&(_, _, y)| g.get(y).is_some());
        if !written.is_empty() {
            let (at, sum, y) = written[pick.index(written.len())];
            let (expected, size) = forward(&steps, x, Some((at, sum)));
            let (got, slope) = (g.wrt(y), expected.tangents()[LEAVES]);
            prop_assert!((got - slope).abs() <= 1e-13 * size, "{got} and {slope} of {size}");
        }
    }

    /// Of so many outputs the rows come from forward sweeps over the tape.
    #[test]
    fn the_tangents_of_a_growing_sum_are_those_of_forward_mode(steps in steps(), x in numbers()) {
        let (_, size) = forward(&steps, x, None);
        prop_assume!(size.is_finite());
        let mut duals = Machine::new(std::array::from_fn(|i| Dual::seed(x[i], i)));
        let mut expected: Vec<Dual<LANES>> = Vec::new();
        for &step in steps.iter().cycle().take(steps.len().max(2 * LEAVES)) {
            duals.step(step, |x| x);
            expected.extend(duals.sums);
        }
        let outputs = |vars: &[Var]| {
            let mut machine = Machine::new(std::array::from_fn(|i| vars[i]));
            let mut outputs = Vec::new();
            for &step in steps.iter().cycle().take(steps.len().max(2 * LEAVES)) {
                machine.step(step, Var::keep);
                outputs.extend(machine.sums);
            }
            outputs
        };
        let (values, rows) = jacobian(outputs, &x);
        for ((row, value), expected) in rows.iter().zip(values).zip(expected) {
            prop_assert_eq!(value.to_bits(), expected.value().to_bits());
            for (got, slope) in row.iter().zip(expected.tangents()) {
                let most = size.max(slope.abs());
                prop_assert!((got - slope).abs() <= 1e-12 * most, "{got} and {slope} of {most}");
            }
        }
    }

    #[test]
    fn tapes_that_are_written_in_turns_hold_what_each_would_alone(
        steps in [steps(), steps()],
        x in numbers(),
    ) {
        let alone = |steps: &[Step]| {
            let tape = Tape::new();
            let vars = tape.vars(x);
            let mut machine = Machine::new(vars);
            steps.iter().for_each(|&step| machine.step(step, Var::keep));
            let y: Var = machine.value();
            (y.value().to_bits(), y.backward().wrt(vars).map(f64::to_bits))
        };
        let tapes = [Tape::new(), Tape::new()];
        // The second time on memory that is there, under new ids.
        for _ in 0..2 {
            tapes.iter().for_each(Tape::clear);
            let vars = [tapes[0].vars(x), tapes[1].vars(x)];
            let mut machines = vars.map(Machine::new);
            for at in 0..steps[0].len().max(steps[1].len()) {
                for (machine, steps) in machines.iter_mut().zip(&steps) {
                    if let Some(&step) = steps.get(at) {
                        machine.step(step, Var::keep);
                    }
                }
            }
            for ((machine, vars), steps) in machines.iter().zip(vars).zip(&steps) {
                let y: Var = machine.value();
                let got = (y.value().to_bits(), y.backward().wrt(vars).map(f64::to_bits));
                prop_assert_eq!(got, alone(steps));
            }
        }
    }

    #[test]
    fn a_growing_sum_in_single_precision_is_near(steps in steps(), x in numbers()) {
        let x = x.map(|x| f64::from(x as f32));
        let (expected, size) = forward(&steps, x, None);
        prop_assume!(size < 1e6);
        let tape = Tape::<f32>::default();
        let vars = tape.vars(x.map(|x| x as f32));
        let mut machine = Machine::new(vars);
        steps.iter().for_each(|&step| machine.step(step, Var::keep));
        let y: Var<f32> = machine.value();
        for (got, slope) in y.backward().wrt(vars).into_iter().zip(expected.tangents()) {
            let gap = (f64::from(got) - slope).abs();
            prop_assert!(gap <= 1e-4 * size, "{got} and {slope} of {size}");
        }
    }
}

#[test]
fn a_product_added_in_a_loop_takes_one_link() {
    const STEPS: usize = 500;
    let tape = Tape::with_capacity(2 * STEPS + 3);
    let held = tape.stats().bytes;
    let w = tape.vars_from(&vec![0.5; STEPS]);
    let [x, y] = tape.vars([3.0, 1.0]);
    let mut z = (x * y).keep();
    for &w in &w {
        z = z + w * x;
    }
    let stats = tape.stats();
    // Of each the number before and both factors.
    assert_eq!((stats.statement_count, stats.edge_count), (2 * STEPS + 3, 3 * STEPS + 2));
    assert_eq!(stats.bytes, held, "there was room for a link each");
    let g = z.backward();
    assert!(w.iter().all(|&w| g.wrt(w) == 3.0));
    assert_eq!(g.wrt([x, y]), [1.0 + 0.5 * STEPS as f64, 3.0]);
}

#[test]
fn two_products_with_data_added_in_a_loop_take_one_link() {
    const STEPS: usize = 500;
    let tape = Tape::with_capacity(3 * STEPS + 2);
    let held = tape.stats().bytes;
    let w = tape.vars_from(&vec![0.5; 2 * STEPS]);
    let mut z = tape.var(1.0);
    for (k, &w) in w.iter().enumerate() {
        z = z + w * k as f64;
    }
    let stats = tape.stats();
    assert_eq!((stats.statement_count, stats.edge_count), (3 * STEPS + 1, 3 * STEPS));
    assert_eq!(stats.bytes, held, "there was room for a link each");
    let g = z.backward();
    assert!(w.iter().enumerate().all(|(k, &w)| g.wrt(w) == k as f64));
}

#[test]
fn what_grows_by_multiples_of_itself_stays_pending() {
    let tape = Tape::new();
    let [start, rate] = tape.vars([100.0, 0.01]);
    let mut balance = start;
    for _ in 0..12 {
        balance = balance + balance * rate;
    }
    assert_eq!((tape.stats().statement_count, tape.stats().edge_count), (2, 0));
    let (by_start, by_rate) = (1.01_f64.powi(12), 1200.0 * 1.01_f64.powi(11));
    let [got_start, got_rate] = balance.backward().wrt([start, rate]);
    assert!((got_start - by_start).abs() < 1e-14 * by_start);
    assert!((got_rate - by_rate).abs() < 1e-14 * by_rate);
}

/// `z` grows by a product, then by a kink met exactly, which is `|x|` written as `relu(x) + relu(-x)`.
#[test]
fn a_kink_in_a_growing_sum_answers_to_every_rule() {
    let tape = Tape::new();
    let [w, h, x] = tape.vars([2.0, 3.0, 0.0]);
    let mut z = (w * h).keep();
    let mut steps = Vec::new();
    for _ in 0..3 {
        z = z + w * h;
        z = z + x.relu() * h;
        z = z - (-x).relu() * h;
        steps.push(z.keep());
    }
    assert_eq!(tape.kinks().len(), 6);
    // relu(x) - relu(-x) is x: by the convention 0, by any branch that a direction enters 3 a step.
    assert_eq!(z.backward().wrt([w, h, x]), [12.0, 8.0, 0.0]);
    let directional = z.backward_with(Rule::Directional).unwrap();
    assert_eq!(directional.wrt([w, h, x]), [12.0, 8.0, 9.0]);
    assert_eq!(directional.wrt(&steps), [1.0; 3]);
    assert_eq!(z.backward().wrt(x), 0.0, "the tape is as it was");
}

/// `|z - c| + |x|` where `z` has grown to `c`: the set is a parallelogram with the gradients of both as sides.
#[test]
fn the_subdifferential_of_a_growing_sum_has_its_gradient_as_generator() {
    let tape = Tape::new();
    let vars @ [w, h, x] = tape.vars([2.0, 3.0, 0.0]);
    let mut z = (w * h).keep();
    for k in 1..4 {
        z = z + w * h * f64::from(k);
        z = z + w * 0.5 + h * 0.25;
    }
    let loss = (z - z.value()).abs() + x.abs();
    let set = loss.subdifferential(&vars).unwrap();
    let mut generators: Vec<&[f64]> = set.generators().collect();
    generators.sort_by(|a, b| a[2].abs().total_cmp(&b[2].abs()));
    assert_eq!(set.centre(), [0.0; 3]);
    assert_eq!(generators.len(), 2);
    // 1 + 1 + 2 + 3 products, three of each multiple.
    let by_z = [7.0 * 3.0 + 1.5, 7.0 * 2.0 + 0.75, 0.0];
    assert_eq!(generators[0].iter().map(|g| g.abs()).collect::<Vec<_>>(), by_z);
    assert_eq!(generators[1].iter().map(|g| g.abs()).collect::<Vec<_>>(), [0.0, 0.0, 1.0]);
}

/// A plain sum of as many slopes is off by a hundredth: near 150,000 the next number in single precision is
/// 1/64 away.
#[test]
fn a_long_growing_sum_in_single_precision_has_the_slopes_of_double_precision() {
    const STEPS: usize = 1 << 19;
    let tape = Tape::<f32>::default();
    let [w, h, v] = tape.vars([0.1_f32, 0.3, 0.7]);
    let mut z = (w * h * v).keep();
    for _ in 0..STEPS {
        z = z + w * h;
        z = z - v * 0.1;
    }
    let n = STEPS as f64;
    let [w, h, v] = z.backward().wrt([w, h, v]).map(f64::from);
    let near = |got: f64, expected: f64| (got - expected).abs() <= 1e-5 * expected.abs();
    assert!(near(w, f64::from(0.3_f32) * n), "{w}");
    assert!(near(h, f64::from(0.1_f32) * n), "{h}");
    assert!(near(v, -f64::from(0.1_f32) * n), "{v}");
}

#[test]
fn an_infinite_partial_in_a_growing_sum_meets_no_adjoint_of_zero() {
    let tape = Tape::new();
    let [w, h, x] = tape.vars([2.0, 3.0, 0.0]);
    let before = (w * h).keep();
    let z = before + x.sqrt() * h;
    let z = z + w * h;
    let total = z * 0.0 + before;
    assert_eq!(total.backward().wrt([w, h, x]), [3.0, 2.0, 0.0]);
    assert!(z.backward().wrt(x).is_infinite());
    assert_eq!(tape.troubles().len(), 1);
}

/// `f = (b + Σ wₖ xₖ + Σ wₖ cₖ)²`, whose Hessian is `2 s sᵀ + 2 f^½ S` with the slopes `s` of the sum and its
/// second derivatives `S`, 1 for each pair `wₖ, xₖ`.
#[test]
fn a_growing_sum_has_the_second_derivatives_of_the_closed_form() {
    const N: usize = 5;
    let c = [0.5, -1.5, 2.0, 0.25, -3.0];
    let at: Vec<f64> = (0..2 * N + 1).map(|i| (i as f64 * 0.7).sin()).collect();
    let direction: Vec<f64> = (0..2 * N + 1).map(|i| (i as f64 * 1.3).cos()).collect();
    let (value, gradient, product) = hvp(
        |v| {
            let mut z = v[2 * N];
            for k in 0..N {
                z = z + v[k] * v[N + k];
            }
            for k in 0..N {
                z = z + v[k] * c[k];
            }
            z * z
        },
        &at,
        &direction,
    )
    .unwrap();
    let z = at[2 * N] + (0..N).map(|k| at[k] * (at[N + k] + c[k])).sum::<f64>();
    let slopes: Vec<f64> = (0..2 * N + 1)
        .map(|i| if i < N { at[N + i] + c[i] } else { if i < 2 * N { at[i - N] } else { 1.0 } })
        .collect();
    let along: f64 = slopes.iter().zip(&direction).map(|(s, d)| s * d).sum();
    let near = |got: f64, expected: f64| (got - expected).abs() <= 1e-13 * (1.0 + expected.abs());
    assert!(near(value, z * z));
    for i in 0..2 * N + 1 {
        let partner = [i + N, i.wrapping_sub(N)][usize::from(i >= N)];
        let mixed = if i < 2 * N { direction[partner] } else { 0.0 };
        assert!(near(gradient[i], 2.0 * z * slopes[i]), "slope {i}");
        assert!(near(product[i], 2.0 * slopes[i] * along + 2.0 * z * mixed), "product {i}");
    }
}
