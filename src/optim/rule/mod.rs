//! Update rules as data: one file for each.

mod adadelta;
mod adagrad;
mod adam;
mod asgd;
mod lion;
mod rmsprop;
mod rprop;
mod sgd;
mod shared;

pub use super::driver::{At, UpdateRule};
pub use adadelta::Adadelta;
pub use adagrad::Adagrad;
pub use adam::{AdaBelief, Adam, Adamax, Adan, AmsGrad, NAdam, RAdam, Yogi};
pub use asgd::Asgd;
pub use lion::Lion;
pub use rmsprop::RmsProp;
pub use rprop::Rprop;
pub use sgd::Sgd;
pub use shared::{Betas, Epsilon};
