//! What the vector forms share: rounding, sums that keep what rounding took, polynomials.
//!
//! All of it is additions, multiplications and moves of bits, which every instruction set has for
//! vectors: no branch, no call, no table, no conversion between integers and numbers.

/// `1.5 · 2^52`. Added to a number below `2^51` it rounds that to a whole one, halves to even, which
/// then stands in the last bits of the sum in two's complement.
pub(super) const ROUND: f64 = 6755399441055744.0;

/// The bits before the mantissa begin here.
pub(super) const MANTISSA_BITS: u64 = 52;

/// `ln 2` in two parts; the first has 32 bits, so that its product with an exponent is exact.
pub(super) const LN2_HI: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
pub(super) const LN2_LO: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);

/// `x` held between `low` and `high`; NaN stays NaN.
#[inline(always)]
pub(super) fn hold(x: f64, low: f64, high: f64) -> f64 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// `a + b` rounded, and what rounding took away, for `|a| ≥ |b|` or `a = 0` (Dekker, 1971).
#[inline(always)]
pub(super) fn fast_two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, (a - sum) + b)
}

/// The first 26 bits of a number, so that the product of two such is exact.
#[inline(always)]
pub(super) fn head(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & (!0 << 27))
}

/// `a · b` rounded, and what rounding took away (Dekker, 1971), where neither is extreme.
#[inline(always)]
pub(super) fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    let (a_head, b_head) = (head(a), head(b));
    let (a_tail, b_tail) = (a - a_head, b - b_head);
    let lost = ((a_head * b_head - product) + a_head * b_tail + a_tail * b_head) + a_tail * b_tail;
    (product, lost)
}

/// `Σ coefficients[k] x^k` by Estrin's scheme: neighbours are joined with `x`, the results with `x²`,
/// theirs with `x⁴`, and so on, so that few operations wait for others.
#[inline(always)]
pub(super) fn polynomial<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let (mut sums, mut count, mut power) = (*coefficients, N, x);
    while count > 1 {
        let pairs = count / 2;
        let mut i = 0;
        while i < pairs {
            sums[i] = sums[2 * i] + sums[2 * i + 1] * power;
            i += 1;
        }
        if count > 2 * pairs {
            sums[pairs] = sums[count - 1];
        }
        count -= pairs;
        power *= power;
    }
    sums[0]
}
