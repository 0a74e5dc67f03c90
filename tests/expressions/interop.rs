//! Generic code that was written for plain numbers, by others, runs on variables unchanged.

use approx::{assert_abs_diff_eq, assert_relative_eq, assert_ulps_eq};
use argmin_testfunctions as functions;
use nalgebra::{DMatrix, DVector, Matrix2, Vector2, Vector3};
use num_traits::{
    AsPrimitive, Bounded, Euclid, Float, FloatConst, FromPrimitive, Inv, MulAdd, MulAddAssign, Num,
    NumAssignRef, NumRef, One, Pow, RefNum, Signed, ToPrimitive, Zero,
};
use wengert::{Gradient, Tape, Var, gradient, gradient_array};

/// Compares with the derivative that the other crate works out by hand.
fn assert_derivative(name: &str, ours: &[f64], theirs: &[f64]) {
    let size = theirs.iter().fold(1.0, |m: f64, x| m.max(x.abs()));
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((ours - theirs).abs() <= 1e-12 * size, "{name}: {ours} and {theirs}");
    }
    assert_eq!(ours.len(), theirs.len());
}

macro_rules! of_slices {
    ($($f:ident $derivative:ident),+) => {$(
        for x in [&[0.3, -1.2, 2.5, 0.75][..], &[1.5, 0.25]] {
            let (value, slope) = gradient(|x: &[Var]| functions::$f(x), x);
            assert_eq!(value, functions::$f(x), stringify!($f));
            assert_derivative(stringify!($f), &slope, &functions::$derivative(x));
        }
    )+};
}

macro_rules! of_pairs {
    ($($f:ident $derivative:ident),+) => {$(
        for x in [[0.3, -1.2], [1.5, 0.25], [-2.25, 3.5]] {
            let (value, slope) = gradient_array(|x: [Var; 2]| functions::$f(&x), x);
            assert_eq!(value, functions::$f(&x), stringify!($f));
            assert_derivative(stringify!($f), &slope, &functions::$derivative(&x));
        }
    )+};
}

#[test]
fn the_test_functions_of_argmin_differentiate_to_their_own_derivatives() {
    of_slices!(
        rosenbrock rosenbrock_derivative,
        ackley ackley_derivative,
        levy levy_derivative,
        rastrigin rastrigin_derivative,
        sphere sphere_derivative,
        styblinski_tang styblinski_tang_derivative
    );
    of_pairs!(
        beale beale_derivative,
        booth booth_derivative,
        bukin_n6 bukin_n6_derivative,
        easom easom_derivative,
        goldsteinprice goldsteinprice_derivative,
        himmelblau himmelblau_derivative,
        levy_n13 levy_n13_derivative,
        matyas matyas_derivative,
        picheny picheny_derivative,
        schaffer_n2 schaffer_n2_derivative,
        threehumpcamel threehumpcamel_derivative
    );
}

/// Ordinary least squares in matrix form, for elements of any kind.
fn squares<T>(design: &DMatrix<T>, w: &DVector<T>, y: &DVector<T>) -> T
where
    T: nalgebra::Scalar
        + Num
        + nalgebra::ClosedAddAssign
        + nalgebra::ClosedSubAssign
        + nalgebra::ClosedMulAssign,
{
    let residual = design * w - y;
    residual.dot(&residual)
}

#[test]
fn least_squares_with_nalgebra_has_the_gradient_of_the_normal_equations() {
    let design = DMatrix::from_fn(20, 3, |i, j| ((i * 7 + j * 5) % 11) as f64 - 5.0);
    let target = DVector::from_fn(20, |i, _| (i % 4) as f64);
    let w = DVector::from_vec(vec![0.5, -0.25, 2.0]);

    let tape = Tape::new();
    let vars = DVector::from_vec(tape.vars_from(w.as_slice()));
    let loss = squares(&design.map(Var::from), &vars, &target.map(Var::from));
    assert_eq!(loss.value(), squares(&design, &w, &target));
    let slope = DVector::from_vec(loss.backward().wrt(vars.as_slice()));
    let expected = design.transpose() * (&design * &w - &target) * 2.0;
    assert_relative_eq!(slope, expected, max_relative = 1e-14);
}

#[test]
fn small_vectors_and_matrices_of_variables_work() {
    let (value, slope) = gradient_array(
        |[a, b, c, d]| {
            let m = Matrix2::new(a, b, c, d);
            let v = Vector2::new(a, d);
            (m * v).dot(&v) + m.transpose().trace()
        },
        [1.0, 2.0, 3.0, 4.0],
    );
    // a³ + (b + c) a d + d³ + a + d
    assert_eq!(value, 1.0 + 20.0 + 64.0 + 5.0);
    assert_eq!(slope, [3.0 + 20.0 + 1.0, 4.0, 4.0, 5.0 + 48.0 + 1.0]);
    let (_, slope) = gradient_array(
        |[x, y, z]| Vector3::new(x, y, z).cross(&Vector3::new(z, x, y)).sum(),
        [1.0, 2.0, 3.0],
    );
    // y² - z x + z² - x y + x² - y z
    assert_eq!(slope, [-3.0 - 2.0 + 2.0, 4.0 - 1.0 - 3.0, -1.0 + 6.0 - 2.0]);
}

#[test]
fn a_function_of_any_float_differentiates() {
    /// Written without a thought of derivatives.
    fn energy<T: Float + FloatConst + FromPrimitive + std::iter::Sum>(x: &[T]) -> T {
        let half = T::from_f64(0.5).unwrap();
        let waves: T = x.iter().map(|&x| (T::PI() * x).sin().powi(2)).sum();
        let wells: T = x.iter().map(|x| (x.abs() + T::epsilon()).ln().exp()).sum();
        half * waves + wells.max(T::zero()) + x[0].mul_add(x[1], T::one()).hypot(x[2])
    }
    let x = [0.3, -1.2, 2.5];
    let (value, slope) = gradient(|x: &[Var]| energy(x), &x);
    assert_eq!(value, energy(&x));
    let pi = std::f64::consts::PI;
    let (p, h) = (x[0] * x[1] + 1.0, (x[0] * x[1] + 1.0).hypot(x[2]));
    let wave = |x: f64| pi * (pi * x).sin() * (pi * x).cos();
    let expected = [
        wave(x[0]) + 1.0 + p * x[1] / h,
        wave(x[1]) - 1.0 + p * x[0] / h,
        wave(x[2]) + 1.0 + x[2] / h,
    ];
    for (slope, expected) in slope.iter().zip(expected) {
        assert_relative_eq!(*slope, expected, max_relative = 1e-13);
    }
}

#[test]
fn the_numeric_traits_answer_as_the_value_would() {
    let tape = Tape::new();
    let x = tape.var(-2.5);
    assert!(Var::<f64>::zero().is_zero() && Var::<f64>::one().is_one());
    assert!(<Var as Zero>::zero().is_constant());
    assert!(x.is_negative() && !x.is_positive() && Float::is_sign_negative(x));
    assert!(Signed::abs(&x) == 2.5 && Signed::signum(&x) == -1.0 && Signed::abs_sub(&x, &x) == 0.0);
    assert_eq!(x.to_f64(), Some(-2.5));
    assert_eq!((x.to_i64(), x.to_u64(), x.to_usize()), (Some(-2), None, None));
    assert_eq!(<Var as num_traits::NumCast>::from(7_u8).unwrap(), 7.0);
    assert_eq!(Var::<f64>::from_usize(9).unwrap(), 9.0);
    assert_eq!(Var::<f32>::from_f64(0.1).unwrap(), 0.1_f32);
    assert_eq!(<Var as Num>::from_str_radix("-1.5", 10).unwrap(), -1.5);
    assert!(<Var as Num>::from_str_radix("one", 10).is_err());
    assert_eq!(<Var as Bounded>::max_value(), f64::MAX);
    assert_eq!(<Var as Float>::min_positive_value(), f64::MIN_POSITIVE);
    assert!(<Var as Float>::nan().is_nan() && <Var as Float>::infinity().is_infinite());
    assert_eq!(Float::integer_decode(x), Float::integer_decode(-2.5_f64));
    assert_eq!(Float::classify(x), (-2.5_f64).classify());
    assert_eq!(<Var as FloatConst>::TAU(), std::f64::consts::TAU);
}

#[test]
fn the_numeric_traits_differentiate() {
    let slope = |f: fn(Var) -> Var| gradient_array(|[x]| f(x), [2.0]).1[0];
    assert_eq!(slope(Inv::inv), -0.25);
    assert_eq!(slope(|x| Pow::pow(x, 3)), 12.0);
    assert_eq!(slope(|x| Pow::pow(x, 3.0)), 12.0);
    assert_eq!(slope(|x| Pow::pow(x, Var::from(3.0))), 12.0);
    assert_eq!(slope(|x| num_traits::pow(x, 5)), 80.0);
    assert_eq!(slope(|x| MulAdd::mul_add(x, x, x)), 5.0);
    assert_eq!(slope(|x| Float::abs_sub(x, Var::from(1.0))), 1.0);
    assert_eq!(slope(Float::to_degrees), 1f64.to_degrees());
    assert_eq!(slope(Float::to_radians), 1f64.to_radians());
    assert_eq!(Float::to_degrees(Var::from(0.3)), 0.3f64.to_degrees());
    assert_eq!(slope(|x| num_traits::clamp(x * 3.0, Var::zero(), Var::from(9.0))), 3.0);
    assert_eq!(slope(|x| Float::log(x, Var::from(std::f64::consts::E))), 0.5);
    assert_eq!(slope(|x| Float::powf(x, Var::from(2.0)) + Float::sqrt(x * 8.0)), 5.0);
}

#[test]
fn powers_take_every_exponent_that_powers_of_numbers_take() {
    /// The bounds that generic code may have.
    fn cube<T>(x: T) -> Vec<T>
    where
        T: Copy
            + Pow<i8, Output = T>
            + Pow<u8, Output = T>
            + Pow<i16, Output = T>
            + Pow<u16, Output = T>
            + Pow<i32, Output = T>
            + Pow<f64, Output = T>
            + for<'a> Pow<&'a i32, Output = T>,
        for<'a> &'a T: Pow<i32, Output = T> + Pow<&'a f64, Output = T>,
    {
        let byte = [x.pow(3_i8), x.pow(3_u8)];
        let word = [x.pow(3_i16), x.pow(3_u16), x.pow(3), x.pow(&3)];
        let reference = [(&x).pow(3), (&x).pow(&3.0), x.pow(3.0)];
        [byte.as_slice(), &word, &reference].concat()
    }
    let tape = Tape::new();
    let x = tape.var(2.0);
    for (cube, number) in cube::<Var>(x).into_iter().zip(cube::<f64>(2.0)) {
        assert_eq!((cube.value(), number), (8.0, 8.0));
        assert_eq!(cube.backward().wrt(x), 12.0);
    }
    assert_eq!(Pow::pow(x, x).backward().wrt(x), 4.0 * (2f64.ln() + 1.0));
}

#[test]
fn operators_on_references_and_assigning_ones_serve_generic_code() {
    fn polynomial<T: NumRef + NumAssignRef + Copy + MulAddAssign>(x: &T, coefficients: &[T]) -> T
    where
        for<'a> &'a T: RefNum<T>,
    {
        let mut sum = T::zero();
        for c in coefficients {
            sum *= x;
            sum += c;
        }
        let mut twice = sum;
        twice.mul_add_assign(T::one() + T::one(), T::zero());
        let (sum, twice, one, quartic) = (&sum, &twice, &T::one(), &(x * x * x * x));
        let whole = &((twice - sum) / one);
        whole % quartic
    }
    let coefficients = [2.0, -3.0, 0.5];
    let value = polynomial::<f64>(&4.0, &coefficients);
    assert_eq!(value, 2.0 * 16.0 - 12.0 + 0.5);
    let got = gradient_array(|[x]| polynomial::<Var>(&x, &coefficients.map(Var::from)), [4.0]);
    assert_eq!(got, (value, [2.0 * 2.0 * 4.0 - 3.0]));
}

#[test]
fn plain_numbers_become_constants_where_generic_code_asks_for_them() {
    fn mean<T: Float + 'static>(xs: &[T]) -> T
    where
        usize: AsPrimitive<T>,
        f32: AsPrimitive<T>,
    {
        let sum = xs.iter().fold(0.0_f32.as_(), |sum: T, &x| sum + x);
        sum / xs.len().as_()
    }
    let (value, slope) = gradient(|x: &[Var]| mean(x), &[1.0, 2.0, 6.0]);
    assert_eq!((value, slope), (mean(&[1.0, 2.0, 6.0]), vec![1.0 / 3.0; 3]));
    let tape = Tape::<f32>::default();
    let x = tape.var(1.5_f32);
    assert_eq!(mean(&[x, x * 2.0]).backward().wrt(x), 1.5);
}

#[test]
fn euclidean_division_has_the_values_and_slopes_of_its_pieces() {
    fn rest<T: Euclid + Float>(a: T, b: T) -> [T; 2] {
        [a.div_euclid(&b), a.rem_euclid(&b)]
    }
    for (a, b) in [(7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (-7.5, -2.0), (1e300, 3.0), (1.0, 0.0)] {
        let tape = Tape::new();
        let v = tape.vars([a, b]);
        let [quotient, rest_of] = rest(v[0], v[1]);
        let same = |x: Var, y: f64| assert_eq!(x.value().to_bits(), y.to_bits(), "{a} by {b}");
        let [by_number, rest_by_number] = rest(a, b);
        same(quotient, by_number);
        same(rest_of, rest_by_number);
        assert_eq!(quotient.backward().wrt(v), [0.0, 0.0]);
        if b != 0.0 {
            assert_eq!(rest_of.backward().wrt(v), [1.0, -by_number]);
        }
    }
}

#[test]
fn a_generic_clamp_meets_its_bounds_as_kinks() {
    fn clamped<T: Float>(x: T, least: T, most: T) -> T {
        x.clamp(least, most)
    }
    for x in [-3.0, -1.0, 0.5, 2.0, 7.0] {
        let tape = Tape::new();
        let v = tape.var(x);
        let ours = v.clamp(-1.0, 2.0);
        let theirs = clamped(v, Var::from(-1.0), Var::from(2.0));
        assert_eq!(theirs.value(), clamped(x, -1.0, 2.0));
        assert_eq!(theirs.backward().wrt(v), ours.backward().wrt(v), "at {x}");
        assert_eq!(tape.kinks().len(), if x == -1.0 || x == 2.0 { 2 } else { 0 }, "at {x}");
    }
    // Which bound holds is a choice as well: the slope goes to it.
    let of = |x| gradient_array(|[x, least, most]| clamped(x, least, most), [x, 1.0, 2.0]).1;
    assert_eq!([of(0.0), of(1.5), of(3.0)], [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]);
}

#[test]
fn approximate_comparisons_take_variables_and_gradients() {
    let tape = Tape::new();
    let [a, b] = tape.vars([1.0, 1.0 + 1e-9]);
    assert_abs_diff_eq!(a, b, epsilon = 1e-8.into());
    assert_relative_eq!(a, b, max_relative = 1e-8.into());
    assert_ulps_eq!(a, Var::from(1.0 + f64::EPSILON), max_ulps = 1);
    assert!(approx::relative_ne!(a, b, max_relative = 1e-10.into()));
    let at = |x: f64| -> Gradient {
        tape.clear();
        let v = tape.var(x);
        (v * v).backward()
    };
    assert_relative_eq!(at(1.0), at(1.0 + 1e-12), max_relative = 1e-10);
    assert_abs_diff_eq!(at(1.0), at(1.0 + 1e-12), epsilon = 1e-10);
    assert_ulps_eq!(at(1.0), at(1.0));
    assert!(approx::relative_ne!(at(1.0), at(2.0)));
}
