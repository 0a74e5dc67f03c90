//! Random expressions: a program computes what plain numbers and the tape compute.

use crate::generator::{Expr, LEAVES, Many, expressions, fixed, leaves, same};
use crate::naive::Naive;
use proptest::prelude::*;
use wengert::op::Op;
use wengert::program::{Columns, Found, Program};
use wengert::{Objective, Scalar, Tape, Var};

/// An expression of parameters and columns together, or that and each column times 0.
struct Random<'a>(&'a Expr, bool);

impl Objective for Random<'_> {
    fn at<T: Scalar>(&self, parameters: &[T], row: &[T]) -> T {
        let y = self.0.eval::<f64, T>(&[parameters, row].concat());
        if self.1 { row.iter().fold(y, |y, &x| y + x * 0.0) } else { y }
    }
}

/// Rows whose values and slopes a program computes by the same formulas as the tape, not by forms
/// for many numbers at once.
const SAME_FORMULAS: [Op; 19] = [
    Op::Abs,
    Op::Sqrt,
    Op::Recip,
    Op::Powi,
    Op::Signum,
    Op::Floor,
    Op::Ceil,
    Op::Round,
    Op::Trunc,
    Op::Fract,
    Op::Clamp,
    Op::Relu,
    Op::LeakyRelu,
    Op::LnGamma,
    Op::Digamma,
    Op::Max,
    Op::Min,
    Op::Copysign,
    Op::RemEuclid,
];

/// Expressions that have the same bits on all engines.
fn exact_expression() -> BoxedStrategy<Expr> {
    let many = vec![
        Many::Sum,
        Many::Mean,
        Many::Product,
        Many::Iterated,
        Many::SelfDot,
        Many::Dot,
        Many::Norm,
        Many::MaxOf,
    ];
    expressions(SAME_FORMULAS.to_vec(), many, vec!['+', '-', '*', '/', '%'])
}

/// All that can be recorded.
fn any_expression() -> BoxedStrategy<Expr> {
    let many = Many::ALL.into_iter().filter(|many| !matches!(many, Many::Custom)).collect();
    expressions(Op::ENTRIES.to_vec(), many, vec!['+', '-', '*', '/', '%'])
}

/// So many parameters, the other leaves being columns; recorded at one point, for use at others.
fn recorded(expr: &Expr, at: &[f64], parameters: usize) -> Program {
    let (parameters, row) = at.split_at(parameters);
    let program = Program::record(&Random(expr, false), parameters, row).unwrap();
    // What no column goes into is one number, not one for each row. The others stay as they are, so
    // that a sum over the rows meets operations of all kinds.
    match program.clone().sum().to_string().contains("sum over rows") {
        true => program,
        false => Program::record(&Random(expr, true), parameters, row).unwrap(),
    }
}

/// Runs a program over rows that are leaves each, with the parameters of the first.
fn run(program: &Program, rows: &[Vec<f64>], check: impl FnOnce(Found<'_>)) {
    let (n, columns) = (program.parameter_count(), program.column_count());
    let columns: Vec<Vec<f64>> =
        (n..n + columns).map(|c| rows.iter().map(|row| row[c]).collect()).collect();
    let columns: Vec<&[f64]> = columns.iter().map(|c| &c[..]).collect();
    let mut sweep = program.compile();
    check(sweep.run(&rows[0][..n], &Columns::new(&columns).unwrap()).unwrap());
}

/// Rows with the parameters of the first.
fn joined(rows: &[Vec<f64>], parameters: usize) -> Vec<Vec<f64>> {
    let join = |row: &Vec<f64>| [&rows[0][..parameters], &row[parameters..]].concat();
    rows.iter().map(join).collect()
}

fn rows() -> impl Strategy<Value = Vec<Vec<f64>>> {
    prop::collection::vec(leaves(), 3)
}

proptest! {
    #![proptest_config(fixed(500))]

    #[test]
    fn values_have_the_bits_of_plain_numbers(expr in exact_expression(), rows in rows()) {
        let plain: f64 = expr.eval(&rows[0]);
        for parameters in [LEAVES, 2, 0] {
            let program = recorded(&expr, &rows[1], parameters);
            run(&program, &rows[..1], |found| {
                // A sum over rows begins with 0, which takes the sign of a zero.
                let plain = if program.column_count() > 0 { plain + 0.0 } else { plain };
                assert!(
                    same(found.value(), plain) || (plain == 0.0 && found.value() == 0.0),
                    "{} and {plain}\n{program}", found.value()
                );
            });
        }
    }

    #[test]
    fn gradients_are_those_of_the_tape_kinks_included(
        expr in exact_expression(),
        rows in rows(),
    ) {
        for parameters in [LEAVES, 2] {
            let rows = joined(&rows, parameters);
            let rows = if parameters == LEAVES { &rows[..1] } else { &rows[..] };
            let found = rows.iter().map(|row| Naive::gradient(&expr, row, parameters, None));
            let expected: Vec<Naive> = found.collect();
            prop_assume!(expected.iter().all(|e| e.finite));
            let program = recorded(&expr, &rows[0], parameters).gradient();
            run(&program, rows, |found| {
                for (i, &got) in found.gradient().iter().enumerate() {
                    let slope: f64 = expected.iter().map(|e| e.slopes[i].slope).sum();
                    let magnitude: f64 = expected.iter().map(|e| e.slopes[i].magnitude).sum();
                    let tolerance = 64.0 * f64::EPSILON * magnitude;
                    assert!((got - slope).abs() <= tolerance, "{got}, {slope} ± {tolerance}");
                }
            });
        }
    }

    #[test]
    fn all_rows_agree_within_what_rounding_explains(expr in any_expression(), rows in rows()) {
        let rows = joined(&rows, 2);
        let at = |noise| -> Vec<Naive> {
            rows.iter().map(|row| Naive::gradient(&expr, row, 2, noise)).collect()
        };
        let expected = at(None);
        let noisy: Vec<Vec<Naive>> = (1..=4).map(|noise| at(Some(noise))).collect();
        prop_assume!(expected.iter().chain(noisy.iter().flatten()).all(|e| e.finite));
        // A number of each row, summed, and how far noise moves it.
        let sum = |of: &dyn Fn(&Naive) -> f64| -> (f64, f64) {
            let sum = |list: &[Naive]| list.iter().map(of).sum::<f64>();
            let total = sum(&expected);
            let moved = noisy.iter().map(|list| (sum(list) - total).abs());
            (total, moved.fold(0.0, f64::max))
        };
        let program = recorded(&expr, &rows[0], 2).gradient();
        run(&program, &rows, |found| {
            let (value, moved) = sum(&|e| e.value);
            let magnitude: f64 = expected.iter().map(|e| e.value.abs()).sum();
            let tolerance = 64.0 * (moved + f64::EPSILON * magnitude);
            assert!((found.value() - value).abs() <= tolerance,
                "{}, {value} ± {tolerance}\n{program}", found.value());
            for (i, &got) in found.gradient().iter().enumerate() {
                let (slope, moved) = sum(&|e| e.slopes[i].slope);
                let magnitude: f64 = expected.iter().map(|e| e.slopes[i].magnitude).sum();
                let tolerance = 64.0 * (moved + f64::EPSILON * magnitude);
                assert!((got - slope).abs() <= tolerance, "{i}: {got}, {slope} ± {tolerance}\n{program}");
            }
        });
    }

    #[test]
    fn tangents_are_the_gradient_times_the_direction(expr in exact_expression(), rows in rows()) {
        let rows = joined(&rows, 2);
        let finite = rows.iter().all(|row| Naive::gradient(&expr, row, 2, None).finite);
        prop_assume!(finite);
        let program = recorded(&expr, &rows[0], 2);
        let (forward, reverse) = (program.clone().jvp(), program.gradient());
        let direction = [0.75, -2.0];
        let with_direction: Vec<Vec<f64>> =
            rows.iter().map(|r| [&r[..2], &direction, &r[2..]].concat()).collect();
        let mut products = [0.0; 2];
        run(&reverse, &rows, |found| {
            products = [0, 1].map(|i| found.gradient()[i] * direction[i]);
        });
        let magnitude: f64 = rows
            .iter()
            .flat_map(|row| Naive::gradient(&expr, row, 2, None).slopes)
            .map(|slope| 2.0 * slope.magnitude)
            .sum();
        run(&forward, &with_direction, |found| {
            let (got, want) = (found.output(1)[0], products[0] + products[1]);
            let tolerance = 64.0 * f64::EPSILON * magnitude;
            assert!((got - want).abs() <= tolerance, "{got}, {want} ± {tolerance}\n{forward}");
        });
    }
}

/// An expression whose leaves are the elements that two index columns choose from the parameters, a
/// parameter by itself, and a column.
struct Chosen<'a>(&'a Expr);

/// The tables overlap.
const TABLES: [std::ops::Range<usize>; 2] = [0..3, 1..5];

impl Objective for Chosen<'_> {
    fn at<T: Scalar>(&self, w: &[T], row: &[T]) -> T {
        let [first, second] = [0, 1].map(|at| T::gather(&w[TABLES[at].clone()], row[at]));
        // An expression that reads no column is one number, not one for each row.
        self.0.eval::<f64, T>(&[first, second, w[5], row[2]]) + row[2] * 0.0
    }
}

/// Rows without kinks, so that second derivatives agree however they are computed.
fn smooth_expression() -> BoxedStrategy<Expr> {
    let rows = vec![Op::Sin, Op::Tanh, Op::Atan, Op::Sigmoid, Op::Softplus];
    expressions(rows, vec![Many::Sum, Many::Product], vec!['+', '-', '*'])
}

proptest! {
    #![proptest_config(fixed(200))]

    #[test]
    fn what_rows_choose_gets_its_first_and_second_derivatives(
        expr in smooth_expression(),
        w in prop::collection::vec(-1.5..1.5, 6),
        rows in prop::collection::vec((0..3_u32, 0..4_u32, -1.5..1.5_f64), 1..20),
    ) {
        let loss = |w: &[Var]| -> Var {
            let rows = rows.iter().map(|&(i, j, x): &(u32, u32, f64)| {
                let row = [f64::from(i).into(), f64::from(j).into(), x.into()];
                Chosen(&expr).at(w, &row)
            });
            rows.sum()
        };
        let gradient = |at: &[f64]| {
            let tape = Tape::new();
            let w = tape.vars_from(at);
            loss(&w).backward().wrt(&w[..])
        };
        let at_first = gradient(&w);
        prop_assume!(at_first.iter().all(|slope| slope.abs() < 1e3));
        let columns: [Vec<f64>; 3] = [
            rows.iter().map(|row| row.0.into()).collect(),
            rows.iter().map(|row| row.1.into()).collect(),
            rows.iter().map(|row| row.2).collect(),
        ];
        let data = Columns::new(&[&columns[0], &columns[1], &columns[2]]).unwrap();
        let program = Program::record(&Chosen(&expr), &[0.5; 6], &[0.0, 0.0, 0.5]).unwrap();
        let close = |got: f64, want: f64, tolerance| (got - want).abs() <= tolerance * (1.0 + want.abs());
        let mut hessian = program.clone().hessian().compile();
        let found = hessian.run(&w, &data).unwrap();
        for (&got, &want) in found.gradient().iter().zip(&at_first) {
            prop_assert!(close(got, want, 1e-10), "{got} and {want}\n{program}");
        }
        // Products with directions are the rows of the Hessian, and about what differences are.
        let mut product = program.clone().gradient().jvp().compile();
        for i in 0..w.len() {
            let direction: Vec<f64> = (0..w.len()).map(|j| f64::from(u8::from(i == j))).collect();
            let inputs = [&w[..], &direction].concat();
            let by_product = product.run(&inputs, &data).unwrap().output(3).to_vec();
            const H: f64 = 1e-4;
            let beside = |h: f64| {
                let mut w = w.clone();
                w[i] += h;
                gradient(&w)
            };
            let (above, below) = (beside(H), beside(-H));
            for j in 0..w.len() {
                let entry = found.output(2 + i)[j];
                prop_assert!(close(by_product[j], entry, 1e-10), "{i} {j}: {} {entry}", by_product[j]);
                let difference = (above[j] - below[j]) / (2.0 * H);
                prop_assume!(difference.abs() < 1e3);
                prop_assert!(close(entry, difference, 1e-3), "{i} {j}: {entry} {difference}\n{program}");
            }
        }
    }
}

/// Slopes that the tape finds at the very kinks, one by one, so that chance does not decide which
/// are met.
#[test]
fn each_kink_follows_the_convention_of_the_tape() {
    type Function = (&'static str, fn(Var) -> Var, Program);
    macro_rules! functions {
        ($(|$x:ident| $body:expr),+ $(,)?) => {
            vec![$((stringify!($body), |$x: Var| $body, {
                let f = wengert::objective!(|[$x]| $body);
                Program::record(&f, &[0.3], &[]).unwrap().gradient()
            })),+]
        };
    }
    let functions: Vec<Function> = functions![
        |x| x.abs(),
        |x| x.relu(),
        |x| x.leaky_relu(0.25),
        |x| x.leaky_relu(-0.5),
        |x| x.clamp(-1.0, 1.0),
        |x| x.clamp(0.0, 0.0),
        |x| x.max(0.0),
        |x| x.min(1.0),
        |x| x.max(x * 2.0),
        |x| x.min(-x),
        |x| (x - 1.0).abs() + (x + 1.0).abs(),
        |x| x.hypot(x * 0.5),
        |x| x.atan2(x),
        |x| x.relu() - (-x).relu(),
        |x| x.copysign(-x),
        |x| x.floor() + x.round(),
    ];
    for (text, f, program) in functions {
        for x in [0.0, -0.0, 1.0, -1.0, 0.5, 5e-324, f64::NAN] {
            let tape = Tape::new();
            let v = tape.var(x);
            let y = f(v);
            let mut sweep = program.compile();
            let found = sweep.run(&[x], &Columns::none()).unwrap();
            let (got, want) = (found.gradient()[0], y.backward().wrt(v));
            let near = (got - want).abs() <= 4.0 * f64::EPSILON * want.abs();
            assert!(near || same(got, want), "{text} at {x}: {got}, not {want}");
            let met: Vec<&str> = found.kinks().iter().map(|kink| kink.operation).collect();
            assert_eq!(met.is_empty(), tape.kinks().is_empty(), "{text} at {x}: {met:?}");
        }
    }
}

#[test]
fn long_lists_have_the_same_bits_on_every_engine() {
    struct Of<'a>(&'a str);
    impl Objective for Of<'_> {
        fn at<T: Scalar>(&self, x: &[T], _: &[T]) -> T {
            match self.0 {
                "sum_of" => T::sum_of(x),
                "mean" => T::mean(x),
                "dot" => T::dot(&x[..x.len() / 2], &x[x.len() / 2..x.len() / 2 * 2]),
                "norm" => T::norm(x),
                _ => T::dot(x, x),
            }
        }
    }
    for n in (0..70).chain([95, 96, 97, 1023, 1024, 1025, 3000]) {
        let x: Vec<f64> = (0..n).map(|i| (f64::from(i) * 1.7).sin() * 10.0).collect();
        for name in ["sum_of", "mean", "dot", "norm", "square"] {
            let plain = Of(name).at(&x, &[]);
            let tape = Tape::new();
            let variables: Vec<Var> = x.iter().map(|&x| tape.var(x)).collect();
            let constants: Vec<Var> = x.iter().map(|&x| Var::from(x)).collect();
            let program = Program::record(&Of(name), &x, &[]).unwrap();
            let found = program.compile().run(&x, &Columns::none()).unwrap().value();
            let all =
                [Of(name).at(&variables, &[]).value(), Of(name).at(&constants, &[]).value(), found];
            assert!(all.iter().all(|&y| same(y, plain)), "{name} of {n}: {all:?}, {plain}");
        }
    }
}
