//! Ties: of choices between two numbers, and of order statistics over columns.

use wengert::program::{Columns, Program};
use wengert::{Objective, Scalar, Tape, Var, objective};

#[test]
fn where_a_choice_has_different_slopes_on_its_sides_a_kink_is_counted() {
    let none = &Columns::none();
    // The kinks of the gradient, and of the Hessian.
    fn check(objective: &impl Objective, at: f64, kinks: [u64; 2], none: &Columns<'_>) {
        let program = Program::record(objective, &[1.0], &[]).unwrap();
        let count = |program: Program| {
            let mut sweep = program.compile();
            let found = sweep.run(&[at], none).unwrap();
            found.kinks().iter().map(|kink| kink.row_count).sum::<u64>()
        };
        assert_eq!([count(program.clone().gradient()), count(program.hessian())], kinks, "{at}");
        // A tape meets those of first order.
        let tape = Tape::new();
        let _ = objective.at(&[tape.var(at)], &[]);
        assert_eq!(tape.kinks().len() as u64, kinks[0], "{at}");
    }
    let bent = objective!(|[x]| T::select(x.above(0.0), x * 2.0, -x));
    let curved = objective!(|[x]| T::select(x.above(0.0), x * x, -x * x));
    let hinge = objective!(|[x]| T::select(x.above(0.0), x * x, T::from(0.0)));
    let line = objective!(|[x]| T::select(x.above(0.0), x, x * 3.0 - x * 2.0));
    let jump = objective!(|[x]| T::select(x.above(0.0), x + 1.0, x * 3.0));
    let huber = objective!(|[x]| T::select(x.above(1.0), x - 0.5, x * x * 0.5));
    let within = objective!(|[x]| T::select(x.above(0.0), (x * 3.0).sinh(), x.sin()).exp() * x);
    let product = objective!(|[x]| x * T::select(x.above(0.0), T::from(1.0), T::from(-1.0)));
    check(&bent, 0.0, [1, 1], none);
    check(&curved, 0.0, [0, 1], none);
    check(&hinge, 0.0, [0, 1], none);
    check(&line, 0.0, [0, 0], none);
    check(&jump, 0.0, [0, 0], none);
    check(&huber, 1.0, [0, 1], none);
    check(&within, 0.0, [1, 1], none);
    check(&product, 0.0, [0, 0], none);
    // Beside it there is none.
    for at in [-0.5, 0.5, 2.0] {
        check(&bent, at, [0, 0], none);
        check(&curved, at, [0, 0], none);
        check(&within, at, [0, 0], none);
    }
}

#[test]
fn rows_at_a_tie_of_a_choice_are_counted() {
    let loss = objective!(|[a], [x, y]| {
        let residual = a * x - y;
        T::select(residual.above(0.0), residual * 0.9, residual * -0.1)
    });
    let mut sweep = Program::record(&loss, &[1.0], &[1.0, 1.0]).unwrap().sum().gradient().compile();
    let data = Columns::new(&[&[1.0, 2.0, 3.0, 4.0], &[2.0, 4.0, 5.0, 8.0]]).unwrap();
    let found = sweep.run(&[2.0], &data).unwrap();
    let kinks: Vec<_> = found.kinks().iter().map(|kink| (kink.operation, kink.row_count)).collect();
    assert_eq!(kinks, [("select", 3)]);
}

/// The median absolute deviation of a line's residuals at 0, 1, 2 ...
struct Deviation;

impl Objective for Deviation {
    fn at<T: Scalar>(&self, line: &[T], row: &[T]) -> T {
        let residual = |(at, &y): (usize, &T)| y - line[0] * (at as f64) - line[1];
        let residuals: Vec<T> = row.iter().enumerate().map(residual).collect();
        let middle = T::median_of(&residuals);
        let off: Vec<T> = residuals.iter().map(|&r| (r - middle).abs()).collect();
        T::median_of(&off)
    }
}

#[test]
fn deviations_with_ties_have_the_slopes_of_the_tape() {
    let mut tied = 0;
    for n in 1..8 {
        let program = Program::record(&Deviation, &[1.0, 1.0], &vec![1.0; n]).unwrap();
        let mut sweep = program.sum().gradient().compile();
        let mut seed = 1_u64;
        let mut below = |limit: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((seed >> 33) % limit) as f64
        };
        for _ in 0..100 {
            let (at, row) = ([below(3), below(3)], (0..n).map(|_| below(5)).collect::<Vec<_>>());
            let tape = Tape::new();
            let (line, data): (_, Vec<Var>) =
                (tape.vars(at), row.iter().map(|&y| y.into()).collect());
            let want = Deviation.at(&line, &data).backward().wrt(line);
            tied += usize::from(!tape.kinks().is_empty());
            let columns: Vec<&[f64]> = row.iter().map(std::slice::from_ref).collect();
            let found = sweep.run(&at, &Columns::new(&columns).unwrap()).unwrap();
            assert_eq!(found.gradient(), want, "{at:?}, {row:?}");
        }
    }
    assert!(tied > 350, "{tied}");
}

#[test]
fn a_median_that_is_data_varies_for_a_program_and_not_for_a_tape() {
    let f = objective!(|[a, b], [x, y]| T::median_of(&[a, x, y]).max(b));
    let at = [0.0, 1.0];
    let tape = Tape::new();
    let vars = tape.vars(at);
    assert_eq!(f.at(&vars, &[1.0.into(), 2.0.into()]).backward().wrt(vars), [0.0, 0.0]);
    let program = Program::record(&f, &at, &[1.0, 2.0]).unwrap().sum().gradient();
    let mut sweep = program.compile();
    let found = sweep.run(&at, &Columns::new(&[&[1.0], &[2.0]]).unwrap()).unwrap();
    assert_eq!((found.gradient(), found.kinks().len()), (&[0.0, 0.5][..], 1));
}

#[test]
fn a_select_that_takes_a_number_varies_for_a_program_and_not_for_a_tape() {
    let f = objective!(|[x, y]| {
        x.tanh().min(T::select(y.above(0.5), (y - 0.5).sqrt(), T::from(0.0)))
    });
    let at = [0.0, 0.0];
    let tape = Tape::new();
    let vars = tape.vars(at);
    assert_eq!(f.at(&vars, &[]).backward().wrt(vars), [0.0, 0.0]);
    let mut sweep = Program::record(&f, &at, &[]).unwrap().gradient().compile();
    let found = sweep.run(&at, &Columns::none()).unwrap();
    assert_eq!((found.gradient(), found.kinks().len()), (&[0.5, 0.0][..], 1));
}
