//! The directional rule, and the directional derivative.
//!
//! ```text
//! for each statement, first to last:
//!     if it is a kink: choose its slopes by the tangents of its operands, and lock them
//!     tangent = Σ slope · tangent of operand
//! ```
//!
//! Where a direction leaves kinks unresolved, the next one is swept with what is locked, and chooses
//! among what is left: lexicographic differentiation (Yu. Nesterov, "Lexicographic differentiation of
//! nonsmooth functions", Mathematical Programming 104, 2005).

use super::rule::{branch, one};
use crate::Real;
use crate::op::Corner;
use crate::tape::{Kink, Locked, Slopes, StatementId, Storage, along};
use smallvec::SmallVec;

/// A kink in the middle of a search.
struct Open<'a> {
    kink: &'a Kink,
    locked: Locked,
    /// Of an unresolved tie, which operands no direction told apart.
    candidates: SmallVec<[usize; 4]>,
}

/// The slopes that a sequence of directions locks at the kinks that were met, which are in the order of
/// recording. A direction gives a tangent for each leaf, and is asked in that order.
pub(super) fn lock<F: Real>(
    storage: &Storage<F>,
    kinks: &[&Kink],
    directions: &mut [&mut dyn FnMut(StatementId) -> F],
) -> Vec<Locked> {
    let mut open: Vec<Open> = kinks.iter().map(|kink| Open::new(kink)).collect();
    for direction in directions {
        let Some(last) = open.iter().rposition(|open| !open.locked.resolved) else { break };
        let mut tangents = vec![F::zero(); open[last].kink.index().at() + 1];
        let mut done = 0;
        for open in &mut open[..=last] {
            let at = open.kink.index().at();
            storage.sweep_forward(done..at, &mut tangents, &mut *direction);
            let own: Tangents<F> = operand_tangents(open.kink, &tangents);
            if !open.locked.resolved {
                open.choose(&own);
            }
            tangents[at] = open.tangent(&own);
            done = at + 1;
        }
    }
    open.into_iter().map(|open| open.locked).collect()
}

/// The tangent of what depends on statements: a one-sided derivative, exact at kinks.
pub(super) fn tangents<F: Real>(
    storage: &Storage<F>,
    kinks: &[&Kink],
    end: usize,
    mut direction: impl FnMut(StatementId) -> F,
) -> Vec<F> {
    let mut tangents = vec![F::zero(); end];
    let mut done = 0;
    for &kink in kinks {
        let at = kink.index().at();
        storage.sweep_forward(done..at, &mut tangents, &mut direction);
        let own: Tangents<F> = operand_tangents(kink, &tangents);
        let mut open = Open::new(kink);
        open.choose(&own);
        tangents[at] = open.tangent(&own);
        done = at + 1;
    }
    storage.sweep_forward(done..end, &mut tangents, direction);
    tangents
}

type Tangents<F> = SmallVec<[F; 4]>;

fn operand_tangents<F: Real>(kink: &Kink, tangents: &[F]) -> Tangents<F> {
    let of = |statement: &Option<StatementId>| statement.map_or(F::zero(), |s| tangents[s.at()]);
    kink.statements().iter().map(of).collect()
}

impl<'a> Open<'a> {
    fn new(kink: &'a Kink) -> Self {
        let locked = Locked { slopes: Slopes::from_slice(kink.slopes()), resolved: false };
        Open { kink, locked, candidates: kink.tied().collect() }
    }

    /// Locks the slopes, if these tangents of the operands decide.
    fn choose<F: Real>(&mut self, tangents: &Tangents<F>) {
        let sign = tangents.first().map_or(0.0, |t| t.to_double());
        let moves = sign != 0.0 && !sign.is_nan();
        let (slopes, resolved) = match self.kink.corner() {
            Corner::Sides(sides) => {
                let slope = if sign < 0.0 { sides.left } else { sides.right };
                (SmallVec::from_elem(slope, 1), moves)
            }
            Corner::Tie { greater } => {
                let key = |&i: &usize| if greater { tangents[i] } else { -tangents[i] };
                let best = self.candidates.iter().map(key).fold(F::neg_infinity(), F::max);
                if self.candidates.iter().any(|i| tangents[*i].is_nan()) {
                    return;
                }
                self.candidates.retain(|i| key(i) == best);
                let chosen = self.candidates.first().copied();
                let alike = self.kink.are_one(&self.candidates);
                (one(chosen, tangents.len()), alike)
            }
            Corner::Jump => return,
            Corner::Apex => towards(tangents),
            Corner::Branch { above } => {
                // Nothing infinite enters from the branch that is not taken.
                let enters = (sign > 0.0) == above && tangents[1].is_finite();
                (branch(enters), moves)
            }
        };
        // An unresolved tie keeps to one of its candidates, which have the same tangent.
        if resolved || matches!(self.kink.corner(), Corner::Tie { .. }) {
            self.locked = Locked { slopes, resolved };
        }
    }

    /// The tangent of the kink itself.
    fn tangent<F: Real>(&self, tangents: &Tangents<F>) -> F {
        let slopes = self.locked.slopes.iter().map(|&slope| F::from_double(slope));
        slopes.zip(tangents).map(|(slope, &tangent)| along(slope, tangent)).sum()
    }
}

/// The unit vector of a direction, if it is one.
fn towards<F: Real>(tangents: &Tangents<F>) -> (Slopes, bool) {
    let longest = tangents.iter().map(|t| t.to_double().abs()).fold(0.0, f64::max);
    if longest == 0.0 || !longest.is_finite() {
        return (SmallVec::from_elem(0.0, tangents.len()), false);
    }
    let scaled: Slopes = tangents.iter().map(|t| t.to_double() / longest).collect();
    let norm = scaled.iter().map(|x| x * x).sum::<f64>().sqrt();
    (scaled.iter().map(|x| x / norm).collect(), true)
}

/// A pseudo-random direction that is always the same: for each leaf, in the order of recording, a
/// number of either sign with magnitude between ½ and 1½. It goes by the order and not by the place on
/// the tape, so that it does not depend on how what is between was spelled.
///
/// The numbers are those of SplitMix64 (G. Steele, D. Lea and C. Flood, "Fast splittable pseudorandom
/// number generators", OOPSLA 2014, figure 17).
pub(super) fn generic<F: Real>() -> impl FnMut(StatementId) -> F {
    let mut state = 0u64;
    move |_| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        let magnitude = 0.5 + (z >> 11) as f64 / (1u64 << 53) as f64;
        F::from_double(if z & 1 == 0 { magnitude } else { -magnitude })
    }
}
