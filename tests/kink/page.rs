//! The page of kinks holds, row by row.

use super::conventions::answers::{numbers, same};
use std::collections::BTreeSet;
use wengert::loss::{AbsoluteError, EpsilonInsensitive, Hinge, Huber, Loss, Quantile};
use wengert::{Rule, Scalar, Tape, Var};

const PAGE: &str = include_str!("../../src/kink/kinks.md");

fn absolute() -> AbsoluteError {
    AbsoluteError
}

fn hinge() -> Hinge {
    Hinge
}

fn quantile(level: f64) -> Quantile {
    Quantile::new(level).expect("a level")
}

fn insensitive(epsilon: f64) -> EpsilonInsensitive {
    EpsilonInsensitive::new(epsilon).expect("a width")
}

fn huber(width: f64) -> Huber {
    Huber::new(width).expect("a width")
}

/// An expression of the page.
pub(super) struct Case {
    text: &'static str,
    plain: fn(&[f64]) -> f64,
    taped: fn(&[Var]) -> Var,
}

macro_rules! cases {
    ($($n:literal $arguments:tt { $($expression:expr;)+ })+) => {
        vec![$($(cases!($n, $arguments, $expression)),+),+]
    };
    ($n:literal, $arguments:tt, $expression:expr) => {{
        fn generic<T: Scalar>(x: &[T]) -> T {
            let $arguments: [T; $n] = x.try_into().expect("as many arguments");
            $expression
        }
        Case { text: stringify!($expression), plain: generic, taped: generic }
    }};
}

pub(super) fn cases() -> Vec<Case> {
    cases! {
        1 [x] {
            x.abs();
            -x.abs();
            x.relu();
            (-x).relu();
            x.leaky_relu(0.25);
            x.leaky_relu(-1.0);
            x.clamp(0.0, 2.0);
            x.clamp(2.0, 2.0);
            x.max(0.0).min(2.0);
            x.max(2.0);
            x.min(2.0);
            x.elu(2.0);
            x.selu();
            x.hard_tanh();
            x.relu6();
            x.hard_sigmoid();
            x.hard_swish();
            x.hypot(0.0);
            x.max(-x);
            (-x).max(x);
            -x.min(-x);
            x.relu() + (-x).relu();
            T::norm(&[x]);
            T::max_of(&[x, -x]);
            T::max_of(&[T::from(2.0), x, T::from(2.0)]);
            T::max_of(&[T::from(2.0), T::from(2.0), x]);
            T::select(x.above(2.0), x * 3.0 - 4.0, x);
            T::select(x.above(0.0), x, -x);
            T::select(x.below(0.0), -x, x);
            T::custom_pieces("elu", x, 0.0, |x| (x.exp_m1() * 2.0, x.exp() * 2.0), |x| (x, 1.0));
            T::custom_pieces("abs", x, 0.0, |x| (-x, -1.0), |x| (x, 1.0));
            absolute().at(x, 0.0);
            quantile(0.5).at(x, 0.0) * 2.0;
            insensitive(0.0).at(x, 0.0);
            hinge().at(x, 1.0);
            hinge().at(x, -1.0);
            quantile(0.3).at(x, 0.0);
            insensitive(1.0).at(x, 0.0);
            huber(1.0).at(x, 0.0);
            x.powi(2).sqrt();
            (x * x).powf(0.5);
            huber(0.5).at(x, 0.0) * 2.0;
            huber(0.0009765625).at(x, 0.0) * 1024.0;
            T::hypot(x - 1.0, 0.0);
            T::select(x.above(0.0), x.sqrt(), T::from(0.0));
            x.min(0.0) - (-x.abs()).exp().ln_1p();
            x.relu() - (-x).relu();
            x.relu() * 2.0 - x.abs();
            x.abs() - (-x).abs();
            x.abs() - x.max(0.0) * 2.0;
            x.clamp(0.0, 1.0) + x.clamp(1.0, 2.0);
            x.max(0.0) - x * 0.5 + (-x.abs()).exp().ln_1p();
            x.abs() * x.abs();
        }
        2 [a, b] {
            (a - b).abs();
            absolute().at(a, b);
            T::norm(&[a, b]).powi(2);
            a.hypot(b).powi(2);
            (T::norm(&[a, b]) - 1.0).relu();
            (a.hypot(b) - 1.0).relu();
            a.max(b);
            a.min(b);
            a.hypot(b);
            a.atan2(b);
            T::norm(&[a, b]);
            T::max_of(&[a, b, T::from(2.0)]);
            T::max_of(&[a, b, T::from(2.0), T::from(1.0), T::from(2.0)]);
            T::select(a.below(b), a, b);
            a.max(b) + a.min(b);
            a.max(a.min(b));
        }
        3 [a, b, c] {
            T::max_of(&[a, b, c]);
            T::min_of(&[a, b, c]);
        }
    }
}

/// A row of a table about slopes: its section, expression and cells by the table's header.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) section: &'static str,
    pub(super) expression: String,
    pub(super) at: String,
    pub(super) cells: Vec<(&'static str, Vec<f64>)>,
    /// What is said of other engines.
    pub(super) elsewhere: String,
}

impl Row {
    pub(super) fn cell(&self, header: &str) -> &[f64] {
        let cell = self.cells.iter().find(|(name, _)| *name == header);
        &cell.unwrap_or_else(|| panic!("{self:?} has no {header}")).1
    }
}

/// The cells of a line; `\|` is no border.
fn split(line: &str) -> Vec<String> {
    let line = line.replace("\\|", "\u{1}");
    let cells = line.trim().trim_matches('|').split('|');
    cells.map(|cell| cell.trim().replace('\u{1}', "|")).collect()
}

pub(super) fn rows() -> Vec<Row> {
    let (mut section, mut header, mut rows) = ("", Vec::new(), Vec::new());
    for line in PAGE.lines() {
        if let Some(title) = line.strip_prefix("# ") {
            section = title;
        } else if line.starts_with("| expression") {
            header = line.trim_matches('|').split('|').map(str::trim).collect();
        } else if line.starts_with("| `") {
            let cells = split(line);
            assert_eq!(cells.len(), header.len(), "{line}");
            let expression = cells[0].trim_matches('`').to_owned();
            let (at, mut elsewhere) = (cells[1].clone(), String::new());
            let mut slopes = Vec::new();
            for (&name, cell) in header.iter().zip(cells).skip(1) {
                match name {
                    "elsewhere" => elsewhere = cell,
                    _ => slopes.push((name, numbers(&cell))),
                }
            }
            rows.push(Row { section, expression, at, cells: slopes, elsewhere });
        }
    }
    rows
}

fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

pub(super) fn find<'a>(cases: &'a [Case], row: &Row) -> &'a Case {
    let fits = |case: &&Case| bare(case.text) == bare(&row.expression);
    cases.iter().find(fits).unwrap_or_else(|| panic!("no test runs {row:?}"))
}

/// The slope of a row's expression under a rule.
pub(super) fn slope(case: &Case, at: &[f64], rule: &str) -> Vec<f64> {
    let tape = Tape::new();
    let x = tape.vars_from(at);
    let y = (case.taped)(&x);
    assert_eq!(y.value(), (case.plain)(at));
    let sign = if rule == "along -" { -1.0 } else { 1.0 };
    let direction: Vec<f64> = (0..at.len()).rev().map(|i| sign * (i + 1) as f64).collect();
    let rule = match rule {
        "default" => Rule::Default,
        "left" => Rule::Left,
        "right" => Rule::Right,
        "first" => Rule::First,
        "PyTorch" => Rule::PyTorch,
        "PyTorch 2.13" => Rule::PyTorch2_13,
        "JAX" => Rule::Jax,
        "JAX 0.11" => Rule::Jax0_11,
        "CasADi" => Rule::CasADi,
        "directional" => Rule::Directional,
        "along +" | "along -" => Rule::Along(&x, &direction),
        _ => panic!("no rule {rule}"),
    };
    y.backward_with(rule).expect("a direction").wrt(&x)
}

#[test]
fn every_cell_of_the_page_is_what_comes_out() {
    let cases = cases();
    let mut failures = Vec::new();
    for row in rows() {
        let case = find(&cases, &row);
        for (rule, want) in row.cells.iter().filter(|(name, _)| !["at", "true"].contains(name)) {
            let got = slope(case, row.cell("at"), rule);
            if !same(&got, want) {
                failures.push(format!("{} {rule}: {got:?} {want:?}", row.expression));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(rows().len() > 40);
}

#[test]
fn every_case_is_on_the_page() {
    let of_cases: BTreeSet<String> = cases().iter().map(|case| bare(case.text)).collect();
    let of_rows: BTreeSet<String> = rows().iter().map(|row| bare(&row.expression)).collect();
    assert_eq!(of_cases, of_rows);
}

#[test]
fn equal_functions_have_equal_gradients_along_every_direction() {
    let cases = cases();
    let mut generic = BTreeSet::new();
    for row in rows().iter().filter(|row| row.section == "Equal functions") {
        let case = find(&cases, row);
        for direction in [1.0, -1.0, 0.25, -1e-9, 1e100] {
            let tape = Tape::new();
            let x = tape.var(0.0);
            let y = (case.taped)(&[x]);
            let g = y.backward_with(Rule::Along(&[x], &[direction])).expect("a direction");
            assert_eq!(g.wrt(x), direction.signum(), "{} along {direction}", row.expression);
            assert_eq!(y.jvp(&[x], &[direction]), Ok(direction.abs()), "{}", row.expression);
        }
        generic.insert(slope(case, &[0.0], "directional")[0] as i32);
        // And off the kink under every rule.
        for x in [-2.5, -1e-6, 1e-6, 3.0] {
            let rules = row.cells.iter().filter(|(name, _)| *name != "at");
            for (rule, _) in rules {
                assert_eq!(slope(case, &[x], rule), [f64::signum(x)], "{} {rule}", row.expression);
            }
        }
    }
    assert_eq!(generic.len(), 1, "one of -1 and 1, the same for all: {generic:?}");
}

#[test]
fn equal_functions_have_equal_gradients_among_variables_made_before_and_after() {
    let cases = cases();
    for sign in [1.0, -1.0] {
        let gradients: Vec<Vec<f64>> = rows()
            .iter()
            .filter(|row| row.section == "Equal functions")
            .map(|row| {
                let tape = Tape::new();
                let first = tape.var(0.0);
                let size = (find(&cases, row).taped)(&[first * sign]);
                // How many statements that took must not show in the direction of the next variable.
                let others: Vec<Var> = (0..8).map(|_| tape.var(0.0)).collect();
                let y = size + others.iter().map(|x| x.abs()).sum::<Var>();
                let g = y.backward_with(Rule::Directional).expect("no direction");
                std::iter::once(g.wrt(first)).chain(g.wrt(&others)).collect()
            })
            .collect();
        assert!(gradients.windows(2).all(|pair| pair[0] == pair[1]), "{gradients:?}");
        assert!(gradients[0].contains(&-1.0) && gradients[0].contains(&1.0));
    }
}

#[test]
fn functions_beside_them_have_no_kink_and_the_slopes_of_the_absolute_value_off_0() {
    let cases = cases();
    for row in rows().iter().filter(|row| row.section == "Functions beside them") {
        let case = find(&cases, row);
        for x in [-2.5, -0.5, 0.5, 3.0] {
            for (rule, _) in row.cells.iter().filter(|(name, _)| *name != "at") {
                assert!(same(&slope(case, &[x], rule), &[f64::signum(x)]), "{row:?} {rule} {x}");
            }
        }
        let tape = Tape::new();
        let y = (case.taped)(&[tape.var(0.0)]);
        assert!(y.backward().is_classical().expect("a live recording"), "{row:?}");
    }
}

#[test]
fn the_true_gradients_of_the_page_are_what_differences_say() {
    let cases = cases();
    for row in rows().iter().filter(|row| row.section == "Compositions") {
        let case = find(&cases, row);
        let (at, want) = (row.cell("at"), row.cell("true"));
        assert!(same(row.cell("directional"), want), "{row:?}");
        for i in 0..at.len() {
            for step in [1e-6, -1e-6] {
                let mut beside = at.to_vec();
                beside[i] += step;
                let difference = ((case.plain)(&beside) - (case.plain)(at)) / step;
                assert!((difference - want[i]).abs() < 1e-5, "{row:?}: {difference}");
            }
        }
    }
}
