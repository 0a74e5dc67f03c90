//! What comes out at kinks: rules, generalized gradients, directional derivatives, reports.

#[path = "../conventions/answers.rs"]
mod answers;
mod compositions;
mod drawn;
mod engines;
mod limits;
mod more;
mod page;
mod random;
mod reports;
mod rules;
mod subdifferential;
