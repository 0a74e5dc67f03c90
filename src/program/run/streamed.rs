//! A program over a stream of rows, which is read ahead of what is computed.

use crate::program::data::columns::Columns;
use crate::program::data::stream::again::Noted;
use crate::program::data::stream::ahead::read_ahead;
use crate::program::data::stream::{Stream, StreamError};
use crate::program::{Found, Sweep};

impl Sweep {
    /// Runs the program over a stream of rows, reading ahead by a thread of its own.
    ///
    /// # Errors
    /// If the stream fails, as [`Sweep::run`], with rows counted from the first of the stream, or
    /// if the program goes through the rows more than once. The sweep stays usable, and
    /// [`found`](Sweep::found) still has the result of the run before.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let loss = objective!(|[a], [x, y]| (a * x - y).abs());
    /// let mut sweep = Program::record(&loss, &[0.0], &[1.0, 1.0])?.mean().gradient().compile();
    /// let chunks = [[vec![1.0], vec![3.0]], [vec![2.0], vec![6.0]]];
    /// let chunks = chunks.into_iter().map(Ok::<_, std::io::Error>);
    /// let found = sweep.run_stream(&[2.0], chunks)?;
    /// assert_eq!((found.value(), found.gradient(), found.row_count()), (1.5, &[-1.5][..], 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run_stream<S>(
        &mut self,
        parameters: &[f64],
        stream: S,
    ) -> Result<Found<'_>, StreamError<S::Error>>
    where
        S: Stream<Chunk: Send, Error: Send> + Send,
    {
        if self.passes() > 1 {
            return Err(StreamError::Passes { passes: self.passes() });
        }
        let mut stream = Some(stream);
        self.passes_over(parameters, || Ok(stream.take()))
    }

    /// The same with a function that opens the stream, which is called for each time that the program
    /// goes through the rows.
    ///
    /// # Errors
    /// As [`run_stream`](Sweep::run_stream), and if the stream has another number of rows, or other
    /// numbers in them, when it is opened again. For the numbers, the first 512 rows are compared, and of
    /// the later ones one in 64: a stream that is shuffled or drawn anew is refused, a change of a few
    /// rows may go unnoticed, and the result is then of neither.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let loss = objective!(|[a], [x]| a * x);
    /// let mut sweep = Program::record(&loss, &[0.0], &[1.0])?.max().gradient().compile();
    /// let open = || Ok([[vec![1.0, 5.0]], [vec![3.0, 5.0]]].into_iter().map(Ok::<_, std::io::Error>));
    /// let found = sweep.run_reopened(&[2.0], open)?;
    /// assert_eq!((found.value(), found.gradient()), (10.0, &[5.0][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run_reopened<S>(
        &mut self,
        parameters: &[f64],
        mut open: impl FnMut() -> Result<S, S::Error>,
    ) -> Result<Found<'_>, StreamError<S::Error>>
    where
        S: Stream<Chunk: Send, Error: Send> + Send,
    {
        self.passes_over(parameters, || open().map(Some))
    }

    fn passes_over<S>(
        &mut self,
        parameters: &[f64],
        mut open: impl FnMut() -> Result<Option<S>, S::Error>,
    ) -> Result<Found<'_>, StreamError<S::Error>>
    where
        S: Stream<Chunk: Send, Error: Send> + Send,
    {
        self.begin(parameters)?;
        let read = self.read_columns().to_vec();
        let (mut rows, mut digest) = (None, None);
        for stage in 0..self.stages() {
            if !self.compute(stage)? {
                continue;
            }
            let stream = open().map_err(|error| StreamError::Source { rows: 0, error })?;
            let once = self.passes() == 1;
            let mut push = |data: &Columns<'_>| -> Result<(), StreamError<S::Error>> {
                Ok(self.push(stage, parameters, data, false)?)
            };
            let mut again = None;
            match stream {
                Some(mut stream) if once => read_ahead(&mut stream, push)?,
                Some(stream) => {
                    let mut noted = Noted::new(stream, &read);
                    read_ahead(&mut noted, &mut push)?;
                    again = Some(noted.digest());
                }
                None => {}
            }
            self.end_pass(stage)?;
            let (found, expected) = (self.seen(), *rows.get_or_insert(self.seen()));
            if found != expected {
                return Err(StreamError::Changed { expected, found });
            }
            if digest.is_some() && digest != again {
                return Err(StreamError::Altered { rows: found });
            }
            digest = again;
        }
        Ok(self.end(rows.unwrap_or(0)))
    }
}
