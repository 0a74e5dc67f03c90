//! Programs that a program becomes by differentiation, smooth, at kinks and beside branches not taken.

mod along;
mod choices;
mod curvature;
#[path = "hessian.rs"]
mod hessians;
mod jacobian;
mod powers;
mod sparse;
mod ties;
mod untaken;
mod zeros;
