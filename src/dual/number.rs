//! [`Dual`] as a number that a tape computes with.

use super::first::Dual;
use super::jet::Jet;
use super::lanes::{joined, passed, scaled};
use crate::Real;
use crate::op::{Binary, Unary};
use crate::real::Number;

impl<const N: usize, F: Real> Number for Dual<N, F> {
    type Wide = Dual<N, f64>;
    const SINGLE: bool = <F as Real>::SINGLE;
    #[inline(always)]
    fn still(x: f64) -> Self {
        Jet::constant(F::from_double(x))
    }
    #[inline(always)]
    fn plain(self) -> f64 {
        self.here().to_double()
    }
    #[inline(always)]
    fn widen(self) -> Dual<N, f64> {
        Jet::widen(self)
    }
    #[inline(always)]
    fn narrow(wide: Dual<N, f64>) -> Self {
        Jet::narrow(wide, F::from_double(wide.here()))
    }
    #[inline(always)]
    fn is_nothing(self) -> bool {
        self.here() == F::zero() && self.is_level()
    }
    /// The product, where 0 passes nothing on in the value either: an adjoint of 0 that changes meets partials
    /// that are infinite.
    #[inline(always)]
    fn pass(self, adjoint: Self) -> Self {
        let (p, a) = (self.here(), adjoint.here());
        let changes = joined((a, &self.tangents()), (p, &adjoint.tangents()));
        Dual::new(passed(p, a), changes)
    }
    #[inline(always)]
    fn moved(self, value: Self) -> Self {
        self.shifted(value.here())
    }
    #[inline(always)]
    fn exponential(self) -> Self {
        let y = self.here().exp();
        self.chained(y, y)
    }
    #[inline(always)]
    fn logarithm(self) -> Self {
        let x = self.here();
        self.chained(x.ln(), x.recip())
    }
}

/// What an entry is at a number: value and slopes, each with its own change.
impl<const N: usize, F: Real> Dual<N, F> {
    /// Of one argument; and whether a kink was decided.
    #[inline(always)]
    pub(crate) fn sloped<O: Unary>(self, entry: O) -> (Self, Self, bool) {
        let (y, slope, curve, kink) = self.local(entry);
        let [y, slope, curve] = [y, slope, curve].map(F::from_double);
        (self.chained(y, slope), Dual::new(slope, scaled(&self.tangents(), curve)), kink)
    }

    /// Of two arguments, away from kinks. A slope of which one does not ask is 0.
    #[inline(always)]
    pub(crate) fn sloped_by_both<O: Binary>(
        self,
        other: Self,
        entry: O,
        [ask_a, ask_b]: [bool; 2],
    ) -> (Self, Self, Self) {
        let value = self.smooth(other, entry);
        let (a, b) = (self.here().to_double(), other.here().to_double());
        let y = entry.value(a, b);
        let (twice_a, mixed, twice_b) = entry.curves(a, b, y);
        let [twice_a, mixed, twice_b] = [twice_a, mixed, twice_b].map(F::from_double);
        let (s, t) = (self.tangents(), other.tangents());
        let by_a = || {
            let slope = F::from_double(entry.slope_a(a, b, y));
            Dual::new(slope, joined((twice_a, &s), (mixed, &t)))
        };
        let by_b = || {
            let slope = F::from_double(entry.slope_b(a, b, y));
            Dual::new(slope, joined((mixed, &s), (twice_b, &t)))
        };
        let nothing = Self::ZERO;
        (value, if ask_a { by_a() } else { nothing }, if ask_b { by_b() } else { nothing })
    }
}
