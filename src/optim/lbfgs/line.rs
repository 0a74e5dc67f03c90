//! The search along a line for the strong conditions of Wolfe: [`Bracket`].

/// A point on the line. Its value is minus infinity too where the line leaves the numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct OnLine {
    /// How far along it.
    pub(super) t: f64,
    pub(super) value: f64,
    /// The slope along the line.
    pub(super) slope: f64,
}

/// The search of a point `t > 0` with `φ(t) ≤ φ(0) + c₁ t φ'(0)`, or no higher than rounding tells, and
/// `|φ'(t)| ≤ c₂ |φ'(0)|`.
///
/// ```text
/// keep low: it falls there, and is no higher than at 0; and high: it is too high there, or rises
/// t ← where the cubic through low and high is least, well between them, or their middle;
///     without high: a few times as far, as long as it falls, be it to the end of the numbers
///     with low at 0 still: ever nearer, until no parameter changes
/// ```
///
/// J. Nocedal and S. J. Wright, "Numerical optimization", 2006, section 3.5; that a point counts which is
/// as low but for rounding, and then its slope alone, is W. W. Hager's and H. Zhang's, SIAM Journal on
/// Optimization 16(1), 2005, section 4. Between a low and a high point a smooth function has such a point,
/// so that they close in on none only at a kink or a jump, or where rounding hides the slope.
#[derive(Debug)]
pub(super) struct Bracket {
    start: OnLine,
    pub(super) low: OnLine,
    high: Option<OnLine>,
    /// By how much rounding may raise a value.
    blur: f64,
    /// The width of the bracket two trials ago, to see that it shrinks.
    width: f64,
    trials: u32,
    /// The first trial.
    first: f64,
    /// Nearer than this is the start itself.
    least: f64,
}

/// What a trial says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    /// Both conditions hold.
    Fits,
    /// To be tried next.
    Try(f64),
    /// There is none: the slope jumps, or the value.
    Kink,
    /// There is none that rounding does not hide.
    Rounding,
    /// Beyond `low` the loss is not finite.
    Refused,
    /// It falls as far as numbers go.
    Unbounded,
}

const SUFFICIENT: f64 = 1e-4;
const FLATTER: f64 = 0.9;
/// After so many trials that all fall, the next are so far apart: hardly any scale is that far off.
const PATIENT: u32 = 60;
const APART: f64 = (1_u128 << 64) as f64;
/// So are those that are all too high, nearer than this share of the first: that told nothing of the scale.
const NEAR: f64 = 1e-25;

impl Bracket {
    /// A step shorter than `least` changes no parameter.
    pub(super) fn new(start: OnLine, least: f64) -> Self {
        let blur = 16.0 * f64::EPSILON * start.value.abs();
        let (width, trials, first) = (f64::INFINITY, 0, 0.0);
        Bracket { start, low: start, high: None, blur, width, trials, first, least }
    }

    /// Takes a point, which [`Verdict::Try`] asked for.
    pub(super) fn take(&mut self, point: OnLine) -> Verdict {
        let OnLine { t, value, slope } = point;
        self.trials += 1;
        if self.trials == 1 {
            self.first = t;
        }
        if !(value.is_finite() && slope.is_finite()) {
            let falls = value == f64::NEG_INFINITY;
            if falls && self.high.is_none() && self.trials > PATIENT {
                return Verdict::Unbounded;
            }
            let value = if falls { value } else { f64::INFINITY };
            self.high = Some(OnLine { value, slope: f64::NAN, t });
            return self.within(self.low.t + 0.1 * (t - self.low.t));
        }
        let allowed = self.start.value + SUFFICIENT * t * self.start.slope;
        let low_enough = value <= allowed.max(self.start.value + self.blur);
        let steepest = FLATTER * self.start.slope.abs();
        if low_enough && slope.abs() <= steepest {
            return Verdict::Fits;
        }
        if !low_enough || slope >= 0.0 {
            self.high = Some(point);
        } else {
            self.low = point;
        }
        match self.high {
            None => self.beyond(),
            Some(high) => self.within(between(self.low, high)),
        }
    }

    /// The next trial where it falls still.
    fn beyond(&self) -> Verdict {
        let farther = if self.trials > PATIENT { APART } else { 4.0 };
        Verdict::Try(farther * self.low.t)
    }

    /// The next trial between low and high, or why there is none.
    fn within(&mut self, t: f64) -> Verdict {
        let Some(high) = self.high else { return Verdict::Try(t) };
        let width = high.t - self.low.t;
        // Every other trial halves the bracket, should the cubic be misled.
        let halves = self.trials.is_multiple_of(2) && width > 0.5 * self.width;
        if self.trials.is_multiple_of(2) {
            self.width = width;
        }
        let leaps = self.low.t == 0.0 && width <= NEAR * self.first;
        let t = match halves && high.value.is_finite() {
            _ if leaps => width / APART,
            true => self.low.t + 0.5 * width,
            false => t,
        };
        let narrow =
            if self.low.t > 0.0 { width <= 1e-10 * high.t } else { leaps && width <= self.least };
        if t > self.low.t && t < high.t && !narrow && self.trials < 200 {
            return Verdict::Try(t);
        }
        if high.value == f64::NEG_INFINITY {
            Verdict::Unbounded
        } else if !high.value.is_finite() {
            Verdict::Refused
        } else if self.jump() > 0.5 * self.start.slope.abs()
            || high.value > self.low.value + self.blur
        {
            Verdict::Kink
        } else {
            Verdict::Rounding
        }
    }

    /// By how much the slope is greater at the end of the bracket.
    pub(super) fn jump(&self) -> f64 {
        self.high.map_or(0.0, |high| high.slope - self.low.slope)
    }
}

/// Where the cubic through both points, with their slopes, is least; well between them.
fn between(low: OnLine, high: OnLine) -> f64 {
    let width = high.t - low.t;
    let secant = (high.value - low.value) / width;
    let bend = low.slope + high.slope - 3.0 * secant;
    let root = bend * bend - low.slope * high.slope;
    let at = (high.slope + root.sqrt() - bend) / (high.slope - low.slope + 2.0 * root.sqrt());
    let share = 1.0 - at;
    if share.is_finite() { low.t + width * share.clamp(0.1, 0.9) } else { low.t + 0.5 * width }
}

#[cfg(test)]
mod tests {
    use super::{Bracket, OnLine, Verdict};

    fn search(first: f64, line: impl Fn(f64) -> (f64, f64)) -> (Verdict, OnLine, u32) {
        let at = |t| {
            let (value, slope) = line(t);
            OnLine { t, value, slope }
        };
        let mut bracket = Bracket::new(at(0.0), 0.0);
        let mut t = first;
        loop {
            let point = at(t);
            match bracket.take(point) {
                Verdict::Try(next) => t = next,
                verdict => return (verdict, point, bracket.trials),
            }
        }
    }

    #[test]
    fn both_conditions_hold_where_it_ends_from_first_steps_of_all_lengths() {
        type Line = fn(f64) -> (f64, f64);
        let lines: [Line; 4] = [
            |t| ((t - 1.0).powi(2), 2.0 * (t - 1.0)),
            |t| (-t / (t * t + 2.0), (t * t - 2.0) / (t * t + 2.0).powi(2)),
            // Moré's and Thuente's second and a wave.
            |t| {
                let u = t + 0.004;
                (u.powi(5) - 2.0 * u.powi(4), 5.0 * u.powi(4) - 8.0 * u.powi(3))
            },
            |t| (0.01 * t * t - t.sin(), 0.02 * t - t.cos()),
        ];
        for (k, line) in lines.into_iter().enumerate() {
            let (value, slope) = line(0.0);
            for exponent in -9..9 {
                let (verdict, at, trials) = search(10_f64.powi(exponent), line);
                assert_eq!(verdict, Verdict::Fits, "line {k} from 1e{exponent}");
                // As low as it must be, but for rounding.
                let highest = value + 1e-4 * at.t * slope;
                let told = format!("line {k} from 1e{exponent}: {at:?}");
                assert!(
                    at.value <= highest.max(value + 16.0 * f64::EPSILON * value.abs()),
                    "{told}"
                );
                assert!(at.slope.abs() <= 0.9 * -slope, "{told}");
                assert!(trials < 40, "line {k} from 1e{exponent}: {trials}");
            }
        }
    }

    #[test]
    fn a_kink_a_wall_and_a_slope_that_never_ends_are_told_apart() {
        let kink = |t: f64| ((t - 1.0).abs(), (t - 1.0).signum());
        assert_eq!(search(0.3, kink).0, Verdict::Kink);
        let jump = |t: f64| (if t < 1.0 { -t } else { 5.0 - t }, -1.0);
        assert_eq!(search(0.3, jump).0, Verdict::Kink);
        let wall = |t: f64| (if t < 1.0 { -t } else { f64::NAN }, -1.0);
        assert_eq!(search(0.3, wall).0, Verdict::Refused);
        let endless = |t: f64| (if t.is_finite() { -t } else { f64::NEG_INFINITY }, -1.0);
        let cube = |t: f64| (-1.0 - t - t.powi(3), -1.0 - 3.0 * t * t);
        for exponent in [-300, -60, 0, 60, 300] {
            let first = 10_f64.powi(exponent);
            assert_eq!(search(first, endless).0, Verdict::Unbounded);
            assert_eq!(search(first, cube).0, Verdict::Unbounded);
        }
        // However far off it is where it rises again.
        let far = |t: f64| ((t - 1e9).abs().max(0.0).powi(2), 2.0 * (t - 1e9));
        assert_eq!(search(1e-60, far).0, Verdict::Fits);
    }
}
