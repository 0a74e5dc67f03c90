//! Sums of squares of numbers of any size: [`Squares`].

use super::factor::power_of_two;

/// A sum of squares, in squares of a unit in which they neither overflow nor vanish.
#[derive(Clone, Copy, Debug)]
pub(super) struct Squares {
    sum: f64,
    unit: f64,
}

impl Squares {
    pub(super) fn of(numbers: impl Iterator<Item = f64> + Clone) -> Self {
        let greatest = numbers.clone().fold(0.0_f64, |most, x| most.max(x.abs()));
        let unit = Some(power_of_two(greatest)).filter(|&unit| unit > 0.0).unwrap_or(1.0);
        Squares { sum: numbers.map(|x| (x / unit).powi(2)).sum(), unit }
    }

    /// The sum itself: infinite or 0 where it is beyond the numbers.
    pub(super) fn value(self) -> f64 {
        self.sum * self.unit * self.unit
    }

    /// The root of the mean over so many.
    pub(super) fn root_mean(self, count: f64) -> f64 {
        (self.sum / count).sqrt() * self.unit
    }

    /// The quotient of two.
    pub(super) fn over(self, other: Self) -> f64 {
        self.sum / other.sum * (self.unit / other.unit).powi(2)
    }
}
