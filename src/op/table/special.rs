//! The entries of one argument that are special functions.

/// Hands the entries before, and these, on to `with_binary`.
macro_rules! with_special {
    ($emit:ident $($before:tt)*) => {
        $crate::op::table::with_binary! {
            $emit
            $($before)*

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
                vector: vector::erf,
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
                vector: vector::erfc,
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
pub(crate) use with_special;
