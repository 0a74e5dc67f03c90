//! Which rows go together: [`Batches`] and [`Split`].

use super::error::TrainError;
use super::random::Random;
use indexmap::IndexMap;
use std::hash::Hash;

/// How the rows of an epoch become mini-batches.
///
/// The order of an epoch is a function of the seed and the epoch's number alone. So a run that is resumed
/// sees the rows in the same order, and no state of a random generator has to be kept.
///
/// ```
/// use wengert::train::Batches;
/// let rows: Vec<u32> = (0..7).collect();
/// let batches = Batches::of(3);
/// assert_eq!(batches.epoch(&rows, 0), [0, 1, 2, 3, 4, 5, 6]);
/// assert_eq!((batches.count(7), batches.clone().drop_last().count(7)), (3, 2));
/// let shuffled = batches.shuffled(42);
/// assert_ne!(shuffled.epoch(&rows, 0), shuffled.epoch(&rows, 1));
/// assert_eq!(shuffled.epoch(&rows, 1), shuffled.epoch(&rows, 1));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Batches {
    pub(super) size: usize,
    pub(super) seed: Option<u64>,
    pub(super) drops_last: bool,
    pub(super) strata: Option<Vec<u32>>,
}

impl Batches {
    /// Batches of so many rows, in the order of the rows; the last one of an epoch may have fewer.
    ///
    /// ```
    /// use wengert::train::Batches;
    /// assert_eq!(Batches::of(32).count(100), 4);
    /// ```
    #[must_use]
    pub fn of(size: usize) -> Self {
        Batches { size, seed: None, drops_last: false, strata: None }
    }

    /// In each epoch in another random order, told by the seed: a shuffle of R. Durstenfeld (CACM 7(7), 1964)
    /// on the numbers of ChaCha8.
    ///
    /// ```
    /// use wengert::train::Batches;
    /// let rows: Vec<u32> = (0..100).collect();
    /// let mut order = Batches::of(10).shuffled(1).epoch(&rows, 0);
    /// assert_ne!(order, rows);
    /// order.sort_unstable();
    /// assert_eq!(order, rows);
    /// ```
    #[must_use]
    pub fn shuffled(self, seed: u64) -> Self {
        Batches { seed: Some(seed), ..self }
    }

    /// Leaves out the last rows of an epoch if they are fewer than a batch.
    ///
    /// ```
    /// use wengert::train::Batches;
    /// assert_eq!(Batches::of(32).drop_last().count(100), 3);
    /// ```
    #[must_use]
    pub fn drop_last(self) -> Self {
        Batches { drops_last: true, ..self }
    }

    /// Spreads the rows of each label evenly over the epoch, so that each batch has of every label nearly what
    /// its share is. There is a label for each row of the data.
    ///
    /// ```
    /// use wengert::train::Batches;
    /// let labels: Vec<bool> = (0..20).map(|row| row < 10).collect();
    /// let rows: Vec<u32> = (0..20).collect();
    /// let order = Batches::of(4).shuffled(3).stratified(&labels).epoch(&rows, 0);
    /// for batch in order.chunks(4) {
    ///     assert_eq!(batch.iter().filter(|&&row| labels[row as usize]).count(), 2);
    /// }
    /// ```
    #[must_use]
    pub fn stratified<L: Eq + Hash>(self, labels: impl IntoIterator<Item = L>) -> Self {
        Batches { strata: Some(strata(labels)), ..self }
    }

    /// How many batches so many rows make.
    ///
    /// ```
    /// use wengert::train::Batches;
    /// assert_eq!(Batches::of(10).count(95), 10);
    /// ```
    #[must_use]
    pub fn count(&self, rows: usize) -> usize {
        match self.size {
            0 => 0,
            size if self.drops_last => rows / size,
            size => rows.div_ceil(size),
        }
    }

    /// The rows in the order of an epoch, counted from 0.
    ///
    /// # Panics
    /// If it is stratified and a row has no label.
    ///
    /// ```
    /// use wengert::train::Batches;
    /// assert_eq!(Batches::of(2).epoch(&[4, 5, 6], 9), [4, 5, 6]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn epoch(&self, rows: &[u32], epoch: u64) -> Vec<u32> {
        let mut order = Vec::new();
        self.arrange(rows, epoch, &mut order);
        order
    }

    pub(super) fn check(&self, rows: &[u32], row_count: usize) -> Result<(), TrainError> {
        if self.size == 0 || self.size > rows.len() {
            return Err(TrainError::BatchSize { size: self.size, rows: rows.len() });
        }
        match &self.strata {
            Some(strata) if strata.len() != row_count => {
                Err(TrainError::LabelCount { expected: row_count, found: strata.len() })
            }
            _ => Ok(()),
        }
    }

    #[track_caller]
    pub(super) fn arrange(&self, rows: &[u32], epoch: u64, order: &mut Vec<u32>) {
        order.clear();
        order.extend_from_slice(rows);
        if let Some(seed) = self.seed {
            Random::new(seed, epoch).shuffle(order);
        }
        if let Some(strata) = &self.strata {
            spread(order, strata);
        }
    }
}

/// Labels as numbers from 0.
fn strata<L: Eq + Hash>(labels: impl IntoIterator<Item = L>) -> Vec<u32> {
    let mut seen = IndexMap::new();
    let mut number = |label| {
        let next = seen.len() as u32;
        *seen.entry(label).or_insert(next)
    };
    labels.into_iter().map(&mut number).collect()
}

/// Spreads each stratum evenly: its `k`-th row of `n` goes to `(k + ½) / n` of the whole. What falls together
/// stays in its order.
#[track_caller]
fn spread(order: &mut [u32], strata: &[u32]) {
    let of = |row: u32| strata[row as usize] as usize;
    let mut counts = vec![0_u64; order.iter().map(|&row| of(row) + 1).max().unwrap_or(0)];
    order.iter().for_each(|&row| counts[of(row)] += 1);
    let mut met = vec![0_u64; counts.len()];
    let mut placed: Vec<(f64, u32)> = Vec::with_capacity(order.len());
    for &row in order.iter() {
        let stratum = of(row);
        placed.push(((met[stratum] as f64 + 0.5) / counts[stratum] as f64, row));
        met[stratum] += 1;
    }
    placed.sort_by(|a, b| a.0.total_cmp(&b.0));
    order.iter_mut().zip(placed).for_each(|(to, (_, row))| *to = row);
}

/// Rows to train on, and rows that are held back to see how well it went.
///
/// ```
/// use wengert::train::Split;
/// let split = Split::random(100, 0.2, 7)?;
/// assert_eq!((split.training.len(), split.validation.len()), (80, 20));
/// # Ok::<(), wengert::train::TrainError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The rows to train on, in their order.
    pub training: Vec<u32>,
    /// The rows held back, in their order.
    pub validation: Vec<u32>,
}

impl Split {
    /// Holds back a share of the rows, told by a seed; rounded to the nearest number of rows.
    ///
    /// # Errors
    /// If the share is not between 0 and 1, or there are more rows than a `u32` can count.
    ///
    /// ```
    /// use wengert::train::{Split, TrainError};
    /// assert_eq!(Split::random(10, 0.3, 1)?.validation.len(), 3);
    /// assert!(matches!(Split::random(10, 1.5, 1), Err(TrainError::Share { .. })));
    /// # Ok::<(), TrainError>(())
    /// ```
    pub fn random(rows: usize, share: f64, seed: u64) -> Result<Self, TrainError> {
        Self::by_strata(&vec![0; rows], share, seed)
    }

    /// The same with a share of the rows of each label, so that both parts have them alike.
    ///
    /// # Errors
    /// As [`Split::random`].
    ///
    /// ```
    /// use wengert::train::Split;
    /// let labels: Vec<u32> = (0..100).map(|row| u32::from(row % 10 == 0)).collect();
    /// let split = Split::stratified(&labels, 0.2, 7)?;
    /// let rare = split.validation.iter().filter(|&&row| row % 10 == 0).count();
    /// assert_eq!((split.validation.len(), rare), (20, 2));
    /// # Ok::<(), wengert::train::TrainError>(())
    /// ```
    pub fn stratified<L: Eq + Hash>(
        labels: impl IntoIterator<Item = L>,
        share: f64,
        seed: u64,
    ) -> Result<Self, TrainError> {
        Self::by_strata(&strata(labels), share, seed)
    }

    fn by_strata(strata: &[u32], share: f64, seed: u64) -> Result<Self, TrainError> {
        if !(0.0..=1.0).contains(&share) {
            return Err(TrainError::Share { value: share });
        }
        let rows = u32::try_from(strata.len())
            .map_err(|_| TrainError::RowCount { found: strata.len() })?;
        let mut order: Vec<u32> = (0..rows).collect();
        Random::new(seed, 0).shuffle(&mut order);
        let mut counts = vec![0_u32; strata.iter().max().map_or(0, |&most| most as usize + 1)];
        strata.iter().for_each(|&stratum| counts[stratum as usize] += 1);
        // Rounded as they add up, so that the whole is right too.
        let (mut before, mut held) = (0_u32, 0_u32);
        let quota = |&count: &u32| {
            before += count;
            let all = (share * f64::from(before)).round() as u32;
            let own = all - held;
            held = all;
            own
        };
        let mut quotas: Vec<u32> = counts.iter().map(quota).collect();
        let (mut training, mut validation) = (Vec::new(), Vec::new());
        for row in order {
            let quota = &mut quotas[strata[row as usize] as usize];
            if *quota > 0 {
                *quota -= 1;
                validation.push(row);
            } else {
                training.push(row);
            }
        }
        training.sort_unstable();
        validation.sort_unstable();
        Ok(Split { training, validation })
    }
}
