//! What comes out at kinks: rules, generalized gradients, directional derivatives, reports.

mod compositions;
mod limits;
mod random;
mod reports;
mod rules;
