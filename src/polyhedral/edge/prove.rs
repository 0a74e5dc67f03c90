//! The proof that a point is a minimum, from the model recorded there.

use super::{Edges, Guess};
use crate::polyhedral::descent::DescentEnd;
use crate::polyhedral::model::Model;
use crate::polyhedral::shorten::shorten;
use crate::polyhedral::span::norm;

/// Why a point is a minimum, or how far it is from that.
pub(crate) struct Proved {
    /// The slopes of the lines at their kinks, between those of their sides.
    pub(crate) slopes: Vec<f64>,
    /// The gradient of all others.
    pub(crate) rest: Vec<f64>,
    /// The gradient with these slopes: the least, if it is 0.
    pub(crate) least: Vec<f64>,
    /// A norm up to this is rounding.
    pub(crate) rounding: f64,
}

impl Proved {
    /// Whether the gradient is 0 but for rounding.
    pub(crate) fn is_zero(&self) -> bool {
        norm(&self.least) <= self.rounding
    }
}

/// Looks for slopes of the lines `near`, which count as being at their kinks, that make the gradient 0: the
/// multipliers at a minimum of what the function is along each direction from here. Whatever led to
/// them, they are a proof.
pub(crate) fn prove(model: &Model, near: &[usize], guess: &Guess) -> Proved {
    let mut is_near = vec![false; model.lines.len()];
    near.iter().for_each(|&i| is_near[i] = true);
    let mut rest = model.base.clone();
    let mut scale = norm(&model.terms);
    for (i, line) in model.lines.iter().enumerate() {
        if !is_near[i] {
            scale += (line.weight * line.start).abs() * model.row(i).norm();
            model.row(i).add_to(line.weight * line.start, &mut rest);
        }
    }
    let bends = |&&i: &&usize| {
        let line = &model.lines[i];
        line.weight * (line.right - line.left) > 0.0 && line.size > 0.0
    };
    let lines: Vec<u32> = near.iter().filter(bends).map(|&i| i as u32).collect();
    let mut base = rest.clone();
    for &i in near.iter().filter(|i| !bends(i)) {
        let line = &model.lines[i];
        model.row(i).add_to(line.weight * line.right, &mut base);
    }
    let at_kinks = vec![0.0; lines.len()];
    let mut edges = Edges::new(model, lines, at_kinks, base, |_| true, guess);
    let end = edges.run(100 * model.dim() + 1000);
    let all = edges.slopes();
    let slopes: Vec<f64> = near.iter().map(|&i| all[i]).collect();
    let own = |(&i, s): (&usize, &f64)| (model.lines[i].weight * s).abs() * model.row(i).norm();
    scale += near.iter().zip(&slopes).map(own).sum::<f64>();
    let rounding = 64.0 * f64::EPSILON * scale;
    let mut proved = Proved { slopes, least: Vec::new(), rest, rounding };
    proved.sum_up(model, near);
    if end != DescentEnd::Stationary || !proved.is_zero() {
        shorten(model, near, &mut proved.slopes, &mut proved.least, rounding);
        proved.sum_up(model, near);
    }
    proved
}

impl Proved {
    fn sum_up(&mut self, model: &Model, near: &[usize]) {
        self.least.clone_from(&self.rest);
        for (&i, slope) in near.iter().zip(&self.slopes) {
            model.row(i).add_to(model.lines[i].weight * slope, &mut self.least);
        }
    }
}
