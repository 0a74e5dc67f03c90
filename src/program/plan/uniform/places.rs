//! Places of numbers, which are used again when what stood there is no longer needed.

use std::ops::{Deref, DerefMut};

/// Numbers by place, the first at the beginning of a cache line.
#[derive(Debug)]
pub(crate) struct Numbers {
    memory: Vec<f64>,
    from: usize,
    len: usize,
}

impl Numbers {
    /// All NaN.
    pub(crate) fn new(len: usize) -> Self {
        let line = Places::LINE as usize;
        let memory = vec![f64::NAN; len + line];
        let from = memory.as_ptr().align_offset(line * size_of::<f64>()).min(line);
        Numbers { memory, from, len }
    }
}

impl Deref for Numbers {
    type Target = [f64];
    #[inline]
    fn deref(&self) -> &[f64] {
        &self.memory[self.from..self.from + self.len]
    }
}

impl DerefMut for Numbers {
    #[inline]
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.memory[self.from..self.from + self.len]
    }
}

/// The places that are taken, and those that are free again.
#[derive(Debug, Default)]
pub(crate) struct Places {
    next: u32,
    /// Free places that follow each other: where, and how many.
    runs: Vec<[u32; 2]>,
    /// Free places that are taken one at a time.
    singles: Vec<u32>,
    /// Whether no place is used again.
    once: bool,
}

impl Places {
    /// The numbers in a cache line: what a run's place and length are a multiple of.
    pub(super) const LINE: u32 = 8;
    /// How many of the free runs are looked at.
    const LOOK: usize = 16;

    /// No place of these is used again.
    #[cfg(feature = "native")]
    pub(crate) fn used_once() -> Self {
        Places { once: true, ..Places::default() }
    }

    /// How many places there are.
    pub(crate) fn len(&self) -> usize {
        self.next as usize
    }

    /// Places that follow each other. Those that came free last are taken first: they are in cache.
    pub(crate) fn take_run(&mut self, len: u32) -> u32 {
        let len = len.next_multiple_of(Self::LINE);
        let most = self.runs.len().min(Self::LOOK);
        let last = self.runs.len() - most;
        let found = self.runs[last..].iter().rposition(|&[_, free]| free >= len);
        if let Some(found) = found {
            let [at, free] = self.runs.remove(last + found);
            if free > len {
                self.runs.push([at + len, free - len]);
            }
            return at;
        }
        let at = self.next;
        self.next += len;
        at
    }

    /// Gives back what [`Places::take_run`] gave.
    pub(super) fn give_run(&mut self, at: u32, len: u32) {
        if !self.once {
            self.runs.push([at, len.next_multiple_of(Self::LINE)]);
        }
    }

    /// One place.
    pub(crate) fn take(&mut self) -> u32 {
        if let Some(at) = self.singles.pop() {
            return at;
        }
        let at = self.take_run(Self::LINE);
        self.singles.extend((at + 1..at + Self::LINE).rev());
        at
    }

    /// Gives back one place.
    pub(super) fn give(&mut self, at: u32) {
        if !self.once {
            self.singles.push(at);
        }
    }
}
