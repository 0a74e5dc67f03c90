//! Axes: what they span, and where they bear numbers.

use crate::real::rounded;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// How numbers lie along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Linear,
    Log,
}

/// An axis from one number to a greater one.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    ends: [f64; 2],
    scale: Scale,
    ticks: Vec<f64>,
}

impl Axis {
    /// An axis of about so many ticks, over these numbers with some room, or exactly over a range. None if
    /// there is no number to be shown.
    pub(super) fn over(
        numbers: impl Iterator<Item = f64>,
        scale: Scale,
        range: Option<[f64; 2]>,
        most: usize,
    ) -> Option<Self> {
        let ends = match range {
            Some(range) => range,
            None => roomy(numbers, scale)?,
        };
        let mut axis = Axis { ends, scale, ticks: Vec::new() };
        axis.ticks = axis.choose_ticks(most.max(2));
        Some(axis)
    }

    /// Where a number lies, from 0 to 1 within the axis.
    pub(super) fn place(&self, x: f64) -> Option<f64> {
        let place = part(along(self.scale, x), self.ends.map(|end| along(self.scale, end)));
        place.is_finite().then_some(place)
    }

    pub(super) fn ends(&self) -> [f64; 2] {
        self.ends
    }

    fn choose_ticks(&self, most: usize) -> Vec<f64> {
        let [from, to] = self.ends;
        if self.scale == Scale::Linear {
            return even(from, to, most);
        }
        let [low, high] = [from.log10().ceil() as i32, to.log10().floor() as i32];
        let decades = (high - low + 1).max(0) as usize;
        if decades >= 3 {
            // Those that 1 is among, wherever the axis ends.
            let stride = decades.div_ceil(most) as i32;
            let first = low + (-low).rem_euclid(stride);
            let powers = (first..=high).step_by(stride as usize);
            return powers.map(ten).collect();
        }
        let tens = (low - 1..=high).flat_map(|power| [1.0, 2.0, 5.0].map(|m| m * ten(power)));
        let tens: Vec<f64> = tens.filter(|x| (from..=to).contains(x)).collect();
        if tens.len() >= 2 { tens } else { even(from, to, most) }
    }

    /// The numbers at its ticks, as they are written.
    pub(super) fn labels(&self) -> impl Iterator<Item = String> {
        self.ticks.iter().map(|tick| self.label(*tick))
    }

    pub(super) fn label(&self, x: f64) -> String {
        let largest = self.ticks.iter().fold(0.0, |most: f64, tick| most.max(tick.abs()));
        let plain = if self.scale == Scale::Log { 1e-2..1e4 } else { 1e-3..1e6 };
        if x == 0.0 || plain.contains(&largest) && plain.contains(&x.abs()) {
            return rounded(x).to_string().replace('-', "−");
        }
        if self.scale == Scale::Linear && plain.contains(&largest) {
            return rounded(x).to_string().replace('-', "−");
        }
        scientific(x)
    }
}

/// A number of three digits.
pub(super) fn short(x: f64) -> String {
    let size = x.abs();
    if size == 0.0 || !(1e-3..1e6).contains(&size) {
        return if size == 0.0 || !x.is_finite() { x.to_string() } else { scientific(x) };
    }
    let decimals = (2.0 - size.log10().floor()).max(0.0) as usize;
    format!("{x:.decimals$}").replace('-', "−")
}

/// A mantissa of up to three digits, and a power of ten.
fn scientific(x: f64) -> String {
    let text = format!("{x:.2e}");
    let Some((mantissa, power)) = text.split_once('e') else { return text };
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    format!("{}e{power}", mantissa.replace('-', "−"))
}

/// A power of ten. `powi` has none below 10⁻³⁰⁸.
fn ten(power: i32) -> f64 {
    10_f64.powf(f64::from(power))
}

/// What part of the way between two numbers leads to a number, however far apart they are.
pub(super) fn part(x: f64, [from, to]: [f64; 2]) -> f64 {
    let (way, whole) = (x - from, to - from);
    if way.is_finite() && whole.is_finite() {
        way / whole
    } else {
        (x / 2.0 - from / 2.0) / (to / 2.0 - from / 2.0)
    }
}

/// The number to which a part of the way between two leads, however far apart they are.
pub(super) fn between([from, to]: [f64; 2], part: f64) -> f64 {
    let whole = to - from;
    if whole.is_finite() { from + whole * part } else { from * (1.0 - part) + to * part }
}

/// Two numbers farther apart by a share of their distance at each end, as far as there are numbers.
pub(super) fn widened([low, high]: [f64; 2], share: f64) -> [f64; 2] {
    let room = 2.0 * share * (high / 2.0 - low / 2.0);
    [(low - room).max(f64::MIN), (high + room).min(f64::MAX)]
}

/// A number along a scale; not finite where the scale has no place for it.
fn along(scale: Scale, x: f64) -> f64 {
    if scale == Scale::Log { x.log10() } else { x }
}

/// The span of those numbers that the scale has a place for, and some room at its ends.
fn roomy(numbers: impl Iterator<Item = f64>, scale: Scale) -> Option<[f64; 2]> {
    let places = numbers.map(|x| along(scale, x)).filter(|place| place.is_finite());
    let (low, high) = places
        .map(|place| (place, place))
        .reduce(|(low, high), (place, _)| (low.min(place), high.max(place)))?;
    let [low, high] = if low < high {
        widened([low, high], 0.04)
    } else {
        let span = if low == 0.0 || scale == Scale::Log { 1.0 } else { low.abs() };
        [low - 0.04 * span, high + 0.04 * span]
    };
    let (least, back): (f64, fn(f64) -> f64) = match scale {
        Scale::Linear => (f64::MIN, |place| place),
        Scale::Log => (f64::from_bits(1), |place| 10_f64.powf(place)),
    };
    // The greatest numbers leave no room beyond them, and the least ones none between them.
    let [low, high] = [back(low).max(least), back(high).min(f64::MAX)];
    let is_apart = low < high;
    Some(if is_apart {
        [low, high]
    } else {
        [low.next_down().max(least), high.next_up().min(f64::MAX)]
    })
}

/// Multiples of 1, 2 or 5 times a power of ten, at most so many; the ends where no number is so small.
fn even(from: f64, to: f64, most: usize) -> Vec<f64> {
    let least = (to / 2.0 - from / 2.0) / (most as f64 / 2.0);
    let power = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    let step = steps.into_iter().find(|step| *step >= least).unwrap_or(10.0 * power);
    if step == 0.0 {
        return vec![from, to];
    }
    let [first, last] = [(from / step).ceil(), (to / step).floor()];
    let count = (last - first).max(0.0) as usize;
    // A multiple may be rounded to beyond an end, and to the one before it.
    let tick = |i: usize| ((first + i as f64) * step).clamp(from, to);
    let mut ticks: Vec<f64> = (0..=count).map(tick).collect();
    ticks.dedup();
    ticks
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, x: &f64, (from, to): (i32, i32)) -> i32 {
        let place = self.place(*x).unwrap_or(0.0);
        from + (place * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // Light lines are not drawn.
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.ends[0]..self.ends[1]
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, x: &f64) -> String {
        self.label(*x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(numbers: &[f64], scale: Scale) -> Axis {
        Axis::over(numbers.iter().copied(), scale, None, 6).unwrap()
    }

    fn labels(numbers: &[f64], scale: Scale) -> Vec<String> {
        axis(numbers, scale).labels().collect()
    }

    #[test]
    fn ticks_are_round_numbers_within_the_axis() {
        use Scale::{Linear, Log};
        for (numbers, scale, expected) in [
            (vec![0.0, 100.0], Linear, vec!["0", "20", "40", "60", "80", "100"]),
            (vec![-1.0, 0.0, 1.0], Linear, vec!["−1", "−0.5", "0", "0.5", "1"]),
            (vec![3.0, f64::NAN, f64::INFINITY], Linear, vec!["2.9", "2.95", "3", "3.05", "3.1"]),
            (vec![0.0, 3e7], Linear, vec!["0", "1e7", "2e7", "3e7"]),
            (vec![1e-8, 10.0], Log, vec!["1e-8", "1e-6", "1e-4", "0.01", "1"]),
            (vec![1e-9, 1e3], Log, vec!["1e-9", "1e-6", "1e-3", "1", "1000"]),
            (vec![0.3, 7.0, -1.0, 0.0], Log, vec!["0.5", "1", "2", "5"]),
            (vec![100.0, 101.0], Log, vec!["100", "100.2", "100.4", "100.6", "100.8", "101"]),
        ] {
            assert_eq!(labels(&numbers, scale), expected, "{numbers:?}");
        }
    }

    #[test]
    fn all_numbers_have_room_and_places_grow_with_them() {
        for scale in [Scale::Linear, Scale::Log] {
            for exponent in [-300, -20, -1, 0, 1, 20, 300] {
                let numbers = [1.0, 1.5, 2.0, 9.0].map(|x| x * 10_f64.powi(exponent));
                let axis = axis(&numbers, scale);
                let places = numbers.map(|x| axis.place(x).unwrap());
                assert!(places.is_sorted() && places[0] > 0.0 && places[3] < 1.0, "{places:?}");
                assert!((2..=8).contains(&axis.ticks.len()), "{exponent}: {:?}", axis.ticks);
                assert!(axis.ticks.iter().all(|x| (0.0..=1.0).contains(&axis.place(*x).unwrap())));
            }
        }
    }

    #[test]
    fn the_least_and_the_greatest_numbers_have_an_axis() {
        use Scale::{Linear, Log};
        let least = f64::from_bits(1);
        for (numbers, scale) in [
            (vec![-least, least], Linear),
            (vec![0.0, least], Linear),
            (vec![least], Linear),
            (vec![least], Log),
            (vec![0.0, 20.0 * least], Linear),
            (vec![1.0, 1.0_f64.next_up()], Linear),
            (vec![-1e-310, 1e-310], Linear),
            (vec![least, 1e-300], Log),
            (vec![least, f64::MAX], Log),
            (vec![f64::MIN, f64::MAX], Linear),
            (vec![f64::MAX, f64::MAX], Linear),
            (vec![f64::MIN], Linear),
            (vec![f64::MAX], Log),
            (vec![f64::MAX.next_down(), f64::MAX], Linear),
        ] {
            let of_numbers = axis(&numbers, scale);
            let [from, to] = [numbers[0], numbers[numbers.len() - 1]];
            let of_range = Axis::over([].into_iter(), scale, Some([from, to]), 6);
            for axis in [of_numbers].into_iter().chain(of_range.filter(|_| from < to)) {
                let within = 0.0..=1.0;
                let places: Vec<f64> = numbers.iter().map(|x| axis.place(*x).unwrap()).collect();
                assert!(places.is_sorted() && places.iter().all(|place| within.contains(place)));
                assert!(
                    from == to || places[0] < 0.1 && 0.9 < places[1],
                    "{numbers:?}: {places:?}"
                );
                assert!((1..=8).contains(&axis.ticks.len()), "{numbers:?}: {:?}", axis.ticks);
                let is_within = |x: &f64| axis.place(*x).is_some_and(|x| within.contains(&x));
                assert!(axis.ticks.iter().all(is_within), "{numbers:?}: {:?}", axis.ticks);
                let is_short = |label: String| label.chars().count() < 12 && !label.contains("NaN");
                assert!(axis.labels().all(is_short), "{numbers:?}");
            }
        }
    }

    #[test]
    fn without_a_number_there_is_no_axis() {
        for (numbers, scale) in [
            (vec![], Scale::Linear),
            (vec![f64::NAN, f64::INFINITY], Scale::Linear),
            (vec![-1.0, 0.0], Scale::Log),
        ] {
            assert!(Axis::over(numbers.into_iter(), scale, None, 6).is_none());
        }
    }
}
