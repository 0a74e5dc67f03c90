//! Arrays of `ndarray`: products, sums along axes and maps.

use ndarray::{Array1, Array2, Axis, array};
#[cfg(feature = "ndarray")]
use wengert::Dual;
use wengert::{Dual2, Tape, Var, gradient};

#[test]
fn a_quadratic_form_has_its_gradient() {
    let a = array![[2.0, -1.0, 0.5], [0.0, 3.0, 1.0], [1.5, 0.25, -2.0]];
    let x = array![0.5, -2.0, 1.25];
    let tape = Tape::new();
    let v = Array1::from_vec(tape.vars_from(x.as_slice().expect("contiguous")));
    let m = Array2::from_shape_vec((3, 3), tape.vars_from(a.as_slice().expect("contiguous")))
        .expect("nine of them");
    let form: Var = v.dot(&m.dot(&v));
    assert_eq!(form.value(), x.dot(&a.dot(&x)));
    let slopes = form.backward();
    let by_x = (&a + &a.t()).dot(&x);
    assert_eq!(Array1::from_vec(slopes.wrt(v.as_slice().expect("contiguous"))), by_x);
    let by_a = Array1::from_vec(slopes.wrt(m.as_slice().expect("contiguous")));
    let outer = Array2::from_shape_fn((3, 3), |(i, j)| x[i] * x[j]);
    assert_eq!(by_a.into_shape_with_order((3, 3)).expect("nine of them"), outer);
}

#[test]
fn products_of_matrices_have_those_of_their_traces() {
    // d tr(A B A) = (B A + A B) dB's counterpart: by A it is (A B + B A) transposed.
    let a = array![[1.0, 2.0], [-0.5, 3.0]];
    let b = array![[0.25, 1.0], [2.0, -1.0]];
    let (_, slopes) = gradient(
        |v: &[Var]| {
            let m = Array2::from_shape_vec((2, 2), v.to_vec()).expect("four of them");
            m.dot(&b.mapv(Var::from)).dot(&m).diag().sum()
        },
        a.as_slice().expect("contiguous"),
    );
    let expected = (a.dot(&b) + b.dot(&a)).t().as_standard_layout().into_owned();
    assert_eq!(Some(slopes.as_slice()), expected.as_slice());
}

#[test]
fn sums_along_axes_and_maps_differentiate() {
    let x = array![[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]];
    let (value, slopes) = gradient(
        |v: &[Var]| {
            let rows = Array2::from_shape_vec((2, 3), v.to_vec()).expect("six of them");
            let sums = rows.mapv(Var::exp).sum_axis(Axis(1));
            sums.mapv(Var::ln).sum()
        },
        x.as_slice().expect("contiguous"),
    );
    let shares = x.mapv(f64::exp);
    let sums = shares.sum_axis(Axis(1));
    approx::assert_relative_eq!(value, sums.mapv(f64::ln).sum(), max_relative = 1e-15);
    let expected = &shares / &sums.insert_axis(Axis(1));
    for (slope, expected) in slopes.iter().zip(&expected) {
        approx::assert_relative_eq!(slope, expected, max_relative = 1e-14);
    }
}

#[test]
fn second_derivatives_go_through_arrays() {
    let [x, y] = Dual2::seeds([2.0, 3.0]);
    let v = array![x, y];
    assert_eq!((v.dot(&v) * x).hessian(), [[12.0, 6.0], [6.0, 4.0]]);
}

#[cfg(feature = "ndarray")]
#[test]
fn a_number_is_an_operand_of_an_array() {
    let tape = Tape::new();
    let [a, b, x] = tape.vars([2.0, 3.0, 4.0]);
    let v = array![a, b];
    let all = (&v * x + x) / x - x;
    let mut assigned = v.clone();
    assigned *= x;
    assigned += x;
    assigned /= x;
    assigned -= x;
    for (found, y) in all.iter().chain(&assigned).zip([a, b, a, b]) {
        // y + 1 - x
        assert_eq!(found.value(), y.value() + 1.0 - 4.0);
        assert_eq!(found.backward().wrt([y, x]), [1.0, -1.0]);
    }
    // Plain numbers stand on the right of an array of variables as well.
    assert_eq!((&v * 2.0)[1].backward().wrt(b), 2.0);
    let duals = array![Dual::variable(1.0), Dual::from(2.0)] * Dual::variable(3.0);
    assert_eq!(duals.mapv(Dual::tangent), array![4.0, 2.0]);
}
