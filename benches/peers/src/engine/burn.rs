//! `burn`: tensors of doubles on its CPU backend, which is called flex, with automatic
//! differentiation.
//!
//! The data are tensors already; the parameters become tensors at each call, and the gradients are
//! read back.

use crate::loss::{COMPONENTS, DIM, HIDDEN, INPUTS, Layers, TRIANGLE, log_normaliser, row};
use burn::tensor::activation::{relu, softplus};
use burn::tensor::{DType, Device, Gradients, Tensor, TensorData};
use std::ops::Range;

fn tensor<const D: usize>(device: &Device, values: &[f64], shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), (device, DType::F64))
}

/// Parameters in a shape, to differentiate by.
fn leaf<const D: usize>(device: &Device, values: &[f64], shape: [usize; D]) -> Tensor<D> {
    tensor(device, values, shape).require_grad()
}

/// Some columns of a table that is stored row by row.
fn columns(device: &Device, rows: &[f64], width: usize, columns: Range<usize>) -> Tensor<2> {
    let shape = [rows.len() / width, columns.len()];
    let part = rows.chunks_exact(width).flat_map(|row| &row[columns.clone()]);
    tensor(device, &part.copied().collect::<Vec<f64>>(), shape)
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    match tensor.into_data().try_into_vec::<f64>() {
        Ok(numbers) => numbers,
        Err(error) => panic!("a tensor of doubles: {error:?}"),
    }
}

fn read<const D: usize>(gradients: &mut Gradients, leaf: &Tensor<D>, out: &mut [f64]) {
    match leaf.grad_remove(gradients) {
        Some(gradient) => out.copy_from_slice(&numbers(gradient)),
        None => out.fill(f64::NAN),
    }
}

/// Inputs, and what is to be found for them, a row each.
pub(crate) struct Labelled {
    device: Device,
    inputs: Tensor<2>,
    labels: Tensor<2>,
}

impl Labelled {
    /// The last column is the label.
    pub(crate) fn new(rows: &[f64], width: usize) -> Self {
        let device = device();
        let inputs = columns(&device, rows, width, 0..width - 1);
        let labels = columns(&device, rows, width, width - 1..width);
        Labelled { inputs, labels, device }
    }

    pub(crate) fn mean_absolute_error(&self, at: &[f64], out: &mut [f64]) -> f64 {
        let [a, b] = [0, 1].map(|i| leaf(&self.device, &at[i..=i], [1, 1]));
        let (x, y) = (self.inputs.clone(), self.labels.clone());
        let loss = ((x.clone() * a.clone() + b.clone()) * x - y).abs().mean();
        let mut gradients = loss.backward();
        read(&mut gradients, &a, &mut out[..1]);
        read(&mut gradients, &b, &mut out[1..]);
        numbers(loss)[0]
    }

    pub(crate) fn logistic(&self, at: &[f64], out: &mut [f64]) -> f64 {
        let features = at.len() - 1;
        let w = leaf(&self.device, &at[..features], [features, 1]);
        let b = leaf(&self.device, &at[features..], [1, 1]);
        let z = self.inputs.clone().matmul(w.clone()) + b.clone();
        let loss = (softplus(z.clone(), 1.0) - z * self.labels.clone()).mean();
        let mut gradients = loss.backward();
        read(&mut gradients, &w, &mut out[..features]);
        read(&mut gradients, &b, &mut out[features..]);
        numbers(loss)[0]
    }

    pub(crate) fn hinge(&self, at: &[f64], out: &mut [f64]) -> f64 {
        let Layers { w1, b1, w2, b2, w3, b3 } = Layers::of(at);
        let w1 = leaf(&self.device, w1, [HIDDEN, INPUTS]);
        let b1 = leaf(&self.device, b1, [1, HIDDEN]);
        let w2 = leaf(&self.device, w2, [HIDDEN, HIDDEN]);
        let b2 = leaf(&self.device, b2, [1, HIDDEN]);
        let w3 = leaf(&self.device, w3, [1, HIDDEN]);
        let b3 = leaf(&self.device, &[*b3], [1, 1]);

        let layer = |w: &Tensor<2>, b: &Tensor<2>, x: Tensor<2>| {
            x.matmul(w.clone().transpose()) + b.clone()
        };
        let h1 = relu(layer(&w1, &b1, self.inputs.clone()));
        let h2 = relu(layer(&w2, &b2, h1));
        let score = layer(&w3, &b3, h2);
        let loss = relu(-(score * self.labels.clone()) + 1.0).mean();

        let mut gradients = loss.backward();
        let mut rest = out;
        for leaf in [&w1, &b1, &w2, &b2, &w3, &b3] {
            let (part, after) = rest.split_at_mut(leaf.dims().iter().product());
            read(&mut gradients, leaf, part);
            rest = after;
        }
        numbers(loss)[0]
    }
}

/// Points, a row each.
pub(crate) struct Points {
    device: Device,
    points: Tensor<2>,
}

impl Points {
    pub(crate) fn new(rows: &[f64], width: usize) -> Self {
        let device = device();
        Points { points: columns(&device, rows, width, 0..width), device }
    }

    /// The points by all components at once: the factors are a batch of matrices.
    pub(crate) fn mixture(&self, at: &[f64], out: &mut [f64]) -> f64 {
        let n = self.points.dims()[0];
        let (means, factors) = at[COMPONENTS..].split_at(COMPONENTS * DIM);
        let mut squares = vec![0.0; COMPONENTS * DIM * DIM];
        let places = || {
            (0..COMPONENTS).flat_map(|k| {
                let place = move |i, j| (k * TRIANGLE + row(i) + j, (k * DIM + i) * DIM + j);
                (0..DIM).flat_map(move |i| (0..=i).map(move |j| place(i, j)))
            })
        };
        for (packed, square) in places() {
            squares[square] = factors[packed];
        }
        let mut unit = vec![0.0; DIM * DIM];
        (0..DIM).for_each(|i| unit[i * DIM + i] = 1.0);

        let alphas = leaf(&self.device, &at[..COMPONENTS], [COMPONENTS, 1, 1]);
        let means = leaf(&self.device, means, [COMPONENTS, 1, DIM]);
        let squares = leaf(&self.device, &squares, [COMPONENTS, DIM, DIM]);
        let unit = tensor(&self.device, &unit, [1, DIM, DIM]);
        let logs = squares.clone() * unit.clone();
        // Off the diagonal the exponential of 0 is 1, and is taken away.
        let factors = squares.clone() - logs.clone() + logs.clone().exp() * unit;
        let log_weights = alphas.clone() + logs.sum_dim(2).sum_dim(1);

        let x = self.points.clone().reshape([1, n, DIM]);
        let z = (means.clone() - x).matmul(factors.transpose());
        let terms = log_weights - z.clone().mul(z).sum_dim(2) * 0.5;
        let likelihoods = log_sum_exp(terms);
        let normaliser = (log_sum_exp(alphas.clone()) + log_normaliser()) * n as f64;
        let likelihood = likelihoods.sum() - normaliser.reshape([1]);

        let mut gradients = likelihood.backward();
        let (by_alphas, rest) = out.split_at_mut(COMPONENTS);
        let (by_means, by_factors) = rest.split_at_mut(COMPONENTS * DIM);
        read(&mut gradients, &alphas, by_alphas);
        read(&mut gradients, &means, by_means);
        let mut by_squares = vec![0.0; COMPONENTS * DIM * DIM];
        read(&mut gradients, &squares, &mut by_squares);
        for (packed, square) in places() {
            by_factors[packed] = by_squares[square];
        }
        numbers(likelihood)[0]
    }
}

/// Over the first dimension.
fn log_sum_exp(terms: Tensor<3>) -> Tensor<3> {
    let most = terms.clone().detach().max_dim(0);
    (terms - most.clone()).exp().sum_dim(0).log() + most
}

/// Without data; the shifted copies of `x` are slices.
pub(crate) fn rosenbrock(device: &Device, x: &[f64], out: &mut [f64]) -> f64 {
    let n = x.len();
    let x = tensor(device, x, [n]).require_grad();
    let (here, next) = (x.clone().narrow(0, 0, n - 1), x.clone().narrow(0, 1, n - 1));
    let (t, u) = (next - here.clone() * here.clone(), here - 1.0);
    let f = (t.clone() * t * 100.0 + u.clone() * u).sum();
    let mut gradients = f.backward();
    read(&mut gradients, &x, out);
    numbers(f)[0]
}

/// The processor, with differentiation.
pub(crate) fn device() -> Device {
    Device::flex().autodiff()
}
