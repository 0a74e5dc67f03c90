//! Native code for programs, where it can be had: [`Program::compile_native`].

use crate::op::vector::level::Level;
use crate::program::data::columns::Columns;
use crate::program::native::{Native, NativeError};
use crate::program::plan::uniform::Numbers;
use crate::program::plan::{Plan, PlannedOutput};
use crate::program::run::sweep::Sweep;
use crate::program::{Name, Program, RunError};

impl Program {
    /// Makes the program ready to run as instructions of the processor.
    ///
    /// The results have the same bits as those of [`compile`](Self::compile), and the same errors. What is computed
    /// once, not for each row, becomes native code: so it is for programs without columns, as a residual or a
    /// law of control, whose gradient is asked for many times. Passes over rows stay as they are, with
    /// vectors wider than native code has. It takes a few microseconds for each operation.
    ///
    /// Where a factor 0 meets an infinite or undefined derivative, of which 0 comes out, that run is done as
    /// [`compile`](Self::compile) would.
    ///
    /// # Errors
    /// If there is no backend for this processor, if the program has more numbers than instructions can
    /// address, or if the system gives no memory that can be executed;
    /// [`compile_best`](Self::compile_best) then does without.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let program = Program::record(&objective!(|[x, y]| x.exp() * y), &[0.0, 1.0], &[])?.gradient();
    /// let mut sweep = program.compile_native()?;
    /// let found = sweep.run(&[0.0, 3.0], &Columns::none())?;
    /// assert_eq!((found.value(), found.gradient()), (3.0, &[3.0, 1.0][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compile_native(&self) -> Result<Sweep, NativeError> {
        let program = self.prepared();
        let plan = Plan::written_once(&program);
        let mut native = Native::new(&program, &plan)?;
        let has_columns = program.columns > 0 || program.rowless;
        let of_parameters = native.is_whole() && !has_columns;
        let of_point = match (&program.outputs[..], &plan.outputs[..]) {
            ([_, (Name::Gradient | Name::GradientAlong, _)], [first, second]) => {
                matches!(first, PlannedOutput::Number(_))
                    && matches!(second, PlannedOutput::Vector { len, whole: true, .. }
                        if *len == program.parameters)
            }
            _ => false,
        };
        if !(of_parameters && of_point) {
            native.gives_no_gradient();
        }
        let mut sweep = Sweep::new(&program, plan, Level::best(), None);
        sweep.native = Some(native);
        Ok(sweep)
    }
}

impl Sweep {
    /// Runs a program that is native code as a whole; whether it is, and all was as usual.
    pub(super) fn run_natively(
        &mut self,
        parameters: &[f64],
        data: &Columns<'_>,
    ) -> Result<bool, RunError> {
        if !self.native.as_ref().is_some_and(Native::is_whole) {
            return Ok(false);
        }
        self.check_parameters(parameters)?;
        self.check_columns(data.column_count())?;
        if self.results.outputs.is_empty() {
            self.results.outputs = self.zeros();
        }
        // Results of the run before outlive one that fails.
        let mut outputs = if self.plan.guards.is_empty() {
            std::mem::take(&mut self.results.outputs)
        } else {
            match std::mem::take(&mut self.spare) {
                spare if spare.is_empty() => self.zeros(),
                spare => spare,
            }
        };
        let usual =
            self.compute_whole(parameters, outputs.iter_mut().map(|output| &mut output[..]));
        if self.plan.guards.is_empty() {
            self.results.outputs = outputs;
        } else {
            if usual {
                std::mem::swap(&mut self.results.outputs, &mut outputs);
            }
            self.spare = outputs;
        }
        Ok(usual)
    }

    /// Writes all outputs of a program without columns that is native code as a whole; whether it is, all lengths
    /// fit, and all was as usual.
    pub(super) fn computes_into(&mut self, parameters: &[f64], outputs: &mut [&mut [f64]]) -> bool {
        let Some(native) = &self.native else { return false };
        let fits = parameters.len() == self.parameters && self.columns == 0 && !self.rowless;
        if !fits || !native.is_whole() {
            return false;
        }
        if !native.is_full() {
            for (output, planned) in outputs.iter_mut().zip(&self.plan.outputs) {
                if matches!(planned, PlannedOutput::Vector { whole: false, .. }) {
                    output.fill(0.0);
                }
            }
        }
        self.compute_whole(parameters, outputs.iter_mut().map(|output| &mut output[..]))
    }

    /// The value of a program that is more than one function of native code, and its gradient into its room;
    /// `None` if it is another program, a length is wrong, or something was not as usual.
    pub(super) fn calls_in_parts(
        &mut self,
        parameters: &[f64],
        gradient: &mut [f64],
    ) -> Option<f64> {
        let native = self.native.as_ref().filter(|native| native.gives_gradient_in_parts());
        if native.is_none() || parameters.len() != self.parameters {
            return None;
        }
        let mut value = [0.0];
        let outputs = [&mut value[..], gradient].into_iter();
        self.compute_whole(parameters, outputs).then_some(value[0])
    }

    /// Computes a program that is native code as a whole; whether all was as usual.
    pub(super) fn compute_whole<'o>(
        &mut self,
        parameters: &[f64],
        outputs: impl ExactSizeIterator<Item = &'o mut [f64]>,
    ) -> bool {
        let Some(native) = self.native.as_ref().filter(|native| native.is_whole()) else {
            return false;
        };
        if native.is_copied() {
            self.take(parameters);
        }
        let stage = (&self.plan.stages[0], self.level);
        let native = self.native.as_mut();
        native.is_some_and(|native| native.whole(stage, parameters, &mut self.numbers, outputs))
    }

    /// Computes value and gradient at two points, if that can be; whether all was as usual.
    pub(super) fn calls_two(
        &mut self,
        points: &[f64],
        values: &mut [f64],
        gradients: &mut [f64],
    ) -> bool {
        let Some(native) = self.native.as_ref().filter(|native| native.takes_two_points()) else {
            return false;
        };
        let len = 2 * self.plan.numbers;
        if self.doubled.as_ref().is_none_or(|numbers| numbers.len() < len) {
            self.doubled = Some(Numbers::new(len));
        }
        self.succeeded = false;
        let numbers = self.doubled.as_mut();
        numbers.is_some_and(|numbers| native.two_points(points, numbers, [values, gradients]))
    }

    /// Computes a stage by native code, if there is any; whether all was as usual.
    pub(super) fn compute_natively(&mut self, stage: usize) -> bool {
        let Some(native) = self.native.as_ref().filter(|native| !native.is_whole()) else {
            return false;
        };
        native.stage(stage, (&self.plan.stages[stage], self.level), &[], &mut self.numbers)
    }
}
