//! `powf`, `cbrt`, `hypot`.

use super::exponential::power_of_sum;
use super::logarithm::split;
use super::parts::{
    LN2_HI, LN2_LO, MANTISSA_BITS, ROUND, fast_two_sum, head, hold, polynomial, two_product,
};

/// `(3 atanh(s)/s - 3 - s²) / s⁴` in powers of `s²`.
const ATANH: [f64; 8] = [
    0.5999999999999996,
    0.428571428571688,
    0.33333333326029424,
    0.27272728339212543,
    0.23076833007118203,
    0.20004564495418387,
    0.17510435914461192,
    0.17998426744643722,
];

/// `∛x` from 1 to 2.
const CBRT: [f64; 8] = [
    0.4259274261290784,
    1.0557836027916117,
    -0.8895499134603987,
    0.6450148321165483,
    -0.3237603722107863,
    0.10445447346422039,
    -0.019460833800938417,
    0.001590809482425708,
];

/// `ln x` for positive finite `x` as a sum of two numbers, right to some 2^-65 of it; the first has
/// 26 bits.
///
/// With `s = f / (2 + f)` it is `k ln 2 + ⅔ s (3 + s² + r)`, `r = s⁴ p(s²)`. Each factor is a head of 26
/// bits, whose products are exact, and a tail (as in fdlibm's `__ieee754_pow`, Sun Microsystems,
/// 1993).
#[inline(always)]
fn ln_sum(x: f64) -> (f64, f64) {
    /// Two thirds in two parts, the first of 26 bits.
    const TWO_THIRDS: (f64, f64) = (0.6666666567325592, 9.934107462565104e-09);
    let (k, f) = split(x);
    let below = (2.0 + f).recip();
    let s = f * below;
    let s_head = head(s);
    let sum_head = head(2.0 + f);
    let sum_tail = f - (sum_head - 2.0);
    let s_tail = below * ((f - s_head * sum_head) - s_head * sum_tail);
    let square = s * s;
    let head_square = s_head * s_head;
    let r = square * square * polynomial(square, &ATANH) + s_tail * (s_head + s);
    let factor_head = head(3.0 + head_square + r);
    let factor_tail = r - ((factor_head - 3.0) - head_square);
    let (first, second) = (s_head * factor_head, s_tail * factor_head + factor_tail * s);
    let cubic_head = head(first + second);
    let cubic_tail = second - (cubic_head - first);
    let tail = TWO_THIRDS.1 * cubic_head + cubic_tail * (2.0 / 3.0);
    let (sum, lost) = fast_two_sum(k * LN2_HI, TWO_THIRDS.0 * cubic_head);
    let tail = lost + (tail + k * LN2_LO);
    let ln_head = head(sum + tail);
    (ln_head, tail - (ln_head - sum))
}

/// Whether a number is whole.
#[inline(always)]
fn whole(magnitude: f64) -> bool {
    const LEAST: f64 = 4503599627370496.0; // 2^52, from which on all are
    magnitude >= LEAST || (magnitude + LEAST) - LEAST == magnitude
}

/// `a^b = e^(b ln |a|)`, the logarithm and the product with twice the digits; the sign and the
/// limits as IEEE 754 has them, section 9.2.1. Within 1 ULP.
#[inline(always)]
pub(crate) fn powf(a: f64, b: f64) -> f64 {
    let (base, magnitude) = (a.abs(), b.abs());
    let (ln, ln_tail) = ln_sum(base);
    // No base but 1 is so near to 1 that its power to 1e20 is finite and not 0.
    let exponent = hold(b, -1e20, 1e20);
    let first = head(exponent);
    let rest = (exponent - first) * ln + exponent * ln_tail;
    let (product, lost) = fast_two_sum(first * ln, rest);
    let y = power_of_sum(product, lost).times(1.0);
    let limit = if (base > 1.0) == (b > 0.0) { f64::INFINITY } else { 0.0 };
    let y = if base == 0.0 || base == f64::INFINITY { limit } else { y };
    let y = if base.is_nan() || b.is_nan() { a + b } else { y };
    let whole_exponent = whole(magnitude);
    let odd = whole_exponent && !whole(0.5 * magnitude);
    let y = if odd { y.copysign(a) } else { y };
    let y = if a < 0.0 && base < f64::INFINITY && !whole_exponent { f64::NAN } else { y };
    if a == 1.0 || b == 0.0 { 1.0 } else { y }
}

/// Whether `y / a` for `y = a^b`, or what it is made of, is not a normal number, so that the slopes
/// `b y / a` and `y ln a` may be wrong; also NaN in `b`.
#[inline(always)]
pub(crate) fn powf_slopes_are_rare(a: f64, b: f64, y: f64) -> bool {
    let extreme = |x: f64| x.abs() < f64::MIN_POSITIVE || x.abs() == f64::INFINITY;
    extreme(y) | extreme(y / a) | (a == 0.0) | b.is_nan()
}

/// `∛x`: with `x = 8^q m` and `m` between ½ and 4, a polynomial to 24 bits, whose square is exact,
/// and one step of Halley's rule, which triples them (as in fdlibm's `cbrt`, Sun Microsystems, 1993).
///
/// Within 0.67 ULP. ±0 and `±∞` stay.
#[inline(always)]
pub(crate) fn cbrt(x: f64) -> f64 {
    /// `2^(-1/3)` and `2^(1/3)`.
    const ROOTS: (f64, f64) = (0.7937005259840998, 1.2599210498948732);
    let (k, f) = split(x.abs());
    // Of `split`, 1 + f lies between √½ and √2; the polynomial wants 1 to 2.
    let small = f < 0.0;
    let k = if small { k - 1.0 } else { k };
    let m = if small { 2.0 + 2.0 * f } else { 1.0 + f };
    let near = polynomial(m, &CBRT);
    let q = (k * (1.0 / 3.0) + ROUND) - ROUND;
    let left = k - 3.0 * q;
    let root = if left > 0.0 { ROOTS.1 } else { 1.0 };
    let root = if left < 0.0 { ROOTS.0 } else { root };
    let m = if left > 0.0 { 2.0 * m } else { m };
    let m = if left < 0.0 { 0.5 * m } else { m };
    let guess = f64::from_bits((near * root).to_bits() & (!0 << 29));
    let other = m / (guess * guess);
    let y = guess + guess * ((other - guess) / (guess + guess + other));
    let scale = f64::from_bits((q + (ROUND + 1023.0)).to_bits() << MANTISSA_BITS);
    let y = (y * scale).copysign(x);
    if x == 0.0 || x.is_nan() || x.is_infinite() { x } else { y }
}

/// `√(a² + b²)`, scaled where a square leaves the normal range. What squares, sum and root lose goes
/// back into the root.
///
/// Within 0.51 ULP, or 0.75 below the normal numbers. Infinite where an argument is, even beside
/// NaN.
#[inline(always)]
pub(crate) fn hypot(a: f64, b: f64) -> f64 {
    const UP: f64 = f64::from_bits((1023 + 600) << MANTISSA_BITS);
    const DOWN: f64 = f64::from_bits((1023 - 600) << MANTISSA_BITS);
    let (a, b) = (a.abs(), b.abs());
    let (most, least) = if a > b { (a, b) } else { (b, a) };
    let (to, back) = if most > 1e150 { (DOWN, UP) } else { (1.0, 1.0) };
    let (to, back) = if most < 1e-130 { (UP, DOWN) } else { (to, back) };
    let (x, x_lost) = two_product(most * to, most * to);
    let (y, y_lost) = two_product(least * to, least * to);
    let (sum, lost) = fast_two_sum(x, y);
    let root = sum.sqrt();
    let (square, square_lost) = two_product(root, root);
    let residual = ((sum - square) - square_lost) + (lost + (x_lost + y_lost));
    // The root is 0, or greater by far than what is added to it here.
    let h = (root + residual / (2.0 * root + f64::MIN_POSITIVE)) * back;
    if a == f64::INFINITY || b == f64::INFINITY { f64::INFINITY } else { h }
}

/// Whether `h = √(a² + b²)` is so small or so great that `a / h` may be wrong.
#[inline(always)]
pub(crate) fn hypot_slopes_are_rare(h: f64) -> bool {
    h < f64::MIN_POSITIVE / f64::EPSILON || h == f64::INFINITY
}
