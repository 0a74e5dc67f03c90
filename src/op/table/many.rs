//! The entries of three arguments, and those of lists.

/// Hands the entries of one and of two arguments, and these, on to `with_others`.
macro_rules! with_many {
    ($emit:ident $($before:tt)*) => {
        $crate::op::table::with_others! {
            $emit
            $($before)*
            three {
                /// The number at a share `t` of the way from `a` to `b`, `a + t (b - a)`; beyond the two
                /// where `t` is not between 0 and 1. Of finite numbers it is `a` at 0, `b` at 1, and `a`
                /// everywhere if `b` is `a`, to the bit. Slopes `1 - t`, `t` and `b - a`.
                lerp = Lerp (b, t) {
                    domain: "all",
                    ulp: 1,
                    example: (1.0, 5.0, 0.25 => 2.0, 0.75, 0.25, 4.0);
                    value: |a, b, t| rule::lerp(a, b, t),
                    slopes: |a, b, t, _| [-t + 1.0, t, b - a],
                }
            }
            list {
                /// The variance of a slice, `Σ (xᵢ - m)² / n` with the mean `m`: that of the numbers
                /// themselves, not an estimate for others of which they are a sample, which is
                /// `n / (n - 1)` times as much. 0 of one number, NaN if empty. Slopes
                /// `2 (xᵢ - m) / n`. Neither cancels where the numbers lie close together, far from 0. One
                /// statement on a tape.
                ///
                /// T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for computing the sample variance",
                /// The American Statistician 37(3), 1983: the two-pass algorithm, with a mean in twice the
                /// precision.
                variance = Variance {
                    domain: "finite numbers of a finite sum; else NaN",
                    ulp: 2,
                    example: ([1.0, 2.0, 6.0] => 14.0 / 3.0, [-4.0 / 3.0, -2.0 / 3.0, 2.0]);
                    value: |xs| special::variance(xs),
                    slopes: |xs, _| special::variance_slopes(xs),
                }
            }
        }
    };
}
pub(crate) use with_many;
