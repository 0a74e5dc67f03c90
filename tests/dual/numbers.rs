//! One expression, every number: operators, traits, generic code written elsewhere.

use wengert::{Dual, Dual2, LengthError, Scalar, Tape, Taylor, Var, Var2, derivative, gradient};

fn loss<T: Scalar>(x: &[T]) -> T {
    let errors = x.windows(2).map(|w| 100.0 * (w[1] - w[0].square()).square() + (1.0 - w[0]).abs());
    errors.sum::<T>() + T::norm(x) - T::log_sum_exp(x) / x[0] + 2.0 / x[1] - T::dot(x, x)
}

#[test]
fn a_generic_loss_runs_in_plain_numbers_on_the_tape_and_forward() {
    let x = [1.5, 0.5, -0.25, 2.0];
    let (value, slopes) = gradient(loss, &x);
    let y = loss(&Dual::<4>::seeds(x));
    assert_eq!(loss(&x).to_bits(), y.value().to_bits());
    assert_eq!(value.to_bits(), y.value().to_bits());
    for (dual, slope) in y.tangents().into_iter().zip(slopes) {
        assert!((dual - slope).abs() <= 1e-13 * slope.abs(), "{dual} {slope}");
    }
}

#[test]
#[allow(clippy::op_ref, reason = "the forms are what is tested")]
fn operators_have_all_their_forms() {
    let (x, y) = (Dual::<2>::seed(3.0, 0), Dual::<2>::seed(4.0, 1));
    let all = [x + y, &x + y, x + &y, &x + &y];
    assert!(all.iter().all(|z| z.value() == 7.0 && z.tangents() == [1.0, 1.0]));
    assert_eq!((2.0 - x).tangents(), [-1.0, 0.0]);
    assert_eq!((&2.0 * &x + x * &2.0).tangents(), [4.0, 0.0]);
    assert_eq!((12.0 / y).tangents(), [0.0, -0.75]);
    assert_eq!((x / y).tangents(), [0.25, -3.0 / 16.0]);
    assert_eq!((x % 2.0).tangents(), [1.0, 0.0]);
    assert_eq!((7.5 % x).tangents(), [-2.0, 0.0]);
    assert_eq!((-&x).tangents(), [-1.0, 0.0]);
    let mut z = x;
    z += y;
    z -= 1.0;
    z *= x;
    z /= &y;
    assert_eq!((z.value(), z.tangents()), (4.5, [9.0 / 4.0, 3.0 / 4.0 - 18.0 / 16.0]));
    z %= 1.0;
    assert_eq!(z.value(), 0.5);
    assert_eq!([x, y].iter().product::<Dual<2>>().tangents(), [4.0, 3.0]);
    assert_eq!((1.0_f32 + Dual::<1, f32>::variable(2.0)).value(), 3.0);
    assert!(x < y && x < 3.5 && x == 3.0 && x.max(y) == y);
    assert_eq!((format!("{x} {x:e}"), Dual::<3>::default().value()), ("3 3e0".into(), 0.0));
}

#[test]
fn long_sums_in_single_precision_do_not_stop() {
    let n = 1 << 25;
    let ones = (0..n).map(|_| Dual::<1, f32>::variable(1.0));
    let total = <Dual<1, f32> as Scalar<f32>>::sum_of(&ones.collect::<Vec<_>>());
    assert_eq!((total.value(), total.tangent()), (n as f32, n as f32));
}

#[test]
fn functions_of_the_users_own_join() {
    fn softsign<T: Scalar>(x: T) -> T {
        T::custom("softsign", [x], |[x]| {
            let d = 1.0 + x.abs();
            (x / d, [1.0 / (d * d)])
        })
    }
    assert_eq!(derivative(softsign, 1.0), (0.5, 0.25));
    let x = Dual::<2>::seeds([2.0, 5.0]);
    let product =
        Dual::custom_slice("product", &x, |x| (x[0] * x[1], [x[1], x[0]].into_iter().collect()));
    assert_eq!((product.value(), product.tangents()), (10.0, [5.0, 2.0]));
}

#[test]
#[should_panic(expected = "product has 2 arguments, but its rule gave 1 partials")]
fn a_rule_gives_one_partial_each() {
    let x = Dual::<2>::seeds([2.0, 5.0]);
    Dual::custom_slice("product", &x, |x| (x[0] * x[1], [x[1]].into_iter().collect()));
}

#[test]
#[should_panic(expected = "direction 2 of a number with 2")]
fn a_direction_that_there_is_not_is_refused() {
    Dual::<2>::seed(1.0, 2);
}

#[test]
fn lists_of_two_lengths_have_no_dot_product() {
    let x = Dual::<2>::seeds([2.0, 5.0]);
    let wrong = Dual::try_dot(&x, &[1.0]);
    assert!(matches!(wrong, Err(LengthError { .. })));
    let tape = Tape::new();
    assert!(Var::try_dot(&tape.vars([2.0, 5.0]), &[1.0]).is_err());
}

mod elsewhere {
    use num_traits::{Euclid, Float, FloatConst, Inv, Num, NumCast, One, Pow, Signed, Zero};
    use wengert::{Dual, derivative};

    /// Newton's square root, as code elsewhere may have it.
    fn newton<T: Float>(a: T) -> T {
        let two = T::one() + T::one();
        (0..30).fold(a, |x, _| (x + a / x) / two)
    }

    #[test]
    fn code_for_floats_differentiates_unchanged() {
        let (value, slope) = derivative(newton, 9.0);
        assert!((value - 3.0).abs() < 1e-15 && (slope - 1.0 / 6.0).abs() < 1e-15);
        let x = Dual::variable(0.5);
        assert_eq!(Float::to_degrees(x).tangent(), 1f64.to_degrees());
        assert_eq!(Float::clamp(x, Dual::zero(), Dual::one()).tangent(), 1.0);
        assert_eq!(Float::abs_sub(x, Dual::zero()).tangent(), 1.0);
        assert_eq!((Pow::pow(x, 3_u8).tangent(), Inv::inv(x).tangent()), (0.75, -4.0));
        assert_eq!(Signed::abs(&-x).tangent(), 1.0);
        let step = Euclid::div_euclid(&Dual::variable(7.5), &<Dual as From<f64>>::from(2.0));
        assert_eq!((step.value(), step.tangent()), (3.0, 0.0));
        assert_eq!(<Dual as FloatConst>::PI().value(), std::f64::consts::PI);
        assert_eq!(<Dual as Num>::from_str_radix("2.5", 10).unwrap(), 2.5);
        assert_eq!(<Dual<4, f32> as NumCast>::from(3_u8).unwrap().value(), 3.0);
        approx::assert_relative_eq!(x, <Dual as From<f64>>::from(0.5));
    }
}

/// As that of plain numbers.
#[test]
fn what_is_not_a_number_is_not_brought_between_bounds() {
    use num_traits::Float;
    let (nan, [lo, hi]) = (f64::NAN, [0.0, 1.0]);
    let tape = Tape::new();
    assert!(Float::clamp(nan, lo, hi).is_nan());
    assert!(Float::clamp(tape.var(nan), lo.into(), hi.into()).value().is_nan());
    assert!(Float::clamp(Dual::<1>::variable(nan), lo.into(), hi.into()).value().is_nan());
    assert!(Float::clamp(Dual2::<1>::variable(nan), lo.into(), hi.into()).value().is_nan());
    assert!(Float::clamp(Taylor::<2>::variable(nan), lo.into(), hi.into()).value().is_nan());
    assert!(Float::clamp(Var2::<1>::from(nan), lo.into(), hi.into()).value().is_nan());
}
