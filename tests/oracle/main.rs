//! Every entry of the table and every operator, on every engine, against 60-digit results.
//!
//! `oracle/generate.py` writes the results and says how; it knows nothing of the Rust code. An
//! engine joins by a line in [`every_engine_is_within_the_bars`]. With `--nocapture` that test
//! prints the worst error of each entry.

#![allow(clippy::unwrap_used, reason = "a malformed oracle file is a failed test")]

mod truth;

use std::collections::BTreeMap;
use truth::{
    Entry, Point, Truth, bar, entries, error, is_of_lists, name_of, op_named, row_named, rows_of,
};
use wengert::op::Op;
use wengert::program::{Columns, NonFinite, Program};
use wengert::{Objective, Real, Scalar, Tape, Var};

/// Applies an operation by name.
fn apply<F: Real, S: Scalar<F>>(name: &str, args: &[S], parameters: &[f64]) -> S {
    op_named(name).expect(name).apply::<F, S>(args, parameters).expect(name)
}

/// The value, and for an engine that differentiates the slope by each argument.
type Engine = fn(name: &str, args: &[f64], parameters: &[f64]) -> Vec<f64>;

fn plain(name: &str, args: &[f64], parameters: &[f64]) -> Vec<f64> {
    vec![apply::<f64, f64>(name, args, parameters)]
}

fn tape(name: &str, args: &[f64], parameters: &[f64]) -> Vec<f64> {
    let tape = Tape::new();
    let args: Vec<Var> = args.iter().map(|&x| tape.var(x)).collect();
    let y = apply::<f64, Var>(name, &args, parameters);
    let gradient = y.backward();
    std::iter::once(y.value()).chain(args.iter().map(|&x| gradient.wrt(x))).collect()
}

/// One operation as an objective.
struct Applied<'a> {
    name: &'a str,
    parameters: &'a [f64],
}

impl Objective for Applied<'_> {
    fn at<T: Scalar>(&self, args: &[T], _: &[T]) -> T {
        apply(self.name, args, self.parameters)
    }
}

fn program(name: &str, args: &[f64], parameters: &[f64]) -> Vec<f64> {
    let recorded = Program::record(&Applied { name, parameters }, args, &[]);
    let mut sweep = recorded.expect(name).gradient().compile();
    let found = sweep.run(args, &Columns::none()).expect(name);
    std::iter::once(found.value()).chain(found.gradient().iter().copied()).collect()
}

/// One operation of columns, each moved by a parameter, which is -0 and so changes no number: the slopes
/// by the parameters are those by the columns.
struct OfColumns<'a>(Applied<'a>);

impl Objective for OfColumns<'_> {
    fn at<T: Scalar>(&self, moved: &[T], columns: &[T]) -> T {
        let args: Vec<T> = moved.iter().zip(columns).map(|(&by, &x)| x + by).collect();
        apply(self.0.name, &args, self.0.parameters)
    }
}

fn swept(name: &str, args: &[f64], parameters: &[f64]) -> Vec<f64> {
    let moved = vec![-0.0; args.len()];
    let objective = OfColumns(Applied { name, parameters });
    let recorded = Program::record(&objective, &moved, args).expect(name);
    let mut sweep = recorded.sum().gradient().compile().non_finite(NonFinite::Take);
    let columns: Vec<&[f64]> = args.iter().map(std::slice::from_ref).collect();
    let found = sweep.run(&moved, &Columns::new(&columns).expect(name)).expect(name);
    std::iter::once(found.value()).chain(found.gradient().iter().copied()).collect()
}

fn plain_single(name: &str, args: &[f64], parameters: &[f64]) -> Vec<f64> {
    let args: Vec<f32> = args.iter().map(|&x| x as f32).collect();
    vec![f64::from(apply::<f32, f32>(name, &args, parameters))]
}

fn tape_single(name: &str, args: &[f64], parameters: &[f64]) -> Vec<f64> {
    let tape = Tape::<f32>::default();
    let args: Vec<Var<f32>> = args.iter().map(|&x| tape.var(x as f32)).collect();
    let y = apply::<f32, Var<f32>>(name, &args, parameters);
    let gradient = y.backward();
    let slopes = args.iter().map(|&x| f64::from(gradient.wrt(x)));
    std::iter::once(f64::from(y.value())).chain(slopes).collect()
}

/// Runs an engine over all points. Gives the worst error of the value and the slopes of each entry,
/// and what went over its bar, in words.
fn judge(engine: Engine, entries: &[Entry]) -> (BTreeMap<&str, Vec<f64>>, Vec<String>) {
    let mut worst: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut failures = Vec::new();
    for Entry { name, parameters, points } in entries {
        for Point { args, truth } in points {
            let got = engine(name, args, parameters);
            let worst = worst.entry(name).or_default();
            worst.resize(got.len().max(worst.len()), 0.0);
            for (which, (&got, &truth)) in got.iter().zip(truth).enumerate() {
                let error = error(name, which, args, truth, got);
                worst[which] = worst[which].max(error);
                if error > bar(name, which) {
                    let want = truth.nearest;
                    let what = if which == 0 { "value".into() } else { format!("slope {which}") };
                    failures.push(format!(
                        "{name} {parameters:?} at {args:?}: {what} {got:e}, want {want:e}, {error:.1} ULP off"
                    ));
                }
            }
        }
    }
    (worst, failures)
}

#[test]
fn every_engine_is_within_the_bars() {
    let entries = entries();
    let engines: [(&str, Engine); 4] =
        [("plain f64", plain), ("tape", tape), ("program", program), ("program over rows", swept)];
    for (title, engine) in engines {
        let (worst, failures) = judge(engine, &entries);
        println!("\nworst error in ULP, {title}: value, slopes (bars)");
        for (name, errors) in &worst {
            let cells: String =
                (0..).zip(errors).map(|(i, e)| format!("{e:8.2} ({})", bar(name, i))).collect();
            println!("{name:12}{cells}");
        }
        assert!(failures.is_empty(), "{title}:\n{}", failures.join("\n"));
    }
}

/// An entry that is curved and states no second derivative fails here, as the default is 0.
#[test]
fn second_derivatives_are_right() {
    /// Operators, and what is linear in pieces.
    const PLAIN: [Op; 10] = [
        Op::Neg,
        Op::Add,
        Op::Sub,
        Op::Mul,
        Op::Div,
        Op::Rem,
        Op::MulAdd,
        Op::Select,
        Op::MaxOf,
        Op::MinOf,
    ];
    let entries = rows_of(include_str!("curves.txt"));
    for op in Op::ENTRIES.iter().chain(Op::OTHERS).filter(|op| !PLAIN.contains(op)) {
        let points: usize = entries
            .iter()
            .filter(|entry| entry.name == op.name())
            .map(|entry| entry.points.len())
            .sum();
        assert!(points >= 24, "{} has {points} lines of second derivatives", op.name());
    }
    let mut failures = Vec::new();
    for Entry { name, parameters, points } in &entries {
        let absolute = if is_of_lists(name) { 0.0 } else { 1e-12 };
        for Point { args, truth } in points {
            let n = args.len();
            let recorded = Program::record(&Applied { name, parameters }, args, &[]);
            let mut sweep = recorded.expect(name).hessian().compile();
            let found = sweep.run(args, &Columns::none()).expect(name);
            // The upper triangle, line by line.
            let got = (0..n).flat_map(|i| &found.output(2 + i)[i..]);
            for (got, want) in got.zip(truth).map(|(&got, want)| (got, want.nearest)) {
                let near = (got - want).abs() <= absolute + 1e-10 * want.abs();
                if !near && got != want {
                    failures
                        .push(format!("{name} {parameters:?} at {args:?}: {got:e}, want {want:e}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_operation_has_oracle_lines() {
    let entries = entries();
    for op in Op::ENTRIES {
        let (arguments, parameters) = op.arity().expect("an entry has so many arguments");
        let mut points = 0;
        for entry in entries.iter().filter(|entry| entry.name == op.name()) {
            assert_eq!(entry.parameters.len(), parameters, "{}", entry.name);
            for point in &entry.points {
                assert_eq!(point.args.len(), arguments, "{}", entry.name);
                assert_eq!(point.truth.len(), arguments + 1, "{}", entry.name);
            }
            points += entry.points.len();
        }
        assert!(points >= 60, "{} has {points} oracle lines", op.name());
    }
    for &op in Op::OTHERS {
        let of_it = entries.iter().filter(|entry| op_named(&entry.name) == Some(op));
        let points: Vec<&Point> = of_it.flat_map(|entry| &entry.points).collect();
        assert!(points.len() >= 24, "{} has {} oracle lines", name_of(op), points.len());
        for point in points {
            let fits = op.arity().is_none_or(|(arguments, _)| arguments == point.args.len());
            assert!(fits && point.truth.len() == point.args.len() + 1, "{}", name_of(op));
        }
    }
    for entry in &entries {
        assert!(op_named(&entry.name).is_some(), "no operation is called {}", entry.name);
    }
}

#[test]
fn an_operation_takes_no_list_that_does_not_fit() {
    for &op in Op::ENTRIES.iter().chain(Op::OTHERS) {
        let accepts = |args: usize, parameters: usize| {
            op.apply::<f64, f64>(&vec![0.5; args], &vec![1.0; parameters]).is_some()
        };
        match op.arity() {
            Some((args, parameters)) => {
                let fits = (0..6).flat_map(|n| (0..4).map(move |p| (n, p)));
                for (n, p) in fits {
                    assert_eq!(
                        accepts(n, p),
                        (n, p) == (args, parameters),
                        "{op:?} of {n} and {p}"
                    );
                }
            }
            None => {
                for n in 0..6 {
                    let fits = match op {
                        Op::Dot => n % 2 == 0,
                        Op::Softmax => n > 0,
                        _ => true,
                    };
                    assert_eq!((accepts(n, 0), accepts(n, 1)), (fits, false), "{op:?} of {n}");
                }
            }
        }
    }
}

#[test]
fn single_precision_rounds_the_result_in_double() {
    for Entry { name, parameters, points } in
        entries().iter().filter(|r| row_named(&r.name).is_some())
    {
        let parameters: Vec<f64> = parameters.iter().map(|&p| f64::from(p as f32)).collect();
        for Point { args, .. } in points {
            let args: Vec<f64> = args.iter().map(|&x| f64::from(x as f32)).collect();
            let double = tape(name, &args, &parameters);
            for single in [plain_single as Engine, tape_single] {
                for (got, want) in single(name, &args, &parameters).iter().zip(&double) {
                    let want = f64::from(*want as f32);
                    let same = *got == want || (got.is_nan() && want.is_nan());
                    assert!(same, "{name} {parameters:?} at {args:?}: {got:e}, want {want:e}");
                }
            }
        }
    }
}

#[test]
fn a_logarithm_of_a_sum_in_single_precision_is_near_the_one_in_double() {
    for Point { args, .. } in
        entries().iter().filter(|entry| entry.name == "log_sum_exp").flat_map(|entry| &entry.points)
    {
        let args: Vec<f64> = args.iter().map(|&x| f64::from(x as f32)).collect();
        let double = plain("log_sum_exp", &args, &[])[0] as f32;
        for single in [plain_single as Engine, tape_single] {
            let got = single("log_sum_exp", &args, &[])[0] as f32;
            let units = (i64::from(got.to_bits()) - i64::from(double.to_bits())).abs();
            assert!(
                units <= 4 || got.is_nan() && double.is_nan(),
                "{args:?}: {got:e}, not {double:e}"
            );
        }
    }
}

/// [`tape`] with each finite result moved three places beyond its bar.
fn spoiled(name: &str, args: &[f64], parameters: &[f64]) -> Vec<f64> {
    let spoil = |(which, y): (usize, f64)| {
        let away = bar(name, which) as u64 + 3;
        if y.is_finite() && y != 0.0 { f64::from_bits(y.to_bits() + away) } else { y }
    };
    tape(name, args, parameters).into_iter().enumerate().map(spoil).collect()
}

#[test]
fn the_judge_rejects_every_row_when_it_is_off() {
    for entry in entries() {
        let finite = |y: &Truth| y.nearest.is_finite() && y.nearest != 0.0;
        let spoilable = entry.points.iter().flat_map(|p| &p.truth).filter(|y| finite(y)).count();
        let (_, failures) = judge(spoiled, std::slice::from_ref(&entry));
        assert!(
            10 * failures.len() >= 9 * spoilable,
            "{}: {} of {spoilable} wrong results were found",
            entry.name,
            failures.len()
        );
    }
}

#[test]
fn an_error_is_measured_to_a_fraction_of_a_place() {
    let truth = Truth { nearest: 1.0, beyond: 0.25 };
    assert_eq!(truth.ulps(1.0), 0.25);
    assert_eq!(truth.ulps(1.0 + f64::EPSILON), 0.75);
    assert_eq!(truth.ulps(f64::NAN), f64::INFINITY);
    assert_eq!(truth.ulps(f64::INFINITY), f64::INFINITY);
    let zero = Truth { nearest: 0.0, beyond: 0.0 };
    assert_eq!((zero.ulps(-0.0), zero.ulps(-5e-324)), (0.0, 1.0));
    let pole = Truth { nearest: f64::INFINITY, beyond: 0.0 };
    assert_eq!((pole.ulps(f64::INFINITY), pole.ulps(f64::MAX)), (0.0, f64::INFINITY));
}

#[test]
fn odd_functions_keep_the_sign_of_zero() {
    let odd = [
        "sqrt", "cbrt", "exp_m1", "ln_1p", "sin", "tan", "asin", "atan", "sinh", "tanh", "asinh",
        "atanh", "floor", "ceil", "round", "trunc", "erf",
    ];
    for name in odd {
        let [plus, minus] = [0.0, -0.0].map(|x| plain(name, &[x], &[])[0]);
        assert!(plus == 0.0 && plus.is_sign_positive(), "{name}(+0) = {plus:?}");
        assert!(minus == 0.0 && minus.is_sign_negative(), "{name}(-0) = {minus:?}");
    }
}

#[test]
fn outside_the_domain_is_nan() {
    let domains = [
        ("sqrt", 0.0, f64::INFINITY),
        ("ln", 0.0, f64::INFINITY),
        ("log2", 0.0, f64::INFINITY),
        ("log10", 0.0, f64::INFINITY),
        ("ln_1p", -1.0, f64::INFINITY),
        ("asin", -1.0, 1.0),
        ("acos", -1.0, 1.0),
        ("acosh", 1.0, f64::INFINITY),
        ("atanh", -1.0, 1.0),
    ];
    let magnitudes = (-320..308).map(|e| 10f64.powi(e));
    let numbers: Vec<f64> = magnitudes.flat_map(|x| [x, -x, 1.0 + x, -1.0 - x]).collect();
    for (name, low, high) in domains {
        for &x in numbers.iter().filter(|&&x| x < low || x > high) {
            let results = tape(name, &[x], &[]);
            assert!(results.iter().all(|y| y.is_nan()), "{name} at {x:e}: {results:?}");
        }
    }
}

#[test]
fn powers_agree_however_they_are_spelled() {
    let bases = [0.0, -0.0, 0.3, -0.3, 1.0, -1.0, 7.5, -7.5, 1e-200, 1e200, f64::INFINITY];
    for x in bases {
        for n in -9..=9 {
            let exponent = f64::from(n);
            let integer = tape("powi", &[x], &[exponent]);
            let real = tape("powf", &[x, exponent], &[]);
            for (which, (&got, &nearest)) in integer.iter().zip(&real).enumerate() {
                let error = Truth { nearest, beyond: 0.0 }.ulps(got);
                assert!(error <= 6.0, "{x:?}^{n}, {which}: {got:e} and {nearest:e}");
            }
        }
    }
    for x in [0.0, -0.0, f64::INFINITY] {
        assert_eq!(tape("sqrt", &[x], &[])[1], tape("powf", &[x, 0.5], &[])[1], "at {x:?}");
    }
}
