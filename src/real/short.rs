//! Numbers in messages: [`Short`].

use crate::Real;
use std::fmt;

/// A number as messages write it: all its digits, and an exponent where plain digits would be mostly
/// zeros, below 1e-5 and from 1e16 on. A precision goes to the number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Short<F>(pub(crate) F);

impl<F: Real> fmt::Display for Short<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Short(x) = self;
        let size = x.abs().to_double();
        if size == 0.0 || !size.is_finite() || (1e-5..1e16).contains(&size) {
            fmt::Display::fmt(x, f)
        } else {
            fmt::LowerExp::fmt(x, f)
        }
    }
}

/// A number for pictures, in six digits.
pub(crate) fn rounded<F: Real>(x: F) -> Short<f64> {
    let x = x.to_double();
    Short(format!("{x:.5e}").parse().unwrap_or(x))
}

/// So many of something, whose name has an `s` where they are not one.
pub(crate) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::{Short, rounded};

    #[test]
    fn in_pictures_numbers_have_six_digits() {
        for (x, text) in [
            (0.1 + 0.2, "0.3"),
            (-2.0 / 3.0, "-0.666667"),
            (1.23456789e-9, "1.23457e-9"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(rounded(x).to_string(), text);
        }
        assert_eq!(rounded(0.1_f32).to_string(), "0.1");
    }

    #[test]
    fn few_digits_are_written_as_they_are_and_many_with_an_exponent() {
        for (x, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (2451.0, "2451"),
            (-0.1, "-0.1"),
            (1e-5, "0.00001"),
            (9.99e-6, "9.99e-6"),
            (1e15, "1000000000000000"),
            (1e16, "1e16"),
            (-1.5e300, "-1.5e300"),
            (f64::from_bits(1), "5e-324"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(Short(x).to_string(), text);
            let back: f64 = Short(x).to_string().parse().unwrap_or(0.0);
            assert!(back == x || x.is_nan());
        }
        assert_eq!(format!("{:.2} {:.2}", Short(2.0 / 3.0), Short(2e-9 / 3.0)), "0.67 6.67e-10");
        assert_eq!(format!("{:>8}|{:<8}|", Short(1e-9), Short(0.5)), "    1e-9|0.5     |");
        assert_eq!(Short(1e-30_f32).to_string(), "1e-30");
    }
}
