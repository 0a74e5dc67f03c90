//! The entries of one argument that networks are made of: rectifiers and the logistic family.

/// Hands the entries before, and these, on to `with_special`.
macro_rules! with_activation {
    ($emit:ident $($before:tt)*) => {
        $crate::op::table::with_special! {
            $emit
            $($before)*

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
            /// Leaky rectifier, `x` above 0 and `alpha x` below. Slope 1 above, `alpha` below; at 0, which is a
            /// kink unless `alpha` is 1, the one of least magnitude, 0 if they differ in sign.
            leaky_relu = LeakyRelu(alpha: real) {
                domain: "all",
                ulp: 0,
                example: (-2.0; 0.25 => -0.5, 0.25);
                value: |x| rule::leaky_relu(x, alpha),
                slope: |x, _| if x > 0.0 { 1.0 } else { rule::flat(x) + alpha },
                kinks: (alpha != 1.0).then_some((0.0, (alpha, 1.0))),
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
            /// 0 between and at both ends, which are kinks. `lambda` is not negative; with 0 it is `x`, slope 1.
            soft_shrink = SoftShrink(lambda: real) {
                domain: "all",
                ulp: 0,
                example: (2.0; 0.5 => 1.5, 1.0);
                value: |x| activation::soft_shrink(x, lambda),
                slope: |x, _| activation::shrink_slope(x, lambda),
                kinks: {
                    // Two ends that are one have beside them what is beyond.
                    let between = f64::from(lambda == 0.0);
                    [(-lambda, (1.0, between)), (lambda, (between, 1.0))]
                },
                shape: Shape::Linear,
                elsewhere: |engine, _| match engine {
                    PyTorch | PyTorch2_13 => Some(0.0),
                    Jax | Jax0_11 | CasADi => None,
                },
            }
            /// `x` beyond `-lambda` and `lambda`, 0 between and at both ends, where it jumps. Slope 1 beyond, 0
            /// between. `lambda` is not negative; with 0 it is `x`.
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
                vector: vector::softplus,
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
                vector: vector::sigmoid,
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
                vector: vector::log_sigmoid,
                vector_slope: |x, _| vector::sigmoid(-x),
            }
        }
    };
}
pub(crate) use with_activation;
