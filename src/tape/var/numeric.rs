//! The traits of `num_traits` for [`Var`], up to `Float`, so that generic code written elsewhere runs on
//! it.

use super::Var;
use super::nary::meet;
use crate::Real;
use crate::op::scalar::number_family;
use num_traits as num;
use std::num::FpCategory;

number_family! {
    [F: Real] Var<F>,
    step: |a, b, quotient| {
        meet(&[a, b]);
        a.floor().shifted(quotient)
    },
    linear: |x, value, slope| x.chained(value, slope),
}
