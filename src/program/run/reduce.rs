//! From segments to the whole: numbers added as a tree.

use crate::program::ir::operation::Reduction;
use crate::program::kernel::greater;
use crate::program::plan::pass::Pass;

/// A NaN as one that is always the same. Its sign and digits follow from the order of two operands, which the
/// compiler chooses anew for each loop.
#[inline(always)]
pub(crate) fn one_nan(x: f64) -> f64 {
    if x.is_nan() { f64::NAN } else { x }
}

/// The reductions of all segments so far.
///
/// Two neighbouring segments become one of the next rank, two of those one of the next, and so on.
/// So which numbers are added follows from how many segments there are, not from who computed them
/// when; and rounding errors grow with the logarithm of their number.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(super) kinds: Vec<Reduction>,
    /// A tree that begins at the first segment has each rank at most once, the greatest first.
    pub(super) ranks: Vec<u32>,
    /// Those of each rank, one after the other.
    pub(super) numbers: Vec<f64>,
    /// The segment after the last.
    pub(super) next: u64,
}

impl Tree {
    pub(crate) fn new(pass: &Pass) -> Self {
        let kinds = pass.reductions.iter().map(|&(reduction, _)| reduction).collect();
        Tree { kinds, ranks: Vec::new(), numbers: Vec::new(), next: 0 }
    }

    /// Begins anew, with this segment.
    pub(crate) fn begin(&mut self, next: u64) {
        self.ranks.clear();
        self.numbers.clear();
        self.next = next;
    }

    /// How many segments it is of; `None` if it does not have the numbers of so many.
    pub(super) fn segments(&self) -> Option<u64> {
        /// More rows than there can be.
        const RANKS: u32 = 48;
        let whole = self.ranks.len().checked_mul(self.kinds.len()) == Some(self.numbers.len());
        let mut ranks = self.ranks.iter().map(|&rank| (rank < RANKS).then(|| 1_u64 << rank));
        let segments = ranks.try_fold(0_u64, |sum, more| sum.checked_add(more?));
        let segments = segments.filter(|_| whole)?;
        (segments <= self.next && self.next < 1 << RANKS).then_some(segments)
    }

    /// Bytes held.
    #[cfg(feature = "parallel")]
    pub(crate) fn bytes(&self) -> usize {
        self.numbers.capacity() * size_of::<f64>()
    }

    /// Adds what each reduction comes to in the next segment.
    pub(crate) fn push(&mut self, totals: &[f64]) {
        self.numbers.extend_from_slice(totals);
        self.ranks.push(0);
        self.next += 1;
        self.join_pairs();
    }

    /// Adds what others have made of the next segments.
    pub(crate) fn append(&mut self, other: &Tree) {
        let width = self.kinds.len();
        for (i, &rank) in other.ranks.iter().enumerate() {
            self.numbers.extend_from_slice(&other.numbers[i * width..][..width]);
            self.ranks.push(rank);
            self.next += 1 << rank;
            self.join_pairs();
        }
    }

    /// Two of a rank become one, if they are a pair also in the tree of all segments.
    fn join_pairs(&mut self) {
        while let [.., a, b] = self.ranks[..]
            && a == b
            && self.next.is_multiple_of(2 << a)
        {
            self.join();
        }
    }

    /// The last two become one.
    fn join(&mut self) {
        let width = self.kinds.len();
        let to = self.numbers.len() - width;
        let (earlier, later) = self.numbers.split_at_mut(to);
        let from = to - width;
        for ((&reduction, a), &b) in self.kinds.iter().zip(&mut earlier[from..]).zip(&*later) {
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
            self.join();
        }
        if self.ranks.is_empty() {
            for &(reduction, at) in &pass.reductions {
                numbers[at as usize] = match reduction {
                    Reduction::Sum => 0.0,
                    Reduction::Max => f64::NEG_INFINITY,
                };
            }
        }
        for (&(_, at), &x) in pass.reductions.iter().zip(&self.numbers) {
            numbers[at as usize] = one_nan(x);
        }
        self.begin(0);
    }
}
