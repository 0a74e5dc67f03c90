//! What rows add to the places that they choose.

/// The numbers of one scatter.
///
/// The sum at a place is that of its rows one after the other, from the first of the pass. So rows that
/// come after others which are not here stay by themselves until those come.
#[derive(Clone, Debug)]
pub(crate) enum Scattered {
    /// The sum at each place.
    Sums(Vec<f64>),
    /// Place and number of each row.
    Rows(Vec<(u32, f64)>),
}

impl Scattered {
    /// Begins anew, with the first row of the pass, and so many places.
    pub(crate) fn begin(&mut self, places: usize) {
        match self {
            Scattered::Sums(sums) => {
                sums.clear();
                sums.resize(places, 0.0);
            }
            Scattered::Rows(_) => *self = Scattered::Sums(vec![0.0; places]),
        }
    }

    /// Begins anew, with rows that come later.
    pub(crate) fn begin_later(&mut self) {
        *self = Scattered::Rows(Vec::new());
    }

    /// Adds what the next rows have come to.
    pub(crate) fn append(&mut self, next: Scattered) {
        match (&*self, next) {
            // Nothing comes before the sums.
            (_, next @ Scattered::Sums(_)) => *self = next,
            (Scattered::Rows(list), Scattered::Rows(next)) if list.is_empty() => {
                *self = Scattered::Rows(next);
            }
            (_, Scattered::Rows(next)) => self.add(&next),
        }
    }

    /// Adds the next rows.
    pub(crate) fn add(&mut self, rows: &[(u32, f64)]) {
        match self {
            Scattered::Sums(sums) => rows.iter().for_each(|&(place, x)| sums[place as usize] += x),
            Scattered::Rows(list) => list.extend_from_slice(rows),
        }
    }

    /// The sum at each place; none if rows are missing before these.
    pub(crate) fn sums(&self) -> &[f64] {
        match self {
            Scattered::Sums(sums) => sums,
            Scattered::Rows(_) => &[],
        }
    }
}
