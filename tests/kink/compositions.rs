//! Compositions of kinks, each at a point where conventions fail, or might.

use super::limits::{
    CLOSE, Directions, close, gradient_towards, limiting_gradients, moved, within,
};
use super::more;
use wengert::{Rule, Scalar, Tape, Var};

/// A function, as plain numbers and on a tape, and a point.
pub(crate) struct Case {
    pub(crate) text: &'static str,
    pub(crate) plain: fn(&[f64]) -> f64,
    pub(crate) taped: fn(&[Var]) -> Var,
    pub(crate) at: &'static [f64],
}

macro_rules! cases {
    ($(($x:ident) $body:expr => $at:expr;)+) => {
        vec![$({
            fn generic<T: Scalar>($x: &[T]) -> T {
                $body
            }
            Case { text: stringify!($body), plain: generic, taped: generic, at: &$at }
        }),+]
    };
}

/// A hidden layer of rectifiers and an output, by weights in a row; the same inputs for each sample.
fn network<T: Scalar>(w: &[T], inputs: &[[f64; 2]], targets: &[f64]) -> T {
    let losses = inputs.iter().zip(targets).map(|(input, &target)| {
        let hidden: Vec<T> = (0..3)
            .map(|i| (w[3 * i] * input[0] + w[3 * i + 1] * input[1] + w[3 * i + 2]).relu())
            .collect();
        (T::dot(&hidden, &w[9..12]) + w[12] - target).abs()
    });
    losses.sum()
}

fn median<T: Scalar>(a: T, b: T, c: T) -> T {
    a.max(b).min(a.min(b).max(c))
}

/// The absolute value as a select.
fn magnitude<T: Scalar>(x: T) -> T {
    T::select(x.above(0.0), x, -x)
}

/// The greatest of all by a tournament.
fn tournament<T: Scalar>(x: &[T]) -> T {
    match x {
        [only] => *only,
        _ => tournament(&x[..x.len() / 2]).max(tournament(&x[x.len() / 2..])),
    }
}

#[rustfmt::skip]
fn basic() -> Vec<Case> {
    cases! {
        // Differences of kinks that cancel.
        (x) x[0].relu() - (-x[0]).relu() => [0.0];
        (x) x[0].relu() * 2.0 - x[0].abs() => [0.0];
        (x) x[0].abs() - (-x[0]).abs() => [0.0];
        (x) x[0].abs() - x[0].max(0.0) * 2.0 => [0.0];
        (x) x[0].max(x[1]) + x[0].min(x[1]) => [2.0, 2.0];
        (x) x[0].max(x[1]) - x[1].max(x[0]) => [2.0, 2.0];
        (x) x[0].leaky_relu(0.25) + x[0].leaky_relu(-0.25) - x[0].abs() => [0.0];
        (x) x[0].clamp(0.0, 1.0) + x[0].clamp(1.0, 2.0) + x[0].clamp(-1.0, 0.0) => [0.0];
        (x) x[0].clamp(0.0, 1.0) + x[0].clamp(1.0, 2.0) => [1.0];
        (x) T::norm(&[x[0], x[1]]) - x[0].hypot(x[1]) + x[0] => [0.0, 0.0];
        (x) (x[0] - x[1]).abs() - (x[1] - x[0]).abs() + (x[0] - x[1]).relu() => [1.0, 1.0];
        (x) (x[0] * x[1]).abs() + (x[0] * -x[1]).relu() * 2.0 => [0.0, 3.0];
        // Kinks in kinks.
        (x) x[0].max(x[0].min(x[1])) => [2.0, 2.0];
        (x) x[0].min(x[0].max(x[1])) => [2.0, 2.0];
        (x) x[0].abs().abs() => [0.0];
        (x) (x[0].abs() - x[1].abs()).abs() => [0.0, 0.0];
        (x) (x[0].abs() - 1.0).abs() => [1.0];
        (x) ((x[0].abs() - x[1]).abs() - x[2]).abs() => [0.0, 0.0, 0.0];
        (x) ((x[0] + x[1]).abs() - (x[0] - x[1]).abs()).abs() => [0.0, 0.0];
        (x) x[0].relu().relu() - (-(x[0].relu())).relu() => [0.0];
        (x) (x[0].relu() - x[1].relu()).relu() => [0.0, 0.0];
        (x) x[0].max(x[1].abs()).max((x[0] + x[1]).abs()) => [0.0, 0.0];
        (x) x[0].abs().max(x[1]).min(x[2].abs().max(-x[1])) => [0.0, 0.0, 0.0];
        (x) (x[0].clamp(-1.0, 0.0) + x[1].clamp(0.0, 1.0)).abs() => [0.0, 0.0];
        (x) (x[0].leaky_relu(0.5) - x[1].leaky_relu(-2.0)).leaky_relu(0.1) => [0.0, 0.0];
        (x) (x[0].hypot(x[1]) - x[2].abs()).abs() => [0.0, 0.0, 0.0];
        (x) T::norm(&[x[0].abs(), x[1].relu(), x[0] - x[1]]) => [0.0, 0.0];
        (x) x[0].abs().hypot(x[1].abs()).max(x[0]) => [0.0, 0.0];
        (x) x[0].abs().hypot(0.0) + T::norm(&[x[0].max(-x[0])]) => [0.0];
        // Medians and ties of many.
        (x) median(x[0], x[1], x[2]) => [1.0, 1.0, 1.0];
        (x) median(x[0], x[1], x[2]) => [1.0, 1.0, 0.0];
        (x) median(x[0] * 2.0, x[1], x[0] + x[1]) => [1.0, 1.0];
        (x) T::max_of(x) => [3.0, 3.0, 3.0, 3.0, 3.0];
        (x) T::min_of(x) => [3.0, 3.0, 3.0, 3.0, 3.0];
        (x) T::max_of(x) - T::min_of(x) => [3.0, 3.0, 3.0, 3.0, 3.0];
        (x) T::max_of(x) + T::max_of(&[x[0], x[2], x[4], T::from(3.0)]) => [3.0, 2.0, 3.0, 3.0, 3.0];
        (x) T::max_of(&[x[0], x[1], T::from(2.0)]) => [2.0, 2.0];
        (x) T::min_of(&[x[0].abs(), x[1], T::from(0.0), -x[1]]) => [0.0, 0.0];
        (x) tournament(x) - x[0].max(x[1]).max(x[2]).max(x[3]).max(x[4]) => [1.0, 1.0, 1.0, 1.0, 1.0];
        (x) tournament(x) => [1.0, 1.0, 1.0, 1.0, 1.0];
        (x) T::max_of(&[x[0], x[1], x[2]]) - median(x[0], x[1], x[2]) => [0.0, 0.0, 0.0];
        (x) T::max_of(&[x[0] * x[1], x[0] + x[1], x[0] * x[0]]) => [2.0, 2.0];
        // Branches.
        (x) magnitude(x[0]) => [0.0];
        (x) magnitude(x[0]) - x[0].abs() + x[0].relu() => [0.0];
        (x) magnitude(x[0] - x[1]) + magnitude(x[1] - x[0]) => [2.0, 2.0];
        (x) magnitude(magnitude(x[0]) - magnitude(x[1])) => [0.0, 0.0];
        (x) T::select(x[0].below(x[1]), x[1] * 2.0 - x[0], x[0] * 3.0 - x[1] * 2.0) => [1.0, 1.0];
        (x) T::select(x[0].above(x[1].abs()), x[0] * x[0], x[1] * x[1]) => [1.0, -1.0];
        (x) T::select(x[0].above(0.0), T::from(0.0), x[0]) + T::select(x[0].below(0.0), T::from(0.0), x[0]) => [0.0];
        // Long sums of products, which a tape keeps as runs.
        (x) T::dot(&x[..8], &x[8..]).abs() - T::dot(&x[8..], &x[..8]).relu()
            => [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        (x) (T::norm(x) - T::max_of(x)).abs() + T::mean(x).relu() => [0.0, 0.0, 0.0, 0.0, 2.0];
        // Products, and smooth functions around and within.
        (x) x[0].abs() * x[0].abs() => [0.0];
        (x) x[0].abs() * x[1].abs() => [0.0, 2.0];
        (x) x[0].abs().exp() * x[0].relu().cos() => [0.0];
        (x) x[0].sin().abs() - x[0].tanh().relu() * 2.0 => [0.0];
        (x) -x[0].abs() + x[0].exp().ln_1p() => [0.0];
        (x) (x[0].max(0.0) - x[0]) + (-x[0].abs()).exp().ln_1p() => [0.0];
        (x) (x[0] * x[0]).abs() + (x[0] * x[1]).relu() => [0.0, 1.0];
        (x) x.iter().map(|x| x.abs()).sum::<T>() - T::norm(x) => [0.0, 0.0, 0.0];
        (x) T::dot(&[x[0].abs(), x[1].relu(), x[0]], &[x[1].abs(), x[0], x[2].relu()]) => [0.0, 1.0, 0.0];
        (x) T::log_sum_exp(&[x[0].abs(), x[1].relu(), x[0].max(x[1])]) => [0.0, 0.0];
        (x) x[0].abs() / (x[0].relu() + 1.0) => [0.0];
        (x) [1.0, 2.0, 2.0, 4.0].iter().map(|&c| (x[0] - c).abs()).sum() => [2.0];
        (x) [1.0, 2.0, 4.0].iter().map(|&c| (x[0] * c + x[1] - c).abs()).sum() => [1.0, 0.0];
        // Networks with repeated inputs.
        (x) network(x, &[[1.0, 2.0], [1.0, 2.0], [-1.0, 0.5]], &[0.0, 0.0, 0.0]) => [0.0; 13];
        (x) network(x, &[[1.0, 2.0], [1.0, 2.0]], &[1.0, -1.0])
            => [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, -1.0, 2.0, 0.0];
        (x) network(x, &[[1.0, 2.0], [2.0, 1.0]], &[3.0, 0.0])
            => [1.0, 1.0, -3.0, 0.0, 0.0, 0.0, 1.0, -1.0, 1.0, 1.0, 1.0, -1.0, 0.0];
    }
}

pub(crate) fn cases() -> Vec<Case> {
    basic().into_iter().chain(more::cases().into_iter().map(|(case, _)| case)).collect()
}

/// The gradient of a case under a rule.
fn ruled(case: &Case, rule: impl FnOnce(&[Var]) -> Vec<f64>) -> (Vec<f64>, Vec<f64>) {
    let tape = Tape::new();
    let x = tape.vars_from(case.at);
    let direction = rule(&x);
    let y = (case.taped)(&x);
    assert_eq!(y.value(), (case.plain)(case.at), "{}", case.text);
    let rule = if direction.is_empty() { Rule::Directional } else { Rule::Along(&x, &direction) };
    (y.backward_with(rule).expect("a direction").wrt(&x), direction)
}

/// Whether a gradient is a limit. The limits at the tip of a cone are a continuum, of which 400 points
/// show a part; along a given direction it is tested sharply below.
fn is_among(case: &Case, slope: &[f64], limits: &[Vec<f64>]) -> bool {
    let cone = ["hypot", "norm"].iter().any(|word| case.text.contains(word));
    let tolerance = if cone { 0.15 } else { CLOSE };
    limits.iter().any(|limit| within(tolerance, slope, limit))
}

#[test]
fn the_directional_gradient_is_a_limit_of_gradients_nearby() {
    assert!(cases().len() >= 180);
    for case in cases() {
        let (slope, _) = ruled(&case, |_| Vec::new());
        let limits = limiting_gradients(case.plain, case.at);
        let some = &limits[..limits.len().min(20)];
        assert!(is_among(&case, &slope, &limits), "{}: {slope:?} of {some:?}", case.text);
    }
}

#[test]
fn along_a_direction_it_is_the_gradient_where_that_leads() {
    let mut directions = Directions::new();
    for case in cases() {
        for _ in 0..20 {
            let (slope, direction) = ruled(&case, |x| directions.of(x.len()));
            if let Some(towards) = gradient_towards(case.plain, case.at, &direction) {
                assert!(close(&slope, &towards), "{}: {slope:?} {towards:?}", case.text);
            }
        }
    }
}

#[test]
fn the_directional_derivative_is_the_limit_of_differences() {
    let mut directions = Directions::new();
    for case in cases() {
        let tape = Tape::new();
        let x = tape.vars_from(case.at);
        let y = (case.taped)(&x);
        for i in 0..40 {
            // Axes, both ways, and random ones.
            let mut direction = directions.of(x.len());
            if i % 2 == 0 {
                direction.fill(0.0);
                direction[i / 4 % x.len()] = if i % 4 == 0 { 1.0 } else { -1.0 };
            }
            let step = 1e-7;
            let ahead = (case.plain)(&moved(case.at, &direction, step));
            let difference = (ahead - y.value()) / step;
            let along = y.jvp(&x, &direction).unwrap();
            assert!(
                close(&[along], &[difference]),
                "{} {direction:?}: {along} {difference}",
                case.text
            );
        }
    }
}

#[test]
fn every_convention_fails_on_some_of_them() {
    let wrong = |rule: Rule| {
        let fails = |case: &&Case| {
            let tape = Tape::new();
            let x = tape.vars_from(case.at);
            let slope = (case.taped)(&x).backward_with(rule).unwrap().wrt(&x);
            !is_among(case, &slope, &limiting_gradients(case.plain, case.at))
        };
        cases().iter().filter(fails).count()
    };
    let engines = [Rule::PyTorch, Rule::PyTorch2_13, Rule::Jax, Rule::Jax0_11, Rule::CasADi];
    let conventions = [Rule::Default, Rule::Left, Rule::Right, Rule::First];
    for rule in conventions.into_iter().chain(engines) {
        assert!(wrong(rule) >= 5, "{rule:?}: {}", wrong(rule));
    }
    assert_eq!(wrong(Rule::Directional), 0);
}

#[test]
fn in_single_precision_it_is_a_limit_too() {
    for (case, single) in more::cases() {
        let tape = Tape::<f32>::default();
        let at: Vec<f32> = case.at.iter().map(|&x| x as f32).collect();
        let x = tape.vars_from(&at);
        let slope = single(&x).backward_with(Rule::Directional).expect("a number").wrt(&x);
        let slope: Vec<f64> = slope.into_iter().map(f64::from).collect();
        let limits = limiting_gradients(case.plain, case.at);
        assert!(
            is_among(&case, &slope, &limits),
            "{}: {slope:?} of {:?}",
            case.text,
            &limits[..limits.len().min(20)]
        );
    }
}
