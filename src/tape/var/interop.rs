//! `Var` as a number among others: conversions, comparisons, formatting, and the traits of `approx`.

use super::Var;
use super::nary::{itself, note_curved};
use crate::Real;
use crate::tape::gradient::Gradient;
use approx::{AbsDiffEq, RelativeEq, UlpsEq};
use std::cmp::Ordering;
use std::fmt;

impl<F: Real> From<F> for Var<F> {
    /// A constant.
    #[inline(always)]
    fn from(value: F) -> Self {
        Var::constant(value)
    }
}

impl<F: Real> Default for Var<F> {
    /// The constant 0.
    #[inline(always)]
    fn default() -> Self {
        Var::from(F::zero())
    }
}

impl<F: Real> fmt::Display for Var<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)
    }
}

impl<F: Real> fmt::Debug for Var<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.is_constant() { "Const" } else { "Var" };
        f.debug_tuple(name).field(&self.value).finish()
    }
}

impl<F: Real> fmt::LowerExp for Var<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:e}", self.value.to_double())
    }
}

impl<F: Real> PartialEq for Var<F> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<F: Real> PartialOrd for Var<F> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        // What is chosen by it may jump.
        note_curved(&[*self, *other], itself);
        self.value.partial_cmp(&other.value)
    }
}

impl<F: Real> PartialEq<F> for Var<F> {
    #[inline(always)]
    fn eq(&self, other: &F) -> bool {
        self.value == *other
    }
}

impl<F: Real> PartialOrd<F> for Var<F> {
    #[inline(always)]
    fn partial_cmp(&self, other: &F) -> Option<Ordering> {
        note_curved(&[*self], itself);
        self.value.partial_cmp(other)
    }
}

impl<F: Real> AbsDiffEq for Var<F> {
    type Epsilon = Self;
    fn default_epsilon() -> Self {
        F::default_epsilon().into()
    }
    fn abs_diff_eq(&self, other: &Self, epsilon: Self) -> bool {
        self.value.abs_diff_eq(&other.value, epsilon.value)
    }
}

impl<F: Real> RelativeEq for Var<F> {
    fn default_max_relative() -> Self {
        F::default_max_relative().into()
    }
    fn relative_eq(&self, other: &Self, epsilon: Self, max_relative: Self) -> bool {
        self.value.relative_eq(&other.value, epsilon.value, max_relative.value)
    }
}

impl<F: Real> UlpsEq for Var<F> {
    fn default_max_ulps() -> u32 {
        F::default_max_ulps()
    }
    fn ulps_eq(&self, other: &Self, epsilon: Self, max_ulps: u32) -> bool {
        self.value.ulps_eq(&other.value, epsilon.value, max_ulps)
    }
}

/// Two gradients agree where all their adjoints do, statement by statement, as in `==`.
impl<F: Real> AbsDiffEq for Gradient<F> {
    type Epsilon = F;
    fn default_epsilon() -> F {
        F::default_epsilon()
    }
    fn abs_diff_eq(&self, other: &Self, epsilon: F) -> bool {
        self.beside(other).all(|(a, b)| a.abs_diff_eq(b, epsilon))
    }
}

impl<F: Real> RelativeEq for Gradient<F> {
    fn default_max_relative() -> F {
        F::default_max_relative()
    }
    fn relative_eq(&self, other: &Self, epsilon: F, max_relative: F) -> bool {
        self.beside(other).all(|(a, b)| a.relative_eq(b, epsilon, max_relative))
    }
}

impl<F: Real> UlpsEq for Gradient<F> {
    fn default_max_ulps() -> u32 {
        F::default_max_ulps()
    }
    fn ulps_eq(&self, other: &Self, epsilon: F, max_ulps: u32) -> bool {
        self.beside(other).all(|(a, b)| a.ulps_eq(b, epsilon, max_ulps))
    }
}
