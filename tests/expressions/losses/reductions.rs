//! Sums, means and weights of the losses, and what they refuse.

use approx::assert_relative_eq;
use wengert::loss::{
    AbsoluteError, BinaryCrossEntropy, CrossEntropy, EpsilonInsensitive, Hinge, Huber, LogCosh,
    Logistic, Loss, LossError, Poisson, PseudoHuber, Quantile, SquaredError, SquaredHinge,
    mean_absolute_error, mean_squared_error, pairs as paired, root_mean_squared_error,
    weighted_root_mean_squared_error,
};
use wengert::{Tape, Var, gradient, op::Op};

const POINTS: [(f64, f64, f64); 4] =
    [(1.0, 3.0, 0.5), (2.0, 1.5, 2.0), (-1.0, -1.0, 0.0), (4.0, 1.0, 1.25)];

fn pairs() -> impl Iterator<Item = (f64, f64)> + Clone {
    POINTS.iter().map(|&(x, t, _)| (x, t))
}

#[test]
fn sums_and_means_are_those_of_the_terms() -> Result<(), LossError> {
    fn check<L: Loss>(loss: &L) -> Result<(), LossError> {
        let terms = POINTS.map(|(x, t, _)| loss.at(x, t));
        let weights: f64 = POINTS.iter().map(|p| p.2).sum();
        let weighted: f64 = POINTS.iter().zip(terms).map(|(p, term)| p.2 * term).sum();
        assert_relative_eq!(loss.sum(pairs())?, terms.iter().sum::<f64>(), max_relative = 1e-15);
        assert_relative_eq!(
            loss.mean(pairs())?,
            terms.iter().sum::<f64>() / 4.0,
            max_relative = 1e-15
        );
        assert_relative_eq!(loss.weighted_sum(POINTS)?, weighted, max_relative = 1e-15);
        assert_relative_eq!(loss.weighted_mean(POINTS)?, weighted / weights, max_relative = 1e-15);
        Ok(())
    }
    check(&AbsoluteError)?;
    check(&SquaredError)?;
    check(&Huber::new(1.0)?)?;
    check(&PseudoHuber::new(1.0)?)?;
    check(&LogCosh)?;
    check(&Quantile::new(0.25)?)?;
    check(&EpsilonInsensitive::new(0.75)?)?;
    assert_eq!(mean_absolute_error(pairs()), AbsoluteError.mean(pairs()));
    assert_eq!(mean_squared_error(pairs()), SquaredError.mean(pairs()));
    Ok(())
}

#[test]
fn the_gradient_of_a_mean_is_the_mean_of_the_slopes() -> Result<(), LossError> {
    let tape = Tape::new();
    let x = tape.vars_from(&POINTS.map(|p| p.0));
    let points = || x.iter().zip(POINTS).map(|(&x, (_, t, w))| (x, t, w));

    let mean = AbsoluteError.mean(points().map(|(x, t, _)| (x, t)))?;
    assert_eq!(mean.backward().wrt(&x), [-0.25, 0.25, 0.0, 0.25]);
    let weighted = AbsoluteError.weighted_mean(points())?;
    assert_eq!(weighted.backward().wrt(&x), [-0.5 / 3.75, 2.0 / 3.75, 0.0, 1.25 / 3.75]);
    Ok(())
}

#[test]
fn a_point_of_weight_0_is_left_out() -> Result<(), LossError> {
    let tape = Tape::new();
    let [x, masked] = tape.vars([1.0, f64::NAN]);
    let loss =
        AbsoluteError.weighted_mean([(x, 3.0, 2.0), (masked, f64::NAN, 0.0), (x, 1.0, 0.0)])?;
    assert_eq!(loss.value(), 2.0);
    assert_eq!(loss.backward().wrt([x, masked]), [-1.0, 0.0]);
    assert!(tape.kinks().is_empty());
    assert_eq!(AbsoluteError.weighted_sum([(1.0, 3.0, 0.0)]), Ok(0.0));
    Ok(())
}

#[test]
fn means_of_cross_entropy_weigh_their_points() -> Result<(), LossError> {
    let tape = Tape::new();
    let x = tape.vars_from(&[1.0, 2.0, -1.0]);
    let rows = [[x[0], x[1]], [x[1], x[2]]];
    let first = CrossEntropy.at(&rows[0], 0)?;
    let second = CrossEntropy.at(&rows[1], 1)?;
    let close = |got: Var, truth: Var| {
        assert_relative_eq!(got.value(), truth.value(), max_relative = 1e-15);
        let (got, truth) = (got.backward().wrt(&x), truth.backward().wrt(&x));
        got.iter().zip(truth).for_each(|(g, t)| assert_relative_eq!(*g, t, max_relative = 1e-14));
    };
    close(CrossEntropy.sum(rows.iter().zip([0, 1]))?, first + second);
    close(CrossEntropy.mean(rows.iter().zip([0, 1]))?, (first + second) / 2.0);
    let points = [(&rows[0], 0, 1.0), (&rows[1], 1, 3.0)];
    close(CrossEntropy.weighted_sum(points)?, first + second * 3.0);
    close(CrossEntropy.weighted_mean(points)?, (first + second * 3.0) / 4.0);
    Ok(())
}

#[test]
fn root_mean_squared_error_keeps_its_slope_where_squares_fail() {
    let rms = |x: &[Var]| {
        root_mean_squared_error(x.iter().map(|&x| (x, 0.0))).expect("finite predictions")
    };
    // 3-4-5, at any scale: value 5 s / √2, slopes 3/5 / √2 and 4/5 / √2.
    for scale in [1.0, 1e300, 1e-160, 1e-300] {
        let (value, slopes) = gradient(rms, &[3.0 * scale, 4.0 * scale]);
        assert_relative_eq!(value, 5.0 * scale / 2f64.sqrt(), max_relative = 1e-15);
        assert_relative_eq!(slopes[0], 0.6 / 2f64.sqrt(), max_relative = 1e-15);
        assert_relative_eq!(slopes[1], 0.8 / 2f64.sqrt(), max_relative = 1e-15);
    }
    assert_eq!(gradient(rms, &[0.0, 0.0]), (0.0, vec![0.0, 0.0]));
    assert_eq!(gradient(rms, &[-3.0]), (3.0, vec![-1.0])); // of one point: the absolute error
}

#[test]
fn a_weight_in_the_root_mean_squared_error_counts_as_so_many_points() {
    let weights = [3.0, 1.0, 0.0, 2.0];
    let points = [(8.0, 7.0), (8.0, 1.0), (1e9, -1e9), (-2.0, 0.5)];
    let repeated = points.iter().zip(weights).flat_map(|(&p, w)| vec![p; w as usize]);
    for (scale, weight) in [
        (1.0, 1.0),
        (1e300, 1.0),
        (1e-160, 1.0),
        (1e-310, 1.0),
        (1.0, 1e-300),
        (1e-300, 1e300),
        (1e290, 5e-324),
    ] {
        let root = |x: &[Var]| {
            let terms = x.iter().zip(points).zip(weights);
            let terms = terms.map(|((&x, (_, t)), w)| (x, t * scale, w * weight));
            weighted_root_mean_squared_error(terms).expect("finite numbers")
        };
        let root_of_repeated = |x: &[Var]| {
            let terms = x.iter().zip(points).zip(weights);
            let terms = terms.flat_map(|((&x, (_, t)), w)| vec![(x, t * scale); w as usize]);
            root_mean_squared_error(terms).expect("finite numbers")
        };
        let x = points.map(|p| p.0 * scale);
        let (value, slopes) = gradient(root, &x);
        let (expected, by_repeating) = gradient(root_of_repeated, &x);
        assert_relative_eq!(value, expected, max_relative = 1e-14);
        assert_relative_eq!(slopes[..], by_repeating[..], max_relative = 1e-14);
        // By the definition, at a scale where it does not fail.
        let squares: f64 = repeated.clone().map(|(x, t)| (x - t) * (x - t)).sum();
        assert_relative_eq!(value, (squares / 6.0).sqrt() * scale, max_relative = 1e-13);
    }
}

#[test]
fn root_mean_squared_error_reaches_to_both_ends_of_the_range() {
    for extreme in [f64::MAX, 1.5e308, f64::MIN_POSITIVE, 1e-310, 5e-324] {
        for n in [1, 4, 100] {
            let got = root_mean_squared_error(vec![(extreme, 0.0); n]).expect("finite numbers");
            assert_relative_eq!(got, extreme, max_relative = 4.0 * f64::EPSILON);
        }
    }
    let single = root_mean_squared_error(vec![(f32::MAX, 0.0_f32); 4]);
    assert_eq!(single, Ok(f32::MAX));
}

#[test]
fn a_perfect_fit_is_a_reported_kink_of_the_root_mean_squared_error() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let line = line!();
    assert!(root_mean_squared_error([(x, 2.0), (x * 2.0, 4.0)]).is_ok());
    let weighted = weighted_root_mean_squared_error([(x, 2.0, 0.5), (x, 0.0, 0.0)]);
    assert!(weighted.is_ok_and(|root| root.backward().wrt(x) == 0.0));
    let kinks = tape.kinks();
    assert!(kinks.iter().all(|kink| kink.op() == Op::Norm && kink.location().file() == file!()));
    let lines: Vec<u32> = kinks.iter().map(|kink| kink.location().line() - line).collect();
    assert_eq!(lines, [1, 2]);
}

#[test]
fn a_kink_is_reported_at_the_line_that_asked_for_the_loss() -> Result<(), LossError> {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let line = line!();
    AbsoluteError.at(x, 2.0);
    mean_absolute_error([(x, 2.0)])?;
    AbsoluteError.weighted_mean([(x, 2.0, 1.0)])?;
    Quantile::new(0.25)?.sum([(x, 2.0)])?;
    Hinge.mean([(x - 1.0, 1.0)])?;
    let kinks = tape.kinks();
    let lines: Vec<u32> = kinks.iter().map(|kink| kink.location().line() - line).collect();
    assert_eq!(lines, [1, 2, 3, 4, 5]);
    assert!(kinks.iter().all(|kink| kink.location().file() == file!()));
    Ok(())
}

#[test]
fn a_mean_of_a_function_of_two_parameters_writes_no_statement() -> Result<(), LossError> {
    let tape = Tape::new();
    let [a, b] = tape.vars([-2.0, 30.0]);
    let xs = (1..=1000).map(f64::from);
    let loss = mean_absolute_error(xs.map(|x| (a * x * x + b * x, 100.0 * x - x * x)))?;
    assert_eq!((tape.stats().statement_count, tape.stats().edge_count), (2, 0));
    assert!(loss.value() > 0.0);
    Ok(())
}

/// What an error says.
#[track_caller]
fn says<T: std::fmt::Debug>(result: Result<T, LossError>, message: &str) {
    match result {
        Ok(value) => panic!("{value:?} instead of an error"),
        Err(error) => assert_eq!(error.to_string(), message),
    }
}

#[test]
fn bad_data_are_named_with_their_place_and_value() {
    let nothing: [(f64, f64); 0] = [];
    says(mean_absolute_error(nothing), "no data: a loss needs at least one point");
    says(root_mean_squared_error(nothing), "no data: a loss needs at least one point");
    says(AbsoluteError.sum(nothing), "no data: a loss needs at least one point");
    let nothing: [(f64, f64, f64); 0] = [];
    says(weighted_root_mean_squared_error(nothing), "no data: a loss needs at least one point");
    says(paired(&[1.0, 2.0], &[1.0]).map(|_| ()), "2 predictions, but 1 targets");
    says(paired::<f64, f64>(&[], &[1.0]).map(|_| ()), "0 predictions, but 1 targets");
    let no_rows: [([f64; 2], usize); 0] = [];
    says(CrossEntropy.mean(no_rows), "no data: a loss needs at least one point");

    let with = |prediction: f64, target: f64| [(1.0, 1.0), (1.0, 1.0), (prediction, target)];
    for (bad, name) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (-f64::INFINITY, "-inf")] {
        let message = format!("prediction at index 2 is {name}, expected a finite number");
        says(mean_absolute_error(with(bad, 1.0)), &message);
        says(root_mean_squared_error(with(bad, bad)), &message);
        let message = format!("target at index 2 is {name}, expected a finite number");
        says(mean_squared_error(with(1.0, bad)), &message);
    }
    says(Hinge.mean(with(1.0, 0.0)), "target at index 2 is 0, expected 1 or -1");
    says(SquaredHinge.sum(with(1.0, 0.5)), "target at index 2 is 0.5, expected 1 or -1");
    says(Logistic.mean(with(1.0, f64::NAN)), "target at index 2 is NaN, expected 1 or -1");
    says(
        BinaryCrossEntropy.mean(with(1.0, 1.5)),
        "target at index 2 is 1.5, expected a number in [0, 1]",
    );
    says(
        Poisson.mean(with(1.0, -1.0)),
        "target at index 2 is -1, expected a finite number of at least 0",
    );
}

#[test]
fn finite_numbers_whose_difference_overflows_are_no_bad_data() {
    assert_eq!(mean_absolute_error([(1.5e308, -1.5e308)]), Ok(f64::INFINITY));
    assert_eq!(mean_squared_error([(1e200, 0.0)]), Ok(f64::INFINITY));
}

#[test]
fn bad_weights_are_named_with_their_place_and_value() {
    let with = |weight| [(1.0, 3.0, 1.0), (1.0, 3.0, weight)];
    for (bad, name) in [(-1.0, "-1"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
        let message =
            format!("weight at index 1 is {name}, expected a finite number of at least 0");
        says(AbsoluteError.weighted_sum(with(bad)), &message);
        says(CrossEntropy.weighted_sum(with(bad).map(|(_, _, w)| ([0.0, 1.0], 0, w))), &message);
    }
    let message = "the weights sum to 0, expected a finite number above 0";
    says(AbsoluteError.weighted_mean([(1.0, 3.0, 0.0)]), message);
    says(weighted_root_mean_squared_error([(1.0, 3.0, 0.0)]), message);
    says(CrossEntropy.weighted_mean([([1.0, 3.0], 0, 0.0)]), message);
    says(
        AbsoluteError.weighted_mean([(1.0, 1.0, f64::MAX), (1.0, 1.0, f64::MAX)]),
        "the weights sum to inf, expected a finite number above 0",
    );
}

#[test]
fn bad_classes_and_logits_are_named_with_their_place() {
    let rows = [[0.0, 1.0], [f64::NAN, 1.0]];
    says(
        CrossEntropy.mean([(&rows[0], 0), (&rows[0], 2)]),
        "class 2 at index 1, but there are 2 logits",
    );
    says(
        CrossEntropy.mean(rows.iter().zip([0, 1])),
        "logit 0 at index 1 is NaN, expected a finite number",
    );
    says(CrossEntropy.at::<f64, f64>(&[], 0), "class 0 at index 0, but there are 0 logits");
}

#[test]
fn parameters_out_of_range_are_refused() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Huber::new(bad).is_err() && PseudoHuber::new(bad).is_err());
    }
    for bad in [0.0, 1.0, -0.5, f64::NAN] {
        assert!(Quantile::new(bad).is_err());
    }
    for bad in [-1e-300, f64::NAN, f64::INFINITY] {
        assert!(EpsilonInsensitive::new(bad).is_err());
    }
    assert!(Huber::new(5e-324).is_ok() && PseudoHuber::new(5e-324).is_err());
    says(Huber::new(f64::NAN), "delta of Huber is NaN, expected a finite number above 0");
    says(Quantile::new(1.0_f32), "level of Quantile is 1, expected a number between 0 and 1");
}

#[test]
fn losses_run_in_single_precision() -> Result<(), LossError> {
    let tape = Tape::<f32>::default();
    let x = tape.var(1.5_f32);
    let pairs = [(x, 1.0_f32), (x * 2.0, 5.0)];
    let huber = Huber::new(1.0_f32)?.mean(pairs)?;
    assert_eq!((huber.value(), huber.backward().wrt(x)), ((0.125 + 1.5) / 2.0, (0.5 - 2.0) / 2.0));
    let far = x * 2e30;
    assert_eq!(LogCosh.mean([(far, 0.0_f32)])?.value(), far.value());
    assert_eq!(mean_absolute_error(pairs)?.value(), 1.25);
    assert_eq!(root_mean_squared_error([(2e30_f32, 0.0); 4]), Ok(2e30));
    assert_relative_eq!(CrossEntropy.at(&[0.5_f32, 0.5], 1)?, 2f32.ln());
    Ok(())
}
