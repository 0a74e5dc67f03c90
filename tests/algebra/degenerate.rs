//! Equal eigenvalues, zeros and blocks: what the decompositions' iterations make of them, as the documentation
//! says.

use crate::engines::{Function, along, assert_close, function, on_tape, symmetric, twice_along};
use crate::spectra::{Eigenvalues, SingularValues};
use nalgebra::DMatrix;

fn diagonal(values: &[f64]) -> DMatrix<f64> {
    DMatrix::from_diagonal(&values.to_vec().into())
}

#[test]
fn distinct_eigenvalues_of_a_diagonal_matrix_have_first_derivatives_and_lack_second_ones() {
    let (a, da) = (diagonal(&[1.0, 2.0, 4.0]), symmetric(3, 3));
    let expected: Vec<f64> = da.diagonal().iter().copied().collect();
    assert_close("duals", &along(&Eigenvalues, &a, &da), &expected, 1e-14);
    assert_close("tape", &on_tape(&Eigenvalues, &a, &da), &expected, 1e-14);
    // Nothing is rotated, so nothing of the second order is met.
    assert_eq!(twice_along(&Eigenvalues, &a, &da), [0.0; 3]);
    let found = along(&SingularValues, &a, &da);
    assert_close("singular", &found, &[expected[2], expected[1], expected[0]], 1e-14);
}

function! {
    // By the reflection across the plane of (1, 1, 1), which has no zeros.
    Rotated |a| {
        let third = nalgebra::convert::<f64, T>(2.0 / 3.0);
        let q = DMatrix::identity(3, 3) - DMatrix::from_element(3, 3, third);
        (&q * a * &q).symmetric_eigen().eigenvalues.as_slice().to_vec()
    };
}

#[test]
fn a_rotation_brings_the_second_derivatives_of_a_diagonal_matrix_back() {
    let (values, da) = ([1.0, 2.0, 4.0], symmetric(3, 3));
    let mut found: Vec<_> = {
        let a = diagonal(&values);
        Rotated.at(&a).into_iter().zip(twice_along(&Rotated, &a, &da)).collect()
    };
    found.sort_by(|x, y| x.0.total_cmp(&y.0));
    for (i, (value, curve)) in found.into_iter().enumerate() {
        let others = (0..3).filter(|&j| j != i);
        let expected: f64 =
            others.map(|j| 2.0 * da[(i, j)].powi(2) / (values[i] - values[j])).sum();
        assert!((value - values[i]).abs() < 1e-14, "{value}");
        assert!((curve - expected).abs() < 1e-9, "{curve} for {expected}");
    }
}

#[test]
fn blocks_have_first_derivatives_too() {
    let a = DMatrix::from_row_slice(3, 3, &[2.0, 1.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 5.0]);
    let da = symmetric(3, 3);
    let sum = (da[(0, 0)] + da[(1, 1)]) / 2.0;
    let expected = [sum + da[(0, 1)], sum - da[(0, 1)], da[(2, 2)]];
    assert_close("values", &Eigenvalues.at(&a), &[3.0, 1.0, 5.0], 1e-14);
    assert_close("duals", &along(&Eigenvalues, &a, &da), &expected, 1e-14);
    assert_close("tape", &on_tape(&Eigenvalues, &a, &da), &expected, 1e-14);
}

#[test]
fn equal_eigenvalues_have_right_sums_of_derivatives_alone() {
    let da = symmetric(3, 3);
    for (a, of) in [(DMatrix::identity(3, 3), 0..3), (DMatrix::from_element(3, 3, 1.0), 1..3)] {
        // The derivatives sum up to vᵀ dA v over the space of the eigenvalue.
        let expected = da.trace() - if of.start == 0 { 0.0 } else { da.sum() / 3.0 };
        for found in [along(&Eigenvalues, &a, &da), on_tape(&Eigenvalues, &a, &da)] {
            let sum: f64 = found[of.clone()].iter().sum();
            assert_close("sum", &[sum], &[expected], 1e-13);
        }
    }
    // Each of its own they are not: along dA those of the identity grow by the eigenvalues of dA.
    let mut found = along(&Eigenvalues, &DMatrix::identity(3, 3), &da);
    assert_close("diagonal", &found, da.diagonal().as_slice(), 1e-15);
    let mut truth = da.symmetric_eigenvalues().as_slice().to_vec();
    found.sort_by(f64::total_cmp);
    truth.sort_by(f64::total_cmp);
    assert!(found.iter().zip(&truth).any(|(x, y)| (x - y).abs() > 0.1), "{found:?} {truth:?}");
}

#[test]
fn singular_values_of_zero_and_the_zero_matrix_have_derivatives_of_zero() {
    let (a, da) = (DMatrix::zeros(3, 3), symmetric(3, 3));
    assert_eq!(along(&Eigenvalues, &a, &da), [0.0; 3]);
    assert_eq!(along(&SingularValues, &a, &da), [0.0; 3]);
    let ones = DMatrix::from_element(3, 3, 1.0);
    assert_eq!(SingularValues.at(&ones)[1..], [0.0; 2]);
    assert_eq!(along(&SingularValues, &ones, &da)[1..], [0.0; 2]);
}

function! {
    Pseudo |a| a.clone().pseudo_inverse(T::zero()).expect("not negative").as_slice().to_vec();
    Recomposed |a| a.clone().svd(true, true).recompose().expect("vectors").as_slice().to_vec();
    TurnedPseudo |a| {
        let q = turn();
        (&q * (a * &q).pseudo_inverse(T::zero()).expect("not negative")).as_slice().to_vec()
    };
    TurnedRecomposed |a| {
        let q: DMatrix<T> = turn();
        ((a * &q).svd(true, true).recompose().expect("vectors") * q.transpose()).as_slice().to_vec()
    };
    Inverse |a| a.clone().try_inverse().expect("regular").as_slice().to_vec();
}

/// An orthogonal matrix without zeros.
fn turn<T: nalgebra::RealField + Copy>() -> DMatrix<T> {
    DMatrix::from_row_slice(2, 2, &[0.6, -0.8, 0.8, 0.6]).map(nalgebra::convert::<f64, T>)
}

#[test]
fn of_columns_that_are_orthogonal_singular_values_have_derivatives_and_vectors_after_a_turn() {
    let a = DMatrix::from_row_slice(2, 2, &[1.0, -2.0, 1.0, 2.0]);
    for da in
        [DMatrix::from_row_slice(2, 2, &[0.0, 1.0, 0.0, 0.0]), crate::engines::random(2, 2, 5)]
    {
        // By uᵢᵀ dA vᵢ: the columns are the left vectors, scaled, and the axes the right ones.
        let great = (da[(1, 1)] - da[(0, 1)]) / 2f64.sqrt();
        let small = (da[(0, 0)] + da[(1, 0)]) / 2f64.sqrt();
        assert_close("values", &along(&SingularValues, &a, &da), &[great, small], 1e-14);
        let right = along(&Inverse, &a, &da);
        for found in [along(&TurnedPseudo, &a, &da), on_tape(&TurnedPseudo, &a, &da)] {
            assert_close("inverse, turned", &found, &right, 1e-14);
        }
        for found in [along(&TurnedRecomposed, &a, &da), on_tape(&TurnedRecomposed, &a, &da)] {
            assert_close("recomposed, turned", &found, da.as_slice(), 1e-13);
        }
        let off =
            |found: &[f64], want: &[f64]| found.iter().zip(want).any(|(x, y)| (x - y).abs() > 0.05);
        for found in [along(&Pseudo, &a, &da), on_tape(&Pseudo, &a, &da)] {
            assert!(off(&found, &right), "{found:?}");
        }
        for found in [along(&Recomposed, &a, &da), on_tape(&Recomposed, &a, &da)] {
            assert!(off(&found, da.as_slice()), "{found:?}");
        }
    }
}
