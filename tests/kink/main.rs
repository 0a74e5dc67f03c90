//! What comes out at kinks: rules, generalized gradients, directional derivatives, reports.

mod compositions;
mod limits;
mod page;
mod random;
mod reports;
mod rules;
mod subdifferential;
