//! Rates that depend on the step alone: [`Curve`].

use super::{Cyclic, OneCycle, check_steps};
use crate::Real;
use crate::optim::error::{OptimError, check_option};

/// A schedule that does not look at the loss.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Curve<F: Real> {
    Constant,
    Step { every: u64, ratio: F },
    MultiStep { at: Vec<u64>, ratio: F },
    Exponential { ratio: F },
    Decay { ratio: F, every: u64, stairs: bool },
    Decaying { power: F },
    Held { factor: F, steps: u64 },
    Linear { from: F, to: F, steps: u64 },
    Ramp { from: F, to: F, steps: u64, shape: Shape<F> },
    WarmUp { steps: u64 },
    Polynomial { steps: u64, power: F },
    Cosine { steps: u64, least: F },
    CosineRestarts { first: u64, growth: u64, least: F },
    InverseSqrt { warm_up: u64 },
    OneCycle(OneCycle<F>),
    Cyclic(Cyclic<F>),
}

/// How a [`ramp`](super::Schedule::ramp) goes; `u` falls from 1 to 0 on the way.
///
/// ```
/// use wengert::optim::{Schedule, Shape};
/// let halfway = |shape| Schedule::ramp(1.0, 0.0, 2, shape).rates(1.0, 2).map(|rates| rates[1]);
/// assert_eq!(halfway(Shape::Power(1.0))?, 0.5);
/// assert_eq!(halfway(Shape::Power(2.0))?, 0.25);
/// approx::assert_relative_eq!(halfway(Shape::Cosine(1.0))?, 0.5);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Shape<F = f64> {
    /// `uᵖ`: a straight line for `p` = 1.
    Power(F),
    /// `((1 + cos(π (1 − u))) / 2)ᵖ`: half a wave for `p` = 1.
    Cosine(F),
}

impl<F: Real> Curve<F> {
    /// As the function is called that makes it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Curve::Constant => "constant",
            Curve::Step { .. } => "step",
            Curve::MultiStep { .. } => "multi_step",
            Curve::Exponential { .. } => "exponential",
            Curve::Decay { stairs: false, .. } => "decay",
            Curve::Decay { stairs: true, .. } => "stairs",
            Curve::Decaying { .. } => "decaying",
            Curve::Held { .. } => "held",
            Curve::Linear { .. } => "linear",
            Curve::Ramp { .. } => "ramp",
            Curve::WarmUp { .. } => "warm_up",
            Curve::Polynomial { .. } => "polynomial",
            Curve::Cosine { .. } => "cosine",
            Curve::CosineRestarts { .. } => "cosine_restarts",
            Curve::InverseSqrt { .. } => "inverse_sqrt",
            Curve::OneCycle(_) => "one_cycle",
            Curve::Cyclic(_) => "cyclic",
        }
    }

    /// The rate at step `k`, where `r` is the optimizer's, and `before` the rate of the step before.
    pub(super) fn rate(&self, k: u64, r: F, before: F) -> F {
        let (zero, one, two) = (F::zero(), F::one(), F::from_double(2.0));
        let number = |n: u64| F::from_double(n as f64);
        match *self {
            Curve::Constant => r,
            Curve::OneCycle(cycle) => cycle.rate(k),
            Curve::Cyclic(cycle) => cycle.rate(k),
            Curve::Decay { ratio, every, stairs } => {
                let times = number(k) / number(every);
                r * ratio.powf(if stairs { times.floor() } else { times })
            }
            Curve::Decaying { power } => r / number(k.saturating_add(1)).powf(power),
            Curve::Ramp { from, to, steps, shape } => {
                let (k, steps) = (number(k.min(steps)), number(steps));
                let share = match shape {
                    Shape::Power(power) => (one - k / steps).powf(power),
                    Shape::Cosine(power) => ((one + (F::PI() * k / steps).cos()) / two).powf(power),
                };
                r * ((from - to) * share + to)
            }
            Curve::WarmUp { steps } => {
                let shape = Shape::Power(one);
                Curve::Ramp { from: zero, to: one, steps, shape }.rate(k, r, before)
            }
            Curve::CosineRestarts { first, growth, least } => {
                let (k, steps) = since_restart(k, first, growth);
                let wave = (F::PI() * number(k) / number(steps)).cos();
                least + (r - least) * (one + wave) / two
            }
            Curve::InverseSqrt { warm_up } => {
                let (k, warm_up) = (number(k.saturating_add(1)), number(warm_up));
                if k <= warm_up { r * (k / warm_up) } else { r * (warm_up / k).sqrt() }
            }

            // The rate follows from the one before.
            Curve::Held { factor, steps } if k == 0 => {
                if steps == 0 {
                    r
                } else {
                    r * factor
                }
            }
            Curve::Held { factor, steps } if k == steps => before * (one / factor),
            Curve::Linear { from, .. } if k == 0 => r * from,
            Curve::Linear { from, to, steps } if k <= steps => {
                let gone = number(steps) * from + number(k - 1) * (to - from);
                before * (one + (to - from) / gone)
            }
            Curve::MultiStep { ref at, ratio } => {
                let before = if k == 0 { r } else { before };
                let times = at.iter().filter(|&&at| at == k).count();
                if times == 0 { before } else { before * ratio.powf(number(times as u64)) }
            }
            _ if k == 0 => r,
            Curve::Step { every, ratio } if k.is_multiple_of(every) => before * ratio,
            Curve::Exponential { ratio } => before * ratio,
            Curve::Polynomial { steps, power } if k <= steps => {
                let left = |k| one - number(k) / number(steps);
                before * (left(k) / left(k - 1)).powf(power)
            }
            Curve::Cosine { steps, least } => {
                let wave = |k| (F::PI() * number(k) / number(steps)).cos();
                if k > steps && (k - 1 - steps).is_multiple_of(2 * steps) {
                    // The wave is at its least, where the quotient is 0 / 0.
                    let first = (F::PI() / number(steps)).cos();
                    before + (r - least) * (one - first) / two
                } else {
                    (one + wave(k)) / (one + wave(k - 1)) * (before - least) + least
                }
            }
            Curve::Held { .. }
            | Curve::Linear { .. }
            | Curve::Step { .. }
            | Curve::Polynomial { .. } => before.max(zero),
        }
    }

    pub(super) fn check(&self) -> Result<(), OptimError> {
        let zero = F::zero();
        let (positive, not_negative) = ("finite and positive", "finite and not negative");
        let ratio_above_0 = |q| check_option("ratio", q, positive, |q| q > zero);
        let power_from_0 = |p| check_option("power", p, not_negative, |p| p >= zero);
        let least_from_0 = |r| check_option("least rate", r, not_negative, |r| r >= zero);
        let factor = |option, f| check_option(option, f, not_negative, |f| f >= zero);
        match *self {
            Curve::Constant => Ok(()),
            Curve::OneCycle(cycle) => cycle.check(),
            Curve::Cyclic(cycle) => cycle.check(),
            Curve::Step { every, ratio } => {
                check_steps("steps between falls", every)?;
                ratio_above_0(ratio)
            }
            Curve::MultiStep { ratio, .. } | Curve::Exponential { ratio } => ratio_above_0(ratio),
            Curve::Decay { ratio, every, .. } => {
                check_steps("steps of a decay", every)?;
                ratio_above_0(ratio)
            }
            Curve::Decaying { power } => power_from_0(power),
            Curve::Held { factor, .. } => {
                check_option("factor of a held rate", factor, positive, |f| f > zero)
            }
            Curve::Linear { from, to, steps } => {
                check_option("first factor", from, positive, |f| f > zero)?;
                factor("last factor", to)?;
                check_steps("steps of a line", steps)
            }
            Curve::Ramp { from, to, steps, shape } => {
                factor("first factor", from)?;
                factor("last factor", to)?;
                let (Shape::Power(power) | Shape::Cosine(power)) = shape;
                power_from_0(power)?;
                check_steps("steps of a ramp", steps)
            }
            Curve::Polynomial { steps, power } => {
                power_from_0(power)?;
                check_steps("steps of a polynomial", steps)
            }
            Curve::Cosine { steps, least } => {
                least_from_0(least)?;
                check_steps("steps of a wave", steps)
            }
            Curve::CosineRestarts { first, growth, least } => {
                least_from_0(least)?;
                check_steps("steps of a wave", first)?;
                check_steps("growth of a wave", growth)
            }
            Curve::WarmUp { steps: warm_up } | Curve::InverseSqrt { warm_up } => {
                check_steps("steps of a warm-up", warm_up)
            }
        }
    }
}

/// How many steps ago the wave began, and how many it has.
fn since_restart(k: u64, first: u64, growth: u64) -> (u64, u64) {
    if growth == 1 {
        return (k % first, first);
    }
    let (mut k, mut steps) = (k, first);
    while k >= steps {
        k -= steps;
        steps = steps.saturating_mul(growth);
    }
    (k, steps)
}
