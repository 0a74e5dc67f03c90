//! The 60-digit results, and how far from them a result may be.

#![allow(clippy::unwrap_used, reason = "a malformed oracle file is a failed test")]

use super::Op;

/// An exact number: the nearest `f64`, and how far beyond it, in units in its last place.
#[derive(Clone, Copy)]
pub(crate) struct Truth {
    pub(crate) nearest: f64,
    pub(crate) beyond: f64,
}

impl Truth {
    /// The error of `got` in units in the last place; infinite where one of the two is NaN or
    /// infinite and the other is not the same. The sign of zero does not count.
    pub(crate) fn ulps(self, got: f64) -> f64 {
        let want = self.nearest;
        if want.is_finite() && got.is_finite() {
            (place(got).wrapping_sub(place(want)) as f64 - self.beyond).abs()
        } else if got == want || (got.is_nan() && want.is_nan()) {
            0.0
        } else {
            f64::INFINITY
        }
    }
}

/// The place of a finite number in the order of all of them; 0 for both zeros.
pub(crate) fn place(x: f64) -> i64 {
    let magnitude = (x.to_bits() & (u64::MAX >> 1)) as i64;
    if x.is_sign_negative() { -magnitude } else { magnitude }
}

pub(crate) struct Point {
    pub(crate) args: Vec<f64>,
    /// The value, and the slope by each argument.
    pub(crate) truth: Vec<Truth>,
}

pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) parameters: Vec<f64>,
    pub(crate) points: Vec<Point>,
}

pub(crate) fn number(bits: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(bits, 16).unwrap())
}

pub(crate) fn truth(text: &str) -> Truth {
    let (bits, thousandths) = text.split_once(':').unwrap_or((text, "0"));
    Truth { nearest: number(bits), beyond: thousandths.parse::<f64>().unwrap() / 1000.0 }
}

/// The entries of values and slopes. Several may have one name, with different parameters.
pub(crate) fn entries() -> Vec<Entry> {
    let files = [include_str!("unary.txt"), include_str!("binary.txt"), include_str!("nary.txt")];
    files.into_iter().flat_map(rows_of).collect()
}

/// The entries of a file.
pub(crate) fn rows_of(file: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        if let Some(head) = line.strip_prefix('[') {
            let mut words = head.trim_end_matches(']').split(' ');
            let name = words.next().unwrap().to_owned();
            entries.push(Entry {
                name,
                parameters: words.map(number).collect(),
                points: Vec::new(),
            });
        } else {
            let (args, truths) = line.split_once(" | ").unwrap();
            entries.last_mut().unwrap().points.push(Point {
                args: args.split(' ').map(number).collect(),
                truth: truths.split(' ').map(truth).collect(),
            });
        }
    }
    entries
}

pub(crate) fn row_named(name: &str) -> Option<Op> {
    Op::ENTRIES.iter().copied().find(|op| op.name() == name)
}

/// How the files spell an operation: operators by the names of std's traits.
pub(crate) fn name_of(op: Op) -> &'static str {
    match op {
        Op::Neg => "neg",
        Op::Add => "add",
        Op::Sub => "sub",
        Op::Mul => "mul",
        Op::Div => "div",
        Op::Rem => "rem",
        _ => op.name(),
    }
}

pub(crate) fn op_named(name: &str) -> Option<Op> {
    Op::ENTRIES.iter().chain(Op::OTHERS).copied().find(|&op| name_of(op) == name)
}

/// Whether it is a function of a list.
pub(crate) fn is_of_lists(name: &str) -> bool {
    op_named(name).is_some_and(|op| op.arity().is_none())
}

/// The bar in units in the last place: on the value for `which` 0, on the slopes beyond.
pub(crate) fn bar(name: &str, which: usize) -> f64 {
    match name {
        _ if which > 0 => op_named(name).and_then(Op::ulps).unwrap(),
        _ if is_of_lists(name) => 4.0,
        "powi" => 4.0,
        // Three roundings: std's is a quotient of two rounded logarithms.
        "sinc" | "erfc" | "log" => 3.0,
        "ln_gamma" | "digamma" | "trigamma" | "ln_beta" => 8.0,
        // A rounded constant, or a product with what is rounded thrice itself.
        "selu" => 3.0,
        "gelu" | "gelu_tanh" | "silu" | "mish" | "normal_cdf" => 4.0,
        _ if row_named(name).is_some() => 2.0,
        // An operator or a choice.
        _ => 1.0,
    }
}

/// The absolute error that is let pass where terms of that size cancel: near the zeros of
/// `ln_gamma` and `digamma` and `trigamma` below 0, of `log_add_exp`, of sums, and of the slopes of activations.
pub(crate) fn slack(name: &str, which: usize, args: &[f64]) -> f64 {
    let x = args[0].abs();
    let terms = match (name, which) {
        ("ln_gamma", 0) if args[0] < 0.0 => 1.0 + x * (1.0 + x).ln(),
        ("ln_gamma", 1) | ("digamma", 0) if args[0] < 0.0 => 1.0 + (1.0 + x).ln(),
        ("log_add_exp", 0) => (-(args[0] - args[1]).abs()).exp().ln_1p(),
        ("gelu" | "gelu_tanh" | "silu" | "mish", 1) if args[0].abs() < 3.0 => 1.0,
        ("trigamma", 1) if args[0] < 0.0 => 32.0,
        ("ln_beta", 0) => 1.0 + args[0].min(args[1]) * (args[0] + args[1]).ln_1p(),
        ("sum_of", 0) => args.iter().map(|x| x.abs()).sum(),
        ("mean", 0) => args.iter().map(|x| x.abs()).sum::<f64>() / args.len() as f64,
        ("lerp", 0) => ((1.0 - args[2]) * args[0]).abs() + (args[2] * args[1]).abs(),
        ("dot", 0) => {
            let (a, b) = args.split_at(args.len() / 2);
            a.iter().zip(b).map(|(a, b)| (a * b).abs()).sum()
        }
        // Below 2^-50 of the greatest, the value is what the rounding of that left: 31 digits of it cancel.
        ("log_sum_exp", 0) => {
            let most = args.iter().fold(f64::NEG_INFINITY, |most, &x| most.max(x));
            if most.is_finite() { f64::EPSILON / 2.0 * most.abs() } else { 0.0 }
        }
        _ => 0.0,
    };
    2.0 * f64::EPSILON * terms
}

/// The error in units in the last place, 0 if it is within the absolute slack.
pub(crate) fn error(name: &str, which: usize, args: &[f64], truth: Truth, got: f64) -> f64 {
    let slack = slack(name, which, args);
    let excused = slack > 0.0 && (got - truth.nearest).abs() <= slack;
    if excused { 0.0 } else { truth.ulps(got) }
}
