//! `ScalarOperand` of `ndarray`: a number on the right of an operator with an array, as in `&a * x`.

use super::for_each_number;
use crate::{Dual, Dual2, Real, Taylor, Var};
use ndarray::ScalarOperand;

macro_rules! operand {
    ([$($any:tt)*] $T:ty) => {
        impl<$($any)*> ScalarOperand for $T {}
    };
}
for_each_number!(operand);
