//! Whether a stream that is opened again gives the same numbers.
//!
//! All would have to be looked at to be sure, which costs a simple program a third of its time. So the
//! first rows are, and of the later ones eight in each 512: a stream that is shuffled or drawn anew does
//! not pass, a change of a few rows may. It is done where the chunks are read, by the thread that reads
//! ahead.

use super::{Chunk, Stream};
use crate::program::Columns;
use crate::program::ir::hash::Mixer;
use std::hash::Hasher;
use std::ops::Range;

/// So many rows are looked at from the first on.
const WHOLE: u64 = PERIOD;
/// Neighbours that are looked at together, one line of a cache.
const RUN: u64 = 8;
/// From the beginning of a run to that of the next.
const PERIOD: u64 = 64 * RUN;

/// A stream whose numbers are noted as they are read.
pub(crate) struct Noted<'r, S> {
    stream: S,
    /// Which columns are.
    read: &'r [u32],
    digest: Digest,
}

/// What was read: how many rows, and a hash of each column's numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Digest {
    rows: u64,
    columns: Vec<Mixer>,
}

impl<'r, S> Noted<'r, S> {
    pub(crate) fn new(stream: S, read: &'r [u32]) -> Self {
        Noted {
            stream,
            read,
            digest: Digest { rows: 0, columns: vec![Mixer::default(); read.len()] },
        }
    }

    pub(crate) fn digest(self) -> Digest {
        self.digest
    }
}

impl Digest {
    fn note(&mut self, rows: &Columns<'_>, read: &[u32]) {
        let first = self.rows;
        self.rows += rows.row_count() as u64;
        for (&column, hash) in read.iter().zip(&mut self.columns) {
            // That the program has more columns is said where it runs over them.
            if column as usize >= rows.column_count() {
                continue;
            }
            let mut scratch = [0.0; RUN as usize];
            for run in runs(first..self.rows) {
                let run = (run.start - first) as usize..(run.end - first) as usize;
                for x in rows.view(column as usize, run, &mut scratch) {
                    hash.write_u64(x.to_bits());
                }
            }
        }
    }
}

/// Of these rows, the runs that are looked at; none is longer than `RUN`.
fn runs(rows: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    let starts = |from: u64, to: u64, step: u64| (from / step * step..to).step_by(step as usize);
    let whole = starts(rows.start, rows.end.min(WHOLE), RUN);
    let later = starts(rows.start.max(WHOLE), rows.end, PERIOD);
    let cut = move |start: u64| start.max(rows.start)..(start + RUN).min(rows.end);
    whole.chain(later).map(cut).filter(|run| run.start < run.end)
}

impl<S: Stream> Stream for Noted<'_, S> {
    type Chunk = S::Chunk;
    type Error = S::Error;

    fn read(&mut self, chunk: &mut S::Chunk) -> Result<bool, S::Error> {
        let more = self.stream.read(chunk)?;
        // What is wrong with a chunk is said where the program runs over it.
        if more && let Ok(rows) = chunk.columns() {
            self.digest.note(&rows, self.read);
        }
        Ok(more)
    }
}

#[cfg(test)]
mod tests {
    use super::{PERIOD, RUN, WHOLE, runs};

    #[test]
    fn the_rows_looked_at_do_not_depend_on_the_chunks() {
        let all = 20_000;
        let expected: Vec<u64> =
            (0..all).filter(|&row| row < WHOLE || row % PERIOD < RUN).collect();
        for length in [1, 3, 8, 37, 511, 512, 513, 4095, 4096, 4097, all] {
            let chunks = (0..all).step_by(length as usize);
            let chunks = chunks.map(|from| from..all.min(from + length));
            let found = chunks.flat_map(runs).inspect(|run| assert!(run.end - run.start <= RUN));
            assert_eq!(found.flatten().collect::<Vec<_>>(), expected, "{length}");
        }
    }
}
