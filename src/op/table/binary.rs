//! The entries of two arguments.

/// Hands the entries of one argument, and these, on to `with_many`.
macro_rules! with_binary {
    ($emit:ident $($unary:tt)*) => {
        $crate::op::table::with_many! {
            $emit
            unary { $($unary)* }
            binary {
                // Powers and logarithms.

                /// Power, `a^b`. Slopes `b a^(b-1)` and `a^b ln a`, finite wherever they do not themselves
                /// overflow. A negative base has a value and a slope by `a` at whole `b`, and no slope by
                /// `b` (NaN). The slopes are NaN where an argument is NaN, also where the value is 1. At
                /// a zero base:
                ///
                /// | `b` | slope by `a` | slope by `b` |
                /// | --- | --- | --- |
                /// | `b > 1` | 0 | 0 |
                /// | `b = 1` | 1 | 0 |
                /// | `0 < b < 1` | `+∞` | 0 |
                /// | `b = 0` | 0 | `-∞` |
                /// | `b < 0` | `-∞`; `+∞` at `a = -0` for even `b` | `-∞` |
                ///
                /// DLMF section 4.2.
                powf = Powf {
                    domain: "a ≥ 0; a < 0 for whole b",
                    ulp: 3, // a power times a quotient, a power times a logarithm
                    example: (4.0, 0.5 => 2.0, 0.25, 2.772588722239781),
                    hint: "the slopes are infinite at a zero base for powers below 1, and the value for powers below 0: keep the base away from 0";
                    value: |a, b| a.powf(b),
                    slope_a: |a, b, y| rule::powf_slope_base(a, b, y),
                    slope_b: |a, b, y| rule::powf_slope_exponent(a, b, y),
                    curves: |a, b, y| curve::powf(a, b, y),
                    vector: vector::powf,
                    vector_slope_a: |a, b, y| b * (y / a),
                    vector_slope_b: |a, _, y| y * vector::ln(a),
                    rare: |a, b, y| vector::powf_slopes_are_rare(a, b, y),
                }
                /// Logarithm to a base, `ln a / ln b`. Slopes `1 / (a ln b)` and `-ln a / (b ln² b)`;
                /// infinite at `a = 0`. At base 0 they are the limits from above; at base 1, whose two
                /// sides disagree, they are NaN.
                log = Log {
                    domain: "a ≥ 0, b ≥ 0, b ≠ 1; else NaN",
                    ulp: 4, // three quotients and two logarithms
                    example: (8.0, 2.0 => 3.0, 0.18033688011112042, -2.1640425613334453),
                    hint: "keep the argument and the base away from 0, and the base away from 1";
                    value: |a, b| a.log(b),
                    slope_a: |a, b, y| rule::log_slope(a, b, y),
                    slope_b: |a, b, y| rule::log_slope_base(a, b, y),
                    curves: |a, b, y| curve::log(a, b, y),
                }
                /// `ln(e^a + e^b)` without overflow. Slopes `1 / (1 + e^(b-a))` and
                /// `1 / (1 + e^(a-b))`; one half each where both are the same infinity. Near its zeros
                /// the error of the value is bounded absolutely, by 2 ULP of the smaller term.
                log_add_exp = LogAddExp {
                    domain: "all",
                    ulp: 3, // exponential, the correction of its argument, sum and quotient
                    example: (1.0, 1.0 => 1.6931471805599454, 0.5, 0.5);
                    value: |a, b| rule::log_add_exp(a, b),
                    slope_a: |a, b, _| rule::log_add_exp_slope(a, b),
                    slope_b: |a, b, _| rule::log_add_exp_slope(b, a),
                    curves: |a, b, _| curve::log_add_exp(a, b),
                    vector: vector::log_add_exp,
                    vector_slope_a: |a, b, _| vector::log_add_exp_slope(a, b),
                    vector_slope_b: |a, b, _| vector::log_add_exp_slope(b, a),
                }
                /// `a ln b`, and 0 where `a` is 0, whatever number `b` is. Slopes `ln b` and `a / b`,
                /// the second 0 where `a` is 0. `-p.xlogy(p)` is a term of the entropy, and
                /// `-p.xlogy(q)` of the cross entropy.
                xlogy = Xlogy {
                    domain: "b ≥ 0, or a = 0",
                    ulp: 1,
                    example: (3.0, 2.0 => 2.0794415416798357, 0.6931471805599453, 1.5),
                    hint: "keep the second argument above 0";
                    value: |a, b| rule::xlogy(a, b),
                    slope_a: |a, b, _| b.ln() + rule::flat(a),
                    slope_b: |a, b, _| rule::xlogy_slope(a, b),
                    curves: |a, b, y| curve::xlogy(a, b, y),
                    vector: vector::xlogy,
                    vector_slope_a: |a, b, _| vector::ln(b) + rule::flat(a),
                    vector_slope_b: |a, b, _| rule::xlogy_slope(a, b),
                }

                /// Logarithm of the beta function, `ln Γ(a) + ln Γ(b) - ln Γ(a + b)`, without its
                /// cancellation where an argument is great. Slopes `ψ(a) - ψ(a + b)` and `ψ(b) - ψ(a + b)`.
                /// The value is right to 8 ULP or, where it is more, to `2ε (1 + c ln(1 + a + b))` with the lesser `c` of
                /// both. DLMF section 5.12.
                ln_beta = LnBeta {
                    domain: "a, b > 0; else NaN",
                    ulp: 8, // recurrence and series
                    example: (2.0, 3.0 => -2.4849066497880004, -1.0833333333333333, -0.5833333333333334),
                    hint: "infinite at 0: keep both arguments above it";
                    value: |a, b| special::ln_beta(a, b),
                    slope_a: |a, b, _| special::ln_beta_slope(a, b),
                    slope_b: |a, b, _| special::ln_beta_slope(b, a),
                    curves: |a, b, y| curve::ln_beta(a, b, y),
                }

                // Plane geometry.

                /// Angle of the point `(b, a)`, in `[-π, π]`. Slopes `b / (a² + b²)` and
                /// `-a / (a² + b²)`; both 0 at the origin, which is a kink, and at infinity.
                atan2 = Atan2 {
                    domain: "all",
                    ulp: 3, // two rounded squares, their sum and a quotient
                    example: (3.0, 4.0 => 0.6435011087932844, 0.16, -0.12);
                    value: |a, b| a.atan2(b),
                    slope_a: |a, b, _| rule::over_square(b, a, b),
                    slope_b: |a, b, _| -rule::over_square(a, a, b),
                    curves: |a, b, _| curve::atan2(a, b),
                    vector: vector::atan2,
                    kink: |a, b| a == 0.0 && b == 0.0,
                    corner: Corner::Jump,
                    elsewhere: |engine| match engine {
                        PyTorch | PyTorch2_13 => 0.0,
                        Jax | Jax0_11 | CasADi => f64::NAN,
                    },
                }
                /// `√(a² + b²)` without undue overflow. Slopes `a/h` and `b/h`; both 0 at the origin,
                /// which is a kink.
                hypot = Hypot {
                    domain: "all",
                    ulp: 2,
                    example: (3.0, 4.0 => 5.0, 0.6, 0.8);
                    value: |a, b| a.hypot(b),
                    slope_a: |a, b, y| rule::hypot_slope(a, b, y),
                    slope_b: |a, b, y| rule::hypot_slope(b, a, y),
                    curves: |a, b, y| curve::hypot(a, b, y),
                    vector: vector::hypot,
                    vector_slope_a: |a, _, y| a / y,
                    vector_slope_b: |_, b, y| b / y,
                    rare: |_, _, y| vector::hypot_slopes_are_rare(y),
                    kink: |a, b| a == 0.0 && b == 0.0,
                    corner: Corner::Apex,
                    elsewhere: |engine| match engine {
                        Jax0_11 => 0.5,
                        PyTorch | PyTorch2_13 | Jax | CasADi => f64::NAN,
                    }, // of the greater of two magnitudes
                }

                // Choices and remainders.

                /// The greater of two; a NaN operand is passed over. Slope 1 to the greater and 0 to
                /// the other; half and half at a tie of two variables, 0 at a tie with a constant.
                max = Max {
                    domain: "all",
                    ulp: 0,
                    example: (2.0, 1.0 => 2.0, 1.0, 0.0);
                    value: |a, b| a.max(b),
                    slope_a: |a, b, _| rule::chosen(a > b, a, b),
                    slope_b: |a, b, _| rule::chosen(b > a, b, a),
                    kink: |a, b| a == b,
                    corner: Corner::Tie { greater: true },
                    shape: Shape::Linear,
                    elsewhere: |engine| engine.share(0, 2),
                }
                /// The lesser of two; a NaN operand is passed over. Slopes as for [`Scalar::max`].
                min = Min {
                    domain: "all",
                    ulp: 0,
                    example: (2.0, 1.0 => 1.0, 0.0, 1.0);
                    value: |a, b| a.min(b),
                    slope_a: |a, b, _| rule::chosen(a < b, a, b),
                    slope_b: |a, b, _| rule::chosen(b < a, b, a),
                    kink: |a, b| a == b,
                    corner: Corner::Tie { greater: false },
                    shape: Shape::Linear,
                    elsewhere: |engine| engine.share(0, 2),
                }
                /// The magnitude of `a` with the sign of `b`. Slope by `a`: 1 if that is the sign `a`
                /// has, else -1; at `a = ±0` it has the kink of [`Scalar::abs`], and slope 0. By `b`: 0.
                copysign = Copysign {
                    domain: "all",
                    ulp: 0,
                    example: (3.0, -2.0 => -3.0, -1.0, 0.0);
                    value: |a, b| a.copysign(b),
                    slope_a: |a, b, _| rule::flat(a) + a.signum() * 1f64.copysign(b),
                    slope_b: |a, b, _| rule::flat(a) + rule::flat(b),
                    of_magnitude: true,
                }
                /// The remainder that is never negative, as `f64::rem_euclid`. Slopes 1 and
                /// `-div_euclid(a, b)`, at the jumps too.
                rem_euclid = RemEuclid {
                    domain: "finite a, b ≠ 0; else NaN",
                    ulp: 2,
                    example: (-7.5, 2.0 => 0.5, 1.0, 4.0),
                    hint: "keep the second argument away from 0";
                    value: |a, b| a.rem_euclid(b),
                    slope_a: |_, _, y| rule::flat(y) + 1.0,
                    slope_b: |a, b, _| rule::rem_euclid_slope(a, b),
                }
            }
        }
    };
}
pub(crate) use with_binary;
