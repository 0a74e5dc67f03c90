//! The gradient checker tells right from wrong, and kinks from both.

mod peaks;
mod rounded;
mod second;

use approx::assert_relative_eq;
use wengert::check::{self, CheckError, Report, Verdict};
use wengert::{Scalar, Tape, Var, gradient};

fn verdicts(report: &Report) -> Vec<Verdict> {
    report.components().iter().map(|c| c.verdict).collect()
}

fn smooth<T: Scalar>(x: &[T]) -> T {
    (x[0] * x[1]).sin() + x[2].exp() / x[0] - (x[1] * x[1] + 1.0).ln()
}

fn smooth_by_hand(x: &[f64]) -> Vec<f64> {
    let c = (x[0] * x[1]).cos();
    vec![
        x[1] * c - x[2].exp() / (x[0] * x[0]),
        x[0] * c - 2.0 * x[1] / (x[1] * x[1] + 1.0),
        x[2].exp() / x[0],
    ]
}

/// `x²` whose partial is off by the given factor.
fn square(x: Var, factor: f64) -> Var {
    Var::custom("square", [x], |[x]| (x * x, [2.0 * x * factor]))
}

#[test]
fn a_right_gradient_agrees_with_every_reference() {
    let x = [0.7, -1.3, 0.2];
    let reports = [
        check::differences(|x: &[Var]| smooth(x), &x),
        check::closed_form(|x: &[Var]| smooth(x), &x, &smooth_by_hand(&x)).unwrap(),
        check::engine(|x: &[Var]| smooth(x), &x, smooth_by_hand).unwrap(),
    ];
    for report in reports {
        assert_eq!(report.verdict(), Verdict::Agrees, "{report}");
        assert!(report.is_ok() && report.kinks().is_empty());
        assert_eq!(report.value(), smooth(&x));
        assert_eq!(report.components().len(), 3);
    }
}

#[test]
fn single_precision_is_checked_within_its_own_precision() {
    let x = [0.7f32, -1.3];
    let f = |x: &[Var<f32>]| (x[0] * x[1]).sin() + x[0].exp();
    let report = check::differences(f, &x);
    assert!(report.is_ok(), "{report}");
    let c = (x[0] * x[1]).cos();
    let report = check::closed_form(f, &x, &[x[1] * c + x[0].exp(), x[0] * c]).unwrap();
    assert!(report.is_ok(), "{report}");
}

#[test]
fn the_reported_slope_and_reference_are_those_compared() {
    let report = check::differences(|x: &[Var]| x[0].exp(), &[1.0]);
    let component = report.components()[0];
    assert_relative_eq!(component.tape, 1f64.exp(), max_relative = 1e-15);
    assert!((component.reference - 1f64.exp()).abs() <= component.error);
    assert!(component.error < 1e-8, "{report}");
}

#[test]
fn a_user_operation_with_a_wrong_partial_is_wrong() {
    for factor in [-1.0, 0.0, 0.5, 1.0 + 1e-6, f64::NAN, f64::INFINITY] {
        let f = |x: &[Var]| square(x[0], factor) * x[1] + x[2].sin();
        let x = [1.5, 2.0, 3.0];
        let report = check::differences(f, &x);
        assert_eq!(verdicts(&report)[0], Verdict::Wrong, "factor {factor}\n{report}");
        assert_eq!(verdicts(&report)[1..], [Verdict::Agrees; 2], "factor {factor}\n{report}");
        assert!(!report.is_ok());
        let report = check::closed_form(f, &x, &[6.0, 2.25, 3f64.cos()]).unwrap();
        assert_eq!(verdicts(&report)[0], Verdict::Wrong, "factor {factor}\n{report}");
    }
    let report = check::differences(|x: &[Var]| square(x[0], 1.0), &[1.5]);
    assert_eq!(report.verdict(), Verdict::Agrees, "{report}");
}

#[test]
fn a_closed_form_that_is_wrong_is_found_to_a_part_in_a_thousand_million() {
    let mut by_hand = smooth_by_hand(&[0.7, -1.3, 0.2]);
    by_hand[1] *= 1.0 + 1e-9;
    let report = check::closed_form(|x: &[Var]| smooth(x), &[0.7, -1.3, 0.2], &by_hand).unwrap();
    assert_eq!(verdicts(&report), [Verdict::Agrees, Verdict::Wrong, Verdict::Agrees], "{report}");
}

#[test]
fn a_stationary_point_agrees() {
    for x in [[0.0, 0.0], [0.0, 5.0]] {
        let report = check::differences(|x: &[Var]| x[0] * x[0] + (x[1] - x[1]), &x);
        assert_eq!(report.verdict(), Verdict::Agrees, "{report}");
    }
    let flat = check::differences(|x: &[Var]| x[0].tanh(), &[19.0]);
    assert_eq!(flat.verdict(), Verdict::Agrees, "{flat}");
    let constant = check::differences(|_: &[Var]| Var::from(3.0), &[1.0, 2.0]);
    assert_eq!(constant.verdict(), Verdict::Agrees, "{constant}");
}

#[test]
fn small_and_great_arguments_agree() {
    for x in [1e-9, 1e-3, 1e3, 1e12] {
        for (name, f) in
            [("ln", Var::ln as fn(Var) -> Var), ("recip", Var::recip), ("sqrt", Var::sqrt)]
        {
            let report = check::differences(|v: &[Var]| f(v[0]), &[x]);
            assert_eq!(report.verdict(), Verdict::Agrees, "{name} at {x}\n{report}");
        }
    }
}

#[test]
fn a_kink_is_reported_with_the_slopes_of_its_sides_and_what_met_it() {
    let report = check::differences(|x: &[Var]| x[0].abs() * 3.0 + x[1], &[0.0, 1.0]);
    assert_eq!(verdicts(&report), [Verdict::Kink, Verdict::Agrees], "{report}");
    assert!(report.is_ok());
    assert_eq!(report.kinks().len(), 1);
    let sides = report.components()[0].sides.unwrap();
    assert_relative_eq!(sides.left, -3.0, max_relative = 1e-6);
    assert_relative_eq!(sides.right, 3.0, max_relative = 1e-6);
}

#[test]
fn a_kink_too_close_to_tell_apart_is_a_kink_that_was_not_met() {
    let report = check::differences(|x: &[Var]| (x[0] - 1.0).abs(), &[1.0 + 4.0 * f64::EPSILON]);
    assert_eq!(report.verdict(), Verdict::Kink, "{report}");
    assert!(report.kinks().is_empty());
    assert!(report.components()[0].reason.is_some());
}

#[test]
fn a_kink_at_a_distance_does_not_matter() {
    for distance in [1e-6, 1e-4, 0.01, 0.1, 1.0] {
        let f = |x: &[Var]| (x[0] - 1.0).abs() + x[0].max(1.0) * 2.0;
        let report = check::differences(f, &[1.0 + distance]);
        assert_eq!(report.verdict(), Verdict::Agrees, "{distance}\n{report}");
        let report = check::differences(f, &[1.0 - distance]);
        assert_eq!(report.verdict(), Verdict::Agrees, "{distance}\n{report}");
    }
}

#[test]
fn a_slope_outside_the_two_sides_of_a_kink_is_wrong() {
    let kink = |slope: f64| move |x: &[Var]| Var::custom("bent", [x[0]], |[x]| (x.abs(), [slope]));
    for slope in [-1.0, -0.3, 0.0, 1.0] {
        let report = check::differences(kink(slope), &[0.0]);
        assert_eq!(report.verdict(), Verdict::Kink, "{report}");
    }
    for slope in [-1.01, 1.01, 40.0] {
        let report = check::differences(kink(slope), &[0.0]);
        assert_eq!(report.verdict(), Verdict::Wrong, "{report}");
    }
}

#[test]
fn at_a_kink_two_conventions_may_differ_within_the_sides_only() {
    let f = |x: &[Var]| x[0].relu() + x[1];
    for convention in [0.0, 0.5, 1.0] {
        let report = check::closed_form(f, &[0.0, 1.0], &[convention, 1.0]).unwrap();
        assert_eq!(verdicts(&report), [Verdict::Kink, Verdict::Agrees], "{report}");
    }
    let report = check::closed_form(f, &[0.0, 1.0], &[-0.5, 1.0]).unwrap();
    assert_eq!(verdicts(&report), [Verdict::Wrong, Verdict::Agrees], "{report}");
    // Beside the kink there is one right slope.
    let report = check::closed_form(f, &[0.5, 1.0], &[0.5, 1.0]).unwrap();
    assert_eq!(verdicts(&report), [Verdict::Wrong, Verdict::Agrees], "{report}");
}

#[test]
fn a_kink_that_cancels_leaves_one_right_slope() {
    // The function is x; a fixed convention at each kink adds up to slope 0.
    let report = check::differences(|x: &[Var]| x[0].relu() - (-x[0]).relu(), &[0.0]);
    let [component] = report.components() else { panic!("one variable") };
    assert_relative_eq!(component.reference, 1.0, max_relative = 1e-9);
    let right = (component.tape - 1.0).abs() < 1e-9;
    assert_eq!(report.is_ok(), right, "{report}");
    assert_eq!(report.kinks().len(), 2);
}

#[test]
fn what_is_not_finite_is_inconclusive_or_wrong_with_a_reason_and_never_a_panic() {
    type Case = (fn(Var) -> Var, f64, Verdict);
    let cases: [Case; 7] = [
        (|x| x.sqrt(), 0.0, Verdict::Inconclusive), // a true infinite slope
        (|x| x.ln(), 0.0, Verdict::Inconclusive),
        (|x| x.ln(), -1.0, Verdict::Inconclusive),
        (|x| x * f64::NAN, 1.0, Verdict::Inconclusive),
        (|x| x.exp(), 1e4, Verdict::Inconclusive),
        (|x| x.floor(), 2.0, Verdict::Inconclusive), // a jump
        (|x| Var::custom("lost", [x], |[x]| (x, [f64::NAN])), 2.0, Verdict::Wrong),
    ];
    for (i, (f, x, expected)) in cases.into_iter().enumerate() {
        let report = check::differences(|v: &[Var]| f(v[0]), &[x]);
        assert_eq!(report.verdict(), expected, "case {i}\n{report}");
        assert!(report.components()[0].reason.is_some(), "case {i}\n{report}");
        assert!(!report.is_ok());
    }
    for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let report = check::differences(|v: &[Var]| v[0].sin() + v[1], &[x, 1.0]);
        assert_eq!(report.verdict(), Verdict::Inconclusive, "{report}");
        let report = check::closed_form(|v: &[Var]| v[0] * v[0], &[x], &[1.0]).unwrap();
        assert!(!report.is_ok(), "{report}");
    }
}

#[test]
fn at_the_edge_of_a_domain_the_side_inside_counts() {
    let report = check::differences(|x: &[Var]| x[0].sqrt() * x[0], &[0.0]);
    assert_ne!(report.verdict(), Verdict::Wrong, "{report}");
    let report = check::differences(|x: &[Var]| x[0].acosh() * x[0].acosh(), &[1.0]);
    // 2 acosh x / sqrt(x² - 1) is 0/0 there: the tape's NaN is seen.
    assert!(!report.is_ok(), "{report}");
}

#[test]
fn a_wrong_length_is_a_typed_error_with_both_numbers() {
    let f = |x: &[Var]| x[0];
    let error = check::closed_form(f, &[1.0, 2.0], &[1.0]).unwrap_err();
    assert_eq!(error, CheckError::Length { expected: 2, found: 1 });
    assert_eq!(error.to_string(), "the reference has 1 slopes for 2 variables");
    let error = check::engine(f, &[1.0], |_| vec![1.0, 0.0, 0.0]).unwrap_err();
    assert_eq!(error, CheckError::Length { expected: 1, found: 3 });
}

#[test]
fn a_function_of_no_variables_agrees() {
    let report = check::differences(|_: &[Var]| Var::from(1.0), &[]);
    assert_eq!(report.verdict(), Verdict::Agrees);
}

#[test]
fn the_report_prints_as_a_table() {
    let report = check::differences(|x: &[Var]| x[0].abs() + x[1].sqrt(), &[0.0, 4.0]);
    let table = report.to_string();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "kink: 2 slopes of a function of value 2, by differences");
    assert_eq!(
        lines[1].split_whitespace().collect::<Vec<_>>(),
        ["variable", "tape", "reference", "may", "differ", "verdict"]
    );
    assert!(lines[2].contains("-1 .. 1") && lines[2].ends_with("kink"), "{table}");
    assert!(lines[3].contains("0.25") && lines[3].ends_with("agrees"), "{table}");
    assert!(lines[4].starts_with("kinks met: abs at [0.0], tests/check/main.rs:"), "{table}");
    assert_eq!(lines.len(), 5);
}

#[test]
fn verdicts_are_ordered_from_best_to_worst() {
    let order = [Verdict::Agrees, Verdict::Kink, Verdict::Inconclusive, Verdict::Wrong];
    assert!(order.is_sorted());
    assert_eq!(order.map(|v| v.to_string()), ["agrees", "kink", "inconclusive", "wrong"]);
}

#[test]
fn timing_first_asserts_that_both_gradients_are_the_same() {
    let x = [1.0, 2.0, 3.0];
    let tape = Tape::new();
    let by_tape = |out: &mut [f64]| {
        tape.clear();
        let v = tape.vars(x);
        Var::norm(&v).backward().write_wrt(&v, out);
    };
    let norm = x.iter().map(|x| x * x).sum::<f64>().sqrt();
    let by_hand = |out: &mut [f64]| out.iter_mut().zip(x).for_each(|(out, x)| *out = x / norm);
    let wrong = |out: &mut [f64]| out.copy_from_slice(&[1.0 / norm, 2.1 / norm, 3.0 / norm]);
    let timing = check::time(3, by_tape, by_hand, 1e-14).unwrap();
    assert!(timing.gradient > 0.0 && timing.analytic > 0.0);
    let ratio = timing.gradient / timing.analytic;
    assert_eq!(timing.ratio(), ratio);
    assert!(timing.to_string().contains(&format!("ratio {ratio:.2}")), "{timing}");
    match check::time(3, by_tape, wrong, 1e-14) {
        Err(CheckError::Differ { index: 1, expected, .. }) => assert_eq!(expected, 2.1 / norm),
        other => panic!("{other:?}"),
    }
    let lost = |out: &mut [f64]| out.fill(f64::NAN);
    assert!(matches!(check::time(1, lost, lost, 1.0), Err(CheckError::Differ { .. })));
}

#[test]
fn the_longer_of_two_gradients_has_the_longer_median() {
    let x: Vec<f64> = (0..2000).map(|i| f64::from(i) / 1000.0).collect();
    let analytic = |out: &mut [f64]| {
        for (out, x) in out.iter_mut().zip(&x) {
            *out = x.cos();
        }
    };
    let wasteful = |out: &mut [f64]| {
        for _ in 0..20 {
            for (out, x) in out.iter_mut().zip(&x) {
                *out = std::hint::black_box(*x).cos();
            }
        }
    };
    assert!(check::time(2000, wasteful, analytic, 0.0).unwrap().ratio() > 3.0);
}

#[test]
fn checking_leaves_the_functions_gradient_as_it_is() {
    let x = [0.7, -1.3, 0.2];
    let (_, slope) = gradient(|x: &[Var]| smooth(x), &x);
    let report = check::differences(|x: &[Var]| smooth(x), &x);
    let tape: Vec<f64> = report.components().iter().map(|c| c.tape).collect();
    assert_eq!(tape, slope);
}

#[test]
fn where_many_kinks_lie_closer_than_steps_nothing_right_is_called_wrong() {
    let points: Vec<(f64, f64)> = (0..100).map(f64::from).map(|x| (x, 100.0 * x - x * x)).collect();
    let loss = |p: &[Var]| {
        let errors = points.iter().map(|&(x, y)| (p[0] * x * x + p[1] * x - y).abs());
        errors.sum::<Var>() / 100.0
    };
    let mut told = 0;
    for exponent in 0..160 {
        let off = 10f64.powf(-f64::from(exponent) / 10.0);
        for [a, b] in [[off, -37.0 * off], [off, 0.3 * off], [-off, 81.5 * off], [0.0, off]] {
            let report = check::differences(loss, &[a - 1.0, b + 100.0]);
            assert!(!verdicts(&report).contains(&Verdict::Wrong), "{off:e}: {report}");
            told += verdicts(&report).iter().filter(|v| **v == Verdict::Agrees).count();
        }
    }
    assert!(told > 650, "{told}");
    // A wrong slope among them is still seen where the kinks leave it no excuse.
    let twice = |p: &[Var]| loss(p) + Var::custom("wrong", [p[1]], |[x]| (x, [2e3]));
    for off in [1e-2, 1e-6, 1e-10] {
        let report = check::differences(twice, &[off - 1.0, 100.0 - 37.0 * off]);
        assert_eq!(report.components()[1].verdict, Verdict::Wrong, "{off:e}: {report}");
    }
}
