//! Steps as programs, against a tape of the same steps, forward mode and closed forms.

use super::motion::Sightings;
use super::{LINE, assert_close, assert_line};
use std::cell::Cell;
use wengert::program::{RecordError, Steps, Transition};
use wengert::{CheckpointError, Checkpoints, Dual, Recurrence, Scalar, Unrolled, checkpointed};

/// The same steps for a tape.
struct OnTape<'r, R> {
    transition: &'r R,
    rows: &'r [f64],
    row: usize,
}

impl<R: Transition> Recurrence for OnTape<'_, R> {
    fn step<T: Scalar>(&self, t: usize, p: &[T], x: &mut [T]) {
        let row: Vec<T> =
            self.rows[t * self.row..][..self.row].iter().map(|&x| T::from(x)).collect();
        self.transition.next(p, &row, x);
    }

    fn loss<T: Scalar>(&self, t: usize, p: &[T], x: &[T]) -> T {
        if self.transition.is_seen(t) { self.transition.loss(t, p, x) } else { T::ZERO }
    }
}

/// Both ways, which must agree; that by programs.
fn found<R: Transition>(
    transition: &R,
    steps: usize,
    checkpoints: usize,
    [p, x, rows]: [&[f64]; 3],
    row: usize,
) -> Unrolled {
    let sample = if rows.is_empty() { vec![0.5; row] } else { rows[..row].to_vec() };
    let mut programs = Steps::record(transition, p, x, &sample).unwrap();
    let plan = Checkpoints::new(steps, checkpoints).unwrap();
    let found = agreed(&mut programs, transition, plan, [p, x, rows], row);
    // It can be asked again.
    let again = agreed(&mut programs, transition, plan, [p, x, rows], row);
    assert_eq!((again.by_parameters, again.by_state, again.value), {
        let Unrolled { by_parameters, by_state, value, .. } = found.clone();
        (by_parameters, by_state, value)
    });
    found
}

/// The same by programs that were recorded before.
fn agreed<R: Transition>(
    programs: &mut Steps<'_, R>,
    transition: &R,
    plan: Checkpoints,
    [p, x, rows]: [&[f64]; 3],
    row: usize,
) -> Unrolled {
    let found = programs.checkpointed(plan, p, x, rows).unwrap();
    let wanted = checkpointed(plan, &OnTape { transition, rows, row }, p, x);
    let what = format!("{plan:?}");
    assert_close(&[found.value], &[wanted.value], &what);
    assert_close(&found.by_parameters, &wanted.by_parameters, &what);
    assert_close(&found.by_state, &wanted.by_state, &what);
    found
}

/// A pendulum with friction that a force drives. The parameters are friction, length and time step.
struct Driven {
    /// Every so many steps it is seen, and at the end.
    seen: Cell<[usize; 2]>,
}

impl Driven {
    fn new(every: usize, end: usize) -> Self {
        Driven { seen: Cell::new([every, end]) }
    }
}

impl Transition for Driven {
    fn next<T: Scalar>(&self, p: &[T], row: &[T], x: &mut [T]) {
        x[1] -= p[2] * (p[0] * x[1] + x[0].sin() / p[1] - row[0]);
        x[0] += p[2] * x[1] + (x[0] * row[1]).relu() * 0.01;
    }

    fn is_seen(&self, t: usize) -> bool {
        let [every, end] = self.seen.get();
        t == end || t % every == 3
    }

    fn loss<T: Scalar>(&self, t: usize, p: &[T], x: &[T]) -> T {
        (x[0] - (t as f64 * 0.01).cos()).abs() + x[1] * x[0] * p[1] * 0.1
    }
}

const P: [f64; 3] = [0.3, 1.7, 0.01];
const X: [f64; 2] = [1.0, -0.5];

fn forces(steps: usize) -> Vec<f64> {
    (0..2 * steps).map(|i| (i as f64 * 0.37).sin()).collect()
}

#[test]
fn programs_of_steps_give_the_gradient_of_a_tape() {
    let driven = Driven::new(1, 1);
    let mut programs = Steps::record(&driven, &P, &X, &[0.1, 0.2]).unwrap();
    for steps in [0, 1, 2, 15, 16, 17, 31, 32, 33, 48, 100, 503] {
        let rows = forces(steps);
        for (checkpoints, every) in [(1, 10), (2, 1000), (3, 4), (10, 33), (1000, 40)] {
            driven.seen.set([every, steps]);
            let plan = Checkpoints::new(steps, checkpoints).unwrap();
            let found = agreed(&mut programs, &driven, plan, [&P, &X, &rows], 2);
            assert_eq!(found.recorded_step_count, 0);
        }
    }
}

#[test]
fn programs_of_steps_give_the_gradient_of_forward_mode() {
    let (steps, rows) = (150, forces(150));
    let driven = Driven::new(20, steps);
    let all: [Dual<5>; 5] = Dual::seeds([P[0], P[1], P[2], X[0], X[1]]);
    let (p, mut x) = (&all[..3], all[3..].to_vec());
    let mut sum = Dual::from(0.0);
    for t in 0..=steps {
        if driven.is_seen(t) {
            sum += driven.loss(t, p, &x);
        }
        if t < steps {
            let row = [0, 1].map(|i| Dual::from(rows[2 * t + i]));
            driven.next(p, &row, &mut x);
        }
    }
    let found = found(&driven, steps, 4, [&P, &X, &rows], 2);
    assert_close(&[found.value], &[sum.value()], "value");
    assert_close(&[found.by_parameters, found.by_state].concat(), &sum.tangents(), "slopes");
}

#[test]
fn each_step_is_computed_twice_where_there_is_a_checkpoint_for_each_group() {
    let steps = 16 * 40;
    let rows = forces(steps);
    let driven = Driven::new(10_000, steps);
    let found = found(&driven, steps, 40, [&P, &X, &rows], 2);
    // Forward, all but the last group; the states of two groups in which one is seen.
    assert_eq!(found.plain_step_count, 16 * 39 + 16 * 2);
}

/// A ball that falls, and is thrown back by the ground with a part of its speed.
struct Ball;

impl Transition for Ball {
    fn next<T: Scalar>(&self, p: &[T], _: &[T], x: &mut [T]) {
        x[0] += x[1] * 0.01;
        x[1] -= 9.81 * 0.01;
        if x[0] < 0.0 {
            x[0] = -x[0] * p[0];
            x[1] = -x[1] * p[0];
        }
    }

    fn is_seen(&self, t: usize) -> bool {
        t == 1000
    }

    fn loss<T: Scalar>(&self, _: usize, _: &[T], x: &[T]) -> T {
        x[0] + x[1] * 0.1
    }
}

#[test]
fn steps_whose_comparisons_come_out_otherwise_are_recorded() {
    let (p, x) = ([0.9], [1.0, 0.0]);
    let bounces = {
        let (mut x, mut count) = (x, 0);
        for _ in 0..1000 {
            let before = x[1];
            Ball.next(&p, &[], &mut x);
            count += usize::from(x[1] > before);
        }
        count
    };
    assert!(bounces > 5, "{bounces}");
    for checkpoints in [1, 4, 100] {
        let found = found(&Ball, 1000, checkpoints, [&p, &x, &[]], 0);
        assert_eq!(found.recorded_step_count, bounces, "{checkpoints} checkpoints");
    }
}

/// A root of which nothing is asked: its slope is infinite at 0.
struct Steep;

impl Transition for Steep {
    fn next<T: Scalar>(&self, p: &[T], _: &[T], x: &mut [T]) {
        x[1] = x[0].sqrt();
        x[0] *= p[0];
    }

    fn is_seen(&self, t: usize) -> bool {
        t == 40
    }

    fn loss<T: Scalar>(&self, _: usize, _: &[T], x: &[T]) -> T {
        x[0] + x[1] * 0.0
    }
}

#[test]
fn nothing_passes_an_infinite_slope_of_what_is_not_asked_for() {
    let found = found(&Steep, 40, 2, [&[0.5], &[0.0, 1.0], &[]], 0);
    assert_eq!((found.by_parameters[0], found.by_state[0]), (0.0, 0.5_f64.powi(40)));
}

/// A chain of springs: a step of many operations.
struct Chain;

impl Transition for Chain {
    fn next<T: Scalar>(&self, p: &[T], _: &[T], x: &mut [T]) {
        let n = x.len() / 2;
        for i in 0..n {
            let left = if i == 0 { T::ZERO } else { x[i - 1] };
            let right = if i + 1 == n { T::ZERO } else { x[i + 1] };
            let pull = left + right - x[i] * 2.0;
            x[n + i] += (pull * p[0] + pull * pull * pull * p[1]) * 0.05;
        }
        for i in 0..n {
            let speed = x[n + i];
            x[i] += speed * 0.05;
        }
    }

    fn is_seen(&self, t: usize) -> bool {
        t == 60
    }

    fn loss<T: Scalar>(&self, _: usize, _: &[T], x: &[T]) -> T {
        x.iter().map(|&x| x * x).sum()
    }
}

#[test]
fn long_steps_go_in_groups_of_fewer() {
    for (n, most) in [(4, 16), (20, 4), (200, 1)] {
        let x: Vec<f64> = (0..2 * n).map(|i| (i as f64 * 0.9).sin()).collect();
        let len = Steps::record(&Chain, &[1.0, 0.5], &x, &[]).unwrap().group_len();
        assert!((1..=most).contains(&len), "{len} steps of {n} springs");
        found(&Chain, 60, 5, [&[1.0, 0.5], &x, &[]], 0);
    }
}

#[test]
fn a_state_of_nothing_and_steps_without_parameters_are_fine() {
    /// Doubles what there is.
    struct Doubled;
    impl Transition for Doubled {
        fn next<T: Scalar>(&self, _: &[T], _: &[T], x: &mut [T]) {
            x.iter_mut().for_each(|x| *x += *x);
        }
        fn is_seen(&self, _: usize) -> bool {
            true
        }
        fn loss<T: Scalar>(&self, t: usize, p: &[T], x: &[T]) -> T {
            let all: T = x.iter().chain(p).copied().sum();
            all * t as f64
        }
    }
    let none = found(&Doubled, 20, 3, [&[2.0], &[], &[]], 0);
    assert_eq!((none.value, none.by_parameters), (420.0, vec![210.0]));
    let two = found(&Doubled, 20, 3, [&[], &[1.0, 3.0], &[]], 0);
    let sum: f64 = (0..=20).map(|t| f64::from(t) * 2_f64.powi(t)).sum();
    assert_eq!((two.value, two.by_state), (4.0 * sum, vec![sum; 2]));
}

#[test]
fn a_hundred_thousand_steps_have_the_gradient_of_their_closed_form() {
    const STEPS: usize = 100_000;
    struct Line;
    impl Transition for Line {
        fn next<T: Scalar>(&self, p: &[T], _: &[T], x: &mut [T]) {
            x[0] = p[0] * x[0] + p[1];
        }
        fn is_seen(&self, t: usize) -> bool {
            t == STEPS
        }
        fn loss<T: Scalar>(&self, _: usize, _: &[T], x: &[T]) -> T {
            x[0]
        }
    }
    let plan = Checkpoints::new(STEPS, 200).unwrap();
    let mut steps = Steps::record(&Line, &LINE, &[3.0], &[]).unwrap();
    let found = steps.checkpointed(plan, &LINE, &[3.0], &[]).unwrap();
    assert_line(&found, STEPS, LINE, 3.0);
    assert_eq!(found.recorded_step_count, 0);
}

#[test]
fn an_orbit_by_programs_has_the_gradient_of_one_by_tapes() {
    let seen = Sightings::new(1.0 / 60.0, 50, 1e-3, 100);
    let orbit = [1.5, 0.33, -0.15, 0.7, 0.94];
    let mut steps = Steps::record(&seen, &orbit[4..], &orbit[..4], &[]).unwrap();
    let (slope, found) = seen.gradient_by(&mut steps, &orbit, 50).unwrap();
    let (wanted, on_tape) = seen.gradient(&orbit, 50).unwrap();
    for (got, want) in slope.iter().zip(wanted) {
        assert!((got / want - 1.0).abs() < 1e-9, "{got}, not {want}");
    }
    assert!((found.value / on_tape.value - 1.0).abs() < 1e-12);
    assert_eq!(found.recorded_step_count, 0);
    assert_eq!(on_tape.recorded_step_count, seen.step_count());
    assert_eq!(steps.is_native(), cfg!(feature = "native"));
}

#[test]
fn numbers_of_another_count_are_an_error() {
    let driven = Driven::new(5, 20);
    let mut steps = Steps::record(&driven, &P, &X, &[0.0, 1.0]).unwrap();
    let plan = Checkpoints::new(20, 3).unwrap();
    let rows = forces(20);
    let mut told = |p: &[f64], x: &[f64], rows: &[f64]| match steps.checkpointed(plan, p, x, rows) {
        Err(CheckpointError::Length { what, expected, found }) => (what, expected, found),
        other => panic!("{other:?}"),
    };
    assert_eq!(told(&P[..2], &X, &rows), ("parameters", 3, 2));
    assert_eq!(told(&P, &[1.0; 3], &rows), ("state", 2, 3));
    assert_eq!(told(&P, &X, &rows[..39]), ("rows of the steps", 40, 39));
    assert_eq!(told(&P, &X, &[]), ("rows of the steps", 40, 0));
    let error = steps.checkpointed(plan, &P, &X, &rows[1..]).unwrap_err();
    assert_eq!(error.to_string(), "39 numbers are given as rows of the steps, and 40 are needed");
    assert!(steps.checkpointed(plan, &P, &X, &rows).is_ok());
}

#[test]
fn a_step_that_reads_a_value_is_no_program() {
    #[derive(Debug)]
    struct Read;
    impl Transition for Read {
        fn next<T: Scalar>(&self, _: &[T], _: &[T], x: &mut [T]) {
            x[0] *= x[0].value();
        }
        fn is_seen(&self, _: usize) -> bool {
            true
        }
        fn loss<T: Scalar>(&self, _: usize, _: &[T], x: &[T]) -> T {
            x[0]
        }
    }
    let error = Steps::record(&Read, &[], &[1.0], &[]).unwrap_err();
    assert!(
        matches!(&error, RecordError::ValueRead { line } if line.file.ends_with("programs.rs"))
    );
}
