//! Gradients of recurrences in the memory of few states, against one tape of all steps and closed forms.

#![allow(clippy::unwrap_used, reason = "tests")]

#[allow(dead_code, reason = "the example uses all of it")]
#[path = "../examples/algebra/orbit/motion.rs"]
mod motion;

use motion::Sightings;
use wengert::{CheckpointError, Checkpoints, Dual, Recurrence, Scalar, Tape, Var, checkpointed};

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

#[test]
fn a_hundred_thousand_steps_in_the_memory_of_a_few_hundred() {
    const STEPS: usize = 100_000;
    /// `xₜ₊₁ = a xₜ + b`, whose end is known: `aⁿ x + b (aⁿ - 1) / (a - 1)`.
    struct Line;
    impl Recurrence for Line {
        fn step<T: Scalar>(&self, _: usize, p: &[T], x: &mut [T]) {
            x[0] = p[0] * x[0] + p[1];
        }
        fn loss<T: Scalar>(&self, t: usize, _: &[T], x: &[T]) -> T {
            if t == STEPS { x[0] } else { T::ZERO }
        }
    }
    let (n, a, b) = (STEPS as f64, 0.999_99, 0.002);
    let found = checkpointed(Checkpoints::new(STEPS, 200).unwrap(), &Line, &[a, b], &[3.0]);
    let power = (n * a.ln()).exp();
    let sum = (power - 1.0) / (a - 1.0);
    assert!((found.value / (power * 3.0 + b * sum) - 1.0).abs() < 1e-9);
    assert!((found.by_state[0] / power - 1.0).abs() < 1e-9);
    assert!((found.by_parameters[1] / sum - 1.0).abs() < 1e-9);
    let by_a =
        3.0 * n * power / a + b * (n * power / a * (a - 1.0) - (power - 1.0)) / (a - 1.0).powi(2);
    assert!((found.by_parameters[0] / by_a - 1.0).abs() < 1e-7);
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
