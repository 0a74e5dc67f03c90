//! Residuals and Jacobian handed out as they are found: the bits of those that are held whole.

use crate::samples::{LENGTHS, PARAMETERS, Rows};
use std::io;
use wengert::program::stream::StreamError;
use wengert::program::{Columns, FoundRows, NonFinite, Program, RunError};
use wengert::{objective, residuals};

/// Two values of a row: one with kinks, parameters that rows choose and a slope that is the same in all rows.
fn jacobian() -> Program {
    let values = residuals!(|p, [x, y, kind]| {
        let offset = T::gather(&p[..5], kind);
        [(p[5] * x + offset - y).abs() - p[0], (p[5] * x).tanh() * p[1]]
    });
    Program::record_residuals(&values, &PARAMETERS, &[0.5, 0.25, 1.0]).unwrap().jacobian()
}

type Error = StreamError<io::Error>;

/// What was handed out, one after the other: bits of residuals and slopes.
#[derive(Default, PartialEq, Debug)]
struct Got {
    residuals: Vec<u64>,
    slopes: Vec<u64>,
    times: usize,
}

impl Got {
    fn take(&mut self, rows: FoundRows<'_>) -> Result<(), Error> {
        assert_eq!(rows.first(), self.residuals.len() as u64);
        assert_eq!(rows.jacobian().row_count(), rows.residuals().len());
        self.residuals.extend(rows.residuals().iter().map(|x| x.to_bits()));
        self.slopes.extend(rows.jacobian().as_slice().iter().map(|x| x.to_bits()));
        self.times += 1;
        Ok(())
    }
}

fn bits(x: &[f64]) -> Vec<u64> {
    x.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn of_columns_and_streams_they_have_the_bits_of_the_whole() {
    for skip in [false, true] {
        let long = if skip { None } else { Some(150_000) };
        for n in LENGTHS.into_iter().chain(long) {
            let mut rows = Rows::new(n);
            if skip {
                (5..n).step_by(777).for_each(|row| rows.x[row] = f64::NAN);
            }
            let rule = if skip { NonFinite::Skip } else { NonFinite::default() };
            let mut sweep = jacobian().compile().non_finite(rule);
            let found = sweep.run(&PARAMETERS, &rows.columns()).unwrap();
            let whole = (bits(found.residuals()), bits(found.jacobian().as_slice()));
            let others = |found: wengert::program::Found<'_>| {
                let kinks: Vec<_> = found.kinks().iter().map(|kink| kink.row_count).collect();
                (found.value().to_bits(), kinks, found.row_count(), found.skipped_count())
            };
            let expected = others(found);

            let mut got = Got::default();
            let found = sweep.run_rows(&PARAMETERS, &rows.columns(), |rows| got.take(rows));
            assert_eq!(others(found.unwrap()), expected, "{n} rows");
            assert_eq!((&got.residuals, &got.slopes), (&whole.0, &whole.1), "{n} rows");
            assert!(n < 100_000 || got.times > 2, "{} times", got.times);

            for length in if n < 100_000 { [37, 4096] } else { [10_000, 70_000] } {
                let starts = (0..n).step_by(length);
                let chunks = starts.map(|from| Ok(rows.chunk(from, n.min(from + length))));
                let mut got = Got::default();
                let found = sweep.stream_rows(&PARAMETERS, chunks, |rows| got.take(rows)).unwrap();
                assert_eq!(others(found), expected, "{n} rows by {length}");
                assert_eq!((&got.residuals, &got.slopes), (&whole.0, &whole.1), "by {length}");
            }
        }
    }
}

#[test]
fn a_system_without_data_has_one_row() {
    let powell = residuals!(|[a, b]| [1e4 * a * b - 1.0, (-a).exp() + (-b).exp() - 1.0001]);
    let program = Program::record_residuals(&powell, &[0.5, 1.0], &[]).unwrap().jacobian();
    let mut sweep = program.compile();
    let found = sweep.run(&[0.5, 1.0], &Columns::none()).unwrap();
    let whole = (bits(found.residuals()), bits(found.jacobian().as_slice()));
    let mut got = Got::default();
    sweep.run_rows(&[0.5, 1.0], &Columns::none(), |rows| got.take(rows)).unwrap();
    assert_eq!((got.residuals, got.slopes, got.times), (whole.0, whole.1, 1));
}

#[test]
fn the_first_error_ends_the_run_and_leaves_the_result_before() {
    let rows = Rows::new(200_000);
    let mut sweep = jacobian().compile();
    let value = sweep.run(&PARAMETERS, &rows.columns().range(0..10)).unwrap().value();
    let mut times = 0;
    let mut refuse = |_: FoundRows<'_>| {
        times += 1;
        if times < 2 { Ok(()) } else { Err(Error::Changed { expected: 1, found: 2 }) }
    };
    let error = sweep.run_rows(&PARAMETERS, &rows.columns(), &mut refuse).unwrap_err();
    assert!(matches!(error, Error::Changed { expected: 1, found: 2 }));
    assert_eq!(times, 2);
    let found = sweep.found().unwrap();
    assert_eq!((found.value(), found.residuals().len()), (value, 20));

    // A row that is wrong, after some that were handed out.
    let mut rows = rows;
    rows.y[150_000] = f64::INFINITY;
    let mut got = Got::default();
    let error = sweep.run_rows(&PARAMETERS, &rows.columns(), |rows| got.take(rows)).unwrap_err();
    let expected = RunError::NotFinite { column: 1, row: 150_000, value: f64::INFINITY };
    assert!(matches!(error, Error::Run(error) if error == expected));
    assert!(got.times > 0);
    let error = sweep
        .run_rows(&PARAMETERS, &Columns::none(), |_| Ok::<_, RunError>(()))
        .map(|found| found.row_count());
    assert_eq!(error, Err(RunError::Columns { expected: 3, found: 0 }));
    // The run after it is whole.
    rows.y[150_000] = 0.0;
    let mut got = Got::default();
    sweep.run_rows(&PARAMETERS, &rows.columns(), |rows| got.take(rows)).unwrap();
    assert_eq!(got.residuals.len(), 400_000);
}

#[test]
#[should_panic = "the program computes no Jacobian"]
fn only_a_jacobian_is_handed_out() {
    let square = objective!(|[a], [x]| a * x);
    let mut sweep = Program::record(&square, &[1.0], &[1.0]).unwrap().gradient().compile();
    let _ = sweep.run_rows(&[1.0], &Columns::none(), |_| Ok::<_, RunError>(()));
}
