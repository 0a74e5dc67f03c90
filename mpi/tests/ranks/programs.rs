//! Programs of all kinds of results, and rows.

use wengert::objective;
use wengert::program::{Found, Program};

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) program: Program,
    pub(crate) parameters: [f64; 2],
}

pub(crate) fn cases() -> Vec<Case> {
    let absolute = objective!(|[a, b], [x, y]| (a * x + b - y).abs());
    let logistic = objective!(|[a, b], [x, y]| (-(a * x + b) * y).exp().ln_1p());
    let record = |name: &'static str, program: Result<Program, _>, what: fn(Program) -> Program| {
        let program: Result<Program, wengert::program::RecordError> = program;
        Case { name, program: what(program.expect("a recording")), parameters: [1.5, -0.25] }
    };
    let at = (&[1.0, 0.0], &[1.0, 1.0]);
    let logistic = || Program::record(&logistic, at.0, at.1);
    let absolute = || Program::record(&absolute, at.0, at.1);
    vec![
        record("a logistic mean", logistic(), |p| p.mean().gradient()),
        record("absolute errors", absolute(), |p| p.gradient()),
        record("the greatest error", absolute(), |p| p.max().gradient()),
        record("a Hessian", logistic(), |p| p.mean().gradient().hessian()),
        record("a value for each row", absolute(), |p| p),
    ]
}

/// Rows near a line, with some that are far.
pub(crate) fn data(rows: usize) -> [Vec<f64>; 2] {
    let x: Vec<f64> = (0..rows).map(|i| (i as f64 * 0.37).sin() * 3.0).collect();
    let y = x.iter().enumerate().map(|(i, x)| 1.2 * x + (i as f64 * 1.7).cos() * 0.5).collect();
    [x, y]
}

/// All that was found, to the bit.
pub(crate) fn bits(found: &Found<'_>) -> (Vec<Vec<u64>>, [u64; 2], String) {
    let outputs = (0..found.output_count())
        .map(|at| found.output(at).iter().map(|x| x.to_bits()).collect())
        .collect();
    (outputs, [found.row_count(), found.skipped_count()], format!("{:?}", found.kinks()))
}
