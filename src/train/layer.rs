//! Layers of scalars: [`Perceptron`], and how its weights begin.

use super::error::TrainError;
use super::random::Random;
use crate::{Params, Real, Scalar};

/// Layers of units, each a weighted sum of all units of the layer before plus a bias:
/// `yⱼ = f(Σᵢ wⱼᵢ xᵢ + bⱼ)`, but for the last layer, which has no `f`.
///
/// It holds the widths alone. The parameters are a flat list: of each layer the weights, unit by unit, then the
/// biases. So it serves every engine: plain numbers, tapes, duals, programs.
///
/// ```
/// use wengert::optim::Sgd;
/// use wengert::train::{Initial, Perceptron, TapeLoss, Trainer};
/// use wengert::{Scalar, Var};
/// let net = Perceptron::new(&[2, 8, 1])?;
/// let xor = |row: usize| ([f64::from(row as u32 & 1), f64::from(row as u32 >> 1)], row == 1 || row == 2);
/// let mut loss = TapeLoss::new(4, |p: &[Var], row| {
///     let (x, is_odd) = xor(row);
///     let y = net.outputs(p, &x, Var::tanh)[0];
///     if is_odd { -y.log_sigmoid() } else { -(-y).log_sigmoid() }
/// });
/// let mut params = net.params::<f64>(Initial::Glorot, 1);
/// let sgd = Sgd::builder(1.0).build()?;
/// Trainer::new(sgd).epochs(500).fit(params.values_mut(), &mut loss)?;
/// for row in 0..4 {
///     let (x, is_odd) = xor(row);
///     assert_eq!(net.outputs(params.values(), &x, f64::tanh)[0] > 0.0, is_odd);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Perceptron {
    widths: Vec<usize>,
}

/// How the weights of a layer begin; biases begin as 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Initial {
    /// Uniform within `±√(6 / n)`, with `n` units in the layer before, for `relu` and its like: K. He and
    /// others, "Delving Deep into Rectifiers" (2015). PyTorch's `kaiming_uniform_` for `relu`.
    He,
    /// Uniform within `±√(6 / (n + m))`, with `m` units in the layer itself, for `tanh` and its like: X. Glorot
    /// and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
    /// PyTorch's `xavier_uniform_`.
    Glorot,
}

impl Perceptron {
    /// A perceptron of these widths, from the inputs to the outputs.
    ///
    /// # Errors
    /// If there are fewer than two widths, or one is 0, or there are more parameters than a `usize` can count.
    ///
    /// ```
    /// use wengert::train::Perceptron;
    /// assert_eq!(Perceptron::new(&[64, 32, 10])?.parameter_count(), 64 * 32 + 32 + 32 * 10 + 10);
    /// assert!(Perceptron::new(&[64]).is_err() && Perceptron::new(&[64, 0, 10]).is_err());
    /// assert!(Perceptron::new(&[usize::MAX, 1]).is_err());
    /// # Ok::<(), wengert::train::TrainError>(())
    /// ```
    pub fn new(widths: &[usize]) -> Result<Self, TrainError> {
        let mut layers = widths.windows(2);
        let counted = layers.try_fold(0_usize, |all, layer| {
            all.checked_add(layer[0].checked_add(1)?.checked_mul(layer[1])?)
        });
        if widths.len() < 2 || widths.contains(&0) || counted.is_none() {
            return Err(TrainError::Widths { found: widths.to_vec() });
        }
        Ok(Perceptron { widths: widths.to_vec() })
    }

    /// How many weights and biases it has.
    ///
    /// ```
    /// use wengert::train::Perceptron;
    /// assert_eq!(Perceptron::new(&[2, 1])?.parameter_count(), 3);
    /// # Ok::<(), wengert::train::TrainError>(())
    /// ```
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.widths.windows(2).map(|layer| (layer[0] + 1) * layer[1]).sum()
    }

    /// Parameters to begin with, told by a seed, as blocks `weights 1`, `biases 1`, and so on: the weights as an
    /// array with a row for each unit, which is the shape that PyTorch gives them.
    ///
    /// ```
    /// use wengert::train::{Initial, Perceptron};
    /// let params = Perceptron::new(&[6, 3, 1])?.params::<f64>(Initial::He, 7);
    /// assert_eq!((params.block("weights 1")?.len(), params.block("biases 2")?), (18, &[0.0][..]));
    /// assert!(params.block("weights 1")?.iter().all(|w| w.abs() <= 1.0));
    /// assert_eq!(params.shape("weights 1")?, [3, 6]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn params<F: Real>(&self, initial: Initial, seed: u64) -> Params<F> {
        let mut params = Params::new();
        for (place, layer) in self.widths.windows(2).enumerate() {
            let (before, own) = (layer[0] as f64, layer[1] as f64);
            let most = match initial {
                Initial::He => (6.0 / before).sqrt(),
                Initial::Glorot => (6.0 / (before + own)).sqrt(),
            };
            let mut random = Random::new(seed, place as u64);
            let mut weight = || F::from_double(most * (2.0 * random.unit() - 1.0));
            let weights: Vec<F> = (0..layer[0] * layer[1]).map(|_| weight()).collect();
            let number = place + 1;
            params.push(format!("weights {number}"), &weights, &[layer[1], layer[0]]);
            params.push(format!("biases {number}"), &vec![F::zero(); layer[1]], &layer[1..]);
        }
        params
    }

    /// The outputs for some inputs, which may be numbers or variables; the activation acts on all layers but
    /// the last.
    ///
    /// # Panics
    /// If there are not as many parameters or inputs as it has.
    ///
    /// ```
    /// use wengert::Scalar;
    /// use wengert::train::Perceptron;
    /// let net = Perceptron::new(&[2, 1, 1])?;
    /// let outputs = net.outputs(&[1.0, 2.0, 0.5, 3.0, -1.0], &[1.0, -2.0], f64::relu);
    /// assert_eq!(outputs, [-1.0]); // 3 relu(1 - 4 + 0.5) - 1
    /// # Ok::<(), wengert::train::TrainError>(())
    /// ```
    #[track_caller]
    pub fn outputs<T, X>(
        &self,
        parameters: &[T],
        inputs: &[X],
        activation: impl Fn(T) -> T,
    ) -> Vec<T>
    where
        T: Scalar,
        X: Copy + Into<T> + 'static,
    {
        let (expected, found) = (self.parameter_count(), parameters.len());
        assert!(expected == found, "a perceptron of {expected} parameters, given {found}");
        let (expected, found) = (self.widths[0], inputs.len());
        assert!(expected == found, "a perceptron of {expected} inputs, given {found}");
        let last = self.widths.len() - 2;
        let mut rest = parameters;
        let mut layer = |place: usize| {
            let (before, own) = (self.widths[place], self.widths[place + 1]);
            let (weights, others) = rest.split_at(before * own);
            let (biases, others) = others.split_at(own);
            rest = others;
            (weights.chunks(before), biases)
        };
        let active = |place: usize, y: T| if place == last { y } else { activation(y) };
        let (weights, biases) = layer(0);
        let units = weights.zip(biases);
        let mut outputs: Vec<T> =
            units.map(|(weights, bias)| active(0, T::dot(weights, inputs) + *bias)).collect();
        for place in 1..=last {
            let (weights, biases) = layer(place);
            let units = weights.zip(biases);
            outputs = units
                .map(|(weights, bias)| active(place, T::dot(weights, &outputs) + *bias))
                .collect();
        }
        outputs
    }
}
