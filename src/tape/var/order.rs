//! Order statistics of variables.

use super::Var;
use super::nary::{itself, meet, recording};
use crate::Real;
use crate::op::nary::order::{ascending, between, exchanges, quantile};
use crate::tape::core::RecordingId;
use std::ops::Range;

impl<F: Real> Var<F> {
    /// See [`Scalar::sorted`](crate::Scalar::sorted).
    #[track_caller]
    pub fn sorted(xs: &[Self]) -> Vec<Self> {
        meet(xs);
        match Self::ordered(xs, 0..xs.len(), false) {
            Some(ordered) => ordered,
            None => Self::exchanged(xs),
        }
    }

    /// See [`Scalar::quantile_of`](crate::Scalar::quantile_of).
    #[track_caller]
    pub fn quantile_of(xs: &[Self], level: F) -> Self {
        meet(xs);
        let (lower, share) = quantile(xs.len().max(1), level);
        let next = usize::from(share > F::zero());
        let ranks = lower..lower + next + 1;
        let ordered = match Self::ordered(xs, ranks, share == F::from_double(0.5)) {
            Some(ordered) => ordered,
            None => Self::exchanged(xs),
        };
        between(&ordered, lower, share)
    }

    /// See [`Scalar::median_of`](crate::Scalar::median_of).
    #[track_caller]
    pub fn median_of(xs: &[Self]) -> Self {
        Self::quantile_of(xs, F::from_double(0.5))
    }

    /// The variables in ascending order; `None` if one of these ranks is tied, or may be near a tie. All
    /// are the first NaN if there is one. If two ranks count `alike`, it is no matter which is which.
    fn ordered(xs: &[Self], ranks: Range<usize>, alike: bool) -> Option<Vec<Self>> {
        if let Some(&nan) = xs.iter().find(|x| x.value.is_nan()) {
            return Some(vec![nan; xs.len()]);
        }
        if recording(xs, itself).is_some_and(RecordingId::is_watched) {
            return None;
        }
        let mut ordered = xs.to_vec();
        ordered.sort_by(|a, b| ascending(a.value, b.value));
        let first = ranks.start.saturating_sub(1);
        let beside = &ordered[first..(ranks.end + 1).min(xs.len())];
        let tied = |(at, pair): (usize, &[Self])| {
            pair[0].value == pair[1].value && !(alike && at == ranks.start)
        };
        let tie = (first..).zip(beside.windows(2)).any(tied);
        (!tie).then_some(ordered)
    }

    /// The variables in ascending order by exchanges, which write a kink for each tie that they meet, at the
    /// caller's line: so there is no closure here, which would not hand it on.
    #[track_caller]
    fn exchanged(xs: &[Self]) -> Vec<Self> {
        let mut xs = xs.to_vec();
        for (low, high) in exchanges(xs.len()) {
            let (a, b) = (xs[low], xs[high]);
            (xs[low], xs[high]) = (a.min(b), b.max(a));
        }
        xs
    }
}
