//! Numbers that an index column chooses from a table of computed ones, against the tape.

use wengert::loss::CrossEntropy;
use wengert::program::{Columns, NonFinite, Program, RunError};
use wengert::{Objective, Rule, Tape, Var, gradient, objective};

/// Rows of a class below 3 and two numbers.
fn rows(n: usize) -> Vec<[f64; 3]> {
    (0..n)
        .map(|i| [(i * 5 % 3) as f64, (i % 11) as f64 / 4.0 - 1.0, (i % 7) as f64 / 3.0])
        .collect()
}

fn columns(rows: &[[f64; 3]]) -> [Vec<f64>; 3] {
    [0, 1, 2].map(|at| rows.iter().map(|row| row[at]).collect())
}

#[track_caller]
fn assert_close(got: &[f64], want: &[f64]) {
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= 1e-12 * (1.0 + want.abs()), "{got}, not {want}");
    }
}

/// The value and gradient of the sum over rows, by the tape.
fn by_tape(f: &impl Objective, w: &[f64], rows: &[[f64; 3]]) -> (f64, Vec<f64>) {
    gradient(|w| rows.iter().map(|row| f.at(w, &row.map(Var::from))).sum(), w)
}

#[test]
fn the_logit_of_a_class_makes_a_cross_entropy() {
    let logits = |w: &[f64], x: f64, y: f64| [w[0] * x, w[1] * y + w[2], x - w[3] * y];
    let loss = objective!(|w, [class, x, y]| {
        let logits = [w[0] * x, w[1] * y + w[2], x - w[3] * y];
        T::log_sum_exp(&logits) - T::gather(&logits, class)
    });
    let w = [0.3, -0.7, 0.2, 1.1];
    for n in [1, 5, 1000, 5000] {
        let rows = rows(n);
        let [class, x, y] = columns(&rows);
        let data = Columns::new(&[&class, &x, &y]).unwrap();
        let program = Program::record(&loss, &w, &[1.0, 0.5, 0.5]).unwrap().sum();
        let mut sweep = program.clone().hessian().compile();
        let found = sweep.run(&w, &data).unwrap();
        let points = rows.iter().map(|&[class, x, y]| (logits(&w, x, y), class as usize));
        assert_close(&[found.value()], &[CrossEntropy.sum(points).unwrap()]);
        let (value, slopes) = by_tape(&loss, &w, &rows);
        assert_close(&[found.value()], &[value]);
        assert_close(found.gradient(), &slopes);
        assert!(found.kinks().is_empty());
        // What is chosen is linear: the second derivatives are those of the sum of exponentials alone.
        let smooth =
            objective!(|w, [_k, x, y]| T::log_sum_exp(&[w[0] * x, w[1] * y + w[2], x - w[3] * y]));
        let smooth = Program::record(&smooth, &w, &[1.0, 0.5, 0.5]).unwrap().sum().hessian();
        let mut smooth = smooth.compile();
        let want = smooth.run(&w, &data).unwrap();
        for row in 2..6 {
            assert_close(found.output(row), want.output(row));
        }
        let chunks = rows.chunks(7).map(|rows| Ok::<_, std::io::Error>(columns(rows)));
        let mut sweep = program.gradient().compile();
        let streamed = sweep.run_stream(&w, chunks.collect::<Vec<_>>().into_iter()).unwrap();
        assert_close(streamed.gradient(), &slopes);
    }
}

#[test]
fn tables_of_all_kinds_give_what_the_tape_gives() {
    // Parameters in another order and twice, constants, columns, one number, two, and a nested choice.
    let mixed = objective!(|w, [k, x, y]| {
        let table = [w[2], w[0], w[0] * x];
        let data = [T::from(2.0), y, T::from(-1.0)];
        let once = T::gather(&table, k) * T::gather(&data, k);
        let pair = T::gather(&[w[1] * 2.0, x], (k - 1.0).abs());
        once + T::gather(&[pair.sin(), w[1].exp(), once * once], k)
            + T::gather(&[w[0] * w[1]], k * 0.0)
    });
    let w = [0.4, -1.3, 0.9];
    let rows: Vec<[f64; 3]> = rows(700);
    let [k, x, y] = columns(&rows);
    let data = Columns::new(&[&k, &x, &y]).unwrap();
    let program = Program::record(&mixed, &w, &[2.0, 0.1, 0.2]).unwrap().sum();
    let (value, slopes) = by_tape(&mixed, &w, &rows);
    let mut sweep = program.clone().gradient().compile();
    let found = sweep.run(&w, &data).unwrap();
    assert_close(&[found.value()], &[value]);
    assert_close(found.gradient(), &slopes);
    let direction = [0.5, -0.25, 2.0];
    let mut along = program.clone().gradient_along().compile();
    let found = along.run(&[&w[..], &direction].concat(), &data).unwrap();
    assert_close(found.output(1), &slopes);
    let mut jvp = program.jvp().compile();
    let found = jvp.run(&[&w[..], &direction].concat(), &data).unwrap();
    let want: f64 = slopes.iter().zip(direction).map(|(slope, d)| slope * d).sum();
    assert_close(found.output(1), &[want]);
}

#[test]
fn what_is_not_chosen_has_no_say() {
    let f = objective!(|w, [k, x]| T::gather(&[w[0].ln(), w[0] * x, (w[0] * 1e300).exp()], k));
    let program = Program::record(&f, &[1.0], &[1.0, 1.0]).unwrap().sum().hessian();
    let mut sweep = program.compile();
    let found = sweep.run(&[-2.0], &Columns::new(&[&[1.0, 1.0], &[3.0, 4.0]]).unwrap()).unwrap();
    assert_eq!((found.value(), found.gradient(), found.output(2)), (-14.0, &[7.0][..], &[0.0][..]));
    let found = sweep.run(&[2.0], &Columns::new(&[&[0.0], &[f64::MAX]]).unwrap()).unwrap();
    assert_eq!((found.gradient(), found.output(2)), (&[0.5][..], &[-0.25][..]));
}

#[test]
fn kinks_of_what_is_chosen_are_followed() {
    let f = objective!(|w, [k]| T::gather(&[w[0].abs(), w[0] * 3.0, (-w[0]).relu()], k));
    let program = Program::record(&f, &[1.0], &[0.0]).unwrap().sum().gradient_along();
    let mut sweep = program.compile();
    let data = Columns::new(&[&[0.0, 1.0, 2.0]]).unwrap();
    for direction in [1.0, -1.0] {
        let tape = Tape::new();
        let w = tape.vars([0.0]);
        let terms = (0..3).map(|k| f.at(&w, &[f64::from(k).into()]));
        let total: Var = terms.sum();
        let want = total.backward_with(Rule::Along(&w, &[direction])).unwrap().wrt(w[0]);
        assert_eq!(sweep.run(&[0.0, direction], &data).unwrap().output(1), [want]);
    }
}

#[test]
fn an_index_outside_the_table_is_the_error_that_tables_of_parameters_have() {
    let error = |f: &dyn Fn(&[f64]) -> Program, index: f64| {
        let mut k = vec![0.0; 5000];
        k[4321] = index;
        let mut sweep = f(&[0.0]).sum().gradient().compile().non_finite(NonFinite::Take);
        sweep.run(&[1.0; 3], &Columns::new(&[&k]).unwrap()).unwrap_err()
    };
    let three = objective!(|w, [k]| T::gather(&[w[0] * 2.0, w[1], w[2]], k));
    let one = objective!(|w, [k]| T::gather(&[w[0] * w[1] + w[2]], k));
    let three = |row: &[f64]| Program::record(&three, &[1.0; 3], row).unwrap();
    let one = |row: &[f64]| Program::record(&one, &[1.0; 3], row).unwrap();
    for wrong in [3.0, -1.0, 0.5, f64::NAN, f64::INFINITY] {
        for (length, error) in [(3, error(&three, wrong)), (1, error(&one, wrong))] {
            let RunError::Index { index, len, row } = error else { panic!("{error}") };
            assert_eq!((index.to_bits(), len, row), (wrong.to_bits(), length, 4321));
        }
    }
}
