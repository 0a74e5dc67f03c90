//! The losses over rows of data, each written once for all engines.

use crate::loss::{
    COMPONENTS, DIM, HIDDEN, INPUTS, Layers, TRIANGLE, log_normaliser, mean_and_factor, row,
};
use crate::number::{Beside, Number};
use std::array;

/// Inputs of the logistic regression.
pub(crate) const FEATURES: usize = 20;

/// A loss that adds up over rows of data.
pub(crate) trait RowLoss: Copy + 'static {
    /// Numbers in a row.
    const WIDTH: usize;

    /// What does not depend on the row.
    fn prepare<T: Number>(_parameters: &[T]) -> Vec<T> {
        Vec::new()
    }

    /// The loss of one row.
    fn at<T: Beside<X> + Beside<T>, X: Copy>(parameters: &[T], prepared: &[T], row: &[X]) -> T;

    /// The sum over rows that are stored one after another.
    #[inline]
    fn sum<T: Beside<X> + Beside<T>, X: Copy>(parameters: &[T], rows: &[X]) -> T {
        let prepared = Self::prepare(parameters);
        let rows = rows.chunks_exact(Self::WIDTH);
        T::sum(rows.map(|row| Self::at(parameters, &prepared, row)))
    }
}

/// `|a x² + b x - y|` of a row `x, y`.
#[derive(Clone, Copy)]
pub(crate) struct AbsoluteError;

impl RowLoss for AbsoluteError {
    const WIDTH: usize = 2;

    #[inline]
    fn at<T: Beside<X> + Beside<T>, X: Copy>(parameters: &[T], _: &[T], row: &[X]) -> T {
        let ([a, b], [x, y]) = (parameters, row) else { panic!("two parameters, two columns") };
        (*a * *x * *x + *b * *x - *y).abs()
    }
}

/// `ln(1 + eᶻ) - z y` with `z = w · x + b`, of a row `x, y` with `y` 0 or 1.
#[derive(Clone, Copy)]
pub(crate) struct Logistic;

impl RowLoss for Logistic {
    const WIDTH: usize = FEATURES + 1;

    #[inline]
    fn at<T: Beside<X> + Beside<T>, X: Copy>(parameters: &[T], _: &[T], row: &[X]) -> T {
        let z = T::dot(&parameters[..FEATURES], &row[..FEATURES]) + parameters[FEATURES];
        z.softplus() - z * row[FEATURES]
    }
}

/// The hinge loss of a perceptron 2-16-16-1 with ReLU, of a row `x, class`.
#[derive(Clone, Copy)]
pub(crate) struct Perceptron;

impl RowLoss for Perceptron {
    const WIDTH: usize = INPUTS + 1;

    #[inline]
    fn at<T: Beside<X> + Beside<T>, X: Copy>(parameters: &[T], _: &[T], row: &[X]) -> T {
        let Layers { w1, b1, w2, b2, w3, b3 } = Layers::of(parameters);
        let (x, class) = (&row[..INPUTS], row[INPUTS]);
        let h1: [T; HIDDEN] =
            array::from_fn(|j| (T::dot(&w1[j * INPUTS..][..INPUTS], x) + b1[j]).relu());
        let h2: [T; HIDDEN] =
            array::from_fn(|j| (T::dot(&w2[j * HIDDEN..][..HIDDEN], &h1) + b2[j]).relu());
        (-((T::dot(w3, &h2) + *b3) * class) + 1.0).relu()
    }
}

/// The log-likelihood of a Gaussian mixture, of a row `x`.
#[derive(Clone, Copy)]
pub(crate) struct Mixture;

impl RowLoss for Mixture {
    const WIDTH: usize = DIM;

    /// The logarithms of the weights, the normaliser, then the factors with their diagonals.
    fn prepare<T: Number>(parameters: &[T]) -> Vec<T> {
        let alphas = &parameters[..COMPONENTS];
        let mut prepared: Vec<T> = (0..COMPONENTS)
            .map(|k| {
                let (_, factor) = mean_and_factor(parameters, k);
                let diagonal = (0..DIM).map(|i| factor[row(i) + i]);
                T::sum(diagonal.chain([alphas[k]]))
            })
            .collect();
        prepared.push(T::log_sum_exp(alphas) + log_normaliser());
        for k in 0..COMPONENTS {
            let start = prepared.len();
            prepared.extend_from_slice(mean_and_factor(parameters, k).1);
            for i in 0..DIM {
                let diagonal = &mut prepared[start + row(i) + i];
                *diagonal = diagonal.exp();
            }
        }
        prepared
    }

    #[inline]
    fn at<T: Beside<X> + Beside<T>, X: Copy>(parameters: &[T], prepared: &[T], x: &[X]) -> T {
        let (log_weights, rest) = prepared.split_at(COMPONENTS);
        let (normaliser, factors) = (rest[0], &rest[1..]);
        let terms: [T; COMPONENTS] = array::from_fn(|k| {
            let (mean, _) = mean_and_factor(parameters, k);
            let factor = &factors[k * TRIANGLE..][..TRIANGLE];
            let v: [T; DIM] = array::from_fn(|i| mean[i] - x[i]);
            let z: [T; DIM] = array::from_fn(|i| T::dot(&factor[row(i)..][..=i], &v[..=i]));
            log_weights[k] - T::dot(&z, &z) * 0.5
        });
        T::log_sum_exp(&terms) - normaliser
    }
}

/// `Σ 100 (xᵢ₊₁ - xᵢ²)² + (xᵢ - 1)²`, without rows.
#[inline]
pub(crate) fn rosenbrock<T: Number>(x: &[T]) -> T {
    let terms = x.windows(2).map(|pair| {
        let (t, u) = (pair[1] - pair[0] * pair[0], pair[0] - 1.0);
        t * t * 100.0 + u * u
    });
    T::sum(terms)
}
