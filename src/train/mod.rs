//! Training: epochs, mini-batches, rows held back, stopping, saving and going on.
//!
//! A [`Trainer`] takes an [optimizer](crate::optim) through the rows of a [`BatchLoss`], batch by batch and
//! epoch by epoch. The loss may be recorded on tapes, run as a program, or be a function of your own.
//!
//! ```
//! use wengert::Var;
//! use wengert::optim::Sgd;
//! use wengert::train::{Batches, Split, TapeLoss, Trainer};
//!
//! // A curve through noisy points: every fifth of them is held back.
//! let curve = |row: usize| (row as f64 * 0.02 - 1.0, (row as f64 * 0.06).sin());
//! let mut loss = TapeLoss::new(100, |p: &[Var], row| {
//!     let (x, y) = curve(row);
//!     let hidden: Var = p.chunks(3).map(|p| (p[0] * x + p[1]).tanh() * p[2]).sum();
//!     (hidden - y).square()
//! });
//! let split = Split::random(100, 0.2, 1)?;
//! let mut parameters: Vec<f64> = (0..12).map(|i| (f64::from(i) * 1.7).sin()).collect();
//! let trained = Trainer::new(Sgd::builder(0.1).momentum(0.9).build()?)
//!     .epochs(60)
//!     .batches(Batches::of(10).shuffled(2))
//!     .rows(&split.training)
//!     .validate(&split.validation)
//!     .fit(&mut parameters, &mut loss)?;
//! assert!(trained.best_value < 0.01);
//! println!("{trained}"); // the epochs are used up: 0.0007 after epoch 58 of 60
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Parameters that others are to read are written by `Params::save_npz` and `Params::save_safetensors`, with the
//! features `npz` and `safetensors`, and read by their `load_` and `from_`.

mod batch_loss;
mod batches;
mod error;
mod history;
mod layer;
mod observer;
#[cfg(feature = "plot")]
pub mod plot;
#[cfg(feature = "progress")]
mod progress;
mod random;
mod run;
mod saved;
mod trained;
mod trainer;

pub use batch_loss::{BatchLoss, FnLoss, LossFailure, ProgramLoss, TapeLoss};
pub use batches::{Batches, Split};
pub use error::{At, TrainError};
pub use history::{EpochRecord, History};
pub use layer::{Initial, Perceptron};
pub use observer::{BatchView, EpochView, Observer};
#[cfg(feature = "progress")]
pub use progress::ProgressBar;
#[cfg(any(feature = "npz", feature = "safetensors"))]
pub use saved::ArrayError;
pub use saved::SavedError;
pub use trained::{TrainEnd, Trained};
pub use trainer::{Resume, Trainer};
