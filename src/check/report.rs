//! What a check found.

use crate::Kink;
use crate::op::Sides;
use crate::real::Short;
use std::fmt;

/// The verdict on a slope, ordered from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// It agrees with the reference.
    Agrees,
    /// The function has a kink here, or too close to tell apart, and the slope lies between those of
    /// the two sides.
    Kink,
    /// The reference is not accurate enough to decide, or the function is not finite here.
    Inconclusive,
    /// It differs from the reference, or at a kink lies outside the slopes of the two sides.
    Wrong,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Agrees => "agrees",
            Verdict::Kink => "kink",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Wrong => "wrong",
        })
    }
}

/// The verdict on one component of a gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Component {
    /// Which variable, counted from 0.
    pub variable: usize,
    /// The slope that is checked: that of the tape, or of a matrix.
    pub tape: f64,
    /// The slope that it is compared with. NaN where there is none.
    pub reference: f64,
    /// How far the two may differ: the error of the differences and the tolerance together.
    pub error: f64,
    /// The slopes of the two sides along this variable's axis, where they differ.
    pub sides: Option<Sides>,
    /// The verdict.
    pub verdict: Verdict,
    /// Its reason, where there is more to say.
    pub reason: Option<&'static str>,
}

/// The outcome of a check: a verdict for each component of a gradient. It prints as a table.
///
/// ```
/// use wengert::{Var, check};
/// let report = check::differences(|x: &[Var]| x[0] * x[1].abs(), &[3.0, 0.0]);
/// assert!(report.is_ok(), "{report}");
/// assert_eq!(report.verdict(), check::Verdict::Kink);
/// println!("{report}");
/// // kink: 2 slopes of a function of value 0, by differences
/// //  variable                    tape               reference   may differ  verdict
/// //         0                       0                       0     1.00e-12  agrees
/// //         1                       0                 -3 .. 3     1.00e-12  kink
/// // kinks met: abs at [0.0], src/main.rs:3:58
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub(super) reference: &'static str,
    pub(super) value: f64,
    pub(super) components: Vec<Component>,
    pub(super) kinks: Vec<Kink>,
}

impl Report {
    /// The worst verdict on any component; [`Verdict::Agrees`] if there are none.
    ///
    /// ```
    /// use wengert::{Var, check};
    /// let report = check::differences(|x: &[Var]| x[0].sin(), &[1.0]);
    /// assert_eq!(report.verdict(), check::Verdict::Agrees);
    /// ```
    pub fn verdict(&self) -> Verdict {
        self.components.iter().map(|c| c.verdict).max().unwrap_or(Verdict::Agrees)
    }

    /// Whether each component agrees, or lies between the slopes of the two sides of a kink.
    ///
    /// ```
    /// use wengert::{Var, check};
    /// let report = check::differences(|x: &[Var]| x[0].sin(), &[1.0]);
    /// assert!(report.is_ok(), "{report}");
    /// ```
    pub fn is_ok(&self) -> bool {
        self.verdict() <= Verdict::Kink
    }

    /// The value of the function.
    ///
    /// ```
    /// use wengert::{Var, check};
    /// assert_eq!(check::differences(|x: &[Var]| x[0] * 2.0, &[3.0]).value(), 6.0);
    /// ```
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The components, in the order of the variables.
    ///
    /// ```
    /// use wengert::{Var, check};
    /// let report = check::differences(|x: &[Var]| x[0] * 2.0, &[3.0]);
    /// assert_eq!(report.components()[0].tape, 2.0);
    /// ```
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// The kinks that the recording met.
    ///
    /// ```
    /// use wengert::{Var, check};
    /// assert_eq!(check::differences(|x: &[Var]| x[0].abs(), &[0.0]).kinks().len(), 1);
    /// ```
    pub fn kinks(&self) -> &[Kink] {
        &self.kinks
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { reference, value, components, kinks } = self;
        let n = components.len();
        let slopes = if n == 1 { "slope" } else { "slopes" };
        let verdict = self.verdict();
        writeln!(
            f,
            "{verdict}: {n} {slopes} of a function of value {}, by {reference}",
            Short(*value)
        )?;
        let (tape, against) = ("tape", "reference");
        write!(f, "{:>9}{tape:>24}{against:>24}{:>13}  verdict", "variable", "may differ")?;
        for c in components {
            let against = match c.sides {
                Some(Sides { left, right }) => format!("{} .. {}", short(left), short(right)),
                None => number(c.reference),
            };
            let Component { variable, error, verdict, .. } = c;
            let tape = number(c.tape);
            write!(f, "\n{variable:>9}{tape:>24}{against:>24}{error:>13.2e}  {verdict}")?;
            if let Some(reason) = c.reason {
                write!(f, ": {reason}")?;
            }
        }
        for (i, kink) in kinks.iter().enumerate() {
            write!(f, "{}{kink}", if i == 0 { "\nkinks met: " } else { "; " })?;
        }
        Ok(())
    }
}

/// All digits, with an exponent where there would be many zeros.
fn number(x: f64) -> String {
    Short(x).to_string()
}

/// Six digits: differences are not good for more at a kink.
fn short(x: f64) -> String {
    number(format!("{x:.5e}").parse().unwrap_or(x))
}
