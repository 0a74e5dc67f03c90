//! `wengert`: programs, recorded once and swept over columns.

use crate::loss::{COMPONENTS, DIM, INPUTS, Layers, log_normaliser, mean_and_factor, row};
use crate::rows::FEATURES;
use wengert::program::{Columns, Program, Sweep};
use wengert::{Objective, Scalar, objective};

/// `|a x² + b x - y|`.
pub(crate) fn absolute_error() -> impl Objective {
    objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs())
}

/// `ln(1 + eᶻ) - z y` with `z = w · x + b`.
pub(crate) fn logistic() -> impl Objective {
    objective!(|w, row| {
        let z = T::dot(&w[..FEATURES], &row[..FEATURES]) + w[FEATURES];
        z.softplus() - z * row[FEATURES]
    })
}

/// `Σ 100 (xᵢ₊₁ - xᵢ²)² + (xᵢ - 1)²`.
pub(crate) fn rosenbrock() -> impl Objective {
    objective!(|x| {
        let terms = x.windows(2).map(|pair| {
            let (t, u) = (pair[1] - pair[0] * pair[0], pair[0] - 1.0);
            t * t * 100.0 + u * u
        });
        terms.sum()
    })
}

/// The hinge loss of a perceptron 2-16-16-1 with ReLU.
pub(crate) struct Perceptron;

impl Objective for Perceptron {
    fn at<T: Scalar>(&self, weights: &[T], sample: &[T]) -> T {
        let Layers { w1, b1, w2, b2, w3, b3 } = Layers::of(weights);
        let layer = |w: &[T], b: &[T], x: &[T]| -> Vec<T> {
            let units = w.chunks_exact(x.len()).zip(b);
            units.map(|(w, &b)| (T::dot(w, x) + b).relu()).collect()
        };
        let h1 = layer(w1, b1, &sample[..INPUTS]);
        let h2 = layer(w2, b2, &h1);
        ((T::dot(w3, &h2) + *b3) * -sample[INPUTS] + 1.0).relu()
    }
}

/// The log-likelihood of a Gaussian mixture.
pub(crate) struct Mixture;

impl Objective for Mixture {
    fn at<T: Scalar>(&self, parameters: &[T], x: &[T]) -> T {
        let alphas = &parameters[..COMPONENTS];
        let log_density = |k: usize| {
            let (mean, packed) = mean_and_factor(parameters, k);
            let mut factor = packed.to_vec();
            let mut log_weight = alphas[k];
            for i in (0..DIM).map(|i| row(i) + i) {
                log_weight = log_weight + packed[i];
                factor[i] = packed[i].exp();
            }
            let v: Vec<T> = x.iter().zip(mean).map(|(&x, &mean)| mean - x).collect();
            let z: Vec<T> = (0..DIM).map(|i| T::dot(&factor[row(i)..][..=i], &v[..=i])).collect();
            log_weight - T::dot(&z, &z) * 0.5
        };
        let terms: Vec<T> = (0..COMPONENTS).map(log_density).collect();
        T::log_sum_exp(&terms) - T::log_sum_exp(alphas) - log_normaliser()
    }
}

/// A recorded program, ready to run.
pub(crate) struct Compiled(Sweep);

impl Compiled {
    /// The sum over the rows, or the value of an objective without rows, with the gradient.
    pub(crate) fn sum(objective: &impl Objective, at: &[f64], row: &[f64]) -> Self {
        Self::of(objective, at, row, |one| if row.is_empty() { one } else { one.sum() })
    }

    /// The mean over the rows, with the gradient.
    pub(crate) fn mean(objective: &impl Objective, at: &[f64], row: &[f64]) -> Self {
        Self::of(objective, at, row, Program::mean)
    }

    fn of(
        objective: &impl Objective,
        at: &[f64],
        row: &[f64],
        reduce: impl Fn(Program) -> Program,
    ) -> Self {
        match Program::record(objective, at, row) {
            Ok(program) => Compiled(reduce(program).gradient().compile()),
            Err(error) => panic!("the objective cannot be recorded: {error}"),
        }
    }

    /// Panics if the program refuses the data.
    pub(crate) fn run(&mut self, at: &[f64], columns: &[Vec<f64>], out: &mut [f64]) -> f64 {
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let found = Columns::new(&columns).and_then(|data| {
            let found = self.0.run(at, &data)?;
            out.copy_from_slice(found.gradient());
            Ok(found.value())
        });
        match found {
            Ok(value) => value,
            Err(error) => panic!("the program refuses the data: {error}"),
        }
    }
}
