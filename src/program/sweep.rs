//! A program made ready to run: [`Sweep`].

use super::block::{Inputs, Machine, Partial, SEGMENT};
use super::columns::Columns;
use super::fuse::fused;
use super::graph::Kinked;
use super::plan::{Plan, PlannedOutput};
use super::reduce::Tree;
use super::{Guard, Line, Output, Program, RunError};
use crate::op::vector::level::Level;

/// A program with the memory that it runs in, which [`Program::compile`] makes.
///
/// Running it over data allocates nothing after the first time. The bits of the results depend on
/// the parameters and the rows alone: not on the length of blocks, the number of threads, or the
/// instructions that the processor has.
///
/// ```
/// use wengert::{objective, program::{Columns, Program}};
/// let loss = objective!(|[a], [x, y]| (a * x - y).powi(2));
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
    plan: Plan,
    parameters: usize,
    columns: usize,
    guards: Vec<Guard>,
    kinked: Vec<Kinked>,
    level: Level,
    block: Option<usize>,
    numbers: Vec<f64>,
    passes: Vec<Memory>,
    kinks: Vec<u64>,
    outputs: Vec<Vec<f64>>,
}

/// The memory of one pass.
#[derive(Debug)]
struct Memory {
    machine: Machine,
    partial: Partial,
    tree: Tree,
    /// For each scatter, the sum at each place.
    scattered: Vec<Vec<f64>>,
}

/// How many rows met a kink of an operation, where the derivative follows a convention.
///
/// ```
/// use wengert::{objective, program::{Columns, Program}};
/// let loss = objective!(|[a], [x]| (a - x).abs());
/// let mut sweep = Program::record(&loss, &[0.0], &[1.0])?.sum().gradient().compile();
/// let found = sweep.run(&[2.0], &Columns::new(&[&[1.0, 2.0, 2.0]])?)?;
/// let kink = &found.kinks()[0];
/// assert_eq!((kink.operation, kink.rows), ("abs", 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KinkCount<'s> {
    /// The name of the operation.
    pub operation: &'s str,
    /// Where it was written.
    pub line: Option<&'s Line>,
    /// In how many rows; 1 if it does not depend on the row.
    pub rows: u64,
}

/// What a run found.
///
/// ```
/// use wengert::{objective, program::{Columns, Program}};
/// let program = Program::record(&objective!(|[x]| x * x), &[3.0], &[])?.gradient();
/// let mut sweep = program.compile();
/// let found = sweep.run(&[3.0], &Columns::none())?;
/// assert_eq!((found.value(), found.gradient()), (9.0, &[6.0][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Found<'s> {
    sweep: &'s Sweep,
}

impl<'s> Found<'s> {
    /// The first output: the loss.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let mut sweep = Program::record(&objective!(|[x]| x.exp()), &[0.0], &[])?.compile();
    /// assert_eq!(sweep.run(&[0.0], &Columns::none())?.value(), 1.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn value(self) -> f64 {
        self.output(0)[0]
    }

    /// The second output: the gradient, of a program that [`Program::gradient`] made.
    ///
    /// # Panics
    /// If the program computes no gradient.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let program = Program::record(&objective!(|[x, y]| x * y), &[1.0, 1.0], &[])?;
    /// let mut sweep = program.gradient().compile();
    /// assert_eq!(sweep.run(&[2.0, 3.0], &Columns::none())?.gradient(), [3.0, 2.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn gradient(self) -> &'s [f64] {
        self.output(1)
    }

    /// One of the outputs: a single number, or one for each parameter.
    ///
    /// # Panics
    /// If the program has no such output.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let program = Program::record(&objective!(|[x]| x * x), &[1.0], &[])?;
    /// let mut sweep = program.jvp().compile();
    /// let found = sweep.run(&[3.0, 0.5], &Columns::none())?;
    /// assert_eq!((found.output(0), found.output(1)), (&[9.0][..], &[3.0][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn output(self, which: usize) -> &'s [f64] {
        let outputs = &self.sweep.outputs;
        assert!(which < outputs.len(), "output {which} of a program with {}", outputs.len());
        &outputs[which]
    }

    /// The kinks met, each with its number of rows.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let program = Program::record(&objective!(|[x]| x.abs()), &[1.0], &[])?;
    /// let mut sweep = program.gradient().compile();
    /// assert!(sweep.run(&[2.0], &Columns::none())?.kinks().is_empty());
    /// assert_eq!(sweep.run(&[0.0], &Columns::none())?.kinks().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn kinks(self) -> Vec<KinkCount<'s>> {
        let counts = self.sweep.kinked.iter().zip(&self.sweep.kinks);
        let met = counts.filter(|&(_, &rows)| rows > 0);
        met.map(|(kinked, &rows)| KinkCount {
            operation: &kinked.operation,
            line: kinked.line.as_ref(),
            rows,
        })
        .collect()
    }
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
        let summed = self.clone().sum();
        let roots = || {
            let guarded = summed.guards.iter().map(|guard| guard.condition);
            let kinked = summed.graph.kinks().map(|(condition, _)| condition);
            summed.outputs.iter().flat_map(Output::ids).chain(guarded).chain(kinked)
        };
        let (graph, place) = fused(&summed.graph, roots(), summed.fused);
        let program = summed.moved(graph, |id| place[id.at()]).trimmed();
        Sweep::new(&program, level, block)
    }
}

impl Sweep {
    fn new(program: &Program, level: Level, block: Option<usize>) -> Self {
        let plan = Plan::of(program);
        let mut numbers = vec![f64::NAN; plan.numbers];
        for &(at, value) in &plan.constants {
            numbers[at as usize] = value;
        }
        let passes = plan.passes.iter().map(|pass| Memory {
            machine: Machine::new(pass, level, block),
            partial: Partial::new(pass),
            tree: Tree::default(),
            scattered: vec![Vec::new(); pass.scatters],
        });
        let outputs = plan.outputs.iter().map(|output| match output {
            PlannedOutput::Number(_) => vec![0.0],
            PlannedOutput::Vector { len, .. } => vec![0.0; *len],
        });
        let kinked: Vec<Kinked> = program.graph.kinks().map(|(_, kinked)| kinked.clone()).collect();
        Sweep {
            parameters: program.parameters,
            columns: program.columns,
            guards: program.guards.clone(),
            level,
            block,
            numbers,
            passes: passes.collect(),
            kinks: vec![0; kinked.len()],
            kinked,
            outputs: outputs.collect(),
            plan,
        }
    }

    /// Runs the program at these parameters over these rows.
    ///
    /// # Errors
    /// If the numbers of parameters or columns do not fit, if an index column leads outside its table,
    /// or if a comparison comes out otherwise than in the recording. The program stays usable.
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
        self.begin(parameters, data.columns())?;
        if let Some(rows) = self.plan.rows {
            self.numbers[rows as usize] = data.rows() as f64;
        }
        for stage in 0..self.plan.stages.len() {
            self.compute(stage)?;
            if stage < self.passes.len() {
                self.pass(stage, parameters, data)?;
            }
        }
        Ok(self.end())
    }

    /// Checks the inputs and takes the parameters.
    fn begin(&mut self, parameters: &[f64], columns: usize) -> Result<(), RunError> {
        if parameters.len() != self.parameters {
            let (expected, found) = (self.parameters, parameters.len());
            return Err(RunError::Parameters { expected, found });
        }
        if columns < self.columns {
            return Err(RunError::Columns { expected: self.columns, found: columns });
        }
        for &(at, place) in &self.plan.parameters {
            self.numbers[at as usize] = parameters[place as usize];
        }
        self.kinks.fill(0);
        Ok(())
    }

    /// Computes the numbers of a stage, and checks the guards among them.
    fn compute(&mut self, stage: usize) -> Result<(), RunError> {
        self.plan.stages[stage].run(&mut self.numbers);
        for &(of, at, guard) in &self.plan.guards {
            let guard = &self.guards[guard as usize];
            if of as usize == stage && (self.numbers[at as usize] != 0.0) != guard.holds {
                return Err(RunError::GuardTurned { line: guard.line.clone(), row: None });
            }
        }
        Ok(())
    }

    /// Sweeps over the rows once.
    fn pass(
        &mut self,
        stage: usize,
        parameters: &[f64],
        data: &Columns<'_>,
    ) -> Result<(), RunError> {
        let pass = &self.plan.passes[stage];
        let Memory { machine, partial, tree, scattered } = &mut self.passes[stage];
        for sums in &mut *scattered {
            sums.clear();
            sums.resize(parameters.len(), 0.0);
        }
        tree.clear();
        partial.reset(pass);
        let inputs = Inputs { pass, numbers: &self.numbers, parameters, guards: &self.guards };
        let mut from = 0;
        while from < data.rows() {
            let to = data.rows().min(from + SEGMENT);
            machine.rows(inputs, data, from..to, from as u64, partial)?;
            tree.push(pass, partial);
            for (&kink, count) in pass.counts.iter().zip(&partial.counts) {
                self.kinks[kink as usize] += count;
            }
            for (sums, list) in scattered.iter_mut().zip(&partial.scattered) {
                for &(place, x) in list {
                    sums[place as usize] += x;
                }
            }
            partial.reset(pass);
            from = to;
        }
        tree.finish(pass, &mut self.numbers);
        Ok(())
    }

    /// Writes the outputs.
    fn end(&mut self) -> Found<'_> {
        for &(at, kink) in &self.plan.kinks {
            self.kinks[kink as usize] += u64::from(self.numbers[at as usize] != 0.0);
        }
        for (output, planned) in self.outputs.iter_mut().zip(&self.plan.outputs) {
            match planned {
                PlannedOutput::Number(at) => output[0] = self.numbers[*at as usize],
                PlannedOutput::Vector { entries, scatters, .. } => {
                    output.fill(0.0);
                    for scatter in scatters {
                        let scale = self.numbers[scatter.scale as usize];
                        let sums = &self.passes[scatter.pass].scattered[scatter.index];
                        for (out, sum) in output.iter_mut().zip(sums) {
                            *out += scale * sum;
                        }
                    }
                    for &(place, at) in entries {
                        output[place as usize] += self.numbers[at as usize];
                    }
                }
            }
        }
        Found { sweep: self }
    }

    /// Bytes held, beside the data.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let program = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?;
    /// assert!(program.compile().bytes() < 1 << 20);
    /// # Ok::<(), wengert::program::RecordError>(())
    /// ```
    pub fn bytes(&self) -> usize {
        let passes = self.passes.iter().map(|memory| {
            let lanes = size_of_val(&memory.partial.lanes[..]);
            let scattered: usize = memory.scattered.iter().map(|s| size_of_val(&s[..])).sum();
            memory.machine.bytes() + lanes + scattered
        });
        passes.sum::<usize>() + size_of_val(&self.numbers[..])
    }
}
