//! Which way kinks bend what they are in.

/// How a piecewise-linear function bends, as far as the rules of composition tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bend {
    Straight,
    Up,
    Down,
    Unknown,
}

impl Bend {
    /// The bend of a sum.
    pub(super) fn plus(self, other: Bend) -> Bend {
        match (self, other) {
            (Bend::Straight, bend) | (bend, Bend::Straight) => bend,
            (one, other) if one == other => one,
            _ => Bend::Unknown,
        }
    }

    /// The bend of a multiple.
    pub(super) fn times(self, factor: f64) -> Bend {
        match self {
            Bend::Up if factor < 0.0 => Bend::Down,
            Bend::Down if factor < 0.0 => Bend::Up,
            _ if factor == 0.0 => Bend::Straight,
            bend => bend,
        }
    }

    /// The bend of an operation with slopes between `left` and `right` of a number that bends so.
    pub(super) fn through(self, left: f64, right: f64) -> Bend {
        let own = Bend::Up.times(right - left);
        let sign = match self {
            Bend::Straight => return own,
            _ if left >= 0.0 && right >= 0.0 => 1.0,
            _ if left <= 0.0 && right <= 0.0 => -1.0,
            _ => return Bend::Unknown,
        };
        own.plus(self.times(sign))
    }
}
