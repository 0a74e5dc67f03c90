//! The losses over rows as objectives, for programs.

use crate::loss::{
    COMPONENTS, DIM, HIDDEN, INPUTS, Layers, by_dot, log_normaliser, mean_and_factor, row,
};
use wengert::program::{Columns, Program, Sweep};
use wengert::{Objective, Scalar};

/// The hinge loss of the perceptron; a row is an input and its class.
pub(crate) struct Perceptron;

impl Objective for Perceptron {
    fn at<T: Scalar>(&self, weights: &[T], row: &[T]) -> T {
        let Layers { w1, b1, w2, b2, w3, b3 } = Layers::of(weights);
        let unit = |w: &[T], n: usize, x: &[T], b: &[T], j: usize| {
            by_dot(&w[j * n..][..n], x, b[j]).relu()
        };
        let h1: Vec<T> = (0..HIDDEN).map(|j| unit(w1, INPUTS, &row[..INPUTS], b1, j)).collect();
        let h2: Vec<T> = (0..HIDDEN).map(|j| unit(w2, HIDDEN, &h1, b2, j)).collect();
        (by_dot(w3, &h2, *b3) * -row[INPUTS] + 1.0).relu()
    }
}

/// The log-likelihood of one point of the Gaussian mixture; see [`crate::loss::mixture`].
pub(crate) struct Mixture;

impl Objective for Mixture {
    fn at<T: Scalar>(&self, parameters: &[T], x: &[T]) -> T {
        let alphas = &parameters[..COMPONENTS];
        let terms: Vec<T> = (0..COMPONENTS)
            .map(|k| {
                let (mean, factor) = mean_and_factor(parameters, k);
                let v: Vec<T> = x.iter().zip(mean).map(|(&x, &mean)| x - mean).collect();
                let mut term = alphas[k];
                let mut square = T::from(0.0);
                for i in 0..DIM {
                    let (left, diagonal) = (&factor[row(i)..][..i], factor[row(i) + i]);
                    let z = T::dot(left, &v[..i]) + diagonal.exp() * v[i];
                    square += z * z;
                    term += diagonal;
                }
                term - square * 0.5
            })
            .collect();
        T::log_sum_exp(&terms) - T::log_sum_exp(alphas) - log_normaliser()
    }
}

/// A gradient by a program: over the rows of these columns the mean, or the sum; of no columns the one
/// value.
pub(crate) fn gradient(
    objective: &impl Objective,
    at: &[f64],
    columns: Vec<Vec<f64>>,
    reduce: fn(Program) -> Program,
) -> impl FnMut(&[f64], &mut [f64]) -> f64 + Send + 'static {
    let first: Vec<f64> = columns.iter().map(|column| column[0]).collect();
    let program =
        Program::record(objective, at, &first).expect("an objective that can be recorded");
    let mut sweep: Sweep = reduce(program).gradient().compile();
    let slices: Vec<&'static [f64]> = columns.into_iter().map(|x| &*x.leak()).collect();
    let data = Columns::new(&slices).expect("columns of one length");
    move |at, gradient| {
        let found = sweep.run(at, &data).expect("data as recorded");
        gradient.copy_from_slice(found.gradient());
        found.value()
    }
}
