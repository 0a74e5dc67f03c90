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
            found.kinks().iter().map(|kink| kink.rows).sum::<u64>()
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
    let kinks: Vec<_> = found.kinks().iter().map(|kink| (kink.operation, kink.rows)).collect();
    assert_eq!(kinks, [("select", 3)]);
}
