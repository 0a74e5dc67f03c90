//! A program made ready to run: [`Sweep`].

use crate::op::vector::level::Level;
use crate::program::data::columns::Columns;
#[cfg(feature = "native")]
use crate::program::native::Native;
use crate::program::plan::uniform::Numbers;
use crate::program::plan::{Plan, PlannedOutput};
use crate::program::run::block::Inputs;
use crate::program::run::finite::NonFinite;
use crate::program::run::found::{Found, Results};
use crate::program::run::partials::Standing;
use crate::program::run::progress::Progress;
use crate::program::run::reduce::one_nan;
use crate::program::run::sieve::{LeftOut, Sieve, Wanted};
use crate::program::transform::fuse::fused;
use crate::program::{Guard, Program, RunError};
use std::borrow::Cow;

/// A program with the memory that it runs in, which [`Program::compile`] makes.
///
/// Running it over data allocates nothing after the first time. The bits of the results depend on
/// the parameters and the rows alone: not on the length of blocks, the number of threads, or the
/// instructions that the processor has.
///
/// With the feature `parallel`, many rows are computed by all threads of the `rayon` pool in which it
/// runs: the global one, of as many threads as `RAYON_NUM_THREADS` says or the machine has, or that of
/// `ThreadPool::install`. Few rows, where waking the others would take longer, stay on one thread. Each
/// thread has registers of its own.
///
/// ```
/// use wengert::{objective, program::{Columns, Program}};
/// let loss = objective!(|[a], [x, y]| (a * x - y).square());
/// let mut sweep = Program::record(&loss, &[0.0], &[0.0, 0.0])?.mean().gradient().compile();
/// let (x, y) = ([1.0, 2.0], [3.0, 6.0]);
/// let data = Columns::new(&[&x, &y])?;
/// let mut a = 0.0;
/// for _ in 0..60 {
///     a -= 0.1 * sweep.run(&[a], &data)?.gradient()[0];
/// }
/// assert!((a - 3.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Sweep {
    pub(super) plan: Plan,
    pub(super) parameters: usize,
    pub(super) columns: usize,
    pub(super) rowless: bool,
    /// The column of the weights of a weighted mean.
    pub(super) weights: Option<u32>,
    guards: Vec<Guard>,
    /// Which program it is.
    pub(super) digest: u64,
    pub(super) level: Level,
    pub(super) non_finite: NonFinite,
    /// The columns that any pass reads.
    pub(super) read: Vec<u32>,
    pub(super) numbers: Numbers,
    pub(super) passes: Vec<Progress>,
    pub(super) sieve: Sieve,
    /// Rows of the pass under way: those that came, and those of them that were left out.
    pub(super) seen: u64,
    pub(super) left_out: LeftOut,
    /// Where it stands between the passes of partial results, if the numbers are still theirs.
    pub(super) standing: Option<Standing>,
    pub(super) results: Results,
    /// Whether any run has, so that there are results.
    pub(super) succeeded: bool,
    #[cfg(feature = "native")]
    pub(super) native: Option<Native>,
    /// Room for outputs that may fail.
    #[cfg(feature = "native")]
    pub(super) spare: Vec<Vec<f64>>,
    /// The numbers of two points.
    #[cfg(feature = "native")]
    pub(super) doubled: Option<Numbers>,
}

impl Program {
    /// Makes the program ready to run.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let mut sweep = Program::record(&objective!(|[x]| x.sin()), &[0.0], &[])?.compile();
    /// assert_eq!(sweep.run(&[0.0], &Columns::none())?.value(), 0.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compile(&self) -> Sweep {
        self.compile_for(Level::best(), None)
    }

    /// The same for an instruction set and a length of blocks.
    pub(crate) fn compile_for(&self, level: Level, block: Option<usize>) -> Sweep {
        let program = self.prepared();
        Sweep::new(&program, Plan::of(&program), level, block)
    }

    /// The program that is planned for this one.
    pub(crate) fn prepared(&self) -> Cow<'_, Program> {
        if let Some(lowered) = self.lowered() {
            return Cow::Owned(lowered.prepared().into_owned());
        }
        if self.columns == 0 && self.graph.is_point() {
            return match self.needed() {
                None => Cow::Borrowed(self),
                Some(_) => Cow::Owned(self.clone().trimmed()),
            };
        }
        Cow::Owned(self.joined())
    }

    /// The same program, summed over the rows, with its products joined to the sums that they are in.
    pub(crate) fn joined(&self) -> Program {
        let summed = self.clone().summed();
        let (graph, place) = fused(&summed.graph, summed.roots(), summed.fused);
        let mut joined = summed.moved(graph, |id| place[id.at()]).trimmed();
        // Values are joined with their slopes.
        joined.graph.complete_index();
        joined
    }
}

impl Sweep {
    pub(super) fn new(program: &Program, plan: Plan, level: Level, block: Option<usize>) -> Self {
        let mut numbers = Numbers::new(plan.numbers);
        for &(at, value) in &plan.constants {
            numbers[at as usize] = value;
        }
        let passes: Vec<Progress> =
            plan.passes.iter().map(|pass| Progress::new(pass, level, block)).collect();
        let mut read: Vec<u32> = plan.passes.iter().flat_map(|pass| pass.columns.clone()).collect();
        read.sort_unstable();
        read.dedup();
        Sweep {
            parameters: program.parameters,
            columns: program.columns,
            rowless: program.rowless,
            weights: program.weights,
            guards: program.guards.clone(),
            digest: program.digest(),
            level,
            non_finite: NonFinite::default(),
            read,
            numbers,
            passes,
            sieve: Sieve::default(),
            seen: 0,
            left_out: LeftOut::default(),
            standing: None,
            results: Results::new(program),
            succeeded: false,
            #[cfg(feature = "native")]
            native: None,
            #[cfg(feature = "native")]
            spare: Vec::new(),
            #[cfg(feature = "native")]
            doubled: None,
            plan,
        }
    }

    /// The same with another rule for rows that hold a NaN or an infinity.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, NonFinite, Program}};
    /// let program = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?;
    /// let mut sweep = program.compile().non_finite(NonFinite::Skip);
    /// let found = sweep.run(&[2.0], &Columns::new(&[&[f64::NAN, 2.0]])?)?;
    /// assert_eq!((found.value(), found.skipped_count()), (4.0, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn non_finite(self, non_finite: NonFinite) -> Self {
        Sweep { non_finite, standing: None, ..self }
    }

    /// Runs the program at these parameters over these rows.
    ///
    /// # Errors
    /// If the numbers of parameters or columns do not fit, if a sum is asked of an objective that
    /// uses no column, if a number is not finite (but see [`non_finite`](Self::non_finite)), if a
    /// weight is negative or not finite, if an index column leads outside its table, or if a
    /// comparison comes out otherwise than in the recording. The error names the first such row.
    /// The sweep stays usable, and [`found`](Self::found) still has the result of the run before.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program, RunError}};
    /// let mut sweep = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.compile();
    /// let data = Columns::new(&[&[1.0, 2.0]])?;
    /// assert_eq!(sweep.run(&[3.0], &data)?.value(), 9.0); // a value for each row is added up
    /// assert_eq!(sweep.run(&[], &data).err(), Some(RunError::Parameters { expected: 1, found: 0 }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run(&mut self, parameters: &[f64], data: &Columns<'_>) -> Result<Found<'_>, RunError> {
        #[cfg(feature = "native")]
        if self.run_natively(parameters, data)? {
            return Ok(self.conclude(data.row_count() as u64));
        }
        self.begin(parameters)?;
        self.check_columns(data.column_count())?;
        for stage in 0..self.stages() {
            if self.compute(stage)? {
                self.push(stage, parameters, data, true)?;
                self.end_pass(stage)?;
            }
        }
        if self.non_finite == NonFinite::Refuse && self.left_out.rows() == 0 {
            self.read.iter().for_each(|&column| data.found_finite(column as usize));
        }
        Ok(self.end(data.row_count() as u64))
    }

    /// The result of the last run that succeeded, if no [`call`](Self::call) came after it.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let mut sweep = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.compile();
    /// assert!(sweep.found().is_none());
    /// sweep.run(&[2.0], &Columns::new(&[&[1.0, 2.0]])?)?;
    /// assert!(sweep.run(&[], &Columns::none()).is_err());
    /// assert_eq!(sweep.found().map(|found| found.value()), Some(6.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn found(&self) -> Option<Found<'_>> {
        self.succeeded.then(|| Found::new(&self.results))
    }

    /// How many stages of numbers there are; between two of them lies a pass over the rows.
    pub(crate) fn stages(&self) -> usize {
        self.plan.stages.len()
    }

    /// How many times it goes through the rows.
    pub(crate) fn passes(&self) -> usize {
        self.passes.len()
    }

    /// The columns that any pass reads.
    pub(crate) fn read_columns(&self) -> &[u32] {
        &self.read
    }

    /// How many rows the pass under way, or the last one, has seen.
    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// Checks the inputs and takes the parameters.
    pub(crate) fn begin(&mut self, parameters: &[f64]) -> Result<(), RunError> {
        self.check_parameters(parameters)?;
        if let Some(standing) = &mut self.standing {
            standing.forget();
        }
        if self.results.outputs.is_empty() {
            self.results.outputs = self.zeros();
        }
        self.take(parameters);
        Ok(())
    }

    pub(super) fn check_parameters(&self, parameters: &[f64]) -> Result<(), RunError> {
        if parameters.len() != self.parameters {
            let (expected, found) = (self.parameters, parameters.len());
            return Err(RunError::Parameters { expected, found });
        }
        if self.rowless { Err(RunError::NoColumn) } else { Ok(()) }
    }

    /// Room for the outputs.
    pub(super) fn zeros(&self) -> Vec<Vec<f64>> {
        self.plan.outputs.iter().map(PlannedOutput::zeros).collect()
    }

    /// Puts the parameters among the numbers.
    pub(super) fn take(&mut self, parameters: &[f64]) {
        for run in &self.plan.parameters {
            let [at, first, len] = run.map(|x| x as usize);
            self.numbers[at..at + len].copy_from_slice(&parameters[first..first + len]);
        }
    }

    pub(super) fn check_columns(&self, found: usize) -> Result<(), RunError> {
        let expected = self.columns;
        if found < expected { Err(RunError::Columns { expected, found }) } else { Ok(()) }
    }

    /// Computes the numbers of a stage, and checks the guards among them; whether a pass follows,
    /// which then begins.
    pub(crate) fn compute(&mut self, stage: usize) -> Result<bool, RunError> {
        #[cfg(feature = "native")]
        let usual = self.compute_natively(stage);
        #[cfg(not(feature = "native"))]
        let usual = false;
        if !usual {
            self.interpret(stage)?;
        }
        let Some(progress) = self.passes.get_mut(stage) else {
            return Ok(false);
        };
        progress.begin(self.parameters);
        (self.seen, self.left_out) = (0, LeftOut::default());
        Ok(true)
    }

    /// Computes the numbers of a stage one step after the other, and checks the guards among them.
    pub(super) fn interpret(&mut self, stage: usize) -> Result<(), RunError> {
        self.plan.stages[stage].run(self.level, &mut self.numbers);
        for &(of, at, guard) in &self.plan.guards {
            let guard = &self.guards[guard as usize];
            if of as usize == stage && (self.numbers[at as usize] != 0.0) != guard.holds {
                return Err(RunError::GuardTurned { line: guard.line.clone(), row: None });
            }
        }
        Ok(())
    }

    /// Computes the next rows of a pass; `last` if none follow, as far as is known.
    pub(crate) fn push(
        &mut self,
        stage: usize,
        parameters: &[f64],
        data: &Columns<'_>,
        last: bool,
    ) -> Result<(), RunError> {
        self.check_columns(data.column_count())?;
        let (sifts, level, seen) = (self.sifts(), self.level, self.seen);
        let (progress, inputs, (sieve, wanted, left_out)) = self.under_way(stage, parameters);
        if sifts {
            let rows = data.row_count();
            sieve.sift((level, data, seen), wanted, left_out, |kept| {
                let before = progress.rows();
                let last = last && kept.is_last(rows);
                progress.push(inputs, &kept.data, last).map_err(|error| {
                    error.in_row(|row| seen + kept.row((row - before) as usize) as u64)
                })
            })?;
        } else {
            progress.push(inputs, data, last)?;
        }
        self.seen += data.row_count() as u64;
        Ok(())
    }

    /// Whether rows may be left out.
    pub(super) fn sifts(&self) -> bool {
        self.non_finite == NonFinite::Skip || self.weights.is_some()
    }

    /// A pass, what it reads beside the rows, and how those are sifted.
    pub(super) fn under_way<'s>(
        &'s mut self,
        stage: usize,
        parameters: &'s [f64],
    ) -> (&'s mut Progress, Inputs<'s>, (&'s mut Sieve, Wanted<'s>, &'s mut LeftOut)) {
        let inputs = Inputs {
            pass: &self.plan.passes[stage],
            numbers: &self.numbers,
            parameters,
            guards: &self.guards,
            finite: self.non_finite == NonFinite::Refuse,
        };
        let wanted = Wanted::of(self.non_finite, &self.read, self.weights);
        (&mut self.passes[stage], inputs, (&mut self.sieve, wanted, &mut self.left_out))
    }

    /// Ends a pass: its sums, and after the first how many rows there are, are numbers from now on.
    ///
    /// # Errors
    /// If they are weights that define no mean.
    pub(crate) fn end_pass(&mut self, stage: usize) -> Result<(), RunError> {
        let progress = &mut self.passes[stage];
        progress.finish(&self.plan.passes[stage], &mut self.numbers);
        if let Some(rows) = self.plan.rows {
            self.numbers[rows as usize] = progress.rows() as f64;
        }
        match self.plan.weights.map(|at| self.numbers[at as usize]) {
            Some(value) if !(value > 0.0 && value.is_finite()) => {
                Err(RunError::WeightSum { value })
            }
            _ => Ok(()),
        }
    }

    /// Writes the results of so many rows.
    pub(crate) fn end(&mut self, rows: u64) -> Found<'_> {
        let numbers = &self.numbers[..];
        for (output, planned) in self.results.outputs.iter_mut().zip(&self.plan.outputs) {
            match planned {
                PlannedOutput::Rows { len, pass, index, same } => {
                    std::mem::swap(output, &mut self.passes[*pass].found.emitted[*index]);
                    add_same(output, *len, same, numbers);
                }
                PlannedOutput::Number(_) | PlannedOutput::Vector { .. } => {
                    write_output(planned, output, numbers, &self.passes);
                }
            }
        }
        self.conclude(rows)
    }

    /// Counts kinks and rows, when the outputs are written.
    pub(super) fn conclude(&mut self, rows: u64) -> Found<'_> {
        let kinks = &mut self.results.kinks;
        if !kinks.is_empty() {
            kinks.fill(0);
            for (pass, progress) in self.plan.passes.iter().zip(&self.passes) {
                for (&kink, count) in pass.counts.iter().zip(&progress.found.counts) {
                    kinks[kink as usize] += count;
                }
            }
            for &(at, kink) in &self.plan.kinks {
                kinks[kink as usize] += u64::from(self.numbers[at as usize] != 0.0);
            }
        }
        let left_out = if self.passes.is_empty() { LeftOut::default() } else { self.left_out };
        (self.results.rows, self.results.skipped) = (rows - left_out.rows(), left_out.skipped);
        self.succeeded = true;
        Found::new(&self.results)
    }

    /// How many bytes it holds, without the data.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let program = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?;
    /// assert!(program.compile().bytes() < 1 << 20);
    /// # Ok::<(), wengert::program::RecordError>(())
    /// ```
    pub fn bytes(&self) -> usize {
        let passes = self.passes.iter().map(Progress::bytes);
        passes.sum::<usize>() + self.sieve.bytes() + size_of_val(&self.numbers[..])
    }
}

/// Writes an output of which the length does not depend on the rows.
pub(super) fn write_output(
    planned: &PlannedOutput,
    output: &mut [f64],
    numbers: &[f64],
    passes: &[Progress],
) {
    match planned {
        PlannedOutput::Number(at) => output[0] = numbers[*at as usize],
        PlannedOutput::Vector { runs, scatters, whole, .. } => {
            if !whole {
                output.fill(0.0);
            }
            for scatter in scatters {
                let scale = numbers[scatter.scale as usize];
                let sums = passes[scatter.pass].found.scattered[scatter.index].sums();
                for (out, sum) in output.iter_mut().zip(sums) {
                    *out += scale * one_nan(*sum);
                }
            }
            for run in runs {
                write_run(output, numbers, *run, scatters.is_empty());
            }
        }
        PlannedOutput::Rows { .. } => {}
    }
}

/// Adds the numbers that are the same in all rows to their places in each, which a row may have chosen too.
pub(super) fn add_same(rows: &mut [f64], len: usize, same: &[(u32, u32)], numbers: &[f64]) {
    if same.is_empty() {
        return;
    }
    for row in rows.chunks_exact_mut(len.max(1)) {
        for &(at, number) in same {
            row[at as usize] += numbers[number as usize];
        }
    }
}

/// Adds a run of numbers to a vector that is 0 there, `fresh`, or holds what was scattered.
#[inline(always)]
fn write_run(output: &mut [f64], numbers: &[f64], run: [u32; 3], fresh: bool) {
    let [to, from, len] = run.map(|x| x as usize);
    // A loop costs more to begin than a few numbers cost.
    if len == 1 && fresh {
        output[to] = 0.0 + numbers[from];
        return;
    }
    let pairs = output[to..to + len].iter_mut().zip(&numbers[from..from + len]);
    if fresh {
        pairs.for_each(|(out, x)| *out = 0.0 + x);
    } else {
        pairs.for_each(|(out, x)| *out += x);
    }
}
