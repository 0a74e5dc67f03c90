//! A function of a matrix, differentiated by each engine.

use nalgebra::{DMatrix, RealField};
use wengert::{Dual, Dual2, Tape, Taylor, Var};

/// A function of a matrix, written for any number.
pub(crate) trait Function {
    fn at<T: RealField + Copy>(&self, a: &DMatrix<T>) -> Vec<T>;
}

/// Writes one.
macro_rules! function {
    ($($name:ident |$a:ident| $value:expr;)+) => {$(
        pub(crate) struct $name;
        impl $crate::engines::Function for $name {
            fn at<T: nalgebra::RealField + Copy>(&self, $a: &nalgebra::DMatrix<T>) -> Vec<T> {
                $value
            }
        }
    )+};
}
pub(crate) use function;

/// Uniform in -1..1, the same in every run.
pub(crate) fn random(rows: usize, columns: usize, seed: u64) -> DMatrix<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    DMatrix::from_fn(rows, columns, |_, _| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    })
}

pub(crate) fn symmetric(n: usize, seed: u64) -> DMatrix<f64> {
    let a = random(n, n, seed);
    (&a + a.transpose()) * 0.5
}

/// Symmetric, with eigenvalues of 0.5 and more.
pub(crate) fn positive(n: usize, seed: u64) -> DMatrix<f64> {
    let a = random(n, n, seed);
    &a * a.transpose() + DMatrix::identity(n, n) * 0.5
}

/// The derivatives of a function's results along a direction.
pub(crate) fn along(f: &impl Function, a: &DMatrix<f64>, da: &DMatrix<f64>) -> Vec<f64> {
    let found = f.at(&a.zip_map(da, |x, t| Dual::new(x, [t])));
    found.into_iter().map(Dual::tangent).collect()
}

/// The second derivatives along a direction.
pub(crate) fn twice_along(f: &impl Function, a: &DMatrix<f64>, da: &DMatrix<f64>) -> Vec<f64> {
    let found = f.at(&a.zip_map(da, |x, t| Dual2::new(x, [t])));
    found.into_iter().map(Dual2::second).collect()
}

/// The derivatives along a direction, from the gradients of the results on a tape.
pub(crate) fn on_tape(f: &impl Function, a: &DMatrix<f64>, da: &DMatrix<f64>) -> Vec<f64> {
    let tape = Tape::new();
    let v = DMatrix::from_vec(a.nrows(), a.ncols(), tape.vars_from(a.as_slice()));
    let slope = |y: Var| y.backward().wrt(v.as_slice()).iter().zip(da).map(|(g, t)| g * t).sum();
    f.at(&v).into_iter().map(slope).collect()
}

/// Results and derivatives along a direction of all engines are these.
pub(crate) fn assert_along(
    f: &impl Function,
    (a, da): (&DMatrix<f64>, &DMatrix<f64>),
    (values, slopes): (&[f64], &[f64]),
    tolerance: f64,
) {
    let name = std::any::type_name_of_val(f);
    let plain = f.at(a);
    assert_close(&format!("{name}, values"), &plain, values, tolerance);
    // The same operations in the same order.
    let same: Vec<f64> = f.at(&a.map(Dual::<1>::from)).into_iter().map(Dual::value).collect();
    assert_close(&format!("{name}, values beside those of plain numbers"), &same, &plain, 1e-14);
    assert_close(&format!("{name}, duals"), &along(f, a, da), slopes, tolerance);
    assert_close(&format!("{name}, tape"), &on_tape(f, a, da), slopes, tolerance);
    let series = f.at(&a.zip_map(da, |x, t| Taylor::<1>::new(x, [t])));
    let series: Vec<f64> = series.into_iter().map(|y| y.derivative(1)).collect();
    assert_close(&format!("{name}, Taylor"), &series, slopes, tolerance);
}

pub(crate) fn assert_close(name: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{name}");
    let size = expected.iter().fold(0.0_f64, |size, x| size.max(x.abs())).max(f64::MIN_POSITIVE);
    for (i, (x, y)) in got.iter().zip(expected).enumerate() {
        assert!((x - y).abs() <= tolerance * size, "{name}, {i}: {x} for {y}");
    }
}
