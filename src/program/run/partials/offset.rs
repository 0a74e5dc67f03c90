//! Where a range of rows begins: [`Offset`].

use super::PartialError;
use std::fmt;
use std::ops::Add;

/// Where a range of rows begins: how many rows come before it, and how many of those are left out.
///
/// Rows are left out where they are skipped, [`NonFinite::Skip`](crate::program::NonFinite::Skip), or have weight 0.
/// They are counted because they have no part in the order of additions. For other programs
/// [`Offset::at`] says all.
///
/// No more than 2⁵⁶ rows are counted. Offsets add up, to `u64::MAX` at the most: that of a range is the sum of the [counts](crate::program::Sweep::count) of all ranges
/// before it.
///
/// ```
/// use wengert::program::partials::Offset;
/// assert_eq!(Offset::at(3) + Offset { rows: 2, left_out: 1 }, Offset { rows: 5, left_out: 1 });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Offset {
    /// Rows.
    pub rows: u64,
    /// Those of them that are left out.
    pub left_out: u64,
}

impl Offset {
    /// No more rows are counted, so that sums of few such numbers do not overflow.
    pub(super) const MOST: u64 = 1 << 56;

    /// After so many rows, none of which are left out.
    ///
    /// ```
    /// use wengert::program::partials::Offset;
    /// assert_eq!(Offset::at(0), Offset::default());
    /// ```
    pub fn at(rows: u64) -> Self {
        Offset { rows, left_out: 0 }
    }

    /// How many rows before it are computed.
    pub(super) fn kept(self) -> u64 {
        self.rows.saturating_sub(self.left_out)
    }

    /// Whether no more are left out than there are, and so many rows more can be counted.
    pub(super) fn check(self, more: u64) -> Result<(), PartialError> {
        let is_counted = self.rows.checked_add(more).is_some_and(|end| end <= Self::MOST);
        if is_counted && self.left_out <= self.rows {
            Ok(())
        } else {
            Err(PartialError::Offset { found: self, rows: more })
        }
    }
}

impl Add for Offset {
    type Output = Offset;
    fn add(self, other: Offset) -> Offset {
        Offset {
            rows: self.rows.saturating_add(other.rows),
            left_out: self.left_out.saturating_add(other.left_out),
        }
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}", self.rows)?;
        match self.left_out {
            0 => Ok(()),
            1 => write!(f, " with 1 left out before"),
            n => write!(f, " with {n} left out before"),
        }
    }
}
