//! Hessians: by rows and by products with directions, against closed forms.

use wengert::program::{Columns, Program};
use wengert::{Objective, Scalar, objective};

/// The Hessian at `x`, row after row, from [`Program::hessian`]; checked to be what products of
/// `gradient().jvp()` with the unit vectors give, to the bit or 0.
pub(crate) fn hessian(objective: &impl Objective, x: &[f64], data: &Columns<'_>) -> Vec<f64> {
    let program = Program::record(objective, x, &vec![1.0; data.column_count()]).unwrap();
    let mut rows = program.clone().hessian().compile();
    let found = rows.run(x, data).unwrap();
    let matrix: Vec<f64> = (0..x.len()).flat_map(|i| found.output(2 + i)).copied().collect();
    let mut product = program.gradient().jvp().compile();
    for i in 0..x.len() {
        let mut inputs = x.to_vec();
        inputs.extend((0..x.len()).map(|j| if i == j { 1.0 } else { 0.0 }));
        let found = product.run(&inputs, data).unwrap();
        for (j, &entry) in found.output(3).iter().enumerate() {
            assert_close(entry, matrix[i * x.len() + j], 1e-14);
        }
    }
    matrix
}

#[track_caller]
fn assert_close(got: f64, want: f64, tolerance: f64) {
    assert!(
        got == want || (got - want).abs() <= tolerance * (1.0 + want.abs()),
        "{got} and {want}"
    );
}

#[test]
fn of_rosenbrock() {
    let f = objective!(|x| x
        .windows(2)
        .map(|w| (w[1] - w[0] * w[0]).powi(2) * 100.0 + (-w[0] + 1.0).powi(2))
        .sum());
    let x = [-1.2, 1.0, 0.3, -0.7];
    let n = x.len();
    let got = hessian(&f, &x, &Columns::none());
    for i in 0..n {
        for j in 0..n {
            let diagonal =
                if i + 1 < n { 1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0 } else { 0.0 }
                    + if i > 0 { 200.0 } else { 0.0 };
            let want = match i.abs_diff(j) {
                0 => diagonal,
                1 => -400.0 * x[i.min(j)],
                _ => 0.0,
            };
            assert_close(got[i * n + j], want, 1e-14);
        }
    }
}

#[test]
fn of_log_sum_exp_is_diagonal_minus_outer_product_of_softmax() {
    let f = objective!(|x| T::log_sum_exp(x));
    for x in [[0.3, -1.0, 2.0], [900.0, 901.0, 899.5], [-800.0, -800.0, -1e4]] {
        let got = hessian(&f, &x, &Columns::none());
        let p = f64::softmax(&x);
        for i in 0..3 {
            for j in 0..3 {
                let want = if i == j { p[i] * (1.0 - p[i]) } else { -p[i] * p[j] };
                assert_close(got[3 * i + j], want, 1e-13);
            }
        }
    }
}

#[test]
fn of_softmax() {
    let f = objective!(|x| T::softmax(x)[0]);
    let x = [0.3, -1.0, 0.7];
    let got = hessian(&f, &x, &Columns::none());
    let p = f64::softmax(&x);
    let delta = |i, j| if i == j { 1.0 } else { 0.0 };
    for i in 0..3 {
        for j in 0..3 {
            let want =
                p[0] * ((delta(0, i) - p[i]) * (delta(0, j) - p[j]) - p[i] * (delta(i, j) - p[j]));
            assert_close(got[3 * i + j], want, 1e-13);
        }
    }
}

#[test]
fn of_a_norm_is_the_projection_over_it_and_nothing_at_the_origin() {
    let f = objective!(|x| T::norm(x));
    let x = [3.0, -1.0, 0.5];
    let norm = f64::norm(&x);
    let got = hessian(&f, &x, &Columns::none());
    for i in 0..3 {
        for j in 0..3 {
            let same = if i == j { 1.0 } else { 0.0 };
            assert_close(got[3 * i + j], (same - x[i] * x[j] / (norm * norm)) / norm, 1e-14);
        }
    }
    assert_eq!(hessian(&f, &[0.0; 3], &Columns::none()), [0.0; 9]);
    assert_eq!(hessian(&objective!(|[a, b]| a.hypot(b)), &[0.0; 2], &Columns::none()), [0.0; 4]);
    assert_eq!(hessian(&objective!(|[a, b]| a.atan2(b)), &[0.0; 2], &Columns::none()), [0.0; 4]);
}

#[test]
fn of_the_logistic_loss_over_rows() {
    let loss = objective!(|[a, b], [x, y]| (-(y * (a * x + b))).softplus());
    let x: Vec<f64> = (0..100).map(|i| f64::from(i) * 0.07 - 3.0).collect();
    let y: Vec<f64> = (0..100).map(|i| if i % 3 == 0 { -1.0 } else { 1.0 }).collect();
    let (a, b) = (0.7, -0.2);
    let got = hessian(&loss, &[a, b], &Columns::new(&[&x, &y]).unwrap());
    let mut want = [0.0; 4];
    for (&x, &y) in x.iter().zip(&y) {
        let p = 1.0 / (1.0 + (y * (a * x + b)).exp());
        let curve = p * (1.0 - p);
        for (want, by) in want.iter_mut().zip([x * x, x, x, 1.0]) {
            *want += curve * by;
        }
    }
    got.iter().zip(want).for_each(|(&got, want)| assert_close(got, want, 1e-13));
}

#[test]
fn of_gathered_parameters() {
    // `Σ exp(w[k] x)`: only the diagonal, each entry of the rows of its category.
    let loss = objective!(|w, [k, x]| (T::gather(w, k) * x).exp());
    let (k, x) = ([2.0, 0.0, 2.0, 2.0], [0.5, -1.0, 0.25, 2.0]);
    let w = [0.3, 9.0, -0.6];
    let got = hessian(&loss, &w, &Columns::new(&[&k, &x]).unwrap());
    let mut want = [0.0; 9];
    for (&k, &x) in k.iter().zip(&x) {
        want[k as usize * 4] += x * x * (w[k as usize] * x).exp();
    }
    got.iter().zip(want).for_each(|(&got, want)| assert_close(got, want, 1e-14));
}

#[test]
fn of_gathered_parameters_beside_others() {
    // `Σ exp(w[k] x) + w[3]²`: what is scattered for the row of `w[3]` is nothing, and known first.
    let loss = objective!(|w, [k, x]| (T::gather(&w[..3], k) * x).exp() + w[3] * w[3]);
    let (k, x) = ([2.0, 0.0, 2.0, 2.0], [0.5, -1.0, 0.25, 2.0]);
    let w = [0.3, 9.0, -0.6, 1.5];
    let mut sweep = Program::record(&loss, &w, &[0.0, 1.0]).unwrap().hessian().compile();
    let found = sweep.run(&w, &Columns::new(&[&k, &x]).unwrap()).unwrap();
    let (mut gradient, mut diagonal) = ([0.0; 4], [0.0; 4]);
    for (&k, &x) in k.iter().zip(&x) {
        let at = k as usize;
        let y = (w[at] * x).exp();
        gradient[at] += x * y;
        diagonal[at] += x * x * y;
        gradient[3] += 2.0 * w[3];
        diagonal[3] += 2.0;
    }
    for i in 0..4 {
        assert_close(found.gradient()[i], gradient[i], 1e-14);
        for j in 0..4 {
            assert_close(found.output(2 + i)[j], if i == j { diagonal[i] } else { 0.0 }, 1e-14);
        }
    }
}

#[test]
fn is_nothing_where_pieces_are_linear_kinks_included() {
    let f =
        objective!(|[a, b]| a.abs() + b.relu() * 2.0 + a.max(b) + b.clamp(-1.0, 1.0) + a.floor());
    for x in [[1.0, 2.0], [-1.0, 0.0], [0.0, 0.0], [3.0, 1.0]] {
        assert_eq!(hessian(&f, &x, &Columns::none()), [0.0; 4]);
    }
}

#[test]
fn of_quotients_and_powers_at_their_edges() {
    let f = objective!(|[a, b]| a / b);
    let got = hessian(&f, &[3.0, 2.0], &Columns::none());
    assert_eq!(got, [0.0, -0.25, -0.25, 0.75]);
    for (exponent, want) in [(1.0, 0.0), (2.0, 2.0), (3.0, 0.0), (0.0, 0.0)] {
        let power = objective!((exponent: f64) |[a]| a.powf(exponent));
        assert_eq!(hessian(&power, &[0.0], &Columns::none()), [want], "{exponent}");
    }
    for (n, want) in [(0, 0.0), (1, 0.0), (2, 2.0), (3, 0.0)] {
        let power = objective!((n: i32) |[a]| a.powi(n));
        assert_eq!(hessian(&power, &[0.0], &Columns::none()), [want], "{n}");
    }
    let entropy = objective!(|[p]| p.xlogy(p));
    assert_close(hessian(&entropy, &[0.25], &Columns::none())[0], 4.0, 1e-14);
}

#[test]
fn third_derivatives_come_the_same_way() {
    let f = objective!(|[x]| x.tanh());
    let mut sweep = Program::record(&f, &[0.5], &[]).unwrap().gradient().jvp().jvp().compile();
    let x = 0.4_f64;
    // (x, direction), and both again for the second direction.
    let found = sweep.run(&[x, 1.0, 1.0, 0.0], &Columns::none()).unwrap();
    let (y, s) = (x.tanh(), x.cosh().powi(-2));
    assert_close(found.output(3)[0], -2.0 * y * s, 1e-15);
    assert_close(found.output(7)[0], -2.0 * s * s + 4.0 * y * y * s, 1e-14);
}

#[test]
fn a_program_of_no_parameters_has_an_empty_hessian() {
    let constant = objective!(|_p, [x]| x * x);
    let program = Program::record(&constant, &[], &[1.0]).unwrap().sum();
    let data = Columns::new(&[&[1.0, 2.0]]).unwrap();
    let mut sweep = program.clone().hessian().compile();
    let found = sweep.run(&[], &data).unwrap();
    assert_eq!((found.value(), found.gradient(), found.hessian().len()), (5.0, &[][..], 0));
    let mut sweep = program.gauss_newton().compile();
    assert!(sweep.run(&[], &data).unwrap().gauss_newton().is_empty());
}
