//! The form in which partial results are written: words and numbers one after the other, with a checksum.
//!
//! ```text
//! words:    program, parameters, pass, whether the totals are known and which, begin, end, left out,
//!           how many pieces; of each, which kind it is and how long its lists are
//! numbers:  those of all lists, in their order
//! ```

use super::origin::{Origin, of_numbers};
use super::partial::Stamp;
use super::piece::{Carried, Piece};
use super::{Offset, Partial, PartialError};
use crate::program::RunError;
use crate::program::ir::hash::Mixer;
use crate::program::ir::operation::Reduction;
use crate::program::kernel::LANES;
use crate::program::run::block::PartialSums;
use crate::program::run::progress::{Findings, Stretch};
use crate::program::run::reduce::Tree;
use crate::program::run::scattered::Scattered;
use crate::program::run::sieve::LeftOut;
use numbers::Numbers;
use std::hash::Hasher;

mod numbers;

/// The version that is written. Another is refused.
const VERSION: u32 = 1;

/// A partial result as it is written.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// First, so that one of another version is known as such before all else.
    version: Version,
    words: Vec<u64>,
    numbers: Numbers,
    failure: Option<PartialError>,
    checksum: u64,
}

#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "u32", into = "u32")]
struct Version;

impl TryFrom<u32> for Version {
    type Error = Damage;
    fn try_from(found: u32) -> Result<Self, Damage> {
        if found == VERSION { Ok(Version) } else { Err(Damage::Version { found }) }
    }
}

impl From<Version> for u32 {
    fn from(_: Version) -> u32 {
        VERSION
    }
}

/// Why what was read is no partial result.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
enum Damage {
    #[error("the partial result is of version {found}, but only version {VERSION} can be read")]
    Version { found: u32 },
    #[error(
        "the partial result is damaged: its checksum is {found:016x}, expected {expected:016x}"
    )]
    Checksum { expected: u64, found: u64 },
    #[error("the partial result is damaged: its lists do not have the lengths that it says")]
    Lengths,
    #[error("the partial result is damaged: its parts do not fit together")]
    Contents,
}

impl serde::Serialize for Partial {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut writer = Writer { words: Vec::new(), numbers: Vec::new() };
        writer.partial(self);
        let Writer { words, numbers } = writer;
        let (numbers, failure) = (Numbers(numbers), self.failure.as_deref().cloned());
        let mut stored = Stored { version: Version, words, numbers, failure, checksum: 0 };
        stored.checksum = stored.sum();
        stored.serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Partial {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        stored.read().map_err(serde::de::Error::custom)
    }
}

impl Stored {
    /// The checksum of all else.
    fn sum(&self) -> u64 {
        let mut mixer = Mixer::default();
        mixer.write_u64(self.words.len() as u64);
        self.words.iter().for_each(|&word| mixer.write_u64(word));
        mixer.write_u64(self.numbers.0.len() as u64);
        let sum = of_numbers(mixer.finish(), self.numbers.0.iter().copied());
        match &self.failure {
            None => sum,
            Some(error) => {
                let mut mixer = Mixer::default();
                mixer.write_u64(sum);
                mixer.write(format!("{error:?}").as_bytes());
                of_numbers(mixer.finish(), number_of(error))
            }
        }
    }

    fn read(self) -> Result<Partial, Damage> {
        let (expected, found) = (self.checksum, self.sum());
        if expected != found {
            return Err(Damage::Checksum { expected, found });
        }
        let mut reader = Reader { words: &self.words, numbers: &self.numbers.0 };
        let failed = self.failure.is_some();
        let partial = reader.partial(failed).filter(|_| reader.is_done()).ok_or(Damage::Lengths)?;
        let partial = Partial { failure: self.failure.map(Box::new), ..partial };
        if partial.is_coherent() { Ok(partial) } else { Err(Damage::Contents) }
    }
}

/// The number that is at fault. As text a NaN does not have all its bits.
fn number_of(error: &PartialError) -> Option<f64> {
    match *error {
        PartialError::Run(
            RunError::Index { index: x, .. }
            | RunError::Weight { value: x, .. }
            | RunError::WeightSum { value: x }
            | RunError::NotFinite { value: x, .. },
        ) => Some(x),
        _ => None,
    }
}

/// Writes each part in turn.
struct Writer {
    words: Vec<u64>,
    numbers: Vec<f64>,
}

impl Writer {
    fn partial(&mut self, partial: &Partial) {
        let Origin { program, parameters, pass, totals } = partial.origin;
        let (known, totals) = (u64::from(totals.is_some()), totals.unwrap_or(0));
        self.words.extend([program, parameters, pass, known, totals]);
        for Offset { rows, left_out } in [partial.start, partial.end] {
            self.words.extend([rows, left_out]);
        }
        let LeftOut { weightless, skipped } = partial.left_out;
        self.words.extend([weightless, skipped, partial.pieces.len() as u64]);
        for piece in &partial.pieces {
            match piece {
                Piece::Rows(Carried { rows, columns }) => {
                    self.words.push(0);
                    self.words(rows);
                    self.lists(columns);
                }
                Piece::Segments(stretch) => {
                    self.words.push(1);
                    self.stretch(stretch);
                }
            }
        }
    }

    fn words(&mut self, words: &[u64]) {
        self.words.push(words.len() as u64);
        self.words.extend_from_slice(words);
    }

    fn numbers(&mut self, numbers: &[f64]) {
        self.words.push(numbers.len() as u64);
        self.numbers.extend_from_slice(numbers);
    }

    fn lists(&mut self, lists: &[Vec<f64>]) {
        self.words.push(lists.len() as u64);
        lists.iter().for_each(|list| self.numbers(list));
    }

    fn places(&mut self, list: &[(u32, f64)]) {
        self.words.push(list.len() as u64);
        self.words.extend(list.iter().map(|&(place, _)| u64::from(place)));
        self.numbers.extend(list.iter().map(|&(_, x)| x));
    }

    fn stretch(&mut self, Stretch { found, open, rows }: &Stretch) {
        let Tree { kinds, ranks, numbers, next } = &found.tree;
        self.words.extend([*rows, *next, kinds.len() as u64]);
        self.words.extend(kinds.iter().map(|kind| match kind {
            Reduction::Sum => 0,
            Reduction::Max => 1,
        }));
        self.words(&ranks.iter().map(|&rank| rank.into()).collect::<Vec<u64>>());
        self.numbers(numbers);
        self.words(&found.counts);
        self.words.push(found.scattered.len() as u64);
        for scattered in &found.scattered {
            match scattered {
                Scattered::Sums(sums) => {
                    self.words.push(0);
                    self.numbers(sums);
                }
                Scattered::Rows(list) => {
                    self.words.push(1);
                    self.places(list);
                }
            }
        }
        self.lists(&found.emitted);
        self.words.push(open.is_some().into());
        if let Some(open) = open {
            self.numbers(open.lanes.as_flattened());
            self.words(&open.counts);
            self.words.push(open.scattered.len() as u64);
            open.scattered.iter().for_each(|list| self.places(list));
            self.lists(&open.emitted);
        }
    }
}

/// Reads each part in turn; `None` where there is not as much as it says.
struct Reader<'s> {
    words: &'s [u64],
    numbers: &'s [f64],
}

impl<'s> Reader<'s> {
    fn is_done(&self) -> bool {
        self.words.is_empty() && self.numbers.is_empty()
    }

    fn word(&mut self) -> Option<u64> {
        let (&word, rest) = self.words.split_first()?;
        self.words = rest;
        Some(word)
    }

    fn flag(&mut self) -> Option<bool> {
        match self.word()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn words(&mut self) -> Option<&'s [u64]> {
        let n = self.word()?.try_into().ok()?;
        let (words, rest) = self.words.split_at_checked(n)?;
        self.words = rest;
        Some(words)
    }

    fn numbers_of(&mut self, n: u64) -> Option<&'s [f64]> {
        let (numbers, rest) = self.numbers.split_at_checked(n.try_into().ok()?)?;
        self.numbers = rest;
        Some(numbers)
    }

    fn numbers(&mut self) -> Option<Vec<f64>> {
        let n = self.word()?;
        self.numbers_of(n).map(Vec::from)
    }

    /// A list of what one call after the other reads. Each reads a word at least, so that there are not more.
    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let n = self.word()?;
        (0..n).map(|_| read(self)).collect()
    }

    fn places(&mut self) -> Option<Vec<(u32, f64)>> {
        let places = self.words()?;
        let numbers = self.numbers_of(places.len() as u64)?;
        let pairs = places.iter().zip(numbers);
        pairs.map(|(&place, &x)| Some((place.try_into().ok()?, x))).collect()
    }

    /// Of rows that failed it may not be known how many are left out, or they are more than can be counted.
    fn partial(&mut self, failed: bool) -> Option<Partial> {
        let [program, parameters, pass] = [self.word()?, self.word()?, self.word()?];
        let totals = match (self.flag()?, self.word()?) {
            (true, totals) => Some(totals),
            (false, 0) => None,
            (false, _) => return None,
        };
        let mut offset = || Some(Offset { rows: self.word()?, left_out: self.word()? });
        let (start, end) = (offset()?, offset()?);
        let counted =
            start.kept() <= end.kept() && [start, end].iter().all(|offset| offset.check(0).is_ok());
        let left_out = LeftOut { weightless: self.word()?, skipped: self.word()? };
        let few = left_out.weightless.checked_add(left_out.skipped)?
            <= end.rows - start.rows.min(end.rows);
        if start.rows > end.rows || !few || !(counted || failed) {
            return None;
        }
        let pieces = self.list(|reader| {
            Some(match reader.flag()? {
                false => {
                    let (rows, columns) = (reader.words()?.to_vec(), reader.list(Self::numbers)?);
                    Piece::Rows(Carried { rows, columns })
                }
                true => Piece::Segments(Box::new(reader.stretch()?)),
            })
        })?;
        let origin = Origin { program, parameters, pass, totals };
        let (trusted, stamp) = (false, Stamp::new());
        Some(Partial { origin, start, end, left_out, pieces, failure: None, trusted, stamp })
    }

    fn stretch(&mut self) -> Option<Stretch> {
        let [rows, next] = [self.word()?, self.word()?];
        let kinds = self.words()?.iter().map(|kind| match kind {
            0 => Some(Reduction::Sum),
            1 => Some(Reduction::Max),
            _ => None,
        });
        let kinds = kinds.collect::<Option<_>>()?;
        let ranks = self.words()?.iter().map(|&rank| rank.try_into().ok());
        let tree =
            Tree { kinds, ranks: ranks.collect::<Option<_>>()?, numbers: self.numbers()?, next };
        tree.segments().filter(|_| rows <= Offset::MOST)?;
        let counts = self.words()?.to_vec();
        let scattered = self.list(|reader| {
            Some(match reader.flag()? {
                false => Scattered::Sums(reader.numbers()?),
                true => Scattered::Rows(reader.places()?),
            })
        })?;
        let found = Findings { tree, counts, scattered, emitted: self.list(Self::numbers)? };
        let open = if self.flag()? { Some(self.open()?) } else { None };
        Some(Stretch { found, open, rows })
    }

    fn open(&mut self) -> Option<PartialSums> {
        let lanes = self.numbers()?;
        let (lanes, rest) = lanes.as_chunks::<LANES>();
        if !rest.is_empty() {
            return None;
        }
        let (lanes, counts) = (lanes.to_vec(), self.words()?.to_vec());
        let (scattered, emitted) = (self.list(Self::places)?, self.list(Self::numbers)?);
        Some(PartialSums::under_way(lanes, counts, scattered, emitted))
    }
}

#[cfg(test)]
mod tests;
