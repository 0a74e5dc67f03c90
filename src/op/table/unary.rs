//! The rows of one argument.

/// Hands the rows on to `with_binary`.
macro_rules! with_unary {
    ($emit:ident) => {
        $crate::op::table::with_binary! {
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
                vector: |x| vector::cbrt(x),
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
                vector: |x| vector::exp(x),
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
                vector: |x| vector::exp2(x),
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
                vector: |x| vector::exp_m1(x),
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
                vector: |x| vector::ln(x),
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
                vector: |x| vector::log2(x),
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
                vector: |x| vector::log10(x),
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
                vector: |x| vector::ln_1p(x),
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
                vector: |x| vector::sin(x),
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
                vector: |x| vector::cos(x),
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
                vector: |x| vector::tan(x),
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
                vector: |x| vector::asin(x),
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
                vector: |x| vector::acos(x),
            }
            /// Arctangent. Slope `1 / (1 + x²)`. DLMF section 4.24.
            atan = Atan() {
                domain: "all",
                ulp: 2,
                example: (1.0 => 0.7853981633974483, 0.5);
                value: |x| x.atan(),
                slope: |x, _| rule::atan_slope(x),
                curve: |x, _, s| -(x * s * s * 2.0),
                vector: |x| vector::atan(x),
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
                vector: |x| vector::sinh(x),
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
                vector: |x| vector::cosh(x),
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
                vector: |x| vector::tanh(x),
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
                vector: |x| vector::asinh(x),
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
                vector: |x| vector::acosh(x),
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
                vector: |x| vector::atanh(x),
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

            // Rectifiers and the logistic family.

            /// Rectifier, `max(x, 0)`. Slope 0 below, 1 above; 0 at the kink.
            relu = Relu() {
                domain: "all",
                ulp: 0,
                example: (2.0 => 2.0, 1.0);
                value: |x| if x <= 0.0 { 0.0 } else { x },
                slope: |x, _| rule::step(x),
                kinks: [(0.0, (0.0, 1.0))],
                shape: Shape::Linear,
                tame: true,
                elsewhere: |engine, _| match engine {
                    PyTorch | PyTorch2_13 | Jax | Jax0_11 => 0.0,
                    CasADi => 0.5,
                }, // the greater of the two
            }
            /// Leaky rectifier, `x` above 0 and `alpha x` below. Slope 1 above, `alpha` below; at
            /// the kink the one of least magnitude, 0 if they differ in sign.
            leaky_relu = LeakyRelu(alpha: real) {
                domain: "all",
                ulp: 0,
                example: (-2.0; 0.25 => -0.5, 0.25);
                value: |x| rule::leaky_relu(x, alpha),
                slope: |x, _| if x > 0.0 { 1.0 } else { rule::flat(x) + alpha },
                kinks: [(0.0, (alpha, 1.0))],
                shape: Shape::Linear,
                elsewhere: |engine, _| match engine {
                    PyTorch | PyTorch2_13 => alpha,
                    Jax | Jax0_11 => 1.0,
                    CasADi => 0.5 * (alpha + 1.0),
                }, // the greater of the two
            }
            /// Exponential linear unit, `x` above 0 and `alpha (e^x - 1)` below. Slope 1 above, `alpha e^x`
            /// below. At 0, which is a kink unless `alpha` is 1, the slope is the one of least magnitude, 0
            /// if they differ in sign; the second derivative is that from below. D.-A. Clevert,
            /// T. Unterthiner, S. Hochreiter, "Fast and accurate deep network learning by exponential linear
            /// units" (ICLR 2016).
            elu = Elu(alpha: real) {
                domain: "all",
                ulp: 2, // exponential and product
                example: (-1.0; 2.0 => -1.2642411176571153, 0.7357588823428847);
                value: |x| if x > 0.0 { x } else { alpha * x.exp_m1() },
                slope: |x, _| if x > 0.0 { 1.0 } else { alpha * x.exp() },
                curve: |x, _, _| curve::elu(x, alpha),
                kinks: (alpha != 1.0).then_some((0.0, (alpha, 1.0))),
                bends: (alpha != 1.0).then_some((alpha, 0.0)),
                elsewhere: |engine, _| match engine {
                    PyTorch | PyTorch2_13 | Jax | Jax0_11 => alpha,
                    CasADi => alpha, // written with `if_else(x > 0, ...)`
                },
            }
            /// Scaled exponential linear unit, `λ x` above 0 and `λ α (e^x - 1)` below, with `λ` = 1.0507… and
            /// `λ α` = 1.7581…. At 0, which is a kink, the slope is `λ`; the second derivative is that from below.
            /// G. Klambauer et al., "Self-normalizing neural networks" (NeurIPS 2017).
            selu = Selu() {
                domain: "all",
                ulp: 2, // exponential and product
                example: (-1.0 => -1.1113307378125628, 0.6467686030348141);
                value: |x| if x > 0.0 { activation::SELU[1] * x } else { activation::SELU[0] * x.exp_m1() },
                slope: |x, _| if x > 0.0 { activation::SELU[1] } else { activation::SELU[0] * x.exp() },
                curve: |x, _, _| curve::elu(x, activation::SELU[0]),
                kinks: [(0.0, (activation::SELU[0], activation::SELU[1]))],
                bends: [(activation::SELU[0], 0.0)],
                elsewhere: |engine, _| match engine {
                    PyTorch | PyTorch2_13 | Jax | Jax0_11 => Some(activation::SELU[0]),
                    CasADi => None,
                },
            }
            /// Continuously differentiable exponential linear unit, `x` above 0 and `alpha (e^(x/alpha) - 1)`
            /// below. Slope 1 above, `e^(x/alpha)` below; the second derivative at 0 is that from below.
            /// J. Barron, "Continuously differentiable exponential linear units" (2017).
            celu = Celu(alpha: real) {
                domain: "all, for alpha ≠ 0",
                ulp: 3, // a quotient of the argument, exponential and product
                example: (-1.0; 2.0 => -0.7869386805747332, 0.6065306597126334);
                value: |x| activation::celu(x, alpha),
                slope: |x, _| activation::celu_slope(x, alpha),
                curve: |x, _, _| curve::celu(x, alpha),
            }
            /// Gaussian error linear unit, `x Φ(x)` with the normal distribution `Φ`. Slope `Φ(x) + x φ(x)`; near
            /// its zero at -0.75 it is right to `ε`. D. Hendrycks and K. Gimpel, "Gaussian error linear units"
            /// (2016).
            gelu = Gelu() {
                domain: "all",
                ulp: 8, // two terms of opposite sign below 0
                example: (1.0 => 0.8413447460685429, 1.0833154705876864);
                value: |x| special::gelu(x),
                slope: |x, _| special::gelu_slope(x),
                curve: |x, _, _| curve::gelu(x),
            }
            /// [`Scalar::gelu`] by its usual approximation, `½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))`. Near the
            /// zero of the slope at -0.75 that is right to `ε`.
            gelu_tanh = GeluTanh() {
                domain: "all",
                ulp: 8, // two terms of opposite sign below 0
                example: (1.0 => 0.8411919906082767, 1.0829640838457826);
                value: |x| activation::gelu_tanh(x),
                slope: |x, _| activation::gelu_tanh_slope(x),
                curve: |x, _, _| curve::gelu_tanh(x),
            }
            /// Sigmoid linear unit, `x / (1 + e^-x)`, also called swish. Slope `s (1 + x (1 - s))` with
            /// `s = 1 / (1 + e^-x)`; near its zero at -1.28 it is right to `ε`. S. Elfwing et al.,
            /// "Sigmoid-weighted linear units" (2017).
            silu = Silu() {
                domain: "all",
                ulp: 6, // two factors, one of which cancels below 0
                example: (1.0 => 0.7310585786300049, 0.9276705118714867);
                value: |x| activation::silu(x),
                slope: |x, _| activation::silu_slope(x),
                curve: |x, _, _| curve::silu(x),
            }
            /// `x tanh(ln(1 + e^x))`, by `n = e^x (e^x + 2)` as `x n / (n + 2)`. Near the zero of the slope at
            /// -1.19 that is right to `ε`. D. Misra, "Mish: a self regularized non-monotonic activation function"
            /// (BMVC 2020).
            mish = Mish() {
                domain: "all",
                ulp: 8, // two terms of opposite sign below 0
                example: (1.0 => 0.8650983882673103, 1.0490362200997922);
                value: |x| activation::mish(x),
                slope: |x, _| activation::mish_slope(x),
                curve: |x, _, _| curve::mish(x),
            }
            /// `x / (1 + |x|)`. Slope `1 / (1 + |x|)²`. The second derivative jumps at 0, where it is 0.
            softsign = Softsign() {
                domain: "all",
                ulp: 2,
                example: (1.0 => 0.5, 0.25);
                value: |x| activation::softsign(x),
                slope: |x, _| activation::softsign_slope(x),
                curve: |x, _, _| curve::softsign(x),
            }
            /// `x` held between -1 and 1. Slope 1 between, 0 beyond and at both ends, which are kinks.
            hard_tanh = HardTanh() {
                domain: "all",
                ulp: 0,
                example: (0.5 => 0.5, 1.0);
                value: |x| if x < -1.0 { -1.0 } else if x > 1.0 { 1.0 } else { x },
                slope: |x, _| if x.abs() >= 1.0 { 0.0 } else { rule::flat(x) + 1.0 },
                kinks: [(-1.0, (0.0, 1.0)), (1.0, (1.0, 0.0))],
                shape: Shape::Linear,
                tame: true,
                elsewhere: |engine, _| match engine {
                    PyTorch | PyTorch2_13 => Some(0.0),
                    Jax | Jax0_11 => Some(1.0),
                    CasADi => None,
                },
            }
            /// Rectifier held below 6, `min(max(x, 0), 6)`. Slope 1 between, 0 beyond and at both ends, which are
            /// kinks.
            relu6 = Relu6() {
                domain: "all",
                ulp: 0,
                example: (2.0 => 2.0, 1.0);
                value: |x| if x <= 0.0 { 0.0 } else if x > 6.0 { 6.0 } else { x },
                slope: |x, _| if x <= 0.0 || x >= 6.0 { 0.0 } else { rule::flat(x) + 1.0 },
                kinks: [(0.0, (0.0, 1.0)), (6.0, (1.0, 0.0))],
                shape: Shape::Linear,
                tame: true,
                elsewhere: |engine, _| match engine {
                    PyTorch | PyTorch2_13 | Jax | Jax0_11 => Some(0.0),
                    CasADi => None,
                },
            }
            /// `(x + 3) / 6`, held between 0 and 1. Slope 1/6 between, 0 beyond and at both ends, which are kinks.
            hard_sigmoid = HardSigmoid() {
                domain: "all",
                ulp: 1,
                example: (1.5 => 0.75, 0.16666666666666666);
                value: |x| activation::hard_sigmoid(x),
                slope: |x, _| activation::hard_sigmoid_slope(x),
                kinks: [(-3.0, (0.0, 1.0 / 6.0)), (3.0, (1.0 / 6.0, 0.0))],
                shape: Shape::Linear,
                tame: true,
                elsewhere: |engine, _| match engine {
                    PyTorch | PyTorch2_13 | Jax | Jax0_11 => Some(0.0),
                    CasADi => None,
                },
            }
            /// `x` times [`Scalar::hard_sigmoid`]. Slope 0 below -3, `(2x + 3) / 6` to 3, 1 above; at the kinks 0
            /// and 1. A. Howard et al., "Searching for MobileNetV3" (ICCV 2019).
            hard_swish = HardSwish() {
                domain: "all",
                ulp: 2,
                example: (1.5 => 1.125, 1.0);
                value: |x| activation::hard_swish(x),
                slope: |x, _| activation::hard_swish_slope(x),
                curve: |x, _, _| curve::hard_swish(x),
                kinks: [(-3.0, (0.0, -0.5)), (3.0, (1.5, 1.0))],
                bends: [(0.0, 1.0 / 3.0), (1.0 / 3.0, 0.0)],
                tame: true,
                elsewhere: |engine, x| match engine {
                    PyTorch | PyTorch2_13 | Jax | Jax0_11 => Some(if x < 0.0 { 0.0 } else { 1.0 }),
                    CasADi => None,
                },
            }
            /// What lies beyond `-lambda` or `lambda`, moved to 0: `sign x · max(|x| - lambda, 0)`. Slope 1 beyond,
            /// 0 between and at both ends, which are kinks. `lambda` is not negative.
            soft_shrink = SoftShrink(lambda: real) {
                domain: "all",
                ulp: 0,
                example: (2.0; 0.5 => 1.5, 1.0);
                value: |x| activation::soft_shrink(x, lambda),
                slope: |x, _| activation::shrink_slope(x, lambda),
                kinks: [(-lambda, (1.0, 0.0)), (lambda, (0.0, 1.0))],
                shape: Shape::Linear,
                elsewhere: |engine, _| match engine {
                    PyTorch | PyTorch2_13 => Some(0.0),
                    Jax | Jax0_11 | CasADi => None,
                },
            }
            /// `x` beyond `-lambda` and `lambda`, 0 between and at both ends, where it jumps. Slope 1 beyond, 0
            /// between. `lambda` is not negative.
            hard_shrink = HardShrink(lambda: real) {
                domain: "all",
                ulp: 0,
                example: (2.0; 0.5 => 2.0, 1.0);
                value: |x| activation::hard_shrink(x, lambda),
                slope: |x, _| activation::shrink_slope(x, lambda),
                shape: Shape::Jumps,
            }
            /// `ln(1 - e^x)`, accurate near 0 and far below. Slope `-1 / (e^-x - 1)`; `-∞` at 0. M. Mächler,
            /// "Accurately computing log(1 - exp(-|a|))" (2012).
            log1mexp = Log1mexp() {
                domain: "x ≤ 0; else NaN",
                ulp: 2,
                example: (-1.0 => -0.4586751453870819, -0.5819767068693265),
                hint: "keep the argument below 0";
                value: |x| activation::log1mexp(x),
                slope: |x, _| activation::log1mexp_slope(x),
                curve: |_, _, s| s * (-s + 1.0),
            }
            /// Inverse of the logistic function, `ln(x / (1 - x))`. Slope `1 / (x (1 - x))`; `+∞` at 0 and 1.
            logit = Logit() {
                domain: "0 ≤ x ≤ 1; else NaN",
                ulp: 2,
                example: (0.75 => 1.0986122886681098, 5.333333333333333),
                hint: "infinite at 0 and 1: keep the argument between them";
                value: |x| activation::logit(x),
                slope: |x, _| activation::logit_slope(x),
                curve: |x, _, s| s * s * (x * 2.0 - 1.0),
            }
            /// Smooth rectifier, `ln(1 + e^x)`, without overflow. Slope `1 / (1 + e^-x)`.
            softplus = Softplus() {
                domain: "all",
                ulp: 2,
                example: (1.0 => 1.3132616875182228, 0.7310585786300049);
                value: |x| rule::softplus(x),
                slope: |x, _| rule::sigmoid(x),
                curve: |x, _, s| s * (-x).sigmoid(),
                vector: |x| vector::softplus(x),
                vector_slope: |x, _| vector::sigmoid(x),
            }
            /// Logistic function, `1 / (1 + e^-x)`. Slope `e / (1 + e)²` with `e = e^(-|x|)`; not
            /// `y (1 - y)`, which cancels for `x ≫ 1`.
            sigmoid = Sigmoid() {
                domain: "all",
                ulp: 3, // exponential, product, sum and quotient
                example: (1.0 => 0.7310585786300049, 0.19661193324148185);
                value: |x| rule::sigmoid(x),
                slope: |x, _| rule::sigmoid_slope(x),
                curve: |x, _, s| -(s * (x * 0.5).tanh()),
                vector: |x| vector::sigmoid(x),
                vector_slope: |x, _| vector::sigmoid_slope(x),
            }
            /// Logarithm of the logistic function, `-ln(1 + e^-x)`. Slope `1 / (1 + e^x)`.
            log_sigmoid = LogSigmoid() {
                domain: "all",
                ulp: 2,
                example: (1.0 => -0.3132616875182228, 0.2689414213699951);
                value: |x| -rule::softplus(-x),
                slope: |x, _| rule::sigmoid(-x),
                curve: |x, _, s| -(s * x.sigmoid()),
                vector: |x| vector::log_sigmoid(x),
                vector_slope: |x, _| vector::sigmoid(-x),
            }

            // Special functions.

            /// Normalised cardinal sine, `sin(πx) / (πx)`; 1 at 0 and 0 at ±∞. Slope
            /// `(cos(πx) - sinc x) / x`; 0 at 0 and at ±∞. It comes from its series near 0 and is
            /// taken in doubled precision near the extrema.
            sinc = Sinc() {
                domain: "all",
                ulp: 4, // a difference of two rounded quotients
                example: (0.5 => 0.6366197723675814, -1.2732395447351628);
                value: |x| special::sinc(x),
                slope: |x, _| special::sinc_slope(x),
                curve: |x, y, s| curve::sinc(x, y, s),
            }
            /// Error function, `2/√π ∫₀ˣ e^(-t²) dt`. Slope `2/√π e^(-x²)`. DLMF section 7.2.
            erf = Erf() {
                domain: "all",
                ulp: 3, // exponential, constant and the correction for the rounding of x²
                example: (1.0 => 0.8427007929497149, 0.4151074974205947);
                value: |x| libm::erf(x),
                slope: |x, _| special::erf_slope(x),
                curve: |x, _, s| -(x * s * 2.0),
                vector: |x| vector::erf(x),
                vector_slope: |x, _| vector::erf_slope(x),
            }
            /// Complement of the error function, `1 - erf x`, accurate for great `x`. Slope
            /// `-2/√π e^(-x²)`. DLMF section 7.2.
            erfc = Erfc() {
                domain: "all",
                ulp: 3, // as erf
                example: (1.0 => 0.15729920705028513, -0.4151074974205947);
                value: |x| libm::erfc(x),
                slope: |x, _| -special::erf_slope(x),
                curve: |x, _, s| -(x * s * 2.0),
                vector: |x| vector::erfc(x),
                vector_slope: |x, _| -vector::erf_slope(x),
            }
            /// Logarithm of the gamma function, `ln |Γ(x)|`. Slope: digamma. At the poles
            /// 0, -1, -2, ... the value is `+∞`; the slope is `∓∞` at ±0 and NaN at the
            /// others, whose sides disagree. Below 0, where value and slope cross 0 between the
            /// poles, they are right to 8 ULP or, where it is more, to `2ε (1 + |x| ln(1 + |x|))`
            /// (value) and `2ε (1 + ln(1 + |x|))` (slope). DLMF section 5.2.
            ln_gamma = LnGamma() {
                domain: "all but the poles",
                ulp: 8, // recurrence, series, reflection
                example: (5.0 => 3.1780538303479458, 1.5061176684318005),
                hint: "a pole at 0, -1, -2, ...: keep the argument away from it";
                value: |x| special::ln_gamma(x),
                slope: |x, _| special::digamma(x),
                curve: |x, _, _| curve::trigamma(x),
            }
            /// Digamma, `ψ(x) = Γ'(x) / Γ(x)`. Slope: trigamma. At the poles 0, -1, -2, ... the
            /// slope is `+∞`; the value is `∓∞` at ±0 and NaN at the others. Below 0 the value is
            /// right to 8 ULP or, where it is more, to `2ε (1 + ln(1 + |x|))`. DLMF sections 5.2
            /// and 5.15.
            digamma = Digamma() {
                domain: "all but the poles",
                ulp: 8, // recurrence, series, reflection
                example: (1.0 => -0.5772156649015329, 1.6449340668482264),
                hint: "a pole at 0, -1, -2, ...: keep the argument away from it";
                value: |x| special::digamma(x),
                slope: |x, _| special::trigamma(x),
                curve: |x, y, _| curve::within(y, curve::tetragamma(x)),
            }
            /// Inverse of the error function. Slope `√π/2 e^(y²)` with the value `y`; `+∞` at ±1.
            erf_inv = ErfInv() {
                domain: "-1 ≤ x ≤ 1; else NaN",
                ulp: 4, // exponential and the correction for the rounding of the value
                example: (0.5 => 0.4769362762044699, 1.1125848189719498),
                hint: "infinite at ±1: keep the argument between them";
                value: |x| special::erf_inv(x),
                slope: |x, y| special::erf_inv_slope(x, y),
                curve: |_, y, s| y * s * s * 2.0,
            }
            /// Distribution function of the normal distribution, `Φ(x) = erfc(-x/√2) / 2`, accurate in both
            /// tails. Slope `φ(x) = e^(-x²/2) / √(2π)`. DLMF section 7.2.
            normal_cdf = NormalCdf() {
                domain: "all",
                ulp: 3, // exponential, constant and the correction for the rounding of x²
                example: (1.0 => 0.8413447460685429, 0.24197072451914334);
                value: |x| special::normal_cdf(x),
                slope: |x, _| special::normal_pdf(x),
                curve: |x, _, s| -(x * s),
            }
            /// Logarithm of [`Scalar::normal_cdf`], finite where that underflows. Slope `φ(x) / Φ(x)`, which nears
            /// `-x` far below 0. DLMF section 7.12.
            ln_normal_cdf = LnNormalCdf() {
                domain: "all",
                ulp: 8, // the quotient of two rounded tails
                example: (-1.0 => -1.8410216450092636, 1.525135276160981);
                value: |x| special::ln_normal_cdf(x),
                slope: |x, _| special::ln_normal_cdf_slope(x),
                curve: |x, _, s| curve::ln_normal_cdf(x, s),
            }
            /// Trigamma, `ψ'(x)`. Slope: tetragamma. At the poles 0, -1, -2, ... the value is `+∞`, the slope `∓∞`
            /// at ±0 and NaN at the others. Below 0, where the slope crosses 0 between the poles, it is right to 8
            /// ULP or, where it is more, to `64 ε`. DLMF section 5.15.
            trigamma = Trigamma() {
                domain: "all but the poles",
                ulp: 8, // recurrence, series, reflection
                example: (1.0 => 1.6449340668482264, -2.4041138063191885),
                hint: "a pole at 0, -1, -2, ...: keep the argument away from it";
                value: |x| special::trigamma(x),
                slope: |x, _| special::tetragamma(x),
                curve: |x, _, s| curve::within(s, curve::pentagamma(x)),
            }
        }
    };
}
pub(crate) use with_unary;
