//! More compositions, in both precisions: the patterns in which kinks come in models and algorithms.

use super::compositions::Case;
use wengert::{Real, Scalar, Var};

/// A case, and its function in single precision.
pub(crate) type Twice = (Case, fn(&[Var<f32>]) -> Var<f32>);

macro_rules! cases {
    ($(($x:ident) $body:expr => $at:expr;)+) => {
        vec![$({
            fn generic<T: Scalar>($x: &[T]) -> T {
                $body
            }
            fn single($x: &[Var<f32>]) -> Var<f32> {
                #[allow(dead_code, reason = "not every expression names its type")]
                type T = Var<f32>;
                $body
            }
            let case = Case { text: stringify!($body), plain: generic, taped: generic, at: &$at };
            (case, single as fn(&[Var<f32>]) -> Var<f32>)
        }),+]
    };
}

fn sorted<F: Real, T: Scalar<F>>(x: &[T]) -> Vec<T> {
    let mut x = x.to_vec();
    for end in (1..x.len()).rev() {
        for i in 0..end {
            let (a, b) = (x[i], x[i + 1]);
            (x[i], x[i + 1]) = (a.min(b), a.max(b));
        }
    }
    x
}

/// The same by comparisons.
fn sorted_by_branches<F: Real, T: Scalar<F>>(x: &[T]) -> Vec<T> {
    let mut x = x.to_vec();
    for end in (1..x.len()).rev() {
        for i in 0..end {
            let (a, b) = (x[i], x[i + 1]);
            (x[i], x[i + 1]) = (T::select(a.above(b), b, a), T::select(a.above(b), a, b));
        }
    }
    x
}

/// The length of the shortest way through a grid of `n` columns, by rows.
fn shortest<F: Real, T: Scalar<F>>(x: &[T], n: usize) -> T {
    let mut best: Vec<T> = Vec::new();
    for (i, &cost) in x.iter().enumerate() {
        let before = match (i / n, i % n) {
            (0, 0) => None,
            (0, _) => Some(best[i - 1]),
            (_, 0) => Some(best[i - n]),
            _ => Some(best[i - 1].min(best[i - n])),
        };
        best.push(before.map_or(cost, |before| before + cost));
    }
    best[x.len() - 1]
}

/// The iterated tent, `1 - |1 - 2x|`.
fn tent<F: Real, T: Scalar<F>>(x: T, times: usize) -> T {
    let two = F::one() + F::one();
    (0..times).fold(x, |x, _| -(-x * two + F::one()).abs() + F::one())
}

/// Layers of `n` rectifiers without biases; the same two inputs to all of the first.
fn layers<F: Real, T: Scalar<F>>(w: &[T], n: usize, input: [F; 2]) -> T {
    let mut h: Vec<T> =
        (0..n).map(|i| (w[2 * i] * input[0] + w[2 * i + 1] * input[1]).relu()).collect();
    let mut rest = &w[2 * n..];
    while rest.len() >= n * n {
        h = (0..n).map(|i| (T::dot(&rest[i * n..][..n], &h) + h[i]).relu()).collect();
        rest = &rest[n * n..];
    }
    T::sum_of(&h)
}

#[rustfmt::skip]
pub(crate) fn cases() -> Vec<Twice> {
    cases! {
        // The same function twice, and functions that vanish.
        (x) x[0].max(0.0) + x[0].min(0.0) => [0.0];
        (x) x[0].abs() - x[0].max(-x[0]) + x[0] => [0.0];
        (x) x[0].relu() * (-x[0]).relu() + x[0].relu() => [0.0];
        (x) (x[0] - x[1]).relu() + x[1] - x[0].max(x[1]) => [2.0, 2.0];
        (x) x[0].max(x[1]).max(x[2]) - x[2].max(x[1]).max(x[0]) => [1.0, 1.0, 1.0];
        (x) x[0].max(x[1]) * x[0].min(x[1]) - x[0] * x[1] + x[0].max(x[1]) => [2.0, 2.0];
        (x) x[0].abs() * x[1].abs() - (x[0] * x[1]).abs() => [0.0, 0.0];
        (x) x[0].abs() * x[1].abs() - (x[0] * x[1]).abs() => [0.0, 1.0];
        (x) x[0].clamp(-1.0, 1.0) - x[0].min(1.0) => [1.0];
        (x) x[0].clamp(-1.0, 1.0) - x[0].min(1.0).max(-1.0) => [-1.0];
        (x) x[0].clamp(2.0, 2.0) + x[0].abs() => [2.0];
        (x) (x[0] - 1.0).relu() - (-x[0] - 1.0).relu() => [1.0];
        (x) x[0] - x[0].clamp(-1.0, 1.0) - (x[0] - 1.0).relu() => [1.0];
        (x) x[0].leaky_relu(0.0) - x[0].relu() + x[0].leaky_relu(1.0) => [0.0];
        (x) x[0].leaky_relu(3.0) + (-x[0]).leaky_relu(3.0) => [0.0];
        (x) x[0].abs() + x[0].abs() + x[0].abs() - x[0].relu() * 6.0 => [0.0];
        (x) (x[0] + x[1]).abs() + (x[0] - x[1]).abs() - x[0].abs().max(x[1].abs()) * 2.0 => [0.0, 0.0];
        (x) (x[0] + x[1]).relu() - (x[0] + x[1]).max(x[0]) + (-x[1]).relu() => [0.0, 0.0];
        (x) T::hypot(x[0].relu(), (-x[0]).relu()) - x[0].abs() => [0.0];
        (x) T::hypot(x[0].max(x[1]), x[0].min(x[1])) - x[0].hypot(x[1]) + x[1] => [0.0, 0.0];
        (x) T::norm(&[x[0], x[1], x[0], x[1]]) - T::norm(&[x[0], x[1]]) * T::from(2.0).sqrt() => [0.0, 0.0];
        (x) T::max_of(&[x[0], x[0], x[1]]) - x[0].max(x[1]) => [1.0, 1.0];
        (x) T::max_of(x) + T::min_of(&[-x[0], -x[1], -x[2]]) => [1.0, 1.0, 1.0];
        (x) T::log_sum_exp(&[x[0].abs(), x[0].abs()]) - x[0].max(-x[0]) => [0.0];
        // Kinks in kinks in kinks.
        (x) x[0].abs().relu().abs() - x[0].relu().abs() => [0.0];
        (x) (x[0].abs() - x[0]).abs() - (x[0] - x[0].abs()).relu() => [0.0];
        (x) ((x[0].relu() - x[1]).relu() - x[2]).relu() => [0.0, 0.0, 0.0];
        (x) (((x[0].abs() - 1.0).abs() - 1.0).abs() - 1.0).abs() => [1.0];
        (x) (((x[0].abs() - 1.0).abs() - 1.0).abs() - 1.0).abs() => [0.0];
        (x) tent(x[0], 3) => [0.5];
        (x) tent(x[0], 3) => [0.25];
        (x) tent(x[0], 4) + tent(x[0], 2) => [0.75];
        (x) tent(x[0].max(x[1]), 2) => [0.5, 0.5];
        (x) x[0].max(x[1].min(x[2].max(x[3]))) => [1.0, 1.0, 1.0, 1.0];
        (x) x[0].max(x[1]).min(x[2].max(x[3])) - x[0].min(x[2]).max(x[1].min(x[3])) => [1.0, 1.0, 1.0, 1.0];
        (x) x[0].max(x[0].max(x[0].max(x[1]))) - x[1].max(x[0]) => [3.0, 3.0];
        (x) x[0].min(x[1]).max(x[0].min(-x[1])).abs() => [0.0, 0.0];
        (x) (x[0].abs() + x[1].abs() - (x[0] + x[1]).abs()).min(x[0].relu()) => [0.0, 0.0];
        (x) (x[0].abs() - x[1].abs()).clamp(0.0, 1.0) - (x[1].abs() - x[0].abs()).clamp(-1.0, 0.0) => [0.0, 0.0];
        (x) x[0].clamp(0.0, 1.0).clamp(1.0, 2.0) + x[0].clamp(0.0, 2.0) => [1.0];
        (x) x[0].max(1.0).min(1.0).abs() + x[0].min(1.0).max(0.0) => [1.0];
        (x) (x[0] - x[1]).abs().max((x[1] - x[2]).abs()).max((x[2] - x[0]).abs()) => [5.0, 5.0, 5.0];
        (x) (x[0].leaky_relu(-1.0) - x[1].leaky_relu(-1.0)).leaky_relu(0.5).leaky_relu(-0.5) => [0.0, 0.0];
        // Order statistics and programs of them.
        (x) sorted(x)[0] + sorted(x)[1] * 2.0 + sorted(x)[2] * 3.0 => [1.0, 1.0, 1.0];
        (x) sorted(x)[2] => [1.0, 1.0, 1.0, 1.0, 1.0];
        (x) sorted(x)[2] => [1.0, 0.0, 1.0, 1.0, 2.0];
        (x) sorted(x).iter().map(|&y| y * y).sum::<T>() => [1.0, 1.0, 1.0, -1.0];
        (x) sorted(x)[1] - sorted_by_branches(x)[1] + x[0].relu() => [0.0, 0.0, 0.0];
        (x) sorted_by_branches(x)[1] => [1.0, 1.0, 1.0];
        (x) sorted_by_branches(x)[0] - sorted_by_branches(x)[2] => [1.0, 1.0, 2.0];
        (x) T::dot(&sorted(x), &[x[0], x[1], x[2]]) => [0.0, 0.0, 1.0];
        (x) shortest(x, 3) => [0.0; 9];
        (x) shortest(x, 2) - x[0] - x[5] => [1.0; 6];
        (x) T::max_of(&[x[0] + x[3], x[1] + x[4], x[2] + x[5]]) - T::max_of(&x[..3]) - T::max_of(&x[3..]) => [0.0; 6];
        (x) T::min_of(&[x[0].max(x[1]), x[1].max(x[2]), x[0].max(x[2])]) => [2.0, 2.0, 2.0];
        (x) T::max_of(&[x[0].abs(), x[1].abs(), x[0] + x[1], x[0] - x[1]]) => [0.0, 0.0];
        (x) T::max_of(&[x[0], T::from(0.0), -x[0]]) => [0.0];
        (x) T::max_of(&[x[0], x[1], T::from(1.0), x[0] * x[1]]) => [1.0, 1.0];
        (x) T::max_of(&[T::min_of(x), x[0], T::mean(x)]) => [1.0, 1.0, 1.0, 1.0];
        (x) T::mean(&[x[0].abs(), x[1].relu(), x[0].max(x[1]), x[0].min(x[1])]) => [0.0, 0.0];
        (x) T::softmax(&[x[0].abs(), x[1].relu(), x[0].max(x[1])])[1] => [0.0, 0.0];
        // Branches.
        (x) T::select(x[0].above(x[1]), x[0], x[1]) - x[0].max(x[1]) => [2.0, 2.0];
        (x) T::select(x[0].below(0.0), x[0] * 2.0, x[0] * -3.0) + x[0].leaky_relu(2.0) => [0.0];
        (x) T::select(x[0].abs().above(x[1].abs()), x[0].abs(), x[1].abs()) => [0.0, 0.0];
        (x) T::select(x[0].relu().above(0.0), x[0], T::from(0.0)) => [0.0];
        (x) T::select(x[0].max(x[1]).below(x[2]), x[2], x[0].max(x[1])) => [1.0, 1.0, 1.0];
        (x) T::select(x[0].above(0.0), T::select(x[1].above(0.0), x[0] + x[1], x[0]), T::select(x[1].above(0.0), x[1], T::from(0.0))) => [0.0, 0.0];
        (x) T::select((x[0] - x[1]).above(0.0), (x[0] - x[1]).exp_m1(), (x[0] - x[1]).sin() * 3.0) => [1.0, 1.0];
        (x) T::select(x[0].above(1.0), x[0] * 2.0 - 1.0, x[0] * x[0]).abs() - T::select(x[0].below(1.0), x[0] * x[0], x[0]) => [1.0];
        // Products and quotients.
        (x) x[0].abs().powi(2) + x[0].abs().powi(3) - x[0].relu().powi(2) => [0.0];
        (x) x[0].abs().powf(2.5) + x[0].relu() => [0.0];
        (x) x[0].abs() / x[1].abs() => [0.0, -2.0];
        (x) x[0].relu() / (x[0].abs() + 1.0) - (-x[0]).relu() / (x[0].relu() + 1.0) => [0.0];
        (x) (x[0].abs() + 1.0).recip() * (x[1].abs() + 2.0) => [0.0, 0.0];
        (x) (x[0].abs() + x[1].abs()) / (x[0].abs().max(x[1].abs()) + 1.0) => [0.0, 0.0];
        (x) x[0] * (x[0] + 3.0).clamp(0.0, 6.0) / 6.0 => [-3.0];
        (x) x[0] * (x[0] + 3.0).clamp(0.0, 6.0) / 6.0 + x[0].clamp(0.0, 3.0) => [3.0];
        (x) x[0].relu() * x[1].relu() * x[2].relu() => [0.0, 1.0, 1.0];
        (x) (x[0].abs() - 1.0) * (x[1].abs() + x[0].relu()) => [0.0, 0.0];
        (x) x.iter().map(|x| x.abs() + 1.0).product::<T>() => [0.0, 0.0, 0.0];
        (x) x[0].abs().mul_add(x[1].relu() + 1.0, x[0].max(x[1])) => [0.0, 0.0];
        (x) x[0].abs() * x[0].relu() * x[0] + x[0].max(x[0] * 2.0) => [0.0];
        // Smooth functions of kinks, kinks of smooth functions.
        (x) (x[0].relu() - (-x[0]).relu()).tanh() - x[0].abs().sin() => [0.0];
        (x) x[0].abs().softplus() - x[0].relu() => [0.0];
        (x) x[0].max(x[1]).sigmoid() + x[0].min(x[1]).sigmoid() => [1.0, 1.0];
        (x) x[0].abs().log_add_exp(x[1].abs()) => [0.0, 0.0];
        (x) (x[0].abs() + 1.0).ln() - x[0].relu().exp_m1() => [0.0];
        (x) (x[0].abs() + 1.0).sqrt() * 2.0 - x[0].max(0.0) => [0.0];
        (x) x[0].abs().atan2(x[1].relu() + 1.0) => [0.0, 0.0];
        (x) x[0].abs().sinc() + x[0].abs().cos() - x[0].relu() => [0.0];
        (x) x[0].abs().erf() - x[0].relu().erf() * 2.0 => [0.0];
        (x) (x[0] * x[0] - x[1]).abs() + (x[0] - x[1] * x[1]).abs() => [1.0, 1.0];
        (x) (x[0].exp() - 1.0).abs().min(x[0].abs() * 2.0) => [0.0];
        (x) (x[0] * x[1] - 2.0).relu() + (x[0] / x[1] - 2.0).abs() => [2.0, 1.0];
        (x) x[0].powi(3).abs() + (x[0].sin() - x[0].tanh()).relu() + x[0].relu() => [0.0];
        (x) x[0].max(x[0] + x[1] * x[1]) => [0.0, 0.0];
        (x) (x[0] * x[0]).max(x[1]) => [0.0, 0.0];
        (x) (x[0] * x[0]).max(x[1] * x[1]) + x[0].abs() => [0.0, 0.0];
        // The tips of cones.
        (x) T::norm(&[x[0], T::from(0.0), T::from(0.0)]) - x[0].abs() * 2.0 => [0.0];
        (x) x[0].hypot(x[0].abs()) => [0.0];
        (x) T::norm(x) - (x[0] + x[1]).abs() => [0.0, 0.0];
        (x) (T::norm(x) - 1.0).abs() => [0.0, 0.0];
        (x) T::norm(x).max(x[0] * 2.0) => [0.0, 0.0];
        (x) T::norm(&[T::norm(&x[..2]), T::norm(&x[2..])]) => [0.0, 0.0, 0.0, 0.0];
        (x) T::norm(x) * T::norm(x) + x[0].relu() => [0.0, 0.0];
        (x) x[0].hypot(x[1]).hypot(x[2]) - T::norm(x) + x[2] => [0.0, 0.0, 0.0];
        (x) (x[0] - 1.0).hypot(x[1] - 2.0).abs() - x[0].max(1.0) => [1.0, 2.0];
        // Operations of the user's own.
        (x) T::custom_pieces("a", x[0], 0.0, |x| (-x, -1.0), |x| (x, 1.0)) - x[0].abs() => [0.0];
        (x) T::custom_pieces("b", x[0].abs(), 0.0, |_| (0.0, 0.0), |x| (x, 1.0)) - x[0].relu() => [0.0];
        (x) T::custom_pieces("c", x[0].max(x[1]), 1.0, |x| (x * x, 2.0 * x), |x| (2.0 - x, -1.0)) => [1.0, 1.0];
        (x) T::custom_pieces("d", x[0] - x[1], 0.0, |x| (3.0 * x, 3.0), |x| (x, 1.0)) * (x[0].abs() + 1.0) => [0.0, 0.0];
        (x) T::custom_pieces("e", T::custom_pieces("f", x[0], 2.0, |x| (4.0 - x, -1.0), |x| (x, 1.0)), 2.0, |_| (0.0, 0.0), |x| (x - 2.0, 1.0)) => [2.0];
        (x) T::custom_pieces("g", x[0], 1.0, |x| (x * x, 2.0 * x), |x| (2.0 * x - 1.0, 2.0)) + (x[0] - 1.0).relu() => [1.0];
        (x) T::custom("h", [x[0].abs(), x[1].relu()], |[a, b]| (a * b + a, [b + 1.0, a])) => [0.0, 0.0];
        (x) T::custom_slice("i", &[x[0].relu(), (-x[0]).relu()], |x| (x[0] - x[1], [1.0, -1.0].into_iter().collect())) => [0.0];
        // Networks with zero weights, sums that a tape keeps as runs.
        (x) layers(x, 2, [1.0, 2.0]) => [0.0; 8];
        (x) layers(x, 2, [1.0, -1.0]) => [1.0, 1.0, 0.5, 0.5, 0.0, 1.0, -1.0, 0.0];
        (x) layers(x, 2, [2.0, 1.0]).abs() - layers(x, 2, [2.0, 1.0]) => [1.0, -2.0, 0.0, 0.0, 1.0, 1.0, 0.0, -1.0];
        (x) (T::dot(&x[..8], &x[8..]) - 1.0).abs() + T::sum_of(x).relu() * T::max_of(&x[1..4]).abs()
            => [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        (x) T::max_of(&[T::sum_of(x), T::sum_of(&x[..8]) * 2.0, T::mean(x) * 12.0]) => [0.0; 12];
        (x) T::dot(x, &[1.0, -1.0, 2.0, -2.0, 1.0, -1.0, 2.0, -2.0]).abs() - T::dot(x, &[-1.0, 1.0, -2.0, 2.0, -1.0, 1.0, -2.0, 2.0]).abs() + x[3] => [1.0; 8];
    }
}
