//! L-BFGS on functions whose minima are known, at kinks, and on what it must refuse.

use approx::assert_relative_eq;
use wengert::loss::mean_absolute_error;
use wengert::optim::{KinkDescent, Lbfgs, OptimError, Stopped};
use wengert::{Scalar, Var};

fn rosenbrock<S: Scalar>(x: &[S]) -> S {
    let term = |x: &[S]| (x[1] - x[0] * x[0]).powi(2) * 100.0 + (x[0] - 1.0).powi(2);
    x.windows(2).map(term).fold(S::from(0.0), |sum, term| sum + term)
}

#[test]
fn rosenbrock_s_valley_is_followed_in_any_number_of_unknowns() {
    for n in [2, 3, 10, 100] {
        let mut x = vec![-1.2; n];
        x.iter_mut().skip(1).step_by(2).for_each(|x| *x = 1.0);
        let end = Lbfgs::new().minimize(&mut x, rosenbrock).unwrap();
        assert!(end.ending().is_converged(), "{n}: {end}");
        // With four unknowns and more there is a local minimum near (-1, 1, 1, …), of about 4.
        let value = end.value();
        assert!(value < 1e-20 || (n > 3 && (3.7..4.0).contains(&value)), "{n}: {end}");
        let slope = wengert::gradient(rosenbrock, &x).1;
        assert!(slope.iter().all(|g| g.abs() < 1e-6), "{n}: {end}");
    }
}

#[test]
fn a_quadratic_of_condition_1e4_is_solved() {
    let curvature = |i: usize| 10_f64.powf(4.0 * i as f64 / 29.0);
    let mut x = vec![1.0; 30];
    let end = Lbfgs::new()
        .run(&mut x, |x, g| {
            let mut value = 0.0;
            for (i, (x, g)) in x.iter().zip(g).enumerate() {
                let off = x - i as f64;
                (*g, value) = (curvature(i) * off, value + 0.5 * curvature(i) * off * off);
            }
            Ok::<_, OptimError>(value)
        })
        .unwrap();
    assert!(end.ending().is_converged() && end.value() < 1e-12, "{end}");
    for (i, x) in x.iter().enumerate() {
        assert!((x - i as f64).abs() < 1e-5, "{i}: {x}");
    }
}

#[test]
fn known_minima_are_found() {
    type Loss = fn(&[Var]) -> Var;
    let cases: [(&str, [f64; 2], Loss, [f64; 2]); 4] = [
        ("Beale", [1.0, 1.0], beale, [3.0, 0.5]),
        ("Booth", [-5.0, 7.0], booth, [1.0, 3.0]),
        ("Himmelblau", [2.0, 3.0], himmelblau, [3.0, 2.0]),
        ("a bowl of exponentials", [8.0, -8.0], bowl, [0.0, 2_f64.ln()]),
    ];
    for (name, mut x, loss, minimum) in cases {
        let end = Lbfgs::new().minimize(&mut x, loss).unwrap();
        assert!(end.ending().is_converged(), "{name}: {end}");
        assert_relative_eq!(&x[..], &minimum[..], max_relative = 1e-6, epsilon = 1e-6);
    }
}

fn beale(x: &[Var]) -> Var {
    let (x, y) = (x[0], x[1]);
    let term = |c: f64, k: i32| (c - x + x * y.powi(k)).powi(2);
    term(1.5, 1) + term(2.25, 2) + term(2.625, 3)
}

fn booth(x: &[Var]) -> Var {
    (x[0] + x[1] * 2.0 - 7.0).powi(2) + (x[0] * 2.0 + x[1] - 5.0).powi(2)
}

fn himmelblau(x: &[Var]) -> Var {
    (x[0] * x[0] + x[1] - 11.0).powi(2) + (x[0] + x[1] * x[1] - 7.0).powi(2)
}

fn bowl(x: &[Var]) -> Var {
    x[0].exp() - x[0] + x[1].exp() - x[1] * 2.0
}

#[test]
fn a_loss_multiplied_by_a_power_of_two_takes_the_same_way() {
    let way = |scale: f64| {
        let mut x = [-1.2, 1.0, 0.5];
        let end = Lbfgs::new().minimize(&mut x, |x| rosenbrock(x) * scale).unwrap();
        (x.map(f64::to_bits), end.evaluations(), end.ending())
    };
    for exponent in [-300, -40, 40, 300] {
        assert_eq!(way(2_f64.powi(exponent)), way(1.0), "2^{exponent}");
    }
}

#[test]
fn a_loss_with_a_wall_is_minimised_beside_it() {
    // Defined for x > 0 alone; the first step leads beyond.
    let mut x = [50.0];
    let end = Lbfgs::new().minimize(&mut x, |x| x[0] - x[0].ln()).unwrap();
    assert!(end.ending().is_converged(), "{end}");
    assert_relative_eq!(x[0], 1.0, max_relative = 1e-7);
    // The minimum is at the wall itself.
    let mut x = [2.0];
    let end = Lbfgs::new().minimize(&mut x, |x| x[0] + (x[0] - 1.0).sqrt()).unwrap();
    assert!(!end.ending().is_converged() && x[0] >= 1.0 && x[0] < 1.0 + 1e-6, "{end} {x:?}");
}

/// Least absolute deviations of a line, whose minimum is at kinks.
fn deviations(p: &[Var]) -> Result<Var, wengert::Error> {
    let points = [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0), (3.0, 7.0), (4.0, 100.0)];
    Ok(mean_absolute_error(points.map(|(x, y)| (p[0] + p[1] * x, y)))?)
}

#[test]
fn at_kinks_it_gives_up_with_the_reason_and_hands_over_where_asked() {
    let mut x = [5.0, -3.0];
    let end = Lbfgs::new().try_minimize(&mut x, deviations).unwrap();
    assert_eq!(end.ending(), Stopped::Kink, "{end} {x:?}");
    assert!(end.certificate().is_none() && end.evaluations() < 1000, "{end}");

    let lbfgs = Lbfgs::builder().hand_over(KinkDescent::new()).build().unwrap();
    let mut x = [5.0, -3.0];
    let handed = lbfgs.try_minimize(&mut x, deviations).unwrap();
    let certificate = handed.certificate().unwrap();
    assert!(certificate.is_certified() && handed.ending() == Stopped::Kink);
    assert!(handed.value() <= end.value());
    assert_relative_eq!(&x[..], &[1.0, 2.0][..], max_relative = 1e-12);
    assert_relative_eq!(handed.value(), 91.0 / 5.0, max_relative = 1e-12);

    // A smooth minimum is handed to nobody.
    let end = lbfgs.minimize(&mut x, rosenbrock).unwrap();
    assert!(end.ending().is_converged() && end.certificate().is_none());
}

#[test]
fn a_kink_on_the_way_to_a_smooth_minimum_does_not_stop_it() {
    // |x| bends the way at 0; the minimum is at (2, 1).
    let mut x = [-3.0, -4.0];
    let end = Lbfgs::new()
        .minimize(&mut x, |x| (x[0] - 3.0).powi(2) + x[0].abs() * 2.0 + (x[1] - x[0] + 1.0).powi(2))
        .unwrap();
    assert!(end.ending().is_converged(), "{end}");
    assert_relative_eq!(&x[..], &[2.0, 1.0][..], max_relative = 1e-7);
}

#[test]
fn what_cannot_be_begun_is_refused_and_evaluations_are_counted() {
    let mut x = [f64::NAN];
    let refused = Lbfgs::new().minimize(&mut x, |x| x[0] * x[0]).unwrap_err();
    assert!(matches!(refused, OptimError::NonFiniteParameter { .. }), "{refused}");
    let refused = Lbfgs::new().minimize(&mut [-1.0], |x| x[0].ln()).unwrap_err();
    assert!(matches!(refused, OptimError::NonFiniteValue { .. }), "{refused}");
    let refused = Lbfgs::new().minimize(&mut [0.0], |x| x[0].sqrt()).unwrap_err();
    assert!(matches!(refused, OptimError::NonFiniteGradient { .. }), "{refused}");

    let mut asked = 0;
    let mut x = [-1.2, 1.0];
    let lbfgs = Lbfgs::builder().evaluations(12).build().unwrap();
    let end = lbfgs
        .minimize(&mut x, |x| {
            asked += 1;
            rosenbrock(x)
        })
        .unwrap();
    assert_eq!((end.ending(), end.evaluations(), asked), (Stopped::Evaluations, 12, 12));
    assert!(end.value() < 24.2 && end.value() == wengert::gradient(rosenbrock, &x).0);

    let mut nothing: [f64; 0] = [];
    let end = Lbfgs::new().minimize(&mut nothing, |_| Var::from(3.0)).unwrap();
    assert_eq!((end.ending(), end.value()), (Stopped::Flat, 3.0));
}

#[test]
fn the_end_is_at_the_best_point_after_an_error_of_the_loss_too() {
    let (mut asked, mut x) = (0, [5.0]);
    let refused = Lbfgs::new().run(&mut x, |x, slope| {
        asked += 1;
        slope[0] = 4.0 * x[0].powi(3);
        if asked < 5 { Ok(x[0].powi(4)) } else { Err(OptimError::NonFiniteValue { value: 7.0 }) }
    });
    assert_eq!(refused, Err(OptimError::NonFiniteValue { value: 7.0 }));
    assert!(x[0].abs() < 5.0);
}

#[test]
fn a_loss_that_falls_without_end_is_told_from_one_that_has_a_minimum() {
    type Loss = fn(&[Var]) -> Var;
    let cases: [(&str, Loss); 11] = [
        ("-x", |x| -x[0]),
        ("x + y", |x| x[0] + x[1]),
        ("3x - 2y", |x| x[0] * 3.0 - x[1] * 2.0),
        ("-x²", |x| -x[0].square()),
        ("-x⁸", |x| -x[0].powi(8)),
        ("-x³", |x| -x[0].powi(3)),
        ("-|x|", |x| -x[0].abs()),
        ("-exp x", |x| -x[0].exp()),
        ("(x - 1)² - 1e-6 y", |x| (x[0] - 1.0).square() - x[1] * 1e-6),
        ("x² - y", |x| x[0].square() - x[1]),
        ("x² - y²", |x| x[0].square() - x[1].square()),
    ];
    for (name, loss) in cases {
        for start in [[3.0, -2.0], [1.0, 1.0], [0.25, -1e-9], [1e-200, 1e200]] {
            // A start at which the slope is 0 to the last bit, or beyond numbers, is another matter.
            let (value, slope) = wengert::gradient(loss, &start);
            if !value.is_finite() || slope.iter().all(|g| g.abs() < 1e-100) {
                continue;
            }
            let mut x = start;
            let end = Lbfgs::new().minimize(&mut x, loss).unwrap();
            let told = format!("{name} from {start:?}: {end}");
            // From 1e200 the number range may end first, or the value hide what a step gains.
            let is_told = match end.ending() {
                Stopped::Unbounded => true,
                Stopped::Refused | Stopped::Gain => start[1] == 1e200,
                _ => false,
            };
            assert!(is_told, "{told}");
            assert!(end.value() <= value && end.value().is_finite(), "{told}");
        }
    }
    let bounded: [(&str, Loss); 4] = [
        ("1e9 (x² - 1)", |x| (x[0].square() - 1.0) * 1e9 + x[1].square()),
        ("-1/(1 + x²)", |x| -(x[0].square() + 1.0).recip() + x[1].square()),
        ("eˣ - 1e12 x", |x| x[0].exp() - x[0] * 1e12 + x[1].square()),
        ("x² - 2e20 x", |x| x[0].square() - x[0] * 2e20 + x[1].square()),
    ];
    for (name, loss) in bounded {
        let end = Lbfgs::new().minimize(&mut [1e-9, 1e-9], loss).unwrap();
        assert!(end.ending().is_converged(), "{name}: {end}");
    }
}

#[test]
fn a_loss_in_other_units_takes_the_same_steps_even_where_squares_of_slopes_leave_the_numbers() {
    let run = |start: &[f64], unit: f64| {
        let mut x = start.to_vec();
        let end = Lbfgs::new().minimize(&mut x, |x| rosenbrock(x) * unit).unwrap();
        (end.ending(), end.evaluations(), x)
    };
    for start in [[-1.2, 1.0], [3.0, -2.0], [0.0, 0.0]] {
        let own = run(&start, 1.0);
        assert!(own.0.is_converged());
        for exponent in [-900, -500, 500, 950] {
            assert_eq!(run(&start, f64::from(exponent).exp2()), own, "{start:?} {exponent}");
        }
    }
    // The first step from 0, where the loss is 0 too.
    let run = |unit: f64| {
        let mut x = [0.0];
        Lbfgs::new().minimize(&mut x, |x| (x[0].square() - x[0] * 4.0) * unit).unwrap();
        x
    };
    assert_eq!([-600, -40, 40, 600].map(|e| run(f64::from(e).exp2())), [run(1.0); 4]);
}

#[test]
fn no_kink_and_no_refusal_is_told_of_where_the_first_step_was_far_too_long() {
    type Loss = fn(&[Var]) -> Var;
    let cases: [(&str, [f64; 2], Loss); 4] = [
        ("x⁴ + 1", [1e-9, 0.0], |x| x[0].powi(4) + 1.0),
        ("x² + 1e300", [3.0, 0.0], |x| (x[0] - 1.0).square() + 1e300),
        ("x² + y² + 1e300", [3.0, -7.0], |x| x[0].square() + x[1].square() + 1e300),
        ("e⁻ˣ + y²", [-1.2, 1.0], |x| (-x[0]).exp() + x[1].square()),
    ];
    for (name, start, loss) in cases {
        let mut x = start;
        let end = Lbfgs::new().minimize(&mut x, loss).unwrap();
        assert!(end.ending().is_converged(), "{name}: {end}");
        assert!(end.value() <= loss(&start.map(Var::from)).value(), "{name}: {end}");
        assert!(end.ending() != Stopped::Rounding || end.value() >= 1.0, "{name}: {end}");
    }
    // A kink at the start itself is one, whatever the first step, unless the value hides it.
    for height in [0.0, 1.0, 1e200] {
        let mut x = [0.0, 1e-12];
        let end = Lbfgs::new().minimize(&mut x, |x| (x[0] - x[1]).abs() * 1e9 + x[1] + height);
        let ending = end.unwrap().ending();
        let is_told = match ending {
            Stopped::Kink | Stopped::Gain | Stopped::Unbounded => true,
            Stopped::Rounding => height == 1e200,
            _ => false,
        };
        assert!(is_told, "{height}: {ending:?}");
    }
}

#[test]
fn curvatures_that_differ_by_1e40_hide_nothing_that_is_left_to_gain() {
    let bowl: fn(Var, Var) -> Var = |x, y| (x - 1.0).powi(2) + (y + 2.0).powi(2) * 3.0;
    let valley: fn(Var, Var) -> Var = |x, y| (y - x * x).powi(2) * 100.0 + (x - 1.0).powi(2);
    let quartic: fn(Var, Var) -> Var = |x, y| x.powi(4) + (y - x).powi(2) + 1.0;
    for (loss, least) in [(bowl, 0.0), (valley, 0.0), (quartic, 1.0)] {
        for [u, v] in [[1.0, 1e20], [1e20, 1e-20], [1e-20, 1e-3], [1e-20, 1.0], [1e10, 1e-10]] {
            for scale in [1.0, 1e20, 1e-20] {
                for start in [[3.0, -2.0], [0.5, 0.5], [-7.0, 0.3], [1e-9, 1e3]] {
                    let mut x = [start[0] / u, start[1] / v];
                    let loss = |x: &[Var]| loss(x[0] * u, x[1] * v) * scale;
                    let before = loss(&x.map(Var::from)).value();
                    let end = Lbfgs::new().minimize(&mut x, loss).unwrap();
                    let off = (end.value() - least * scale) / before;
                    let told = format!("{u:e} {v:e} {scale:e} {start:?} {off:e}: {end}");
                    assert!(!end.ending().is_converged() || off < 1e-7, "{told}");
                    assert!(end.ending() != Stopped::Unbounded && off < 1e-3, "{told}");
                }
            }
        }
    }
}

#[test]
fn a_loss_that_falls_without_end_along_one_axis_of_several_is_told_so() {
    // Along every other line it rises at last.
    let loss = |x: &[Var]| x[0].powi(4) + x[1].powi(3);
    for start in [[3.0, -2.0], [0.1, 0.1], [-1.2, 1.0], [-5.0, 7.0], [1e6, -1e6]] {
        let mut x = start;
        let end = Lbfgs::new().minimize(&mut x, loss).unwrap();
        assert_eq!(end.ending(), Stopped::Unbounded, "{start:?} {x:?} {end}");
        assert!(end.value() < -1e100 && end.evaluations() < 5000, "{start:?} {end}");
    }
    // Deep, and with an end.
    let deep = |x: &[Var]| x[0].powi(4) - x[0] * 4e30 + x[1] * x[1];
    let mut x = [1.0, 1.0];
    let end = Lbfgs::new().minimize(&mut x, deep).unwrap();
    assert!(end.ending().is_converged(), "{x:?} {end}");
    assert_relative_eq!(x[0], 1e10, max_relative = 1e-6);
}
