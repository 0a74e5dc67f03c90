//! From segments to the whole: numbers added as a tree.

use crate::program::ir::operation::Reduction;
use crate::program::kernel::greater;
use crate::program::plan::pass::Pass;

/// The reductions of all segments so far.
///
/// Two neighbouring segments become one of the next rank, two of those one of the next, and so on.
/// So which numbers are added follows from how many segments there are, not from who computed them
/// when; and rounding errors grow with the logarithm of their number.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// A tree that begins at the first segment has each rank at most once, the greatest first.
    ranks: Vec<u32>,
    /// Those of each rank, one after the other.
    numbers: Vec<f64>,
    /// The segment after the last.
    next: u64,
}

impl Tree {
    /// Begins anew, with this segment.
    pub(crate) fn begin(&mut self, next: u64) {
        self.ranks.clear();
        self.numbers.clear();
        self.next = next;
    }

    /// Bytes held.
    #[cfg(feature = "parallel")]
    pub(crate) fn bytes(&self) -> usize {
        self.numbers.capacity() * size_of::<f64>()
    }

    /// Adds what each reduction comes to in the next segment.
    pub(crate) fn push(&mut self, pass: &Pass, totals: &[f64]) {
        self.numbers.extend_from_slice(totals);
        self.ranks.push(0);
        self.next += 1;
        self.join_pairs(pass);
    }

    #[cfg(feature = "parallel")]
    /// Adds what others have made of the next segments.
    pub(crate) fn append(&mut self, pass: &Pass, other: &Tree) {
        let width = pass.reductions.len();
        for (i, &rank) in other.ranks.iter().enumerate() {
            self.numbers.extend_from_slice(&other.numbers[i * width..][..width]);
            self.ranks.push(rank);
            self.next += 1 << rank;
            self.join_pairs(pass);
        }
    }

    /// Two of a rank become one, if they are a pair also in the tree of all segments.
    fn join_pairs(&mut self, pass: &Pass) {
        while let [.., a, b] = self.ranks[..]
            && a == b
            && self.next.is_multiple_of(2 << a)
        {
            self.join(pass);
        }
    }

    /// The last two become one.
    fn join(&mut self, pass: &Pass) {
        let width = pass.reductions.len();
        let to = self.numbers.len() - width;
        let (earlier, later) = self.numbers.split_at_mut(to);
        let from = to - width;
        for ((&(reduction, _), a), &b) in
            pass.reductions.iter().zip(&mut earlier[from..]).zip(&*later)
        {
            *a = match reduction {
                Reduction::Sum => *a + b,
                Reduction::Max => greater(*a, b),
            };
        }
        self.numbers.truncate(from + width);
        self.ranks.pop();
        if let Some(rank) = self.ranks.last_mut() {
            *rank += 1;
        }
    }

    /// Writes the results into their places among `numbers`.
    pub(crate) fn finish(&mut self, pass: &Pass, numbers: &mut [f64]) {
        while self.ranks.len() > 1 {
            self.join(pass);
        }
        for (i, &(reduction, at)) in pass.reductions.iter().enumerate() {
            let nothing = match reduction {
                Reduction::Sum => 0.0,
                Reduction::Max => f64::NEG_INFINITY,
            };
            numbers[at as usize] = self.numbers.get(i).copied().unwrap_or(nothing);
        }
        self.begin(0);
    }
}
