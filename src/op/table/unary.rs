//! The entries of one argument.

/// Hands the entries on to `with_activation`.
macro_rules! with_unary {
    ($emit:ident) => {
        $crate::op::table::with_activation! {
            $emit
            // Roots, reciprocal, integer power.

            /// Absolute value, `|x|`. Slope `sign x`; 0 at the kink, for `+0` and `-0` alike.
            abs = Abs() {
                domain: "all",
                ulp: 0,
                example: (-3.0 => 3.0, -1.0);
                value: |x| x.abs(),
                slope: |x, _| rule::sign(x),
                kinks: [(0.0, (-1.0, 1.0))],
                shape: Shape::Linear,
                tame: true,
                elsewhere: |engine, _| match engine {
                    PyTorch | PyTorch2_13 | CasADi => 0.0,
                    Jax | Jax0_11 => 1.0,
                },
            }
            /// Square root, `√x`. Slope `1 / (2 √x)`; `+∞` at 0, for `+0` and `-0` alike.
            sqrt = Sqrt() {
                domain: "x ≥ 0; else NaN",
                ulp: 2,
                example: (4.0 => 2.0, 0.25),
                hint: "for a distance use `hypot` or `norm`, whose slope at the origin is 0; else add a small positive number under the root";
                value: |x| x.sqrt(),
                slope: |_, y| 0.5 / y.abs(),
                curve: |x, _, s| -(s / (x * 2.0)),
            }
            /// Cube root, `∛x`. Slope `∛x / (3x)`; `+∞` at 0.
            cbrt = Cbrt() {
                domain: "all",
                ulp: 2,
                example: (8.0 => 2.0, 0.08333333333333333),
                hint: "the slope is infinite at 0: keep the argument away from it";
                value: |x| x.cbrt(),
                slope: |x, y| rule::cbrt_slope(x, y),
                curve: |x, _, s| -(s / x * (2.0 / 3.0)),
                vector: vector::cbrt,
            }
            /// Reciprocal, `1 / x`. Slope `-1 / x²`; `-∞` at 0 on both sides.
            recip = Recip() {
                domain: "x ≠ 0",
                ulp: 2,
                example: (2.0 => 0.5, -0.25),
                hint: "keep the argument away from 0";
                value: |x| x.recip(),
                slope: |_, y| -(y * y),
                curve: |_, y, s| -(y * s * 2.0),
            }
            /// Integer power, `x^n`. Slope `n x^(n-1)`; 0 for `n = 0`. At 0 as
            /// [`Scalar::powf`]. Up to `n = 5` it is multiplied out, value within 4 ULP; beyond
            /// it is `powf`.
            powi = Powi(n: i32) {
                domain: "all; x ≠ 0 for n < 0",
                ulp: 4, // a product of up to five rounded factors
                example: (3.0; 2 => 9.0, 6.0),
                hint: "a negative power is infinite at 0; a great one overflows: work with the logarithm";
                value: |x| rule::powi(x, n),
                slope: |x, y| rule::powi_slope(x, n, y),
                curve: |x, _, _| curve::powi(x, n),
            }

            // Exponentials and logarithms. DLMF sections 4.2 and 4.7.

            /// Exponential, `e^x`. Slope `e^x`. DLMF section 4.7.
            exp = Exp() {
                domain: "all",
                ulp: 1,
                example: (0.0 => 1.0, 1.0),
                hint: "use `log_sum_exp`, `softplus`, `sigmoid` or `log_sigmoid`, which do not overflow";
                value: |x| x.exp(),
                slope: |_, y| y,
                curve: |_, _, s| s,
                vector: vector::exp,
            }
            /// Power of two, `2^x`. Slope `2^x ln 2`, finite until the slope itself overflows.
            exp2 = Exp2() {
                domain: "all",
                ulp: 2,
                example: (3.0 => 8.0, 5.545177444479562),
                hint: "work with the logarithm, which does not overflow";
                value: |x| x.exp2(),
                slope: |x, y| rule::exp2_slope(x, y),
                curve: |_, _, s| s * LN_2,
                vector: vector::exp2,
                vector_slope: |x, _| vector::exp2_slope(x),
            }
            /// `e^x - 1`, accurate near 0. Slope `e^x`, not `y + 1`, which cancels below 0.
            exp_m1 = ExpM1() {
                domain: "all",
                ulp: 1,
                example: (1.0 => 1.7182818284590453, 2.718281828459045),
                hint: "work with the logarithm, which does not overflow";
                value: |x| x.exp_m1(),
                slope: |x, _| x.exp(),
                curve: |_, _, s| s,
                vector: vector::exp_m1,
                vector_slope: |x, _| vector::exp(x),
            }
            /// Natural logarithm, `ln x`. Slope `1 / x`; `+∞` at 0, for `+0` and `-0` alike.
            /// DLMF section 4.7.
            ln = Ln() {
                domain: "x ≥ 0; else NaN",
                ulp: 1,
                example: (2.0 => 0.6931471805599453, 0.5),
                hint: "use `xlogy` for `x ln x`, `log_sigmoid` or `log_sum_exp` for the logarithm of a probability; else add a small positive number";
                value: |x| x.ln(),
                slope: |x, _| rule::within(x >= 0.0, x.abs().recip()),
                curve: |_, _, s| -(s * s),
                vector: vector::ln,
            }
            /// Logarithm to base 2. Slope `1 / (x ln 2)`; `+∞` at 0.
            log2 = Log2() {
                domain: "x ≥ 0; else NaN",
                ulp: 1,
                example: (8.0 => 3.0, 0.18033688011112042),
                hint: "add a small positive number to the argument";
                value: |x| x.log2(),
                slope: |x, _| rule::within(x >= 0.0, std::f64::consts::LOG2_E / x.abs()),
                curve: |_, _, s| -(s * s * LN_2),
                vector: vector::log2,
            }
            /// Logarithm to base 10. Slope `1 / (x ln 10)`; `+∞` at 0.
            log10 = Log10() {
                domain: "x ≥ 0; else NaN",
                ulp: 1,
                example: (100.0 => 2.0, 0.0043429448190325185),
                hint: "add a small positive number to the argument";
                value: |x| x.log10(),
                slope: |x, _| rule::within(x >= 0.0, std::f64::consts::LOG10_E / x.abs()),
                curve: |_, _, s| -(s * s * LN_10),
                vector: vector::log10,
            }
            /// `ln(1 + x)`, accurate near 0. Slope `1 / (1 + x)`; `+∞` at -1.
            ln_1p = Ln1p() {
                domain: "x ≥ -1; else NaN",
                ulp: 2,
                example: (1.0 => 0.6931471805599453, 0.5),
                hint: "keep the argument above -1";
                value: |x| x.ln_1p(),
                slope: |x, _| rule::within(x >= -1.0, (1.0 + x).recip()),
                curve: |_, _, s| -(s * s),
                vector: vector::ln_1p,
            }

            // Trigonometric functions. DLMF sections 4.20 and 4.24.

            /// Sine. Slope `cos x`. DLMF section 4.20.
            sin = Sin() {
                domain: "finite x; else NaN",
                ulp: 1,
                example: (1.0 => 0.8414709848078965, 0.5403023058681398);
                value: |x| x.sin(),
                slope: |x, _| x.cos(),
                curve: |_, y, _| -y,
                vector: vector::sin,
                vector_slope: |x, _| vector::cos(x),
                reach: vector::TRIGONOMETRIC_REACH,
            }
            /// Cosine. Slope `-sin x`. DLMF section 4.20.
            cos = Cos() {
                domain: "finite x; else NaN",
                ulp: 1,
                example: (1.0 => 0.5403023058681398, -0.8414709848078965);
                value: |x| x.cos(),
                slope: |x, _| -x.sin(),
                curve: |_, y, _| -y,
                vector: vector::cos,
                vector_slope: |x, _| -vector::sin(x),
                reach: vector::TRIGONOMETRIC_REACH,
            }
            /// Tangent. Slope `1 + tan² x`. DLMF section 4.20.
            tan = Tan() {
                domain: "finite x; else NaN",
                ulp: 3, // near a pole the square doubles the error of the tangent
                example: (1.0 => 1.5574077246549023, 3.4255188208147596),
                hint: "keep the argument away from odd multiples of π/2";
                value: |x| x.tan(),
                slope: |_, y| 1.0 + y * y,
                curve: |_, y, s| y * s * 2.0,
                vector: vector::tan,
                reach: vector::TRIGONOMETRIC_REACH,
            }
            /// Arcsine. Slope `1 / √(1 - x²)`; `+∞` at ±1. DLMF section 4.24.
            asin = Asin() {
                domain: "-1 ≤ x ≤ 1; else NaN",
                ulp: 2,
                example: (0.5 => 0.5235987755982989, 1.1547005383792515),
                hint: "the slope is infinite at ±1: use `atan2` of the two sides";
                value: |x| x.asin(),
                slope: |x, _| rule::one_minus_square(x).sqrt().recip(),
                curve: |x, _, s| x * s * s * s,
                vector: vector::asin,
            }
            /// Arccosine. Slope `-1 / √(1 - x²)`; `-∞` at ±1. DLMF section 4.24.
            acos = Acos() {
                domain: "-1 ≤ x ≤ 1; else NaN",
                ulp: 2,
                example: (0.5 => 1.0471975511965979, -1.1547005383792515),
                hint: "the slope is infinite at ±1: for an angle use `atan2` of cross and dot product";
                value: |x| x.acos(),
                slope: |x, _| -rule::one_minus_square(x).sqrt().recip(),
                curve: |x, _, s| x * s * s * s,
                vector: vector::acos,
            }
            /// Arctangent. Slope `1 / (1 + x²)`. DLMF section 4.24.
            atan = Atan() {
                domain: "all",
                ulp: 2,
                example: (1.0 => 0.7853981633974483, 0.5);
                value: |x| x.atan(),
                slope: |x, _| rule::atan_slope(x),
                curve: |x, _, s| -(x * s * s * 2.0),
                vector: vector::atan,
            }

            // Hyperbolic functions. DLMF sections 4.34 and 4.38.

            /// Hyperbolic sine. Slope `cosh x`. DLMF section 4.34.
            sinh = Sinh() {
                domain: "all",
                ulp: 2,
                example: (1.0 => 1.1752011936438014, 1.5430806348152437);
                value: |x| x.sinh(),
                slope: |x, _| x.cosh(),
                curve: |_, y, _| y,
                vector: vector::sinh,
                vector_slope: |x, _| vector::cosh(x),
            }
            /// Hyperbolic cosine. Slope `sinh x`. DLMF section 4.34.
            cosh = Cosh() {
                domain: "all",
                ulp: 2,
                example: (1.0 => 1.5430806348152437, 1.1752011936438014),
                hint: "`softplus(2x) - x - ln 2` is its logarithm, without overflow";
                value: |x| x.cosh(),
                slope: |x, _| x.sinh(),
                curve: |_, y, _| y,
                vector: vector::cosh,
                vector_slope: |x, _| vector::sinh(x),
            }
            /// Hyperbolic tangent. Slope `sech² x = 4e / (1 + e)²` with `e = e^(-2|x|)`; not
            /// `1 - y²`, which cancels for `|x| ≫ 1`. DLMF section 4.34.
            tanh = Tanh() {
                domain: "all",
                ulp: 3, // exponential, product, sum and quotient
                example: (1.0 => 0.7615941559557649, 0.4199743416140261);
                value: |x| x.tanh(),
                slope: |x, _| rule::sech_squared(x),
                curve: |_, y, s| -(y * s * 2.0),
                vector: vector::tanh,
                vector_slope: |x, _| vector::sech_squared(x),
            }
            /// Inverse hyperbolic sine. Slope `1 / √(1 + x²)`. The value is that of the crate
            /// `libm`; std's overflows for the greatest numbers. DLMF section 4.38.
            asinh = Asinh() {
                domain: "all",
                ulp: 2,
                example: (0.75 => 0.6931471805599453, 0.8);
                value: |x| libm::asinh(x),
                slope: |x, _| x.hypot(1.0).recip(),
                curve: |x, _, s| -(x * s * s * s),
                vector: vector::asinh,
                vector_slope: |x, _| vector::asinh_slope(x),
            }
            /// Inverse hyperbolic cosine. Slope `1 / √(x² - 1)`; `+∞` at 1. The value is that of
            /// the crate `libm`; std's cancels near 1 and overflows for the greatest numbers. DLMF
            /// section 4.38.
            acosh = Acosh() {
                domain: "x ≥ 1; else NaN",
                ulp: 2,
                example: (1.25 => 0.6931471805599453, 1.3333333333333333),
                hint: "the slope is infinite at 1: keep the argument above it";
                value: |x| rule::within(x >= 1.0, libm::acosh(x)),
                slope: |x, _| rule::acosh_slope(x),
                curve: |x, _, s| -(x * s * s * s),
                vector: vector::acosh,
            }
            /// Inverse hyperbolic tangent. Slope `1 / (1 - x²)`; `+∞` at ±1. The value is that of
            /// the crate `libm`. DLMF section 4.38.
            atanh = Atanh() {
                domain: "-1 ≤ x ≤ 1; else NaN",
                ulp: 2,
                example: (0.5 => 0.5493061443340549, 1.3333333333333333),
                hint: "infinite at ±1: keep the argument between them";
                value: |x| libm::atanh(x),
                slope: |x, _| rule::within(x.abs() <= 1.0, rule::one_minus_square(x).recip()),
                curve: |x, _, s| x * s * s * 2.0,
                vector: vector::atanh,
            }

            // Steps. Slope 0 everywhere, at the jumps and at ±∞ too; NaN stays NaN.

            /// Sign by the sign bit: 1 for `+0`, -1 for `-0`, as `f64::signum`. Slope 0.
            signum = Signum() {
                domain: "all",
                ulp: 0,
                example: (-3.0 => -1.0, 0.0);
                value: |x| x.signum(),
                slope: |x, _| rule::flat(x),
                shape: Shape::Jumps,
            }
            /// The nearest whole number below. Slope 0, at the jumps too.
            floor = Floor() {
                domain: "all",
                ulp: 0,
                example: (2.5 => 2.0, 0.0);
                value: |x| x.floor(),
                slope: |x, _| rule::flat(x),
                shape: Shape::Jumps,
            }
            /// The nearest whole number above. Slope 0, at the jumps too.
            ceil = Ceil() {
                domain: "all",
                ulp: 0,
                example: (2.5 => 3.0, 0.0);
                value: |x| x.ceil(),
                slope: |x, _| rule::flat(x),
                shape: Shape::Jumps,
            }
            /// The nearest whole number, halves away from 0. Slope 0, at the jumps too.
            round = Round() {
                domain: "all",
                ulp: 0,
                example: (2.5 => 3.0, 0.0);
                value: |x| x.round(),
                slope: |x, _| rule::flat(x),
                shape: Shape::Jumps,
            }
            /// The whole part, cut towards 0. Slope 0, at the jumps too.
            trunc = Trunc() {
                domain: "all",
                ulp: 0,
                example: (-2.5 => -2.0, 0.0);
                value: |x| x.trunc(),
                slope: |x, _| rule::flat(x),
                shape: Shape::Jumps,
            }
            /// What `trunc` cuts off, `x - trunc x`. Slope 1, at the jumps too.
            fract = Fract() {
                domain: "finite x; else NaN",
                ulp: 0,
                example: (-2.5 => -0.5, 1.0);
                value: |x| x.fract(),
                slope: |_, y| rule::flat(y) + 1.0,
                shape: Shape::Jumps,
            }
            /// `x` held between `lo` and `hi`. Slope 1 between, 0 beyond and at both ends, which
            /// are kinks. Where `lo > hi` it is `lo` below `lo` and `hi` from there on.
            clamp = Clamp(lo: real, hi: real) {
                domain: "all",
                ulp: 0,
                example: (0.5; 0.0, 1.0 => 0.5, 1.0);
                value: |x| if x < lo { lo } else if x > hi { hi } else { x },
                slope: |x, _| if x < lo || x > hi { 0.0 } else { rule::flat(x) + 1.0 },
                kinks: [
                    (lo, (0.0, if lo < hi { 1.0 } else { 0.0 })),
                    (hi, (if lo < hi { 1.0 } else { 0.0 }, 0.0)),
                ],
                shape: Shape::Linear,
                elsewhere: |engine, x| match engine {
                    PyTorch => 0.0,
                    PyTorch2_13 => if lo <= x && x <= hi { 1.0 } else { 0.0 },
                    // A maximum and then a minimum.
                    Jax | Jax0_11 | CasADi => engine::above(x, lo) * engine::above(hi, x.max(lo)),
                },
            }
        }
    };
}
pub(crate) use with_unary;
