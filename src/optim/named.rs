//! Optimizers by their names: a [`Driver`] with a rule of [`rule`].

use super::{Driver, DriverBuilder, rule};
use crate::Real;

/// (Sub)gradient descent, with momentum; its recurrence is that of [`rule::Sgd`].
///
/// ```
/// use wengert::gradient;
/// use wengert::optim::{Optimizer, Sgd};
///
/// let mut sgd = Sgd::builder(0.1).momentum(0.9).build()?;
/// let mut x = [4.0, -3.0];
/// for _ in 0..500 {
///     let (value, slope) = gradient(|x| x[0] * x[0] + x[1] * x[1] * 0.5, &x);
///     sgd.step(&mut x, value, &slope)?;
/// }
/// approx::assert_relative_eq!(&x[..], &[0.0, 0.0][..], epsilon = 1e-9);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type Sgd<F = f64> = Driver<rule::Sgd<F>, F>;

/// The options of [`Sgd`].
///
/// ```
/// use wengert::optim::{Sgd, SgdBuilder};
/// let options: SgdBuilder = Sgd::builder(0.1).momentum(0.9);
/// assert!(options.build().is_ok());
/// ```
pub type SgdBuilder<F = f64> = DriverBuilder<rule::Sgd<F>, F>;

/// Adam, by D. P. Kingma and J. Ba; its recurrence, defaults and sources are with [`rule::Adam`].
///
/// ```
/// use wengert::optim::{Adam, Search};
/// let mut x = [2.0, -1.0];
/// let bowl = |x: &[wengert::Var]| (x[0] - 1.0).powi(2) + (x[1] + 3.0).powi(2);
/// let arrival = Search::new(Adam::builder(0.1).build()?, 2000).fit(&mut x, bowl)?;
/// assert!(arrival.value < 1e-3, "{arrival}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type Adam<F = f64> = Driver<rule::Adam<F>, F>;

/// [`Adam`] with decoupled weight decay: only its options differ.
///
/// I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019. PyTorch's default of the
/// decay is 0.01, as here; optax's is 10⁻⁴.
///
/// ```
/// use wengert::optim::{AdamW, Optimizer};
/// let mut adamw = AdamW::builder(0.5).weight_decay(0.5).build()?;
/// let mut x = [8.0];
/// adamw.step(&mut x, 0.0, &[0.0])?;
/// assert_eq!(x, [6.0]);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub enum AdamW {}

impl AdamW {
    /// Options for a learning rate; PyTorch's default is 0.001.
    ///
    /// ```
    /// use wengert::optim::{Adam, AdamW};
    /// let adamw: Adam = AdamW::builder(1e-3).build()?;
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn builder<F: Real>(learning_rate: F) -> DriverBuilder<rule::Adam<F>, F> {
        Adam::builder(learning_rate).weight_decay(F::from_double(0.01)).decoupled(true)
    }
}

/// AMSGrad: Adam with the greatest mean of squares so far; PyTorch's `Adam(amsgrad=True)`; its recurrence, defaults and sources are with [`rule::AmsGrad`].
///
/// ```
/// use wengert::optim::{AmsGrad, Search};
/// let mut x = [2.0, -1.0];
/// let bowl = |x: &[wengert::Var]| (x[0] - 1.0).powi(2) + (x[1] + 3.0).powi(2);
/// let arrival = Search::new(AmsGrad::builder(0.1).build()?, 2000).fit(&mut x, bowl)?;
/// assert!(arrival.value < 1e-3, "{arrival}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type AmsGrad<F = f64> = Driver<rule::AmsGrad<F>, F>;

/// Adam with Nesterov's momentum; its recurrence, defaults and sources are with [`rule::NAdam`].
///
/// ```
/// use wengert::optim::{NAdam, Search};
/// let mut x = [2.0, -1.0];
/// let bowl = |x: &[wengert::Var]| (x[0] - 1.0).powi(2) + (x[1] + 3.0).powi(2);
/// let arrival = Search::new(NAdam::builder(0.1).build()?, 2000).fit(&mut x, bowl)?;
/// assert!(arrival.value < 1e-3, "{arrival}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type NAdam<F = f64> = Driver<rule::NAdam<F>, F>;

/// Rectified Adam; its recurrence, defaults and sources are with [`rule::RAdam`].
///
/// ```
/// use wengert::optim::{RAdam, Search};
/// let mut x = [2.0, -1.0];
/// let bowl = |x: &[wengert::Var]| (x[0] - 1.0).powi(2) + (x[1] + 3.0).powi(2);
/// let arrival = Search::new(RAdam::builder(0.1).build()?, 2000).fit(&mut x, bowl)?;
/// assert!(arrival.value < 1e-3, "{arrival}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type RAdam<F = f64> = Driver<rule::RAdam<F>, F>;

/// Adam with a fading maximum; its recurrence, defaults and sources are with [`rule::Adamax`].
///
/// ```
/// use wengert::optim::{Adamax, Search};
/// let mut x = [2.0, -1.0];
/// let bowl = |x: &[wengert::Var]| (x[0] - 1.0).powi(2) + (x[1] + 3.0).powi(2);
/// let arrival = Search::new(Adamax::builder(0.1).build()?, 2000).fit(&mut x, bowl)?;
/// assert!(arrival.value < 1e-3, "{arrival}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type Adamax<F = f64> = Driver<rule::Adamax<F>, F>;

/// Adam that forgets steep slopes slowly; its recurrence, defaults and sources are with [`rule::Yogi`].
///
/// ```
/// use wengert::optim::{Yogi, Search};
/// let mut x = [2.0, -1.0];
/// let bowl = |x: &[wengert::Var]| (x[0] - 1.0).powi(2) + (x[1] + 3.0).powi(2);
/// let arrival = Search::new(Yogi::builder(0.1).build()?, 2000).fit(&mut x, bowl)?;
/// assert!(arrival.value < 1e-3, "{arrival}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type Yogi<F = f64> = Driver<rule::Yogi<F>, F>;

/// Adam with the squares of surprises; its recurrence, defaults and sources are with [`rule::AdaBelief`].
///
/// ```
/// use wengert::optim::{AdaBelief, Search};
/// let mut x = [2.0, -1.0];
/// let bowl = |x: &[wengert::Var]| (x[0] - 1.0).powi(2) + (x[1] + 3.0).powi(2);
/// let arrival = Search::new(AdaBelief::builder(0.1).build()?, 2000).fit(&mut x, bowl)?;
/// assert!(arrival.value < 1e-3, "{arrival}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type AdaBelief<F = f64> = Driver<rule::AdaBelief<F>, F>;

/// Adaptive Nesterov momentum; its recurrence, defaults and sources are with [`rule::Adan`].
///
/// ```
/// use wengert::optim::{Adan, Search};
/// let mut x = [2.0, -1.0];
/// let bowl = |x: &[wengert::Var]| (x[0] - 1.0).powi(2) + (x[1] + 3.0).powi(2);
/// let arrival = Search::new(Adan::builder(0.1).build()?, 2000).fit(&mut x, bowl)?;
/// assert!(arrival.value < 1e-3, "{arrival}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type Adan<F = f64> = Driver<rule::Adan<F>, F>;

/// RMSprop, centered or not, with momentum or without; its recurrence, defaults and sources are with [`rule::RmsProp`].
///
/// ```
/// use wengert::optim::{RmsProp, Search};
/// let mut x = [2.0, -1.0];
/// let bowl = |x: &[wengert::Var]| (x[0] - 1.0).powi(2) + (x[1] + 3.0).powi(2);
/// let arrival = Search::new(RmsProp::builder(0.1).build()?, 2000).fit(&mut x, bowl)?;
/// assert!(arrival.value < 1e-3, "{arrival}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type RmsProp<F = f64> = Driver<rule::RmsProp<F>, F>;

/// Adagrad: slopes over the root of the sum of their squares; its recurrence, defaults and sources are with [`rule::Adagrad`].
///
/// ```
/// use wengert::optim::{Adagrad, Search};
/// let mut x = [2.0, -1.0];
/// let bowl = |x: &[wengert::Var]| (x[0] - 1.0).powi(2) + (x[1] + 3.0).powi(2);
/// let arrival = Search::new(Adagrad::builder(0.5).build()?, 2000).fit(&mut x, bowl)?;
/// assert!(arrival.value < 1e-3, "{arrival}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type Adagrad<F = f64> = Driver<rule::Adagrad<F>, F>;

/// Adadelta: steps in the unit of the parameters; its recurrence, defaults and sources are with [`rule::Adadelta`].
///
/// ```
/// use wengert::optim::{Adadelta, Search};
/// let mut x = [2.0, -1.0];
/// let bowl = |x: &[wengert::Var]| (x[0] - 1.0).powi(2) + (x[1] + 3.0).powi(2);
/// let arrival = Search::new(Adadelta::standard().build()?, 2000).fit(&mut x, bowl)?;
/// assert!(arrival.value < 1e-3, "{arrival}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type Adadelta<F = f64> = Driver<rule::Adadelta<F>, F>;

/// Resilient propagation: a step size for each parameter; its recurrence, defaults and sources are with [`rule::Rprop`].
///
/// ```
/// use wengert::optim::{Rprop, Search};
/// let mut x = [2.0, -1.0];
/// let bowl = |x: &[wengert::Var]| (x[0] - 1.0).powi(2) + (x[1] + 3.0).powi(2);
/// let arrival = Search::new(Rprop::builder(0.1).build()?, 2000).fit(&mut x, bowl)?;
/// assert!(arrival.value < 1e-3, "{arrival}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type Rprop<F = f64> = Driver<rule::Rprop<F>, F>;

/// Lion: steps of one length in the sign of a momentum; its recurrence, defaults and sources are with [`rule::Lion`].
///
/// ```
/// use wengert::optim::{Lion, Search};
/// let mut x = [2.0, -1.0];
/// let bowl = |x: &[wengert::Var]| (x[0] - 1.0).powi(2) + (x[1] + 3.0).powi(2);
/// let arrival = Search::new(Lion::builder(0.01).build()?, 2000).fit(&mut x, bowl)?;
/// assert!(arrival.value < 1e-3, "{arrival}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type Lion<F = f64> = Driver<rule::Lion<F>, F>;

/// Averaged gradient descent; its recurrence, defaults and sources are with [`rule::Asgd`].
///
/// ```
/// use wengert::optim::{Asgd, Search};
/// let mut x = [2.0, -1.0];
/// let bowl = |x: &[wengert::Var]| (x[0] - 1.0).powi(2) + (x[1] + 3.0).powi(2);
/// let arrival = Search::new(Asgd::builder(0.1).build()?, 2000).fit(&mut x, bowl)?;
/// assert!(arrival.value < 1e-3, "{arrival}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
pub type Asgd<F = f64> = Driver<rule::Asgd<F>, F>;
