//! The pieces that a least generalized gradient is a mean of: [`Pieces`].

use super::{ActiveBound, ActiveKink};
use std::sync::OnceLock;

/// Gradients with their shares; unless they are known, made from the slopes of the active kinks when they
/// are asked for.
///
/// Let `tᵢ` in `[0, 1]` say how far slope `i` is on the way from the left to the right one. For `θ`
/// between 0 and 1 the gradient with the right slopes where `tᵢ > θ` and the left ones elsewhere is one
/// of a few, and the mean over all `θ` is that with the slopes given.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces {
    is_known: bool,
    pieces: OnceLock<Vec<(f64, Vec<f64>)>>,
}

impl Pieces {
    pub(super) fn known(pieces: Vec<(f64, Vec<f64>)>) -> Self {
        Pieces { is_known: true, pieces: pieces.into() }
    }

    pub(super) fn get(
        &self,
        rest: &[f64],
        kinks: &[ActiveKink],
        bounds: &[ActiveBound],
    ) -> &[(f64, Vec<f64>)] {
        self.pieces.get_or_init(|| made(rest, kinks, bounds))
    }
}

/// Made ones follow from the rest of the certificate.
impl PartialEq for Pieces {
    fn eq(&self, other: &Self) -> bool {
        self.is_known == other.is_known && (!self.is_known || self.pieces == other.pieces)
    }
}

fn made(rest: &[f64], kinks: &[ActiveKink], bounds: &[ActiveBound]) -> Vec<(f64, Vec<f64>)> {
    let mut gradient = rest.to_vec();
    bounds.iter().for_each(|bound| gradient[bound.place] += bound.slope());
    let add = |gradient: &mut [f64], kink: &ActiveKink, slope: f64| {
        kink.entries().for_each(|(j, a)| gradient[j] += kink.weight * slope * a);
    };
    let mut order: Vec<(f64, &ActiveKink)> = Vec::new();
    for kink in kinks {
        add(&mut gradient, kink, kink.sides.left);
        let (from, to) = (kink.sides.left, kink.sides.right);
        if from != to {
            order.push((((kink.slope - from) / (to - from)).clamp(0.0, 1.0), kink));
        }
    }
    // From θ = 1 down.
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut pieces, mut from) = (Vec::new(), 1.0);
    for (t, kink) in order {
        if t < from {
            pieces.push((from - t, gradient.clone()));
            from = t;
        }
        add(&mut gradient, kink, kink.sides.right - kink.sides.left);
    }
    if from > 0.0 {
        pieces.push((from, gradient));
    }
    pieces
}
