//! Second derivatives over the whole range of numbers: `Taylor` against `Dual2`, whose formulas are others, and
//! against closed forms.

use super::generator::fixed;
use proptest::prelude::*;
use wengert::{Dual2, Scalar, Taylor, Var2, hvp};

/// Numbers of all magnitudes, and some at the ends of the range.
fn wide() -> impl Strategy<Value = f64> {
    let drawn = (-1.0..1.0, -1080..1025).prop_map(|(x, e): (f64, i32)| {
        // In two steps, as a power of two that is below the range may be asked for.
        x * 2f64.powi(e / 2) * 2f64.powi(e - e / 2)
    });
    let ends = [0.0, -0.0, 5e-324, 1e-310, 1.0, -1.0, 1.7e308, -1.5e308, f64::INFINITY];
    prop_oneof![4 => drawn, 1 => prop::sample::select(ends.to_vec())]
}

/// Numbers near one magnitude, which may be any, and so near one another.
fn close() -> impl Strategy<Value = Vec<f64>> {
    (-1075..1024, prop::collection::vec((-1.0..1.0, -4..1), 1..5)).prop_map(|(e, xs)| {
        let whole = |x: f64, e: i32| x * 2f64.powi(e / 2) * 2f64.powi(e - e / 2);
        xs.into_iter().map(|(x, near): (f64, i32)| whole(x, e + near)).collect()
    })
}

fn directions() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop::sample::select(vec![0.0, 1.0, 0.63, -1.0, 2.0]), 5)
}

/// A function of a list by both, along one direction: first and second derivatives.
fn both(
    xs: &[f64],
    along: &[f64],
    twice: impl Fn(&[Dual2]) -> Dual2,
    series: impl Fn(&[Taylor<2>]) -> Taylor<2>,
) -> ([f64; 2], [f64; 2]) {
    let seeds = || xs.iter().zip(along);
    let y = twice(&seeds().map(|(&x, &t)| Dual2::new(x, [t])).collect::<Vec<Dual2>>());
    let z: Vec<Taylor<2>> = seeds().map(|(&x, &t)| Taylor::new(x, [t, 0.0])).collect();
    let z = series(&z);
    ([z.derivative(1), z.derivative(2)], [y.first(), y.second()])
}

/// Whether two numbers are the same but for `room`, and for what lies below the normal range.
fn near(got: f64, want: f64, room: f64) -> bool {
    got == want
        || got.is_nan() && want.is_nan()
        || (got - want).abs() <= room * want.abs() + 4.0 * f64::MIN_POSITIVE
        // At the upper end the one may be rounded to infinity.
        || got.is_infinite() && want.abs() > 1e307 && got.signum() == want.signum()
        || want.is_infinite() && got.abs() > 1e307 && got.signum() == want.signum()
}

proptest! {
    #![proptest_config(fixed(4000))]

    #[test]
    fn norms_have_their_second_derivatives_at_all_magnitudes(
        xs in prop_oneof![prop::collection::vec(wide(), 1..5), close()],
        along in directions(),
    ) {
        let (got, want) = both(&xs, &along, Dual2::norm, Taylor::norm);
        prop_assert!(near(got[0], want[0], 1e-14), "{xs:?} {along:?}: {got:?}, {want:?}");
        // What `Dual2` loses where its squares are below the normal range.
        let lost = 16.0 * 5e-324 / f64::norm(&xs);
        let second = near(got[1], want[1], 1e-12) || (got[1] - want[1]).abs() <= lost;
        prop_assert!(second, "{xs:?} {along:?}: {got:?}, {want:?}");
    }

    #[test]
    fn powers_have_their_second_derivatives_at_all_magnitudes(
        x in wide(),
        power in prop_oneof![-80.0..80.0, -3.0..3.0],
        whole in -80..80i32,
        along in prop::sample::select(vec![1.0, -1.0, 0.5]),
    ) {
        // Below 0 there is no such power.
        let upwards = [along.abs()];
        let (got, want) = both(&[x.abs()], &upwards, |x| x[0].powf(power), |x| x[0].powf(power));
        let close = |i: usize| near(got[i], want[i], 1e-12);
        prop_assert!(close(0) && close(1), "{x:e}^{power} along {along}: {got:?}, {want:?}");
        let (got, want) = both(&[x], &[along], |x| x[0].powi(whole), |x| x[0].powi(whole));
        let close = |i: usize| near(got[i], want[i], 1e-12);
        prop_assert!(close(0) && close(1), "{x:e}^{whole} along {along}: {got:?}, {want:?}");
        let power = f64::from(whole);
        let (got, want) = both(&[x], &[along], |x| x[0].powf(power), |x| x[0].powf(power));
        let close = |i: usize| near(got[i], want[i], 1e-12);
        prop_assert!(close(0) && close(1), "{x:e}^{power} along {along}: {got:?}, {want:?}");
    }

    #[test]
    fn shares_have_their_second_derivatives_however_small(
        xs in prop::collection::vec(-400.0..400.0, 1..5),
        along in directions(),
    ) {
        for which in 0..xs.len() {
            let twice = |xs: &[Dual2]| Dual2::softmax(xs)[which];
            let (got, want) = both(&xs, &along, twice, |xs| Taylor::softmax(xs)[which]);
            // What of the slopes cancels.
            let room = 1e-14 * Scalar::norm(&along) * want[0].abs();
            prop_assert!(near(got[0], want[0], 1e-12), "{xs:?} {along:?}: {got:?}, {want:?}");
            let second = near(got[1], want[1], 1e-12) || (got[1] - want[1]).abs() <= room;
            prop_assert!(second, "{xs:?} {along:?}: {got:?}, {want:?}");
        }
        let (got, want) = both(&xs, &along, Dual2::log_sum_exp, Taylor::log_sum_exp);
        let close = near(got[0], want[0], 1e-14) && near(got[1], want[1], 1e-12);
        prop_assert!(close, "{xs:?} {along:?}: {got:?}, {want:?}");
    }

    /// Of two numbers the shares are `p` and `1 - p = e^-d p`, where `d` is their difference.
    #[test]
    fn shares_of_two_have_their_closed_form(x in 0.0..300.0, along in directions()) {
        let d = along[0] - along[1];
        let (p, q) = (f64::sigmoid(x), f64::sigmoid(-x));
        let xs = [0, 1].map(|i| Taylor::<3>::new([x, 0.0][i], [along[i], 0.0, 0.0]));
        let [slope, second, third] = [p * q * d, p * q * (q - p) * d * d, p * q * (1.0 - 6.0 * p * q) * d * d * d];
        let y = Taylor::log_sum_exp(&xs);
        prop_assert!(near(y.derivative(2), slope * d, 1e-13), "{x} {along:?}: {y:?}");
        let twice = [0, 1].map(|i| Dual2::new([x, 0.0][i], [along[i]]));
        let curve = Dual2::log_sum_exp(&twice).second();
        prop_assert!(near(curve, slope * d, 1e-13), "{x} {along:?}: {curve:e}");
        let recorded = hvp(Var2::log_sum_exp, &[x, 0.0], &along[..2]);
        let (_, _, product) = recorded.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let opposite = near(product[0], slope, 1e-13) && near(product[1], -slope, 1e-13);
        prop_assert!(opposite, "{x} {along:?}: {product:?}");
        prop_assert!(near(y.derivative(3), second * d, 1e-12) || x < 1.0, "{x} {along:?}: {y:?}");
        let shares = Taylor::softmax(&xs);
        for (share, sign) in shares.into_iter().zip([1.0, -1.0]) {
            prop_assert!(near(share.derivative(1), sign * slope, 1e-13), "{x} {along:?}: {share:?}");
            prop_assert!(near(share.derivative(2), sign * second, 1e-12) || x < 1.0, "{x} {along:?}: {share:?}");
            prop_assert!(near(share.derivative(3), sign * third, 1e-12) || x < 2.0, "{x} {along:?}: {share:?}");
        }
    }
}
