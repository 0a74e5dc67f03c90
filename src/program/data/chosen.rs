//! Numbers of a list, chosen by keys: [`Chosen`].

use crate::program::data::column::{Column, is_set};
use crate::program::data::numbers::Numbers;

/// Numbers side by side, of which some may be missing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) numbers: Numbers<'a>,
    /// A bit for each, from that of the first on; all are there if there are no bits.
    pub(crate) present: Option<(&'a [u8], usize)>,
}

impl<'a> Part<'a> {
    pub(crate) fn is_there(&self, at: usize) -> bool {
        self.present.is_none_or(|(bits, first)| is_set(bits, first + at))
    }

    fn get(&self, at: usize) -> Option<f64> {
        self.is_there(at).then(|| Column::from(self.numbers).get(at))
    }
}

impl<'a> From<Part<'a>> for Column<'a> {
    fn from(Part { numbers, present }: Part<'a>) -> Self {
        match present {
            None => numbers.into(),
            Some((present, first)) => Column::Masked { numbers, present, first },
        }
    }
}

/// Numbers of a list, each chosen by a key, as an Arrow dictionary has them; an example is at
/// [`Column::arrow`].
#[derive(Clone, Copy, Debug)]
pub struct Chosen<'a> {
    /// Those that are there are places in the list.
    keys: Part<'a>,
    values: Part<'a>,
}

impl<'a> Chosen<'a> {
    /// Each key that is there must be a place in the list.
    pub(crate) fn new(keys: Part<'a>, values: Part<'a>) -> Self {
        Chosen { keys, values }
    }

    pub(super) fn len(&self) -> usize {
        Column::from(self.keys).len()
    }

    pub(super) fn get(&self, row: usize) -> f64 {
        self.place(row).and_then(|at| self.values.get(at)).unwrap_or(Column::MISSING)
    }

    /// Which of the list a row has.
    pub(crate) fn place(&self, row: usize) -> Option<usize> {
        self.keys.get(row).map(|key| key as usize)
    }
}
