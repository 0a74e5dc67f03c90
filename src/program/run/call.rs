//! A run at one point, without columns, into room that the caller has.

use crate::program::data::columns::Columns;
use crate::program::run::sweep::Sweep;
use crate::program::{Program, RunError};

impl Program {
    /// Makes the program ready to run as fast as can be here: as native code, with the feature `native` and
    /// where that can be had, or else as [`compile`](Self::compile) does. The bits of the results are the
    /// same.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let program = Program::record(&objective!(|[x]| x * x), &[1.0], &[])?.gradient();
    /// let mut slope = [0.0];
    /// assert_eq!(program.compile_best().call(&[3.0], &mut slope)?, 9.0);
    /// assert_eq!(slope, [6.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compile_best(&self) -> Sweep {
        #[cfg(feature = "native")]
        if let Ok(native) = self.compile_native() {
            return native;
        }
        self.compile()
    }
}

impl Sweep {
    /// Whether it runs native code; see [`Program::compile_best`].
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let program = Program::record(&objective!(|[x]| x * x), &[1.0], &[])?;
    /// assert!(!program.compile().is_native());
    /// # Ok::<(), wengert::program::RecordError>(())
    /// ```
    pub fn is_native(&self) -> bool {
        #[cfg(feature = "native")]
        return self.native.is_some();
        #[cfg(not(feature = "native"))]
        return false;
    }

    /// The value of a program without columns at these parameters, and its gradient into `gradient`.
    ///
    /// It is [`run`](Self::run) by the shortest way: it allocates nothing after the first time, and what native
    /// code computes goes where it is wanted. It keeps no result, nor one from before, so that
    /// [`found`](Self::found) has none until the next run, also where it fails.
    ///
    /// # Errors
    /// As [`run`](Self::run), and if `gradient` has another length than the gradient. Then what it holds is
    /// not defined.
    ///
    /// # Panics
    /// If the program computes no gradient.
    ///
    /// ```
    /// use wengert::{objective, program::{Program, RunError}};
    /// let program = Program::record(&objective!(|[x, y]| x * x * y), &[1.0, 1.0], &[])?.gradient();
    /// let mut sweep = program.compile();
    /// let mut gradient = [0.0; 2];
    /// assert_eq!(sweep.call(&[3.0, 2.0], &mut gradient)?, 18.0);
    /// assert_eq!(gradient, [12.0, 9.0]);
    /// let error = sweep.call(&[3.0, 2.0], &mut gradient[..1]).unwrap_err();
    /// assert_eq!(error, RunError::Room { expected: 2, found: 1 });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn call(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64, RunError> {
        #[cfg(feature = "native")]
        if let Some(native) = &self.native
            && let Some(value) = native.point(parameters, &mut self.numbers, gradient)
        {
            self.succeeded = false;
            return Ok(value);
        }
        self.call_by_run(parameters, gradient)
    }

    #[inline(never)]
    #[track_caller]
    fn call_by_run(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64, RunError> {
        self.succeeded = false;
        #[cfg(feature = "native")]
        if let Some(value) = self.calls_in_parts(parameters, gradient) {
            return Ok(value);
        }
        let found = self.run(parameters, &Columns::none())?;
        let result = take(found.gradient(), gradient).map(|()| found.value());
        self.succeeded = false;
        result
    }

    /// [`call`](Self::call) at many points: `points` holds the parameters of one after those of another, `values` has room
    /// for a value of each, and `gradients` for as many numbers as `points`.
    ///
    /// A short program that is native code is computed at two points at a time. Each gives the same bits as
    /// by itself.
    ///
    /// # Errors
    /// As [`call`](Self::call), of the first point that fails; what the room holds for it and those after it is
    /// not defined. If `points` has another length than `values` times the number of parameters.
    ///
    /// # Panics
    /// If the program computes no gradient.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let program = Program::record(&objective!(|[x, y]| x * x * y), &[1.0, 1.0], &[])?.gradient();
    /// let (mut values, mut gradients) = ([0.0; 2], [0.0; 4]);
    /// program.compile_best().call_many(&[3.0, 2.0, 1.0, 5.0], &mut values, &mut gradients)?;
    /// assert_eq!((values, gradients), ([18.0, 5.0], [12.0, 9.0, 10.0, 1.0]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn call_many(
        &mut self,
        points: &[f64],
        values: &mut [f64],
        gradients: &mut [f64],
    ) -> Result<(), RunError> {
        let (n, count) = (self.parameters, values.len());
        self.succeeded = false;
        let expected = n.saturating_mul(count);
        if points.len() != expected {
            return Err(RunError::Points { points: count, expected, found: points.len() });
        }
        if gradients.len() != expected {
            return Err(RunError::Room { expected, found: gradients.len() });
        }
        let mut at = 0;
        while at < count {
            #[cfg(feature = "native")]
            if at + 2 <= count {
                let span = at * n..(at + 2) * n;
                let value = &mut values[at..at + 2];
                if self.calls_two(&points[span.clone()], value, &mut gradients[span]) {
                    at += 2;
                    continue;
                }
            }
            let span = at * n..(at + 1) * n;
            values[at] = self.call(&points[span.clone()], &mut gradients[span])?;
            at += 1;
        }
        Ok(())
    }

    /// All outputs of a program without columns at these parameters, each into its room: as the
    /// residuals and the Jacobian of [`Program::jacobian`] after its values.
    ///
    /// As [`call`](Self::call) it keeps no result.
    ///
    /// # Errors
    /// As [`run`](Self::run), and if there are more or fewer outputs, or one has another length. Then what the
    /// room holds is not defined.
    ///
    /// ```
    /// use wengert::{program::Program, residuals};
    /// let circle = residuals!(|[x, y]| [x * x + y * y - 1.0, x - y]);
    /// let program = Program::record_residuals(&circle, &[1.0, 0.0], &[])?.jacobian();
    /// let mut sweep = program.compile();
    /// let ([mut first, mut second], mut residuals, mut jacobian) = ([[0.0]; 2], [0.0; 2], [0.0; 4]);
    /// let room: &mut [&mut [f64]] = &mut [&mut first, &mut second, &mut residuals, &mut jacobian];
    /// sweep.call_into(&[3.0, 4.0], room)?;
    /// assert_eq!((residuals, jacobian), ([24.0, -1.0], [6.0, 8.0, 1.0, -1.0]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn call_into(
        &mut self,
        parameters: &[f64],
        outputs: &mut [&mut [f64]],
    ) -> Result<(), RunError> {
        self.succeeded = false;
        #[cfg(feature = "native")]
        if self.computes_into(parameters, outputs) {
            return Ok(());
        }
        if outputs.len() != self.plan.outputs.len() {
            let (expected, found) = (self.plan.outputs.len(), outputs.len());
            return Err(RunError::Room { expected, found });
        }
        let found = self.run(parameters, &Columns::none())?;
        let mut rooms = outputs.iter_mut().enumerate();
        let result = rooms.try_for_each(|(at, room)| take(found.output(at), room));
        self.succeeded = false;
        result
    }
}

/// Writes an output into its room.
fn take(output: &[f64], room: &mut [f64]) -> Result<(), RunError> {
    if output.len() != room.len() {
        return Err(RunError::Room { expected: output.len(), found: room.len() });
    }
    room.copy_from_slice(output);
    Ok(())
}
