//! `num-dual`: forward mode, all derivatives of a number at once.

use crate::number::{Beside, Number};
use crate::rows::RowLoss;
use nalgebra::SVector;
use num_dual::{DualNum, DualSVec64};

impl<const N: usize> Number for DualSVec64<N> {
    fn value(self) -> f64 {
        self.re
    }

    #[inline]
    fn abs(self) -> Self {
        if self.re < 0.0 { -self } else { self }
    }

    #[inline]
    fn exp(self) -> Self {
        DualNum::exp(&self)
    }

    #[inline]
    fn ln(self) -> Self {
        DualNum::ln(&self)
    }

    #[inline]
    fn ln_1p(self) -> Self {
        DualNum::ln_1p(&self)
    }
}

impl<const N: usize> Beside<f64> for DualSVec64<N> {}
impl<const N: usize> Beside<DualSVec64<N>> for DualSVec64<N> {}

/// One pass over all rows, without a record.
pub(crate) fn rows<L: RowLoss, const N: usize>(at: &[f64], rows: &[f64], out: &mut [f64]) -> f64 {
    let loss = |x: SVector<DualSVec64<N>, N>| {
        let prepared = L::prepare(x.as_slice());
        let mut rows = rows.chunks_exact(L::WIDTH);
        let Some(first) = rows.next() else { return DualSVec64::from_re(0.0) };
        let at = |row| L::at(x.as_slice(), &prepared, row);
        rows.fold(at(first), |sum, row| sum + at(row))
    };
    let (value, gradient) = num_dual::gradient(loss, &SVector::from_column_slice(at));
    out.copy_from_slice(gradient.as_slice());
    value
}
