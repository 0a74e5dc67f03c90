//! The functions of `RealField` and `ComplexField` are those of the numbers, with `nalgebra`'s branches.

use nalgebra::{ComplexField, RealField, SimdValue, Vector3};
use wengert::{Dual, Dual2, Tape, Var};

/// What one engine makes of a function: value and slope.
fn both<const N: usize>(f: fn(Var) -> Var, g: fn(Dual) -> Dual, xs: [f64; N]) {
    for x in xs {
        let tape = Tape::new();
        let v = tape.var(x);
        let y = f(v);
        let dual = g(Dual::variable(x));
        let slope = y.backward().wrt(v);
        let same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
        assert!(same(y.value(), dual.value()), "value at {x}");
        assert!(same(slope, dual.tangent()), "slope at {x}: {slope} {}", dual.tangent());
    }
}

macro_rules! same_as_methods {
    ($($name:ident)+) => {$(
        for x in [0.25, 0.75, 1.5] {
            let tape = Tape::new();
            let v = tape.var(x);
            let (field, method) = (ComplexField::$name(v), v.$name());
            assert_eq!(field.value().to_bits(), method.value().to_bits(), stringify!($name));
            let slopes = [field, method].map(|y| y.backward().wrt(v).to_bits());
            assert_eq!(slopes[0], slopes[1], stringify!($name));
        }
        both(ComplexField::$name, ComplexField::$name, [0.25, 0.75]);
    )+};
}

#[test]
fn functions_are_the_methods_of_the_same_name() {
    same_as_methods!(
        floor ceil round trunc fract recip sin cos tan asin acos atan sinh cosh tanh asinh acosh
        atanh log2 log10 ln ln_1p sqrt exp exp2 exp_m1 cbrt abs
    );
    let tape = Tape::new();
    let [x, y] = tape.vars([3.0, 4.0]);
    let of = |z: Var| z.backward().wrt([x, y]);
    assert_eq!(of(ComplexField::hypot(x, y)), [0.6, 0.8]);
    assert_eq!(of(ComplexField::powf(x, y)), of(x.powf(y)));
    assert_eq!(of(ComplexField::powc(x, y)), of(x.powf(y)));
    assert_eq!(of(ComplexField::log(x, y)), of(x.log(y)));
    assert_eq!(of(ComplexField::mul_add(x, y, x)), [5.0, 3.0]);
    assert_eq!(of(ComplexField::scale(x, y)), [4.0, 3.0]);
    assert_eq!(of(ComplexField::unscale(x, y)), of(x / y));
    assert_eq!(of(RealField::atan2(x, y)), of(x.atan2(y)));
    assert_eq!(of(RealField::max(x, y)), [0.0, 1.0]);
    assert_eq!(of(RealField::clamp(x, y, y + 1.0)), [0.0, 1.0]);
    assert_eq!(of(RealField::copysign(x, -y)), [-1.0, 0.0]);
    assert_eq!(of(ComplexField::modulus_squared(x)), [6.0, 0.0]);
    assert_eq!(<Var as RealField>::two_pi(), std::f64::consts::TAU);
    assert_eq!(RealField::min_value(), Some(Var::from(f64::MIN)));
}

#[test]
fn a_sign_and_its_modulus_take_one_branch_at_zero() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    let (modulus, sign) = x.to_exp();
    assert_eq!((modulus.backward().wrt(x), sign.value()), (1.0, 1.0));
    assert_eq!((modulus * sign).backward().wrt(x), 1.0);
    let (modulus, sign) = tape.var(-2.0).to_exp();
    assert_eq!((modulus.value(), sign.value()), (2.0, -1.0));
    assert_eq!(ComplexField::try_sqrt(tape.var(-1.0)), None);
    assert_eq!(ComplexField::argument(tape.var(-1.0)), std::f64::consts::PI);
}

#[test]
fn the_cardinal_sine_has_its_slope_near_zero() {
    for x in [0.0, 1e-9, 1e-4] {
        // -x/3 + x³/30, and -1/3 + x²/10
        let found = ComplexField::sinc(Dual2::variable(x));
        let [slope, curve] = [-x / 3.0 + x.powi(3) / 30.0, -1.0 / 3.0 + x * x / 10.0];
        assert!((found.first() - slope).abs() <= 1e-14 * slope.abs(), "{x}: {}", found.first());
        assert!((found.second() - curve).abs() <= 1e-12, "{x}: {}", found.second());
    }
    assert!((ComplexField::sinc(2.0) - ComplexField::sinc(Var::from(2.0)).value()).abs() < 1e-15);
}

#[test]
fn only_constants_are_plain_numbers() {
    let x = Tape::new().var(2.0);
    assert_eq!(nalgebra::try_convert::<Var, f64>(x), None);
    assert_eq!(nalgebra::try_convert::<Var, f64>(Var::from(2.0)), Some(2.0));
    assert_eq!(nalgebra::try_convert::<Dual, f64>(Dual::variable(2.0)), None);
    assert_eq!(nalgebra::convert::<f64, Dual2<3>>(2.0), 2.0);
    assert_eq!(nalgebra::convert::<f32, Var<f32>>(2.0), 2.0);
    assert_eq!((<Var as SimdValue>::LANES, x.extract(0).value()), (1, 2.0));
}

#[test]
fn norms_of_vectors_differentiate_and_have_single_precision() {
    let tape = Tape::<f32>::default();
    let v = Vector3::from(tape.vars([2.0_f32, 3.0, 6.0]));
    let slopes = v.norm().backward().wrt(v.as_slice());
    for (slope, x) in slopes.iter().zip([2.0_f32, 3.0, 6.0]) {
        assert!((slope - x / 7.0).abs() <= f32::EPSILON, "{slope}");
    }
    // (1 - x²/|v|²) / |v|
    let slope = v.normalize().x.backward().wrt(v.x);
    assert!((slope - 45.0 / 343.0).abs() <= f32::EPSILON, "{slope}");
}

#[test]
fn a_variable_on_another_thread_is_no_wrong_number() {
    let tape = Tape::new();
    let x = tape.var(3.0);
    // Arithmetic that writes nothing is right anywhere.
    let y = std::thread::spawn(move || x * x).join().expect("no panic");
    assert_eq!(y.backward().wrt(x), 6.0);
    let written = std::thread::spawn(move || {
        // A tape of that thread, in the place that this thread's has here.
        let other = Tape::new();
        let mixed = other.var(1.0);
        let keeps = std::panic::catch_unwind(|| x.keep() * x.square().keep());
        let mixes = std::panic::catch_unwind(|| mixed + x);
        let sweeps = std::panic::catch_unwind(|| x.backward());
        [keeps.is_err(), mixes.is_err(), sweeps.is_err()]
    });
    assert_eq!(written.join().expect("caught"), [true; 3]);
}
