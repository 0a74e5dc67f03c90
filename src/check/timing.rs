//! Timing of two gradients of the same function.

use super::CheckError;
use crate::Real;
use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What a gradient costs beside the analytic one; from [`time`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Timing {
    /// Median time of one evaluation of the gradient, in seconds: some gradients take less than a
    /// nanosecond.
    pub gradient: f64,
    /// Median time of one evaluation of the analytic gradient, in seconds.
    pub analytic: f64,
}

impl Timing {
    /// How many times as long the gradient takes.
    ///
    /// ```
    /// use wengert::check;
    /// let square = |out: &mut [f64]| out[0] = 6.0;
    /// assert!(check::time(1, square, square, 0.0)?.ratio() > 0.0);
    /// # Ok::<(), check::CheckError>(())
    /// ```
    pub fn ratio(&self) -> f64 {
        self.gradient / self.analytic
    }
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [gradient, analytic] = [self.gradient, self.analytic].map(|seconds| seconds * 1e9);
        write!(f, "gradient {gradient:.1} ns, analytic {analytic:.1} ns, ratio {:.2}", self.ratio())
    }
}

/// Times a gradient against an analytic one. Each closure writes the slopes of the same `variables`
/// numbers into the slice it is given. Before anything is timed they must agree within `tolerance`,
/// relative to the greater slope of the two.
///
/// Batches of both alternate, so that a busy machine slows both alike; the medians over the batches
/// are compared. It takes about a fifth of a second, or five batches if those are longer. Time
/// release builds only.
///
/// # Errors
/// [`CheckError::Differ`] if the gradients do not agree, or are NaN.
///
/// ```
/// use wengert::{Tape, check};
/// let x = [1.0, 2.0, 3.0];
/// let tape = Tape::new();
/// let mut vars = Vec::new();
/// let timing = check::time(
///     3,
///     |out| {
///         tape.clear();
///         vars.clear();
///         tape.extend_vars(&x, &mut vars);
///         let y: wengert::Var = vars.iter().map(|v| v.powi(3)).sum();
///         y.backward().write_wrt(&vars, out);
///     },
///     |out| out.iter_mut().zip(x).for_each(|(slope, x)| *slope = 3.0 * x * x),
///     1e-12,
/// )?;
/// println!("{timing}"); // gradient 95.8 ns, analytic 2.1 ns, ratio 45.62
/// # Ok::<(), check::CheckError>(())
/// ```
pub fn time<F: Real>(
    variables: usize,
    mut gradient: impl FnMut(&mut [F]),
    mut analytic: impl FnMut(&mut [F]),
    tolerance: f64,
) -> Result<Timing, CheckError> {
    const TOTAL: Duration = Duration::from_millis(200);
    const FEWEST: usize = 5;
    let mut ours = vec![F::zero(); variables];
    let mut theirs = ours.clone();
    gradient(&mut ours);
    analytic(&mut theirs);
    for (index, (found, expected)) in ours.iter().zip(&theirs).enumerate() {
        let (found, expected) = (found.to_double(), expected.to_double());
        let error = (found - expected).abs();
        let agree = found == expected || error <= tolerance * found.abs().max(expected.abs());
        if !agree {
            return Err(CheckError::Differ { index, expected, found, tolerance });
        }
    }
    let (per_gradient, per_analytic) =
        (batch(&mut gradient, &mut ours), batch(&mut analytic, &mut theirs));
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while first.len() < FEWEST || start.elapsed() < TOTAL {
        first.push(sample(&mut gradient, &mut ours, per_gradient));
        second.push(sample(&mut analytic, &mut theirs, per_analytic));
    }
    Ok(Timing { gradient: median(first), analytic: median(second) })
}

/// How many evaluations take long enough for the clock.
fn batch<F: Real>(f: &mut impl FnMut(&mut [F]), out: &mut [F]) -> u32 {
    const LONG_ENOUGH: f64 = 500e-6;
    let mut n = 1;
    while n < 1 << 24 && sample(f, out, n) * f64::from(n) < LONG_ENOUGH {
        n *= 2;
    }
    n
}

/// The mean seconds of `n` evaluations.
fn sample<F: Real>(f: &mut impl FnMut(&mut [F]), out: &mut [F], n: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..n {
        f(black_box(&mut *out));
        black_box(&mut *out);
    }
    // At least a nanosecond in all, so that a ratio of two exists.
    start.elapsed().max(Duration::from_nanos(1)).as_secs_f64() / f64::from(n)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}
