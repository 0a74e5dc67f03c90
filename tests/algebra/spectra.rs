//! Eigenvalues, eigenvectors and singular values: iterations whose derivatives converge with them.

use crate::engines::{assert_along, assert_close, function, random, symmetric, twice_along};
use nalgebra::DMatrix;

function! {
    Eigenvalues |a| a.clone().symmetric_eigen().eigenvalues.as_slice().to_vec();
    EigenvaluesAlone |a| a.symmetric_eigenvalues().as_slice().to_vec();
    Eigenvectors |a| a.clone().symmetric_eigen().eigenvectors.as_slice().to_vec();
    SingularValues |a| a.clone().svd(true, true).singular_values.as_slice().to_vec();
    SingularValuesAlone |a| a.singular_values().as_slice().to_vec();
    Recomposed |a| a.clone().svd(true, true).recompose().expect("complete").as_slice().to_vec();
}

fn cases() -> impl Iterator<Item = (usize, u64)> {
    (2..=6).flat_map(|n| (1..=6).map(move |seed| (n, seed)))
}

#[test]
fn eigenvalues_have_the_derivatives_of_perturbation_theory() {
    for (n, seed) in cases() {
        let (a, da) = (symmetric(n, seed), symmetric(n, seed + 50));
        let found = a.clone().symmetric_eigen();
        let (values, vectors) = (found.eigenvalues, found.eigenvectors);
        // vᵢᵀ dA vⱼ
        let turned = vectors.transpose() * &da * &vectors;
        let slopes: Vec<f64> = turned.diagonal().iter().copied().collect();
        let expected = (values.as_slice(), slopes.as_slice());
        assert_along(&Eigenvalues, (&a, &da), expected, 1e-10);
        let alone = (a.symmetric_eigenvalues(), slopes.as_slice());
        assert_along(&EigenvaluesAlone, (&a, &da), (alone.0.as_slice(), alone.1), 1e-10);

        let gap = |i: usize, j: usize| values[j] - values[i];
        let others = |j: usize| (0..n).filter(move |&i| i != j);
        let curve = |j| others(j).map(|i| 2.0 * turned[(i, j)].powi(2) / gap(i, j)).sum();
        let curves: Vec<f64> = (0..n).map(curve).collect();
        assert_close("curves", &twice_along(&Eigenvalues, &a, &da), &curves, 1e-8);

        let mixed = DMatrix::from_fn(n, n, |i, j| match i == j {
            true => 0.0,
            false => turned[(i, j)] / gap(i, j),
        });
        let slopes = &vectors * mixed;
        let expected = (vectors.as_slice(), slopes.as_slice());
        assert_along(&Eigenvectors, (&a, &da), expected, 1e-9);
    }
}

#[test]
fn singular_values_have_the_derivatives_of_perturbation_theory() {
    for (n, seed) in cases() {
        for rows in [n, n + 2] {
            let (a, da) = (random(rows, n, seed), random(rows, n, seed + 50));
            let found = a.clone().svd(true, true);
            let (u, vt) = (found.u.expect("asked for"), found.v_t.expect("asked for"));
            let slopes = (u.transpose() * &da * vt.transpose()).diagonal();
            let expected = (found.singular_values.as_slice(), slopes.as_slice());
            assert_along(&SingularValues, (&a, &da), expected, 1e-10);
            assert_along(&SingularValuesAlone, (&a, &da), expected, 1e-10);
            assert_along(&Recomposed, (&a, &da), (a.as_slice(), da.as_slice()), 1e-9);
        }
    }
}
