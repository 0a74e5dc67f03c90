//! Gradients of recurrences in the memory of few states, against one tape of all steps and closed forms.

#![allow(clippy::unwrap_used, reason = "tests")]

use wengert::{CheckpointError, Checkpoints, Scalar, Tape, Var, checkpointed};

/// A step of a pendulum with friction, `p` being friction, length and time step.
fn pendulum<T: Scalar>(p: &[T], x: &[T]) -> Vec<T> {
    let speed = x[1] - p[2] * (p[0] * x[1] + x[0].sin() / p[1]);
    vec![x[0] + p[2] * speed, speed]
}

/// How far it is from where it was seen, each tenth step.
fn seen<T: Scalar>(t: usize, x: &[T]) -> T {
    if t % 10 == 3 { (x[0] - (t as f64 * 0.01).cos()).abs() + x[1] * 0.1 } else { T::ZERO }
}

const P: [f64; 3] = [0.3, 1.7, 0.01];
const X: [f64; 2] = [1.0, -0.5];

fn by_one_tape(steps: usize) -> (f64, Vec<f64>, Vec<f64>) {
    let tape = Tape::new();
    let (p, first) = (tape.vars_from(&P), tape.vars_from(&X));
    let (mut x, mut losses) = (first.clone(), Vec::new());
    for t in 0..steps {
        losses.push(seen(t, &x));
        x = pendulum(&p, &x);
    }
    losses.push(seen(steps, &x) + x[0] * x[1]);
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
            let found = checkpointed(
                Checkpoints::new(steps, checkpoints).unwrap(),
                &P,
                &X,
                |_, p: &[Var], x: &[Var]| pendulum(p, x),
                |t, _, x| if t == steps { seen(t, x) + x[0] * x[1] } else { seen(t, x) },
            );
            let found = found.unwrap();
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
            let step = |_, p: &[Var], x: &[Var]| vec![x[0] * p[0]];
            let loss = |_, _: &[Var], _: &[Var]| Var::ZERO;
            let found = checkpointed(plan, &[0.5], &[1.0], step, loss).unwrap();
            let want = 16 * least(groups, checkpoints, &mut known);
            assert_eq!(found.plain_step_count, want, "{groups} groups, {checkpoints} checkpoints");
        }
    }
}

#[test]
fn a_hundred_thousand_steps_in_the_memory_of_a_few_hundred() {
    // xₜ₊₁ = a xₜ + b, whose end is known: aⁿ x + b (aⁿ - 1) / (a - 1).
    let (n, a, b) = (100_000, 0.999_99, 0.002);
    let found = checkpointed(
        Checkpoints::new(n, 200).unwrap(),
        &[a, b],
        &[3.0],
        |_, p: &[Var], x: &[Var]| vec![p[0] * x[0] + p[1]],
        |t, _, x| if t == n { x[0] } else { Var::ZERO },
    )
    .unwrap();
    let power = (n as f64 * a.ln()).exp();
    let sum = (power - 1.0) / (a - 1.0);
    assert!((found.value / (power * 3.0 + b * sum) - 1.0).abs() < 1e-9);
    assert!((found.by_state[0] / power - 1.0).abs() < 1e-9);
    assert!((found.by_parameters[1] / sum - 1.0).abs() < 1e-9);
    let by_a = 3.0 * n as f64 * power / a
        + b * (n as f64 * power / a * (a - 1.0) - (power - 1.0)) / (a - 1.0).powi(2);
    assert!((found.by_parameters[0] / by_a - 1.0).abs() < 1e-7);
    assert!(found.plain_step_count < 2 * n, "{} plain steps", found.plain_step_count);
}

#[test]
fn single_precision_carries_long_sums() {
    // The slope by the parameter is a sum of 40,000 ones.
    let found = checkpointed(
        Checkpoints::new(40_000_000 / 1000, 50).unwrap(),
        &[1e-3_f32],
        &[0.0],
        |_, p: &[Var<f32>], x: &[Var<f32>]| vec![x[0] + p[0] - p[0].value()],
        |t, p, _| if t > 0 { p[0] } else { Var::ZERO },
    )
    .unwrap();
    assert_eq!((found.value, found.by_parameters[0]), (40.0, 40_000.0));
}

#[test]
fn what_cannot_be_is_an_error() {
    assert_eq!(Checkpoints::new(10, 0), Err(CheckpointError::NoCheckpoint));
    let step = |t, _: &[Var], x: &[Var]| if t == 20 { vec![] } else { x.to_vec() };
    let loss = |_, _: &[Var], x: &[Var]| x[0];
    let error =
        checkpointed(Checkpoints::new(50, 2).unwrap(), &[], &[1.0], step, loss).unwrap_err();
    assert_eq!(error, CheckpointError::State { step: 20, expected: 1, found: 0 });
    assert_eq!(error.to_string(), "step 20 turned a state of 1 numbers into one of 0");
}

#[test]
fn a_state_that_does_not_depend_on_the_parameters_has_none() {
    let step = |t: usize, _: &[Var], _: &[Var]| vec![Var::from(t as f64)];
    let loss = |t, _: &[Var], x: &[Var]| if t == 40 { x[0] * 2.0 } else { Var::ZERO };
    let found = checkpointed(Checkpoints::new(40, 2).unwrap(), &[5.0], &[1.0], step, loss).unwrap();
    assert_eq!((found.value, found.by_parameters, found.by_state), (78.0, vec![0.0], vec![0.0]));
}
