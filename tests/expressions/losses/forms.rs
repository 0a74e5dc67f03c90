//! The losses against closed forms, 60-digit results and each other.

use approx::assert_relative_eq;
use std::f64::consts::LN_2;
use wengert::loss::{
    AbsoluteError, BinaryCrossEntropy, CrossEntropy, EpsilonInsensitive, Hinge, Huber, LogCosh,
    Logistic, Loss, LossError, Poisson, PseudoHuber, Quantile, SquaredError, SquaredHinge,
};
use wengert::{Tape, Var, gradient, gradient_array};

/// Value and slope of a loss on a tape; plain numbers must give the same value.
fn both<L: Loss>(loss: &L, prediction: f64, target: f64) -> (f64, f64) {
    let (value, [slope]) = gradient_array(|[x]| loss.at(x, target), [prediction]);
    assert_eq!(value.to_bits(), loss.at(prediction, target).to_bits());
    (value, slope)
}

/// Value and slope against their closed forms, within a few units in the last place.
#[track_caller]
fn agrees<L: Loss>(loss: &L, prediction: f64, target: f64, value: f64, slope: f64) {
    let got = both(loss, prediction, target);
    let close = |a: f64, b: f64| a == b || (a - b).abs() <= 8.0 * f64::EPSILON * b.abs();
    assert!(close(got.0, value), "value {} instead of {value} at {prediction}", got.0);
    assert!(close(got.1, slope), "slope {} instead of {slope} at {prediction}", got.1);
}

/// The kinks that one evaluation meets.
fn kinks<L: Loss>(loss: &L, prediction: f64, target: f64) -> usize {
    let tape = Tape::new();
    loss.at(tape.var(prediction), target);
    tape.kinks().len()
}

const RESIDUALS: [f64; 13] =
    [-1e300, -1e3, -3.0, -1.0, -0.5, -1e-9, 0.0, 1e-9, 0.5, 1.0, 3.0, 1e3, 1e300];

#[test]
fn piecewise_losses_of_a_residual_have_their_closed_forms() -> Result<(), LossError> {
    for r in RESIDUALS {
        let sign = if r == 0.0 { 0.0 } else { r.signum() };
        agrees(&AbsoluteError, r, 0.0, r.abs(), sign);
        agrees(&SquaredError, r, 0.0, r * r, 2.0 * r);
        for delta in [1e-3, 1.0, 1e3, 1e200] {
            let value =
                if r.abs() <= delta { 0.5 * r * r } else { delta * (r.abs() - 0.5 * delta) };
            agrees(&Huber::new(delta)?, r, 0.0, value, r.clamp(-delta, delta));
        }
        for level in [0.01, 0.25, 0.5, 0.9] {
            let value = if r > 0.0 { (1.0 - level) * r } else { -level * r };
            let slope = if r > 0.0 { 1.0 - level } else { level * sign };
            agrees(&Quantile::new(level)?, r, 0.0, value, slope);
        }
        for epsilon in [0.0, 0.5, 2.0] {
            let outside = r.abs() > epsilon;
            let slope = if outside { sign } else { 0.0 };
            let loss = EpsilonInsensitive::new(epsilon)?;
            agrees(&loss, r, 0.0, (r.abs() - epsilon).max(0.0), slope);
        }
    }
    Ok(())
}

#[test]
fn a_residual_is_prediction_minus_target() -> Result<(), LossError> {
    agrees(&AbsoluteError, 3.0, 5.0, 2.0, -1.0);
    agrees(&SquaredError, 3.0, 5.0, 4.0, -4.0);
    agrees(&Huber::new(1.0)?, 3.0, 5.0, 1.5, -1.0);
    agrees(&PseudoHuber::new(1.5)?, 3.0, 5.0, 1.5, -1.2);
    agrees(&LogCosh, 3.0, 5.0, 1.3250027473578645, -0.9640275800758169);
    agrees(&Quantile::new(0.75)?, 3.0, 5.0, 1.5, -0.75);
    agrees(&EpsilonInsensitive::new(0.5)?, 3.0, 5.0, 1.5, -1.0);
    Ok(())
}

/// `ln cosh r` and `tanh r` to 60 digits, rounded.
#[test]
fn log_cosh_is_accurate_near_0_at_the_seam_and_far_away() {
    for (r, value, slope) in [
        (1e-300, 0.0, 1e-300),
        (1e-8, 5e-17, 1e-8),
        (-0.3, 0.04434076992594031, -0.2913126124515909),
        (1.0, 0.4337808304830272, 0.7615941559557649),
        (-1.9999999999999998, 1.3250027473578643, -0.9640275800758169),
        (2.0, 1.3250027473578645, 0.9640275800758169),
        (5.0, 4.3068982183392714, 0.9999092042625951),
        (-1e3, 999.3068528194401, -1.0),
        (1e300, 1e300, 1.0),
    ] {
        agrees(&LogCosh, r, 0.0, value, slope);
    }
}

/// `δ² (√(1 + (r/δ)²) - 1)` and `r / √(1 + (r/δ)²)` to 700 digits, rounded.
#[test]
fn pseudo_huber_is_accurate_near_0_and_does_not_overflow() -> Result<(), LossError> {
    for (delta, r, value, slope) in [
        (1.0, 1e-300, 0.0, 1e-300),
        (1.0, 1e-8, 5e-17, 1e-8),
        (1.0, -0.3, 0.04403065089105501, -0.2873478855663454),
        (1.0, 4.0, 3.1231056256176606, 0.9701425001453319),
        (1.0, -1e3, 999.000499999875, -0.999999500000375),
        (1.0, 1e300, 1e300, 1.0),
        (0.01, 1e-8, 4.99999999999875e-17, 9.999999999995e-09),
        (0.01, -0.3, 0.002901666203960727, -0.009994449069791543),
        (0.01, 1e300, 1.0000000000000001e298, 0.01),
        (1e6, 4.0, 7.999999999968, 3.999999999968),
        (1e6, -1e3, 499999.8750000625, -999.999500000375),
        (1e6, 1e300, 1e306, 1e6),
        (1e-9, 1e-8, 9.049875621120892e-18, 9.950371902099891e-10),
        (1e-9, -1e3, 9.99999999999e-07, -1e-9),
        (1e-9, 1e300, 1.0000000000000001e291, 1e-9),
        (1e200, -0.3, 0.045, -0.3),
        (1e200, -1e3, 5e5, -1e3),
        (1e200, 1e-300, 0.0, 1e-300),
        (f64::MIN_POSITIVE, 0.0, 0.0, 0.0),
        (f64::MIN_POSITIVE, 1e300, 2.2250738585072014e-8, f64::MIN_POSITIVE),
    ] {
        agrees(&PseudoHuber::new(delta)?, r, 0.0, value, slope);
    }
    Ok(())
}

#[test]
fn margin_losses_have_their_closed_forms() {
    for (x, t) in [(-3.0, 1.0), (0.5, 1.0), (2.0, 1.0), (-3.0, -1.0), (0.5, -1.0), (1e300, -1.0)] {
        let lack = f64::max(1.0 - t * x, 0.0);
        agrees(&Hinge, x, t, lack, if lack > 0.0 { -t } else { 0.0 });
        agrees(&SquaredHinge, x, t, lack * lack, -2.0 * t * lack);
    }
}

/// `ln(1 + e^(-x))` and `-1 / (1 + e^x)` to 60 digits, rounded.
const LOGISTIC: [(f64, f64, f64); 9] = [
    (0.0, LN_2, -0.5),
    (1.0, 0.3132616875182228, -0.2689414213699951),
    (-2.5, 2.5788897342925496, -0.9241418199787564),
    (40.0, 4.248354255291589e-18, -4.248354255291589e-18),
    (-40.0, 40.0, -1.0),
    (700.0, 9.85967654375977e-305, -9.85967654375977e-305),
    (1e3, 0.0, 0.0),
    (-1e3, 1e3, -1.0),
    (-1e300, 1e300, -1.0),
];

#[test]
fn logistic_loss_and_its_other_spellings_neither_cancel_nor_overflow() {
    for (x, value, slope) in LOGISTIC {
        agrees(&Logistic, x, 1.0, value, slope);
        agrees(&Logistic, -x, -1.0, value, -slope);
        agrees(&BinaryCrossEntropy, x, 1.0, value, slope);
        agrees(&BinaryCrossEntropy, -x, 0.0, value, -slope);
        let (by_class, slopes) =
            gradient(|v: &[Var]| CrossEntropy.at(v, 0).expect("a class"), &[x, 0.0]);
        assert_eq!((by_class, slopes), {
            let (value, slope) = both(&Logistic, x, 1.0);
            (value, vec![slope, -slope])
        });
    }
}

#[test]
fn binary_cross_entropy_is_linear_in_its_target() {
    for (x, t) in [(-3.0, 0.25), (0.0, 0.9), (2.0, 0.5), (30.0, 0.125), (-1e3, 0.75)] {
        let (ln_yes, slope_yes) = both(&Logistic, x, 1.0);
        let (ln_no, slope_no) = both(&Logistic, x, -1.0);
        let value = t * ln_yes + (1.0 - t) * ln_no;
        agrees(&BinaryCrossEntropy, x, t, value, t * slope_yes + (1.0 - t) * slope_no);
    }
    // Its least value is the entropy, where the prediction is right.
    let (value, slope) = both(&BinaryCrossEntropy, 3f64.ln(), 0.75);
    assert_relative_eq!(value, 0.5623351446188084, max_relative = 1e-15);
    assert!(slope.abs() < 1e-15);
}

#[test]
fn poisson_leaves_out_the_constant_of_the_count() {
    for (x, t) in [(0.0, 0.0), (1.5, 4.0), (-1e3, 2.0), (700.0, 1.0), (3f64.ln(), 3.0)] {
        let (value, slope) = both(&Poisson, x, t);
        assert_relative_eq!(value, x.exp() - t * x, max_relative = 1e-15);
        assert_relative_eq!(slope, x.exp() - t, max_relative = 1e-15, epsilon = 1e-15);
    }
}

#[test]
fn cross_entropy_slopes_are_softmax_less_the_class() -> Result<(), LossError> {
    // 60-digit results for the logits 1, 2, -1.
    let value = [1.3490122167681864, 0.3490122167681864, 3.349012216768186];
    let softmax = [0.25949646034241913, 0.7053845126982412, 0.03511902695933972];
    for (class, value) in value.into_iter().enumerate() {
        let (got, slopes) =
            gradient(|x: &[Var]| CrossEntropy.at(x, class).expect("finite"), &[1.0, 2.0, -1.0]);
        assert_relative_eq!(got, value, max_relative = 1e-15);
        for (j, (slope, mut truth)) in slopes.into_iter().zip(softmax).enumerate() {
            if j == class {
                truth -= 1.0;
            }
            assert_relative_eq!(slope, truth, max_relative = 2e-15);
        }
    }
    Ok(())
}

#[test]
fn cross_entropy_bears_logits_of_any_size() {
    let of = |logits: &[f64], class| {
        gradient(|x: &[Var]| CrossEntropy.at(x, class).expect("finite"), logits)
    };
    // Three equal classes, at any height.
    for height in [0.0, 1e3, -1e3, 1e300] {
        let (value, slopes) = of(&[height; 3], 1);
        assert_relative_eq!(value, 3f64.ln(), max_relative = 1e-15);
        assert_relative_eq!(slopes[0], 1.0 / 3.0, max_relative = 1e-15);
        assert_relative_eq!(slopes[1], -2.0 / 3.0, max_relative = 1e-15);
    }
    // A class that leads by 40 still has a loss: 2 e^-40.
    let (value, slopes) = of(&[40.0, 0.0, 0.0], 0);
    assert_relative_eq!(value, 8.496708510583178e-18, max_relative = 1e-15);
    assert_relative_eq!(slopes[0], -8.496708510583178e-18, max_relative = 1e-15);
    assert_eq!(of(&[-1e300, 1e300], 0), (2e300, vec![-1.0, 1.0]));
    assert_eq!(of(&[5.0], 0), (0.0, vec![0.0]));
}

#[test]
fn only_true_kinks_are_reported_and_their_slope_is_the_least() -> Result<(), LossError> {
    let huber = Huber::new(1.5)?;
    for r in [0.0, -0.0, 1.5, -1.5] {
        assert_eq!(kinks(&huber, r, 0.0), 0, "Huber is smooth, also at {r}");
        assert_eq!(both(&huber, r, 0.0).1, r);
    }
    for r in [0.0, 2.0, -2.0] {
        assert_eq!(kinks(&LogCosh, r, 0.0) + kinks(&PseudoHuber::new(2.0)?, r, 0.0), 0);
    }
    assert_eq!(both(&LogCosh, 0.0, 0.0), (0.0, 0.0));
    assert_eq!((kinks(&SquaredHinge, 1.0, 1.0), both(&SquaredHinge, 1.0, 1.0)), (0, (0.0, 0.0)));

    assert_eq!((kinks(&Hinge, -1.0, -1.0), both(&Hinge, -1.0, -1.0)), (1, (0.0, 0.0)));
    assert_eq!((kinks(&AbsoluteError, 2.0, 2.0), both(&AbsoluteError, 2.0, 2.0)), (1, (0.0, 0.0)));
    for level in [0.1, 0.5, 0.9] {
        let loss = Quantile::new(level)?;
        assert_eq!((kinks(&loss, 2.0, 2.0), both(&loss, 2.0, 2.0)), (1, (0.0, 0.0)));
    }
    let tube = EpsilonInsensitive::new(0.5)?;
    assert_eq!(kinks(&tube, 0.0, 0.0), 0, "inside the tube the loss is flat");
    for r in [0.5, -0.5] {
        assert_eq!((kinks(&tube, r, 0.0), both(&tube, r, 0.0)), (1, (0.0, 0.0)));
    }
    Ok(())
}

#[test]
fn no_loss_meets_a_trouble_where_its_result_is_finite() -> Result<(), LossError> {
    fn check<L: Loss>(loss: &L) {
        for r in RESIDUALS {
            let tape = Tape::new();
            let y = loss.at(tape.var(r), 0.0);
            assert!(!y.value().is_finite() || tape.troubles().is_empty(), "at {r}");
        }
    }
    check(&LogCosh);
    check(&Huber::new(1.0)?);
    check(&PseudoHuber::new(1.0)?);
    check(&PseudoHuber::new(1e-9)?);
    check(&BinaryCrossEntropy);
    check(&EpsilonInsensitive::new(1.0)?);
    check(&Quantile::new(0.25)?);
    Ok(())
}

#[test]
fn spellings_of_the_absolute_error_have_its_value_and_slope() -> Result<(), LossError> {
    let half = Quantile::new(0.5)?;
    let no_tube = EpsilonInsensitive::new(0.0)?;
    for (x, t) in [(3.0, 5.0), (5.0, 3.0), (4.0, 4.0), (0.1, 0.3), (-1e300, 1.0), (0.0, -0.0)] {
        let (value, slope) = both(&AbsoluteError, x, t);
        assert_eq!(both(&no_tube, x, t), (value, slope));
        assert_eq!(both(&half, x, t), (0.5 * value, 0.5 * slope));
        for delta in [1e-10, 1e-100] {
            let (huber, by) = both(&Huber::new(delta)?, x, t);
            assert_relative_eq!(huber / delta, value, max_relative = 1e-8);
            assert_relative_eq!(by / delta, slope, max_relative = 1e-15);
        }
    }
    Ok(())
}

#[test]
fn a_great_delta_makes_huber_half_the_squared_error() -> Result<(), LossError> {
    let loss = Huber::new(1e6)?;
    for r in [-3.0, 0.0, 0.1, 1e3] {
        let (value, slope) = both(&SquaredError, r, 0.0);
        agrees(&loss, r, 0.0, 0.5 * value, 0.5 * slope);
    }
    // Half the square is representable where the square is not.
    agrees(&Huber::new(1e155)?, 1.4e154, 0.0, 0.98e308, 1.4e154);
    Ok(())
}

#[test]
fn a_target_may_be_a_variable_too() {
    let (value, slopes) = gradient_array(|[x, t]| SquaredError.at(x, t), [3.0, 5.0]);
    assert_eq!((value, slopes), (4.0, [-4.0, 4.0]));
    let (_, slopes) = gradient_array(|[x, t]| BinaryCrossEntropy.at(x, t), [2.0, 0.5]);
    assert_relative_eq!(slopes[1], -2.0, max_relative = 1e-15); // by the target: -x
}
