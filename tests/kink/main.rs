//! What comes out at kinks: rules, generalized gradients, directional derivatives, reports.

mod compositions;
mod conventions;
mod drawn;
mod engines;
mod limits;
mod more;
mod page;
mod random;
mod reports;
mod rules;
mod subdifferential;
