//! Gradients of recurrences in the memory of few states, against one tape of all steps and closed forms.

#![allow(clippy::unwrap_used, reason = "tests")]

#[allow(dead_code, reason = "the example uses all of it")]
#[path = "../../../examples/algebra/orbit/motion.rs"]
mod motion;
mod programs;

use motion::Sightings;
use wengert::{
    CheckpointError, Checkpoints, Dual, Recurrence, Scalar, Tape, Unrolled, Var, checkpointed,
};

/// So many steps of a pendulum with friction. The parameters are friction, length and time step.
struct Pendulum(usize);

impl Recurrence for Pendulum {
    fn step<T: Scalar>(&self, _: usize, p: &[T], x: &mut [T]) {
        x[1] -= p[2] * (p[0] * x[1] + x[0].sin() / p[1]);
        x[0] += p[2] * x[1];
    }

    /// How far it is from where it was seen, each tenth step, and something of the end.
    fn loss<T: Scalar>(&self, t: usize, _: &[T], x: &[T]) -> T {
        let seen =
            if t % 10 == 3 { (x[0] - (t as f64 * 0.01).cos()).abs() + x[1] * 0.1 } else { T::ZERO };
        if t == self.0 { seen + x[0] * x[1] } else { seen }
    }
}

const P: [f64; 3] = [0.3, 1.7, 0.01];
const X: [f64; 2] = [1.0, -0.5];

fn by_one_tape(steps: usize) -> (f64, Vec<f64>, Vec<f64>) {
    let tape = Tape::new();
    let (p, first) = (tape.vars_from(&P), tape.vars_from(&X));
    let (mut x, mut losses) = (first.clone(), Vec::new());
    let pendulum = Pendulum(steps);
    for t in 0..steps {
        losses.push(pendulum.loss(t, &p, &x));
        pendulum.step(t, &p, &mut x);
    }
    losses.push(pendulum.loss(steps, &p, &x));
    let loss = Var::sum_of(&losses);
    let g = loss.backward();
    (loss.value(), g.wrt(&p), g.wrt(&first))
}

fn assert_close(got: &[f64], want: &[f64], what: &str) {
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= 1e-11 * (1.0 + want.abs()), "{what}: {got}, not {want}");
    }
}

#[test]
fn any_number_of_checkpoints_gives_the_gradient_of_one_tape() {
    for steps in [0, 1, 15, 16, 17, 100, 1003] {
        let (value, by_p, by_x) = by_one_tape(steps);
        for checkpoints in [1, 2, 3, 10, 1000] {
            let plan = Checkpoints::new(steps, checkpoints).unwrap();
            let found = checkpointed(plan, &Pendulum(steps), &P, &X);
            let what = format!("{steps} steps, {checkpoints} checkpoints");
            assert_close(&[found.value], &[value], &what);
            assert_close(&found.by_parameters, &by_p, &what);
            assert_close(&found.by_state, &by_x, &what);
        }
    }
}

/// What is added to in each step, by products, multiples and itself, is a statement onto the one before; a group of
/// steps begins it anew.
struct Ledger;

impl Recurrence for Ledger {
    fn step<T: Scalar>(&self, t: usize, p: &[T], x: &mut [T]) {
        x[0] += p[0] * x[1];
        x[0] -= x[1] * 0.5;
        x[1] = (p[1] * x[1] + x[0] * 0.125).sin();
        if t.is_multiple_of(3) {
            x[0] = x[1] * p[2] + x[0] + x[0] * p[2] * 0.01;
        }
        x[2] += x[0] * p[2] + x[1];
    }

    fn loss<T: Scalar>(&self, t: usize, _: &[T], x: &[T]) -> T {
        if t.is_multiple_of(7) { x[2] * x[2] * 0.01 + x[0] } else { x[1] - x[2] * 0.1 }
    }
}

#[test]
fn sums_that_grow_from_group_to_group_have_the_slopes_of_forward_mode() {
    let (at, first) = ([0.3, -0.7, 0.05], [0.2, -0.4, 0.1]);
    for steps in (0..=20).chain([31, 32, 33, 100]) {
        let all: [Dual<6>; 6] = Dual::seeds([at[0], at[1], at[2], first[0], first[1], first[2]]);
        let (p, mut x) = (&all[..3], all[3..].to_vec());
        let mut sum = Ledger.loss(0, p, &x);
        for t in 0..steps {
            Ledger.step(t, p, &mut x);
            sum += Ledger.loss(t + 1, p, &x);
        }
        for checkpoints in [1, 2, 5] {
            let plan = Checkpoints::new(steps, checkpoints).unwrap();
            let found = checkpointed(plan, &Ledger, &at, &first);
            let what = format!("{steps} steps, {checkpoints} checkpoints");
            assert_close(&[found.value], &[sum.value()], &what);
            let slopes = [found.by_parameters, found.by_state].concat();
            assert_close(&slopes, &sum.tangents(), &what);
        }
    }
}

/// The least number of plain steps, in groups, by the recurrence of all choices.
fn least(
    groups: usize,
    free: usize,
    known: &mut std::collections::HashMap<(usize, usize), usize>,
) -> usize {
    if groups <= 1 {
        return 0;
    }
    if free == 0 {
        return groups * (groups - 1) / 2;
    }
    if let Some(&known) = known.get(&(groups, free)) {
        return known;
    }
    let best = (1..groups)
        .map(|middle| middle + least(groups - middle, free - 1, known) + least(middle, free, known))
        .min()
        .unwrap();
    known.insert((groups, free), best);
    best
}

#[test]
fn no_schedule_computes_fewer_steps() {
    let mut known = std::collections::HashMap::new();
    for groups in [1, 2, 5, 9, 30, 56, 80] {
        for checkpoints in [1, 2, 3, 5, 8] {
            let plan = Checkpoints::new(16 * groups, checkpoints).unwrap();
            let found = checkpointed(plan, &Pendulum(16 * groups), &P, &X);
            let want = 16 * least(groups, checkpoints, &mut known);
            assert_eq!(found.plain_step_count, want, "{groups} groups, {checkpoints} checkpoints");
        }
    }
}

/// The `a` and `b` of `xₜ₊₁ = a xₜ + b`.
const LINE: [f64; 2] = [0.999_99, 0.002];

/// So many steps of that are known in closed form: `aⁿ x + b (aⁿ - 1) / (a - 1)`.
fn assert_line(found: &Unrolled, steps: usize, [a, b]: [f64; 2], x: f64) {
    let n = steps as f64;
    let power = (n * a.ln()).exp();
    let sum = (power - 1.0) / (a - 1.0);
    assert!((found.value / (power * x + b * sum) - 1.0).abs() < 1e-9);
    assert!((found.by_state[0] / power - 1.0).abs() < 1e-9);
    assert!((found.by_parameters[1] / sum - 1.0).abs() < 1e-9);
    let by_a =
        x * n * power / a + b * (n * power / a * (a - 1.0) - (power - 1.0)) / (a - 1.0).powi(2);
    assert!((found.by_parameters[0] / by_a - 1.0).abs() < 1e-7);
}

#[test]
fn a_hundred_thousand_steps_in_the_memory_of_a_few_hundred() {
    const STEPS: usize = 100_000;
    struct Line;
    impl Recurrence for Line {
        fn step<T: Scalar>(&self, _: usize, p: &[T], x: &mut [T]) {
            x[0] = p[0] * x[0] + p[1];
        }
        fn loss<T: Scalar>(&self, t: usize, _: &[T], x: &[T]) -> T {
            if t == STEPS { x[0] } else { T::ZERO }
        }
    }
    let found = checkpointed(Checkpoints::new(STEPS, 200).unwrap(), &Line, &LINE, &[3.0]);
    assert_line(&found, STEPS, LINE, 3.0);
    assert!(found.plain_step_count < 2 * STEPS, "{} plain steps", found.plain_step_count);
}

#[test]
fn an_orbit_has_the_gradient_of_its_closed_form_in_a_hundredth_of_the_memory() {
    let seen = Sightings::new(1.0 / 60.0, 50, 1e-3, 100);
    let orbit = [1.5, 0.33, -0.15, 0.7, 0.94];
    let (slope, found) = seen.gradient(&orbit, 50).unwrap();
    let near = |want: [f64; 5], bar: f64| {
        for (got, want) in slope.iter().zip(want) {
            assert!((got / want - 1.0).abs() < bar, "{got}, not {want}");
        }
    };
    near(seen.integrated(&Dual::seeds(orbit)).tangents(), 1e-10);
    near(seen.closed(&Dual::seeds(orbit)).tangents(), 1e-5);
    let tape = Tape::new();
    let whole = seen.integrated(&tape.vars(orbit));
    assert!((found.value / whole.value() - 1.0).abs() < 1e-12);
    assert!(100 * found.bytes < tape.stats().bytes, "{} bytes", found.bytes);
}

#[test]
fn single_precision_carries_long_sums() {
    /// The slope by the parameter is a sum of 40,000 ones.
    struct Ones;
    impl Recurrence<f32> for Ones {
        fn step<T: Scalar<f32>>(&self, _: usize, p: &[T], x: &mut [T]) {
            x[0] += p[0] - p[0].value();
        }
        fn loss<T: Scalar<f32>>(&self, t: usize, p: &[T], _: &[T]) -> T {
            if t > 0 { p[0] } else { T::ZERO }
        }
    }
    let found = checkpointed(Checkpoints::new(40_000, 50).unwrap(), &Ones, &[1e-3], &[0.0]);
    assert_eq!((found.value, found.by_parameters[0]), (40.0, 40_000.0));
}

#[test]
fn no_checkpoint_is_an_error() {
    let error = Checkpoints::new(10, 0).unwrap_err();
    assert_eq!(error, CheckpointError::NoCheckpoint);
    assert_eq!(error.to_string(), "a recurrence needs at least one checkpoint");
}

#[test]
fn a_state_that_does_not_depend_on_the_parameters_has_none() {
    struct Count;
    impl Recurrence for Count {
        fn step<T: Scalar>(&self, t: usize, _: &[T], x: &mut [T]) {
            x[0] = T::from(t as f64);
        }
        fn loss<T: Scalar>(&self, t: usize, _: &[T], x: &[T]) -> T {
            if t == 40 { x[0] * 2.0 } else { T::ZERO }
        }
    }
    let found = checkpointed(Checkpoints::new(40, 2).unwrap(), &Count, &[5.0], &[1.0]);
    assert_eq!((found.value, found.by_parameters, found.by_state), (78.0, vec![0.0], vec![0.0]));
}
