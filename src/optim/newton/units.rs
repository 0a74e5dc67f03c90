//! The units of parameters and loss, and the model of a loss at a point in units of its own: [`Model`].

use super::point::Point;
use super::step::Quadratic;
use crate::optim::clip::norm;
use crate::optim::least_squares::factor::power_of_two;
use nalgebra::{DMatrix, DVector};

/// The share of slopes and curvatures that rounding may be.
const HIDDEN: f64 = 4.0 * f64::EPSILON;
/// By how much of its least curvature the Hessian may change over what is left of the way.
const STEADY: f64 = 0.25;

/// The units of the parameters in the trust region, powers of two all.
#[derive(Clone, Debug)]
pub(super) struct Units {
    /// Twice the exponent of a scale is an exponent of a curvature, less this.
    reference: i32,
    /// The roots of the greatest curvatures so far.
    scale: Vec<f64>,
}

impl Units {
    pub(super) fn of(point: &Point) -> Self {
        let first = point.curvatures().find(|&c| c != 0.0).map_or(0, exponent);
        let mut units = Units { reference: first, scale: vec![0.0; point.x.len()] };
        units.raise(point);
        let slopes = point.gradient.iter().zip(&units.scale).map(|(g, scale)| (g / scale).abs());
        // The start then is of size 1, or where it is 0 the first step.
        let size = match (units.size(&point.x), slopes.fold(0.0, f64::max)) {
            (0.0, 0.0) => 0,
            (0.0, slope) => exponent(slope) - first,
            (size, _) => exponent(size),
        };
        units.reference += 2 * size;
        let shrink = 2.0_f64.powi(-size);
        units.scale.iter_mut().for_each(|scale| *scale *= shrink);
        units
    }

    /// The root of each curvature of a point; where there is none, the scale as it is.
    fn own(&self, point: &Point) -> Vec<f64> {
        let root = |(c, scale): (f64, &f64)| match c {
            0.0 if *scale == 0.0 => 1.0,
            0.0 => *scale,
            _ => 2.0_f64.powi((exponent(c) - self.reference).div_euclid(2)),
        };
        point.curvatures().zip(&self.scale).map(root).collect()
    }

    /// Raises the scales to the curvatures of a point.
    pub(super) fn raise(&mut self, point: &Point) {
        let own = self.own(point);
        self.scale.iter_mut().zip(own).for_each(|(scale, own)| *scale = scale.max(own));
    }

    /// The norm of parameters, or of moves, in the trust region's measure.
    pub(super) fn size(&self, x: &[f64]) -> f64 {
        norm(x.iter().zip(&self.scale).map(|(x, scale)| x * scale))
    }

    /// The model at a point.
    pub(super) fn model(&self, point: &Point) -> Model {
        Model::of(point, self.own(point))
    }

    /// The moves to the least of the model of a point within a radius.
    pub(super) fn moves(&self, point: &Point, radius: f64) -> Vec<f64> {
        let model = Model::of(point, self.scale.clone());
        model.moves(&model.quadratic.step(radius))
    }
}

/// The quadratic model of a loss at a point.
#[derive(Clone, Debug)]
pub(super) struct Model {
    /// The unit of the loss, a power of two.
    pub(super) unit: f64,
    /// What each parameter is multiplied by, powers of two.
    pub(super) scale: Vec<f64>,
    pub(super) quadratic: Quadratic,
    /// The moves to its minimum, if it has one.
    pub(super) whole: Option<Vec<f64>>,
    /// What they should gain; infinite without a minimum.
    pub(super) left: f64,
}

impl Model {
    fn of(point: &Point, scale: Vec<f64>) -> Self {
        let n = point.x.len();
        // Of what is not quite symmetric, the mean.
        let mut hessian = DMatrix::from_fn(n, n, |i, j| {
            let both = 0.5 * point.hessian[i * n + j] + 0.5 * point.hessian[j * n + i];
            both / scale[i] / scale[j]
        });
        let mut gradient = DVector::from_fn(n, |i, _| point.gradient[i] / scale[i]);
        let greatest = hessian.amax().max(gradient.amax());
        let unit = Some(power_of_two(greatest)).filter(|&unit| unit > 0.0).unwrap_or(1.0);
        hessian /= unit;
        gradient /= unit;
        let quadratic = Quadratic::of(hessian, gradient);
        let mut model = Model { unit, scale, quadratic, whole: None, left: f64::INFINITY };
        if let Some(step) = model.quadratic.whole() {
            model.left = model.quadratic.gain(&step) * unit;
            model.whole = Some(model.moves(&step));
        }
        model
    }

    /// A step as moves of the parameters.
    fn moves(&self, step: &DVector<f64>) -> Vec<f64> {
        step.iter().zip(&self.scale).map(|(step, scale)| step / scale).collect()
    }

    /// By how much moves should lower the loss.
    pub(super) fn gain(&self, moves: &[f64]) -> f64 {
        let step = moves.iter().zip(&self.scale).map(|(p, scale)| p * scale);
        self.quadratic.gain(&DVector::from_iterator(moves.len(), step)) * self.unit
    }

    /// Whether the whole way changes each parameter by no more than a share of itself.
    pub(super) fn is_short(&self, x: &[f64], share: f64) -> bool {
        let is_short = |(p, x): (&f64, &f64)| p.abs() <= share * x.abs();
        self.whole.as_ref().is_some_and(|whole| whole.iter().zip(x).all(is_short))
    }

    /// Whether each slope is no more than what a change of the parameters in their last places makes.
    pub(super) fn is_hidden(&self, point: &Point) -> bool {
        let n = point.x.len();
        let size = |i: usize| -> f64 {
            point.hessian[i * n..][..n].iter().zip(&point.x).map(|(h, x)| (h * x).abs()).sum()
        };
        let is_hidden =
            |i: usize| point.gradient[i].abs() <= HIDDEN * size(i) && size(i).is_finite();
        self.whole.is_some() && (0..n).all(is_hidden)
    }

    /// Whether the Hessian hardly changes over what is left of the way, at the rate at which it changed from
    /// another point on: a slope and a curvature of one point are those of an inflection nearby as well.
    pub(super) fn is_steady(&self, point: &Point, other: Option<&Point>) -> bool {
        let n = point.x.len();
        let Some(whole) = &self.whole else { return false };
        let far = norm(whole.iter().zip(&self.scale).map(|(p, scale)| p * scale));
        let Some(other) = other else { return far == 0.0 };
        let way = point.x.iter().zip(&other.x).zip(&self.scale);
        let gone = norm(way.map(|((x, from), scale)| (x - from) * scale));
        let change = |at: usize| {
            (point.hessian[at] - other.hessian[at]) / self.scale[at / n] / self.scale[at % n]
        };
        let [least, ..] = self.quadratic.curvatures();
        far * (norm((0..n * n).map(change)) / self.unit) <= STEADY * least * gone
    }
}

/// `e` of `2^e ≤ |x| < 2^(e+1)`.
fn exponent(x: f64) -> i32 {
    if x.is_normal() {
        (x.to_bits() >> 52 & 0x7ff) as i32 - 1023
    } else {
        (x * 2.0_f64.powi(64)).abs().log2().floor() as i32 - 64
    }
}
