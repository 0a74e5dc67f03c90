//! Numbers with bounds for their rounding: [`Ball`].

use std::ops::{Add, Mul};

/// A real number no farther than `radius` from `mid`. The radius of a sum or product is 0 where floating
/// point has rounded nothing: the errors of both are numbers themselves (D. E. Knuth, "The Art of Computer
/// Programming", volume 2, section 4.2.2, theorem B; a fused multiplication and addition).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Ball {
    pub(super) mid: f64,
    pub(super) radius: f64,
}

/// A product below this may have an error that is no number.
const TINY: f64 = 1e-280;

impl Ball {
    pub(super) fn exact(mid: f64) -> Self {
        Ball { mid, radius: 0.0 }
    }

    /// What it is nowhere below.
    pub(super) fn low(self) -> f64 {
        if self.radius == 0.0 { self.mid } else { (self.mid - self.radius).next_down() }
    }

    /// What its magnitude is nowhere above.
    pub(super) fn most(self) -> f64 {
        if self.radius == 0.0 { self.mid.abs() } else { (self.mid.abs() + self.radius).next_up() }
    }
}

/// A sum of few radii, rounded upwards.
fn upwards(radius: f64) -> f64 {
    if radius == 0.0 { 0.0 } else { radius * (1.0 + 8.0 * f64::EPSILON) + f64::MIN_POSITIVE }
}

impl Add for Ball {
    type Output = Ball;

    fn add(self, other: Ball) -> Ball {
        let mid = self.mid + other.mid;
        let back = mid - self.mid;
        let error = (self.mid - (mid - back)) + (other.mid - back);
        Ball { mid, radius: upwards(self.radius + other.radius + error.abs()) }
    }
}

impl Mul<f64> for Ball {
    type Output = Ball;

    fn mul(self, by: f64) -> Ball {
        if by == 0.0 {
            return Ball::default();
        }
        let mid = self.mid * by;
        let is_tiny = mid.abs() < TINY && self.mid != 0.0;
        let error = if is_tiny { TINY } else { self.mid.mul_add(by, -mid) };
        Ball { mid, radius: upwards(self.radius * by.abs() + error.abs()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_rounded_has_no_radius_and_what_is_lies_within() {
        let exact = Ball::exact(0.5) * 3.0 + Ball::exact(-1.25);
        assert_eq!(exact, Ball::exact(0.25));
        // The nearest numbers to 0.3, 0.7 and 1 do not add up to 0.
        let sum = Ball::exact(0.3) + Ball::exact(0.7) + Ball::exact(-1.0);
        assert!(sum.radius > 0.0 && sum.most() < 1e-15);
        // In units of 2^-106: a third, times 3, less 1.
        let third = Ball::exact(1.0 / 3.0) * 3.0 + Ball::exact(-1.0);
        let true_error = -(2f64.powi(-54));
        assert!((third.mid - true_error).abs() <= third.radius && third.radius < 1e-15);
        // Bounds hold through numbers that are none.
        let lost = Ball::exact(1e-200) * 1e-200;
        assert!(lost.mid == 0.0 && lost.low() < 0.0 && lost.most() > 0.0);
    }
}
