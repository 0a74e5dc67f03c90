//! Optimizers and schedules against measured trajectories of PyTorch and optax, and what they share.

#![allow(clippy::unwrap_used, reason = "tests")]

mod measured;
mod rates;
#[cfg(feature = "serde")]
mod saved;
mod shared;
mod trajectories;
