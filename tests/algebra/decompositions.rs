//! LU, Cholesky and QR: determinants, inverses, solutions and factors have the derivatives of closed forms.

use crate::engines::{assert_along, assert_close, function, positive, random, twice_along};
use nalgebra::{DMatrix, DVector, RealField};
use wengert::{Dual2, gradient_array};

function! {
    Determinant |a| vec![a.determinant()];
    LogDeterminant |a| {
        let factor = nalgebra::Cholesky::new(a.clone()).expect("positive definite").unpack();
        vec![factor.diagonal().iter().fold(T::zero(), |sum, x| sum + x.ln() + x.ln())]
    };
    LogDeterminantByLu |a| {
        let u = a.clone().lu().u();
        vec![u.diagonal().iter().fold(T::zero(), |sum, x| sum + x.abs().ln())]
    };
    Inverse |a| a.clone().try_inverse().expect("regular").as_slice().to_vec();
    Solution |a| {
        let b = right_side::<T>(a.nrows());
        a.clone().lu().solve(&b).expect("regular").as_slice().to_vec()
    };
    SolutionByFullPivots |a| {
        let b = right_side::<T>(a.nrows());
        a.clone().full_piv_lu().solve(&b).expect("regular").as_slice().to_vec()
    };
    SolutionByQr |a| {
        let b = right_side::<T>(a.nrows());
        a.clone().qr().solve(&b).expect("regular").as_slice().to_vec()
    };
    SolutionByCholesky |a| {
        let b = right_side::<T>(a.nrows());
        nalgebra::Cholesky::new(a.clone()).expect("positive definite").solve(&b).as_slice().to_vec()
    };
    Factor |a| {
        nalgebra::Cholesky::new(a.clone()).expect("positive definite").l().as_slice().to_vec()
    };
    Orthogonal |a| a.clone().qr().q().as_slice().to_vec();
    Triangular |a| a.clone().qr().r().as_slice().to_vec();
}

fn right_side<T: RealField + Copy>(n: usize) -> DVector<T> {
    DVector::from_fn(n, |i, _| nalgebra::convert(1.0 + i as f64 * 0.25))
}

fn inverse(a: &DMatrix<f64>) -> DMatrix<f64> {
    a.clone().try_inverse().expect("regular")
}

#[test]
fn determinants_have_the_derivative_of_jacobi() {
    for n in 1..=6 {
        for seed in 1..=3 {
            let (a, da) = (random(n, n, seed), random(n, n, seed + 100));
            let det = a.determinant();
            let trace = (inverse(&a) * &da).trace();
            assert_along(&Determinant, (&a, &da), (&[det], &[det * trace]), 1e-11);
            let (value, slope) = ([det.abs().ln()], [trace]);
            assert_along(&LogDeterminantByLu, (&a, &da), (&value, &slope), 1e-11);
        }
    }
}

#[test]
fn log_determinants_have_both_derivatives() {
    for n in 2..=6 {
        let (a, da) = (positive(n, n as u64), random(n, n, 7));
        let da = &da + da.transpose();
        let step = inverse(&a) * &da;
        let value = [a.determinant().ln()];
        assert_along(&LogDeterminant, (&a, &da), (&value, &[step.trace()]), 1e-12);
        let curve = [-(&step * &step).trace()];
        assert_close("Cholesky", &twice_along(&LogDeterminant, &a, &da), &curve, 1e-12);
        assert_close("LU", &twice_along(&LogDeterminantByLu, &a, &da), &curve, 1e-12);
    }
}

#[test]
fn inverses_and_solutions_have_their_derivatives() {
    for n in 2..=6 {
        let (a, da) = (positive(n, n as u64), random(n, n, 3));
        let da = &da + da.transpose();
        let inverse = inverse(&a);
        let slope = -&inverse * &da * &inverse;
        let values = (inverse.as_slice(), slope.as_slice());
        assert_along(&Inverse, (&a, &da), values, 1e-11);
        let b = right_side::<f64>(n);
        let (x, dx) = (&inverse * &b, slope * &b);
        let expected = (x.as_slice(), dx.as_slice());
        assert_along(&Solution, (&a, &da), expected, 1e-11);
        assert_along(&SolutionByFullPivots, (&a, &da), expected, 1e-11);
        assert_along(&SolutionByQr, (&a, &da), expected, 1e-11);
        assert_along(&SolutionByCholesky, (&a, &da), expected, 1e-11);
        // A⁻¹ dA A⁻¹ dA A⁻¹, twice.
        let curve = 2.0 * &inverse * &da * &inverse * &da * &inverse;
        assert_close("curve", &twice_along(&Inverse, &a, &da), curve.as_slice(), 1e-10);
    }
}

#[test]
fn the_factor_of_cholesky_has_its_derivative() {
    for n in 2..=6 {
        let (a, da) = (positive(n, 5 + n as u64), random(n, n, 11));
        let da = &da + da.transpose();
        let l = nalgebra::Cholesky::new(a.clone()).expect("positive definite").l();
        let l_inverse = inverse(&l);
        // dL = L Φ(L⁻¹ dA L⁻ᵀ), where Φ takes the lower half and half of the diagonal.
        let mut phi = &l_inverse * &da * l_inverse.transpose();
        phi.fill_upper_triangle(0.0, 1);
        for i in 0..n {
            phi[(i, i)] *= 0.5;
        }
        let dl = &l * phi;
        assert_along(&Factor, (&a, &da), (l.as_slice(), dl.as_slice()), 1e-12);
    }
}

#[test]
fn the_factors_of_qr_have_theirs() {
    for (rows, n) in [(2, 2), (3, 3), (6, 4), (6, 6)] {
        let (a, da) = (random(rows, n, 3), random(rows, n, 4));
        let qr = a.clone().qr();
        let (q, r) = (qr.q(), qr.r());
        let r_inverse = inverse(&r);
        // With C = Qᵀ dA R⁻¹: QᵀdQ is antisymmetric and has C's lower half, dR R⁻¹ is the rest.
        let c = q.transpose() * &da * &r_inverse;
        let lower = c.lower_triangle() - DMatrix::from_diagonal(&c.diagonal());
        let omega = &lower - lower.transpose();
        let dr = (&c - &omega) * &r;
        let dq = &q * &omega + (&da - &q * (q.transpose() * &da)) * &r_inverse;
        assert_along(&Orthogonal, (&a, &da), (q.as_slice(), dq.as_slice()), 1e-11);
        assert_along(&Triangular, (&a, &da), (r.as_slice(), dr.as_slice()), 1e-11);
    }
}

/// Where the process was observed, and what was seen.
const POINTS: [(f64, f64); 6] =
    [(0.0, 0.3), (0.7, 0.9), (1.1, 1.0), (2.4, -0.2), (3.0, -0.8), (4.2, 0.1)];

/// The covariance of a process whose logarithms of height, length and noise are these.
fn covariance<T: RealField + Copy>(theta: &[T; 3]) -> DMatrix<T> {
    let number = |x: f64| nalgebra::convert::<f64, T>(x);
    let [height, length, noise] = theta.map(|t| t.exp());
    DMatrix::from_fn(POINTS.len(), POINTS.len(), |i, j| {
        let apart = number(POINTS[i].0 - POINTS[j].0) / length;
        let common = height * height * (apart * apart * number(-0.5)).exp();
        if i == j { common + noise * noise } else { common }
    })
}

/// `-½ (yᵀ K⁻¹ y + ln det K)`.
fn log_likelihood<T: RealField + Copy>(theta: &[T; 3]) -> T {
    let factor = nalgebra::Cholesky::new(covariance(theta)).expect("positive definite");
    let y = DVector::from_fn(POINTS.len(), |i, _| nalgebra::convert::<f64, T>(POINTS[i].1));
    let fit = y.dot(&factor.solve(&y));
    let half = nalgebra::convert::<f64, T>(-0.5);
    fit * half - factor.l().diagonal().iter().fold(T::zero(), |sum, x| sum + x.ln())
}

#[test]
fn a_gaussian_likelihood_has_the_gradient_and_hessian_derived_by_hand() {
    let theta = [0.2, 0.1, -1.0];
    let n = POINTS.len();
    let inverse = inverse(&covariance(&theta));
    let y = DVector::from_fn(n, |i, _| POINTS[i].1);
    let weights = &inverse * &y;
    let [height, length, noise] = theta.map(f64::exp);
    let apart = DMatrix::from_fn(n, n, |i, j| ((POINTS[i].0 - POINTS[j].0) / length).powi(2));
    let common = apart.map(|s| height * height * (-0.5 * s).exp());
    let nothing = DMatrix::zeros(n, n);
    let slopes = [
        &common * 2.0,
        common.component_mul(&apart),
        DMatrix::identity(n, n) * 2.0 * noise * noise,
    ];
    let bent = |s: f64| s * s - 2.0 * s;
    let curves = [
        [&common * 4.0, &slopes[1] * 2.0, nothing.clone()],
        [&slopes[1] * 2.0, common.component_mul(&apart.map(bent)), nothing.clone()],
        [nothing.clone(), nothing, &slopes[2] * 2.0],
    ];
    // ½ (αᵀ K' α - tr K⁻¹ K'), α = K⁻¹ y.
    let gradient =
        slopes.each_ref().map(|k| 0.5 * (weights.dot(&(k * &weights)) - (&inverse * k).trace()));
    let hessian = std::array::from_fn::<_, 3, _>(|i| {
        std::array::from_fn::<_, 3, _>(|j| {
            let (a, b, ab) = (&slopes[i], &slopes[j], &curves[i][j]);
            let fit = weights.dot(&(ab * &weights)) * 0.5
                - (a * &weights).dot(&(&inverse * (b * &weights)));
            fit + 0.5 * ((&inverse * a * &inverse * b).trace() - (&inverse * ab).trace())
        })
    });

    let (value, found) = gradient_array(|theta| log_likelihood(&theta), theta);
    assert_close("value", &[value], &[log_likelihood(&theta)], 1e-14);
    assert_close("gradient", &found, &gradient, 1e-12);
    let found = log_likelihood(&Dual2::seeds(theta));
    assert_close("gradient", &found.gradient(), &gradient, 1e-12);
    assert_close("Hessian", found.hessian().as_flattened(), hessian.as_flattened(), 1e-11);
}
