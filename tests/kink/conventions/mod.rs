//! The page of conventions holds, row by row: the tables are read from the page itself, and their
//! expressions are run as plain numbers and on the tape, in both precisions.

#![allow(clippy::unwrap_used, reason = "a malformed table is a failed test")]

pub(crate) mod answers;

use answers::{answers, claims};
use std::collections::BTreeSet;
use std::f64::consts::{FRAC_PI_2, LN_2, PI};
use wengert::loss::{AbsoluteError, EpsilonInsensitive, Huber, Loss, Quantile};
use wengert::{Real, Scalar, Tape, Var};

const PAGE: &str = include_str!("../../../src/kink/conventions.md");

fn absolute() -> AbsoluteError {
    AbsoluteError
}

fn quantile<F: Real>(level: F) -> Quantile<F> {
    Quantile::new(level).unwrap()
}

fn insensitive<F: Real>(epsilon: F) -> EpsilonInsensitive<F> {
    EpsilonInsensitive::new(epsilon).unwrap()
}

fn huber<F: Real>(delta: F) -> Huber<F> {
    Huber::new(delta).unwrap()
}

/// What an expression gave.
struct Outcome {
    value: f64,
    slope: Vec<f64>,
    kinks: usize,
    troubles: usize,
}

/// An expression of the page: its text, and how it is run.
struct Case {
    text: &'static str,
    arguments: usize,
    plain: fn(&[f64]) -> f64,
    double: fn(&[f64]) -> Outcome,
    single: fn(&[f64]) -> Outcome,
}

/// Records, sweeps, and looks at the tape.
fn record<F: Real>(at: &[f64], f: impl FnOnce(&[Var<F>]) -> Var<F>) -> Outcome {
    let tape = Tape::<F>::default();
    let at: Vec<F> = at.iter().map(|&x| F::from_double(x)).collect();
    let vars = tape.vars_from(&at);
    let y = f(&vars);
    Outcome {
        value: y.value().to_double(),
        slope: y.backward().wrt(&vars).into_iter().map(F::to_double).collect(),
        kinks: tape.kinks().len(),
        troubles: tape.troubles().len(),
    }
}

/// From each expression, of so many arguments, its text and a function of every kind of number.
macro_rules! cases {
    ($($n:literal $arguments:tt { $($expression:expr;)+ })+) => {
        vec![$($(cases!($n, $arguments, $expression)),+),+]
    };
    ($n:literal, $arguments:tt, $expression:expr) => {{
        fn generic<T: Scalar>($arguments: [T; $n]) -> T {
            $expression
        }
        fn single($arguments: [Var<f32>; $n]) -> Var<f32> {
            #[allow(dead_code, reason = "not every expression names its type")]
            type T = Var<f32>;
            $expression
        }
        Case {
            text: stringify!($expression),
            arguments: $n,
            plain: |at| generic::<f64>(at.try_into().unwrap()),
            double: |at| record(at, |x| generic::<Var>(x.try_into().unwrap())),
            single: |at| record(at, |x| single(x.try_into().unwrap())),
        }
    }};
}

fn cases() -> Vec<Case> {
    cases! {
        0 [] {
            std::iter::empty::<T>().sum::<T>();
            std::iter::empty::<T>().product::<T>();
            T::sum_of(&[]);
            T::mean(&[]);
            T::dot::<T>(&[], &[]);
            T::norm(&[]);
            T::max_of(&[]);
            T::min_of(&[]);
            T::log_sum_exp(&[]);
        }
        1 [x] {
            x.abs();
            x.relu();
            x.leaky_relu(0.25);
            x.leaky_relu(4.0);
            x.leaky_relu(-0.25);
            x.leaky_relu(-1.0);
            x.clamp(0.0, 2.0);
            x.clamp(2.0, 2.0);
            x.clamp(0.0, 1e30);
            x.max(0.0);
            x.max(2.0);
            x.min(2.0);
            x.max(x);
            x.max(-x);
            -x.min(-x);
            x.relu() + (-x).relu();
            x.hypot(0.0);
            T::norm(&[x]);
            T::sum_of(&[x]);
            T::max_of(&[x, -x]);
            absolute().at(x, 0.0);
            quantile(0.5).at(x, 0.0) * 2.0;
            insensitive(0.0).at(x, 0.0);
            huber(0.125).at(x, 0.0) / 0.125;
            huber(0.0009765625).at(x, 0.0) / 0.0009765625;
            T::select(x.above(0.0), x, -x);
            if x > 0.0 { x } else { -x };
            x.copysign(1.0);
            x.powi(2).sqrt();
            x.relu() - (-x).relu();
            x.relu() * 2.0 - x.abs();
            x.signum();
            x.floor();
            x.ceil();
            x.round();
            x.trunc();
            x.fract();
            x.powf(0.5);
            x.powf(0.0);
            x.powi(2);
            x.powi(1);
            x.powi(0);
            x.powi(-1);
            x.powi(-2);
            x.sqrt();
            x.cbrt();
            x.ln();
            x.log2();
            x.log10();
            x.ln_1p();
            x.asin();
            x.acos();
            x.acosh();
            x.atanh();
            x.recip();
            x / 0.0;
            x.ln_gamma();
            x.digamma();
            x.sinc();
            x.exp();
            x.exp_m1();
            x.ln().abs();
            x.atan();
            x.tanh();
            x.sigmoid();
            x.softplus();
            x.log_sigmoid();
            x.erf();
            x.sin();
            x.sqrt() * 0.0;
            x.sqrt() * x;
            (-x.sqrt() - 1.0).relu();
            (x.sqrt() + 7.0).clamp(0.0, 1.0);
            (x.sqrt() + 0.5).floor();
            (x.ln()).max(2.0);
            T::select(x.above(0.0), x.sqrt(), T::from(0.0));
            T::select(x.above(0.0), x.ln(), x);
            T::select(x.below(0.0), x, x.ln());
        }
        2 [a, b] {
            a.max(b);
            T::dot(&[a, b], &[T::from(1.0); 2]);
            a.min(b);
            T::max_of(&[a, b, T::from(2.0)]);
            T::max_of(&[a, b]);
            T::norm(&[a, b]);
            a.hypot(b);
            a.atan2(b);
            absolute().at(a, b);
            a.max(a.min(b));
            a % b;
            a / b;
            a.rem_euclid(b);
            a.copysign(b);
            a.powf(b);
            a.log(b);
            a.xlogy(b);
            a.log_add_exp(b);
            (a * a + b * b).sqrt();
        }
        3 [a, b, c] {
            T::max_of(&[a, b, c]);
            T::min_of(&[a, b, c]);
            T::norm(&[a, b, c]);
            a.max(b).max(c);
        }
    }
}

/// A row of the page.
#[derive(Debug)]
struct Row {
    section: &'static str,
    expression: &'static str,
    at: Vec<&'static str>,
    value: &'static str,
    slope: Vec<&'static str>,
    /// The cell of the points, and what is said of other engines.
    point: &'static str,
    elsewhere: &'static str,
}

/// A cell as a list: `2`, `(2, 3)`, or `none`.
fn list(cell: &'static str) -> Vec<&'static str> {
    match cell {
        "none" => Vec::new(),
        _ => cell.trim_matches(['(', ')']).split(", ").collect(),
    }
}

/// The rows of all tables, each of which must have the four columns that are checked.
fn rows() -> Vec<Row> {
    let (mut section, mut in_table, mut rows) = ("", false, Vec::new());
    for line in PAGE.lines() {
        if let Some(title) = line.strip_prefix("# ") {
            section = title;
        }
        let table = line.starts_with('|');
        if table && !in_table {
            assert!(line.starts_with("| expression | at | value | slope |"), "{line}");
        } else if table && !line.starts_with("| --- |") {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            rows.push(Row {
                section,
                expression: cells[0].trim_matches('`'),
                at: list(cells[1]),
                value: cells[2],
                slope: list(cells[3]),
                point: cells[1],
                elsewhere: cells.get(4).copied().unwrap_or_default(),
            });
        }
        in_table = table;
    }
    rows
}

/// The numbers that a cell stands for; `tiny` is the least subnormal one.
fn numbers(cell: &str, tiny: f64) -> Vec<f64> {
    if let Some(rest) = cell.strip_prefix('-') {
        return numbers(rest, tiny).into_iter().map(|x| -x).collect();
    }
    vec![match cell {
        "±0" => return vec![0.0, -0.0],
        "∞" => f64::INFINITY,
        "tiny" => tiny,
        "π" => PI,
        "π/2" => FRAC_PI_2,
        "ln 2" => LN_2,
        "½" => 0.5,
        "⅓" => 1.0 / 3.0,
        "¼" => 0.25,
        "¾" => 0.75,
        _ => cell.parse().unwrap_or_else(|_| panic!("`{cell}` is not a number")),
    }]
}

/// Whether a result is what the cell says: to the bit for conventions; where a number has digits
/// behind it, to `accuracy`. The zeros differ in sign; of a slope the sign of zero does not count.
fn is(got: f64, cell: &str, tiny: f64, accuracy: f64, signed: bool) -> bool {
    numbers(cell, tiny).into_iter().any(|want| {
        if want.is_nan() {
            got.is_nan()
        } else if want == 0.0 {
            got == 0.0 && (!signed || got.is_sign_negative() == want.is_sign_negative())
        } else {
            got == want || (got - want).abs() <= accuracy * want.abs()
        }
    })
}

/// The least subnormal number and the accuracy of a precision.
const DOUBLE: (f64, f64) = (f64::from_bits(1), f64::EPSILON);
const SINGLE: (f64, f64) = (f32::from_bits(1) as f64, f32::EPSILON as f64);

fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

fn find<'a>(cases: &'a [Case], expression: &str) -> &'a Case {
    cases
        .iter()
        .find(|case| bare(case.text) == bare(expression))
        .unwrap_or_else(|| panic!("no test runs `{expression}`"))
}

/// The argument lists that a row stands for.
fn points(at: &[&str], tiny: f64) -> Vec<Vec<f64>> {
    at.iter().fold(vec![Vec::new()], |points, cell| {
        let extended = |x: f64| points.iter().map(move |p| [p.as_slice(), &[x]].concat());
        numbers(cell, tiny).into_iter().flat_map(extended).collect()
    })
}

#[test]
fn every_row_holds_as_plain_numbers_and_on_both_tapes() {
    let cases = cases();
    let mut failures = Vec::new();
    for row in rows() {
        let case = find(&cases, row.expression);
        assert_eq!(row.at.len(), case.arguments, "{row:?}");
        assert_eq!(row.slope.len(), case.arguments, "{row:?}");
        for at in points(&row.at, DOUBLE.0) {
            let value = (case.plain)(&at);
            if !is(value, row.value, DOUBLE.0, DOUBLE.1, true) {
                failures.push(format!("plain {row:?}: {value:?}"));
            }
        }
        for ((tiny, accuracy), run) in [(DOUBLE, case.double), (SINGLE, case.single)] {
            for at in points(&row.at, tiny) {
                let Outcome { value, slope, .. } = run(&at);
                let agrees = is(value, row.value, tiny, accuracy, true)
                    && (slope.iter().zip(&row.slope))
                        .all(|(&got, want)| is(got, want, tiny, accuracy, false));
                if !agrees {
                    failures.push(format!("{tiny:e} {row:?}: {value:?}, {slope:?}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn kinks_are_reported_in_the_sections_that_say_so_and_nowhere_else() {
    let cases = cases();
    // Of these sections not all rows are at a kink; the words tell which are, or are not.
    let cornered = ["x.abs", "absolute", "relu", "max", "clamp", "norm", "atan2", "select"];
    let smooth = ["huber", "if", "x.powi(2).sqrt"];
    for row in rows() {
        let has = |words: &[&str]| words.iter().any(|word| row.expression.contains(word));
        let expected = !row.at.iter().any(|at| at.contains("tiny"))
            && match row.section {
                "Kinks" | "What a convention cannot do" => true,
                "Equal functions" => !has(&smooth),
                "Where other engines answer otherwise" => has(&cornered),
                "A slope of 0 passes nothing on" => has(&["select"]) && row.at == ["0"],
                _ => false,
            };
        let kinks = (find(&cases, row.expression).double)(&points(&row.at, DOUBLE.0)[0]).kinks;
        assert_eq!(kinks > 0, expected, "{row:?}: {kinks}");
    }
}

#[test]
fn every_slope_that_is_not_finite_is_traced_unless_an_operand_was_not_finite() {
    let cases = cases();
    for row in rows() {
        for at in points(&row.at, DOUBLE.0) {
            let Outcome { value, slope, troubles, .. } = (find(&cases, row.expression).double)(&at);
            let finite = |x: &f64| x.is_finite();
            if at.iter().all(finite) && !at.is_empty() {
                let steep = !(finite(&value) && slope.iter().all(finite));
                assert!(!steep || troubles > 0, "{row:?}");
            } else {
                assert_eq!(troubles, 0, "{row:?}");
            }
        }
    }
}

#[test]
fn what_is_said_of_other_engines_is_what_they_answered() {
    let table = answers();
    let mut count = 0;
    for row in rows() {
        for claim in claims(row.elsewhere) {
            assert!(claim.holds(&table, row.expression, row.point), "{row:?}");
            count += 1;
        }
    }
    assert!(count > 35, "{count}");
}

#[test]
fn every_case_is_a_row_and_every_row_a_case() {
    let of_cases: BTreeSet<String> = cases().iter().map(|case| bare(case.text)).collect();
    let of_rows: BTreeSet<String> = rows().iter().map(|row| bare(row.expression)).collect();
    assert_eq!(of_cases, of_rows);
    assert_eq!(of_cases.len(), cases().len(), "a case is written twice");
    let lines = PAGE.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows().len(), lines);
    assert!(lines > 150, "{lines}");
}

#[test]
fn the_spellings_of_the_absolute_value_agree_everywhere_else_too() {
    let cases = cases();
    let rows = rows();
    let spellings = rows.iter().filter(|row| row.section == "Equal functions");
    for row in spellings.filter(|row| !row.expression.contains("huber")) {
        for x in [-1e150, -3.0, -0.1, -1e-150, 1e-150, 0.7, 2.0, 1e150] {
            let Outcome { value, slope, kinks, .. } = (find(&cases, row.expression).double)(&[x]);
            assert!((value / x.abs() - 1.0).abs() <= 1e-15, "{row:?} at {x}: {value}");
            assert!((slope[0] / x.signum() - 1.0).abs() <= 1e-15, "{row:?} at {x}: {slope:?}");
            assert_eq!(kinks, 0, "{row:?} at {x}");
        }
    }
}

#[test]
fn comparisons_go_by_value_and_are_not_recorded() {
    let (tape, other) = (Tape::new(), Tape::new());
    let [a, b, nan] = tape.vars([2.0, 0.0, f64::NAN]);
    let statements = tape.stats().statement_count;
    assert!(a == other.var(2.0) && a == 2.0 && a * 1.0 == a);
    assert!(b == Var::from(-0.0) && b == -0.0);
    assert!(nan != nan && nan.partial_cmp(&a).is_none());
    assert!(b < a && a > 1.0);
    assert_eq!(tape.stats().statement_count, statements);
}

#[test]
fn plain_numbers_and_variables_sum_to_the_same_bits() {
    let xs: Vec<f64> = (1..1000).map(|i| (f64::from(i) * 0.7).sin() / f64::from(i)).collect();
    let tape = Tape::new();
    let vars = tape.vars_from(&xs);
    let pairs = [
        (f64::sum_of(&xs), Var::sum_of(&vars)),
        (f64::mean(&xs), Var::mean(&vars)),
        (f64::dot(&xs, &xs), Var::dot(&vars, &vars)),
        (f64::dot(&xs, &xs), Var::dot(&vars, &xs)),
        (xs.iter().sum(), vars.iter().sum()),
        (xs.iter().product(), vars.iter().product()),
    ];
    for (i, (plain, recorded)) in pairs.into_iter().enumerate() {
        assert_eq!(plain.to_bits(), recorded.value().to_bits(), "pair {i}");
    }
}
