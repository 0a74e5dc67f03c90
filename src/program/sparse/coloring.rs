//! Colorings: which columns of a matrix can be found together.
//!
//! The product of a matrix with a sum of axes is the sum of their columns. Where no two of these columns
//! differ from 0 in the same row, each of their numbers can be read from it. (A. Curtis, M. Powell and
//! J. Reid, "On the estimation of sparse Jacobian matrices", IMA Journal of Applied Mathematics 13,
//! 1974.) Of a symmetric matrix fewer colors do, as each number stands in it twice: no two neighbours of
//! one color, and no path of four of two colors, a star coloring. (A. Gebremedhin, F. Manne and
//! A. Pothen, "What color is your Jacobian?", SIAM Review 47(4), 2005.)

use super::error::SparseError;
use super::pattern::Pattern;

/// A color for each column of a matrix.
///
/// ```
/// use wengert::sparse::{Coloring, Pattern};
/// // A band of three.
/// let band = (0..9_u32).map(|i| i.saturating_sub(1)..(i + 2).min(9));
/// let band = Pattern::from_rows(9, band);
/// assert_eq!(Coloring::of_columns(&band).len(), 3);
/// assert_eq!(Coloring::of_columns(&band).colors()[..4], [0, 1, 2, 0]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coloring {
    colors: Vec<u32>,
    len: usize,
}

/// No color yet.
const NONE: u32 = u32::MAX;

/// Beyond so many steps the columns with the most neighbours get colors of their own.
const MANY: usize = 1 << 27;

impl Coloring {
    /// Colors columns so that no two of a color share a row, in their order, each by the first that fits.
    pub fn of_columns(pattern: &Pattern) -> Self {
        let rows = pattern.transposed();
        greedy(pattern.column_count(), |column, forbid, colors| {
            for &row in rows.row(column) {
                for &other in pattern.row(row as usize) {
                    forbid(colors[other as usize]);
                }
            }
        })
    }

    /// Colors the columns of a symmetric matrix so that each number can be read from one of the two
    /// places where it stands: a star coloring of the graph that it is.
    ///
    /// # Panics
    /// If the pattern is not symmetric; [`Coloring::try_of_symmetric`] says so instead.
    ///
    /// ```
    /// use wengert::sparse::{Coloring, Pattern};
    /// // An arrow: all is coupled to the last. By columns each would need its own.
    /// let arrow = Pattern::from_rows(5, [vec![0, 4], vec![1, 4], vec![2, 4], vec![3, 4], (0..5).collect()]);
    /// assert_eq!(Coloring::of_columns(&arrow).len(), 5);
    /// assert_eq!(Coloring::of_symmetric(&arrow).len(), 2);
    /// ```
    #[track_caller]
    pub fn of_symmetric(pattern: &Pattern) -> Self {
        match Self::try_of_symmetric(pattern) {
            Ok(coloring) => coloring,
            Err(error) => panic!("{error}"),
        }
    }

    /// [`Coloring::of_symmetric`], with an error where the pattern is not symmetric.
    ///
    /// # Errors
    /// If the pattern is not symmetric, with the first place that says so.
    ///
    /// ```
    /// use wengert::sparse::{Coloring, Pattern, SparseError};
    /// let upper = Pattern::from_rows(2, [vec![0, 1], vec![1]]);
    /// let error = Coloring::try_of_symmetric(&upper).unwrap_err();
    /// assert!(matches!(error, SparseError::Asymmetric { row: 0, column: 1 }));
    /// ```
    pub fn try_of_symmetric(pattern: &Pattern) -> Result<Self, SparseError> {
        let (expected, found) = (pattern.column_count(), pattern.row_count());
        if expected != found {
            return Err(SparseError::Square { expected, found });
        }
        let alone = |(row, column): &(usize, usize)| {
            pattern.row(*column).binary_search(&(*row as u32)).is_err()
        };
        if let Some((row, column)) = pattern.iter().find(alone) {
            return Err(SparseError::Asymmetric { row, column });
        }
        let n = pattern.row_count();
        let steps = |bound: usize| -> usize {
            let low = |&&v: &&u32| pattern.row(v as usize).len() <= bound;
            let of = |v: usize| -> usize {
                pattern.row(v).iter().filter(low).map(|&w| pattern.row(w as usize).len()).sum()
            };
            (0..n).filter(|&v| pattern.row(v).len() <= bound).map(of).sum()
        };
        let mut bound = n;
        while bound > 64 && steps(bound) > MANY {
            bound /= 2;
        }
        Ok(star(pattern, bound))
    }

    /// How many colors there are.
    #[expect(clippy::len_without_is_empty)] // it is of the colors, not of columns
    pub fn len(&self) -> usize {
        self.len
    }

    /// The color of each column, counted from 0.
    pub fn colors(&self) -> &[u32] {
        &self.colors
    }
}

/// Colors in their order, each by the first color that is not forbidden by those that came before.
fn greedy(n: usize, forbidden: impl Fn(usize, &mut dyn FnMut(u32), &[u32])) -> Coloring {
    let (mut colors, mut len) = (vec![NONE; n], 0);
    // Which column a color was forbidden for last.
    let mut taken: Vec<usize> = Vec::new();
    for column in 0..n {
        let mut forbid = |color: u32| {
            if color != NONE {
                taken[color as usize] = column;
            }
        };
        forbidden(column, &mut forbid, &colors);
        let free = taken.iter().position(|&by| by != column).unwrap_or(len);
        if free == len {
            taken.push(NONE as usize);
            len += 1;
        }
        colors[column] = free as u32;
    }
    Coloring { colors, len }
}

/// A star coloring; columns with more neighbours than the bound get colors that no other has, which
/// takes them out of all paths.
///
/// ```text
/// for v in columns, those with the most neighbours first:
///     for its neighbours w:
///         forbid the color of w
///         for their other neighbours x:
///             forbid the color of x if w has none yet,
///             or if x has another neighbour of the color of w
///     v gets the first color that is not forbidden
/// ```
fn star(pattern: &Pattern, bound: usize) -> Coloring {
    let is_hub = |v: usize| pattern.row(v).len() > bound;
    // How many neighbours of each color a column has, of which some only matter: one, or several.
    let mut seen: Vec<Vec<(u32, bool)>> = vec![Vec::new(); pattern.row_count()];
    let (mut colors, mut len) = (vec![NONE; pattern.row_count()], 0);
    let mut taken: Vec<usize> = Vec::new();
    // The colors of hubs, which no other may take.
    let mut own: Vec<bool> = Vec::new();
    let mut order: Vec<usize> = (0..pattern.row_count()).collect();
    order.sort_by_key(|&v| std::cmp::Reverse(pattern.row(v).len()));
    for v in order {
        let neighbours = || {
            let others = pattern.row(v).iter().map(|&w| w as usize);
            others.filter(move |&w| w != v && !is_hub(w))
        };
        if !is_hub(v) {
            for w in neighbours() {
                if colors[w] != NONE {
                    taken[colors[w] as usize] = v;
                }
                for x in pattern.row(w).iter().map(|&x| x as usize) {
                    if x == v || x == w || colors[x] == NONE || is_hub(x) {
                        continue;
                    }
                    let several = || {
                        let of = seen[x].iter().find(|&&(color, _)| color == colors[w]);
                        of.is_some_and(|&(_, several)| several)
                    };
                    if colors[w] == NONE || several() {
                        taken[colors[x] as usize] = v;
                    }
                }
            }
        }
        let mut free = (0..len).filter(|&color| taken[color] != v && !own[color]);
        let free = free.next().filter(|_| !is_hub(v)).unwrap_or(len);
        if free == len {
            taken.push(NONE as usize);
            own.push(is_hub(v));
            len += 1;
        }
        colors[v] = free as u32;
        if !is_hub(v) {
            for w in neighbours() {
                match seen[w].iter_mut().find(|(color, _)| *color == free as u32) {
                    Some((_, several)) => *several = true,
                    None => seen[w].push((free as u32, false)),
                }
            }
        }
    }
    Coloring { colors, len }
}
