//! What printed functions call beside entries of the table, each as text.

/// A part of the text, and whether a function calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Support {
    Sum,
    Max,
    Chain,
    Along,
    Index,
    MaxOf,
    ExpShift,
    LogSumExp,
    Norm,
    RemSlope,
}

impl Support {
    /// The names by which it is called.
    pub(super) const NAMES: [&'static str; 14] = [
        "Sum",
        "Max",
        "chain",
        "along",
        "index",
        "within",
        "max_of",
        "exp_shift",
        "log_sum_exp",
        "norm",
        "norm_scale",
        "norm_root",
        "norm_slope",
        "rem_slope",
    ];

    /// The text, and what of the rules it calls.
    pub(super) fn text(self) -> String {
        match self {
            Support::Sum => reduction("Sum", "A sum", "0.0", "a + b"),
            Support::Max => reduction(
                "Max",
                "The greatest number",
                "f64::NEG_INFINITY",
                "if a >= b || a.is_nan() { a } else { b }",
            ),
            Support::Chain => CHAIN.to_owned(),
            Support::Along => ALONG.to_owned(),
            Support::Index => INDEX.to_owned(),
            Support::MaxOf => MAX_OF.to_owned(),
            Support::ExpShift => EXP_SHIFT.to_owned(),
            Support::LogSumExp => LOG_SUM_EXP.to_owned(),
            Support::Norm => NORM.to_owned(),
            Support::RemSlope => REM_SLOPE.to_owned(),
        }
    }
}

const CHAIN: &str = "
/// A derivative times a partial; where it is 0 it passes nothing on, whatever the partial.
pub fn chain(a: f64, b: f64) -> f64 {
    let product = a * b;
    if product.is_nan() && a == 0.0 { 0.0 } else { product }
}
";

const ALONG: &str = "
/// A derivative times a partial; where either is 0 nothing is passed on.
pub fn along(a: f64, b: f64) -> f64 {
    let product = a * b;
    if product.is_nan() && (a == 0.0 || b == 0.0) { 0.0 } else { product }
}
";

const INDEX: &str = "
/// A number as an index of a table.
pub fn index(x: f64, len: usize) -> Result<usize, &'static str> {
    let at = x as usize;
    if at < len && at as f64 == x { Ok(at) } else { Err(\"an index is outside its table\") }
}

/// The number itself, which is an index of a table.
pub fn within(x: f64, len: usize) -> Result<f64, &'static str> {
    index(x, len).map(|_| x)
}
";

const MAX_OF: &str = "
/// The greatest; NaN if any is NaN.
pub fn max_of(xs: &[f64]) -> f64 {
    xs.iter().fold(f64::NEG_INFINITY, |a, &b| if a >= b || a.is_nan() { a } else { b })
}
";

const EXP_SHIFT: &str = "
/// `e^(x - m)` for `x ≤ m`; where `m` is infinite, whether `x` is it.
pub fn exp_shift(x: f64, m: f64) -> f64 {
    if m.is_infinite() {
        return f64::from(x == m);
    }
    let difference = x - m;
    let other = difference - x;
    let lost = (x - (difference - other)) - (m + other);
    let e = vector::exp(difference);
    if difference > -800.0 { e + e * lost } else { e }
}
";

const LOG_SUM_EXP: &str = "
/// `ln Σ e^x`, which the greatest and a logarithm make `value`; found another way where that is near 0.
pub fn log_sum_exp(value: f64, most: f64, xs: &[f64]) -> f64 {
    if special::is_near_zero(most, value) {
        special::log_sum_near_zero(xs.iter().copied(), most, value)
    } else {
        value
    }
}
";

const NORM: &str = "
/// The sum of terms: of up to 32 one after the other, of more the sum of the sums of so many each.
fn total(xs: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let in_turn = |xs: &[f64]| xs.iter().fold(-0.0, |sum, &x| sum + term(x));
    if xs.len() <= 32 {
        return in_turn(xs);
    }
    let mut levels = [(-0.0, 0); 13];
    for part in xs.chunks(32) {
        let mut sum = in_turn(part);
        for (level, count) in &mut levels {
            (*level, *count) = (*level + sum, *count + 1);
            if *count < 32 {
                break;
            }
            sum = *level;
            (*level, *count) = (-0.0, 0);
        }
    }
    levels.iter().fold(-0.0, |rest, &(level, _)| level + rest)
}

/// A Euclidean norm as the product of two numbers, the first of which is 1 unless squares would leave the
/// normal range.
fn norm_parts(xs: &[f64]) -> (f64, f64) {
    let squares = total(xs, |x| x * x);
    if squares > f64::MIN_POSITIVE / (f64::EPSILON * f64::EPSILON) && squares.is_finite() {
        return (1.0, squares.sqrt());
    }
    let scale = xs.iter().fold(0.0_f64, |a, b| if a >= b.abs() || a.is_nan() { a } else { b.abs() });
    let whole = scale == 0.0 || !scale.is_finite();
    (scale, if whole { 1.0 } else { total(xs, |x| (x / scale) * (x / scale)).sqrt() })
}

/// The Euclidean norm.
pub fn norm(xs: &[f64]) -> f64 {
    let (scale, root) = norm_parts(xs);
    scale * root
}

/// What the numbers of this norm are divided by before they are squared.
pub fn norm_scale(norm: f64, xs: &[f64]) -> f64 {
    if (1e-135..1e150).contains(&norm) { 1.0 } else { norm_parts(xs).0 }
}

/// The norm of what has been so divided.
pub fn norm_root(norm: f64, xs: &[f64]) -> f64 {
    if (1e-135..1e150).contains(&norm) { norm } else { norm_parts(xs).1 }
}

/// The slope of a norm; 0 at the origin.
pub fn norm_slope(x: f64, scale: f64, root: f64) -> f64 {
    if scale == 0.0 {
        0.0
    } else if scale.is_infinite() && x.is_infinite() {
        x.signum()
    } else {
        x / scale / root
    }
}
";

const REM_SLOPE: &str = "
/// The slope of `a % b` by `b`.
pub fn rem_slope(a: f64, b: f64) -> f64 {
    arithmetic::rem(a, b).2
}
";

/// A reduction over rows.
fn reduction(name: &str, what: &str, nothing: &str, of: &str) -> String {
    format!(
        "
/// {what} over rows, in an order that depends on their number alone: row `r` goes to lane `r mod 32` of
/// its segment of `SEGMENT` rows, and lanes and segments are joined as trees.
pub struct {name}<const SEGMENT: u64> {{
    lanes: [f64; 32],
    rows: u64,
    tree: [f64; 64],
    held: usize,
}}

impl<const SEGMENT: u64> {name}<SEGMENT> {{
    pub fn new() -> Self {{
        Self {{ lanes: [{nothing}; 32], rows: 0, tree: [{nothing}; 64], held: 0 }}
    }}

    fn of(a: f64, b: f64) -> f64 {{
        {of}
    }}

    pub fn add(&mut self, x: f64) {{
        let lane = &mut self.lanes[(self.rows % 32) as usize];
        *lane = Self::of(*lane, x);
        self.rows += 1;
        if self.rows % SEGMENT == 0 {{
            self.close();
        }}
    }}

    fn close(&mut self) {{
        let mut width = 16;
        while width > 0 {{
            for i in 0..width {{
                self.lanes[i] = Self::of(self.lanes[i], self.lanes[i + width]);
            }}
            width /= 2;
        }}
        self.tree[self.held] = self.lanes[0];
        self.held += 1;
        self.lanes = [{nothing}; 32];
        let mut segments = self.rows.div_ceil(SEGMENT);
        while segments % 2 == 0 {{
            self.join();
            segments /= 2;
        }}
    }}

    fn join(&mut self) {{
        self.held -= 1;
        self.tree[self.held - 1] = Self::of(self.tree[self.held - 1], self.tree[self.held]);
    }}

    pub fn total(mut self) -> f64 {{
        if self.rows % SEGMENT != 0 {{
            self.close();
        }}
        while self.held > 1 {{
            self.join();
        }}
        self.tree[0]
    }}
}}
"
    )
}
