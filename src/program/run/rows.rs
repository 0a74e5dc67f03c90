//! Residuals and Jacobian handed out as they are found: [`FoundRows`].

use crate::program::data::columns::Columns;
use crate::program::data::stream::ahead::read_ahead;
use crate::program::data::stream::{Stream, StreamError};
use crate::program::ir::output::Name;
use crate::program::plan::PlannedOutput;
use crate::program::plan::pass::{Pass, SEGMENT};
use crate::program::run::found::Matrix;
use crate::program::run::sweep::{Sweep, add_same};
use crate::program::{Found, RunError};

/// Residuals and Jacobian of some rows that follow one another, which [`Sweep::run_rows`] and
/// [`Sweep::stream_rows`] hand out.
///
/// ```
/// use wengert::{objective, program::{Columns, Program, RunError}};
/// let line = objective!(|[a, b], [x]| a * x + b);
/// let mut sweep = Program::record(&line, &[1.0, 1.0], &[1.0])?.jacobian().compile();
/// sweep.run_rows(&[2.0, 0.0], &Columns::new(&[&[3.0, 5.0]])?, |rows| {
///     assert_eq!((rows.first(), rows.residuals()), (0, &[6.0, 10.0][..]));
///     assert_eq!(rows.jacobian().row(1), [5.0, 1.0]);
///     Ok::<_, RunError>(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FoundRows<'s> {
    first: u64,
    residuals: &'s [f64],
    jacobian: Matrix<'s>,
}

impl<'s> FoundRows<'s> {
    /// How many residuals were handed out before: where these begin in the whole.
    pub fn first(self) -> u64 {
        self.first
    }

    /// The residuals of these rows, as [`Found::residuals`] has them of all.
    pub fn residuals(self) -> &'s [f64] {
        self.residuals
    }

    /// Their derivatives by all parameters, as [`Found::jacobian`] has them of all.
    pub fn jacobian(self) -> Matrix<'s> {
        self.jacobian
    }
}

/// Which outputs are handed out, and how far that has come.
#[derive(Clone, Copy, Debug)]
struct Handed {
    residuals: usize,
    jacobian: usize,
    /// How many residuals were.
    count: u64,
}

impl Sweep {
    /// Runs a program that [`Program::jacobian`](crate::program::Program::jacobian) made, and hands residuals
    /// and Jacobian to `each` as they are found, some thousand rows at a time. So they need not fit in memory:
    /// up to 8 MiB of them are held, or what 4,096 rows have. The numbers are those of [`run`](Self::run), to
    /// the bit.
    ///
    /// What it returns has all else that a run finds, and no residuals.
    ///
    /// # Errors
    /// As [`run`](Self::run), when the rows before were handed out already; and the first error of `each`,
    /// which ends the run. The sweep stays usable.
    ///
    /// # Panics
    /// If the program computes no Jacobian.
    ///
    /// ```
    /// use wengert::{Scalar, objective, program::{Columns, Program, RunError}};
    /// let decay = objective!(|[a, b], [t, y]| a * (-b * t).exp() - y);
    /// let mut sweep = Program::record(&decay, &[1.0, 1.0], &[0.0, 1.0])?.jacobian().compile();
    /// let t: Vec<f64> = (0..100_000).map(|i| f64::from(i) * 1e-5).collect();
    /// let y: Vec<f64> = t.iter().map(|t| 2.0 * (-t).exp()).collect();
    /// // Jᵀ r, without J.
    /// let mut product = [0.0; 2];
    /// let data = Columns::new(&[&t, &y])?;
    /// let found = sweep.run_rows(&[3.0, 1.0], &data, |rows| {
    ///     for (i, r) in rows.residuals().iter().enumerate() {
    ///         product.iter_mut().zip(rows.jacobian().row(i)).for_each(|(sum, slope)| *sum += slope * r);
    ///     }
    ///     Ok::<_, RunError>(())
    /// })?;
    /// assert_eq!(found.row_count(), 100_000);
    /// // Σ e^(-2t)
    /// assert!((product[0] / 100_000.0 - (1.0 - (-2.0_f64).exp()) / 2.0).abs() < 1e-5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn run_rows<E: From<RunError>>(
        &mut self,
        parameters: &[f64],
        data: &Columns<'_>,
        mut each: impl FnMut(FoundRows<'_>) -> Result<(), E>,
    ) -> Result<Found<'_>, E> {
        let mut handed = self.handed();
        self.begin(parameters)?;
        self.check_columns(data.column_count())?;
        for stage in 0..self.stages() {
            if self.compute(stage)? {
                self.push_rows((stage, parameters, data), &mut handed, &mut each)
                    .map_err(Ended::into_error)?;
                self.end_pass(stage)?;
                self.hand_out(stage, &mut handed, &mut each).map_err(Ended::into_error)?;
            }
        }
        self.end(data.row_count() as u64);
        self.hand_out_rowless(&handed, &mut each)?;
        Ok(Found::new(&self.results))
    }

    /// The same over a stream of rows, reading ahead by a thread of its own.
    ///
    /// # Errors
    /// As [`run_stream`](Self::run_stream), when the rows before were handed out already; and the first
    /// error of `each`, which ends the run.
    ///
    /// # Panics
    /// If the program computes no Jacobian.
    ///
    /// ```
    /// use wengert::{objective, program::{Program, stream::StreamError}};
    /// let line = objective!(|[a], [x, y]| a * x - y);
    /// let mut sweep = Program::record(&line, &[0.0], &[1.0, 1.0])?.jacobian().compile();
    /// let chunks = [[vec![1.0], vec![3.0]], [vec![2.0], vec![6.0]]];
    /// let chunks = chunks.into_iter().map(Ok::<_, std::io::Error>);
    /// let mut slopes = Vec::new();
    /// sweep.stream_rows(&[2.0], chunks, |rows| {
    ///     slopes.extend_from_slice(rows.jacobian().as_slice());
    ///     Ok::<_, StreamError<std::io::Error>>(())
    /// })?;
    /// assert_eq!(slopes, [1.0, 2.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn stream_rows<S, E>(
        &mut self,
        parameters: &[f64],
        mut stream: S,
        mut each: impl FnMut(FoundRows<'_>) -> Result<(), E>,
    ) -> Result<Found<'_>, E>
    where
        S: Stream<Chunk: Send, Error: Send> + Send,
        E: From<StreamError<S::Error>>,
    {
        let mut handed = self.handed();
        let run = StreamError::Run;
        if self.passes() > 1 {
            return Err(StreamError::Passes { passes: self.passes() }.into());
        }
        self.begin(parameters).map_err(run)?;
        let mut rows = 0;
        for stage in 0..self.stages() {
            if self.compute(stage).map_err(run)? {
                read_ahead(&mut stream, |data| {
                    self.push_rows((stage, parameters, data), &mut handed, &mut each)
                        .map_err(|ended| ended.or(|error| run(error).into()))
                })?;
                self.end_pass(stage).map_err(run)?;
                rows = self.seen();
                self.hand_out(stage, &mut handed, &mut each)
                    .map_err(|ended| ended.or(|error| run(error).into()))?;
            }
        }
        self.end(rows);
        self.hand_out_rowless(&handed, &mut each)?;
        Ok(Found::new(&self.results))
    }

    /// Nothing handed out yet.
    #[track_caller]
    fn handed(&self) -> Handed {
        let place = |name| self.results.place(name);
        let (Some(residuals), Some(jacobian)) = (place(Name::Residuals), place(Name::Jacobian))
        else {
            panic!("the program computes no Jacobian")
        };
        Handed { residuals, jacobian, count: 0 }
    }

    /// Computes the next rows of a pass, and hands out what comes of them.
    fn push_rows<E>(
        &mut self,
        (stage, parameters, data): (usize, &[f64], &Columns<'_>),
        handed: &mut Handed,
        each: &mut impl FnMut(FoundRows<'_>) -> Result<(), E>,
    ) -> Result<(), Ended<E>> {
        let (n, together) = (data.row_count(), rows_together(&self.plan.passes[stage]));
        for from in (0..n).step_by(together) {
            let rows = data.range(from..n.min(from + together));
            self.push(stage, parameters, &rows, false).map_err(Ended::Run)?;
            self.hand_out(stage, handed, each)?;
        }
        Ok(())
    }

    /// Hands out what the segments of a pass that are whole have come to.
    fn hand_out<E>(
        &mut self,
        stage: usize,
        handed: &mut Handed,
        each: &mut impl FnMut(FoundRows<'_>) -> Result<(), E>,
    ) -> Result<(), Ended<E>> {
        let emitted = &mut self.passes[stage].found.emitted;
        let mut places = [None; 2];
        for (place, at) in places.iter_mut().zip([handed.residuals, handed.jacobian]) {
            if let PlannedOutput::Rows { len, pass, index, same } = &self.plan.outputs[at]
                && *pass == stage
            {
                *place = Some((*index, *len, same));
            }
        }
        if let [Some(residuals), Some(jacobian)] = places
            && !emitted[residuals.0].is_empty()
        {
            // Once for each row, for it is added to what the row has.
            for (index, len, same) in [residuals, jacobian] {
                add_same(&mut emitted[index], len, same, &self.numbers);
            }
            let [residuals, jacobian] = [residuals.0, jacobian.0];
            let residuals = &emitted[residuals][..];
            let jacobian = Matrix::new(&emitted[jacobian], self.parameters);
            each(FoundRows { first: handed.count, residuals, jacobian }).map_err(Ended::Each)?;
            handed.count += residuals.len() as u64;
            emitted.iter_mut().for_each(Vec::clear);
        }
        Ok(())
    }

    /// Hands out the residuals of a program that has no rows.
    fn hand_out_rowless<E>(
        &self,
        handed: &Handed,
        each: &mut impl FnMut(FoundRows<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if let PlannedOutput::Rows { .. } = self.plan.outputs[handed.residuals] {
            return Ok(());
        }
        let found = Found::new(&self.results);
        each(FoundRows { first: 0, residuals: found.residuals(), jacobian: found.jacobian() })
    }
}

/// How many rows are computed before their numbers are handed out: enough for several threads, and no more
/// numbers than 8 MiB hold if that is a segment.
fn rows_together(pass: &Pass) -> usize {
    const MOST: usize = 16 * SEGMENT;
    const NUMBERS: usize = 1 << 20;
    let (width, segment) = (pass.emitted.iter().sum::<usize>(), pass.segment());
    let rows = NUMBERS.checked_div(width).unwrap_or(MOST).clamp(segment, MOST);
    rows / segment * segment
}

/// What ended a run.
enum Ended<E> {
    Run(RunError),
    /// What the rows were handed to.
    Each(E),
}

impl<E> Ended<E> {
    fn or(self, convert: impl FnOnce(RunError) -> E) -> E {
        match self {
            Ended::Run(error) => convert(error),
            Ended::Each(error) => error,
        }
    }

    fn into_error(self) -> E
    where
        E: From<RunError>,
    {
        self.or(E::from)
    }
}
