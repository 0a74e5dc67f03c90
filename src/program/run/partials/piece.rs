//! What partial results are made of: segments that are whole, and rows of those that are not.

use crate::op::vector::level::Level;
use crate::program::RunError;
use crate::program::data::columns::Columns;
use crate::program::plan::pass::Pass;
use crate::program::run::block::PartialSums;
use crate::program::run::finite::check;
use crate::program::run::progress::Stretch;
use crate::program::run::scattered::Scattered;

/// What comes of rows that follow one another.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Rows(Carried),
    Segments(Box<Stretch>),
}

/// Rows of a segment that began before them, as they came: what they add can only be added to what the rows
/// before them came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Carried {
    /// The row of the whole that each is.
    pub(super) rows: Vec<u64>,
    /// The columns that the pass reads.
    pub(super) columns: Vec<Vec<f64>>,
}

impl Carried {
    pub(super) fn new(pass: &Pass) -> Self {
        Carried { rows: Vec::new(), columns: vec![Vec::new(); pass.columns.len()] }
    }

    /// Adds rows, which are these of the whole; of those that are to be finite, all before the first that is
    /// not, which is an error.
    pub(super) fn add(
        &mut self,
        pass: &Pass,
        (level, finite): (Level, bool),
        data: &Columns<'_>,
        rows: impl Iterator<Item = u64>,
    ) -> Result<(), RunError> {
        let (n, before) = (data.row_count(), self.rows.len());
        let mut scratch = vec![0.0; n];
        self.rows.extend(rows.take(n));
        for (to, &column) in self.columns.iter_mut().zip(&pass.columns) {
            to.extend_from_slice(data.view(column as usize, 0..n, &mut scratch));
        }
        if !finite {
            return Ok(());
        }
        let numbers: Vec<&[f64]> = self.columns.iter().map(|column| &column[before..]).collect();
        check(level, data, &pass.columns, &numbers, before as u64).map_err(|error| {
            let place = error.row().map_or(before, |place| place as usize);
            let error = error.in_row(|_| self.rows[place]);
            self.rows.truncate(place);
            self.columns.iter_mut().for_each(|column| column.truncate(place));
            error
        })
    }

    pub(super) fn len(&self) -> u64 {
        self.rows.len() as u64
    }

    fn fits(&self, pass: &Pass) -> bool {
        self.columns.len() == pass.columns.len() && self.is_whole()
    }

    /// Whether it has a number of each row, each after that before it.
    fn is_whole(&self) -> bool {
        let whole = |column: &Vec<f64>| column.len() == self.rows.len();
        self.columns.iter().all(whole) && self.rows.is_sorted_by(|a, b| a < b)
    }
}

impl Piece {
    /// How many rows it holds.
    pub(super) fn rows(&self) -> u64 {
        match self {
            Piece::Rows(carried) => carried.len(),
            Piece::Segments(stretch) => stretch.rows,
        }
    }

    /// How often each condition held in its whole segments, and in the open one.
    pub(super) fn counts(&self) -> impl Iterator<Item = u64> {
        let stretch = match self {
            Piece::Rows(_) => None,
            Piece::Segments(stretch) => Some(stretch),
        };
        let lists = stretch.into_iter().flat_map(|stretch| {
            let open = stretch.open.as_ref().map(|open| &open.counts);
            [Some(&stretch.found.counts), open]
        });
        lists.flatten().flatten().copied()
    }

    pub(super) fn without_rows(&self) -> Self {
        match self {
            Piece::Rows(carried) => Piece::Rows(carried.clone()),
            Piece::Segments(stretch) => Piece::Segments(Box::new(stretch.without_rows())),
        }
    }

    /// Whether its lists are as long as one another, of whatever pass it is.
    #[cfg(feature = "serde")]
    pub(super) fn is_coherent(&self) -> bool {
        let stretch = match self {
            Piece::Rows(carried) => return carried.is_whole() && carried.len() > 0,
            Piece::Segments(stretch) => stretch,
        };
        let Stretch { found, open, rows } = &**stretch;
        let as_open = |open: &PartialSums| {
            open.lanes.len() == found.tree.kinds.len()
                && open.counts.len() == found.counts.len()
                && open.scattered.len() == found.scattered.len()
                && open.emitted.len() == found.emitted.len()
        };
        // A segment has at least one row, and an open one too.
        let counted = self.counts().all(|count| count <= *rows);
        let least = found.tree.segments().map(|segments| segments + u64::from(open.is_some()));
        counted
            && least.is_some_and(|least| 0 < least && least <= *rows)
            && open.as_ref().is_none_or(as_open)
    }

    /// Whether it holds what comes of rows of a pass from row `at` on.
    pub(super) fn fits(&self, pass: &Pass, at: u64, parameters: usize) -> bool {
        let size = pass.segment() as u64;
        match self {
            Piece::Rows(carried) => at % size + carried.len() <= size && carried.fits(pass),
            Piece::Segments(stretch) => {
                at.is_multiple_of(size) && holds(stretch, pass, at / size, parameters)
            }
        }
    }
}

/// Whether a stretch holds what comes of a pass from a segment on.
fn holds(stretch: &Stretch, pass: &Pass, first: u64, parameters: usize) -> bool {
    let Stretch { found, open, rows } = stretch;
    let size = pass.segment() as u64;
    let tree = &found.tree;
    let Some(segments) = tree.segments() else { return false };
    let kinds = pass.reductions.iter().map(|(kind, _)| kind);
    let width = pass.reductions.len();
    let Some(rest) = segments.checked_mul(size).and_then(|whole| rows.checked_sub(whole)) else {
        return false;
    };
    let lists = |lists: &[Vec<f64>], rows: u64| {
        let whole = |(list, &width): (&Vec<f64>, &usize)| {
            list.len() as u64 == rows.saturating_mul(width as u64)
        };
        lists.len() == pass.emitted.len() && lists.iter().zip(&pass.emitted).all(whole)
    };
    let within = |list: &[(u32, f64)]| list.iter().all(|&(at, _)| (at as usize) < parameters);
    let scattered = |scattered: &Scattered| match scattered {
        Scattered::Sums(sums) => first == 0 && sums.len() == parameters,
        Scattered::Rows(list) => first > 0 && within(list),
    };
    let opened = |open: &PartialSums| {
        open.lanes.len() == width
            && open.counts.len() == pass.counts.len()
            && open.scattered.len() == pass.scatters
            && open.scattered.iter().all(|list| within(list))
            && lists(&open.emitted, rest)
    };
    tree.kinds.iter().eq(kinds)
        && first + segments == tree.next
        && found.counts.len() == pass.counts.len()
        && found.scattered.len() == pass.scatters
        && found.scattered.iter().all(scattered)
        && lists(&found.emitted, segments * size)
        && rest < size
        && open.is_some() == (rest > 0)
        && open.as_ref().is_none_or(opened)
}

/// Whether each piece can follow that before it.
pub(super) fn follow<'p>(pieces: impl IntoIterator<Item = &'p Piece>) -> bool {
    let mut before = None;
    pieces.into_iter().all(|piece| {
        match (before.replace(piece), piece) {
            (Some(Piece::Segments(before)), Piece::Segments(after)) => {
                before.open.is_none() && go_together(before, after)
            }
            // Rows are carried where their segment is not here, so that whole segments follow only when it ends.
            (Some(Piece::Rows(before)), Piece::Rows(after)) => {
                before.rows.last() < after.rows.first()
            }
            _ => true,
        }
    })
}

/// Whether a stretch can follow one of whole segments: the same lists, each place within the sums.
fn go_together(Stretch { found: before, .. }: &Stretch, after: &Stretch) -> bool {
    let after = &after.found;
    let within = |(sums, list): (&Scattered, &Scattered)| match (sums, list) {
        (Scattered::Sums(sums), Scattered::Rows(list)) => {
            list.iter().all(|&(at, _)| (at as usize) < sums.len())
        }
        (_, list) => matches!(list, Scattered::Rows(_)),
    };
    before.tree.kinds == after.tree.kinds
        && after.tree.segments().map(|segments| after.tree.next - segments)
            == Some(before.tree.next)
        && before.counts.len() == after.counts.len()
        && before.scattered.len() == after.scattered.len()
        && before.scattered.iter().zip(&after.scattered).all(within)
        && before.emitted.len() == after.emitted.len()
}
