//! Powers by squaring, which a sum over the rows may form by itself.

use crate::samples::numbers;
use wengert::program::{Columns, Program};
use wengert::{Objective, Tape, Var, objective};

/// Asserts that an objective of one parameter and one column is, summed over any number of rows, what
/// plain numbers and the tape say.
fn assert_sums(name: &str, objective: &impl Objective) {
    const A: f64 = 0.75;
    let program = Program::record(objective, &[A], &[0.5]).unwrap();
    let mut value_alone = program.clone().compile();
    let mut with_gradient = program.clone().gradient().compile();
    for n in 1..=97 {
        let column = numbers(n, n as u64);
        let data = Columns::new(&[&column]).unwrap();
        let each: Vec<f64> = column.iter().map(|&x| objective.at(&[A], &[x])).collect();
        let tape = Tape::new();
        let a = tape.var(A);
        let slopes: Vec<f64> =
            column.iter().map(|&x| objective.at(&[a], &[Var::from(x)]).backward().wrt(a)).collect();
        let close = |got: f64, terms: &[f64]| {
            let want: f64 = terms.iter().sum();
            let magnitude: f64 = terms.iter().map(|x| x.abs()).sum();
            assert!(
                (got - want).abs() <= 64.0 * f64::EPSILON * magnitude,
                "{name}, {n} rows: {got}, not {want}\n{program}"
            );
        };
        close(value_alone.run(&[A], &data).unwrap().value(), &each);
        let found = with_gradient.run(&[A], &data).unwrap();
        close(found.value(), &each);
        close(found.gradient()[0], &slopes);
    }
}

#[test]
fn a_square_of_a_square_is_summed_as_it_is_computed() {
    macro_rules! objectives {
        ($(|[$a:ident], [$x:ident]| $body:expr),+ $(,)?) => {$(
            assert_sums(stringify!($body), &objective!(|[$a], [$x]| $body));
        )+};
    }
    objectives![
        |[_a], [x]| x.powi(4),
        |[_a], [x]| (x.sin() * 2.0).powi(4),
        |[_a], [x]| {
            let y = x * 2.0;
            let q = y * y;
            q * q
        },
        |[a], [x]| (a * x).powi(4),
        |[a], [x]| {
            let square = (x * a).exp() * (x * a).exp();
            square * square
        },
        |[_a], [x]| {
            let square = x * x;
            let fourth = square * square;
            fourth * fourth
        },
        |[a], [x]| (a * x).powi(4) + (a * x).powi(2),
        |[a], [x]| (a * x).powi(4) * (a * x).powi(4),
        |[a], [x]| (a - x).powi(5),
        |[a], [x]| {
            let square = (a + x) * (a + x);
            square * square * x
        },
    ];
}

#[test]
fn one_row_has_the_bits_of_plain_numbers() {
    let fourth = objective!(|[_a], [x]| x.powi(4));
    let mut sweep = Program::record(&fourth, &[0.0], &[1.0]).unwrap().compile();
    let found = sweep.run(&[0.0], &Columns::new(&[&[-0.5]]).unwrap()).unwrap();
    assert_eq!(found.value(), 0.0625);
}
