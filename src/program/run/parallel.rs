//! Segments computed by many threads: the same bits as by one.
//!
//! Neighbouring segments form windows, as long as a power of two and as many as keep all threads
//! busy. Whoever is free takes the next window and leaves what it found in the window's own place.
//! At the end the windows' findings are put together in their order, as if one thread had computed
//! the segments one after the other: the tree of [`crate::program::run::reduce`] joins the same pairs.
//!
//! The calling thread works too. So the others may wake late, or never, and it still goes on.

use crate::op::vector::level::Level;
use crate::program::RunError;
use crate::program::data::columns::Columns;
use crate::program::plan::pass::Pass;
use crate::program::run::block::{Inputs, Machine, PartialSums};
use crate::program::run::progress::Findings;
use crate::program::run::reduce::Tree;
use std::mem::swap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Below so many operations times rows, waking the other threads takes longer than it gains. In tests all that
/// have two segments go to threads.
const LEAST_WORK: usize = if cfg!(test) { 1 } else { 1 << 20 };
/// Windows for each thread: enough that none waits long for the last.
const WINDOWS: usize = 8;
/// Segments whose scattered numbers are kept at one time, whatever the number of threads.
const SCATTERED: usize = 32;

/// The memory of all threads.
#[derive(Debug)]
pub(crate) struct Crew {
    level: Level,
    block: Option<usize>,
    /// Of the calling thread, which has a machine already.
    own: Option<PartialSums>,
    /// For each other thread.
    workers: Mutex<Vec<Worker>>,
    windows: Vec<Mutex<Window>>,
}

#[derive(Debug)]
struct Worker {
    machine: Machine,
    partial: PartialSums,
}

/// What comes of the segments of a window.
#[derive(Debug)]
struct Window {
    tree: Tree,
    counts: Vec<u64>,
    scattered: Vec<Vec<(u32, f64)>>,
    emitted: Vec<Vec<f64>>,
    error: Option<RunError>,
}

/// The rows of one wave of windows.
#[derive(Clone, Copy)]
struct Wave<'w> {
    inputs: Inputs<'w>,
    data: &'w Columns<'w>,
    /// Whether no rows follow those of the data, as far as is known.
    last: bool,
    /// Where the rows begin and end in the data.
    from: usize,
    to: usize,
    /// Rows to a segment.
    size: usize,
    /// The segment that begins there.
    segment: u64,
    /// Segments to a window.
    length: u64,
}

impl Crew {
    pub(crate) fn new(level: Level, block: Option<usize>) -> Self {
        Crew { level, block, own: None, workers: Mutex::default(), windows: Vec::new() }
    }

    /// How many threads so many rows are worth.
    pub(crate) fn threads(pass: &Pass, rows: usize) -> usize {
        let work = rows.saturating_mul(pass.work + pass.columns.len());
        let segments = rows.div_ceil(pass.segment());
        if work < LEAST_WORK { 1 } else { rayon::current_num_threads().clamp(1, segments.max(1)) }
    }

    /// Computes rows, the first of which begins a segment and is row `next` of the whole. A last
    /// segment that is not whole is left in `open`. The calling thread works with `machine`.
    pub(crate) fn segments(
        &mut self,
        (threads, machine): (usize, &mut Machine),
        (inputs, data, last): (Inputs<'_>, &Columns<'_>, bool),
        rows: Range<usize>,
        next: u64,
        open: &mut PartialSums,
        found: &mut Findings,
    ) -> Result<(), RunError> {
        let size = inputs.pass.segment();
        let segments = rows.len().div_ceil(size);
        // What is scattered is kept row by row until it is added, so that fewer segments go together.
        let (length, most) = match inputs.pass.scatters + inputs.pass.emitted.len() {
            0 => (power_of_two(segments / (threads * WINDOWS)), segments),
            scatters => (1, threads.max(SCATTERED / scatters)),
        };
        for from in rows.clone().step_by(most * size) {
            let to = rows.end.min(from + most * size);
            let segment = (next + (from - rows.start) as u64) / size as u64;
            let wave = Wave { inputs, data, last, from, to, size, segment, length };
            self.wave(wave, (threads, machine), open, found)?;
        }
        Ok(())
    }

    fn wave(
        &mut self,
        wave: Wave<'_>,
        (threads, machine): (usize, &mut Machine),
        open: &mut PartialSums,
        found: &mut Findings,
    ) -> Result<(), RunError> {
        let pass = wave.inputs.pass;
        let count = wave.windows();
        if self.windows.len() < count {
            self.windows.resize_with(count, || Mutex::new(Window::new(pass)));
        }
        let windows = &self.windows[..count];
        let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(count));
        let own = self.own.get_or_insert_with(|| PartialSums::new(pass));
        let (level, block, workers, open) =
            (self.level, self.block, &self.workers, Mutex::new(open));
        let work = |machine: &mut Machine, partial: &mut PartialSums| {
            loop {
                // Windows are taken in order: those before one that fails are all under way.
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= failed.load(Ordering::Relaxed) {
                    break;
                }
                let mut window = lock(&windows[at]);
                window.error = window.compute(&wave, at, (machine, partial), &open).err();
                if window.error.is_some() {
                    failed.fetch_min(at, Ordering::Relaxed);
                }
            }
        };
        let hired = || {
            let free = lock(workers).pop();
            let mut worker = free.unwrap_or_else(|| Worker {
                machine: Machine::new(pass, level, block),
                partial: PartialSums::new(pass),
            });
            work(&mut worker.machine, &mut worker.partial);
            lock(workers).push(worker);
        };
        rayon::in_place_scope(|scope| {
            for _ in 1..threads.min(count) {
                scope.spawn(|_| hired());
            }
            work(machine, own);
        });
        for window in windows {
            let mut window = lock(window);
            if let Some(error) = window.error.take() {
                return Err(error);
            }
            found.tree.append(&window.tree);
            found.add_counts(&window.counts);
            found.add_scattered(&window.scattered);
            found.add_emitted(&window.emitted);
        }
        Ok(())
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        let workers = lock(&self.workers);
        let workers = workers.iter().map(|worker| worker.machine.bytes() + worker.partial.bytes());
        let windows = self.windows.iter().map(|window| {
            let window = lock(window);
            let scattered = window.scattered.iter().map(|list| list.capacity());
            let emitted: usize = window.emitted.iter().map(|list| list.capacity()).sum();
            scattered.sum::<usize>() * size_of::<(u32, f64)>()
                + emitted * size_of::<f64>()
                + window.tree.bytes()
        });
        let own = self.own.as_ref().map_or(0, PartialSums::bytes);
        own + workers.sum::<usize>() + windows.sum::<usize>()
    }
}

impl Wave<'_> {
    /// The segment after the last.
    fn end(&self) -> u64 {
        self.segment + (self.to - self.from).div_ceil(self.size) as u64
    }

    /// How many windows there are. All but the first and the last are whole, and each begins at a
    /// multiple of their length, counted from the first segment of the pass.
    fn windows(&self) -> usize {
        (self.end().div_ceil(self.length) - self.segment / self.length) as usize
    }

    /// The segments of a window.
    fn window(&self, at: usize) -> Range<u64> {
        let first = (self.segment / self.length + at as u64) * self.length;
        first.max(self.segment)..(first + self.length).min(self.end())
    }
}

impl Window {
    fn new(pass: &Pass) -> Self {
        Window {
            tree: Tree::new(pass),
            counts: vec![0; pass.counts.len()],
            scattered: vec![Vec::new(); pass.scatters],
            emitted: vec![Vec::new(); pass.emitted.len()],
            error: None,
        }
    }

    /// Computes its segments.
    fn compute(
        &mut self,
        wave: &Wave<'_>,
        at: usize,
        (machine, partial): (&mut Machine, &mut PartialSums),
        open: &Mutex<&mut PartialSums>,
    ) -> Result<(), RunError> {
        let pass = wave.inputs.pass;
        let segments = wave.window(at);
        self.begin(segments.start);
        partial.reset();
        for segment in segments {
            let from = wave.from + (segment - wave.segment) as usize * wave.size;
            let rows = from..wave.to.min(from + wave.size);
            let whole = rows.len() == wave.size;
            let ends = whole || wave.last && rows.end == wave.data.row_count();
            let first = segment * wave.size as u64;
            machine.rows(wave.inputs, wave.data, rows, (first, ends), partial)?;
            if whole {
                self.add(pass, partial);
                partial.reset();
            } else {
                swap(*lock(open), partial);
            }
        }
        Ok(())
    }

    fn begin(&mut self, segment: u64) {
        self.tree.begin(segment);
        self.counts.fill(0);
        self.scattered.iter_mut().for_each(Vec::clear);
        self.emitted.iter_mut().for_each(Vec::clear);
    }

    fn add(&mut self, pass: &Pass, partial: &mut PartialSums) {
        self.tree.push(partial.close(pass));
        self.counts.iter_mut().zip(&partial.counts).for_each(|(sum, count)| *sum += count);
        for (all, list) in self.scattered.iter_mut().zip(&partial.scattered) {
            all.extend_from_slice(list);
        }
        for (all, list) in self.emitted.iter_mut().zip(&partial.emitted) {
            all.extend_from_slice(list);
        }
    }
}

/// The greatest power of two up to `n`, or 1.
fn power_of_two(n: usize) -> u64 {
    1 << n.max(1).ilog2()
}

/// What a panic has left behind is begun anew before it is read.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
