//! Jacobians of residuals row by row, and what least squares make of them, against the tape and closed
//! forms.

use wengert::program::{Columns, Program, Residuals, RunError};
use wengert::{Tape, Var, objective, residuals};

/// Whole numbers over 16, without a pattern.
fn numbers(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % 64) as f64 / 16.0 - 2.0
    };
    (0..n).map(|_| next()).collect()
}

/// Values and their derivatives by the tape, row by row.
fn by_tape(of: &impl Residuals, p: &[f64], columns: &[Vec<f64>]) -> (Vec<f64>, Vec<f64>) {
    let (mut values, mut slopes) = (Vec::new(), Vec::new());
    for row in 0..columns.first().map_or(1, Vec::len) {
        let tape = Tape::new();
        let vars: Vec<Var> = p.iter().map(|&p| tape.var(p)).collect();
        let row: Vec<Var> = columns.iter().map(|column| column[row].into()).collect();
        for value in of.at(&vars, &row) {
            values.push(value.value());
            slopes.extend(value.backward().wrt(&vars));
        }
    }
    (values, slopes)
}

fn assert_close(got: &[f64], want: &[f64]) {
    assert_eq!(got.len(), want.len());
    for (at, (got, want)) in got.iter().zip(want).enumerate() {
        assert!((got - want).abs() <= 1e-13 * (1.0 + want.abs()), "{at}: {got}, not {want}");
    }
}

fn assert_as_tape(of: &impl Residuals, p: &[f64], columns: &[Vec<f64>]) {
    let first: Vec<f64> = columns.iter().map(|column| column[0]).collect();
    let program = Program::record_residuals(of, p, &first).unwrap();
    let slices: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
    let data = if slices.is_empty() { Columns::none() } else { Columns::new(&slices).unwrap() };
    let (values, slopes) = by_tape(of, p, columns);
    let mut sweep = program.clone().jacobian().compile();
    let found = sweep.run(p, &data).unwrap();
    assert_close(found.residuals(), &values);
    assert_close(found.jacobian().as_slice(), &slopes);
    assert_eq!(found.jacobian().row_count(), values.len());
    let (mut handed_values, mut handed_slopes) = (Vec::new(), Vec::new());
    sweep
        .run_rows(p, &data, |rows| {
            handed_values.extend_from_slice(rows.residuals());
            handed_slopes.extend_from_slice(rows.jacobian().as_slice());
            Ok::<_, RunError>(())
        })
        .unwrap();
    assert_close(&handed_values, &values);
    assert_close(&handed_slopes, &slopes);
    // Half the squares, and their derivatives.
    let mut sweep = program.gauss_newton().compile();
    let found = sweep.run(p, &data).unwrap();
    let rows = || values.iter().zip(slopes.chunks(p.len()));
    let near = |got: f64, terms: Vec<f64>| {
        let size: f64 = terms.iter().map(|x| x.abs()).sum();
        let want: f64 = terms.iter().sum();
        assert!((got - want).abs() <= 1e-13 * (1e-3 + size), "{got}, not {want}");
    };
    near(found.value(), values.iter().map(|r| r * r / 2.0).collect());
    for i in 0..p.len() {
        near(found.gradient()[i], rows().map(|(r, row)| r * row[i]).collect());
        for j in 0..p.len() {
            near(found.gauss_newton()[i][j], rows().map(|(_, row)| row[i] * row[j]).collect());
        }
    }
}

#[test]
fn of_several_values_over_rows() {
    let circle = residuals!(|[a, b, r], [t, x, y]| [
        a + r * t.cos() - x,
        b + (r * t).sin() - y,
        r - 1.0 // the same in all rows
    ]);
    for n in [1, 31, 33, 4097] {
        let columns = [numbers(n, 1), numbers(n, 2), numbers(n, 3)];
        assert_as_tape(&circle, &[0.5, -0.25, 1.5], &columns);
    }
}

#[test]
fn of_what_depends_on_parts_of_the_parameters() {
    // The second parameter in no value, the third in one.
    let parts = residuals!(|p, [x]| [p[0].exp() * x, (p[2] - x).abs(), p[3] * 2.0 + p[0]]);
    assert_as_tape(&parts, &[0.25, 3.0, 0.3, -1.0], &[numbers(50, 4)]);
}

#[test]
fn of_parameters_that_rows_choose() {
    let offsets = residuals!(|p, [k, x, y]| [
        T::gather(&p[1..4], k) * x + p[0] - y,
        T::gather(&p[1..4], k) * p[1] - T::gather(&p[..2], 1.0 - (k - 1.0).abs()),
    ]);
    let k: Vec<f64> = (0..200).map(|i| f64::from(i * i % 3)).collect();
    assert_as_tape(&offsets, &[0.5, 1.0, -1.5, 2.0], &[k, numbers(200, 5), numbers(200, 6)]);
}

/// The slope by the parameter that all rows have in common is 1, and 1 more in the rows that choose it.
#[test]
fn of_parameters_that_rows_choose_besides_what_is_the_same_for_all() {
    let levels = residuals!(|p, [k, y]| [T::gather(p, k) + p[1] - p[2] * 3.0 - y, p[0] - y]);
    let k: Vec<f64> = (0..100).map(|i| f64::from(i * i % 3)).collect();
    assert_as_tape(&levels, &[0.5, 1.0, -1.5], &[k, numbers(100, 5)]);
}

#[test]
fn of_systems_without_data() {
    let powell = residuals!(|[a, b]| [1e4 * a * b - 1.0, (-a).exp() + (-b).exp() - 1.0001]);
    assert_as_tape(&powell, &[0.0, 1.0], &[]);
    let mixed = residuals!(|x| {
        x.windows(2).flat_map(|w| [10.0 * (w[1] - w[0].square()), 1.0 - w[0]]).collect::<Vec<T>>()
    });
    assert_as_tape(&mixed, &numbers(7, 7), &[]);
}

#[test]
fn of_an_objective_it_is_one_row_for_each_row() {
    let decay = objective!(|[a, b], [t, y]| a * (b * t).exp() - y);
    let program = Program::record(&decay, &[1.0, 1.0], &[0.0, 0.0]).unwrap().jacobian();
    let (t, y) = (numbers(100, 8), numbers(100, 9));
    let mut sweep = program.compile();
    let found = sweep.run(&[1.5, -0.5], &Columns::new(&[&t, &y]).unwrap()).unwrap();
    for (i, (&t, &y)) in t.iter().zip(&y).enumerate() {
        let e = (-0.5 * t).exp();
        assert_close(&[found.residuals()[i]], &[1.5 * e - y]);
        assert_close(found.jacobian().row(i), &[e, 1.5 * t * e]);
    }
    // The next run is of other rows.
    let found = sweep.run(&[1.5, -0.5], &Columns::new(&[&[0.0], &[1.0]]).unwrap()).unwrap();
    assert_eq!((found.residuals(), found.jacobian().as_slice()), (&[0.5][..], &[1.0, 0.0][..]));
}

#[test]
fn rows_that_are_left_out_have_none() {
    use wengert::program::NonFinite;
    let line = objective!(|[a], [x, y]| a * x - y);
    let program = Program::record(&line, &[1.0], &[0.0, 0.0]).unwrap().jacobian();
    let mut sweep = program.compile().non_finite(NonFinite::Skip);
    let data = [&[1.0, f64::NAN, 3.0][..], &[1.0, 1.0, 1.0]];
    let found = sweep.run(&[2.0], &Columns::new(&data).unwrap()).unwrap();
    assert_eq!(
        (found.residuals(), found.row_count(), found.skipped_count()),
        (&[1.0, 5.0][..], 2, 1)
    );
    assert_eq!(found.jacobian().as_slice(), [1.0, 3.0]);
}

#[test]
fn a_slope_of_0_passes_nothing_on() {
    let guarded = residuals!(|[a], [x]| [
        T::select(x.above(0.0), (a * x).ln(), T::ZERO),
        (a * x).sqrt() * 0.0
    ]);
    let program = Program::record_residuals(&guarded, &[1.0], &[1.0]).unwrap();
    let data = [&[2.0, -1.0, 0.0][..]];
    let mut sweep = program.clone().jacobian().compile();
    let found = sweep.run(&[1.0], &Columns::new(&data).unwrap()).unwrap();
    let slopes = found.jacobian();
    assert_eq!([slopes[[0, 0]], slopes[[2, 0]], slopes[[4, 0]]], [1.0, 0.0, 0.0]);
    assert_eq!(slopes[[5, 0]], 0.0);
    let mut sweep = program.gauss_newton().compile();
    let found = sweep.run(&[1.0], &Columns::new(&[&[2.0, 0.5]]).unwrap()).unwrap();
    assert_eq!(found.gauss_newton(), [[2.0]]);
}

#[test]
fn kinks_are_counted() {
    let bent = objective!(|[a], [x]| (a * x).abs());
    let program = Program::record(&bent, &[1.0], &[1.0]).unwrap();
    let data = [&[0.0, 1.0, 0.0][..]];
    for program in [program.clone().jacobian(), program.gauss_newton()] {
        let mut sweep = program.compile();
        let found = sweep.run(&[1.0], &Columns::new(&data).unwrap()).unwrap();
        assert_eq!(found.kinks()[0].row_count, 2);
    }
}

#[test]
fn no_residuals_are_an_error() {
    let nothing = residuals!(|[_a]| Vec::new());
    let error = Program::record_residuals(&nothing, &[1.0], &[]).unwrap_err();
    assert_eq!(error.to_string(), "there are no residuals");
}

#[test]
#[should_panic = "the program computes no Jacobian"]
fn what_was_not_asked_for_is_not_found() {
    let square = objective!(|[a]| a * a);
    let mut sweep = Program::record(&square, &[1.0], &[]).unwrap().gradient().compile();
    sweep.run(&[1.0], &Columns::none()).unwrap().jacobian();
}
